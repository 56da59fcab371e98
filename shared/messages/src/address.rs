//! Where a merchant's webhooks may be sent: to the internet, and not into the shop's own network.
//!
//! What is looked at is the address as it is written. A name that resolves to a private address
//! cannot be seen from here; against that, Spin's runtime refuses by address (`block_networks`).
//! Ranges: the special-purpose registries of IANA (RFC 6890 and its updates).

use http::Uri;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCallable {
    #[error("not a URL with a host")]
    NotAUrl,
    #[error("only https is called")]
    NotHttps,
    #[error("a name or a password is in it")]
    UserInfo,
    #[error("not an address on the internet")]
    Private,
    #[error("an address is written in four decimal numbers, or in brackets")]
    OddlyWritten,
}

/// Checks a webhook's URL. `private` are origins that the shop allows all the same, such as
/// `http://10.0.3.7:8080`, separated by commas.
pub fn may_be_called(url: &str, private: &str) -> Result<(), NotCallable> {
    let uri: Uri = url.parse().map_err(|_| NotCallable::NotAUrl)?;
    let authority = uri.authority().ok_or(NotCallable::NotAUrl)?;
    if authority.as_str().contains('@') {
        return Err(NotCallable::UserInfo);
    }
    let scheme = uri.scheme_str().ok_or(NotCallable::NotAUrl)?;
    let origin = format!("{scheme}://{authority}").to_ascii_lowercase();
    let same = |allowed: &str| allowed.trim().trim_end_matches('/').eq_ignore_ascii_case(&origin);
    if matches!(scheme, "http" | "https") && private.split(',').any(same) {
        return Ok(());
    }
    if scheme != "https" {
        return Err(NotCallable::NotHttps);
    }
    is_public_host(authority.host())
}

fn is_public_host(host: &str) -> Result<(), NotCallable> {
    if let Some(inside) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Ipv6Addr = inside.parse().map_err(|_| NotCallable::OddlyWritten)?;
        return public(IpAddr::V6(address));
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    // Whatever ends in a number is an address for a browser or a resolver, in any of its forms:
    // 127.1, 2130706433, 0x7f000001, 0177.0.0.1. Only the plain form is taken.
    let number = |text: &str| {
        let hex = text.strip_prefix("0x");
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        digits(text) || hex.is_some_and(|h| h.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    if number(last) {
        let address: Ipv4Addr = host.parse().map_err(|_| NotCallable::OddlyWritten)?;
        return public(IpAddr::V4(address));
    }
    let sign = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if labels.iter().any(|label| label.is_empty() || !label.chars().all(sign)) {
        return Err(NotCallable::NotAUrl);
    }
    let inner = ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa"];
    if labels.len() < 2 || inner.contains(&last) { Err(NotCallable::Private) } else { Ok(()) }
}

fn public(address: IpAddr) -> Result<(), NotCallable> {
    let public = match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    };
    if public { Ok(()) } else { Err(NotCallable::Private) }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network, private, loopback, multicast and reserved.
        (0 | 10 | 127 | 224.., _, _) => true,
        // Shared, link-local (the clouds' metadata), private.
        (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => true,
        // Protocol assignments, documentation, benchmarks, the old 6to4 relay.
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) => true,
        (198, 51, 100) | (203, 0, 113) => true,
        (_, _, _) => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match parts {
        // IPv4 in the mapped form; unspecified, loopback, and IPv4 in the old form.
        [0, 0, 0, 0, 0, 0xffff, high, low] => is_public_v4(v4(high, low)),
        [0, 0, 0, 0, 0, 0, ..] => false,
        // IPv4 behind NAT64, and in 6to4.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(v4(high, low)),
        [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        // Teredo, benchmarks, ORCHID, documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Only global unicast is public.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_internet_may_be_called() {
        for url in [
            "https://hooks.example.com/orders",
            "https://xn--fiq228c.example.cn:8443/a?b=c",
            "https://93.184.216.34/",
            "https://[2606:2800:220:1:248:1893:25c8:1946]/",
            "https://a_b.example.com./x",
        ] {
            assert_eq!(may_be_called(url, ""), Ok(()), "{url}");
        }
    }

    #[test]
    fn the_shops_own_network_may_not() {
        for host in [
            "127.0.0.1",
            "127.8.9.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.9",
            "169.254.169.254",
            "100.100.100.200",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a00:1]",
            "[::7f00:1]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[64:ff9b::10.0.0.1]",
            "[2002:7f00:1::]",
            "[2001:db8::1]",
            "localhost",
            "a.localhost",
            "intranet",
            "db.local",
            "metadata.google.internal",
            "localhost.",
        ] {
            let url = format!("https://{host}/");
            assert_eq!(may_be_called(&url, ""), Err(NotCallable::Private), "{url}");
        }
    }

    #[test]
    fn an_address_in_disguise_is_no_address() {
        for host in [
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "127.1",
            "10.1.1",
            "1.2.3.4.5",
            "1.2.3.256",
            "127.0.0.0x1",
            "0x",
        ] {
            let url = format!("https://{host}/");
            assert_eq!(may_be_called(&url, ""), Err(NotCallable::OddlyWritten), "{url}");
        }
    }

    #[test]
    fn what_is_no_plain_https_url_is_not_called() {
        for (url, why) in [
            ("", NotCallable::NotAUrl),
            ("/hooks", NotCallable::NotAUrl),
            ("https:///hooks", NotCallable::NotAUrl),
            ("http://hooks.example.com/", NotCallable::NotHttps),
            ("ftp://hooks.example.com/", NotCallable::NotHttps),
            ("https://user:pw@hooks.example.com/", NotCallable::UserInfo),
            ("https://example.com@127.0.0.1/", NotCallable::UserInfo),
            ("https://a..example.com/", NotCallable::NotAUrl),
        ] {
            assert_eq!(may_be_called(url, ""), Err(why), "{url}");
        }
    }

    #[test]
    fn a_private_origin_is_called_where_the_shop_allows_exactly_it() {
        let allowed = "http://10.0.3.7:8080, http://127.0.0.1:3901/";
        for url in ["http://10.0.3.7:8080/x", "http://127.0.0.1:3901/hooks/m1"] {
            assert_eq!(may_be_called(url, allowed), Ok(()), "{url}");
        }
        for url in ["http://10.0.3.7/x", "https://10.0.3.7:8080/", "http://u@127.0.0.1:3901/"] {
            assert!(may_be_called(url, allowed).is_err(), "{url}");
        }
    }
}
