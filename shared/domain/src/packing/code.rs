//! What scanners read: codes of goods, and serial numbers of single pieces.

use crate::NotAnId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A manufacturer's number of one piece: printable ASCII without spaces, 1 to 64.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Serial(String);

impl Serial {
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        if (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId { what: "a serial number", text: text.chars().take(64).collect() })
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Serial {
    type Error = NotAnId;
    fn try_from(text: String) -> Result<Self, NotAnId> {
        Self::parse(&text)
    }
}

impl From<Serial> for String {
    fn from(serial: Serial) -> Self {
        serial.0
    }
}

/// Lengths of a GTIN. A shorter one is a longer one with zeros before it (GS1 General
/// Specifications, 3.3.2), and scanners differ in which they tell.
const GTINS: [usize; 4] = [8, 12, 13, 14];

/// All ways to write the same code: one that could be a GTIN in each length that it fits in.
pub fn barcode_forms(code: &str) -> Vec<String> {
    let digits = code.bytes().all(|b| b.is_ascii_digit());
    if !digits || !GTINS.contains(&code.len()) {
        return vec![code.to_owned()];
    }
    let long = format!("{code:0>14}");
    let forms = GTINS.iter().filter_map(|length| long.split_at_checked(14 - length));
    let whole = forms.filter(|(zeros, _)| zeros.bytes().all(|b| b == b'0'));
    whole.map(|(_, rest)| rest.to_owned()).collect()
}

/// Whether two codes say the same.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one == other || barcode_forms(one).iter().any(|form| form == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_gtin_is_a_long_one_with_zeros() {
        assert!(is_same("036000291452", "0036000291452"));
        assert!(is_same("0036000291452", "036000291452"));
        assert!(is_same("00000096385074", "96385074"));
        assert!(!is_same("4006381333931", "14006381333938"));
        assert_eq!(barcode_forms("TEE-1"), ["TEE-1"]);
        assert_eq!(barcode_forms("123"), ["123"], "no GTIN has three digits");
        assert_eq!(barcode_forms("4006381333931"), ["4006381333931", "04006381333931"]);
    }

    #[test]
    fn a_serial_number_is_printable_and_has_an_end() {
        for right in ["SN-1", "A/7#x", "1"] {
            assert_eq!(Serial::parse(right).unwrap().as_str(), right);
        }
        for wrong in ["", "a b", "\u{8336}", "a\n", &"x".repeat(65)] {
            assert!(Serial::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
