//! CSV (RFC 4180) as it arrives: rows come out as soon as they are whole, so a file of any length
//! needs the memory of one row. Quotes, line breaks in quotes, CRLF and a byte order mark are fine.

use super::ROW_BYTES;
use super::encoding::complaint;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// A row may have this many cells.
const CELLS: usize = 64;

/// Why a row cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadRow {
    /// What is said about the encoding.
    NotUtf8(&'static str),
    TooLong,
}

/// Takes bytes and gives rows.
pub struct CsvRows {
    reader: Reader,
    out: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    ended: usize,
    /// Bytes of a byte order mark that were seen, or all if there is none.
    marked: usize,
    /// Line breaks within the row so far.
    breaks: u64,
    /// The row is too long already; what is left of it is passed over.
    passing: bool,
}

impl Default for CsvRows {
    fn default() -> Self {
        Self {
            reader: ReaderBuilder::new().build(),
            out: vec![0; ROW_BYTES],
            ends: vec![0; CELLS],
            filled: 0,
            ended: 0,
            marked: 0,
            breaks: 0,
            passing: false,
        }
    }
}

const MARK: &[u8] = b"\xef\xbb\xbf";

impl CsvRows {
    /// Feeds some bytes; an empty slice says that there are no more. Each row that is whole now is
    /// given to `take`, with the line it begins on.
    pub fn feed(&mut self, bytes: &[u8], mut take: impl FnMut(u64, Result<Vec<String>, BadRow>)) {
        let mut rest = self.without_mark(bytes);
        if rest.is_empty() && !bytes.is_empty() {
            return;
        }
        let last = bytes.is_empty();
        loop {
            let out = self.out.get_mut(self.filled..).unwrap_or_default();
            let ends = self.ends.get_mut(self.ended..).unwrap_or_default();
            let (result, read, wrote, ended) = self.reader.read_record(rest, out, ends);
            let (taken, after) = rest.split_at(read);
            let written = out.get(..wrote).unwrap_or_default();
            self.breaks += count(written, b'\n');
            (self.filled, self.ended, rest) = (self.filled + wrote, self.ended + ended, after);
            match result {
                ReadRecordResult::InputEmpty if last => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return,
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    self.passing = true;
                    (self.filled, self.ended) = (0, 0);
                }
                ReadRecordResult::Record => {
                    // The line on which the row ends, less the breaks in it and the one after it.
                    let after = u64::from(taken.last() == Some(&b'\n'));
                    let line = self.reader.line().saturating_sub(self.breaks + after);
                    let row = if self.passing { Err(BadRow::TooLong) } else { self.row() };
                    take(line, row);
                    (self.filled, self.ended, self.breaks) = (0, 0, 0);
                    self.passing = false;
                }
            }
        }
    }

    /// Passes over a byte order mark, also if it comes in pieces. Bytes that only begin like one
    /// are no CSV in UTF-8 either way.
    fn without_mark<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let mut rest = bytes;
        while let (Some(first), Some(mark)) = (rest.first(), MARK.get(self.marked)) {
            if first != mark {
                self.marked = MARK.len();
                return rest;
            }
            self.marked += 1;
            rest = rest.get(1..).unwrap_or_default();
        }
        rest
    }

    fn row(&self) -> Result<Vec<String>, BadRow> {
        let mut cells = Vec::with_capacity(self.ended);
        let mut start = 0;
        for end in self.ends.iter().take(self.ended) {
            let cell = self.out.get(start..*end).unwrap_or_default();
            let text = std::str::from_utf8(cell).map_err(|_| {
                BadRow::NotUtf8(complaint(self.out.get(..self.filled).unwrap_or_default()))
            })?;
            cells.push(text.to_owned());
            start = *end;
        }
        Ok(cells)
    }
}

fn count(bytes: &[u8], wanted: u8) -> u64 {
    u64::try_from(bytes.iter().filter(|b| **b == wanted).count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (u64, Result<Vec<String>, BadRow>);

    fn rows(bytes: &[u8], at_once: usize) -> Vec<Read> {
        let (mut csv, mut all) = (CsvRows::default(), Vec::new());
        let mut take = |line, row| all.push((line, row));
        for chunk in bytes.chunks(at_once) {
            csv.feed(chunk, &mut take);
        }
        csv.feed(b"", &mut take);
        all
    }

    #[test]
    fn rows_are_the_same_however_the_bytes_arrive() {
        let file = "\u{feff}id,name\r\na,\"x, \"\"y\"\"\r\nz\"\r\n\r\nb,\u{7ea2}".as_bytes();
        let whole = rows(file, 4_096);
        let texts = |r: &Read| (r.0, r.1.clone().unwrap().join("|"));
        let read: Vec<(u64, String)> = whole.iter().map(texts).collect();
        let expected = [(1, "id|name"), (2, "a|x, \"y\"\r\nz"), (5, "b|\u{7ea2}")];
        assert_eq!(read, expected.map(|(line, text)| (line, text.to_owned())));
        for at_once in [1, 2, 3, 7] {
            assert_eq!(rows(file, at_once), whole);
        }
    }

    #[test]
    fn a_row_begins_on_the_line_that_an_editor_shows() {
        for end in ["\n", "\r\n"] {
            let file = ["h", "a", "\"b\nb\"", "c", "", "d"].join(end);
            let lines: Vec<u64> = rows(file.as_bytes(), 5).iter().map(|r| r.0).collect();
            assert_eq!(lines, [1, 2, 3, 5, 7], "{end:?}");
        }
    }

    #[test]
    fn a_file_in_another_encoding_is_named_row_by_row() {
        let gbk = b"id,name\na,\xba\xec\n";
        let Some(Err(BadRow::NotUtf8(said))) = rows(gbk, 64).last().map(|r| r.1.clone()) else {
            panic!("it is not UTF-8");
        };
        assert!(said.contains("GBK"), "{said}");
    }

    #[test]
    fn a_quote_that_is_never_closed_is_one_row_too_long() {
        let file = format!("id,name\na,\"x\n{}", "b,y\n".repeat(ROW_BYTES));
        let read = rows(file.as_bytes(), 1_000);
        assert_eq!(read.len(), 2);
        assert_eq!(read[1], (2, Err(BadRow::TooLong)));
        let many = format!("id\n{}\nb\n", ",".repeat(CELLS + 1));
        let read = rows(many.as_bytes(), 10);
        assert_eq!(read[1..], [(2, Err(BadRow::TooLong)), (3, Ok(vec!["b".to_owned()]))]);
    }
}
