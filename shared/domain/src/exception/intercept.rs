//! Stopping a parcel on its way (拦截): a buyer wants their money and not the goods, or a merchant
//! wants the goods back. A person asks the carrier. If it works, the parcel comes back, is taken
//! back like any other, and its money goes back with it; if not, it is delivered, and the buyer's
//! wish goes on as a return.

use super::watch::resolve;
use super::{Exception, ExceptionEvent, Outcome};
use crate::case::begin_case;
use crate::{
    Action, Actor, CaseId, CaseKind, CaseReason, Change, ExceptionPolicy, Ids, OpenCase, Order,
    Parcel, Policy, Refusal, Stored,
};

/// The carrier was asked to bring it back. Also for one that turned up after it had been given up.
pub fn intercept(change: &mut Change, exception: &mut Stored<Exception>) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::Intercept)?;
    let (by, at) = (change.actor.clone(), change.at);
    change.record(exception, ExceptionEvent::InterceptAsked { by, at });
    Ok(())
}

/// The carrier could not, or would not. It is delivered, or somebody finds another way.
pub fn not_intercepted(
    change: &mut Change,
    exception: &mut Stored<Exception>,
    policy: &ExceptionPolicy,
) -> Result<(), Refusal> {
    exception.doc.must_allow(Action::NotIntercepted)?;
    let (at, kind) = (change.at, exception.doc.kind);
    let deadline = at.plus(policy.decide_in(kind));
    change.record(exception, ExceptionEvent::InterceptFailed { deadline, at });
    Ok(())
}

/// It was delivered all the same. Who wanted it back on the buyer's side is asked to send it back
/// instead, without having to ask once more.
pub(super) fn return_instead(
    change: &mut Change,
    order: &mut Stored<Order>,
    exception: &mut Stored<Exception>,
    parcel: &Parcel,
    policy: &Policy,
    ids: &mut dyn Ids,
) {
    let for_buyer = matches!(exception.doc.opened_by, Actor::Buyer(_) | Actor::Support(_));
    let may = order.doc.allowed_actions(change.at).contains(&Action::RequestAfterSale);
    let case = (for_buyer && may).then(|| {
        let ask = OpenCase {
            id: CaseId::mint(ids),
            kind: CaseKind::ReturnAndRefund,
            picks: parcel.picks.clone(),
            reason: CaseReason::ChangedMind,
            description: None,
        };
        begin_case(change, order, ask, policy).doc.id
    });
    resolve(change, order, exception, Outcome::NotIntercepted { case });
}
