//! Money: integer minor units of an ISO 4217 currency, and its division without losing a cent.
//!
//! There are no floats and no rounding here except where a rate is applied, and there the rule is
//! named. What decimal form a partner uses is that partner's file's business.

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency with a minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// ISO 4217 list one, active currencies (2024). Metals, funds and testing codes have no minor unit
/// and are left out.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB \
    BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN \
    ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD \
    JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT \
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR \
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND \
    TOP TRY TTD TWD TZS UAH UGX USD UYU UYW UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW";
const WITHOUT_MINOR: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
const THOUSANDTHS: &str = "BHD IQD JOD KWD LYD OMR TND";
const TEN_THOUSANDTHS: &str = "CLF UYW";

fn lists(codes: &str, code: &str) -> bool {
    codes.split_ascii_whitespace().any(|c| c == code)
}

/// The text is not the code of a currency in ISO 4217.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an ISO 4217 currency")]
pub struct NotACurrency(pub String);

impl Currency {
    pub const CNY: Self = Self(*b"CNY");

    /// Reads a code: three capital letters of ISO 4217.
    pub fn parse(code: &str) -> Result<Self, NotACurrency> {
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(bytes) if lists(CODES, code) => Ok(Self(bytes)),
            Ok(_) | Err(_) => Err(NotACurrency(code.chars().take(16).collect())),
        }
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimal digits the minor unit has: 2 for CNY, 0 for JPY, 3 for KWD.
    pub fn exponent(&self) -> u32 {
        let code = self.code();
        if lists(WITHOUT_MINOR, code) {
            0
        } else if lists(THOUSANDTHS, code) {
            3
        } else if lists(TEN_THOUSANDTHS, code) {
            4
        } else {
            2
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = NotACurrency;
    fn try_from(code: String) -> Result<Self, NotACurrency> {
        Self::parse(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

/// An amount of money. In JSON `{"amount":12800,"currency":"CNY"}`: 128 yuan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    #[serde(rename = "amount")]
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
}

/// No single amount in the system is larger, so no sum of those we make can leave an `i64`.
pub const LARGEST_MINOR: i64 = 1_000_000_000_000_000;

/// Divides `total` (not negative) by `weights` without losing a minor unit: everybody gets the
/// whole part of the exact share, and what is left goes one each to the largest remainders, the
/// first of equals first (Hamilton's method). With no weight at all the division is even.
pub fn allocate(total: i64, weights: &[i64]) -> Vec<i64> {
    let weight = |w: &i64| i128::from((*w).max(0));
    let sum: i128 = weights.iter().map(weight).sum();
    if sum == 0 {
        let count = i64::try_from(weights.len()).unwrap_or(i64::MAX);
        return (0..count).map(|i| share_of_unit(total, count, i)).collect();
    }
    let exact = |w: &i64| i128::from(total) * weight(w);
    let mut shares: Vec<i64> =
        weights.iter().map(|w| i64::try_from(exact(w) / sum).unwrap_or(0)).collect();
    let left = total - shares.iter().sum::<i64>();
    let mut order: Vec<(i128, usize)> =
        weights.iter().enumerate().map(|(i, w)| (-(exact(w) % sum), i)).collect();
    order.sort_unstable();
    for (_, i) in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(share) = shares.get_mut(i) {
            *share += 1;
        }
    }
    shares
}

/// What unit number `index` (from 0) of `quantity` carries of `total`: even shares, the first ones
/// one minor unit larger where it does not divide. This is [`allocate`] with equal weights.
pub fn share_of_unit(total: i64, quantity: i64, index: i64) -> i64 {
    if quantity <= 0 {
        return 0;
    }
    total.div_euclid(quantity) + i64::from(index < total.rem_euclid(quantity))
}

/// What `count` units from number `first` on carry together of `total` over `quantity` units.
pub fn share_of_units(total: i64, quantity: i64, first: i64, count: i64) -> i64 {
    if quantity <= 0 {
        return 0;
    }
    let (each, larger) = (total.div_euclid(quantity), total.rem_euclid(quantity));
    let larger_among = (larger.min(first + count) - larger.min(first)).max(0);
    each * count + larger_among
}

/// `amount` at a rate in basis points (1/10,000), a half rounded away from zero.
pub fn at_rate(amount: i64, basis_points: u32) -> i64 {
    let exact = i128::from(amount) * i128::from(basis_points);
    let half = if exact < 0 { -5_000 } else { 5_000 };
    i64::try_from((exact + half) / 10_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ten_off_three_equal_lines_loses_nothing() {
        assert_eq!(allocate(1_000, &[3_000, 3_000, 3_000]), vec![334, 333, 333]);
        assert_eq!(allocate(5, &[0, 0]), vec![3, 2]);
        assert_eq!(allocate(0, &[]), Vec::<i64>::new());
    }

    #[test]
    fn currencies_know_their_exponent() {
        let exponent = |code| Currency::parse(code).map(|c| c.exponent());
        assert_eq!(exponent("CNY"), Ok(2));
        assert_eq!(exponent("JPY"), Ok(0));
        assert_eq!(exponent("KWD"), Ok(3));
        assert_eq!(exponent("CLF"), Ok(4));
        assert!(exponent("XAU").is_err() && exponent("cny").is_err() && exponent("").is_err());
    }

    proptest! {
        #[test]
        fn shares_add_up_to_the_total(
            total in 0..LARGEST_MINOR,
            weights in prop::collection::vec(0..LARGEST_MINOR, 1..50),
        ) {
            let shares = allocate(total, &weights);
            prop_assert_eq!(shares.iter().sum::<i64>(), total);
            prop_assert!(shares.iter().all(|s| *s >= 0));
        }

        #[test]
        fn any_order_of_partial_refunds_sums_to_the_whole(
            total in 0..LARGEST_MINOR,
            steps in prop::collection::vec(1i64..20, 1..20),
        ) {
            let quantity: i64 = steps.iter().sum();
            let mut first = 0;
            let mut given = 0;
            for count in steps {
                let by_unit: i64 =
                    (first..first + count).map(|i| share_of_unit(total, quantity, i)).sum();
                let at_once = share_of_units(total, quantity, first, count);
                prop_assert_eq!(by_unit, at_once);
                given += at_once;
                first += count;
            }
            prop_assert_eq!(given, total);
        }
    }
}
