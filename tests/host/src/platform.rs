//! What all components share: the state directory, the clock, the faults, the address.

use crate::clock::Clock;
use crate::faults::Faults;
use crate::key_value::Database;
use crate::sqlite_connection::Writers;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// Everything that instances of all components share.
#[derive(Debug)]
pub struct Platform {
    /// Where the databases lie.
    pub state: PathBuf,
    /// The wall clock.
    pub clock: Clock,
    /// Faults on order.
    pub faults: Arc<Faults>,
    /// Whose turn it is to write into a database.
    pub writers: Writers,
    /// All key-value stores.
    pub key_value: Database,
    /// Where the application listens, once it does.
    pub listen: OnceLock<SocketAddr>,
    /// The host is about to end: instances that break off now are no fault.
    pub ending: AtomicBool,
    /// One permit per instance that may live.
    pub instances: Arc<Semaphore>,
}

impl Platform {
    /// The file of a database. Spin's name for "default" is `sqlite_db.db`.
    pub fn database_path(&self, name: &str) -> PathBuf {
        match name {
            "default" => self.state.join("sqlite_db.db"),
            other => self.state.join(format!("sqlite_{other}.db")),
        }
    }
}
