//! carrier-webhook: a carrier, or a tracker for many carriers, tells us where parcels are.
//!
//! Each scan is stored once, also for waybills that nobody has used yet; the parcel is where all
//! its scans together say it is.

use carriers::{Carrier, Delivery, Kuaidi100};
use domain::{
    Actor, CarrierCode, Change, TrackingFact, Watch, Waybill, record_tracking, watch_parcel,
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
    let facts = match carrier.read(&delivery) {
        Ok(facts) => facts,
        Err(why) => return Ok(carrier.refuse(&why)),
    };
    let mut by_waybill: BTreeMap<(&CarrierCode, &Waybill), Vec<TrackingFact>> = BTreeMap::new();
    for fact in &facts {
        by_waybill.entry((&fact.carrier, &fact.waybill)).or_default().push(fact.clone());
    }
    for ((code, waybill), told) in by_waybill {
        let decide = async || {
            let mut found = ctx.store.tracked(code, waybill).await?;
            let mut change = Change::new(Actor::Carrier(code.to_string()), ctx.now());
            let known = std::mem::take(&mut found.facts);
            record_tracking(&mut change, found.journey(), &known, &told);
            let policy = ctx.policy_with(found.policy.as_ref()).await?;
            let facts = [known, told.clone()].concat();
            let (parcel, exceptions) = (&mut found.parcel, &mut found.exceptions);
            if let Some((parcel, order)) = parcel.as_mut().filter(|_| !change.is_empty()) {
                let watch = Watch { exceptions, facts: &facts, policy: &policy };
                watch_parcel(&mut change, parcel, order, watch, &mut ctx.ids());
            }
            Ok((change, ()))
        };
        ctx.change(request, decide).await?;
    }
    Ok(carrier.acknowledge())
}

/// The carrier of the path. One that the shop has not configured does not exist.
async fn carrier(ctx: &Ctx, name: &str) -> Result<impl Carrier, Problem> {
    let kuaidi100 = Kuaidi100::new(&ctx.variable("kuaidi100_salt").await?);
    kuaidi100.filter(|c| c.is_called(name)).ok_or_else(|| Problem::not_found("carrier"))
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
