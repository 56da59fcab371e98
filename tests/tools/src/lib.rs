//! tools: what the demo, the benchmark and the crash test share.
//!
//! They speak to the system as everybody does, over HTTP with tokens of the state's own key, and
//! start the bundled host as a process. Nothing here knows what is right: the three programs do.

mod dice;
mod host;
mod http;
mod scratch;
mod seed;
mod state;
mod table;

pub use dice::Dice;
pub use host::{Host, Launch};
pub use http::{Answer, Call, Client};
pub use scratch::Scratch;
pub use seed::{Catalog, basket, seed};
pub use state::{People, Role, State};
pub use table::{Align, Table};

/// A minor-unit amount of CNY as people write it: `1,234.50`.
pub fn yuan(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, rest) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    format!("{sign}{}.{rest:02}", grouped(whole))
}

/// A count as people write it: `12,345`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_counts_read_as_people_write_them() {
        assert_eq!(yuan(0), "0.00");
        assert_eq!(yuan(-5), "-0.05");
        assert_eq!(yuan(123_456), "1,234.56");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }
}
