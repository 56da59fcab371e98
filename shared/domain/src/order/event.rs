//! What has happened to an order, as it is kept in its history.

use super::{
    CancelReason, CodVerdict, LineHeld, Pick, Release, Returned, SubstituteEvent, is_false,
};
use crate::{
    Actor, CaseId, Collectible, Delivery, ExceptionId, Label, Millis, Order, ParcelId, PickListId,
    RefundId, RerouteReason, Routing, WarehouseId,
};
use serde::{Deserialize, Serialize};

/// What has happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum OrderEvent {
    Placed {
        order: Box<Order>,
    },
    /// Its payment was started, and has until then.
    HeldLonger {
        until: Millis,
    },
    Paid {
        at: Millis,
    },
    /// Units that will not be sent; what was held for them goes back on the shelf, and what nobody
    /// paid for them yet is waived.
    UnitsCancelled {
        at: Millis,
        by: Actor,
        why: CancelReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        picks: Vec<Pick>,
        released: Vec<Release>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        waived_minor: Option<i64>,
        /// Shipping is in what is waived.
        #[serde(default, skip_serializing_if = "is_false")]
        shipping: bool,
    },
    /// The whole order ends; `released` is all that was still held.
    Cancelled {
        at: Millis,
        by: Actor,
        why: CancelReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        released: Vec<Release>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        waived_minor: Option<i64>,
    },
    /// It goes elsewhere. Where it went before is in the events before this one.
    AddressChanged {
        at: Millis,
        by: Actor,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        to: Box<Delivery>,
    },
    /// Its money came after the deadline; everything is held again, and it waits for `Paid`.
    Revived {
        held: Vec<LineHeld>,
        ship_by: Millis,
        at: Millis,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        routing: Option<Box<Routing>>,
    },
    /// Other warehouses send it, or some of it; what stays where it was is not told.
    Rerouted {
        at: Millis,
        by: Actor,
        why: RerouteReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        released: Vec<Release>,
        held: Vec<LineHeld>,
        routing: Box<Routing>,
    },
    /// The date by which the buyer was told that it ships has passed.
    ShipOverdue {
        at: Millis,
    },
    Disputed {
        dispute: String,
    },
    DisputeClosed {
        dispute: String,
        at: Millis,
    },
    /// A bank took this much of its money.
    ChargedBack {
        dispute: String,
        amount_minor: i64,
    },
    /// It will be sent, although nothing was paid yet.
    Confirmed {
        at: Millis,
        by: Actor,
        verdict: CodVerdict,
    },
    /// It goes elsewhere, and no rule believes in it there: a person has until then.
    Referred {
        until: Millis,
        verdict: CodVerdict,
        at: Millis,
    },
    /// A picker took units of it off the shelf.
    Picked {
        list: PickListId,
        warehouse: WarehouseId,
        picks: Vec<Pick>,
        at: Millis,
    },
    /// A picker did not find units of it: they are in that warehouse no more, and `held` is
    /// promised in others instead, which were chosen as `routing` says.
    PiecesMissing {
        list: PickListId,
        warehouse: WarehouseId,
        picks: Vec<Pick>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        held: Vec<LineHeld>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        routing: Option<Box<Routing>>,
        at: Millis,
    },
    /// A picker did not find units of it, and they are looked for again later.
    PickPutOff {
        list: PickListId,
        warehouse: WarehouseId,
        picks: Vec<Pick>,
        until: Millis,
        at: Millis,
    },
    /// Something else is offered for units that a picker did not find, or what became of that.
    Substitute(Box<SubstituteEvent>),
    /// What was picked of it in vain is back on the shelf there.
    PutAway {
        warehouse: WarehouseId,
        picks: Vec<Pick>,
        at: Millis,
    },
    Unpacked {
        parcel: ParcelId,
        warehouse: WarehouseId,
        picks: Vec<Pick>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        collect: Option<Collectible>,
    },
    Packed {
        parcel: ParcelId,
        warehouse: WarehouseId,
        picks: Vec<Pick>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        collect: Option<Collectible>,
    },
    Shipped {
        parcel: ParcelId,
        warehouse: WarehouseId,
        picks: Vec<Pick>,
        label: Option<Label>,
        at: Millis,
    },
    Delivered {
        parcel: ParcelId,
        picks: Vec<Pick>,
        at: Millis,
    },
    /// The buyer has paid the courier.
    CashCollected {
        parcel: ParcelId,
        collect: Collectible,
        owed_minor: i64,
        at: Millis,
    },
    /// Cash of a parcel is with us, or nobody waits for it any more.
    CashSettled {
        parcel: ParcelId,
        by_minor: i64,
        at: Millis,
    },
    /// The buyer did not take a parcel at the door.
    DeliveryRefused {
        parcel: ParcelId,
        at: Millis,
    },
    /// A parcel that was told as delivered is back with us: nobody got its units, and no carrier
    /// has cash for them.
    DeliveryReversed {
        parcel: ParcelId,
        picks: Vec<Pick>,
        collect: Option<Collectible>,
        owed_minor: i64,
        at: Millis,
    },
    /// A parcel that nobody took is in the warehouse again: `picks` were in it, `returned` is what
    /// came out.
    CameBack {
        parcel: ParcelId,
        picks: Vec<Pick>,
        returned: Vec<Returned>,
        collect: Option<Collectible>,
        /// The buyer did not want it.
        #[serde(default, skip_serializing_if = "is_false")]
        refused: bool,
        at: Millis,
    },
    /// Nobody waits for a parcel any more that its carrier has lost or spoilt. Its units are held
    /// anew to be sent again, or, if nothing is, nobody expects them.
    GivenUp {
        parcel: ParcelId,
        picks: Vec<Pick>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        resent: Vec<LineHeld>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        routing: Option<Box<Routing>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        collect: Option<Collectible>,
        at: Millis,
    },
    /// A parcel that had been given up is in the warehouse again; `returned` came out of it.
    Recovered {
        parcel: ParcelId,
        returned: Vec<Returned>,
        at: Millis,
    },
    ExceptionOpened {
        exception: ExceptionId,
        at: Millis,
    },
    ExceptionClosed {
        exception: ExceptionId,
        at: Millis,
    },
    CaseOpened {
        case: CaseId,
        picks: Vec<Pick>,
        at: Millis,
    },
    CaseClosed {
        case: CaseId,
        picks: Vec<Pick>,
        at: Millis,
    },
    Returned {
        case: CaseId,
        picks: Vec<Returned>,
    },
    RefundGranted {
        refunds: Vec<RefundId>,
        picks: Vec<Pick>,
        shipping: bool,
        amount_minor: i64,
    },
    Completed {
        at: Millis,
        by: Actor,
    },
    WindowEnded {
        at: Millis,
    },
    Settled {
        at: Millis,
        net_minor: i64,
        commission_minor: i64,
        fee_minor: i64,
    },
}
