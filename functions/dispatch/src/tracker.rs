//! Asks a tracker: that it follows a parcel, or what it knows of one. What it tells is recorded
//! like a push, kept as it came; if that stops half-way, the message is sent again, and scans that
//! are known are left out.

use crate::claim;
use crate::schedule::{TRACKING, again, dead, sent, skipped, timed};
use bytes::Bytes;
use carriers::{Answer, CannotAsk, Settings, Told, Tracker, Wanted, asking};
use domain::{
    Actor, Change, HOUR, KeptAs, MINUTE, Policy, Push, Trace, TrackerAsk, TrackerName,
    TrackingWish, Watch, record_tracking, watch_parcel,
};
use edge::{Ctx, Problem};
use http::Request;
use store::{DueMessage, Outcome};

/// How often scans are decided again if somebody else changes the parcel meanwhile.
const TRIES: usize = 3;

pub async fn ask(ctx: &Ctx, mut message: DueMessage, ask: &TrackerAsk) -> Result<bool, Problem> {
    let policy = ctx.policy().await?;
    let Some((name, tracker)) = chosen(ctx, ask, &policy).await? else {
        let why = format!("no tracker of {} is configured", ask.carrier);
        return crate::conclude(ctx, skipped(&message, why)).await;
    };
    let Some(found) = ctx.store.silence(&ask.parcel).await? else {
        return crate::conclude(ctx, skipped(&message, "there is no such parcel".into())).await;
    };
    let wanted = Wanted {
        carrier: &ask.carrier,
        theirs: policy.carrier_names.theirs(name, &ask.carrier),
        waybill: &ask.waybill,
        phone: &found.order.doc.delivery.phone,
    };
    let request = match request(ctx, tracker.as_ref(), ask, &wanted) {
        Ok(Some(request)) => request,
        Ok(None) => {
            let why = format!("{} pushes by itself", name.as_str());
            return crate::conclude(ctx, skipped(&message, why)).await;
        }
        Err(why @ CannotAsk::NotConfigured(_)) => {
            return crate::conclude(ctx, skipped(&message, why.to_string())).await;
        }
        Err(why @ CannotAsk::NotARequest(_)) => {
            return crate::conclude(ctx, dead(&message, why.to_string())).await;
        }
    };
    if !claim(ctx, &mut message).await? {
        return Ok(false);
    }
    let began = ctx.now();
    let response = ctx.env.fetch(request).await;
    let now = ctx.now();
    let status = response.as_ref().ok().map(|response| response.status().as_u16());
    let answer = match &response {
        Err(error) => Answer::TryAgain { reason: error.to_string(), after_ms: None },
        Ok(response) => match ask.want {
            TrackingWish::Follow => tracker.followed(&wanted, response, now),
            TrackingWish::Trace => tracker.traced(&wanted, response, now),
        },
    };
    let said = |words: &str| format!("{}: {words}", name.as_str());
    let outcome = match (answer, response) {
        (Answer::Told(scans), Ok(response)) => {
            let push = carriers::push(name.as_str(), response.body());
            if !take(ctx, ask, &scans, &push, &policy).await? {
                return Ok(false);
            }
            sent(&message, said(&format!("{} scans", scans.facts.len())))
        }
        (Answer::Told(_) | Answer::Nothing, _) => sent(&message, said("nothing to tell yet")),
        (Answer::Refused { reason }, _) => dead(&message, said(&reason)),
        (Answer::TryAgain { reason, after_ms }, _) => {
            let after_ms = if status == Some(429) { Some(apart(ctx, after_ms)) } else { after_ms };
            again(&message, TRACKING, now, after_ms, said(&reason))
        }
    };
    crate::conclude(ctx, timed(outcome, now.0 - began.0, status)).await
}

/// Trackers take a few questions a second. Who was told to come later comes at a moment of its own
/// within the hour, and not with all the others again.
fn apart(ctx: &Ctx, after_ms: Option<i64>) -> i64 {
    let hour = u128::from(HOUR.unsigned_abs());
    let moment = i64::try_from(ctx.env.random() % hour).unwrap_or(0);
    after_ms.unwrap_or(MINUTE).saturating_add(moment)
}

fn request(
    ctx: &Ctx,
    tracker: &dyn Tracker,
    ask: &TrackerAsk,
    wanted: &Wanted<'_>,
) -> Result<Option<Request<Bytes>>, CannotAsk> {
    match ask.want {
        TrackingWish::Follow => tracker.follow(wanted, ctx.now()),
        TrackingWish::Trace => tracker.trace(wanted, ctx.now()).map(Some),
    }
}

/// The tracker that the shop names for the carrier, or else the first one that it may ask.
async fn chosen(
    ctx: &Ctx,
    ask: &TrackerAsk,
    policy: &Policy,
) -> Result<Option<(TrackerName, Box<dyn Tracker>)>, Problem> {
    let named = policy.tracked_by.get(&ask.carrier);
    let any = TrackerName::ALL.iter().filter(|tracker| tracker.speaks_for(&ask.carrier));
    for name in named.into_iter().chain(any.filter(|_| named.is_none())) {
        let mut settings = Settings::default();
        for variable in asking(*name) {
            settings.set(variable, ctx.variable(variable).await?);
        }
        if let Some(tracker) = settings.tracker(*name) {
            return Ok(Some((*name, tracker)));
        }
    }
    Ok(None)
}

/// Whether what was told is stored now. If not, the claim on the message runs out and it is asked
/// again.
async fn take(
    ctx: &Ctx,
    ask: &TrackerAsk,
    told: &Told,
    push: &Push,
    policy: &Policy,
) -> Result<bool, Problem> {
    let names: Vec<KeptAs> = policy.carrier_names.kept_as().collect();
    let trace = Trace { told: &told.facts, replaces: told.replaces, push: Some(push) };
    for _ in 0..TRIES {
        let of = (&ask.carrier, &ask.waybill);
        let mut found = ctx.store.tracked(of, &names, &push.key()).await?;
        let heard = std::mem::take(&mut found.heard).named(&ask.carrier, &policy.carrier_names);
        let mut change = Change::new(Actor::Carrier(ask.carrier.to_string()), ctx.now());
        let counts = record_tracking(&mut change, found.journey(), &heard, &trace);
        let (parcel, exceptions) = (&mut found.parcel, &mut found.exceptions);
        if let Some((parcel, order)) = parcel.as_mut().filter(|_| !change.is_empty()) {
            let watch = Watch { exceptions, facts: &counts, policy };
            watch_parcel(&mut change, parcel, order, watch, &mut ctx.ids());
        }
        let known = change.is_empty();
        if known || ctx.commit_sent(&change, Vec::new()).await? == Outcome::Applied {
            return Ok(true);
        }
    }
    Ok(false)
}
