//! What the host knows of one component, shared by all its instances: rights, variables, logs,
//! counts, and the means to kill them all.

use crate::logs::Logs;
use anyhow::Context as _;
use manifest::{AllowedHosts, Variables};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// A component, without its code.
#[derive(Debug)]
pub struct Component {
    /// Its id in the manifest.
    pub id: String,
    /// The databases it may open.
    pub databases: Vec<String>,
    /// The key-value stores it may open.
    pub stores: Vec<String>,
    /// Its variables, rendered.
    pub variables: BTreeMap<String, String>,
    /// Its environment variables.
    pub environment: Vec<(String, String)>,
    /// Whom it may call.
    pub hosts: AllowedHosts,
    /// Where its output goes.
    pub logs: Logs,
    /// What happened to it.
    pub counts: Counts,
    generation: Mutex<Arc<Generation>>,
}

/// What happened to a component since the start.
#[derive(Debug, Default)]
pub struct Counts {
    /// Instances made.
    pub instances: AtomicU64,
    /// Requests that reached an instance.
    pub requests: AtomicU64,
    /// Instances that trapped or ran out of time.
    pub traps: AtomicU64,
}

/// `Counts` at one moment.
#[derive(Debug, Serialize)]
pub struct Counted {
    instances: u64,
    live: usize,
    requests: u64,
    traps: u64,
}

/// The instances that die together.
#[derive(Debug, Default)]
pub struct Generation {
    killed: AtomicBool,
    death: Arc<Notify>,
}

impl Component {
    /// Component `id` of the manifest, logging into `logs`.
    pub fn new(
        id: &str,
        component: &manifest::Component,
        variables: &Variables,
        logs: &Path,
    ) -> anyhow::Result<Self> {
        let rights = || format!("could not set up component {id}");
        Ok(Self {
            id: id.to_owned(),
            databases: component.sqlite_databases.clone(),
            stores: component.key_value_stores.clone(),
            variables: variables.of(component).with_context(rights)?,
            environment: component.environment.clone().into_iter().collect(),
            hosts: variables.hosts_of(component).with_context(rights)?,
            logs: Logs::open(logs, id)?,
            counts: Counts::default(),
            generation: Mutex::default(),
        })
    }

    /// The generation of a new instance, and what tells it to die.
    pub fn join(&self) -> (Arc<Generation>, OwnedNotified) {
        let generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        (generation.clone(), generation.death.clone().notified_owned())
    }

    /// Kills all instances. Gives the dying generation: they are gone when nobody else holds it.
    pub fn kill(&self) -> Arc<Generation> {
        let mut generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        let dying = std::mem::take(&mut *generation);
        dying.killed.store(true, Ordering::Release);
        dying.death.notify_waiters();
        dying
    }

    /// What happened so far.
    pub fn counted(&self) -> Counted {
        let generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        Counted {
            instances: self.counts.instances.load(Ordering::Relaxed),
            live: Arc::strong_count(&generation).saturating_sub(1),
            requests: self.counts.requests.load(Ordering::Relaxed),
            traps: self.counts.traps.load(Ordering::Relaxed),
        }
    }
}

impl Generation {
    /// Whether it was told to die.
    pub fn is_killed(&self) -> bool {
        self.killed.load(Ordering::Acquire)
    }
}
