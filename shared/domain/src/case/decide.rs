//! What may be asked for after the sale, what is decided about it, and what it is worth.

use super::{Case, CaseEvent, CaseKind, CaseReason, CaseState};
use crate::order::{Grant, Line, Order, OrderEvent, OrderState, Pick, Returned, grant_refund};
use crate::{Action, CaseId, Change, Ids, Payment, Policy, Refusal, Stored};

/// What a buyer, or an agent for them, asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCase {
    pub id: CaseId,
    pub kind: CaseKind,
    pub picks: Vec<Pick>,
    pub reason: CaseReason,
    pub description: Option<String>,
}

/// Opens a case. Money back for units that were not even packed is granted at once; everything
/// else is reviewed. Precedence: state and window, lines, counts, money.
pub fn open_case(
    change: &mut Change,
    order: &mut Stored<Order>,
    payment: &mut Stored<Payment>,
    ask: OpenCase,
    policy: &Policy,
    ids: &mut dyn Ids,
) -> Result<Stored<Case>, Refusal> {
    match order.doc.must_allow(Action::RequestAfterSale, change.at) {
        Err(_) if matches!(order.doc.state, OrderState::Completed { .. }) => {
            return Err(Refusal::WindowClosed);
        }
        checked => checked?,
    }
    match ask.kind {
        CaseKind::RefundOnly if order.doc.is_unpaid() => return Err(Refusal::NotPaid),
        CaseKind::RefundOnly => order.doc.check_picks(&ask.picks, Line::open_units)?,
        CaseKind::ReturnAndRefund => {
            let here =
                |line: &Line| line.units.delivered - line.units.returned - line.units.in_case;
            let any = ask.picks.iter().filter_map(|p| order.doc.line(p.line));
            if any.clone().any(|line| line.units.delivered == 0) {
                return Err(Refusal::NotDelivered);
            }
            if any.clone().any(|line| line.units.in_case > 0 && here(line) <= 0) {
                return Err(Refusal::AlreadyInCase);
            }
            order.doc.check_picks(&ask.picks, here)?;
            // Each SKU has its own days; the order's window is as long as the longest of them.
            let over = |line: &Line| match order.doc.state {
                OrderState::Completed { at, .. } => at.plus(line.return_ms) < change.at,
                OrderState::AwaitingPayment { .. }
                | OrderState::AwaitingConfirmation { .. }
                | OrderState::Confirmed { .. }
                | OrderState::Cancelled { .. } => false,
            };
            if any.clone().any(over) {
                return Err(Refusal::WindowClosed);
            }
        }
    }
    let (kind, mut stored) = (ask.kind, begin_case(change, order, ask, policy));
    if kind == CaseKind::RefundOnly {
        refund_unsent(change, order, payment, &mut stored, ids)?;
    }
    Ok(stored)
}

/// A case whose request was looked at: the merchant reviews it.
pub(crate) fn begin_case(
    change: &mut Change,
    order: &mut Stored<Order>,
    ask: OpenCase,
    policy: &Policy,
) -> Stored<Case> {
    let at = change.at;
    let case = Case {
        id: ask.id,
        order: order.doc.id.clone(),
        payment: order.doc.payment.clone(),
        merchant: order.doc.merchant.clone(),
        buyer: order.doc.buyer.clone(),
        currency: order.doc.currency,
        kind: ask.kind,
        picks: Pick::merged(&ask.picks),
        reason: ask.reason,
        description: ask.description,
        opened_at: at,
        state: CaseState::UnderReview { until: at.plus(policy.review_ms) },
    };
    let (id, picks) = (case.id.clone(), case.picks.clone());
    let stored = Stored { version: 0, doc: case.clone() };
    change.begin::<Case>(CaseEvent::Opened { case: Box::new(case) });
    change.record(order, OrderEvent::CaseOpened { case: id, picks, at });
    stored
}

/// Units that were not packed are taken out of the order and paid back.
fn refund_unsent(
    change: &mut Change,
    order: &mut Stored<Order>,
    payment: &mut Stored<Payment>,
    case: &mut Stored<Case>,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    let picks = case.doc.picks.clone();
    let released = order.doc.held_for(&picks);
    let (at, by, why, note) =
        (change.at, change.actor.clone(), crate::CancelReason::BuyerAsked, None);
    let event = OrderEvent::UnitsCancelled {
        at,
        by,
        why,
        note,
        picks: picks.clone(),
        released,
        waived_minor: None,
        shipping: false,
    };
    change.record(order, event);
    let (amount_minor, shipping) = worth(&order.doc, &picks);
    pay_back(change, order, payment, case, (picks, amount_minor, shipping), ids)?;
    if order.doc.live_units() == 0 {
        let (at, by) = (change.at, change.actor.clone());
        let (why, note) = (crate::CancelReason::BuyerAsked, None);
        let released = Vec::new();
        let event = OrderEvent::Cancelled { at, by, why, note, released, waived_minor: None };
        change.record(order, event);
    }
    Ok(())
}

/// What some units are worth: their frozen shares, and shipping with the last unit of an order of
/// which nothing was sent, or all came back undelivered.
pub fn worth(order: &Order, picks: &[Pick]) -> (i64, bool) {
    let goods: i64 =
        picks.iter().filter_map(|p| order.line(p.line).map(|l| l.worth(p.units))).sum();
    let asked: i64 = picks.iter().map(|p| p.units).sum();
    let left: i64 = order.lines.iter().map(crate::Line::kept_units).sum();
    let unsent = order.sent_units() == 0;
    let shipping = unsent && asked == left && !order.shipping.refunded;
    (goods + if shipping { order.shipping.paid_minor } else { 0 }, shipping)
}

/// Grants the refund of some units, closes the order's side, and leaves the case to the gateway.
fn pay_back(
    change: &mut Change,
    order: &mut Stored<Order>,
    payment: &mut Stored<Payment>,
    case: &mut Stored<Case>,
    (picks, amount_minor, shipping): (Vec<Pick>, i64, bool),
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    let of_case = Some(case.doc.id.clone());
    let grant = Grant { picks, shipping, amount_minor, case: of_case };
    let refunds = grant_refund(change, order, payment, grant, ids)?;
    let at = change.at;
    change.record(case, CaseEvent::RefundStarted { amount_minor, at });
    let (id, picks) = (case.doc.id.clone(), case.doc.picks.clone());
    change.record(order, OrderEvent::CaseClosed { case: id, picks, at });
    if refunds.is_empty() {
        change.record(case, CaseEvent::Refunded { amount_minor, at });
    }
    Ok(())
}

impl Case {
    fn must_allow(&self, action: Action) -> Result<(), Refusal> {
        let allowed = self.state.allows();
        if allowed.contains(&action) {
            Ok(())
        } else {
            Err(Refusal::IllegalStep { state: self.state.word(), allowed: allowed.to_vec() })
        }
    }
}

/// A merchant agrees: the buyer is told where to send the goods, and by when.
pub fn approve_case(
    change: &mut Change,
    case: &mut Stored<Case>,
    address: String,
    policy: &Policy,
) -> Result<(), Refusal> {
    case.doc.must_allow(Action::Approve)?;
    let until = change.at.plus(policy.return_ms);
    change.record(case, CaseEvent::Approved { until, address });
    Ok(())
}

/// A merchant says no, and why.
pub fn reject_case(
    change: &mut Change,
    order: &mut Stored<Order>,
    case: &mut Stored<Case>,
    reason: String,
) -> Result<(), Refusal> {
    case.doc.must_allow(Action::Reject)?;
    end_without_money(change, order, case, CaseEvent::Rejected { reason, at: change.at });
    Ok(())
}

/// The buyer takes it back.
pub fn withdraw_case(
    change: &mut Change,
    order: &mut Stored<Order>,
    case: &mut Stored<Case>,
) -> Result<(), Refusal> {
    case.doc.must_allow(Action::Withdraw)?;
    end_without_money(change, order, case, CaseEvent::Withdrawn { at: change.at });
    Ok(())
}

fn end_without_money(
    change: &mut Change,
    order: &mut Stored<Order>,
    case: &mut Stored<Case>,
    event: CaseEvent,
) {
    let (id, picks, at) = (case.doc.id.clone(), case.doc.picks.clone(), change.at);
    change.record(case, event);
    change.record(order, OrderEvent::CaseClosed { case: id, picks, at });
}

/// The buyer has sent the goods back.
pub fn send_back(
    change: &mut Change,
    case: &mut Stored<Case>,
    label: crate::Label,
) -> Result<(), Refusal> {
    case.doc.must_allow(Action::SendBack)?;
    let (carrier, waybill, at) = (label.carrier, label.waybill, change.at);
    change.record(case, CaseEvent::SentBack { carrier, waybill, at });
    Ok(())
}

/// The goods are there and were looked at. Paid back is what came, not what was announced; units
/// that go back to the buyer are not paid back, and neither is what the buyer's bank has taken
/// meanwhile, because the buyer has that already.
pub fn receive_return(
    change: &mut Change,
    order: &mut Stored<Order>,
    payment: &mut Stored<Payment>,
    case: &mut Stored<Case>,
    returned: Vec<Returned>,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    case.doc.must_allow(Action::Receive)?;
    let announced = |line: u16| -> i64 {
        case.doc.picks.iter().filter(|p| p.line == line).map(|p| p.units).sum()
    };
    let came: Vec<Pick> = returned.iter().map(Returned::pick).collect();
    if !came.is_empty() {
        order.doc.check_picks(&came, |line| announced(line.no))?;
    }
    let kept = |r: &&Returned| r.to != crate::Disposition::BackToBuyer;
    let paid: Vec<Pick> = returned.iter().filter(kept).map(Returned::pick).collect();
    let paid = Pick::merged(&paid);
    let at = change.at;
    change.record(case, CaseEvent::Received { returned: returned.clone(), at });
    let kept: Vec<Returned> = returned.iter().filter(kept).cloned().collect();
    let event = OrderEvent::Returned { case: case.doc.id.clone(), picks: kept };
    change.record(order, event);
    let (worth_minor, shipping) = worth(&order.doc, &paid);
    let left_minor = order.doc.in_escrow_minor().min(payment.doc.refundable_minor()).max(0);
    let what = (paid, worth_minor.min(left_minor), shipping);
    pay_back(change, order, payment, case, what, ids)
}

/// A deadline of a case has passed: silence of the merchant approves, silence of the buyer ends it.
pub fn case_overdue(
    change: &mut Change,
    order: &mut Stored<Order>,
    case: &mut Stored<Case>,
    address: String,
    policy: &Policy,
) {
    let at = change.at;
    match case.doc.state {
        CaseState::UnderReview { until } if until <= at => {
            let until = at.plus(policy.return_ms);
            change.record(case, CaseEvent::Approved { until, address });
        }
        CaseState::AwaitingReturn { until, .. } if until <= at => {
            end_without_money(change, order, case, CaseEvent::Lapsed { at });
        }
        CaseState::UnderReview { .. }
        | CaseState::AwaitingReturn { .. }
        | CaseState::Returning { .. }
        | CaseState::Refunding { .. }
        | CaseState::Refunded { .. }
        | CaseState::Rejected { .. }
        | CaseState::Withdrawn { .. }
        | CaseState::Lapsed { .. } => {}
    }
}
