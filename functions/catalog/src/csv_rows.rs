//! CSV (RFC 4180) as it arrives: rows come out as soon as they are whole, so a file of any length
//! needs the memory of one row. Quotes, line breaks in quotes, CRLF and a byte order mark are fine.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// A field may have this many bytes, a row this many fields.
const ROW_BYTES: usize = 64 << 10;
const FIELDS: usize = 64;

/// One row, and the line that it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    pub fields: Vec<String>,
}

/// Why a row cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadRow {
    NotUtf8,
    TooLong,
}

/// Takes bytes and gives rows.
pub struct CsvRows {
    reader: Reader,
    out: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    ended: usize,
    line: u64,
    begun: bool,
}

impl Default for CsvRows {
    fn default() -> Self {
        Self {
            reader: ReaderBuilder::new().build(),
            out: vec![0; ROW_BYTES],
            ends: vec![0; FIELDS],
            filled: 0,
            ended: 0,
            line: 1,
            begun: false,
        }
    }
}

impl CsvRows {
    /// Feeds some bytes; an empty slice says that there are no more. Each row that is whole now is
    /// given to `take`, with the line it begins on.
    pub fn feed(&mut self, mut bytes: &[u8], mut take: impl FnMut(u64, Result<Row, BadRow>)) {
        if !self.begun && !bytes.is_empty() {
            self.begun = true;
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        let last = bytes.is_empty();
        loop {
            let out = self.out.get_mut(self.filled..).unwrap_or_default();
            let ends = self.ends.get_mut(self.ended..).unwrap_or_default();
            let (result, read, wrote, ended) = self.reader.read_record(bytes, out, ends);
            bytes = bytes.get(read..).unwrap_or_default();
            self.filled += wrote;
            self.ended += ended;
            match result {
                ReadRecordResult::InputEmpty if last => {}
                ReadRecordResult::InputEmpty => return,
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    take(self.line, Err(BadRow::TooLong));
                    (self.filled, self.ended) = (0, 0);
                    // What is left of the row is read as a row of its own, and is told as bad too.
                }
                ReadRecordResult::Record => {
                    let row = self.row();
                    take(self.line, row);
                    (self.filled, self.ended) = (0, 0);
                    self.line = self.reader.line();
                }
                ReadRecordResult::End => return,
            }
        }
    }

    fn row(&self) -> Result<Row, BadRow> {
        let mut fields = Vec::with_capacity(self.ended);
        let mut start = 0;
        for end in self.ends.iter().take(self.ended) {
            let field = self.out.get(start..*end).unwrap_or_default();
            let text = std::str::from_utf8(field).map_err(|_| BadRow::NotUtf8)?;
            fields.push(text.to_owned());
            start = *end;
        }
        Ok(Row { line: self.line, fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8], at_once: usize) -> Vec<(u64, Result<Vec<String>, BadRow>)> {
        let (mut csv, mut all) = (CsvRows::default(), Vec::new());
        let mut take = |line, row: Result<Row, BadRow>| all.push((line, row.map(|r| r.fields)));
        for chunk in bytes.chunks(at_once) {
            csv.feed(chunk, &mut take);
        }
        csv.feed(b"", &mut take);
        all
    }

    #[test]
    fn rows_are_the_same_however_the_bytes_arrive() {
        let file = "\u{feff}id,name\r\na,\"x, \"\"y\"\"\r\nz\"\r\nb,\u{7ea2}".as_bytes();
        let whole = rows(file, 4_096);
        let texts = |r: &(u64, Result<Vec<String>, BadRow>)| r.1.clone().unwrap().join("|");
        let read: Vec<String> = whole.iter().map(texts).collect();
        assert_eq!(read, ["id|name", "a|x, \"y\"\r\nz", "b|\u{7ea2}"]);
        for at_once in [1, 2, 3, 7] {
            assert_eq!(rows(file, at_once).len(), whole.len());
        }
    }

    #[test]
    fn a_file_in_another_encoding_is_named_row_by_row() {
        let gbk = b"id,name\na,\xba\xec\n";
        assert_eq!(rows(gbk, 64).last().map(|r| r.1.clone()), Some(Err(BadRow::NotUtf8)));
    }
}
