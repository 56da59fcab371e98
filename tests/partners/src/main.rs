//! `partners serve`: the shop's partners on loopback, to play with by hand. See `control`.
//!
//! It takes the shop's own secrets from the file that `make up` writes, and ends on SIGTERM or
//! SIGINT.

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use partners::control::Desk;
use partners::{Carrier, Gateway, Receiver, now_unix, serve};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// A payment gateway, a carrier and a merchant's endpoint, for real, on loopback.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves all partners until SIGTERM or SIGINT.
    Serve {
        #[arg(long, default_value = "127.0.0.1:3901")]
        listen: SocketAddr,
        /// `SPIN_VARIABLE_…=…` lines: the shop's own configuration.
        #[arg(long, default_value = ".orderflow/env")]
        env_file: PathBuf,
        /// Where the shop is.
        #[arg(long, default_value = "http://127.0.0.1:3000")]
        shop: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("partners: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let Command::Serve { listen, env_file, shop } = Arguments::parse().command;
    if !listen.ip().is_loopback() {
        bail!("partners trust every caller: listen on loopback, not on {listen}");
    }
    let variables = variables(&env_file)?;
    let variable = |name: &str| {
        variables
            .get(&format!("SPIN_VARIABLE_{name}"))
            .filter(|value| !value.is_empty())
            .with_context(|| format!("{} has no SPIN_VARIABLE_{name}", env_file.display()))
    };
    let secrets = variable("STRIPE_WEBHOOK_SECRETS")?;
    let secret = secrets.split(',').next().unwrap_or_default().trim();
    // The shop may remember earlier runs: ids go on from the time.
    let first = u64::try_from(now_unix()).unwrap_or_default() * 1_000;
    let desk = Desk {
        gateway: Gateway::new(secret, variable("STRIPE_API_KEY")?).counting_from(first),
        carrier: Carrier::new(variable("KUAIDI100_SALT")?),
        receiver: Receiver::new::<&str>(&[]),
        shop: shop.trim_end_matches('/').to_owned(),
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let running = serve(listen, desk.handler()).await?;
    println!("partners on {}", running.base_url());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// `NAME=value` lines; blank ones, comments and `export` are let pass, quotes around a value go.
fn variables(path: &Path) -> anyhow::Result<HashMap<String, String>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read {}", path.display()))?;
    let line = |line: &str| {
        let line = line.trim().trim_start_matches("export ");
        let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
        let value = value.trim();
        let bare = ['\'', '"'].iter().find_map(|quote| {
            value.strip_prefix(*quote).and_then(|value| value.strip_suffix(*quote))
        });
        Some((name.trim().to_owned(), bare.unwrap_or(value).to_owned()))
    };
    Ok(text.lines().filter_map(line).collect())
}
