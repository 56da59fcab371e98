//! What the clock starts about money: deadlines of payments, refunds that are not over, and money
//! whose payment is looked for.

use domain::{
    Change, Payment, PaymentId, Suspense, SuspenseId, payment_due, refunds_due,
    suspense_refund_due, suspense_unmatched,
};
use edge::{Ctx, Problem};

pub async fn unpaid(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    let Ok(id) = PaymentId::parse(subject) else { return Ok(()) };
    if let Some(mut found) = ctx.store.payment_and_orders(&id).await? {
        payment_due(change, &mut found.payment, &mut found.orders, &mut ctx.ids());
    }
    Ok(())
}

/// A payment's refunds, or the way back of money in suspense.
pub async fn refunds(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    if SuspenseId::parse(subject).is_ok() {
        if let Some(mut item) = ctx.store.load::<Suspense>(subject).await? {
            suspense_refund_due(change, &mut item);
        }
    } else if let Some(mut payment) = ctx.store.load::<Payment>(subject).await? {
        refunds_due(change, &mut payment, &mut ctx.ids());
    }
    Ok(())
}

pub async fn unmatched(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    if let Some(mut item) = ctx.store.load::<Suspense>(subject).await? {
        let mut situation = ctx.suspense_situation(&item.doc, None).await?;
        suspense_unmatched(change, &mut item, &mut situation, &mut ctx.ids());
    }
    Ok(())
}
