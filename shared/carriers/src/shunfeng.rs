//! SF Express (顺丰), 丰桥 RoutePushService: up to ten new scans a push, as JSON or as XML in a form.
//!
//! SF signs nothing. What stands for a signature is a secret in the path: the adapter is only
//! called `shunfeng-<token>`, so it exists only with one. A push tells each scan once, so a scan
//! from the future gets the time of receipt. Source: 丰桥 "路由推送接口" (showdoc hnqiao).

mod ask;
mod codes;
pub mod orders;
mod service;
mod xml;

pub use ask::ShunfengInterface;

use crate::json::{from_bytes, unreadable, word};
use crate::scan::{Parcel, beijing, bring_back, distinct};
use crate::{Carrier, Delivery, MOST_FACTS, Told, Unheard, answer};
use bytes::Bytes;
use domain::{Millis, TrackingFact};
use http::{Response, StatusCode};
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// How the push is configured at SF; its answers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Json,
    Form,
}

/// SF's route push.
#[derive(Clone)]
pub struct Shunfeng {
    mode: Mode,
    called: String,
}

impl Shunfeng {
    /// Our name of it, and Kuaidi100's code of the carrier.
    pub const NAME: &'static str = "shunfeng";

    /// `None` without a token of at least 16 signs: then it is not used, and nobody is let in.
    pub fn new(mode: Mode, token: &str) -> Option<Self> {
        let called = format!("{}-{token}", Self::NAME);
        (token.len() >= 16).then_some(Self { mode, called })
    }
}

impl Carrier for Shunfeng {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// The whole of `shunfeng-<token>`, compared in constant time.
    fn is_called(&self, segment: &str) -> bool {
        self.called.as_bytes().ct_eq(segment.as_bytes()).into()
    }

    fn read(&self, delivery: &Delivery<'_>) -> Result<Told, Unheard> {
        let routes = match self.mode {
            Mode::Json => from_bytes::<Push>(delivery.body)?.body.waybill_route,
            Mode::Form => {
                let mut form = form_urlencoded::parse(delivery.body);
                let content = form.find(|(name, _)| name == "content");
                let (_, text) = content.ok_or_else(|| unreadable("content", "missing"))?;
                xml::routes(&text)?
            }
        };
        if routes.len() > MOST_FACTS {
            return Err(unreadable("Body.WaybillRoute", "too many scans"));
        }
        let facts = routes.iter().enumerate().map(|(i, route)| route.fact(i, delivery.now));
        Ok(Told::more(distinct(facts.collect::<Result<_, Unheard>>()?)))
    }

    fn acknowledge(&self) -> Response<Bytes> {
        match self.mode {
            Mode::Json => answer(
                StatusCode::OK,
                "application/json",
                r#"{"return_code":"0000","return_msg":"成功"}"#,
            ),
            Mode::Form => answer(
                StatusCode::OK,
                "text/xml",
                r#"<Response service="RoutePushService"><Head>OK</Head></Response>"#,
            ),
        }
    }

    fn refuse(&self, why: &Unheard) -> Response<Bytes> {
        match self.mode {
            Mode::Json => answer(
                why.status(),
                "application/json",
                r#"{"return_code":"1000","return_msg":"失败"}"#,
            ),
            Mode::Form => answer(
                why.status(),
                "text/xml",
                concat!(
                    r#"<Response service="RoutePushService"><Head>ERR</Head>"#,
                    r#"<ERROR code="4001">系统发生数据错误或运行时异常</ERROR></Response>"#
                ),
            ),
        }
    }
}

#[derive(Deserialize)]
struct Push {
    #[serde(rename = "Body")]
    body: Body,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "WaybillRoute")]
    waybill_route: Vec<Route>,
}

/// One scan; in both modes the fields are the same.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Route {
    /// An answer to a question names it once, for all its scans.
    #[serde(default, deserialize_with = "word")]
    mailno: String,
    accept_time: String,
    #[serde(default, deserialize_with = "word")]
    accept_address: String,
    #[serde(default, deserialize_with = "word")]
    remark: String,
    #[serde(default, deserialize_with = "word")]
    op_code: String,
    #[serde(default, deserialize_with = "word")]
    reason_code: String,
    /// Only in some configurations: 1 picked up, 2 on the way, 3 out for delivery, 4 signed for.
    #[serde(default, deserialize_with = "word")]
    first_status_code: String,
}

impl Route {
    fn fact(&self, i: usize, now: Millis) -> Result<TrackingFact, Unheard> {
        let path = |field: &str| format!("Body.WaybillRoute[{i}].{field}");
        let parcel = Parcel::read(
            Shunfeng::NAME,
            (Shunfeng::NAME, "carrier"),
            (&self.mailno, &path("mailno")),
        )?;
        self.fact_of(&parcel, &path("acceptTime"), now)
    }

    fn fact_of(&self, parcel: &Parcel, path: &str, now: Millis) -> Result<TrackingFact, Unheard> {
        let at = beijing(&self.accept_time, path)?;
        let step = codes::step(self);
        let told = (self.op_code.as_str(), self.remark.as_str(), self.accept_address.as_str());
        let mut fact = parcel.fact(at, step, told);
        bring_back(std::slice::from_mut(&mut fact), now);
        Ok(fact)
    }
}
