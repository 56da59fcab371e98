//! `spin:sqlite`: databases of the state directory, for components that may open them.
//!
//! Each `open` is a connection of its own, on a thread of its own. Statement errors show only at
//! the end of the answer, as in Spin.

use crate::bindings::sqlite::{
    Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
};
use crate::guest::{Guest, Imports};
use crate::sqlite_thread::SqliteThread;
use crate::stream::Feed;
use wasmtime::component::{Access, Accessor, FutureReader, Resource, StreamReader};

/// Spin's limit of open connections per instance.
const CONNECTIONS: usize = 256;
/// Spin's limit for an answer that is gathered at once.
const ANSWER_BYTES: usize = 128 << 20;

/// A component's connection.
#[derive(Debug, Clone)]
pub struct Connection {
    thread: SqliteThread,
}

type Answer = (Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>);
type Opened = Result<Resource<Connection>, Error>;

impl Guest {
    /// The connection to be made, if the component may.
    fn open_database(
        &self,
        name: &str,
    ) -> Result<impl Future<Output = Result<SqliteThread, Error>> + use<>, Error> {
        if !self.component.databases.iter().any(|allowed| allowed == name) {
            return Err(Error::AccessDenied);
        }
        let path = self.platform.database_path(name);
        Ok(SqliteThread::open(path, self.platform.faults.clone()))
    }

    fn keep(&mut self, thread: SqliteThread) -> wasmtime::Result<Opened> {
        if self.connections >= CONNECTIONS {
            return Ok(Err(Error::Io("too many connections opened".to_owned())));
        }
        let connection = self.table.push(Connection { thread })?;
        self.connections += 1;
        Ok(Ok(connection))
    }

    fn thread(&self, connection: &Resource<Connection>) -> wasmtime::Result<SqliteThread> {
        Ok(self.table.get(connection)?.thread.clone())
    }
}

impl Host for Guest {}

impl HostConnection for Guest {
    async fn open(&mut self, database: String) -> wasmtime::Result<Opened> {
        let opening = match self.open_database(&database) {
            Ok(opening) => opening,
            Err(error) => return Ok(Err(error)),
        };
        match opening.await {
            Ok(thread) => self.keep(thread),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<QueryResult, Error>> {
        let thread = self.thread(&connection)?;
        Ok(gather(&thread, statement, parameters).await)
    }

    async fn last_insert_rowid(
        &mut self,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        Ok(self.thread(&connection)?.last_insert_rowid().await?)
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(self.thread(&connection)?.changes().await?)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        self.connections = self.connections.saturating_sub(1);
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for Imports {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        database: String,
    ) -> wasmtime::Result<Opened> {
        let opening = match accessor.with(|mut access| access.get().open_database(&database)) {
            Ok(opening) => opening,
            Err(error) => return Ok(Err(error)),
        };
        match opening.await {
            Ok(thread) => accessor.with(|mut access| access.get().keep(thread)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<Answer, Error>> {
        let thread = accessor.with(|mut access| access.get().thread(&connection))?;
        let begun = match thread.execute(statement, parameters).await {
            Ok(begun) => begun,
            Err(error) => return Ok(Err(error)),
        };
        accessor.with(|mut access: Access<'_, T, Self>| {
            let rows = StreamReader::new(&mut access, Feed::new(begun.rows))?;
            let end = FutureReader::new(&mut access, begun.end)?;
            Ok(Ok((begun.columns, rows, end)))
        })
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        let thread = accessor.with(|mut access| access.get().thread(&connection))?;
        Ok(thread.last_insert_rowid().await?)
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<u64> {
        let thread = accessor.with(|mut access| access.get().thread(&connection))?;
        Ok(thread.changes().await?)
    }
}

async fn gather(
    thread: &SqliteThread,
    statement: String,
    parameters: Vec<Value>,
) -> Result<QueryResult, Error> {
    let mut begun = thread.execute(statement, parameters).await?;
    let mut rows = Vec::new();
    let mut bytes = 0;
    while let Some(row) = begun.rows.recv().await {
        bytes += row.values.iter().map(size).sum::<usize>();
        if bytes > ANSWER_BYTES {
            let text = format!("query result exceeds limit of {ANSWER_BYTES} bytes");
            return Err(Error::Io(text));
        }
        rows.push(row);
    }
    begun.end.await.map_err(|_| Error::Io("the connection is gone".to_owned()))??;
    Ok(QueryResult { columns: begun.columns, rows })
}

fn size(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::Text(text) => text.len(),
            Value::Blob(blob) => blob.len(),
            Value::Integer(_) | Value::Real(_) | Value::Null => 0,
        }
}
