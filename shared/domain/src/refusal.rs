//! Every way the business says no. One word each; the word is the stable code that clients see.

use crate::{Action, Money, SkuId};

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
    /// The parcel comes from another warehouse than the units are held in.
    WrongWarehouse,
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
    NotAnAddress,
    UnknownWarehouse,
    /// Both or neither of two ways to say it.
    EitherOr {
        one: &'static str,
        other: &'static str,
    },
    /// This reason takes pieces away, or brings some.
    WrongDirection,
    /// Held pieces cannot go.
    LessThanHeld {
        held: i64,
    },
    /// The reason is not one that this caller may give.
    NotYourReason,
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
            Self::NotAnAddress => "not_an_address",
            Self::UnknownWarehouse => "unknown_warehouse",
            Self::EitherOr { .. } => "either_or",
            Self::WrongDirection => "wrong_direction",
            Self::LessThanHeld { .. } => "less_than_held",
            Self::NotYourReason => "not_your_reason",
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
            Self::UnknownLine { .. } => "unknown_line",
            Self::NothingChosen => "nothing_chosen",
            Self::RefundExceedsCapture { .. } => "refund_exceeds_capture",
            Self::WindowClosed => "window_closed",
            Self::NotDelivered => "not_delivered",
            Self::AlreadyInCase => "already_in_case",
            Self::NoWaybillLeft => "no_waybill_left",
            Self::CarrierNotHere => "carrier_not_here",
            Self::WrongWarehouse => "wrong_warehouse",
            Self::NothingToSettle => "nothing_to_settle",
            Self::NothingToPayOut => "nothing_to_pay_out",
        }
    }
}
