//! Kuaidi100 (快递100), subscription push: the full trace of one waybill, again and again.
//!
//! Form body with `param` (JSON text) and `sign` = MD5 of `param` and the salt of the subscription.
//! Because every push is the whole trace, the same scans come many times; their facts are the same.
//! `updateall` says that the trace is told anew: what is not in it any more was wrong. Source:
//! api.kuaidi100.com/document, resultv2=4.

mod ask;
pub use ask::Kuaidi100Interface;

use crate::json::{from_bytes, unreadable, word};
use crate::scan::{Parcel, Table, beijing, bring_back, distinct, step};
use crate::{Carrier, Delivery, MOST_FACTS, Told, Unheard, answer};
use bytes::Bytes;
use domain::ExceptionKind::{Address, AttemptFailed, Customs, Damaged, Delay, Other};
use domain::TrackingStep::{
    AtHub, Cancelled, Created, Delivered, Exception, InTransit, OutForDelivery, PickedUp,
    ReadyForPickup, Refused, Returned, Returning,
};
use domain::{DAY, Millis, TrackingFact};
use http::{Response, StatusCode};
use md5::{Digest, Md5};
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// Kuaidi100's `statusCode`s (resultv2=4). 9 is unused, and there is none for a lost parcel.
const CODES: &Table = &[
    (&["101", "102"], Created),                        // 已下单 待揽收
    (&["1", "103"], PickedUp),                         // 揽收 已揽收
    (&["0", "1002", "1003", "7"], InTransit),          // 在途 干线 转递 转投
    (&["1001"], AtHub),                                // 到达派件城市
    (&["5"], OutForDelivery),                          // 派件
    (&["501"], ReadyForPickup),                        // 投柜或驿站
    (&["3", "301", "302", "303", "304"], Delivered),   // 签收 本人 派件异常后 代签 投柜或站签收
    (&["2"], Exception(Other)),                        // 疑难
    (&["204", "206"], Exception(AttemptFailed)),       // 派件异常 无法联系
    (&["207"], Exception(Address)),                    // 超区
    (&["201", "202", "205", "208"], Exception(Delay)), // 超时未签收 未更新 未取 滞留
    (&["209"], Exception(Damaged)),                    // 破损
    (&["203", "14"], Refused),                         // 拒收 拒签
    (&["6"], Returning),                               // 退回
    (&["4"], Returned),                                // 退签
    (&["401", "210"], Cancelled),                      // 已销单 销单
    (&["8", "10", "11", "12"], InTransit),             // 清关 待清关 清关中 已清关
    (&["13"], Exception(Customs)),                     // 清关异常
];

/// Kuaidi100's subscription push. Exists only with a salt: without one nothing would be signed.
#[derive(Clone)]
pub struct Kuaidi100 {
    salt: String,
}

impl Kuaidi100 {
    /// Our name of it.
    pub const NAME: &'static str = "kuaidi100";

    /// `None` without a salt: then it is not used, and nobody is let in.
    pub fn new(salt: &str) -> Option<Self> {
        (!salt.is_empty()).then(|| Self { salt: salt.to_owned() })
    }

    /// `sign` is the MD5 of the decoded `param` and the salt, in hexadecimal of either case.
    fn verify(&self, param: &str, sign: &str) -> Result<(), Unheard> {
        let digest = Md5::new().chain_update(param).chain_update(&self.salt).finalize();
        let expected = hex::encode(digest);
        let same = expected.as_bytes().ct_eq(sign.to_ascii_lowercase().as_bytes());
        if same.into() { Ok(()) } else { Err(Unheard::BadSignature("not by our salt")) }
    }
}

impl Carrier for Kuaidi100 {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn read(&self, delivery: &Delivery<'_>) -> Result<Told, Unheard> {
        let field = |name: &str| {
            let mut all = form_urlencoded::parse(delivery.body).filter(|(key, _)| key == name);
            match (all.next(), all.next()) {
                (Some((_, value)), None) => Some(value),
                (Some(_) | None, _) => None,
            }
        };
        let sign = field("sign").ok_or(Unheard::BadSignature("not exactly one sign"))?;
        let param = field("param").ok_or_else(|| unreadable("param", "not exactly one"))?;
        self.verify(&param, &sign)?;
        let push: Push = from_bytes(param.as_bytes())?;
        let replaces = push.status == "updateall";
        Ok(Told { facts: push.facts(delivery.now)?, replaces })
    }

    fn acknowledge(&self) -> Response<Bytes> {
        answer(
            StatusCode::OK,
            "application/json",
            r#"{"result":true,"returnCode":"200","message":"成功"}"#,
        )
    }

    fn refuse(&self, why: &Unheard) -> Response<Bytes> {
        let body = match why {
            Unheard::BadSignature(_) => {
                r#"{"result":false,"returnCode":"500","message":"bad signature"}"#
            }
            Unheard::Unreadable(_) => {
                r#"{"result":false,"returnCode":"500","message":"unreadable"}"#
            }
        };
        answer(why.status(), "application/json", body)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Push {
    status: String,
    #[serde(default, deserialize_with = "word")]
    message: String,
    last_result: Trace,
    /// The part of the way behind the border, where there is one.
    dest_result: Option<DestinationTrace>,
}

#[derive(Deserialize)]
struct Trace {
    com: String,
    nu: String,
    /// Newest first. Null or absent while nothing was found.
    data: Option<Vec<Scan>>,
}

#[derive(Deserialize)]
struct DestinationTrace {
    data: Option<Vec<Scan>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scan {
    #[serde(default, deserialize_with = "word")]
    context: String,
    #[serde(default, deserialize_with = "word")]
    time: String,
    /// The time in one form; `time` is as the carrier wrote it.
    #[serde(default, deserialize_with = "word")]
    ftime: String,
    #[serde(default, deserialize_with = "word")]
    status_code: String,
    #[serde(default, deserialize_with = "word")]
    area_name: String,
    #[serde(default, deserialize_with = "word")]
    location: String,
}

impl Push {
    fn facts(self, now: Millis) -> Result<Vec<TrackingFact>, Unheard> {
        let parcel = Parcel::read(
            Kuaidi100::NAME,
            (&self.last_result.com, "lastResult.com"),
            (&self.last_result.nu, "lastResult.nu"),
        )?;
        let here = self.last_result.data.unwrap_or_default();
        let abroad = self.dest_result.and_then(|trace| trace.data).unwrap_or_default();
        if here.len() + abroad.len() > MOST_FACTS {
            return Err(unreadable("lastResult.data", "too many scans"));
        }
        let mut facts = trace(&parcel, &here, "lastResult", now)?;
        facts.extend(trace(&parcel, &abroad, "destResult", now)?);
        if self.status == "abort" {
            facts.push(given_up(&parcel, &facts, &self.message, now));
        }
        Ok(distinct(facts))
    }
}

fn trace(
    parcel: &Parcel,
    scans: &[Scan],
    under: &str,
    now: Millis,
) -> Result<Vec<TrackingFact>, Unheard> {
    let fact = |(i, scan): (usize, &Scan)| {
        let at = beijing(&scan.ftime, "")
            .or_else(|_| beijing(&scan.time, &format!("{under}.data[{i}].ftime")))?;
        let place = if scan.area_name.is_empty() { &scan.location } else { &scan.area_name };
        let code = scan.status_code.as_str();
        Ok(parcel.fact(at, step(CODES, code), (code, &scan.context, place)))
    };
    let mut facts: Vec<TrackingFact> =
        scans.iter().enumerate().map(fact).collect::<Result<_, Unheard>>()?;
    bring_back(&mut facts, now);
    Ok(facts)
}

/// Kuaidi100 gave up: nothing found for 3 days, or nothing new for 60. The time is right after the
/// newest scan, so the same news told again is the same fact; without any scan it is the day.
fn given_up(parcel: &Parcel, facts: &[TrackingFact], message: &str, now: Millis) -> TrackingFact {
    let newest = facts.iter().map(|fact| fact.occurred_at).max();
    let today = Millis(now.0.saturating_sub(now.0.rem_euclid(DAY)));
    let at = newest.map_or(today, |at| at.plus(1));
    parcel.fact(at, Exception(Delay), ("abort", message, ""))
}
