//! A host with what is measured on it: the shop with a catalog, or the empty component.

use crate::busy::Spent;
use crate::figures::{Figures, Load};
use crate::load::{self, Caller};
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tools::{Call, Catalog, Client, Dice, Host, Launch, People, Role, State, basket, seed};

/// 2,000 SKUs with more pieces than anybody can order.
pub const CATALOG: Catalog = Catalog { merchants: 20, skus_each: 100, pieces: 100_000_000 };
/// Lines of a basket.
pub const LINES: usize = 3;
/// Starts with compiled components; the figure is the one in the middle.
const WARM_STARTS: usize = 3;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Orders of three lines, spread over all SKUs.
    Order,
    /// The same, and one line of each basket is always the same SKU.
    OrderHot,
    /// The same as `Order`, on a host whose components commit one by one.
    OrderOneByOne,
    /// Reads of one order.
    Read,
    /// Calls of a component that does nothing.
    Empty,
    /// Pushes of a carrier, on an empty database,
    Push,
    /// and on one with many scans of other parcels.
    PushAmongMany,
}

impl Work {
    /// The figure's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Order => "orders",
            Self::OrderHot => "orders_hot_sku",
            Self::OrderOneByOne => "orders_one_by_one",
            Self::Read => "reads",
            Self::Empty => "empty",
            Self::Push => "carrier_pushes",
            Self::PushAmongMany => "carrier_pushes_among_many",
        }
    }

    fn expected(self) -> u16 {
        match self {
            Self::Order | Self::OrderHot | Self::OrderOneByOne => 201,
            Self::Read | Self::Empty | Self::Push | Self::PushAmongMany => 200,
        }
    }
}

/// A host at work.
pub struct Scene {
    host: Host,
    client: Client,
    state: PathBuf,
    people: Option<People>,
    /// Orders that each buyer has.
    orders: Vec<Vec<String>>,
    /// Calls of earlier measurements, so that no key comes twice.
    run: u32,
}

impl Scene {
    /// The shop, from an empty state: measures how long starts take.
    pub async fn cold(state: &Path, figures: &mut Figures) -> anyhow::Result<Self> {
        let launch = Launch::new(state)?;
        let host = launch.start().await?;
        figures.start("start_cold", host.start);
        host.kill().await?;
        let mut starts = Vec::new();
        for _ in 0..WARM_STARTS {
            let host = launch.start().await?;
            starts.push(host.start);
            host.kill().await?;
        }
        starts.sort_unstable();
        figures.start("start_warm", *starts.get(WARM_STARTS / 2).context("no start")?);
        Self::of(&launch, state).await
    }

    /// The shop with one commit per statement, with components that were compiled before.
    pub async fn one_by_one(state: &Path, cache: &Path) -> anyhow::Result<Self> {
        let own = state.join("cache");
        std::fs::create_dir_all(&own)?;
        for entry in std::fs::read_dir(cache)? {
            let entry = entry?;
            std::fs::copy(entry.path(), own.join(entry.file_name()))?;
        }
        let mut launch = Launch::new(state)?;
        launch.set("commits", "one_by_one");
        Self::of(&launch, state).await
    }

    /// The empty component.
    pub async fn empty(state: &Path) -> anyhow::Result<Self> {
        let mut launch = Launch::new(state)?;
        launch.manifest = PathBuf::from("tests/empty/spin.toml");
        launch.health = "/";
        Self::of(&launch, state).await
    }

    async fn of(launch: &Launch, state: &Path) -> anyhow::Result<Self> {
        let host = launch.start().await?;
        let now_s = chrono::Utc::now().timestamp();
        let shop = launch.health != "/";
        let people = if shop { Some(State::open(state)?.people(now_s)?) } else { None };
        let client = host.client()?;
        Ok(Self { host, client, state: state.to_owned(), people, orders: Vec::new(), run: 0 })
    }

    fn people(&self) -> anyhow::Result<&People> {
        self.people.as_ref().context("there are no people here")
    }

    /// Imports the catalog.
    pub async fn seed_only(&mut self) -> anyhow::Result<()> {
        let operator = self.people()?.token(Role::Operator, "operator")?;
        seed(&mut self.client, &operator, &CATALOG).await
    }

    /// Imports the catalog, and looks at the memory after it.
    pub async fn seed(&mut self, figures: &mut Figures) -> anyhow::Result<()> {
        self.seed_only().await?;
        figures.memory("host_rss_before_load", self.rss_bytes());
        Ok(())
    }

    /// Memory of the host.
    pub fn rss_bytes(&self) -> Option<u64> {
        self.host.rss_bytes()
    }

    /// Measures some work.
    pub async fn measure(
        &mut self,
        work: Work,
        connections: usize,
        time: Duration,
    ) -> anyhow::Result<Load> {
        self.run += 1;
        let callers: anyhow::Result<Vec<Caller>> =
            (0..connections).map(|i| self.caller(work, i)).collect();
        let what = format!("measuring {} at {connections} connections", work.name());
        let before = Spent::now(self.host.pid());
        let mut measured = load::run(self.host.address, callers?, time, work.expected())
            .await
            .with_context(|| format!("{what}; the host says:\n{}", self.log()))?;
        // The warm-up is in it too, with its calls.
        let busy = before.until(Spent::now(self.host.pid()), measured.all);
        if work == Work::Order {
            self.remember(&std::mem::take(&mut measured.samples));
        }
        Ok(Load { work, connections, measured, busy })
    }

    fn log(&self) -> String {
        Launch::new(&self.state).map(|launch| launch.log()).unwrap_or_default()
    }

    fn caller(&self, work: Work, i: usize) -> anyhow::Result<Caller> {
        if work == Work::Empty {
            return Ok(Box::new(|| Call::get("/")));
        }
        // Readers are those who have ordered.
        let who = if work == Work::Read { i % self.orders.len().max(1) } else { i };
        let token = self.people()?.token(Role::Buyer, &format!("buyer-{who}"))?;
        let mut dice = Dice::new(u64::from(self.run)).for_other(i as u64);
        if work == Work::Read {
            let own = self.orders.get(who).cloned().unwrap_or_default();
            ensure!(!own.is_empty(), "buyer {who} has no orders to read");
            return Ok(Box::new(move || {
                let which = usize::try_from(dice.below(own.len() as u64)).unwrap_or(0);
                let id = own.get(which).map(String::as_str).unwrap_or_default();
                Call::get(&format!("/v1/orders/{id}")).by(&token)
            }));
        }
        let (run, mut calls) = (self.run, 0_u64);
        Ok(Box::new(move || {
            calls += 1;
            let lines = lines(&mut dice, work == Work::OrderHot);
            let key = format!("bench-{run}-{i}-{calls}");
            Call::post("/v1/purchases", &basket(&lines, None)).by(&token).once(&key)
        }))
    }

    /// Keeps the ids of orders, to be read later.
    fn remember(&mut self, samples: &[Vec<bytes::Bytes>]) {
        for (i, sample) in samples.iter().enumerate() {
            if self.orders.len() <= i {
                self.orders.push(Vec::new());
            }
            let Some(own) = self.orders.get_mut(i) else { continue };
            for body in sample {
                let placed: Value = serde_json::from_slice(body).unwrap_or_default();
                let id = placed.pointer("/orders/0/id").and_then(Value::as_str);
                own.extend(id.map(str::to_owned));
            }
        }
    }

    /// Ends the host. Gives the directory with the compiled components.
    pub async fn end(self) -> anyhow::Result<PathBuf> {
        self.host.kill().await?;
        Ok(self.state.join("cache"))
    }
}

/// Three lines of one merchant's goods.
pub fn lines(dice: &mut Dice, hot: bool) -> Vec<(String, u64)> {
    let merchant = if hot { 0 } else { dice.below(CATALOG.merchants) };
    let mut skus = dice.different(LINES, CATALOG.skus_each);
    if hot && !skus.contains(&0) {
        skus.pop();
        skus.push(0);
    }
    skus.into_iter().map(|sku| (Catalog::sku(merchant, sku), 1 + dice.below(3))).collect()
}
