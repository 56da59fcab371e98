//! Telephone numbers in one form: E.164 (`+8613800138000`), with an extension as RFC 3966 writes
//! it (`;ext=12`). What people type depends on where they are; the country decides.

/// Reads a number as people of a country write it; `None` if it is none. Spaces, hyphens, dots and
/// brackets are left out.
pub fn parse(text: &str, country: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| !matches!(c, ' ' | '(' | ')' | '.')).collect();
    let digits: String = kept.chars().filter(|c| *c != '-').collect();
    if let Some(rest) = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
        return international(rest);
    }
    match country {
        "HK" => local("852", &digits, is_hong_kong),
        "MO" => local("853", &digits, is_macao),
        "TW" => local("886", digits.strip_prefix('0').unwrap_or(&digits), is_taiwan),
        "CN" => mainland(&digits).or_else(|| landline(&kept)),
        _ => None,
    }
    .or_else(|| mainland(&digits))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn local(code: &str, number: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    (all_digits(number) && fits(number)).then(|| format!("+{code}{number}"))
}

type Fits = fn(&str) -> bool;

/// ITU-T E.164: 15 digits at most, and those of the countries that we know better checked better.
fn international(digits: &str) -> Option<String> {
    let known: [(&str, Fits); 4] =
        [("852", is_hong_kong), ("853", is_macao), ("886", is_taiwan), ("86", is_chinese)];
    if !all_digits(digits) || !(7..=15).contains(&digits.len()) || digits.starts_with('0') {
        return None;
    }
    let number = |(code, fits): &(&str, Fits)| digits.strip_prefix(code).map(fits);
    known.iter().find_map(number).unwrap_or(true).then(|| format!("+{digits}"))
}

/// 11 digits: 1, then 3 to 9. `86` may stand before it.
fn mainland(digits: &str) -> Option<String> {
    let bare = digits.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(digits);
    local("86", bare, is_mobile)
}

fn is_mobile(number: &str) -> bool {
    number.len() == 11 && number.get(..2).is_some_and(|two| ("13"..="19").contains(&two))
}

/// An area code of two or three digits without its 0, and seven or eight more.
fn is_chinese(number: &str) -> bool {
    is_mobile(number)
        || ((9..=11).contains(&number.len()) && !number.starts_with(['0', '1']))
        || (number.len() == 10 && number.starts_with("10"))
}

/// `021-12345678-12`: area code, number, extension.
fn landline(text: &str) -> Option<String> {
    let rest = text.strip_prefix('0')?;
    let (area, rest) = match rest.split_once('-') {
        Some((area, rest)) if area.len() <= 3 => (area, rest),
        Some(_) | None => rest.split_at_checked(area_digits(rest))?,
    };
    let mut parts = rest.split('-');
    let mut number = parts.next()?.to_owned();
    if number.len() == 4 {
        // Some write the eight digits in two halves.
        number.push_str(parts.next()?);
    }
    let extension = parts.next();
    let right = (2..=3).contains(&area.len())
        && (7..=8).contains(&number.len())
        && all_digits(area)
        && all_digits(&number)
        && parts.next().is_none()
        && is_chinese(&format!("{area}{number}"))
        && extension.is_none_or(|e| e.len() <= 6 && all_digits(e));
    let extension = extension.map_or(String::new(), |digits| format!(";ext={digits}"));
    right.then(|| format!("+86{area}{number}{extension}"))
}

/// Beijing's 10 and the 2x of the large cities have two digits, all others three.
fn area_digits(rest: &str) -> usize {
    if rest.starts_with("10") || rest.starts_with('2') { 2 } else { 3 }
}

fn is_hong_kong(number: &str) -> bool {
    number.len() == 8 && number.starts_with(['2', '3', '4', '5', '6', '7', '8', '9'])
}

fn is_macao(number: &str) -> bool {
    number.len() == 8 && number.starts_with(['2', '6', '8'])
}

/// Mobile numbers begin with 9, area codes with 2 to 8.
fn is_taiwan(number: &str) -> bool {
    match number.bytes().next() {
        Some(b'9') => number.len() == 9,
        Some(b'2'..=b'8') => (8..=9).contains(&number.len()),
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_becomes_one_form() {
        let table = [
            ("13800138000", "CN", "+8613800138000"),
            ("138 0013 8000", "CN", "+8613800138000"),
            ("138-0013-8000", "CN", "+8613800138000"),
            ("+86 138 0013 8000", "CN", "+8613800138000"),
            ("008613800138000", "CN", "+8613800138000"),
            ("8613800138000", "CN", "+8613800138000"),
            ("13800138000", "US", "+8613800138000"),
            ("021-12345678", "CN", "+862112345678"),
            ("(021) 12345678", "CN", "+862112345678"),
            ("02112345678", "CN", "+862112345678"),
            ("(021) 6437-1234", "CN", "+862164371234"),
            ("021-6437-1234-5", "CN", "+862164371234;ext=5"),
            ("010-65551234-102", "CN", "+861065551234;ext=102"),
            ("0755-26660001", "CN", "+8675526660001"),
            ("05311234567", "CN", "+865311234567"),
            ("+862112345678", "CN", "+862112345678"),
            ("9123 4567", "HK", "+85291234567"),
            ("+85291234567", "CN", "+85291234567"),
            ("66123456", "MO", "+85366123456"),
            ("0912345678", "TW", "+886912345678"),
            ("+886 912 345 678", "TW", "+886912345678"),
            ("+1 (415) 555-0132", "US", "+14155550132"),
            ("+442079460123", "GB", "+442079460123"),
        ];
        for (text, country, expected) in table {
            assert_eq!(parse(text, country).as_deref(), Some(expected), "{text} in {country}");
        }
    }

    #[test]
    fn what_nobody_can_call_is_refused() {
        let table = [
            ("", "CN"),
            ("12345", "CN"),
            ("12800138000", "CN"),
            ("1380013800", "CN"),
            ("138001380000", "CN"),
            ("+8612800138000", "CN"),
            ("+86138001380001", "CN"),
            ("+0123456789", "CN"),
            ("+1234567890123456", "US"),
            ("4155550132", "US"),
            ("021-1234567890", "CN"),
            ("021-12345678-1234567", "CN"),
            ("021-12345678-1-2", "CN"),
            ("021-6437", "CN"),
            ("11234567", "HK"),
            ("+85211234567", "HK"),
            ("1380013800x", "CN"),
            ("１３８００１３８０００", "CN"),
            ("+", "CN"),
            ("--", "CN"),
        ];
        for (text, country) in table {
            assert_eq!(parse(text, country), None, "{text} in {country}");
        }
    }
}
