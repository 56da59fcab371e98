//! crash: kills the system while people order and pay, starts it again, and counts.
//!
//! What was answered must be there; what was not answered is asked again, and must be there once;
//! nothing may be half written. Each round ends with SIGKILL at a random moment. Only the process
//! that was started here is killed, and it does not outlive this one.

mod audit;
mod book;
mod buyers;
mod shop;

use anyhow::Context as _;
use book::Book;
use clap::Parser;
use shop::Shop;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tools::{Align, Dice, Scratch, Table, grouped};

/// A round's load lasts at least and at most so long, in milliseconds.
const ROUND_MS: (u64, u64) = (250, 1_750);

/// Kills the system again and again, and checks that nothing is lost or doubled.
#[derive(Debug, Clone, Parser)]
struct Arguments {
    /// How often it is killed.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// How many people buy at a time.
    #[arg(long, default_value_t = 24)]
    buyers: usize,
    /// Tells the same story again, as far as the machine lets it [default: another one each time].
    #[arg(long)]
    seed: Option<u64>,
    /// Leave the state, to be looked at.
    #[arg(long)]
    keep: bool,
}

/// What the people know, for all of them.
pub type Shared = Arc<Mutex<Book>>;

/// The book; somebody who failed while holding it is no reason to lose it.
pub fn locked(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut scratch = match Scratch::new("crash") {
        Ok(scratch) => scratch,
        Err(error) => return failed(&error),
    };
    let outcome = tokio::select! {
        outcome = run(&arguments, &scratch) => outcome,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    if arguments.keep || outcome.is_err() {
        scratch.keep();
        println!("\nThe state is left in {}.", scratch.path().display());
    }
    outcome.map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS)
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("crash: {error:#}");
    ExitCode::FAILURE
}

async fn run(arguments: &Arguments, scratch: &Scratch) -> anyhow::Result<()> {
    let seed =
        arguments.seed.unwrap_or_else(|| chrono::Utc::now().timestamp_micros().unsigned_abs());
    println!("{} rounds, {} buyers, --seed {seed}", arguments.rounds, arguments.buyers);
    let mut dice = Dice::new(seed);
    let book = Shared::default();
    scratch.share_cache()?;
    let mut shop = Shop::open(scratch.path(), arguments.buyers).await?;
    let mut table = rounds();
    println!("{}", head(&table));
    for round in 1..=arguments.rounds {
        let load = Duration::from_millis(ROUND_MS.0 + dice.below(ROUND_MS.1 - ROUND_MS.0));
        let row = one(&mut shop, &book, (round, load), &mut dice)
            .await
            .with_context(|| format!("round {round}, --seed {seed}"))?;
        println!("{}", row.join("  "));
        table.row(row);
    }
    let waiting = shop.drain().await?;
    let mut off = audit::all(&shop, &locked(&book))?;
    off.extend(audit::refunds(&shop)?);
    if waiting > 0 {
        off.push(format!("{waiting} messages are still not sent"));
    }
    verdict(&shop, &locked(&book), &off)
}

/// One round: load, death, a new life, and what came of it.
async fn one(
    shop: &mut Shop,
    book: &Shared,
    (round, load): (u32, Duration),
    dice: &mut Dice,
) -> anyhow::Result<Vec<String>> {
    let before = locked(book).counts();
    buyers::until_death(shop, book, load, &dice.for_other(u64::from(round))).await?;
    let after = locked(book).counts();
    let unanswered = locked(book).open.len();
    let up = shop.restart().await?;
    let stored = audit::stored(shop, &locked(book))?;
    buyers::ask_again(shop, book).await?;
    let off = audit::all(shop, &locked(book))?;
    if !off.is_empty() {
        return Err(anyhow::anyhow!("{}", off.join("\n       ")));
    }
    let cells = [
        u64::from(round),
        u64::try_from(load.as_millis())?,
        after.placed - before.placed,
        after.paid - before.paid,
        after.cancelled - before.cancelled,
        unanswered as u64,
        stored,
        u64::try_from(up.as_millis())?,
    ];
    let widths = WIDTHS.iter().zip(cells.map(grouped));
    let mut row: Vec<String> = widths.map(|(width, cell)| format!("{cell:>width$}")).collect();
    row.push("ok".to_owned());
    Ok(row)
}

const COLUMNS: [&str; 9] =
    ["round", "killed ms", "ordered", "paid", "cancelled", "open", "stored", "up ms", "checks"];
const WIDTHS: [usize; 8] = [5, 9, 7, 5, 9, 4, 6, 5];

fn rounds() -> Table {
    let columns = COLUMNS.map(|name| (name, Align::Right));
    Table::new(&columns)
}

fn head(table: &Table) -> String {
    let text = table.to_string();
    let legend = "open: calls that were not answered; stored: those of them that were done all \
        the same.\nAll are made again with the same key, and again.\n";
    format!("{legend}\n{}", text.trim_end())
}

fn verdict(shop: &Shop, book: &Book, off: &[String]) -> anyhow::Result<()> {
    let counts = book.counts();
    println!(
        "\nIn all: {} purchases were answered, {} payments and {} cancellations acknowledged,\n\
         {} calls repeated that had no answer, {} refused for want of stock,\n\
         {} refunds at the gateway; the database has {} MiB.",
        grouped(counts.placed),
        grouped(counts.paid),
        grouped(counts.cancelled),
        grouped(counts.repeated),
        grouped(counts.refused),
        grouped(shop.gateway.refunds().len() as u64),
        std::fs::metadata(shop.state.database())?.len() >> 20,
    );
    if off.is_empty() {
        println!("Nothing was lost, nothing happened twice, nothing is half written.");
        return Ok(());
    }
    for line in off {
        println!("OFF    {line}");
    }
    anyhow::bail!("{} things are off", off.len())
}
