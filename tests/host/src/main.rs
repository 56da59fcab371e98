//! The command line of the bundled host: serve, keys, token, schedule.

use anyhow::Context as _;
use clap::Parser as _;
use host::args::{Command, Host, Keys, Token};
use std::process::ExitCode;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let outcome = match Host::parse().command {
        Command::Serve(args) => run(host::serve(*args)),
        Command::Schedule(args) => run(host::schedule(args)),
        Command::Keys(args) => keys(&args),
        Command::Token(args) => token(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("host: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("could not start the runtime")?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

fn keys(args: &Keys) -> anyhow::Result<()> {
    let made = manifest::keys::make_missing(&args.state)?;
    for path in &made {
        println!("made {}", path.display());
    }
    if made.is_empty() {
        println!("nothing is missing in {}", args.state.display());
    }
    Ok(())
}

fn token(args: &Token) -> anyhow::Result<()> {
    let key = manifest::keys::signing_key(&args.state)?;
    let now = args.at.unwrap_or_else(chrono::Utc::now);
    let sub = args.sub.clone().unwrap_or_else(|| format!("{}-1", args.role));
    let mut claims = host::token::Claims::new(args.role, &sub, now.timestamp(), args.days);
    claims.merchant = args.merchant.clone();
    claims.warehouse = args.warehouse.clone();
    println!("{}", host::token::mint(&key, &claims)?);
    Ok(())
}
