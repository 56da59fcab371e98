//! The interfaces that carriers give waybills by: SF's platform and EasyPost. Each checks who asks,
//! keeps what it was asked for, and misbehaves as it was told.

mod easypost;
mod sf;

pub use easypost::{EasyPostDesk, Postage};
pub use sf::{SfDesk, SfOrder};

use crate::{Handler, Running, json_answer, serve};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::json;
use std::net::SocketAddr;

/// Both behind one address.
#[derive(Clone)]
pub struct Couriers {
    pub sf: SfDesk,
    pub easypost: EasyPostDesk,
}

impl Couriers {
    /// With keys of their own.
    pub fn new() -> Self {
        Self { sf: SfDesk::new("ORDERFLOW", "check-word"), easypost: EasyPostDesk::new("EZTK-1") }
    }

    /// The shop's configuration for them, at this address.
    pub fn settings(&self, base: &str) -> Vec<(&'static str, String)> {
        vec![
            ("sf_partner_id", "ORDERFLOW".to_owned()),
            ("sf_check_word", "check-word".to_owned()),
            ("sf_monthly_card", "7551234567".to_owned()),
            ("sf_base", base.to_owned()),
            ("easypost_api_key", "EZTK-1".to_owned()),
            ("easypost_base", base.to_owned()),
        ]
    }

    /// Answers whichever of them is asked.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        match request.uri().path() {
            "/std/service" => self.sf.answer(request),
            path if path.starts_with("/v2/shipments") => self.easypost.answer(request),
            _ => json_answer(StatusCode::NOT_FOUND, &json!({"error": "no such thing"})),
        }
    }

    /// Serves them until the answer is dropped. Port 0 picks a free one.
    pub async fn serve(self, addr: SocketAddr) -> anyhow::Result<Running> {
        serve(addr, Handler::new(move |request| self.answer(&request))).await
    }
}

impl Default for Couriers {
    fn default() -> Self {
        Self::new()
    }
}
