//! demo: one purchase from two merchants, from the quote to the payout, against a running system.
//!
//! It plays everybody: the shop, a buyer, two warehouses, the merchants, finance, and the partners
//! that the system talks to. It tells what happens in words, and at the end adds up everything
//! that it saw; if anything is off it says so and ends with an error.

mod arrive;
mod books;
mod cast;
mod come_back;
mod field;
mod open;
mod order;
mod settle;
mod stage;
mod tell;
mod voice;

use clap::Parser;
use stage::Stage;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Plays a purchase against a running system, and explains it.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// Where the system is.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    pub url: String,
    /// Its state directory: the signing key and what partners sign with.
    #[arg(long, default_value = ".orderflow")]
    pub state: PathBuf,
    /// Where the partners listen [default: where the state says that they are].
    #[arg(long)]
    pub partners: Option<SocketAddr>,
    /// The bundled host's control port, if its clock may be moved.
    #[arg(long)]
    pub control: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match play(&Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            println!("\nNot everything adds up: see the lines marked OFF.");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!();
            eprintln!("demo: it went wrong: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The whole play. True if everything adds up.
async fn play(arguments: &Arguments) -> anyhow::Result<bool> {
    let mut stage = Stage::set(arguments).await?;
    open::describe(&mut stage).await?;
    open::waybills(&mut stage).await?;
    let quoted = order::quote(&mut stage).await?;
    let bought = order::place(&mut stage, quoted).await?;
    order::pay(&mut stage, &bought).await?;
    let parcels = arrive::ship(&mut stage, &bought).await?;
    arrive::carry(&mut stage, &bought, &parcels).await?;
    arrive::confirm(&mut stage, &bought).await?;
    let case = come_back::open(&mut stage, &bought).await?;
    come_back::send(&mut stage, &case).await?;
    let refunded = come_back::refund(&mut stage, &bought, &case).await?;
    let settled = settle::wait(&mut stage, &bought).await?;
    let paid_out = settle::pay_out(&mut stage, &settled).await?;
    tell::timeline(&mut stage, &bought).await?;
    let heard = tell::messages(&mut stage, &bought, &settled).await?;
    let mut books = books::read(&mut stage, &bought, &settled).await?;
    books.table();
    books.check_money(&stage, &refunded, &paid_out);
    books.check_goods(&mut stage, &bought, &heard).await?;
    Ok(books.verdict())
}
