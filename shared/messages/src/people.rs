//! Amounts, times and names as people write them. The day and the hour are Beijing's for readers of
//! Chinese, and UTC's for all others, who may be anywhere.

use chrono::{DateTime, Utc};
use domain::{CancelReason, CarrierCode, HOUR, Language, Millis, Money};

/// `¥1,280.00`; other currencies by their code: `USD 12.80`.
pub fn money(amount: Money) -> String {
    let exponent = usize::try_from(amount.currency.exponent()).unwrap_or(2);
    let digits = format!("{:0>1$}", amount.minor.unsigned_abs(), exponent + 1);
    let (whole, rest) = digits.split_at(digits.len() - exponent);
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if exponent == 0 { "" } else { "." };
    let sign = if amount.minor < 0 { "-" } else { "" };
    match amount.currency.code() {
        "CNY" => format!("{sign}¥{grouped}{point}{rest}"),
        code => format!("{code} {sign}{grouped}{point}{rest}"),
    }
}

/// `3月4日 17:00` in Beijing, or `4 Mar 2026, 09:00 UTC`.
pub fn time(at: Millis, language: Language) -> String {
    let utc = |at: Millis| DateTime::<Utc>::from_timestamp_millis(at.0).unwrap_or_default();
    match language {
        Language::ZhCn => utc(at.plus(8 * HOUR)).format("%-m月%-d日 %H:%M").to_string(),
        Language::En => utc(at).format("%-d %b %Y, %H:%M UTC").to_string(),
    }
}

/// What people call a carrier; its code where we know no name. Codes are Kuaidi100's.
pub fn carrier(code: &CarrierCode, language: Language) -> String {
    let (chinese, english) = match code.as_str() {
        "shunfeng" => ("顺丰速运", "SF Express"),
        "yuantong" => ("圆通速递", "YTO Express"),
        "zhongtong" => ("中通快递", "ZTO Express"),
        "shentong" => ("申通快递", "STO Express"),
        "yunda" => ("韵达快递", "Yunda Express"),
        "jtexpress" => ("极兔速递", "J&T Express"),
        "jd" => ("京东物流", "JD Logistics"),
        "ems" => ("EMS", "EMS"),
        "youzhengguonei" => ("中国邮政", "China Post"),
        "debangkuaidi" => ("德邦快递", "Deppon"),
        other => (other, other),
    };
    match language {
        Language::ZhCn => chinese.to_owned(),
        Language::En => english.to_owned(),
    }
}

/// Why an order, or some of it, was cancelled, to its buyer. What they said themselves is not told
/// back to them in detail.
pub fn reason(why: &CancelReason, language: Language) -> &'static str {
    let (chinese, english) = match why {
        CancelReason::Unpaid => ("超时未付款", "it was not paid in time"),
        CancelReason::Unconfirmed => ("未能确认订单", "it could not be confirmed"),
        CancelReason::RefusedAtDoor => ("包裹被拒收", "its parcel was not taken"),
        CancelReason::LostByCarrier => ("包裹在运输途中丢失", "its carrier lost it"),
        CancelReason::ReturnedToSender => ("包裹未能送达", "its parcel could not be delivered"),
        CancelReason::ShortPick => ("仓库未能找到商品", "it was not found in the warehouse"),
        CancelReason::BuyerAsked
        | CancelReason::ChangedMind
        | CancelReason::WrongAddress
        | CancelReason::OrderedTwice
        | CancelReason::CheaperElsewhere
        | CancelReason::TooSlow => ("您申请了取消", "you asked for it"),
        CancelReason::MerchantAsked => ("商家无法供货", "the merchant could not supply it"),
        CancelReason::OutOfStock => ("商品缺货", "it is out of stock"),
        CancelReason::CannotDeliver => ("无法送达该地址", "it cannot be delivered there"),
        CancelReason::WrongPrice => ("价格标注有误", "its price was wrong"),
        CancelReason::BuyerUnreachable => ("无法与您取得联系", "you could not be reached"),
        CancelReason::SuspectedFraud => ("订单未通过审核", "it did not pass our checks"),
    };
    match language {
        Language::ZhCn => chinese,
        Language::En => english,
    }
}

/// What was bought, in one phrase: the first thing, and how many pieces there are of all.
pub fn goods(first: &str, kinds: i64, pieces: i64, language: Language) -> String {
    let name = clipped(first, 20);
    match (language, kinds, pieces) {
        (_, ..=1, ..=1) => name,
        (Language::ZhCn, ..=1, _) => format!("{name}×{pieces}"),
        (Language::En, ..=1, _) => format!("{name} × {pieces}"),
        (Language::ZhCn, _, _) => format!("{name}等{pieces}件商品"),
        (Language::En, _, _) => format!("{name} and more ({pieces} pieces)"),
    }
}

/// The beginning of a text, with a sign that it goes on.
pub fn clipped(text: &str, at_most: usize) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    if text.chars().count() <= at_most {
        return text;
    }
    let mut begin: String = text.chars().take(at_most.saturating_sub(1)).collect();
    begin.push('…');
    begin
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Currency;

    #[test]
    fn money_is_written_as_people_read_it() {
        let write = |minor, code| money(Money::new(minor, Currency::parse(code).unwrap()));
        for (minor, code, right) in [
            (12_800, "CNY", "¥128.00"),
            (5, "CNY", "¥0.05"),
            (128_000_000, "CNY", "¥1,280,000.00"),
            (0, "CNY", "¥0.00"),
            (-1_250, "CNY", "-¥12.50"),
            (1_280, "JPY", "JPY 1,280"),
            (1_280, "USD", "USD 12.80"),
            (1_234, "KWD", "KWD 1.234"),
        ] {
            assert_eq!(write(minor, code), right);
        }
    }

    #[test]
    fn times_are_beijings_in_chinese_and_utc_in_english() {
        let at = Millis(1_772_413_200_000);
        assert_eq!(time(at, Language::ZhCn), "3月2日 09:00");
        assert_eq!(time(at, Language::En), "2 Mar 2026, 01:00 UTC");
    }

    #[test]
    fn goods_are_one_phrase() {
        assert_eq!(goods("茶", 1, 1, Language::ZhCn), "茶");
        assert_eq!(goods("茶", 1, 3, Language::ZhCn), "茶×3");
        assert_eq!(goods("茶", 2, 3, Language::ZhCn), "茶等3件商品");
        assert_eq!(goods("Tea", 2, 3, Language::En), "Tea and more (3 pieces)");
        assert_eq!(goods(&"x".repeat(30), 1, 1, Language::En).chars().count(), 20);
    }
}
