//! A carrier that speaks Kuaidi100's dialect: it tells the whole trace of a waybill, every time.
//!
//! It moves nothing by itself: a story says which scans there are. Its times are Beijing's.

use crate::delivery::{Delivery, Dialect};
use serde::Deserialize;
use serde_json::{Value, json};

/// One scan, as Kuaidi100 writes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// Beijing time: `2026-01-16 09:00:00`.
    pub time: String,
    /// Kuaidi100's `statusCode`: `103` picked up, `5` out for delivery, `301` delivered.
    pub code: String,
    pub text: String,
}

impl Scan {
    pub fn new(time: &str, code: &str, text: &str) -> Self {
        Self { time: time.to_owned(), code: code.to_owned(), text: text.to_owned() }
    }
}

/// A carrier that pushes traces, signed with the salt of the subscription.
#[derive(Debug, Clone)]
pub struct Carrier {
    salt: String,
}

impl Carrier {
    pub fn new(salt: &str) -> Self {
        Self { salt: salt.to_owned() }
    }

    /// The whole trace; `scans` are in the order in which they happened.
    pub fn trace(&self, carrier: &str, waybill: &str, scans: &[Scan]) -> Delivery {
        self.push("polling", "", (carrier, waybill), scans)
    }

    /// The carrier gives up on a waybill that nothing is heard of (`3天查询无记录`).
    pub fn gives_up(&self, carrier: &str, waybill: &str, scans: &[Scan], why: &str) -> Delivery {
        self.push("abort", why, (carrier, waybill), scans)
    }

    /// The whole trace is told anew: what was told before and is not here was wrong.
    pub fn tells_anew(&self, carrier: &str, waybill: &str, scans: &[Scan]) -> Delivery {
        self.push("updateall", "", (carrier, waybill), scans)
    }

    fn push(
        &self,
        status: &str,
        message: &str,
        (carrier, waybill): (&str, &str),
        scans: &[Scan],
    ) -> Delivery {
        let scan = |scan: &Scan| {
            json!({"context": scan.text, "time": scan.time, "ftime": scan.time,
                "statusCode": scan.code})
        };
        let data: Vec<Value> = scans.iter().rev().map(scan).collect();
        let state = scans.last().map(|scan| scan.code.as_str()).unwrap_or("0");
        let push = json!({"status": status, "billstatus": "", "message": message,
            "autoCheck": "0", "comOld": "", "comNew": "",
            "lastResult": {"message": "ok", "state": state, "status": "200", "ischeck": "0",
                "com": carrier, "nu": waybill, "data": data}});
        Delivery::new(Dialect::Kuaidi100, push, &self.salt, 0)
    }
}
