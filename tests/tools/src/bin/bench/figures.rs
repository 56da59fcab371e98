//! What was measured: printed as tables with ratios, and kept as a JSON object a line.

use crate::busy::Busy;
use crate::load::Measured;
use crate::native::Alone;
use crate::scene::Work;
use anyhow::Context as _;
use manifest::Manifest;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tools::{Align, Table, grouped};

/// A measurement over HTTP.
pub struct Load {
    /// Of what.
    pub work: Work,
    /// With how many connections.
    pub connections: usize,
    /// What was measured.
    pub measured: Measured,
    /// What it cost the processor.
    pub busy: Busy,
}

/// All figures of a run.
#[derive(Default)]
pub struct Figures {
    loads: Vec<Load>,
    native: Vec<(usize, f64)>,
    rows: Vec<Value>,
}

/// Says what this machine is and how busy it is.
pub fn machine() -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let busy = std::fs::read_to_string("/proc/loadavg").context("could not read the load")?;
    let busy = busy.split_whitespace().next().unwrap_or("?").to_owned();
    let at = chrono::Utc::now().format("%F %T");
    println!("{at} UTC, {cores} cores, load average {busy} before the start.");
    println!("The load generator runs on the same machine, and takes its part of it.");
    Ok(())
}

impl Figures {
    fn keep(&mut self, name: &str, value: f64, unit: &str, more: Value) {
        let at = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let value = (value * 1_000.0).round() / 1_000.0;
        let mut row = json!({"at": at, "figure": name, "value": value, "unit": unit});
        if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
            row.extend(more);
        }
        self.rows.push(row);
    }

    /// The sizes of all components.
    pub fn sizes(&mut self, manifest: &Path) -> anyhow::Result<()> {
        let manifest = Manifest::read(manifest)?;
        let mut table = Table::new(&[("component", Align::Left), ("KiB", Align::Right)]);
        let mut sum = 0;
        for (id, component) in &manifest.component {
            let bytes = std::fs::metadata(&component.source)
                .with_context(|| format!("there is no {}", component.source.display()))?
                .len();
            self.keep("component_size", bytes as f64, "bytes", json!({"component": id}));
            table.row([id.clone(), grouped(bytes / 1_024)]);
            sum += bytes;
        }
        table.rule();
        table.row(["all".to_owned(), grouped(sum / 1_024)]);
        println!("\n{table}");
        Ok(())
    }

    /// How long a start took.
    pub fn start(&mut self, name: &str, took: Duration) {
        println!("{name}: {:.2} s to the first 200", took.as_secs_f64());
        self.keep(name, took.as_secs_f64() * 1_000.0, "ms", Value::Null);
    }

    /// Memory of the host.
    pub fn memory(&mut self, name: &str, bytes: Option<u64>) {
        let bytes = bytes.unwrap_or(0);
        println!("{name}: {} MiB", bytes >> 20);
        self.keep(name, bytes as f64, "bytes", Value::Null);
    }

    /// A measurement over HTTP.
    pub fn load(&mut self, load: Load) {
        let Load { work, connections, measured, busy } = &load;
        let (p50, p99) = (measured.within_ms(500), measured.within_ms(990));
        let (name, per_second) = (work.name(), measured.per_second());
        println!("{name} at {connections}: {per_second:.0}/s, p50 {p50:.1} ms, p99 {p99:.1} ms");
        let more = json!({"connections": connections, "p50_ms": p50, "p99_ms": p99,
            "count": measured.count, "host_cpu_us": busy.host_micros.round(),
            "others": (busy.others * 100.0).round() / 100.0});
        self.keep(name, per_second, "1/s", more);
        self.loads.push(load);
    }

    /// How many times as much one figure is as another.
    pub fn ratio(&mut self, name: &str, ratio: f64) {
        self.keep(name, ratio, "ratio", Value::Null);
    }

    /// A measurement of the database alone.
    pub fn natively(&mut self, alone: &Alone) {
        let Alone { name, batch, measured, busy } = alone;
        let (per_second, others) = (measured.per_second(), busy.others * 100.0);
        println!(
            "{name}: {per_second:.0} orders/s, {batch} commits a statement; others had {others:.0} \
             % of the CPU"
        );
        let more = json!({"commits_a_statement": batch, "count": measured.count,
            "others": (busy.others * 100.0).round() / 100.0});
        self.keep(name, per_second, "1/s", more);
        self.native.push((*batch, per_second));
    }

    fn rate(&self, work: Work, connections: usize) -> Option<f64> {
        let fits = |load: &&Load| load.work == work && load.connections == connections;
        self.loads.iter().find(fits).map(|load| load.measured.per_second())
    }

    fn batched(&self) -> Option<f64> {
        self.native.iter().find(|(batch, _)| *batch > 1).map(|(_, rate)| *rate)
    }

    /// What one machine could do at best that spends on each order what the runtime spends on an
    /// empty call and the database on a commit of a full statement.
    fn limit(&self, connections: usize) -> Option<f64> {
        let (empty, batched) = (self.rate(Work::Empty, connections)?, self.batched()?);
        Some(1.0 / (1.0 / empty + 1.0 / batched))
    }

    /// Prints everything with its ratios.
    pub fn tables(&mut self, connections: &[usize]) {
        self.http();
        self.orders(connections);
        self.others();
    }

    fn http(&self) {
        let right = Align::Right;
        let mut table = Table::new(&[
            ("over HTTP", Align::Left),
            ("connections", right),
            ("per second", right),
            ("p50 ms", right),
            ("p99 ms", right),
            ("host CPU us each", right),
            ("CPU of others", right),
        ]);
        for Load { work, connections, measured, busy } in &self.loads {
            table.row([
                work.name().to_owned(),
                connections.to_string(),
                whole(Some(measured.per_second())),
                format!("{:.1}", measured.within_ms(500)),
                format!("{:.1}", measured.within_ms(990)),
                grouped(busy.host_micros.round() as u64),
                format!("{:.0} %", busy.others * 100.0),
            ]);
        }
        println!("\n{table}");
        println!("CPU of others: the part of the machine that neither the host nor this had.");
    }

    fn orders(&mut self, connections: &[usize]) {
        let right = Align::Right;
        let mut table = Table::new(&[
            ("connections", right),
            ("orders/s", right),
            ("limit/s", right),
            ("of limit", right),
            ("one by one/s", right),
            ("grouped gains", right),
        ]);
        for connections in connections.iter().copied() {
            let Some(rate) = self.rate(Work::Order, connections) else { continue };
            let limit = self.limit(connections);
            let single = self.rate(Work::OrderOneByOne, connections);
            let (of_limit, gain) = (limit.map(|l| rate / l), single.map(|s| rate / s));
            let more = json!({"connections": connections});
            if let Some(ratio) = of_limit {
                self.keep("orders_of_limit", ratio, "ratio", more.clone());
            }
            if let Some(ratio) = gain {
                self.keep("orders_grouped_to_one_by_one", ratio, "ratio", more);
            }
            table.row([
                connections.to_string(),
                whole(Some(rate)),
                whole(limit),
                of_limit.map_or("-".to_owned(), |ratio| format!("{:.0} %", ratio * 100.0)),
                whole(single),
                gain.map_or("-".to_owned(), |ratio| format!("{ratio:.2} x")),
            ]);
        }
        println!("\nDurable orders of three lines through HTTP and components, and their limit:");
        println!("\n{table}");
        println!("limit/s = 1 / (1/empty + 1/the database alone with 32 commits a statement)");
    }

    fn others(&mut self) {
        let columns =
            [("at 32", Align::Left), ("per second", Align::Right), ("ratio", Align::Right)];
        let columns = columns.into_iter().chain([("to", Align::Left)]).collect::<Vec<_>>();
        let mut table = Table::new(&columns);
        let single = self.native.iter().find(|(batch, _)| *batch == 1).map(|(_, rate)| *rate);
        let spread = self.rate(Work::Order, crate::MANY);
        let (read, hot) = (Work::Read, Work::OrderHot);
        let many = crate::MANY;
        let rows = [
            ("native_one_by_one", single, None, ""),
            ("native_batched", self.batched(), single, "native_one_by_one"),
            (read.name(), self.rate(read, many), spread, "orders"),
            (hot.name(), self.rate(hot, many), spread, "orders"),
        ];
        for (name, rate, base, to) in rows {
            let Some(rate) = rate else { continue };
            let ratio = base.map(|base| rate / base);
            if let Some(ratio) = ratio {
                self.keep(&format!("{name}_to_{to}"), ratio, "ratio", Value::Null);
            }
            let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.2} x"));
            table.row([name.to_owned(), whole(Some(rate)), ratio, to.to_owned()]);
        }
        println!("\n{table}");
    }

    /// Writes all figures, a JSON object a line.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let lines: Vec<String> = self.rows.iter().map(|row| format!("{row}\n")).collect();
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            std::fs::write(path, lines.concat())
        };
        write().with_context(|| format!("could not write {}", path.display()))
    }
}

/// A rate without fractions, or a dash.
fn whole(rate: Option<f64>) -> String {
    let count = |rate: f64| grouped(rate.round().max(0.0) as u64);
    rate.map_or("-".to_owned(), count)
}
