//! Every provider's dialect, from outside: words in, requests out; answers in, meanings out.
//! Nothing here reaches a network or a clock.
#![cfg(test)]

mod aliyun;
mod jpush;
mod others;
mod resend;
mod webhooks;
mod words;

use bytes::Bytes;
use domain::{Language, Milestone, Millis, Money};
use http::Response;
use messages::{About, Letter, Words};

/// 2 March 2026, 09:00 in Beijing.
pub const NOW: Millis = Millis(1_772_413_200_000);

pub const ABOUT: About<'_> =
    About {
        number: "260302-2345678", shop: "好茶", goods: "龙井 & <茶>", kinds: 1, pieces: 2
    };

pub fn paid() -> Milestone {
    let total = Money { minor: 12_800, currency: domain::Currency::CNY };
    Milestone::Paid { total, ship_by: NOW.plus(48 * domain::HOUR) }
}

pub fn words(language: Language) -> Words {
    Words::of(&paid(), &ABOUT, language)
}

pub fn letter<'a>(to: &'a [String], words: &'a Words, attempt: i64) -> Letter<'a> {
    Letter { key: "ord_1:buyer:paid:sms", attempt, to, words, order: "ord_1" }
}

pub fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap()
}
