//! Words of our own on paper: captions in Chinese and English, amounts, weights, masked people.

use crate::{Part, Personal};
use domain::{Currency, Money};

pub const COLLECT: &str = "代收货款 COD";
pub const ORDER: &str = "订单 Order";
pub const PARCEL: &str = "包裹 Parcel";
pub const WEIGHT: &str = "重量 Weight";
pub const SLIP: &str = "装箱单 Packing slip";
pub const SKU: &str = "SKU";
pub const ITEM: &str = "商品 Item";
pub const QUANTITY: &str = "数量 Qty";
pub const AMOUNT: &str = "金额 Amount";
pub const PIECES: &str = "件数 Pieces";
pub const TOTAL: &str = "合计 Total";
pub const GIFT: &str = "礼物留言 Gift message";
/// 收件 and 寄件, as on every Chinese waybill.
pub const TO: [&str; 2] = ["收", "To"];
pub const FROM: [&str; 2] = ["寄", "From"];

/// `¥128.00`; any other currency by its code, since signs are shared: `USD 12.80`.
pub fn money(Money { minor, currency }: Money) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let digits = usize::try_from(currency.exponent()).unwrap_or_default();
    let number = decimal(minor.unsigned_abs(), digits);
    if currency == Currency::CNY {
        format!("{sign}¥{number}")
    } else {
        format!("{} {sign}{number}", currency.code())
    }
}

/// A whole number with its last digits behind a point.
fn decimal(number: u64, digits: usize) -> String {
    let text = format!("{number:0>width$}", width = digits + 1);
    match text.split_at_checked(text.len() - digits) {
        Some((whole, part)) if !part.is_empty() => format!("{whole}.{part}"),
        Some(_) | None => text,
    }
}

/// Grams as `1.25 kg`.
pub fn weight(grams: i64) -> String {
    let sign = if grams < 0 { "-" } else { "" };
    let number = decimal(grams.unsigned_abs(), 3);
    format!("{sign}{} kg", number.trim_end_matches('0').trim_end_matches('.'))
}

/// Where goods go that somebody sends back, for the end of a slip.
pub fn returns_to(address: &str) -> String {
    format!("退货地址 Returns to: {address}")
}

/// `1/2`.
pub fn part(Part { no, of }: Part) -> String {
    format!("{no}/{of}")
}

/// A name as it may be shown, in the form that all other views have.
pub fn name(name: &str, personal: Personal) -> String {
    match personal {
        Personal::Full => name.to_owned(),
        Personal::Masked => name.trim().chars().take(1).chain("**".chars()).collect(),
    }
}

/// A phone number as it may be shown: `138****8000`.
pub fn phone(phone: &str, personal: Personal) -> String {
    let phone = phone.trim();
    let count = phone.chars().count();
    let shown = |at: usize| at < count.saturating_sub(8) || at + 4 >= count;
    match personal {
        Personal::Full => phone.to_owned(),
        Personal::Masked => {
            phone.chars().enumerate().map(|(at, c)| if shown(at) { c } else { '*' }).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(minor: i64, code: &str) -> String {
        money(Money::new(minor, Currency::parse(code).unwrap()))
    }

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        for (minor, code, text) in [
            (12_800, "CNY", "¥128.00"),
            (5, "CNY", "¥0.05"),
            (-150, "CNY", "-¥1.50"),
            (1_280, "USD", "USD 12.80"),
            (1_280, "JPY", "JPY 1280"),
            (1_280, "KWD", "KWD 1.280"),
            (0, "CLF", "CLF 0.0000"),
            (i64::MIN, "JPY", "JPY -9223372036854775808"),
        ] {
            assert_eq!(of(minor, code), text);
        }
    }

    #[test]
    fn weights_are_in_kilograms() {
        for (grams, text) in
            [(1_250, "1.25 kg"), (80, "0.08 kg"), (2_000, "2 kg"), (10_000, "10 kg"), (0, "0 kg")]
        {
            assert_eq!(weight(grams), text);
        }
    }

    #[test]
    fn a_masked_person_can_be_recognised_and_not_called() {
        assert_eq!(name("王小明", Personal::Masked), "王**");
        assert_eq!(phone("13800138000", Personal::Masked), "138****8000");
        assert_eq!(phone("+8613800138000", Personal::Masked), "+86138****8000");
        assert_eq!(phone("12345", Personal::Masked), "*2345");
        assert_eq!(phone("13800138000", Personal::Full), "13800138000");
    }
}
