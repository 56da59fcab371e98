//! The machine that runs components: how it is configured, and what it links them to.
//!
//! Memory for instances comes from a pool if the address space allows it, which makes a new
//! instance cheap. A tick every 10 ms lets a busy component give way to the others.

use crate::bindings::Spin;
use crate::guest::{Guest, Imports};
use anyhow::Context as _;
use std::time::Duration;
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often a busy component gives way.
const TICK: Duration = Duration::from_millis(10);
/// Core instances, memories and tables that a component has at most.
const PARTS: u32 = 8;
/// What an instance leaves to the next one, cleared, instead of giving it back to the system.
const KEPT_BYTES: usize = 1 << 20;
const KEPT_TABLE_BYTES: usize = 16 << 10;

/// An engine for `instances` instances at a time.
pub fn engine(instances: u32) -> anyhow::Result<Engine> {
    let engine = match Engine::new(config().allocation_strategy(pool(instances))) {
        Ok(engine) => engine,
        Err(error) => {
            eprintln!("host: no pool of instances, so each is made anew: {error:#}");
            Engine::new(&config()).map_err(plain)?
        }
    };
    let weak = engine.weak();
    let tick = move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    let thread = std::thread::Builder::new().name("tick".to_owned()).spawn(tick);
    thread.context("could not start the engine's tick")?;
    Ok(engine)
}

/// Everything that a component may import.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    Spin::add_to_linker::<_, Imports>(&mut linker, |guest| guest)?;
    Ok(linker)
}

/// A wasmtime error as everybody's.
pub fn plain(error: wasmtime::Error) -> anyhow::Error {
    anyhow::Error::from_boxed(error.into_boxed_dyn_error())
}

fn config() -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.wasm_component_model_async(true);
    config.epoch_interruption(true);
    config
}

fn pool(instances: u32) -> InstanceAllocationStrategy {
    let parts = instances.saturating_mul(PARTS);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(parts)
        .total_memories(instances)
        .total_tables(parts)
        .total_stacks(parts)
        .max_memories_per_component(PARTS)
        .max_tables_per_component(PARTS)
        .max_core_instances_per_component(PARTS * 4)
        .linear_memory_keep_resident(KEPT_BYTES)
        .table_keep_resident(KEPT_TABLE_BYTES)
        .max_unused_warm_slots(16);
    InstanceAllocationStrategy::Pooling(pool)
}
