//! Every way the business says no. One word each; the word is the stable code that clients see.

use crate::{
    Action, ExceptionId, MerchantId, Money, OrderId, PackingRefusal, SkuId, Unfit, WarehouseId,
};

/// A business no. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// What was asked for has faults; all of them, each with its place.
    Faulty(Vec<Fault>),
    /// The state does not allow the step.
    IllegalStep { state: &'static str, allowed: Vec<Action> },
    /// More units than the line has left for this step.
    TooManyUnits { line: u16, left: i64 },
    /// Units that are meant are packed: they must be unpacked first.
    UnitsPacked { line: u16, left: i64, allowed: Vec<Action> },
    /// Units that are meant are on a pick list there: it must give them back first.
    BeingPicked { warehouse: WarehouseId },
    /// Shipping to the new address costs so much more, or less.
    ShippingDiffers { by: Money },
    /// Nothing was paid for these units: they can be cancelled.
    NotPaid,
    /// The buyer's bank doubts the payment, or has taken it back: the goods stay here.
    Disputed,
    /// Only cash was paid: there is no gateway to ask.
    NobodyToAsk,
    /// The carrier collects no cash for this shop.
    CarrierTakesNoCash,
    /// The line is not in this order.
    UnknownLine { line: u16 },
    /// No unit was named.
    NothingChosen,
    /// More than was captured and not yet given back.
    RefundExceedsCapture { refundable: Money },
    /// The after-sale window is over.
    WindowClosed,
    /// The goods are neither in our hands nor in the buyer's: nothing to send back.
    NotDelivered,
    /// The units are in another case.
    AlreadyInCase,
    /// The pool of waybill numbers of this carrier is empty.
    NoWaybillLeft,
    /// The carrier does not collect at the parcel's warehouse.
    CarrierNotHere,
    /// No carrier in use can take the parcel.
    NoCarrierFits,
    /// The carrier that was named cannot take the parcel.
    CarrierUnfit { why: Vec<Unfit> },
    /// The waybill number is on another parcel, or was.
    WaybillUsed,
    /// The waybill number is another carrier's.
    WaybillOfAnother,
    /// No parcel waits for the carrier.
    NothingToHandOver,
    /// The parcel is not on this manifest any more.
    NotOnManifest,
    /// The parcel comes from another warehouse than the units are held in.
    WrongWarehouse,
    /// It cannot be packed, or its papers cannot be printed.
    Packing(PackingRefusal),
    /// The money is in another currency than the payment.
    CurrencyDiffers,
    /// No cash of this parcel is with a carrier.
    NothingOwed,
    /// The line of a remittance is booked for a parcel already.
    LineBooked,
    /// The parcel went with another carrier than the one that remits.
    CarrierDiffers,
    /// The parcel has an open exception of this kind already.
    ExceptionOpen { exception: ExceptionId },
    /// The list has no such task.
    UnknownTask,
    /// Something else was scanned than the task is about.
    WrongItem,
    /// So many pieces are wanted now, and not more: the others belong on the shelf.
    MoreThanWanted { left: i64 },
    /// Somebody else walks the list.
    ListOfAnother,
    /// There is a wave of that name, and something else was wanted of it.
    WaveDiffers,
    /// Nothing of these orders waits there to be picked, or it is on a list already.
    NotToPick { orders: Vec<OrderId> },
    /// Nothing that waits is what the wave wants.
    NothingToPick,
    /// Nothing of the order waits to be put back on the shelf there.
    NothingToPutAway,
    /// There is nothing to put into a statement.
    NothingToSettle,
    /// The merchant owes us: there is nothing to pay out.
    NothingToPayOut,
}

/// One fault of a request and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the request's body, as a URI fragment: `#/lines/0/sku`.
    pub pointer: String,
    pub what: FaultKind,
}

/// What is wrong at a place of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    UnknownSku,
    NotForSale,
    RepeatedSku,
    QuantityOutOfRange {
        at_most: i64,
    },
    TooManyLines {
        at_most: usize,
    },
    NoLines,
    UnknownMerchant,
    CurrencyDiffers,
    PriceDiffers {
        right: Money,
    },
    TotalDiffers {
        right: Money,
    },
    AmountOutOfRange,
    DiscountExceedsGoods,
    OutOfStock {
        sku: SkuId,
        available: i64,
    },
    NotAPhoneNumber,
    NotARegion,
    Missing,
    TooLong {
        at_most: usize,
    },
    OutOfRange {
        least: i64,
        most: i64,
    },
    Repeated,
    NotABarcode,
    NotAnEmail,
    UnknownWarehouse,
    /// Both or neither of two ways to say it.
    EitherOr {
        one: &'static str,
        other: &'static str,
    },
    /// This reason takes pieces away, or brings some.
    WrongDirection,
    /// It costs less than what it is to replace.
    WorthLess {
        at_least: Money,
    },
    /// Held pieces cannot go.
    LessThanHeld {
        held: i64,
    },
    /// The reason is not one that this caller may give.
    NotYourReason,
    /// The shop or the merchant is not paid at the door.
    CashNotOffered,
    /// Too much to be paid at the door.
    TooMuchCash {
        at_most: Money,
    },
    TooShort {
        at_least: usize,
    },
    /// Control characters, which no label and no message can carry.
    NotPlainText,
    NotACountry,
    NotAPostalCode,
    /// The list of divisions does not have it.
    UnknownRegion,
    /// Two levels of an address contradict one another.
    RegionsDiffer,
    NotATaxNumber,
    OnlyForCompanies,
    /// A name that is not in this basket.
    NotInBasket,
    TooManyPieces {
        at_most: i64,
    },
    AmountTooLarge {
        at_most: Money,
    },
    DiscountExceedsShipping,
    PointsExceedGoods,
    NotDeliveredThere {
        merchant: MerchantId,
    },
    StepsDisordered,
    TooManyUnpaid {
        at_most: i64,
    },
    NotARegistrationId,
    NotAnEvent,
    /// No carrier in use has this code.
    UnknownCarrier,
}

impl Fault {
    pub fn at(pointer: impl Into<String>, what: FaultKind) -> Self {
        Self { pointer: pointer.into(), what }
    }
}

impl FaultKind {
    /// The stable code.
    pub fn word(&self) -> &'static str {
        match self {
            Self::UnknownSku => "unknown_sku",
            Self::NotForSale => "not_for_sale",
            Self::RepeatedSku => "repeated_sku",
            Self::QuantityOutOfRange { .. } => "quantity_out_of_range",
            Self::TooManyLines { .. } => "too_many_lines",
            Self::NoLines => "no_lines",
            Self::UnknownMerchant => "unknown_merchant",
            Self::CurrencyDiffers => "currency_differs",
            Self::PriceDiffers { .. } => "price_differs",
            Self::TotalDiffers { .. } => "total_differs",
            Self::AmountOutOfRange => "amount_out_of_range",
            Self::DiscountExceedsGoods => "discount_exceeds_goods",
            Self::OutOfStock { .. } => "out_of_stock",
            Self::NotAPhoneNumber => "not_a_phone_number",
            Self::NotARegion => "not_a_region",
            Self::Missing => "missing",
            Self::TooLong { .. } => "too_long",
            Self::OutOfRange { .. } => "out_of_range",
            Self::Repeated => "repeated",
            Self::NotABarcode => "not_a_barcode",
            Self::NotAnEmail => "not_an_email",
            Self::UnknownWarehouse => "unknown_warehouse",
            Self::EitherOr { .. } => "either_or",
            Self::WrongDirection => "wrong_direction",
            Self::WorthLess { .. } => "worth_less",
            Self::LessThanHeld { .. } => "less_than_held",
            Self::NotYourReason => "not_your_reason",
            Self::CashNotOffered => "cash_not_offered",
            Self::TooMuchCash { .. } => "too_much_cash",
            Self::TooShort { .. } => "too_short",
            Self::NotPlainText => "not_plain_text",
            Self::NotACountry => "not_a_country",
            Self::NotAPostalCode => "not_a_postal_code",
            Self::UnknownRegion => "unknown_region",
            Self::RegionsDiffer => "regions_differ",
            Self::NotATaxNumber => "not_a_tax_number",
            Self::OnlyForCompanies => "only_for_companies",
            Self::NotInBasket => "not_in_basket",
            Self::TooManyPieces { .. } => "too_many_pieces",
            Self::AmountTooLarge { .. } => "amount_too_large",
            Self::DiscountExceedsShipping => "discount_exceeds_shipping",
            Self::PointsExceedGoods => "points_exceed_goods",
            Self::NotDeliveredThere { .. } => "not_delivered_there",
            Self::StepsDisordered => "steps_disordered",
            Self::TooManyUnpaid { .. } => "too_many_unpaid",
            Self::NotARegistrationId => "not_a_registration_id",
            Self::NotAnEvent => "not_an_event",
            Self::UnknownCarrier => "unknown_carrier",
        }
    }

    /// The limit that is passed, where it is a number.
    pub fn at_most(&self) -> Option<i64> {
        if let Self::QuantityOutOfRange { at_most }
        | Self::TooManyPieces { at_most }
        | Self::TooManyUnpaid { at_most } = self
        {
            Some(*at_most)
        } else if let Self::TooManyLines { at_most } | Self::TooLong { at_most } = self {
            i64::try_from(*at_most).ok()
        } else {
            None
        }
    }

    /// The request is well made but the shop's state is another than the caller believed: reading
    /// again and asking again can help.
    pub fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::PriceDiffers { .. }
                | Self::TotalDiffers { .. }
                | Self::OutOfStock { .. }
                | Self::LessThanHeld { .. }
                | Self::TooManyUnpaid { .. }
        )
    }
}

impl Refusal {
    /// The stable code.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Faulty(faults) => faults.first().map_or("faulty", |f| f.what.word()),
            Self::IllegalStep { .. } => "illegal_step",
            Self::TooManyUnits { .. } => "too_many_units",
            Self::UnitsPacked { .. } => "units_packed",
            Self::BeingPicked { .. } => "being_picked",
            Self::ShippingDiffers { .. } => "shipping_differs",
            Self::NotPaid => "not_paid",
            Self::Disputed => "disputed",
            Self::NobodyToAsk => "nobody_to_ask",
            Self::CarrierTakesNoCash => "carrier_takes_no_cash",
            Self::UnknownLine { .. } => "unknown_line",
            Self::NothingChosen => "nothing_chosen",
            Self::RefundExceedsCapture { .. } => "refund_exceeds_capture",
            Self::WindowClosed => "window_closed",
            Self::NotDelivered => "not_delivered",
            Self::AlreadyInCase => "already_in_case",
            Self::NoWaybillLeft => "no_waybill_left",
            Self::CarrierNotHere => "carrier_not_here",
            Self::NoCarrierFits => "no_carrier_fits",
            Self::CarrierUnfit { .. } => "carrier_unfit",
            Self::WaybillUsed => "waybill_used",
            Self::WaybillOfAnother => "waybill_of_another",
            Self::NothingToHandOver => "nothing_to_hand_over",
            Self::NotOnManifest => "not_on_manifest",
            Self::WrongWarehouse => "wrong_warehouse",
            Self::Packing(refusal) => refusal.word(),
            Self::CurrencyDiffers => "currency_differs",
            Self::NothingOwed => "nothing_owed",
            Self::LineBooked => "line_booked",
            Self::CarrierDiffers => "carrier_differs",
            Self::ExceptionOpen { .. } => "exception_open",
            Self::UnknownTask => "unknown_task",
            Self::WrongItem => "wrong_item",
            Self::MoreThanWanted { .. } => "more_than_wanted",
            Self::ListOfAnother => "list_of_another",
            Self::WaveDiffers => "wave_differs",
            Self::NotToPick { .. } => "not_to_pick",
            Self::NothingToPick => "nothing_to_pick",
            Self::NothingToPutAway => "nothing_to_put_away",
            Self::NothingToSettle => "nothing_to_settle",
            Self::NothingToPayOut => "nothing_to_pay_out",
        }
    }
}
