//! How long an instance lives and what it takes on: Spin's rules of reuse.
//!
//! An instance serves a number of requests, several at a time, then goes. It also goes when it
//! had nothing to do for a while, when a request takes too long, or when it is killed.

use crate::args::Reuse;
use crate::component::Component;
use crate::guest::Guest;
use crate::platform::Platform;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::sync::futures::OwnedNotified;
use tokio::time::Sleep;
use wasmtime::component::GuestTaskId;
use wasmtime::{Result, Store, StoreContextMut};
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};

/// Makes instances of one component.
pub struct Instances {
    /// Whose.
    pub component: Arc<Component>,
    /// What they share with all others.
    pub platform: Arc<Platform>,
    /// How they are reused.
    pub reuse: Reuse,
    /// The code, ready to run.
    pub code: ProxyPre<Guest>,
    /// The machine.
    pub engine: wasmtime::Engine,
}

impl HandlerState for Instances {
    type StoreData = Guest;
    type WorkerExpiration = Lifetime;
    type WorkerState = Worker;

    async fn instantiate(&self) -> Result<Instance<Guest, Lifetime, Worker>> {
        let permit = self.platform.instances.clone().acquire_owned().await?;
        let (generation, death) = self.component.join();
        let guest = Guest::new(self.component.clone(), self.platform.clone(), generation, permit);
        let mut store = Store::new(&self.engine, guest);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let proxy = self.code.instantiate_async(&mut store).await?;
        self.component.counts.instances.fetch_add(1, Ordering::Relaxed);
        Ok(Instance {
            store,
            proxy,
            view: Guest::http,
            expiration: Lifetime {
                idle: self.reuse.idle_instance_timeout,
                request: self.reuse.request_timeout,
                timer: Box::pin(tokio::time::sleep(self.reuse.idle_instance_timeout)),
                death: Box::pin(death),
            },
            state: Worker { component: self.component.clone(), reuse: self.reuse.clone() },
        })
    }
}

/// When an instance has to go.
pub struct Lifetime {
    idle: Duration,
    request: Option<Duration>,
    /// Fires at the end of the time or earlier; then it is set again.
    timer: Pin<Box<Sleep>>,
    death: Pin<Box<OwnedNotified>>,
}

impl WorkerExpiration for Lifetime {
    fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        let me = self.get_mut();
        if me.death.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let time = match status {
            WorkerStatus::Idle => Some(me.idle),
            WorkerStatus::Requests | WorkerStatus::PostReturn => me.request,
        };
        let Some(end) = time.and_then(|time| start.checked_add(time)) else {
            return Poll::Pending;
        };
        // Moving a timer is dear and `start` moves with each request: an early timer stays.
        while Instant::now() < end {
            if me.timer.is_elapsed() || me.timer.deadline().into_std() > end {
                me.timer.as_mut().reset(end.into());
            }
            ready!(me.timer.as_mut().poll(cx));
        }
        Poll::Ready(())
    }
}

/// What an instance takes on.
pub struct Worker {
    component: Arc<Component>,
    reuse: Reuse,
}

impl WorkerState for Worker {
    type StoreData = Guest;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.reuse.max_instance_reuse_count {
            ShouldAccept::Never
        } else if concurrent >= self.reuse.max_instance_concurrent_reuse_count {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, Guest>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        self.component.counts.requests.fetch_add(1, Ordering::Relaxed);
        match self.reuse.request_timeout {
            Some(time) => Box::pin(tokio::time::sleep(time)),
            None => Box::pin(std::future::pending()),
        }
    }

    fn drop(&self, store: Store<Guest>, result: Result<(), wasmtime::Error>) {
        let Err(error) = result else { return };
        let id = &self.component.id;
        let guest = store.data();
        if guest.platform.ending.load(Ordering::Acquire) {
            return;
        }
        if guest.generation.is_killed() {
            eprintln!("{id}: instance killed");
            return;
        }
        self.component.counts.traps.fetch_add(1, Ordering::Relaxed);
        let stderr = guest.stderr.text();
        let stderr = if stderr.is_empty() { stderr } else { format!("\n{stderr}") };
        eprintln!("{id}: instance failed: {error:#}{stderr}");
    }
}
