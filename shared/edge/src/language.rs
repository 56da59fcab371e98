//! In which language somebody wants to read: `?lang=`, else `Accept-Language` (RFC 9110 §12.5.4).

use crate::{Problem, Request};
use domain::Language;

/// The language of a request. 400 for a `lang` that we do not speak; a header that names none of
/// ours gets Chinese.
pub fn language(request: &Request) -> Result<Language, Problem> {
    if let Some(wanted) = request.query("lang") {
        return spoken(&wanted)
            .ok_or_else(|| Problem::bad_request("bad_filter", "lang is zh-CN or en"));
    }
    let header = request.header(http::header::ACCEPT_LANGUAGE.as_str()).unwrap_or_default();
    Ok(preferred(header))
}

/// The one of ours with the highest weight; among equals the first. A weight of 0 means never.
fn preferred(header: &str) -> Language {
    let mut best = (0, Language::default());
    for range in header.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().and_then(spoken);
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, thousandths);
        if let Some(language) = named.filter(|_| weight > best.0) {
            best = (weight, language);
        }
    }
    best.1
}

/// A weight (`0.8`) in thousandths; 0 for one that is none.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse()) {
        ("1", _) => 1_000,
        ("0", Ok(thousandths)) => thousandths,
        (_, _) => 0,
    }
}

/// Ours that a tag (RFC 5646) means: all of Chinese is `zh-CN`, all of English `en`.
fn spoken(tag: &str) -> Option<Language> {
    match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "zh" => Some(Language::ZhCn),
        "en" => Some(Language::En),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_of_ours_is_taken() {
        let table = [
            ("", Language::ZhCn),
            ("en", Language::En),
            ("en-GB, zh;q=0.9", Language::En),
            ("zh;q=0.9, en;q=0.95", Language::En),
            ("fr, en;q=0.2", Language::En),
            ("de, fr", Language::ZhCn),
            ("en;q=0", Language::ZhCn),
            ("EN-us;q=nonsense, zh-Hant;q=0.1", Language::ZhCn),
            (";;q=,,", Language::ZhCn),
        ];
        for (header, wanted) in table {
            assert_eq!(preferred(header), wanted, "{header}");
        }
    }
}
