//! Keyset pages: an opaque cursor says after which key to go on.

use crate::Problem;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Where a page begins, and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub after: Option<String>,
    pub limit: i64,
}

/// Rows of a page when the caller says nothing, and at most.
const LIMIT: i64 = 20;
const LIMIT_AT_MOST: i64 = 100;

impl Cursor {
    /// Reads `cursor` and `limit`. 400 for a cursor that we did not make.
    pub fn read(request: &crate::Request) -> Result<Self, Problem> {
        let bad = |what: &str| Problem::bad_request("bad_cursor", format!("{what} makes no sense"));
        let limit = match request.query("limit") {
            None => LIMIT,
            Some(text) => {
                let limit: i64 = text.parse().map_err(|_| bad("limit"))?;
                if (1..=LIMIT_AT_MOST).contains(&limit) { limit } else { return Err(bad("limit")) }
            }
        };
        let after = match request.query("cursor") {
            None => None,
            Some(text) => {
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad("cursor"))?;
                let key = String::from_utf8(bytes).map_err(|_| bad("cursor"))?;
                Some(key.strip_prefix("k:").ok_or_else(|| bad("cursor"))?.to_owned())
            }
        };
        Ok(Self { after, limit })
    }

    /// The cursor of the page after the row with this key.
    pub fn next(key: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("k:{key}"))
    }
}
