//! What a buyer reads: a milestone in their language, short for a telephone and longer for a mail.
//!
//! Templates are data, one for each milestone and language, in the modules beside this one. An SMS
//! is the short form; where the provider keeps the approved text itself (Aliyun), it gets the names
//! and values that the short form uses.

mod en;
mod zh_cn;

use crate::people;
use domain::{Language, Milestone, Millis};

/// What the order knows about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// The order's number for people.
    pub number: &'a str,
    /// The merchant's name.
    pub shop: &'a str,
    /// The first line's name, and how many lines and pieces there are.
    pub goods: &'a str,
    pub kinds: i64,
    pub pieces: i64,
}

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The milestone's name: the key of a template that a provider keeps.
    pub milestone: &'static str,
    pub language: Language,
    /// The subject of a mail, the title of a push message.
    pub title: String,
    /// An SMS, the body of a push message.
    pub short: String,
    /// A mail, by paragraphs.
    pub long: Vec<String>,
    /// Names and values that `short` uses, in its order.
    pub params: Vec<(&'static str, String)>,
}

/// A template: `{name}` stands for a value.
struct Template {
    title: &'static str,
    short: &'static str,
    long: &'static [&'static str],
}

type Values = Vec<(&'static str, String)>;

impl Words {
    /// A milestone in words.
    pub fn of(news: &Milestone, about: &About<'_>, language: Language) -> Self {
        let template = match language {
            Language::ZhCn => zh_cn::template(news),
            Language::En => en::template(news),
        };
        let values = values(news, about, language);
        let used =
            |(name, _): &(&'static str, String)| template.short.contains(&format!("{{{name}}}"));
        Self {
            milestone: news.word(),
            language,
            title: filled(template.title, &values),
            short: filled(template.short, &values),
            long: template.long.iter().map(|line| filled(line, &values)).collect(),
            params: values.iter().filter(|value| used(value)).cloned().collect(),
        }
    }

    /// An endpoint was disabled: to whoever looks after it, in both languages.
    pub fn endpoint_disabled(url: &str, at: Millis) -> Self {
        let url = people::clipped(url, 200);
        let (zh, en) = (people::time(at, Language::ZhCn), people::time(at, Language::En));
        let chinese = format!("您的 Webhook 接收地址 {url} 持续投递失败,已于 {zh} 停用。");
        let english = format!(
            "Your webhook endpoint {url} was disabled at {en}, because deliveries kept failing."
        );
        let then = "修复后请重新启用,错过的消息可逐条重发。 / Once it works again, enable it; what \
                    it missed can be sent again.";
        Self {
            milestone: "endpoint_disabled",
            language: Language::ZhCn,
            title: "Webhook 接收地址已停用 / Webhook endpoint disabled".to_owned(),
            short: chinese.clone(),
            long: vec![chinese, english, then.to_owned()],
            params: Vec::new(),
        }
    }

    /// A mail as plain text.
    pub fn text(&self) -> String {
        self.long.join("\n\n")
    }

    /// A mail as HTML. Every value is escaped with the text around it.
    pub fn html(&self) -> String {
        let paragraph = |line: &String| format!("<p>{}</p>", escaped(line));
        let body: String = self.long.iter().map(paragraph).collect();
        let (lang, title) = (self.language.tag(), escaped(&self.title));
        format!(
            "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
             <title>{title}</title></head><body>{body}</body></html>"
        )
    }
}

fn values(news: &Milestone, about: &About<'_>, language: Language) -> Values {
    let goods = people::goods(about.goods, about.kinds, about.pieces, language);
    let shop = people::clipped(about.shop, 40);
    let mut values = vec![("order", about.number.to_owned()), ("goods", goods), ("shop", shop)];
    let time = |at: &Millis| ("time", people::time(*at, language));
    match news {
        Milestone::Paid { total, ship_by } => {
            values.extend([("amount", people::money(*total)), time(ship_by)]);
        }
        Milestone::Confirmed { due, ship_by } => {
            values.extend([("amount", people::money(*due)), time(ship_by)]);
        }
        Milestone::PaymentExpiring { due, until } => {
            values.extend([("amount", people::money(*due)), time(until)]);
        }
        Milestone::Cancelled { why } => {
            values.push(("reason", people::reason(why, language).to_owned()));
        }
        Milestone::UnitsCancelled { pieces, why } => {
            values.push(("pieces", pieces.to_string()));
            values.push(("reason", people::reason(why, language).to_owned()));
        }
        Milestone::SubstituteOffered { name, pieces, until } => {
            let name = people::clipped(name, 60);
            values.extend([("pieces", pieces.to_string()), ("name", name), time(until)]);
        }
        Milestone::Completed { until } | Milestone::CaseOpened { until } => {
            values.push(time(until));
        }
        Milestone::Shipped { carrier, waybill }
        | Milestone::OutForDelivery { carrier, waybill }
        | Milestone::ReadyForPickup { carrier, waybill }
        | Milestone::Delayed { carrier, waybill }
        | Milestone::ParcelLost { carrier, waybill } => {
            values.push(("carrier", people::carrier(carrier, language)));
            values.push(("waybill", waybill.to_string()));
        }
        Milestone::SentAgain { pieces } => values.push(("pieces", pieces.to_string())),
        Milestone::RefundGranted { amount }
        | Milestone::Refunded { amount }
        | Milestone::RefundFailed { amount } => values.push(("amount", people::money(*amount))),
        Milestone::CaseApproved { address, until } => {
            values.extend([("address", people::clipped(address, 200)), time(until)]);
        }
        Milestone::CaseRejected { reason } => {
            values.push(("reason", people::clipped(reason, 500)));
        }
        Milestone::Delivered | Milestone::CaseReceived | Milestone::CaseLapsed => {}
    }
    values
}

/// Puts the values into a template, once: a value that looks like a placeholder stays as it is.
fn filled(template: &str, values: &[(&'static str, String)]) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => text.push_str(value),
            None => text.push_str(&format!("{{{name}}}")),
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
