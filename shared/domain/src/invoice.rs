//! What a buyer wants written: an invoice (发票) in somebody's name, and words with a gift.

use crate::{Fault, FaultKind};
use serde::{Deserialize, Serialize};

/// A request for an invoice. Its wording is the buyer's; the tax authority's number comes later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invoice {
    pub to: InvoiceTo,
    #[serde(default)]
    pub kind: InvoiceKind,
    /// In whose name (抬头), 2 to 100 characters.
    pub title: String,
    /// 纳税人识别号; a company's must be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_no: Option<String>,
    /// Where an electronic invoice is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceTo {
    Person,
    Company,
}

/// 普通发票, or 专用发票, whose tax a company deducts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceKind {
    #[default]
    Ordinary,
    Special,
}

/// Goods for somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gift {
    /// A card's text, 200 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// No prices on what lies in the parcel.
    #[serde(default)]
    pub hide_prices: bool,
}

const TITLE: std::ops::RangeInclusive<usize> = 2..=100;
const MESSAGE_AT_MOST: usize = 200;
const EMAIL_AT_MOST: usize = 254;

impl Invoice {
    /// The request with its tax number in one form, or every fault with its place below `at`.
    pub fn checked(&self, at: &str) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, what| faults.push(Fault::at(format!("{at}/{field}"), what));
        let title = self.title.trim().to_owned();
        match title.chars().count() {
            0 => fault("title", FaultKind::Missing),
            n if n < *TITLE.start() => {
                fault("title", FaultKind::TooShort { at_least: *TITLE.start() });
            }
            n if n > *TITLE.end() => fault("title", FaultKind::TooLong { at_most: *TITLE.end() }),
            _ if title.contains(char::is_control) => fault("title", FaultKind::NotPlainText),
            _ => {}
        }
        let number = self.tax_no.as_ref().map(|text| text.trim().to_uppercase());
        let tax_no = number.filter(|text| !text.is_empty());
        match (&tax_no, self.to) {
            (Some(number), _) if !is_tax_number(number) => {
                fault("tax_no", FaultKind::NotATaxNumber);
            }
            (None, InvoiceTo::Company) => fault("tax_no", FaultKind::Missing),
            (Some(_), _) | (None, InvoiceTo::Person) => {}
        }
        if (self.kind, self.to) == (InvoiceKind::Special, InvoiceTo::Person) {
            fault("kind", FaultKind::OnlyForCompanies);
        }
        if self.email.as_ref().is_some_and(|text| !is_email(text)) {
            fault("email", FaultKind::NotAnEmail);
        }
        let email = self.email.clone();
        let checked = Self { to: self.to, kind: self.kind, title, tax_no, email };
        if faults.is_empty() { Ok(checked) } else { Err(faults) }
    }
}

impl Gift {
    pub fn faults(&self, at: &str) -> Option<Fault> {
        let long = self.message.as_ref().is_some_and(|m| m.chars().count() > MESSAGE_AT_MOST);
        let what = FaultKind::TooLong { at_most: MESSAGE_AT_MOST };
        long.then(|| Fault::at(format!("{at}/message"), what))
    }
}

/// Signs of a unified social credit code, each worth its place (GB 32100-2015: no I, O, S, V, Z).
const SIGNS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A unified social credit code (18 signs, the last one checks the others), or one of the older
/// numbers: 15 of a company, 20 of a person's business.
pub fn is_tax_number(text: &str) -> bool {
    let digits = |part: Option<&str>| {
        part.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    };
    let signs = text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    match text.len() {
        15 => signs && digits(text.get(..6)),
        18 => checks(text) && digits(text.get(2..8)),
        20 => signs && digits(text.get(..17)),
        _ => false,
    }
}

/// GB 32100-2015: weighted by the powers of 3 modulo 31, all signs together make 0.
fn checks(text: &str) -> bool {
    let (mut weight, mut sum) = (1, 0);
    for (place, sign) in text.bytes().enumerate() {
        let Some(worth) = SIGNS.iter().position(|known| *known == sign) else { return false };
        // The last sign is what the others lack.
        sum += worth * if place < 17 { weight } else { 1 };
        weight = weight * 3 % SIGNS.len();
    }
    sum.is_multiple_of(SIGNS.len())
}

/// One `@`, something before it, a name with a dot behind it, no spaces. Whether somebody reads it
/// shows when it is sent.
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let label = |l: &str| {
        let sign = |c: char| c.is_alphanumeric() || c == '-';
        !l.is_empty() && l.len() <= 63 && l.chars().all(sign) && !l.starts_with('-')
    };
    text.len() <= EMAIL_AT_MOST
        && (1..=64).contains(&local.len())
        && !local.contains(|c: char| c.is_whitespace() || c.is_control() || "@,;<>()\"".contains(c))
        && host.contains('.')
        && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tax_number_is_known_by_its_form() {
        for number in ["91350100M000100Y43", "310115123456789", "11010519491231002X00"] {
            assert!(is_tax_number(number), "{number}");
        }
        let worth = |sign: u8| SIGNS.iter().position(|s| *s == sign).unwrap();
        // Every code has exactly one last sign that checks.
        for body in ["91310115MA1K35J00", "91330106123456789", "52110000500000001"] {
            let codes = SIGNS.iter().map(|sign| format!("{body}{}", char::from(*sign)));
            let right: Vec<String> = codes.filter(|code| is_tax_number(code)).collect();
            assert_eq!(right.len(), 1, "{right:?}");
            // Any one sign changed, or two neighbours swapped, and it checks no more.
            let code = right[0].as_bytes();
            for at in 8..17 {
                let mut other = code.to_vec();
                other[at] = SIGNS[(worth(other[at]) + 1) % 31];
                assert!(!is_tax_number(std::str::from_utf8(&other).unwrap()));
            }
        }
        let wrong = ["", "9135010", "91350100M000100Y44", "91350100m000100y43", "９1350100M00Y43"];
        for wrong in wrong {
            assert!(!is_tax_number(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_email_has_two_sides() {
        for right in ["a@b.cn", "li.lei+tax@mail.example.com", "发票@例子.中国"] {
            assert!(is_email(right), "{right}");
        }
        for wrong in ["", "a", "@b.cn", "a@", "a@b", "a b@c.cn", "a@b..cn", "a@-b.cn", "a@b.c "] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }
}
