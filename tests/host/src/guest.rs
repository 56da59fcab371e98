//! The state of one instance: what wasmtime keeps in its store.

use crate::component::{Component, Generation};
use crate::logs::Tail;
use crate::outbound::Outbound;
use crate::platform::Platform;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// One instance's state.
pub struct Guest {
    /// Whose instance it is.
    pub component: Arc<Component>,
    /// What it shares with all others.
    pub platform: Arc<Platform>,
    /// With whom it dies.
    pub generation: Arc<Generation>,
    /// The end of its stderr.
    pub stderr: Tail,
    /// Its handles.
    pub table: ResourceTable,
    /// How many database connections it holds.
    pub connections: usize,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    _permit: OwnedSemaphorePermit,
}

/// Stands for the imports that are implemented on `Guest`.
pub struct Imports;

impl HasData for Imports {
    type Data<'a> = &'a mut Guest;
}

impl Guest {
    /// The state of a new instance.
    pub fn new(
        component: Arc<Component>,
        platform: Arc<Platform>,
        generation: Arc<Generation>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let stderr = Tail::default();
        let mut wasi = WasiCtx::builder();
        wasi.stdout(component.logs.stdout())
            .stderr(component.logs.stderr(stderr.clone()))
            .envs(&component.environment)
            .wall_clock(platform.clock.clone());
        Self {
            outbound: Outbound::new(component.clone(), platform.clone()),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            connections: 0,
            component,
            platform,
            generation,
            stderr,
            _permit: permit,
        }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}
