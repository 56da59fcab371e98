//! The carriers' side of cash: the files in which they tell what they remit, as often as it takes.

use crate::model::{Kept, must};
use std::collections::{BTreeMap, BTreeSet};

/// A line: the waybill, the amount in minor units, and its currency.
pub type Remits = (String, i64, &'static str);

/// A file of one transfer.
pub struct File {
    pub carrier: String,
    pub number: String,
    pub lines: Vec<Remits>,
    pub acknowledged: bool,
}

impl File {
    /// As carriers write it.
    pub fn csv(&self) -> String {
        let mut file = "carrier,remittance,waybill,amount,collected_on,currency\n".to_owned();
        for (waybill, minor, currency) in &self.lines {
            let amount = format!("{}.{:02}", minor / 100, minor % 100);
            let (carrier, number) = (&self.carrier, &self.number);
            file += &format!("{carrier},{number},{waybill},{amount},2026-03-02,{currency}\n");
        }
        file
    }
}

/// All that carriers wrote.
#[derive(Default)]
pub struct Purse {
    pub files: Vec<File>,
}

/// A carrier's number of a transfer and the label that a line of it is about.
pub type Key = (String, String);

impl Purse {
    /// What each line may say: a carrier that tells two amounts for one line is believed once.
    fn told(&self) -> BTreeMap<Key, BTreeSet<(i64, &'static str)>> {
        let mut told: BTreeMap<Key, BTreeSet<_>> = BTreeMap::new();
        for file in &self.files {
            for (waybill, minor, currency) in &file.lines {
                let key = (file.number.clone(), format!("{}:{waybill}", file.carrier));
                told.entry(key).or_default().insert((*minor, *currency));
            }
        }
        told
    }

    /// The lines of a file that was acknowledged are booked.
    pub fn is_booked(&self, file: usize, booked: &BTreeMap<Key, (i64, String)>) -> Kept {
        let Some(file) = self.files.get(file) else { return Ok(()) };
        let key = |waybill: &String| (file.number.clone(), format!("{}:{waybill}", file.carrier));
        let missing = file.lines.iter().find(|line| !booked.contains_key(&key(&line.0)));
        must(missing.is_none(), "a file is acknowledged only after it is booked", || {
            format!("{missing:?} of {}", file.number)
        })
    }

    /// Nothing is booked that no carrier told, and nothing told is missing.
    pub fn agrees(&self, booked: &BTreeMap<Key, (i64, String)>) -> Kept {
        let told = self.told();
        let keys: BTreeSet<&Key> = told.keys().chain(booked.keys()).collect();
        for key in keys {
            let right = told.get(key).zip(booked.get(key)).is_some_and(|(told, is)| {
                told.iter().any(|(minor, currency)| (*minor, *currency) == (is.0, is.1.as_str()))
            });
            must(right, "all the cash that carriers sent is booked, once", || {
                format!("{key:?}: told {:?}, booked {:?}", told.get(key), booked.get(key))
            })?;
        }
        Ok(())
    }
}
