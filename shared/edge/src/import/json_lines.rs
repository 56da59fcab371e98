//! NDJSON as it arrives: one JSON object a line. Empty lines, CRLF and a byte order mark are fine.

use super::ROW_BYTES;

/// Takes bytes and gives lines.
#[derive(Default)]
pub struct JsonLines {
    line: u64,
    partial: Vec<u8>,
    /// The line is too long already; what is left of it is passed over.
    passing: bool,
}

impl JsonLines {
    /// Feeds some bytes; an empty slice says that there are no more. Each line that is whole now is
    /// given to `take` with its number; `None` for one that is too long.
    pub fn feed(&mut self, bytes: &[u8], mut take: impl FnMut(u64, Option<&[u8]>)) {
        if bytes.is_empty() {
            return self.end(&mut take);
        }
        for part in bytes.split_inclusive(|b| *b == b'\n') {
            self.passing |= self.partial.len() + part.len() > ROW_BYTES;
            if !self.passing {
                self.partial.extend_from_slice(part);
            }
            if part.ends_with(b"\n") {
                self.end(&mut take);
            }
        }
    }

    fn end(&mut self, take: &mut impl FnMut(u64, Option<&[u8]>)) {
        self.line += 1;
        let whole = self.partial.trim_ascii();
        let first = if self.line == 1 { whole.strip_prefix(b"\xef\xbb\xbf") } else { None };
        let whole = first.unwrap_or(whole);
        if self.passing {
            take(self.line, None);
        } else if !whole.is_empty() {
            take(self.line, Some(whole));
        }
        self.partial.clear();
        self.passing = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8], at_once: usize) -> Vec<(u64, Option<String>)> {
        let (mut lines, mut all) = (JsonLines::default(), Vec::new());
        let mut take = |line, text: Option<&[u8]>| {
            all.push((line, text.map(|t| String::from_utf8(t.to_vec()).unwrap())));
        };
        for chunk in bytes.chunks(at_once) {
            lines.feed(chunk, &mut take);
        }
        lines.feed(b"", &mut take);
        all
    }

    #[test]
    fn lines_are_the_same_however_the_bytes_arrive() {
        let file = b"\xef\xbb\xbf{}\r\n\r\n  {\"a\":1}\n{\"b\":2}";
        let text = |t: &str| Some(t.to_owned());
        let expected = [(1, text("{}")), (3, text("{\"a\":1}")), (4, text("{\"b\":2}"))];
        for at_once in [1, 2, 3, 7, 4_096] {
            assert_eq!(lines(file, at_once), expected);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_as_one() {
        let file = [b"{}\n".to_vec(), vec![b'x'; ROW_BYTES * 3], b"\n{}\n".to_vec()].concat();
        let read = lines(&file, 1_000);
        assert_eq!(read.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(read[1].1, None);
    }
}
