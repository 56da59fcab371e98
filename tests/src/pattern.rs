//! The patterns of the OpenAPI document: whole texts, made of signs and classes that repeat.

/// Signs that may stand here, and how often.
struct Part {
    signs: Vec<(char, char)>,
    least: usize,
    most: usize,
}

/// Whether a text is as a pattern like `^ord_[0-9a-f]{32}$` says. Each part takes all that it can,
/// which is enough where no part can begin with what the one before may end with.
pub fn is_like(pattern: &str, text: &str) -> bool {
    let inner = pattern.strip_prefix('^').and_then(|p| p.strip_suffix('$'));
    let inner = inner.unwrap_or_else(|| panic!("{pattern} is not about a whole text"));
    let mut rest = text.chars().peekable();
    for part in parts(inner) {
        let fits = |sign: char| part.signs.iter().any(|(from, to)| (*from..=*to).contains(&sign));
        let mut count = 0;
        while count < part.most && rest.next_if(|sign| fits(*sign)).is_some() {
            count += 1;
        }
        if count < part.least {
            return false;
        }
    }
    rest.peek().is_none()
}

fn parts(pattern: &str) -> Vec<Part> {
    let (mut parts, mut rest) = (Vec::new(), pattern);
    while let Some(first) = rest.chars().next() {
        let (signs, after) = match rest.strip_prefix('[') {
            Some(class) => {
                let (class, after) = class.split_once(']').expect("the end of a class");
                (signs(class), after)
            }
            None => (vec![(first, first)], &rest[first.len_utf8()..]),
        };
        let (least, most, after) = match after.strip_prefix('{') {
            Some(count) => {
                let (count, after) = count.split_once('}').expect("the end of a count");
                let (least, most) = count.split_once(',').unwrap_or((count, count));
                (least.parse().expect("a count"), most.parse().expect("a count"), after)
            }
            None => (1, 1, after),
        };
        parts.push(Part { signs, least, most });
        rest = after;
    }
    parts
}

fn signs(class: &str) -> Vec<(char, char)> {
    let signs: Vec<char> = class.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < signs.len() {
        let ranges = at + 2 < signs.len() && signs[at + 1] == '-';
        found.push((signs[at], signs[if ranges { at + 2 } else { at }]));
        at += if ranges { 3 } else { 1 };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_text_is_like_its_pattern_from_its_first_sign_to_its_last() {
        let id = "^ord_[0-9a-f]{4}$";
        assert!(is_like(id, "ord_00af"));
        for other in ["ord_00a", "ord_00aff", "pay_00af", "ord_00aF", "xord_00af", ""] {
            assert!(!is_like(id, other), "{other}");
        }
        let name = "^[A-Za-z0-9._:-]{1,6}$";
        assert!(is_like(name, "a-b.C:") && is_like(name, "_"));
        assert!(!is_like(name, "") && !is_like(name, "a b") && !is_like(name, "abcdefg"));
        assert!(is_like("^[0-9]{6}-[2-9A-Z]{7}$", "261125-ABC2345"));
    }
}
