//! `spin:sqlite`: databases of the state directory, for components that may open them.
//!
//! Each `open` is a connection of its own. Statement errors show only at the end of the answer, as
//! in Spin.

use crate::bindings::sqlite::{
    Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
};
use crate::guest::{Guest, Imports};
use crate::sqlite_connection::SqliteConnection;
use crate::stream::Feed;
use wasmtime::component::{Access, Accessor, FutureReader, Resource, StreamReader};

/// Spin's limit of open connections per instance.
const CONNECTIONS: usize = 256;
/// Spin's limit for an answer that is gathered at once.
const ANSWER_BYTES: usize = 128 << 20;

/// A component's connection.
#[derive(Debug, Clone)]
pub struct Connection {
    sqlite: SqliteConnection,
}

type Answer = (Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>);
type Opened = Result<Resource<Connection>, Error>;

impl Guest {
    /// A connection, if the component may have one.
    fn open_database(&mut self, name: &str) -> wasmtime::Result<Opened> {
        if !self.component.databases.iter().any(|allowed| allowed == name) {
            return Ok(Err(Error::AccessDenied));
        }
        if self.connections >= CONNECTIONS {
            return Ok(Err(Error::Io("too many connections opened".to_owned())));
        }
        let platform = &self.platform;
        let path = platform.database_path(name);
        match SqliteConnection::open(&path, &platform.writers, platform.faults.clone()) {
            Ok(sqlite) => {
                let connection = self.table.push(Connection { sqlite })?;
                self.connections += 1;
                Ok(Ok(connection))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    fn sqlite(&self, connection: &Resource<Connection>) -> wasmtime::Result<SqliteConnection> {
        Ok(self.table.get(connection)?.sqlite.clone())
    }
}

impl Host for Guest {}

impl HostConnection for Guest {
    async fn open(&mut self, database: String) -> wasmtime::Result<Opened> {
        self.open_database(&database)
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<QueryResult, Error>> {
        let sqlite = self.sqlite(&connection)?;
        Ok(gather(&sqlite, statement, parameters).await)
    }

    async fn last_insert_rowid(
        &mut self,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        Ok(self.sqlite(&connection)?.last_insert_rowid().await)
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(self.sqlite(&connection)?.changes().await)
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
        accessor.with(|mut access| access.get().open_database(&database))
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<Answer, Error>> {
        let sqlite = accessor.with(|mut access| access.get().sqlite(&connection))?;
        let begun = match sqlite.execute(statement, parameters).await {
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
        let sqlite = accessor.with(|mut access| access.get().sqlite(&connection))?;
        Ok(sqlite.last_insert_rowid().await)
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<u64> {
        let sqlite = accessor.with(|mut access| access.get().sqlite(&connection))?;
        Ok(sqlite.changes().await)
    }
}

async fn gather(
    sqlite: &SqliteConnection,
    statement: String,
    parameters: Vec<Value>,
) -> Result<QueryResult, Error> {
    let mut begun = sqlite.execute(statement, parameters).await?;
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
