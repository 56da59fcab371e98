//! What the clock starts about parcels: silence, and exceptions that nobody decides about.

use domain::{
    Change, ExceptionId, KeptAs, Millis, ParcelId, Watch, WhenOverdue, exception_due as due,
    look_for_parcel, refund_lost, watch_parcel,
};
use edge::{Ctx, Problem};

/// Nothing was heard of a parcel for so long that it may be an exception.
pub async fn silent(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    let Ok(id) = ParcelId::parse(subject) else { return Ok(()) };
    let policy = ctx.policy().await?;
    let names: Vec<KeptAs> = policy.carrier_names.kept_as().collect();
    if let Some(mut found) = ctx.store.parcel_to_ship(&id, &names).await? {
        let told = found.told(&policy);
        let (parcel, order) = (&found.parcel, &mut found.order);
        let watch = Watch { exceptions: &mut found.exceptions, facts: &told, policy: &policy };
        watch_parcel(change, parcel, order, watch, &mut ctx.ids());
    }
    Ok(())
}

/// Somebody looks whether its tracker is to be asked for a parcel.
pub async fn unheard(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    let Ok(id) = ParcelId::parse(subject) else { return Ok(()) };
    let policy = ctx.policy().await?;
    if let Some(found) = ctx.store.silence(&id).await? {
        look_for_parcel(change, &found.parcel.doc, found.heard_at.map(Millis), &policy);
    }
    Ok(())
}

/// The policy names what happens; where that cannot be done any more, a person is pressed.
pub async fn exception_due(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    let Ok(id) = ExceptionId::parse(subject) else { return Ok(()) };
    let policy = ctx.policy().await?;
    let policy = &policy.exceptions;
    let Some(mut found) = ctx.store.exception_situation(&id).await? else { return Ok(()) };
    let paid_back = match policy.when_overdue(&found.exception.doc) {
        WhenOverdue::Escalate => false,
        WhenOverdue::Refund => {
            let ids = &mut ctx.ids();
            let (at_hand, _) = found.at_hand();
            refund_lost(change, at_hand, policy.losses_on.into(), policy, ids).is_ok()
        }
    };
    if !paid_back {
        due(change, &mut found.exception, policy);
    }
    Ok(())
}
