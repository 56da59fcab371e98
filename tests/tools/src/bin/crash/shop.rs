//! The shop that dies: its host, its clock, its gateway.
//!
//! Each new life starts two minutes later by the shop's clock: then what the dead had claimed for
//! sending is free again, and after fifteen lives unpaid purchases expire.

use anyhow::Context as _;
use chrono::{DateTime, Duration as Span, Utc};
use partners::{Gateway, Running};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::{Duration, Instant};
use tools::{Call, Catalog, Client, Host, Launch, Role, State, seed};

/// What is sold: few enough SKUs that people meet, and one of them runs out.
pub const CATALOG: Catalog = Catalog { merchants: 3, skus_each: 20, pieces: 400 };
/// How much later each life starts.
const LATER_S: i64 = 120;
/// How long the last messages may take.
const DRAIN: Duration = Duration::from_secs(60);

/// A shop on a state directory of its own.
pub struct Shop {
    /// The state directory.
    pub state: State,
    /// The payment gateway, which lives on when the shop dies.
    pub gateway: Gateway,
    /// A token for each buyer.
    pub buyers: Vec<String>,
    launch: Launch,
    host: Option<Host>,
    later: Span,
    _gateway: Running,
}

impl Shop {
    /// Makes the state, starts the gateway and the host, and imports a catalog.
    pub async fn open(path: &Path, buyers: usize) -> anyhow::Result<Self> {
        let state = State::make(path)?;
        let secret = state.variable("stripe_webhook_secrets")?;
        let gateway = Gateway::new(&secret, &state.variable("stripe_api_key")?);
        let running = gateway.clone().serve(([127, 0, 0, 1], 0).into()).await?;
        let people = state.people(Utc::now().timestamp())?;
        let tokens = (0..buyers).map(|i| people.token(Role::Buyer, &format!("buyer-{i}")));
        let mut launch = Launch::new(path)?;
        launch.schedule = true;
        launch.set("stripe_api_base", &running.base_url());
        launch.set("merchant_webhook_hosts", &running.base_url());
        // The file is read again by the host, so what the environment says must not differ.
        launch.set("stripe_webhook_secrets", &secret);
        let mut shop = Self {
            buyers: tokens.collect::<anyhow::Result<_>>()?,
            state,
            gateway,
            launch,
            host: None,
            later: Span::zero(),
            _gateway: running,
        };
        shop.start().await?;
        let operator = people.token(Role::Operator, "operator")?;
        seed(&mut shop.client()?, &operator, &CATALOG).await?;
        Ok(shop)
    }

    async fn start(&mut self) -> anyhow::Result<Duration> {
        self.launch.clock = Some(self.now().to_rfc3339());
        let host = self.launch.start().await?;
        let took = host.start;
        self.host = Some(host);
        Ok(took)
    }

    /// The time in the shop.
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.later
    }

    /// A connection to the shop.
    pub fn client(&self) -> anyhow::Result<Client> {
        self.host.as_ref().context("the shop is dead")?.client()
    }

    /// Kills it.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        match self.host.take() {
            Some(host) => host.kill().await,
            None => Ok(()),
        }
    }

    /// Starts it on what the dead one left. Gives how long it took to the first answer.
    pub async fn restart(&mut self) -> anyhow::Result<Duration> {
        self.later += Span::seconds(LATER_S);
        self.start().await
    }

    /// The database, for reading.
    pub fn database(&self) -> anyhow::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = self.state.database();
        let connection = Connection::open_with_flags(&path, flags)
            .with_context(|| format!("could not open {}", path.display()))?;
        connection.busy_timeout(Duration::from_secs(5))?;
        Ok(connection)
    }

    /// Lets all messages be sent. Gives how many could not be; what nobody wants to hear is none of
    /// them.
    pub async fn drain(&mut self) -> anyhow::Result<i64> {
        self.kill().await?;
        self.restart().await?;
        let token = self.state.variable("scheduler_token")?;
        let mut client = self.client()?;
        let began = Instant::now();
        loop {
            let waiting: i64 = self.database()?.query_row(
                "select count(*) from outbox where state in ('waiting', 'dead')",
                [],
                |row| row.get(0),
            )?;
            if waiting == 0 || began.elapsed() > DRAIN {
                return Ok(waiting);
            }
            let call = Call::post("/v1/internal/dispatch", &serde_json::json!({})).by(&token);
            client.call(call).await?.expect(200, "sending messages")?;
        }
    }
}
