//! What carriers remit of the cash they collected: each line of their files is matched to a parcel.
//!
//! The money is in the bank whatever a line says, so every line is booked: the bank gets it and the
//! carrier's account falls by it. Its verdict says whether that is right. What is not right stays
//! on the carrier's account until somebody has talked to them.

use crate::{
    Account, CarrierCode, Change, Effect, Fact, FactKind, Money, Order, OrderEvent, Parcel,
    ParcelEvent, ParcelState, Posting, PostingKind, Refusal, RemittanceNo, Stored, Waybill,
};
use serde::{Deserialize, Serialize};

/// A line of a carrier's remittance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemittanceLine {
    pub carrier: CarrierCode,
    pub remittance: RemittanceNo,
    pub waybill: Waybill,
    pub amount: Money,
    /// The day on which the courier was paid, as the carrier says it: `2026-03-02`.
    pub collected_on: String,
}

/// What is made of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemittanceVerdict {
    /// All that was collected for the parcel has come.
    Matched,
    /// Less than that.
    Short,
    /// More than that, or for a parcel that is not paid to the courier.
    Over,
    /// Nobody had waited for it any more.
    Recovered,
    /// All of it had come before.
    Twice,
    /// Nobody has told us that the buyer got it.
    NotDelivered,
    UnknownWaybill,
    /// The buyer paid in another currency.
    OtherCurrency,
}

impl RemittanceVerdict {
    pub const ALL: [Self; 8] = [
        Self::Matched,
        Self::Short,
        Self::Over,
        Self::Recovered,
        Self::Twice,
        Self::NotDelivered,
        Self::UnknownWaybill,
        Self::OtherCurrency,
    ];

    /// The name of the verdict.
    pub fn word(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Short => "short",
            Self::Over => "over",
            Self::Recovered => "recovered",
            Self::Twice => "twice",
            Self::NotDelivered => "not_delivered",
            Self::UnknownWaybill => "unknown_waybill",
            Self::OtherCurrency => "other_currency",
        }
    }
}

impl RemittanceLine {
    /// The same line told again has the same key: a transfer pays for a waybill once.
    pub fn key(&self) -> String {
        Self::key_of(&self.carrier, &self.remittance, &self.waybill)
    }

    /// The key of the line of a transfer that is for a waybill.
    pub fn key_of(carrier: &CarrierCode, remittance: &RemittanceNo, waybill: &Waybill) -> String {
        ["remittance", carrier.as_str(), remittance.as_str(), waybill.as_str()].join("\u{1f}")
    }

    /// The key under which it is kept that a person gave it to a parcel: once.
    pub fn assignment_key(&self) -> String {
        ["assignment", &self.key()].join("\u{1f}")
    }

    /// What the lines of one transfer have in common.
    pub fn subject(carrier: &CarrierCode, remittance: &RemittanceNo) -> String {
        format!("remittance:{carrier}:{remittance}")
    }

    fn verdict(&self, parcel: Option<&Parcel>) -> RemittanceVerdict {
        let Some(parcel) = parcel else { return RemittanceVerdict::UnknownWaybill };
        let Some(cash) = &parcel.cash else { return RemittanceVerdict::Over };
        if cash.currency != self.amount.currency {
            return RemittanceVerdict::OtherCurrency;
        }
        if cash.collected_at.is_none() {
            return RemittanceVerdict::NotDelivered;
        }
        let due = cash.collect.total_minor();
        match cash.remitted_minor + self.amount.minor {
            _ if cash.remitted_minor >= due => RemittanceVerdict::Twice,
            sum if sum > due => RemittanceVerdict::Over,
            // Carriers pay first what is still owed.
            _ if self.amount.minor > cash.owed_minor => RemittanceVerdict::Recovered,
            sum if sum < due => RemittanceVerdict::Short,
            _ => RemittanceVerdict::Matched,
        }
    }
}

/// Takes in a line. Cannot refuse: the carrier has paid. The same line again refuses the whole
/// change by its key.
pub fn take_remittance(
    change: &mut Change,
    line: &RemittanceLine,
    parcel: Option<(&mut Stored<Parcel>, &mut Stored<Order>)>,
) -> RemittanceVerdict {
    let verdict = line.verdict(parcel.as_ref().map(|(parcel, _)| &parcel.doc));
    let subject = RemittanceLine::subject(&line.carrier, &line.remittance);
    let of = parcel.as_ref().map_or(subject.clone(), |(_, order)| order.doc.id.to_string());
    let head = (PostingKind::Remitted, line.amount.currency, change.at);
    let from = vec![(Account::Carrier(line.carrier.clone()), line.amount.minor)];
    if let Some(posting) = Posting::debit(head, &of, Account::Bank, from) {
        change.effect(Effect::Post(posting));
    }
    change.keep(Fact {
        kind: FactKind::Remittance,
        subject,
        key: line.key(),
        occurred_at: change.at,
        fact: serde_json::to_value(line).unwrap_or_default(),
        verdict: verdict.word().to_owned(),
        raw: None,
    });
    let foreign = verdict == RemittanceVerdict::OtherCurrency;
    if let Some((parcel, order)) = parcel.filter(|(p, _)| p.doc.cash.is_some() && !foreign) {
        let (at, remittance) = (change.at, line.remittance.clone());
        let amount_minor = line.amount.minor;
        let event = ParcelEvent::CashRemitted { remittance, amount_minor, at };
        credit(change, (parcel, order), event, amount_minor);
    }
    verdict
}

/// A person says which parcel a line was for that is booked for none, and why: its waybill was
/// mistyped, or nobody knew it. The bank has the money since the line was taken in. Answers the
/// verdict there. Precedence: the line, the parcel's cash, its carrier, its currency.
pub fn assign_remittance(
    change: &mut Change,
    (line, is_booked): (&RemittanceLine, bool),
    (parcel, order): (&mut Stored<Parcel>, &mut Stored<Order>),
    reason: String,
) -> Result<RemittanceVerdict, Refusal> {
    if is_booked {
        return Err(Refusal::LineBooked);
    }
    let waits = parcel.doc.cash.as_ref().filter(|_| parcel.doc.waits_for_cash());
    let (Some(cash), Some(label)) = (waits, &parcel.doc.label) else {
        return Err(Refusal::NothingOwed);
    };
    if label.carrier != line.carrier {
        return Err(Refusal::CarrierDiffers);
    }
    if cash.currency != line.amount.currency {
        return Err(Refusal::CurrencyDiffers);
    }
    let verdict = line.verdict(Some(&parcel.doc));
    let (at, by) = (change.at, change.actor.clone());
    let assigned =
        serde_json::json!({"parcel": parcel.doc.id, "reason": reason, "by": by, "at_ms": at});
    change.keep(Fact {
        kind: FactKind::Assignment,
        subject: parcel.doc.id.to_string(),
        key: line.assignment_key(),
        occurred_at: at,
        fact: assigned,
        verdict: verdict.word().to_owned(),
        raw: None,
    });
    let (remittance, told_for) = (line.remittance.clone(), line.waybill.clone());
    let amount_minor = line.amount.minor;
    let event = ParcelEvent::CashAssigned { remittance, told_for, amount_minor, reason, at, by };
    credit(change, (parcel, order), event, amount_minor);
    Ok(verdict)
}

impl Parcel {
    /// It is under way with cash to collect, or cash of it is owed or was written off.
    fn waits_for_cash(&self) -> bool {
        let under_way = matches!(self.state, ParcelState::Shipped { .. });
        self.cash.as_ref().is_some_and(|cash| match cash.collected_at {
            None => under_way,
            Some(_) => cash.owed_minor + cash.written_off_minor > 0,
        })
    }
}

/// Money has come for a parcel: first it pays what the carrier still owes, then it makes up for
/// what was written off. What is more stays on the carrier's account.
fn credit(
    change: &mut Change,
    (parcel, order): (&mut Stored<Parcel>, &mut Stored<Order>),
    event: ParcelEvent,
    amount_minor: i64,
) {
    let before = parcel.doc.cash.clone();
    let (owed, lost) = before.map_or((0, 0), |cash| (cash.owed_minor, cash.written_off_minor));
    change.record(parcel, event);
    owed_less(change, parcel, order, owed.min(amount_minor));
    let recovered_minor = lost.min(amount_minor - owed);
    if recovered_minor > 0 {
        recover(change, parcel, order, recovered_minor);
    }
}

/// What the platform had borne is not lost.
fn recover(
    change: &mut Change,
    parcel: &mut Stored<Parcel>,
    order: &Stored<Order>,
    amount_minor: i64,
) {
    let at = change.at;
    let head = (PostingKind::Recovered, order.doc.currency, at);
    if let Some(label) = parcel.doc.label.clone() {
        let (to, from) = (Account::Carrier(label.carrier), vec![(Account::Losses, amount_minor)]);
        let posting = Posting::debit(head, order.doc.id.as_str(), to, from);
        posting.into_iter().for_each(|posting| change.effect(Effect::Post(posting)));
    }
    change.record(parcel, ParcelEvent::CashRecovered { amount_minor, at });
}

fn owed_less(
    change: &mut Change,
    parcel: &Stored<Parcel>,
    order: &mut Stored<Order>,
    by_minor: i64,
) {
    if by_minor > 0 {
        let (parcel, at) = (parcel.doc.id.clone(), change.at);
        change.record(order, OrderEvent::CashSettled { parcel, by_minor, at });
    }
}

/// Nobody waits for the cash of a parcel any more: the platform bears it, and the order goes on.
pub fn write_off(
    change: &mut Change,
    parcel: &mut Stored<Parcel>,
    order: &mut Stored<Order>,
    reason: String,
) -> Result<(), Refusal> {
    let owed = parcel.doc.cash.as_ref().filter(|cash| cash.owed_minor > 0);
    let (Some(cash), Some(label)) = (owed, parcel.doc.label.clone()) else {
        return Err(Refusal::NothingOwed);
    };
    let (amount_minor, currency) = (cash.owed_minor, cash.currency);
    let (at, by) = (change.at, change.actor.clone());
    let head = (PostingKind::WrittenOff, currency, at);
    let from = vec![(Account::Carrier(label.carrier), amount_minor)];
    let bears = Account::Losses;
    if let Some(posting) = Posting::debit(head, order.doc.id.as_str(), bears, from) {
        change.effect(Effect::Post(posting));
    }
    change.record(parcel, ParcelEvent::CashWrittenOff { amount_minor, reason, at, by });
    owed_less(change, parcel, order, amount_minor);
    Ok(())
}

/// A carrier has had the cash for longer than was agreed.
pub fn cash_overdue(change: &mut Change, parcel: &mut Stored<Parcel>) {
    let owed = parcel.doc.cash.as_ref().is_some_and(|cash| cash.owed_minor > 0 && !cash.overdue);
    if owed {
        change.record(parcel, ParcelEvent::CashOverdue { at: change.at });
    }
}
