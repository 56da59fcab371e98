//! What can be said on the command line. Names and defaults are Spin's where Spin has the same.

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use manifest::token::Role;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Runs the components of spin.toml, as Spin would.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Host {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the host can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the application.
    Serve(Box<Serve>),
    /// Make the signing key and the environment file, if they are missing.
    Keys(Keys),
    /// Print a token for a caller.
    Token(Token),
    /// Call tick and dispatch once a second, for use beside `spin up`.
    Schedule(Schedule),
}

/// `host serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The manifest; sources are relative to it.
    #[arg(long, default_value = "spin.toml")]
    pub manifest: PathBuf,
    /// Where databases, logs, keys and compiled components live.
    #[arg(long, default_value = ".orderflow")]
    pub state: PathBuf,
    /// Where to listen. Port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// A variable's value; before all other providers.
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = pair)]
    pub variables: Vec<(String, String)>,
    /// A file of SPIN_VARIABLE_NAME=VALUE lines [default: <state>/env, then .env].
    #[arg(long)]
    pub env_file: Option<PathBuf>,
    /// Don't call tick and dispatch.
    #[arg(long)]
    pub no_schedule: bool,
    /// The wall clock of all components stands at this time (RFC 3339) until it is moved.
    #[arg(long, value_name = "TIME")]
    pub clock: Option<DateTime<Utc>>,
    /// With --clock: the clock runs on from there.
    #[arg(long, requires = "clock")]
    pub clock_runs: bool,
    /// A loopback address for moving the clock, killing instances and injecting faults.
    #[arg(long)]
    pub control: Option<SocketAddr>,
    /// Write the addresses to this file, as JSON, when serving.
    #[arg(long)]
    pub ready_file: Option<PathBuf>,
    /// End when the parent process ends, or closes its end of a stdin pipe.
    #[arg(long)]
    pub exit_with_parent: bool,
    /// How instances are reused.
    #[command(flatten)]
    pub reuse: Reuse,
}

/// How instances are reused; Spin's numbers.
#[derive(Debug, Clone, Args)]
pub struct Reuse {
    /// Requests that an instance serves before it goes.
    #[arg(long, default_value_t = 128)]
    pub max_instance_reuse_count: usize,
    /// Requests that an instance serves at a time.
    #[arg(long, default_value_t = 16)]
    pub max_instance_concurrent_reuse_count: usize,
    /// How long an instance stays without work.
    #[arg(long, default_value = "1s", value_parser = duration)]
    pub idle_instance_timeout: Duration,
    /// How long a request may take [default: forever].
    #[arg(long, value_parser = duration)]
    pub request_timeout: Option<Duration>,
    /// Instances that may live at a time, over all components; more requests wait.
    #[arg(long, default_value_t = 256)]
    pub max_instances: u32,
}

/// `host keys`.
#[derive(Debug, Args)]
pub struct Keys {
    /// The state directory.
    #[arg(long, default_value = ".orderflow")]
    pub state: PathBuf,
}

/// `host token`.
#[derive(Debug, Args)]
pub struct Token {
    /// buyer, merchant, warehouse, support, finance or operator.
    #[arg(long)]
    pub role: Role,
    /// Who calls [default: the role and -1].
    #[arg(long)]
    pub sub: Option<String>,
    /// The merchant it speaks for.
    #[arg(long)]
    pub merchant: Option<String>,
    /// The warehouse it works in.
    #[arg(long)]
    pub warehouse: Option<String>,
    /// How long it is good for.
    #[arg(long, default_value_t = 30)]
    pub days: u32,
    /// From when on (RFC 3339) [default: now].
    #[arg(long)]
    pub at: Option<DateTime<Utc>>,
    /// The state directory with the signing key.
    #[arg(long, default_value = ".orderflow")]
    pub state: PathBuf,
}

/// `host schedule`.
#[derive(Debug, Args)]
pub struct Schedule {
    /// Where the application listens; plain HTTP.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    pub url: http::Uri,
    /// The state directory with the scheduler's token.
    #[arg(long, default_value = ".orderflow")]
    pub state: PathBuf,
    /// End when the parent process ends, or closes its end of a stdin pipe.
    #[arg(long)]
    pub exit_with_parent: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is not NAME=VALUE")?;
    manifest::check_name(name)?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Seconds, or a number with `s` or `ms`.
fn duration(text: &str) -> Result<Duration, String> {
    let parse = |number: &str| number.parse::<u64>().map_err(|_| format!("{text:?} is no time"));
    match text.strip_suffix("ms") {
        Some(number) => parse(number).map(Duration::from_millis),
        None => parse(text.strip_suffix('s').unwrap_or(text)).map(Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit_or_means_seconds() {
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert!(duration("soon").is_err());
    }

    #[test]
    fn a_variable_needs_a_name_that_spin_accepts() {
        assert_eq!(pair("a_b=c=d"), Ok(("a_b".to_owned(), "c=d".to_owned())));
        assert!(pair("a_b").is_err());
        assert!(pair("A=1").is_err());
    }
}
