//! carrier-webhook: a carrier, or a tracker for many carriers, tells us where parcels are.
//!
//! Each scan is stored once, also for waybills that nobody has used yet; the parcel is where all
//! its scans together say it is. What came is kept as it came, beside what was made of it.

use carriers::{Carrier, Delivery, Settings, hearing};
use domain::{
    Actor, CarrierCode, Change, KeptAs, Trace, TrackingFact, Watch, Waybill, record_tracking,
    watch_parcel,
};
use edge::{Ctx, JSON_BYTES_AT_MOST, Problem, Request, Response};
use http::Method;
use std::collections::BTreeMap;

/// A push of ten thousand scans with their sentences.
const BYTES_AT_MOST: usize = 8 * JSON_BYTES_AT_MOST;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    if request.method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
    let carrier = carrier(ctx, request.segments().last().copied().unwrap_or_default()).await?;
    let body = request.bytes(BYTES_AT_MOST).await?;
    let delivery = Delivery { headers: &request.headers, body: &body, now: ctx.now() };
    let told = match carrier.read(&delivery) {
        Ok(told) => told,
        Err(why) => return Ok(carrier.refuse(&why)),
    };
    let push = carriers::push(carrier.name(), &body);
    let policy = ctx.policy().await?;
    let names: Vec<KeptAs> = policy.carrier_names.kept_as().collect();
    let mut by_waybill: BTreeMap<(CarrierCode, Waybill), Vec<TrackingFact>> = BTreeMap::new();
    for mut fact in told.facts {
        fact.carrier = policy.carrier_names.ours(&fact.source.told_by, &fact.carrier);
        by_waybill.entry((fact.carrier.clone(), fact.waybill.clone())).or_default().push(fact);
    }
    for ((code, waybill), facts) in &by_waybill {
        let trace = Trace { told: facts, replaces: told.replaces, push: Some(&push) };
        let decide = async || {
            let mut found = ctx.store.tracked((code, waybill), &names, &push.key()).await?;
            let heard = std::mem::take(&mut found.heard).named(code, &policy.carrier_names);
            let mut change = Change::new(Actor::Carrier(code.to_string()), ctx.now());
            let counts = record_tracking(&mut change, found.journey(), &heard, &trace);
            let (parcel, exceptions) = (&mut found.parcel, &mut found.exceptions);
            if let Some((parcel, order)) = parcel.as_mut().filter(|_| !change.is_empty()) {
                let watch = Watch { exceptions, facts: &counts, policy: &policy };
                watch_parcel(&mut change, parcel, order, watch, &mut ctx.ids());
            }
            Ok((change, ()))
        };
        ctx.change(request, decide).await?;
    }
    Ok(carrier.acknowledge())
}

/// The carrier of the path. One that the shop has not configured does not exist.
async fn carrier(ctx: &Ctx, called: &str) -> Result<Box<dyn Carrier>, Problem> {
    let unknown = || Problem::not_found("carrier");
    let mut settings = Settings::default();
    for variable in hearing(called).ok_or_else(unknown)? {
        settings.set(variable, ctx.variable(variable).await?);
    }
    settings.sender(called).ok_or_else(unknown)
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
