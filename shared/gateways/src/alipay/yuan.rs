//! Amounts as Alipay writes them: decimal yuan. Nothing is rounded.
//!
//! It knows no field and no other currency.

use crate::Unheard;
use crate::json::unreadable;
use domain::{Currency, Money};

/// `128`, `128.0` and `128.00` are 12800 fen; a third digit, a sign or an exponent is refused.
pub(super) fn read(text: &str, path: &str) -> Result<Money, Unheard> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let fen = (digits(whole, 13) && digits(fraction, 2))
        .then(|| format!("{whole}{fraction:0<2}").parse::<i64>().ok())
        .flatten();
    let fen = fen.ok_or_else(|| unreadable(path, "not an amount in yuan"))?;
    Ok(Money::new(fen, Currency::CNY))
}

/// `28.00`. `fen` is not negative.
pub(super) fn write(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_are_read_to_the_fen_and_never_rounded() {
        let cases = [("128.00", 12_800), ("128", 12_800), ("0.1", 10), ("0.01", 1), ("0.00", 0)];
        for (text, fen) in cases {
            assert_eq!(read(text, "x"), Ok(Money::new(fen, Currency::CNY)), "{text}");
        }
        let bad =
            ["", ".", "1.", ".5", "1.005", "-1", "+1", "1e2", "1,000", " 1", "12345678901234"];
        for text in bad {
            assert!(read(text, "x").is_err(), "{text}");
        }
        assert_eq!(write(2_800), "28.00");
        assert_eq!(write(7), "0.07");
    }
}
