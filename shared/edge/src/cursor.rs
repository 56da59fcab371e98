//! Keyset pages: an opaque cursor says after which key to go on.

use crate::{Problem, Request, Response, json};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json as value};

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
    pub fn read(request: &Request) -> Result<Self, Problem> {
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

    /// The key, where keys are numbers. 400 for another one.
    pub fn number(&self) -> Result<Option<i64>, Problem> {
        let number = self.after.as_deref().map(str::parse::<i64>).transpose();
        number.map_err(|_| Problem::bad_request("bad_cursor", "cursor makes no sense"))
    }

    /// The cursor of the page after the row with this key.
    pub fn next(key: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("k:{key}"))
    }
}

/// A page: the rows under `name`, each with its key, one more than the page has if there are more;
/// `next_cursor`, and the same as `Link` (RFC 8288) with these of the request's filters.
pub fn page(
    request: &Request,
    cursor: &Cursor,
    name: &str,
    mut rows: Vec<(String, Value)>,
    filters: &[&str],
) -> Response {
    let limit = usize::try_from(cursor.limit).unwrap_or(0);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|(key, _)| Cursor::next(key));
    let shown: Vec<Value> = rows.into_iter().map(|(_, row)| row).collect();
    let mut response = json(StatusCode::OK, &value!({name: shown, "next_cursor": next}));
    if let Some(next) = next {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("cursor", &next).append_pair("limit", &cursor.limit.to_string());
        let given = filters.iter().filter_map(|name| Some((*name, request.query(name)?)));
        query.extend_pairs(given);
        let (path, query) = (request.uri.path(), query.finish());
        if let Ok(link) = HeaderValue::from_str(&format!("<{path}?{query}>; rel=\"next\"")) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    response
}
