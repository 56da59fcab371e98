//! The stage: the running system, the people with their tokens, and the partners as real peers.
//!
//! Whoever acts here calls the system over HTTP and checks the answer's status; a status that is
//! not expected ends the play.

use crate::Arguments;
use crate::cast::Cast;
use crate::field::text;
use crate::voice::Voice;
use anyhow::{Context as _, bail, ensure};
use chrono::{DateTime, Utc};
use http::StatusCode;
use partners::{Carrier, Delivery, Gateway, Handler, Receiver, Running, serve};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tools::{Call, Client, Role, State};

/// How long the system may take to come up.
const COMING_UP: Duration = Duration::from_secs(60);
/// How long something may take that the scheduler starts.
const SCHEDULED: Duration = Duration::from_secs(15);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The shop's own people.
    Operator,
    /// Ling, who buys.
    Buyer,
    /// The tea merchant.
    Tea,
    /// The merchant of pots.
    Pots,
    /// The warehouse in Pudong.
    Pudong,
    /// The warehouse in Hangzhou.
    Hangzhou,
    /// The platform's finance.
    Finance,
}

impl Who {
    /// As what they are called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "the shop",
            Self::Buyer => "Ling, the buyer",
            Self::Tea => "Hill Leaf Tea",
            Self::Pots => "Kiln Street Pots",
            Self::Pudong => "warehouse Pudong",
            Self::Hangzhou => "warehouse Hangzhou",
            Self::Finance => "finance",
        }
    }
}

/// Everything that the play needs.
pub struct Stage {
    /// How it is told.
    pub voice: Voice,
    /// Who plays.
    pub cast: Cast,
    /// The payment gateway.
    pub gateway: Gateway,
    /// The carrier.
    pub carrier: Carrier,
    /// The tea merchant's webhook endpoint.
    pub tea_hears: Receiver,
    /// The pot merchant's webhook endpoint.
    pub pots_hear: Receiver,
    /// Where partners are reached.
    pub partners: String,
    client: Client,
    clock: Option<Client>,
    tokens: [(Who, String); 7],
    calls: u32,
    _open: Running,
}

impl Stage {
    /// Waits for the system, makes tokens, opens the partners.
    pub async fn set(arguments: &Arguments) -> anyhow::Result<Self> {
        let mut client = Client::of(&arguments.url).await?;
        let health = up(&mut client, &arguments.url).await?;
        let mut clock = match &arguments.control {
            Some(url) => Some(Client::of(url).await?),
            None => None,
        };
        let now = shop_time(clock.as_mut()).await?;
        let state = State::open(&arguments.state)?;
        let cast = Cast::new(Utc::now().timestamp_millis());
        let partners = partners_url(&state, arguments)?;
        let receiver = |secret: &str| {
            let receiver = Receiver::new(&[secret]);
            receiver.set_clock(now.timestamp());
            receiver
        };
        let (tea_hears, pots_hear) = (receiver(cast.tea.secret), receiver(cast.pots.secret));
        let first = u64::try_from(Utc::now().timestamp_millis())?.saturating_mul(1_000);
        let secrets = state.variable("stripe_webhook_secrets")?;
        let secret = secrets.split(',').next().unwrap_or_default().trim();
        let gateway = Gateway::new(secret, &state.variable("stripe_api_key")?).counting_from(first);
        gateway.refunds_are("pending");
        let handler = handler(&cast, gateway.clone(), tea_hears.clone(), pots_hear.clone());
        let open = listen(&partners, handler).await?;
        let voice = Voice::default();
        println!("Orderflow demo, run {}.", cast.run);
        println!(
            "The system is at {} (version {}, schema {}); the partners play at {partners}.",
            arguments.url,
            text(&health, "/version")?,
            health.pointer("/schema").unwrap_or(&Value::Null),
        );
        Ok(Self {
            tokens: tokens(&state, &cast, now.timestamp())?,
            carrier: Carrier::new(&state.variable("kuaidi100_salt")?),
            _open: open,
            calls: 0,
            voice,
            cast,
            gateway,
            tea_hears,
            pots_hear,
            partners,
            client,
            clock,
        })
    }

    fn token(&self, who: Who) -> &str {
        let own = self.tokens.iter().find(|(other, _)| *other == who);
        own.map(|(_, token)| token.as_str()).unwrap_or_default()
    }

    /// A key that no other call has.
    fn key(&mut self) -> String {
        self.calls += 1;
        format!("demo-{}-{}", self.cast.run, self.calls)
    }

    /// Somebody looks at something.
    pub async fn get(&mut self, who: Who, path: &str) -> anyhow::Result<Value> {
        let call = Call::get(path).by(self.token(who));
        self.client.call(call).await?.expect(200, &format!("{} reads {path}", who.name()))
    }

    /// Somebody does something, once.
    pub async fn act(
        &mut self,
        who: Who,
        path: &str,
        body: &Value,
        status: u16,
    ) -> anyhow::Result<Value> {
        let key = self.key();
        self.act_as(who, path, body, status, &key).await
    }

    /// Somebody does something under a key of their own.
    pub async fn act_as(
        &mut self,
        who: Who,
        path: &str,
        body: &Value,
        status: u16,
        key: &str,
    ) -> anyhow::Result<Value> {
        let call = Call::post(path, body).by(self.token(who)).once(key);
        self.client.call(call).await?.expect(status, &format!("{} does {path}", who.name()))
    }

    /// The shop says what something of its catalog is.
    pub async fn describe(&mut self, path: &str, body: &Value) -> anyhow::Result<()> {
        let call = Call::put(path, body).by(self.token(Who::Operator));
        self.client.call(call).await?.expect(201, &format!("describing {path}")).map(drop)
    }

    /// The shop imports rows.
    pub async fn import(&mut self, kind: &str, rows: String) -> anyhow::Result<()> {
        let path = format!("/v1/catalog/{kind}/import");
        let call = Call::csv(&path, rows).by(self.token(Who::Operator));
        let report = self.client.call(call).await?.expect(200, &format!("importing {kind}"))?;
        ensure!(report.get("bad") == Some(&json!(0)), "importing {kind}: {report}");
        Ok(())
    }

    /// A partner tells the system something, so many times; each time it is thanked.
    pub async fn told(&mut self, path: &str, what: &Delivery, times: u32) -> anyhow::Result<()> {
        for _ in 0..times {
            let answer = self.client.call(Call::webhook(path, what)).await?;
            answer.expect(200, &format!("a webhook to {path}"))?;
        }
        Ok(())
    }

    /// Looks at something until it is as expected.
    pub async fn until(
        &mut self,
        what: &str,
        (who, path): (Who, &str),
        fits: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let began = Instant::now();
        loop {
            let seen = self.get(who, path).await?;
            if fits(&seen) {
                return Ok(seen);
            }
            late(what, began, &seen)?;
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Looks at what a partner has until it is there.
    pub async fn until_here<T>(
        &self,
        what: &str,
        look: impl Fn() -> Option<T>,
    ) -> anyhow::Result<T> {
        let began = Instant::now();
        loop {
            if let Some(seen) = look() {
                return Ok(seen);
            }
            late(what, began, &Value::Null)?;
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The time in the shop.
    pub async fn now(&mut self) -> anyhow::Result<DateTime<Utc>> {
        shop_time(self.clock.as_mut()).await
    }

    /// Moves the shop's clock. False if nobody gave us that clock, or it is the real one.
    pub async fn advance(&mut self, by: chrono::Duration) -> anyhow::Result<bool> {
        let Some(clock) = &mut self.clock else { return Ok(false) };
        let order = json!({"advance_ms": by.num_milliseconds()});
        let answer = clock.call(Call::post("/clock", &order)).await?;
        if answer.status == StatusCode::CONFLICT {
            return Ok(false);
        }
        answer.expect(200, "moving the clock")?;
        let now = self.now().await?.timestamp();
        self.tea_hears.set_clock(now);
        self.pots_hear.set_clock(now);
        Ok(true)
    }
}

fn late(what: &str, began: Instant, seen: &Value) -> anyhow::Result<()> {
    if began.elapsed() > SCHEDULED {
        let hint = "does the scheduler run? `make up` starts it with the system";
        bail!("waited {SCHEDULED:?} for {what}, in vain; {hint}. Last seen: {seen}");
    }
    Ok(())
}

async fn up(client: &mut Client, url: &str) -> anyhow::Result<Value> {
    let began = Instant::now();
    loop {
        let why = match client.call(Call::get("/v1/health")).await {
            Ok(answer) if answer.status == StatusCode::OK => return Ok(answer.json()),
            Ok(answer) => format!("it answers {}", answer.status),
            Err(error) => format!("{:#}", error.root_cause()),
        };
        if began.elapsed() > COMING_UP {
            bail!("no system at {url} after {COMING_UP:?} ({why}); start it with `make up`");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn shop_time(clock: Option<&mut Client>) -> anyhow::Result<DateTime<Utc>> {
    let Some(clock) = clock else { return Ok(Utc::now()) };
    let said = clock.call(Call::get("/clock")).await?.expect(200, "reading the clock")?;
    text(&said, "/now")?.parse().context("could not read the clock")
}

fn tokens(state: &State, cast: &Cast, from_s: i64) -> anyhow::Result<[(Who, String); 7]> {
    let people = state.people(from_s)?;
    let run = &cast.run;
    Ok([
        (Who::Operator, people.token(Role::Operator, &format!("operator-{run}"))?),
        (Who::Buyer, people.token(Role::Buyer, &format!("ling-{run}"))?),
        (Who::Tea, people.merchant(&format!("tea-{run}"), &cast.tea.id)?),
        (Who::Pots, people.merchant(&format!("pots-{run}"), &cast.pots.id)?),
        (Who::Pudong, people.warehouse(&format!("pudong-{run}"), &cast.pudong.id)?),
        (Who::Hangzhou, people.warehouse(&format!("hangzhou-{run}"), &cast.hangzhou.id)?),
        (Who::Finance, people.token(Role::Finance, &format!("finance-{run}"))?),
    ])
}

/// Where the system will look for its partners.
fn partners_url(state: &State, arguments: &Arguments) -> anyhow::Result<String> {
    if let Some(address) = arguments.partners {
        return Ok(format!("http://{address}"));
    }
    let base = state.variable("stripe_api_base")?;
    let local = base.starts_with("http://127.0.0.1:") || base.starts_with("http://localhost:");
    ensure!(local, "the payment gateway of this state is {base}: the demo plays only on loopback");
    Ok(base.trim_end_matches('/').to_owned())
}

/// The gateway's and the merchants' side, at one address. Merchants of earlier runs are gone.
fn handler(cast: &Cast, gateway: Gateway, tea: Receiver, pots: Receiver) -> Handler {
    let (to_tea, to_pots) = (cast.tea.path(), cast.pots.path());
    Handler::new(move |request| match request.uri().path() {
        "/v1/refunds" => gateway.refund(&request),
        path if path == to_tea => tea.receive(&request),
        path if path == to_pots => pots.receive(&request),
        path => {
            let mut answer = http::Response::new(bytes::Bytes::new());
            let gone = path.starts_with("/demo/");
            *answer.status_mut() = if gone { StatusCode::GONE } else { StatusCode::NOT_FOUND };
            answer
        }
    })
}

async fn listen(url: &str, handler: Handler) -> anyhow::Result<Running> {
    let host = url.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    let address = host.parse().with_context(|| format!("{url} is no address to listen on"))?;
    serve(address, handler).await.with_context(|| {
        format!(
            "the partners' port {address} is taken: is another demo running, or `partners serve`? \
             End that, and start the demo again"
        )
    })
}
