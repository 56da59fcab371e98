//! What became of a file. However bad it is, the report has an end.

use super::file::File;
use crate::FieldFault;
use serde::Serialize;
use std::collections::BTreeMap;

/// Bad rows that are named; the rest are counted.
const NAMED: usize = 1_000;
/// Signs of a reason.
const REASON: usize = 300;

/// What became of a file.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    rows: u64,
    new: u64,
    changed: u64,
    same: u64,
    bad: u64,
    /// How many rows got which verdict, where rows get one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    verdicts: BTreeMap<&'static str, u64>,
    faults: Vec<RowFault>,
    /// Bad rows that are not among `faults`.
    faults_left_out: u64,
}

/// A row that was not taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowFault {
    pub line: u64,
    /// The column of a CSV file, the JSON pointer into a line of NDJSON; empty for a whole row.
    pub column: String,
    pub code: String,
    pub reason: String,
}

impl RowFault {
    pub fn new(line: u64, column: &str, code: &str, reason: impl Into<String>) -> Self {
        let (column, code) = (column.to_owned(), code.to_owned());
        let reason: String = reason.into().chars().take(REASON).collect();
        Self { line, column, code, reason }
    }

    /// A fault at a place of what the row says.
    pub fn of(line: u64, fault: FieldFault) -> Self {
        Self::new(line, &fault.pointer, &fault.code, fault.detail)
    }
}

/// What became of some rows.
#[derive(Debug, Default)]
pub struct Tally {
    pub new: u64,
    pub changed: u64,
    pub same: u64,
    pub verdicts: BTreeMap<&'static str, u64>,
    pub faults: Vec<RowFault>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    New,
    Changed,
    Same,
}

impl Tally {
    pub fn count(&mut self, outcome: Result<Outcome, RowFault>) {
        match outcome {
            Ok(Outcome::New) => self.new += 1,
            Ok(Outcome::Changed) => self.changed += 1,
            Ok(Outcome::Same) => self.same += 1,
            Err(fault) => self.faults.push(fault),
        }
    }

    pub fn add(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.same += other.same;
        add_up(&mut self.verdicts, other.verdicts);
        self.faults.extend(other.faults);
    }
}

fn add_up(sums: &mut BTreeMap<&'static str, u64>, more: BTreeMap<&'static str, u64>) {
    for (verdict, count) in more {
        *sums.entry(verdict).or_default() += count;
    }
}

impl Report {
    pub fn add(&mut self, mut tally: Tally) {
        let bad = u64::try_from(tally.faults.len()).unwrap_or(u64::MAX);
        self.rows += tally.new + tally.changed + tally.same + bad;
        self.new += tally.new;
        self.changed += tally.changed;
        self.same += tally.same;
        self.bad += bad;
        add_up(&mut self.verdicts, std::mem::take(&mut tally.verdicts));
        tally.faults.sort_by_key(|fault| fault.line);
        let room = NAMED.saturating_sub(self.faults.len());
        self.faults_left_out += bad.saturating_sub(u64::try_from(room).unwrap_or(0));
        self.faults.extend(tally.faults.into_iter().take(room));
    }

    /// With places as the file has them.
    pub fn in_words_of(mut self, file: &File) -> Self {
        for fault in &mut self.faults {
            fault.column = file.place(&fault.column);
        }
        self
    }
}
