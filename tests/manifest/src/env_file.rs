//! Files of `KEY=VALUE` lines that both `sh` and the host read alike.
//!
//! Quotes and backslashes mean what they mean to `sh`; nothing is ever expanded. Lines that start
//! with `#` are comments.

use std::collections::BTreeMap;

/// A line that can't be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct LineError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// Reads the text of such a file. The last of several values of a key counts, as in `sh`.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, LineError> {
    let mut values = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let wrong = |reason| LineError { line: number + 1, reason };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, value) = line.split_once('=').ok_or_else(|| wrong("it has no ="))?;
        if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(wrong("the name has other characters than letters, digits and _"));
        }
        values.insert(key.to_owned(), unquote(value).map_err(wrong)?);
    }
    Ok(values)
}

/// `value` in single quotes, for such a file.
pub fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// One word of `sh`.
fn unquote(word: &str) -> Result<String, &'static str> {
    let mut value = String::new();
    let mut quote = None;
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (None, '\\') => value.extend(chars.next()),
            (Some('"'), '\\') => match chars.next() {
                Some(escaped @ ('"' | '\\' | '$' | '`')) => value.push(escaped),
                Some(other) => value.extend(['\\', other]),
                None => return Err("it ends in a backslash"),
            },
            (None, _) if c.is_whitespace() => {
                let rest = chars.as_str().trim_start();
                let comment = rest.is_empty() || rest.starts_with('#');
                return if comment { Ok(value) } else { Err("a space needs quotes") };
            }
            (Some(_) | None, _) => value.push(c),
        }
    }
    if quote.is_some() { Err("a quote is not closed") } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_sh_reads_it() {
        for (line, expected) in [
            ("A=b", "b"),
            ("A=", ""),
            ("export A=b", "b"),
            ("A=b # why", "b"),
            ("A=b#c", "b#c"),
            ("A='b c'", "b c"),
            (r#"A="b \"c\" \n""#, r#"b "c" \n"#),
            (r"A='it'\''s'", "it's"),
            (r#"A='{"keys":[]}'"#, r#"{"keys":[]}"#),
        ] {
            assert_eq!(parse(line).unwrap()["A"], expected, "{line}");
        }
    }

    #[test]
    fn comments_and_empty_lines_are_skipped_and_the_last_value_counts() {
        let values = parse("# a comment\n\nA=1\nB=2\nA=3\n").unwrap();
        assert_eq!(values["A"], "3");
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn an_unreadable_line_is_named() {
        for (text, line) in [("A=1\nB", 2), ("A=b c", 1), ("A='b", 1), ("A-B=c", 1)] {
            assert_eq!(parse(text).unwrap_err().line, line, "{text}");
        }
    }

    #[test]
    fn what_is_quoted_is_read_back() {
        for value in ["", "plain", "it's", r#"{"a": "b\\"} # $HOME `x`"#] {
            let read = parse(&format!("A={}", quote(value))).unwrap();
            assert_eq!(read["A"], value);
        }
    }
}
