//! Stripe's integers and ours: Stripe counts some currencies in another minor unit than ISO 4217.
//!
//! Nothing is rounded: an amount that the other side cannot say exactly is refused.
//! Source: docs.stripe.com/currencies, "zero-decimal", "three-decimal" and "special cases".

use domain::{Currency, LARGEST_MINOR, Money};

/// Counted in whole units, also where ISO has a minor unit (MGA).
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
/// Counted in thousandths, but the last digit must be zero.
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// Whole units in ISO, hundredths at Stripe whose digits must be zero.
const PADDED: [&str; 2] = ["ISK", "UGX"];

/// How many decimal digits Stripe's integer has. `None` for a currency that Stripe does not take.
fn exponent(currency: Currency) -> Option<u32> {
    let code = currency.code();
    if WHOLE.contains(&code) {
        Some(0)
    } else if THOUSANDTHS.contains(&code) {
        Some(3)
    } else if PADDED.contains(&code) || currency.exponent() == 2 {
        Some(2)
    } else {
        None
    }
}

/// Why an amount cannot be said in the other form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotAnAmount {
    #[error("{0:?} is not a currency of Stripe's")]
    Currency(String),
    #[error("{0} is out of range")]
    Range(i64),
    #[error("{0} is not a whole number of {1} on the other side")]
    Fraction(i64, String),
}

/// Stripe's integer and lower-case code as our money.
pub(super) fn ours(amount: i64, currency: &str) -> Result<Money, NotAnAmount> {
    let unknown = || NotAnAmount::Currency(currency.chars().take(8).collect());
    if currency.bytes().any(|b| !b.is_ascii_lowercase()) {
        return Err(unknown());
    }
    let parsed = Currency::parse(&currency.to_ascii_uppercase()).map_err(|_| unknown())?;
    let theirs = exponent(parsed).ok_or_else(unknown)?;
    let minor = shift(amount, theirs, parsed.exponent(), parsed)?;
    Ok(Money::new(minor, parsed))
}

/// Our money as Stripe's integer and lower-case code.
pub(super) fn theirs(money: Money) -> Result<(i64, String), NotAnAmount> {
    let code = money.currency.code();
    let theirs = exponent(money.currency).ok_or_else(|| NotAnAmount::Currency(code.to_owned()))?;
    let amount = shift(money.minor, money.currency.exponent(), theirs, money.currency)?;
    if theirs == 3 && amount % 10 != 0 {
        return Err(NotAnAmount::Fraction(money.minor, code.to_owned()));
    }
    Ok((amount, code.to_ascii_lowercase()))
}

/// The same amount with `to` decimal digits instead of `from`.
fn shift(amount: i64, from: u32, to: u32, currency: Currency) -> Result<i64, NotAnAmount> {
    if !(0..=LARGEST_MINOR).contains(&amount) {
        return Err(NotAnAmount::Range(amount));
    }
    let shifted = if to >= from {
        amount.checked_mul(10_i64.pow(to - from))
    } else {
        let unit = 10_i64.pow(from - to);
        if amount % unit != 0 {
            return Err(NotAnAmount::Fraction(amount, currency.code().to_owned()));
        }
        Some(amount / unit)
    };
    shifted.filter(|s| *s <= LARGEST_MINOR).ok_or(NotAnAmount::Range(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripe_counts_some_currencies_in_another_unit_than_iso() {
        // (Stripe's integer, currency, our minor units)
        let same = [
            (12_800, "usd", 12_800),
            (500, "jpy", 500),
            (5, "mga", 500),
            (500, "isk", 5),
            (500, "ugx", 5),
            (5_120, "kwd", 5_120),
            (0, "cny", 0),
        ];
        for (amount, code, minor) in same {
            let money = ours(amount, code).unwrap();
            assert_eq!(money.minor, minor, "{code}");
            assert_eq!(theirs(money), Ok((amount, code.to_owned())));
        }
    }

    #[test]
    fn an_amount_that_the_other_side_cannot_say_is_refused() {
        assert!(matches!(ours(501, "isk"), Err(NotAnAmount::Fraction(..))));
        assert!(matches!(ours(-1, "usd"), Err(NotAnAmount::Range(-1))));
        assert!(matches!(ours(i64::MAX, "usd"), Err(NotAnAmount::Range(_))));
        assert!(matches!(ours(LARGEST_MINOR, "mga"), Err(NotAnAmount::Range(_))));
        for code in ["USD", "", "us", "xyz", "clf", "iqd"] {
            assert!(matches!(ours(1, code), Err(NotAnAmount::Currency(_))), "{code}");
        }
        let money = |minor, code| Money::new(minor, Currency::parse(code).unwrap());
        assert!(matches!(theirs(money(5_121, "KWD")), Err(NotAnAmount::Fraction(..))));
        assert!(matches!(theirs(money(501, "MGA")), Err(NotAnAmount::Fraction(..))));
    }
}
