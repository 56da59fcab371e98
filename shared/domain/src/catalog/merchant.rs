//! Who sells, and on which terms.

use super::{Faults, yes};
use crate::{Fault, FaultKind, MerchantId};
use serde::{Deserialize, Serialize};

/// Who sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    pub id: MerchantId,
    pub name: String,
    /// A retired merchant sells nothing new; what was sold goes on to its end.
    #[serde(default = "yes")]
    pub active: bool,
    /// The platform's share of what the buyer paid for goods, in basis points.
    pub commission_bp: u32,
    /// What the platform takes per order, in minor units.
    #[serde(default)]
    pub service_fee_minor: i64,
    /// How often a statement is made.
    #[serde(default)]
    pub account_period: AccountPeriod,
    /// Where buyers send goods back to.
    pub return_address: String,
    /// Whom the platform calls.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    #[serde(default)]
    pub shipping: ShippingTerms,
    /// Buyers may pay the courier.
    #[serde(default)]
    pub cash_on_delivery: bool,
}

/// The period that a merchant's statement is about (账期).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum AccountPeriod {
    Daily,
    Weekly,
    HalfMonthly,
    #[default]
    Monthly,
}

/// Somebody at the merchant's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub name: String,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
}

/// What a merchant takes for shipping one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct ShippingTerms {
    #[serde(default)]
    pub fee_minor: i64,
    /// Orders of goods of at least this are shipped for nothing.
    #[serde(default)]
    pub free_from_minor: Option<i64>,
}

/// People of one merchant that are kept.
const CONTACTS_AT_MOST: usize = 20;

impl Merchant {
    /// What can never be, each fault with its place.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        faults.text("#/name", &self.name, 100);
        faults.range("#/commission_bp", i64::from(self.commission_bp), 0, 10_000);
        faults.amount("#/service_fee_minor", self.service_fee_minor);
        faults.text("#/return_address", &self.return_address, 300);
        faults.amount("#/shipping/fee_minor", self.shipping.fee_minor);
        if let Some(from) = self.shipping.free_from_minor {
            faults.amount("#/shipping/free_from_minor", from);
        }
        if self.contacts.len() > CONTACTS_AT_MOST {
            faults.add("#/contacts", FaultKind::TooLong { at_most: CONTACTS_AT_MOST });
        }
        for (i, contact) in self.contacts.iter().enumerate() {
            contact.check(&format!("#/contacts/{i}"), &mut faults);
        }
        faults.0
    }
}

impl Contact {
    fn check(&self, place: &str, faults: &mut Faults) {
        faults.text(format!("{place}/name"), &self.name, 50);
        if self.phone.as_deref().is_some_and(|p| !can_be_dialled(p)) {
            faults.add(format!("{place}/phone"), FaultKind::NotAPhoneNumber);
        }
        if self.email.as_deref().is_some_and(|e| !can_be_written_to(e)) {
            faults.add(format!("{place}/email"), FaultKind::NotAnEmail);
        }
    }
}

/// Mobile, landline or abroad, as people write it: only its signs are looked at.
fn can_be_dialled(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let sign = |c: char| c.is_ascii_digit() || "+-() ".contains(c);
    (5..=20).contains(&digits) && text.len() <= 32 && text.chars().all(sign)
}

/// One `@` with something before it and a dotted name after it (RFC 5321 allows 254 characters).
fn can_be_written_to(text: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    let (name, host) = text.split_once('@').unwrap_or_default();
    text.len() <= 254 && plain(name) && plain(host) && host.contains('.') && !host.contains('@')
}
