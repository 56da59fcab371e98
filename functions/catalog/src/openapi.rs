//! The OpenAPI document: what all functions together take and answer, for everybody to read. It is
//! written by hand in `openapi.json`; stories hold what is really asked and answered against it.

use edge::{Request, Response, no_content, text};
use http::{HeaderValue, StatusCode, header};

const DOCUMENT: &str = include_str!("../openapi.json");
/// Tells one document from another.
const FINGERPRINT: u64 = fingerprint(DOCUMENT.as_bytes());
/// A new version is seen within minutes.
const CACHE: &str = "public, max-age=300";

/// The document, or 304 if the caller has it.
pub fn show(request: &Request) -> Response {
    let tag = format!("\"{FINGERPRINT:016x}\"");
    let known = request.header(header::IF_NONE_MATCH.as_str()).unwrap_or_default();
    let same = |known: &str| known.trim().trim_start_matches("W/") == tag;
    let mut response = if known.split(',').any(same) {
        let mut response = no_content();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        text(StatusCode::OK, "application/json", DOCUMENT)
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// As FNV-1a does it, but over words of eight bytes, so that the compiler is done with it quickly.
const fn fingerprint(mut bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    while let Some((word, rest)) = bytes.split_first_chunk::<8>() {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(PRIME).rotate_left(29);
        bytes = rest;
    }
    while let [byte, rest @ ..] = bytes {
        hash = (hash ^ *byte as u64).wrapping_mul(PRIME);
        bytes = rest;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn another_document_has_another_tag() {
        let texts = ["", "a", "b", "12345678", "12345679", "123456781", "876543211", "187654321"];
        for (i, text) in texts.iter().enumerate() {
            for other in texts.iter().take(i) {
                assert_ne!(fingerprint(text.as_bytes()), fingerprint(other.as_bytes()));
            }
        }
    }
}
