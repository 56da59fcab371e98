//! bench: figures of the system on this machine, and of what limits it.
//!
//! It starts its own hosts on states of their own, so nothing that runs is disturbed; but whatever
//! else runs disturbs the figures, so it says how busy the machine was. Figures only: it asserts
//! nothing about speed, only that every answer is the right one.

mod busy;
mod figures;
mod load;
mod native;
mod scene;
mod tracking;
mod wave;

use anyhow::Context as _;
use clap::Parser;
use figures::Figures;
use scene::{Scene, Work};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tools::Scratch;

/// Where the figures of the last run lie, one JSON object a line.
const LATEST: &str = "target/bench/latest.jsonl";
/// Connections for what is measured at one number of connections only.
const MANY: usize = 32;

/// Measures orders, reads, the runtime and the database on this machine.
#[derive(Debug, Clone, Parser)]
struct Arguments {
    /// Measure only this.
    only: Option<Only>,
    /// How long each figure is measured.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How many connections order at a time.
    #[arg(long, value_delimiter = ',', default_value = "1,8,32,64")]
    connections: Vec<usize>,
    /// Measure one commit per statement at every number of connections, not only at 32.
    #[arg(long)]
    one_by_one: bool,
    /// Measure baskets that all want the same SKU as well.
    #[arg(long)]
    hot: bool,
    /// Measure carriers' pushes, with a million scans of other parcels and without, and nothing
    /// else.
    #[arg(long)]
    tracking: bool,
    /// Threads of the load generator, 1 or 2. They take part of the machine.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    threads: u8,
}

/// What can be measured alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    /// A wave of 5,000 orders.
    Wave,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(usize::from(arguments.threads))
        .enable_all()
        .build()
        .context("could not start the load generator")?;
    let scratch = Scratch::new("bench")?;
    let mut figures = Figures::default();
    figures::machine()?;
    if arguments.only == Some(Only::Wave) {
        return runtime.block_on(wave::measure(&scratch.path().join("wave")));
    }
    figures.sizes(Path::new("spin.toml"))?;
    if arguments.tracking {
        let seconds = Duration::from_secs(arguments.seconds);
        runtime.block_on(tracking::measure(scratch.path(), seconds, &mut figures))?;
        return figures.write(Path::new(LATEST));
    }
    runtime.block_on(async {
        tokio::select! {
            measured = measure(arguments, scratch.path(), &mut figures) => measured,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        }
    })?;
    println!("\nThe database alone, without components and HTTP, in one thread …");
    let seconds = Duration::from_secs(arguments.seconds);
    let database = scratch.path().join("grouped").join("sqlite_db.db");
    figures.natively(&native::one_by_one(&database, seconds)?);
    figures.natively(&native::batched(&database, seconds)?);
    figures.tables(&arguments.connections);
    figures.write(Path::new(LATEST))?;
    println!("\nAll of it, a JSON object a line: {LATEST}");
    Ok(())
}

/// Everything that goes over HTTP.
async fn measure(
    arguments: &Arguments,
    scratch: &Path,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let seconds = Duration::from_secs(arguments.seconds);
    println!("\nStarting hosts …");
    let mut scene = Scene::cold(&scratch.join("grouped"), figures).await?;
    scene.seed(figures).await?;
    println!("Orders over HTTP, {} s each …", arguments.seconds);
    for connections in &arguments.connections {
        figures.load(scene.measure(Work::Order, *connections, seconds).await?);
    }
    figures.load(scene.measure(Work::Read, MANY, seconds).await?);
    if arguments.hot {
        figures.load(scene.measure(Work::OrderHot, MANY, seconds).await?);
    }
    figures.memory("host_rss_after_load", scene.rss_bytes());
    let cache = scene.end().await?;

    println!("The same with one commit per statement …");
    let mut scene = Scene::one_by_one(&scratch.join("one_by_one"), &cache).await?;
    scene.seed_only().await?;
    let all = arguments.connections.iter().copied();
    let compared = if all.clone().any(|own| own == MANY) { Some(MANY) } else { all.clone().last() };
    let some = all.filter(|own| arguments.one_by_one || Some(*own) == compared);
    for connections in some {
        figures.load(scene.measure(Work::OrderOneByOne, connections, seconds).await?);
    }
    scene.end().await?;

    println!("An empty component: what the runtime itself can do …");
    let mut scene = Scene::empty(&scratch.join("empty")).await?;
    for connections in &arguments.connections {
        figures.load(scene.measure(Work::Empty, *connections, seconds).await?);
    }
    scene.end().await.map(drop)
}
