//! `allowed_outbound_hosts`: who may be called.
//!
//! An entry is `scheme://host[:port]`. `*` stands for any scheme, host or port, `*.example.com`
//! for any name below it, a network like `10.0.0.0/8` for its addresses, `self` for the
//! application. Without a port the scheme's own counts. An empty entry allows nothing.

use std::net::IpAddr;

/// A component's parsed `allowed_outbound_hosts`.
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    scheme: Option<String>,
    host: Host,
    port: Ports,
}

#[derive(Debug, Clone)]
enum Host {
    Any,
    Below(String),
    Itself,
    Name(String),
    Network(IpAddr, u8),
}

#[derive(Debug, Clone)]
enum Ports {
    Any,
    /// First and behind the last, as Spin's `80..443`.
    Range(u16, u32),
}

/// Why an entry can't be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{entry:?} is not scheme://host[:port]: {reason}")]
pub struct HostError {
    /// The entry.
    pub entry: String,
    /// What is wrong.
    pub reason: &'static str,
}

impl AllowedHosts {
    /// Parses rendered entries.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, HostError> {
        let kept = entries.iter().map(|entry| entry.as_ref().trim());
        let kept = kept.filter(|entry| !matches!(*entry, "" | "http://" | "https://"));
        let entries = kept.map(|entry| {
            Entry::parse(entry).map_err(|reason| HostError { entry: entry.to_owned(), reason })
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }

    /// Whether `scheme://host[:port]` may be called.
    pub fn allow(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        let Some(port) = port.or_else(|| own_port(scheme)) else { return false };
        let host = bare(host).to_ascii_lowercase();
        self.entries.iter().any(|entry| {
            entry.has_scheme(scheme) && entry.host.contains(&host) && entry.port.contain(port)
        })
    }

    /// Whether the application may call itself over HTTP.
    pub fn allow_self(&self) -> bool {
        self.entries.iter().any(|entry| {
            let scheme = entry.has_scheme("http") || entry.has_scheme("https");
            scheme && matches!(entry.host, Host::Any | Host::Itself)
        })
    }
}

impl Entry {
    fn parse(entry: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = entry.split_once("://").ok_or("it has no scheme")?;
        if scheme != "*" && !scheme.chars().all(char::is_alphabetic) {
            return Err("the scheme is neither * nor letters");
        }
        let (host, port) = split_port(rest);
        let port = match port.strip_suffix('/').unwrap_or(port) {
            "" => {
                let own = own_port(scheme).ok_or("the scheme has no port of its own")?;
                Ports::one(own)
            }
            "*" => Ports::Any,
            number => Ports::parse(number)?,
        };
        let scheme = (scheme != "*").then(|| scheme.to_owned());
        Ok(Self { scheme, host: Host::parse(host)?, port })
    }

    fn has_scheme(&self, scheme: &str) -> bool {
        self.scheme.as_deref().is_none_or(|own| own == scheme)
    }
}

impl Host {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some((address, bits)) = text.split_once('/')
            && let (Ok(address), Ok(bits)) = (address.parse::<IpAddr>(), bits.parse::<u8>())
        {
            return Ok(Self::Network(address, bits));
        }
        let text = bare(text.strip_suffix('/').unwrap_or(text)).to_ascii_lowercase();
        match text.as_str() {
            "" => return Err("it has no host"),
            "*" => return Ok(Self::Any),
            "self" | "self.alt" => return Ok(Self::Itself),
            _ => {}
        }
        if text.contains('/') {
            return Err("it has a path");
        }
        match text.strip_prefix("*.") {
            Some(domain) if domain.contains('*') => Err("a wildcard stands only in front"),
            Some(domain) => Ok(Self::Below(format!(".{domain}"))),
            None if text.contains('*') => Err("a wildcard stands only for whole labels"),
            None => Ok(match text.parse::<IpAddr>() {
                Ok(address) => Self::Network(address, 128),
                Err(_) => Self::Name(text),
            }),
        }
    }

    fn contains(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Below(suffix) => host.ends_with(suffix) && host.parse::<IpAddr>().is_err(),
            Self::Itself => false,
            Self::Name(name) => name == host,
            Self::Network(network, bits) => {
                host.parse().is_ok_and(|address| in_network(address, *network, *bits))
            }
        }
    }
}

impl Ports {
    fn one(port: u16) -> Self {
        Self::Range(port, u32::from(port) + 1)
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let number = |text: &str| text.parse::<u16>().map_err(|_| "the port is no number");
        match text.split_once("..") {
            Some((first, end)) => Ok(Self::Range(number(first)?, u32::from(number(end)?))),
            None => number(text).map(Self::one),
        }
    }

    fn contain(&self, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Range(first, end) => port >= *first && u32::from(port) < *end,
        }
    }
}

/// Splits `host:port`; colons inside of an IPv6 address are none of the port's.
fn split_port(rest: &str) -> (&str, &str) {
    if rest.parse::<IpAddr>().is_ok() {
        return (rest, "");
    }
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        Some(_) | None => (rest, ""),
    }
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn in_network(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let leading = |address: u128, network: u128, width: u32| {
        let kept = u32::from(bits).min(width);
        kept == 0 || (address ^ network) >> (width - kept) == 0
    };
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => leading(a.to_bits().into(), n.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(n)) => leading(a.to_bits(), n.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

fn own_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entry, then what it allows, then what it doesn't.
    const CASES: &[(&str, &[&str], &[&str])] = &[
        (
            "https://api.stripe.com",
            &["https api.stripe.com 443", "https API.stripe.com"],
            &[
                "http api.stripe.com",
                "https api.stripe.com 444",
                "https evil.com",
                "https x.api.stripe.com",
            ],
        ),
        ("http://127.0.0.1:3901", &["http 127.0.0.1 3901"], &["http 127.0.0.1", "http ::1 3901"]),
        ("https://*:443", &["https a.com", "https 10.0.0.1"], &["http a.com", "https a.com 8443"]),
        ("*://*:*", &["http a 1", "redis b 2"], &[]),
        ("*://a.com:80", &["http a.com", "https a.com 80"], &["https a.com"]),
        (
            "https://*.a.com",
            &["https b.a.com", "https c.b.a.com"],
            &["https a.com", "https ba.com"],
        ),
        ("http://10.0.0.0/8", &["http 10.1.2.3"], &["http 11.0.0.1", "http ten.com"]),
        ("http://[::1]:8080", &["http [::1] 8080", "http ::1 8080"], &["http ::1"]),
        ("http://a.com:8000..8002", &["http a.com 8000", "http a.com 8001"], &["http a.com 8002"]),
        ("http://self", &[], &["http self"]),
        ("", &[], &["http a.com"]),
        ("https://", &[], &["https a.com"]),
    ];

    #[test]
    fn an_entry_allows_what_it_says_and_nothing_else() {
        for (entry, allowed, denied) in CASES {
            let hosts = AllowedHosts::parse(&[entry]).unwrap();
            let ask = |call: &&str| {
                let mut words = call.split(' ');
                let (scheme, host) = (words.next().unwrap(), words.next().unwrap());
                hosts.allow(scheme, host, words.next().map(|port| port.parse().unwrap()))
            };
            assert!(allowed.iter().all(ask), "{entry} allows too little");
            assert!(!denied.iter().any(ask), "{entry} allows too much");
        }
    }

    #[test]
    fn only_self_and_everything_allow_calling_oneself() {
        for (entry, expected) in
            [("http://self", true), ("*://*:*", true), ("http://a.com", false), ("", false)]
        {
            assert_eq!(AllowedHosts::parse(&[entry]).unwrap().allow_self(), expected, "{entry}");
        }
    }

    #[test]
    fn an_unreadable_entry_is_refused() {
        for entry in
            ["a.com", "*", "https://a.com/path", "ftp://a.com", "https://a.*", "http://a:x"]
        {
            assert!(AllowedHosts::parse(&[entry]).is_err(), "{entry}");
        }
    }
}
