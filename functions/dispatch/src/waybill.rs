//! Asks a carrier's interface for a waybill, or to forget one. What it answers is taken in with the
//! message's outcome, in one commit; addresses are looked up here and kept nowhere.

use carriers::booking::{
    Answer, Asking, Booking, Cancellation, Cancelled, CannotAsk, Waybills, amount, asking,
    interface,
};
use domain::{
    Actor, CancelEnd, Carrier, CarrierCode, CarrierDesk, Change, Delivery, Parcel, ParcelId,
    Policy, TrackerName, WaybillInterface, WaybillOrder, WaybillSource, WaybillTold, cancel_told,
    waybill_told,
};
use edge::{Ctx, Problem};
use std::collections::BTreeMap;
use store::{DueMessage, Outcome, Sent};

use crate::schedule::{CANCEL, WAYBILL, again, dead, sent, skipped};

/// Requests that one waybill takes at most.
const STEPS_AT_MOST: usize = 5;

pub async fn ask(ctx: &Ctx, message: &DueMessage, order: &WaybillOrder) -> Result<bool, Problem> {
    match order {
        WaybillOrder::Book { parcel, request, carrier } => {
            book(ctx, message, (parcel, request, carrier)).await
        }
        WaybillOrder::Cancel { parcel, request, carrier } => {
            cancel(ctx, message, (parcel, request, carrier)).await
        }
    }
}

/// The interface as it is configured.
async fn interface_of(ctx: &Ctx, source: &WaybillSource) -> Result<Option<Way>, Problem> {
    let WaybillSource::Interface { by, account } = source else { return Ok(None) };
    let mut values = BTreeMap::new();
    for variable in asking(*by) {
        values.insert(*variable, ctx.variable(variable).await?);
    }
    Ok(Some(Way { interface: interface(*by, &values), account: account.clone() }))
}

struct Way {
    interface: Box<dyn Waybills>,
    account: Option<String>,
}

/// The carrier by the name under which its interface makes offers: EasyPost's are those that it
/// names scans by.
fn called(carrier: &Carrier, policy: &Policy) -> CarrierCode {
    let name = match &carrier.waybills {
        WaybillSource::Interface { by: WaybillInterface::Easypost, .. } => {
            policy.carrier_names.theirs(TrackerName::Easypost, &carrier.id)
        }
        WaybillSource::Interface { by: WaybillInterface::Sf, .. } | WaybillSource::Pool => None,
    };
    let name = name.and_then(|name| CarrierCode::parse(name).ok());
    name.unwrap_or_else(|| carrier.id.clone())
}

type Which<'a> = (&'a ParcelId, &'a str, &'a CarrierCode);

async fn book(
    ctx: &Ctx,
    message: &DueMessage,
    (parcel, request, carrier): Which<'_>,
) -> Result<bool, Problem> {
    let desk = ctx.store.carrier_desk(parcel, (Some(carrier), None), ctx.env.random()).await?;
    let Some(desk) = desk else {
        return crate::conclude(ctx, dead(message, "there is no such parcel".to_owned())).await;
    };
    let asked_before = message.attempts > 1;
    let answer = match desk.parcel.doc.carriage.request.as_ref().filter(|r| r.id == request) {
        // Somebody does not want it any more; an earlier attempt may have got it.
        None => None,
        Some(wanted) => Some(made(ctx, message, &desk, (request, &wanted.service, carrier)).await?),
    };
    let (outcome, told) = match answer {
        None => {
            let outcome = skipped(message, "nobody waits for it any more".to_owned());
            let reason = "not wanted".to_owned();
            (outcome, Some(WaybillTold::Refused { reason, undo: asked_before }))
        }
        Some(Answer::Made { waybill, theirs, label_url }) => {
            let outcome = sent(message, format!("waybill {waybill}"));
            (outcome, Some(WaybillTold::Made { waybill, theirs, label_url }))
        }
        Some(Answer::Refused { reason, undo }) => {
            (dead(message, reason.clone()), Some(WaybillTold::Refused { reason, undo }))
        }
        Some(Answer::TryAgain { reason, after_ms }) => later(ctx, message, reason, after_ms),
        Some(Answer::Then(_)) => later(ctx, message, "the carrier asks on and on".to_owned(), None),
    };
    conclude(ctx, (parcel, request, carrier), outcome, told).await
}

/// Another try; after the last one it is a no.
fn later(
    ctx: &Ctx,
    message: &DueMessage,
    reason: String,
    after_ms: Option<i64>,
) -> (Sent, Option<WaybillTold>) {
    let outcome = again(message, WAYBILL, ctx.now(), after_ms, reason.clone());
    let given_up = outcome.state == "dead";
    (outcome, given_up.then_some(WaybillTold::Refused { reason, undo: true }))
}

/// Asks until there is a waybill, or a no.
async fn made(
    ctx: &Ctx,
    message: &DueMessage,
    desk: &CarrierDesk,
    (request, service, carrier): (&str, &str, &CarrierCode),
) -> Result<Answer, Problem> {
    let known = desk.offers.iter().map(|offer| &offer.carrier).find(|known| known.id == *carrier);
    let way = match known {
        Some(known) => interface_of(ctx, &known.waybills).await?,
        None => None,
    };
    let (Some(Way { interface, account }), Some(known)) = (way, known) else {
        let reason = "the carrier is not asked through an interface any more".to_owned();
        return Ok(Answer::Refused { reason, undo: message.attempts > 1 });
    };
    let Some(from) = desk.warehouse.sends_from() else {
        let reason = "the warehouse has no sender's address".to_owned();
        return Ok(Answer::Refused { reason, undo: message.attempts > 1 });
    };
    let policy = ctx.policy().await?;
    let called = called(known, &policy);
    let booking = Booking {
        service,
        account: account.as_deref(),
        ..booking(desk, (request, &called), &from)
    };
    let mut step = interface.begins(message.attempts > 1);
    for _ in 0..STEPS_AT_MOST {
        let asked = Asking { now: ctx.now(), nonce: ctx.id() };
        let answer = match interface.request(&booking, &step, asked) {
            Err(why) => cannot(message, &why),
            Ok(request) => match ctx.env.fetch(request).await {
                Ok(response) => interface.answer(&booking, &step, &response),
                Err(error) => Answer::TryAgain { reason: error.to_string(), after_ms: None },
            },
        };
        match answer {
            Answer::Then(next) => step = next,
            Answer::Made { .. } | Answer::Refused { .. } | Answer::TryAgain { .. } => {
                return Ok(answer);
            }
        }
    }
    Ok(Answer::Then(step))
}

fn booking<'a>(
    desk: &'a CarrierDesk,
    (request, carrier): (&'a str, &'a CarrierCode),
    from: &'a Delivery,
) -> Booking<'a> {
    let (parcel, order) = (&desk.parcel.doc, &desk.order.doc);
    let goods = parcel.picks.iter().filter_map(|pick| {
        let line = order.lines.iter().find(|line| line.no == pick.line)?;
        Some((line.name.clone(), pick.units))
    });
    let cash = parcel.cash.as_ref();
    Booking {
        request,
        carrier,
        service: "",
        account: None,
        from,
        to: &order.delivery,
        weight_g: parcel.weight_g,
        size_mm: parcel.packaging.size_mm,
        goods: goods.collect(),
        collect: cash.map(|c| amount(c.collect.total_minor(), c.currency.exponent())),
    }
}

/// A configuration can be mended, so it is tried again; after the last try the next carrier is
/// asked, or a person looks.
fn cannot(message: &DueMessage, why: &CannotAsk) -> Answer {
    eprintln!("{}: {why}", message.id);
    Answer::TryAgain { reason: why.to_string(), after_ms: None }
}

/// Commits the outcome and the news. If the parcel was changed meanwhile, decides again; if the
/// message is somebody else's by now, leaves it to them.
async fn conclude(
    ctx: &Ctx,
    (parcel, request, carrier): Which<'_>,
    outcome: Sent,
    told: Option<WaybillTold>,
) -> Result<bool, Problem> {
    let arrived = outcome.state == "sent";
    let policy = ctx.policy().await?;
    let number = match &told {
        Some(WaybillTold::Made { waybill, .. }) => Some(waybill),
        Some(WaybillTold::Refused { .. }) | None => None,
    };
    for _ in 0..3 {
        let mut change = Change::new(Actor::Dispatch, ctx.now());
        let named = (Some(carrier), number);
        let desk = ctx.store.carrier_desk(parcel, named, ctx.env.random()).await?;
        if let (Some(mut desk), Some(told)) = (desk, told.clone()) {
            waybill_told(&mut change, &mut desk, (request, carrier), told, &policy);
        }
        if ctx.commit_sent(&change, vec![outcome.clone()]).await? == Outcome::Applied {
            return Ok(arrived);
        }
    }
    Ok(false)
}

async fn cancel(
    ctx: &Ctx,
    message: &DueMessage,
    (parcel, request, carrier): Which<'_>,
) -> Result<bool, Problem> {
    let known = ctx.store.load::<Parcel>(parcel.as_str()).await?;
    let (theirs, waybill) =
        known.map(|known| known.doc.carriage.ids_of(request)).unwrap_or_default();
    let carrier = ctx.store.load::<Carrier>(carrier.as_str()).await?;
    let way = match carrier {
        Some(carrier) => interface_of(ctx, &carrier.doc.waybills).await?,
        None => None,
    };
    let waybill = waybill.as_ref().map(domain::Waybill::as_str);
    let cancel = Cancellation { request, theirs: theirs.as_deref(), waybill };
    let asked = Asking { now: ctx.now(), nonce: ctx.id() };
    let answer = match way.as_ref().map(|way| way.interface.cancel_request(&cancel, asked)) {
        None => {
            let reason = "the carrier is not asked through an interface any more".to_owned();
            Cancelled::Refused { reason }
        }
        Some(Err(why)) => Cancelled::TryAgain { reason: why.to_string(), after_ms: None },
        Some(Ok(request)) => match ctx.env.fetch(request).await {
            Ok(response) => {
                way.map_or(Cancelled::Done, |way| way.interface.cancel_answer(&cancel, &response))
            }
            Err(error) => Cancelled::TryAgain { reason: error.to_string(), after_ms: None },
        },
    };
    let (outcome, end) = match answer {
        Cancelled::Done => (sent(message, "cancelled".to_owned()), Some(CancelEnd::Cancelled)),
        Cancelled::Refused { reason } => {
            (dead(message, reason.clone()), Some(CancelEnd::Refused { reason }))
        }
        Cancelled::TryAgain { reason, after_ms } => {
            let outcome = again(message, CANCEL, ctx.now(), after_ms, reason.clone());
            let given_up = outcome.state == "dead";
            (outcome, given_up.then_some(CancelEnd::Refused { reason }))
        }
    };
    cancelled(ctx, (parcel, request), outcome, end).await
}

async fn cancelled(
    ctx: &Ctx,
    (parcel, request): (&ParcelId, &str),
    outcome: Sent,
    end: Option<CancelEnd>,
) -> Result<bool, Problem> {
    let arrived = outcome.state == "sent";
    for _ in 0..3 {
        let mut change = Change::new(Actor::Dispatch, ctx.now());
        let known = ctx.store.load::<Parcel>(parcel.as_str()).await?;
        if let (Some(mut known), Some(end)) = (known, end.clone()) {
            cancel_told(&mut change, &mut known, request, end);
        }
        if ctx.commit_sent(&change, vec![outcome.clone()]).await? == Outcome::Applied {
            return Ok(arrived);
        }
    }
    Ok(false)
}
