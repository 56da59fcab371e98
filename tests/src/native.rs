//! The shop in this process: the functions' own `handle`, routed and permitted by `spin.toml`, on a
//! SQLite file. Time stands still until it is moved, and chance is the same in every run.

use crate::Stage;
use crate::scratch::Scratch;
use crate::shop::Partners;
use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use domain::Millis;
use edge::{Ctx, Environment, FetchError, KeyValueError, Problem};
use futures::StreamExt as _;
use futures::future::{FutureExt as _, LocalBoxFuture};
use http::{Request, Response, StatusCode};
use manifest::{AllowedHosts, Manifest, Router, Variables};
use partners::{Couriers, Gateway, Hang, Messengers, Receiver, Trackers};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::rc::Rc;
use store::{Database, DbError, Fault, Lane, Ringer, Rows, Store, Value};

/// Where the partners are; nothing listens there.
pub const GATEWAY: &str = "http://gateway.test:3901";
pub const MERCHANTS: &str = "http://merchants.test:3902";
pub const MESSENGERS: &str = "http://messengers.test:3903";
pub const COURIERS: &str = "http://couriers.test:3904";
pub const TRACKERS: &str = "http://trackers.test:3905";

/// The functions in this process.
pub struct Native {
    router: Router,
    /// The instance of each component that serves what comes in now.
    contexts: RefCell<BTreeMap<String, Rc<Ctx>>>,
    world: Rc<World>,
    database: Rc<Watched>,
    scratch: Scratch,
}

/// What all functions share: time, chance and the partners.
struct World {
    now: Cell<Millis>,
    drawn: Cell<u32>,
    gateway: Gateway,
    receiver: Receiver,
    messengers: Messengers,
    couriers: Couriers,
    trackers: Trackers,
    kept: RefCell<HashMap<String, Vec<u8>>>,
}

impl Native {
    pub fn open(
        manifest: &Manifest,
        variables: &Variables,
        now: Millis,
        (gateway, receiver, messengers, couriers, trackers): Partners,
    ) -> Result<Self> {
        let scratch = Scratch::new("native");
        let inner = store::Native::open(&scratch.path().join("default.db"))
            .map_err(|error| anyhow::anyhow!("could not open the database: {}", error.0))?;
        let database = Rc::new(Watched { inner, writes: Cell::new(0), armed: Cell::new(None) });
        let (now, drawn) = (Cell::new(now), Cell::new(0));
        let kept = RefCell::default();
        let world = World { now, drawn, gateway, receiver, messengers, couriers, trackers, kept };
        let world = Rc::new(world);
        let mut contexts = BTreeMap::new();
        for (id, component) in &manifest.component {
            let environment = Seen {
                world: world.clone(),
                variables: variables.of(component)?,
                hosts: variables.hosts_of(component)?,
            };
            let store = Store::new(database.clone());
            contexts.insert(id.clone(), Rc::new(Ctx::new(store, Rc::new(environment))));
        }
        let contexts = RefCell::new(contexts);
        Ok(Self { router: manifest.router(), contexts, world, database, scratch })
    }

    /// How many writing statements ran so far.
    pub fn writes(&self) -> u64 {
        self.database.writes.get()
    }

    /// The writing statement with this number (from 1) fails that way.
    pub fn fail_at(&self, number: u64, fault: Fault) {
        self.database.armed.set(Some((number, fault)));
    }

    /// The component that a path belongs to.
    pub fn component_of(&self, path: &str) -> Option<String> {
        self.router.find(path).map(|matched| matched.component.to_owned())
    }

    /// A new instance of a component serves from now on; what the old one has begun goes on there,
    /// unless whoever asked drops it.
    pub fn renew(&self, component: &str) {
        let mut contexts = self.contexts.borrow_mut();
        if let Some(instance) = contexts.get_mut(component) {
            let store = Store::new(self.database.clone());
            *instance = Rc::new(Ctx::new(store, instance.env.clone()));
        }
    }

    fn instance(&self, component: &str) -> Option<Rc<Ctx>> {
        self.contexts.borrow().get(component).cloned()
    }

    async fn route(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let Some(matched) = self.router.find(&path) else {
            let mut nothing = Response::new(Bytes::new());
            *nothing.status_mut() = StatusCode::NOT_FOUND;
            return Ok(nothing);
        };
        let component = matched.component;
        let ctx = self.instance(component).context("a route without a component")?;
        // Bodies arrive in pieces.
        let pieces: Vec<Bytes> = body.chunks(1_000).map(Bytes::copy_from_slice).collect();
        let body = futures::stream::iter(pieces.into_iter().map(Ok)).boxed_local();
        let request = edge::Request::new(parts.method, parts.uri, parts.headers, body);
        let answer = match ctx.store.ready(ctx.now().0).await {
            Ok(_) => handle(component, &ctx, &request).await?,
            Err(error) => Err(error.into()),
        };
        Ok(answer.unwrap_or_else(Problem::into_response))
    }
}

/// The function of a component.
pub async fn handle(
    component: &str,
    ctx: &Ctx,
    request: &edge::Request,
) -> Result<Result<edge::Response, Problem>> {
    Ok(match component {
        "after-sale" => after_sale::handle(ctx, request).await,
        "carrier-webhook" => carrier_webhook::handle(ctx, request).await,
        "catalog" => catalog::handle(ctx, request).await,
        "dispatch" => dispatch::handle(ctx, request).await,
        "exceptions" => exceptions::handle(ctx, request).await,
        "fulfil" => fulfil::handle(ctx, request).await,
        "notify" => notify::handle(ctx, request).await,
        "orders" => orders::handle(ctx, request).await,
        "pick" => pick::handle(ctx, request).await,
        "payments" => payments::handle(ctx, request).await,
        "payment-webhook" => payment_webhook::handle(ctx, request).await,
        "print" => print::handle(ctx, request).await,
        "settle" => settle::handle(ctx, request).await,
        "ship" => ship::handle(ctx, request).await,
        "submit-order" => submit_order::handle(ctx, request).await,
        "tick" => tick::handle(ctx, request).await,
        unknown => bail!("the harness does not know the function {unknown}: add it here"),
    })
}

impl Stage for Native {
    fn answer(&self, request: Request<Bytes>) -> LocalBoxFuture<'_, Result<Response<Bytes>>> {
        self.route(request).boxed_local()
    }

    fn set_clock(&self, now: Millis) -> LocalBoxFuture<'_, Result<()>> {
        self.world.now.set(now);
        futures::future::ready(Ok(())).boxed_local()
    }

    fn lose_next_answer(&self) -> LocalBoxFuture<'_, Result<()>> {
        self.database.inner.fail_next(Fault::After);
        futures::future::ready(Ok(())).boxed_local()
    }

    fn traps(&self) -> LocalBoxFuture<'_, Result<u64>> {
        futures::future::ready(Ok(0)).boxed_local()
    }

    fn database(&self) -> PathBuf {
        self.scratch.path().join("default.db")
    }

    fn native(&self) -> Option<&Native> {
        Some(self)
    }
}

/// SQLite, with its writing statements counted and one of them made to fail.
struct Watched {
    inner: store::Native,
    writes: Cell<u64>,
    armed: Cell<Option<(u64, Fault)>>,
}

impl Database for Watched {
    fn run<'a>(
        &'a self,
        lane: Lane,
        sql: &'static str,
        params: Vec<Value>,
    ) -> LocalBoxFuture<'a, Result<Rows, DbError>> {
        if lane == Lane::Write {
            self.writes.set(self.writes.get() + 1);
            if let Some((number, fault)) = self.armed.get()
                && number == self.writes.get()
            {
                self.inner.fail_next(fault);
            }
        }
        self.inner.run(lane, sql, params)
    }

    fn bell(&self) -> (Ringer, LocalBoxFuture<'static, ()>) {
        self.inner.bell()
    }

    fn pause(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        self.inner.pause(ms)
    }
}

/// The world as one component may see it.
struct Seen {
    world: Rc<World>,
    variables: BTreeMap<String, String>,
    hosts: AllowedHosts,
}

impl Environment for Seen {
    fn now(&self) -> Millis {
        self.world.now.get()
    }

    /// Never the same twice, and in a growing order: ids sort as they were made.
    fn random(&self) -> u128 {
        let number = self.world.drawn.get() + 1;
        self.world.drawn.set(number);
        let noise = u128::from(number.wrapping_mul(0x9E37_79B9));
        (u128::from(number) << 80) | (noise << 48) | noise
    }

    fn variable<'a>(&'a self, name: &'a str) -> LocalBoxFuture<'a, Option<String>> {
        futures::future::ready(self.variables.get(name).cloned()).boxed_local()
    }

    fn fetch(
        &self,
        request: Request<Bytes>,
    ) -> LocalBoxFuture<'_, Result<Response<Bytes>, FetchError>> {
        futures::future::ready(self.call(&request)).boxed_local()
    }

    fn kept<'a>(
        &'a self,
        key: &'a str,
    ) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, KeyValueError>> {
        let kept = self.world.kept.borrow().get(key).cloned();
        futures::future::ready(Ok(kept)).boxed_local()
    }

    fn keep<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<(), KeyValueError>> {
        self.world.kept.borrow_mut().insert(key.to_owned(), value.to_owned());
        futures::future::ready(Ok(())).boxed_local()
    }
}

impl Seen {
    fn call(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let uri = request.uri();
        let (scheme, host) = (uri.scheme_str().unwrap_or(""), uri.host().unwrap_or(""));
        if !self.hosts.allow(scheme, host, uri.port_u16()) {
            return Err(FetchError(format!("{uri} is not in allowed_outbound_hosts")));
        }
        let answer = match uri.to_string() {
            to if to.starts_with(GATEWAY) => self.world.gateway.answer(request),
            to if to.starts_with(MERCHANTS) => self.world.receiver.receive(request),
            to if to.starts_with(MESSENGERS) => self.world.messengers.answer(request),
            to if to.starts_with(COURIERS) && self.world.trackers.is_asked(request) => {
                self.world.trackers.answer(request)
            }
            to if to.starts_with(COURIERS) => self.world.couriers.answer(request),
            to if to.starts_with(TRACKERS) => self.world.trackers.answer(request),
            to => return Err(FetchError(format!("nobody is at {to}"))),
        };
        match answer.extensions().get::<Hang>() {
            Some(_) => Err(FetchError("no answer in time".to_owned())),
            None => Ok(answer),
        }
    }
}
