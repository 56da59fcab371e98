//! What Spin adds to a request: the route's headers, and a complete address.
//!
//! A guest sees them in addition to what the client sent; `connection` is the server's business
//! and goes.

use http::header::{CONNECTION, HOST, HeaderName, HeaderValue};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Request, Uri};
use manifest::Matched;
use std::net::SocketAddr;

/// Why a request can't be passed on.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable(pub &'static str);

/// Makes `request` what a component of Spin expects.
pub fn prepare<B>(
    request: &mut Request<B>,
    matched: &Matched<'_, '_>,
    client: SocketAddr,
) -> Result<(), Unreadable> {
    let authority = authority(request)?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let url = format!("http://{authority}{path}");
    let headers = request.headers_mut();
    headers.remove(CONNECTION);
    let base = [
        ("spin-path-info", matched.trailing.as_str()),
        ("spin-full-url", url.as_str()),
        ("spin-matched-route", matched.matched_route),
        ("spin-base-path", "/"),
        ("spin-raw-component-route", matched.raw_route),
        ("spin-component-route", matched.component_route()),
        ("spin-client-addr", &client.to_string()),
    ];
    for (name, value) in base {
        append(headers, HeaderName::from_static(name), value);
    }
    for (name, value) in &matched.named {
        let name = format!("spin-path-match-{}", name.replace('_', "-").to_ascii_lowercase());
        if let Ok(name) = HeaderName::try_from(name) {
            append(headers, name, value);
        }
    }
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    *request.uri_mut() =
        Uri::from_parts(parts).map_err(|_| Unreadable("the target is no address"))?;
    Ok(())
}

fn append(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        headers.append(name, value);
    }
}

fn authority<B>(request: &Request<B>) -> Result<Authority, Unreadable> {
    let named = request.headers().get(HOST).map(|host| {
        let host = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
        host.ok_or(Unreadable("the Host header is no address"))
    });
    match (named.transpose()?, request.uri().authority().cloned()) {
        (Some(named), Some(target)) if named != target => {
            Err(Unreadable("the Host header and the target differ"))
        }
        (Some(authority), _) | (None, Some(authority)) => Ok(authority),
        (None, None) => Err(Unreadable("there is no Host header")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manifest::Router;

    #[test]
    fn a_component_sees_its_route() {
        let router = Router::new([("/v1/purchases/:purchase_id/...", "orders")]);
        let uri = "/v1/purchases/7/lines?a=b";
        let request = Request::get(uri).header("host", "shop:3000");
        let mut request = request.header("connection", "close").body(()).unwrap();
        let matched = router.find("/v1/purchases/7/lines").unwrap();
        prepare(&mut request, &matched, "127.0.0.1:5555".parse().unwrap()).unwrap();
        for (name, value) in [
            ("spin-path-info", "/lines"),
            ("spin-full-url", "http://shop:3000/v1/purchases/7/lines?a=b"),
            ("spin-matched-route", "/v1/purchases/:purchase_id/..."),
            ("spin-raw-component-route", "/v1/purchases/:purchase_id/..."),
            ("spin-component-route", "/v1/purchases/:purchase_id"),
            ("spin-base-path", "/"),
            ("spin-client-addr", "127.0.0.1:5555"),
            ("spin-path-match-purchase-id", "7"),
        ] {
            assert_eq!(request.headers()[name], value, "{name}");
        }
        assert!(!request.headers().contains_key("connection"));
        assert_eq!(request.uri(), "http://shop:3000/v1/purchases/7/lines?a=b");
    }

    #[test]
    fn a_request_without_a_host_is_refused() {
        let router = Router::new([("/...", "all")]);
        let mut request = Request::get("/").body(()).unwrap();
        let matched = router.find("/").unwrap();
        assert!(prepare(&mut request, &matched, "127.0.0.1:1".parse().unwrap()).is_err());
    }
}
