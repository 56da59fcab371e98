//! `spin:key-value`: stores in one SQLite file of the state directory.
//!
//! One connection serves all components, as in Spin. A store that nobody wrote to is empty.

use crate::bindings::key_value::{Error, Host, HostStore, HostStoreWithStore};
use crate::guest::{Guest, Imports};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

const TABLE: &str = "create table if not exists spin_key_value (
    store text not null,
    key   text not null,
    value blob not null,
    primary key (store, key)
)";
const GET: &str = "select value from spin_key_value where store = ?1 and key = ?2";
const SET: &str = "insert into spin_key_value (store, key, value) values (?1, ?2, ?3)
    on conflict (store, key) do update set value = excluded.value";
const DELETE: &str = "delete from spin_key_value where store = ?1 and key = ?2";
const KEYS: &str = "select key from spin_key_value where store = ?1";

/// The file with all stores; opened when it is first needed.
#[derive(Debug, Clone)]
pub struct Database {
    path: PathBuf,
    connection: Arc<Mutex<Option<Connection>>>,
}

/// A component's open store.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    name: Arc<str>,
}

type Keys = (StreamReader<String>, FutureReader<Result<(), Error>>);

impl Database {
    /// The file, which need not exist.
    pub fn new(path: PathBuf) -> Self {
        Self { path, connection: Arc::default() }
    }

    async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<R> + Send + 'static,
    ) -> Result<R, Error> {
        let database = self.clone();
        let work = move || {
            let mut slot = database.connection.lock().unwrap_or_else(PoisonError::into_inner);
            if slot.is_none() {
                let connection = Connection::open(&database.path)?;
                connection.execute(TABLE, [])?;
                *slot = Some(connection);
            }
            slot.as_ref().map_or(Err(rusqlite::Error::InvalidQuery), work)
        };
        let outcome = tokio::task::spawn_blocking(work).await;
        let outcome = outcome.map_err(|error| Error::Other(error.to_string()))?;
        outcome.map_err(|error| Error::Other(error.to_string()))
    }
}

impl Store {
    async fn get(self, key: String) -> Result<Option<Vec<u8>>, Error> {
        let name = self.name;
        let work = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(GET)?;
            statement.query_row(params![name, key], |row| row.get(0)).optional()
        };
        self.database.run(work).await
    }

    async fn set(self, key: String, value: Vec<u8>) -> Result<(), Error> {
        let name = self.name;
        let work = move |connection: &Connection| {
            connection.prepare_cached(SET)?.execute(params![name, key, value])
        };
        self.database.run(work).await.map(drop)
    }

    async fn delete(self, key: String) -> Result<(), Error> {
        let name = self.name;
        let work = move |connection: &Connection| {
            connection.prepare_cached(DELETE)?.execute(params![name, key])
        };
        self.database.run(work).await.map(drop)
    }

    async fn keys(self) -> Result<Vec<String>, Error> {
        let name = self.name;
        let work = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(KEYS)?;
            statement.query_map(params![name], |row| row.get(0))?.collect()
        };
        self.database.run(work).await
    }
}

impl Host for Guest {}

impl HostStore for Guest {
    async fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(store)?;
        Ok(())
    }
}

impl<T: Send> HostStoreWithStore<T> for Imports {
    async fn open(
        accessor: &Accessor<T, Self>,
        label: String,
    ) -> wasmtime::Result<Result<Resource<Store>, Error>> {
        accessor.with(|mut access| {
            let guest = access.get();
            if !guest.component.stores.contains(&label) {
                return Ok(Err(Error::AccessDenied));
            }
            let database = guest.platform.key_value.clone();
            Ok(Ok(guest.table.push(Store { database, name: label.into() })?))
        })
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        Ok(find(accessor, &store)?.get(key).await)
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        Ok(find(accessor, &store)?.set(key, value).await)
    }

    async fn delete(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        Ok(find(accessor, &store)?.delete(key).await)
    }

    async fn exists(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        Ok(find(accessor, &store)?.get(key).await.map(|value| value.is_some()))
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
    ) -> wasmtime::Result<Keys> {
        let keys = find(accessor, &store)?.keys().await;
        let (keys, end) = match keys {
            Ok(keys) => (keys, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, keys)?;
            let end = async move { wasmtime::error::Ok(end) };
            Ok((keys, FutureReader::new(&mut access, end)?))
        })
    }
}

fn find<T>(accessor: &Accessor<T, Imports>, store: &Resource<Store>) -> wasmtime::Result<Store> {
    accessor.with(|mut access| Ok(access.get().table.get(store)?.clone()))
}
