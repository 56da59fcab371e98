//! Identifiers. Each kind of thing has its own type, so an order's id cannot be passed where a
//! payment's is wanted. An id tells its kind (`ord_…`) and sorts by the time it was made, because
//! its 128 bits are a UUID version 7 (RFC 9562), which come from outside: the domain makes none.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where new identifiers come from: 128 bits that sort by time and never repeat (UUID version 7).
pub trait Ids {
    fn next(&mut self) -> u128;
}

impl<F: FnMut() -> u128> Ids for F {
    fn next(&mut self) -> u128 {
        self()
    }
}

/// The text is not an identifier of that kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}")]
pub struct NotAnId {
    pub what: &'static str,
    pub text: String,
}

macro_rules! minted {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A new one.
            pub fn mint(ids: &mut dyn Ids) -> Self {
                Self(format!(concat!($prefix, "_{:032x}"), ids.next()))
            }

            /// Reads one: the prefix and 32 hexadecimal digits in lower case.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                let digits = text.strip_prefix(concat!($prefix, "_")).unwrap_or_default();
                let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                if digits.len() == 32 && digits.bytes().all(hex) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NotAnId { what: concat!("an id like ", $prefix, "_…"), text: clip(text) })
                }
            }
        }
        text_newtype!($name);
    };
}

/// Names that people or partners choose: letters, digits and `- _ . :`, 1 to 64 of them.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads one: 1 to 64 of letters, digits, `-`, `_`, `.` and `:`.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                let fits = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
                if (1..=64).contains(&text.len()) && text.chars().all(fits) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NotAnId { what: $what, text: clip(text) })
                }
            }
        }
        text_newtype!($name);
    };
}

macro_rules! text_newtype {
    ($name:ident) => {
        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

fn clip(text: &str) -> String {
    text.chars().take(64).collect()
}

minted!(/** What a buyer pays for at once (交易单). */ PurchaseId, "pur");
minted!(/** One merchant's part of a purchase (订单). */ OrderId, "ord");
minted!(/** What must be paid, and what gateways told about it (支付单). */ PaymentId, "pay");
minted!(/** One refund; gateways get it as the stable refund number. */ RefundId, "ref");
minted!(/** Money that came and that nothing explains (挂账). */ SuspenseId, "sus");
minted!(/** What one waybill carries (包裹). */ ParcelId, "pcl");
minted!(/** What a driver takes at one time (交接单). */ ManifestId, "mnf");
minted!(/** Goods of an order that are scanned into a parcel (复核). */ PackingId, "pkg");
minted!(/** What one picker picks in one walk (拣货单). */ PickListId, "pkl");
minted!(/** An after-sale case (售后单). */ CaseId, "case");
minted!(/** Something that went wrong with a parcel (异常件). */ ExceptionId, "exc");
minted!(/** What a merchant is owed for a period (结算单). */ StatementId, "stm");
minted!(/** Stock that somebody adjusted. */ AdjustmentId, "adj");
minted!(/** One message to a partner; also their idempotency key. */ MessageId, "msg");
minted!(/** A merchant's webhook endpoint. */ EndpointId, "whe");
named!(/** A merchant's account name, chosen by the shop. */ MerchantId, "a merchant id");
named!(/** A warehouse's code. */ WarehouseId, "a warehouse code");
named!(/** A kind of box, by the warehouse's name for it. */ BoxId, "a box code");
named!(/** A stock keeping unit, unique across merchants. */ SkuId, "an SKU");
named!(/** Orders picked together (波次), by the name a warehouse gives. */ WaveId, "a wave");
named!(/** A buyer, as the shop's own accounts call them. */ BuyerId, "a buyer id");
named!(/** A payment gateway: `stripe`, `wechatpay`, … */ GatewayName, "a gateway name");
named!(/** A way to pay within a gateway: `card`, `konbini`, … */ MethodName, "a payment method");
named!(/** A carrier, by Kuaidi100's code: `yuantong`, … */ CarrierCode, "a carrier code");
named!(/** A carrier's number of a transfer of cash. */ RemittanceNo, "a remittance number");
named!(/** A waybill number (运单号). */ Waybill, "a waybill number");

impl GatewayName {
    pub const CASH: &str = "cash_on_delivery";

    /// What stands for a gateway where the buyer pays the courier.
    pub fn cash() -> Self {
        Self(Self::CASH.to_owned())
    }

    pub fn is_cash(&self) -> bool {
        self.0 == Self::CASH
    }
}

/// The order number that people read out: the day and seven signs without look-alikes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderNumber(String);

impl OrderNumber {
    /// Digits and letters that cannot be taken for one another on paper or on the phone.
    const SIGNS: &[u8; 28] = b"23456789ABCDEFGHJKMNPQRSTVWX";

    /// `yymmdd-` of the day in UTC, and seven signs drawn from the low bits of a fresh id.
    pub fn mint(ids: &mut dyn Ids, now: crate::Millis) -> Self {
        let mut rest = ids.next() & u128::from(u64::MAX >> 2);
        let mut text = now.yymmdd();
        text.push('-');
        for _ in 0..7 {
            let sign = usize::try_from(rest % 28).unwrap_or(0);
            text.push(char::from(Self::SIGNS.get(sign).copied().unwrap_or(b'2')));
            rest /= 28;
        }
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_kind_and_is_refused_as_another() {
        let id = OrderId::mint(&mut || 7);
        assert_eq!(id.as_str(), "ord_00000000000000000000000000000007");
        assert!(PaymentId::parse(id.as_str()).is_err());
        assert!(OrderId::parse("ord_0000000000000000000000000000000G").is_err());
        assert_eq!(OrderId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn a_name_has_no_spaces_and_an_end() {
        assert!(SkuId::parse("TEE-RED-M").is_ok());
        assert!(SkuId::parse("").is_err());
        assert!(SkuId::parse("a b").is_err());
        assert!(SkuId::parse(&"x".repeat(65)).is_err());
    }
}
