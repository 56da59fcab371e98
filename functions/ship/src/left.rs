//! A parcel has left: from now on it is watched, and its carrier is held to what it promised.

use domain::{Change, Policy, Refusal, TrackingFact, Watch, watch_parcel};
use edge::Ctx;
use store::ParcelSituation;

/// `told`: what its carrier said of it before; `promised_days`: what was promised at the door.
pub fn left(
    ctx: &Ctx,
    change: &mut Change,
    found: &mut ParcelSituation,
    (told, promised_days): (&[TrackingFact], Option<i64>),
    policy: &Policy,
) -> Result<(), Refusal> {
    domain::promise(change, &mut found.parcel, promised_days)?;
    let (parcel, order) = (&found.parcel, &mut found.order);
    let watch = Watch { exceptions: &mut found.exceptions, facts: told, policy };
    watch_parcel(change, parcel, order, watch, &mut ctx.ids());
    Ok(())
}
