//! Carriers' pushes on an empty database, and the same with a million scans of other parcels in
//! it. Only the ratio of the two says something: both are measured in one run, one after the other.

use crate::busy::Spent;
use crate::figures::{Figures, Load};
use crate::load::{self, Caller};
use crate::scene::Work;
use anyhow::Context as _;
use partners::{Carrier, Scan};
use std::path::Path;
use std::time::{Duration, Instant};
use tools::{Call, Host, Launch, State, grouped};

/// Scans of other parcels, ten of each.
const SCANS: u32 = 1_000_000;
const CONNECTIONS: usize = 32;
const PATH: &str = "/v1/webhooks/carriers/kuaidi100";

/// A scan as the product keeps it, of parcels that nobody asks for.
const SEED: &str = "with recursive numbered (i) as (
    select 1
    union all
    select i + 1 from numbered where i < ?1
)
insert into facts (key, kind, subject, occurred_at_ms, received_at_ms, verdict, fact)
select
    'tracking' || char(31) || 'yuantong' || char(31) || 'SEED' || (i / 10) || char(31) || i,
    'tracking',
    'yuantong:SEED' || (i / 10),
    1700000000000 + i * 1000,
    1700000000000 + i * 1000,
    'in_transit',
    json_object(
        'carrier', 'yuantong', 'waybill', 'SEED' || (i / 10),
        'occurred_at', 1700000000000 + i * 1000, 'step', json_object('state', 'in_transit'),
        'code', '1002', 'text', '快件已发往下一站', 'place', '上海市', 'told_by', 'kuaidi100'
    )
from numbered";

/// Measures both, and says how much slower the second is.
pub async fn measure(scratch: &Path, time: Duration, figures: &mut Figures) -> anyhow::Result<()> {
    let state = scratch.join("tracking");
    let launch = Launch::new(&state)?;
    println!("\nPushes of a carrier at {CONNECTIONS} connections, on an empty database …");
    let host = launch.start().await?;
    let before = pushes(&host, &state, (Work::Push, 1), time).await?;
    host.kill().await?;
    let began = Instant::now();
    seed(&state.join("sqlite_db.db"))?;
    println!("{} scans were put in within {:.0?}.", grouped(SCANS.into()), began.elapsed());
    let host = launch.start().await?;
    let after = pushes(&host, &state, (Work::PushAmongMany, 2), time).await?;
    host.kill().await?;
    let p99 = |load: &Load| load.measured.within_ms(990);
    let ratio = p99(&after) / p99(&before).max(0.001);
    figures.load(before);
    figures.load(after);
    figures.ratio("carrier_push_p99_among_many_to_empty", ratio);
    println!("p99 with {} scans is {ratio:.2} times that without.", grouped(SCANS.into()));
    Ok(())
}

fn seed(database: &Path) -> anyhow::Result<()> {
    let connection = rusqlite::Connection::open(database)
        .with_context(|| format!("could not open {}", database.display()))?;
    connection.execute(SEED, [SCANS])?;
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    Ok(())
}

async fn pushes(
    host: &Host,
    state: &Path,
    (work, run): (Work, u32),
    time: Duration,
) -> anyhow::Result<Load> {
    let carrier = Carrier::new(&State::open(state)?.variable("kuaidi100_salt")?);
    let callers = (0..CONNECTIONS).map(|i| caller(&carrier, run, i)).collect();
    let before = Spent::now(host.pid());
    let measured = load::run(host.address, callers, time, 200).await?;
    let busy = before.until(Spent::now(host.pid()), measured.all);
    Ok(Load { work, connections: CONNECTIONS, measured, busy })
}

/// Parcel by parcel, three pushes each, and each push tells one scan more.
fn caller(carrier: &Carrier, run: u32, i: usize) -> Caller {
    let (carrier, mut calls) = (carrier.clone(), 0_usize);
    let all =
        [("09:00", "103", "已揽收"), ("12:00", "1002", "运往上海"), ("15:00", "5", "正在派件")];
    let all = all.map(|(at, code, text)| Scan::new(&format!("2026-01-16 {at}:00"), code, text));
    Box::new(move || {
        let (parcel, told) = (calls / all.len(), calls % all.len() + 1);
        calls += 1;
        let waybill = format!("R{run}C{i}P{parcel}");
        let scans: Vec<Scan> = all.iter().take(told).cloned().collect();
        Call::webhook(PATH, &carrier.trace("yuantong", &waybill, &scans))
    })
}
