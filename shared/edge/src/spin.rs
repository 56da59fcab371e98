//! A function inside Spin: its requests, its database, its clock and its way out.
//!
//! One context serves all requests of an instance, at the same time and one after the other; the
//! instance ends whenever Spin likes, and nothing is lost with it.

use crate::{
    Body, BodyError, Ctx, Environment, FetchError, KeyValueError, Problem, Request, Response,
};
use bytes::Bytes;
use domain::Millis;
use futures::future::{Either, FutureExt, LocalBoxFuture, select};
use futures::stream::StreamExt;
use http::{HeaderValue, StatusCode, header};
use spin_sdk::http::FullBody;
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::sqlite::{Connection, Error, Value as SpinValue};
use spin_sdk::wasip3::http::types::{ErrorCode, Response as WasiResponse};
use spin_sdk::wasip3::http_compat::BodyWriter;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use store::{Database, DbError, Lane, Ringer, Rows, Store, Value};

thread_local! {
    static CTX: Rc<Ctx> = {
        let store = Store::new(Rc::new(SpinDatabase::default()));
        Rc::new(Ctx::new(store, Rc::new(SpinEnvironment)))
    };
}

/// A response on its way.
pub type SpinResponse = Result<WasiResponse, ErrorCode>;

/// Serves one request: the function's answer, or its problem.
pub async fn serve<F>(request: spin_sdk::http::Request, handle: F) -> SpinResponse
where
    F: AsyncFn(&Ctx, &Request) -> Result<Response, Problem>,
{
    let ctx = CTX.with(Rc::clone);
    let (parts, body) = request.into_parts();
    let body: Body = body
        .stream()
        .map(|chunk| chunk.map_err(|error| BodyError(error.to_string())))
        .boxed_local();
    let request = Request::new(parts.method, parts.uri, parts.headers, body);
    if !ctx.store.is_ready() && ctx.env.variable("commits").await.as_deref() == Some("one_by_one") {
        ctx.store.one_by_one();
    }
    let answer = match ctx.store.ready(ctx.now().0).await {
        Ok(_) => handle(&ctx, &request).await,
        Err(error) => Err(error.into()),
    };
    send(answer.unwrap_or_else(Problem::into_response)).await
}

/// Hands over a response whose body is whole, and waits in it already when the head is sent: the
/// two go out together. A body that follows its head costs a system call more; and where the
/// server's socket holds small packets back (Nagle's algorithm), the caller's acknowledgement of
/// the head has to arrive first, which may be 40 ms later.
async fn send(mut response: Response) -> SpinResponse {
    if !matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        let length = HeaderValue::from(response.body().len());
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    let (parts, body) = response.into_parts();
    let unsendable = |e: &dyn std::fmt::Debug| ErrorCode::InternalError(Some(format!("{e:?}")));
    let headers = parts.headers.try_into().map_err(|e| unsendable(&e))?;
    let (writer, contents, trailers) = BodyWriter::new();
    let (response, _) = WasiResponse::new(headers, Some(contents), trailers);
    response.set_status_code(parts.status.as_u16()).map_err(|()| unsendable(&parts.status))?;
    let mut sending = async move {
        // A caller that is gone needs nothing any more.
        drop(writer.send_http_body(&mut FullBody::new(body)).await);
    }
    .boxed_local();
    if poll_fn(|cx| Poll::Ready(sending.poll_unpin(cx))).await.is_pending() {
        spin_sdk::wasip3::spawn(sending);
    }
    Ok(response)
}

/// SQLite through Spin: one connection for reads and one for writes, so that a read does not wait
/// for the disk behind a write.
#[derive(Default)]
struct SpinDatabase {
    reader: RefCell<Option<Rc<Connection>>>,
    writer: RefCell<Option<Rc<Connection>>>,
}

const READER: &[&str] = &["pragma busy_timeout = 0", "pragma cache_size = -8000"];
const WRITER: &[&str] = &[
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma busy_timeout = 25",
    "pragma wal_autocheckpoint = 8000",
    "pragma cache_size = -8000",
];

impl SpinDatabase {
    async fn connection(&self, lane: Lane) -> Result<Rc<Connection>, DbError> {
        let (slot, settings) = match lane {
            Lane::Read => (&self.reader, READER),
            Lane::Write => (&self.writer, WRITER),
        };
        let open = slot.borrow().clone();
        if let Some(open) = open {
            return Ok(open);
        }
        let connection = Rc::new(Connection::open_default().await.map_err(said)?);
        for setting in settings {
            rows(&connection, setting, Vec::new()).await?;
        }
        // Another request of this instance may have opened one meanwhile; either will do.
        slot.replace(Some(connection.clone()));
        Ok(connection)
    }
}

fn said(error: Error) -> DbError {
    DbError(match error {
        Error::Io(text) => text,
        Error::NoSuchDatabase => "no such database".to_owned(),
        Error::AccessDenied => "access denied".to_owned(),
        Error::InvalidConnection => "invalid connection".to_owned(),
        Error::DatabaseFull => "database or disk is full".to_owned(),
    })
}

/// The first row of a statement that answers one. Taking no more saves waiting for its end; an
/// error shows there only if there was no row.
async fn first_row(
    connection: &Connection,
    sql: &'static str,
    params: Vec<SpinValue>,
) -> Result<Rows, DbError> {
    let mut result = connection.execute(sql, params).await.map_err(said)?;
    match result.next().await {
        Some(row) => Ok(vec![row.values.into_iter().map(ours).collect()]),
        None => result.result().await.map(|()| Vec::new()).map_err(said),
    }
}

async fn rows(
    connection: &Connection,
    sql: &'static str,
    params: Vec<SpinValue>,
) -> Result<Rows, DbError> {
    let mut result = connection.execute(sql, params).await.map_err(said)?;
    let mut rows = Vec::new();
    while let Some(row) = result.next().await {
        rows.push(row.values.into_iter().map(ours).collect());
    }
    result.result().await.map_err(said)?;
    Ok(rows)
}

fn ours(value: SpinValue) -> Value {
    match value {
        SpinValue::Integer(n) => Value::Int(n),
        SpinValue::Text(text) => Value::Text(text),
        SpinValue::Real(_) | SpinValue::Blob(_) | SpinValue::Null => Value::Null,
    }
}

fn theirs(value: Value) -> SpinValue {
    match value {
        Value::Null => SpinValue::Null,
        Value::Int(n) => SpinValue::Integer(n),
        Value::Text(text) => SpinValue::Text(text),
        Value::Blob(bytes) => SpinValue::Blob(bytes),
    }
}

impl Database for SpinDatabase {
    fn run<'a>(
        &'a self,
        lane: Lane,
        sql: &'static str,
        params: Vec<Value>,
    ) -> LocalBoxFuture<'a, Result<Rows, DbError>> {
        async move {
            let connection = self.connection(lane).await?;
            let params = params.into_iter().map(theirs).collect();
            match lane {
                Lane::Read => first_row(&connection, sql, params).await,
                Lane::Write => rows(&connection, sql, params).await,
            }
        }
        .boxed_local()
    }

    /// A stream that carries nothing: dropping its writing end ends the read of the other task.
    /// wit-bindgen's own `inter-task-wakeup` would do it too, but traps on wasmtime 48.
    fn bell(&self) -> (Ringer, LocalBoxFuture<'static, ()>) {
        let (ringer, mut bell) = spin_sdk::wasip3::wit_stream::new::<u8>();
        let rung = async move {
            bell.read(Vec::with_capacity(1)).await;
        };
        (Box::new(ringer), rung.boxed_local())
    }

    fn pause(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        wait(ms).boxed_local()
    }
}

/// Partners are waited for this long: less than a claim on a message holds.
const PARTNERS_WAIT_MS: u64 = 20_000;

async fn wait(ms: u64) {
    spin_sdk::wasip3::clocks::monotonic_clock::wait_for(ms.saturating_mul(1_000_000)).await;
}

struct SpinEnvironment;

impl Environment for SpinEnvironment {
    fn now(&self) -> Millis {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Millis(since.ok().and_then(|d| i64::try_from(d.as_millis()).ok()).unwrap_or(0))
    }

    fn random(&self) -> u128 {
        let high = spin_sdk::wasip3::random::random::get_random_u64();
        let low = spin_sdk::wasip3::random::random::get_random_u64();
        (u128::from(high) << 64) | u128::from(low)
    }

    fn variable<'a>(&'a self, name: &'a str) -> LocalBoxFuture<'a, Option<String>> {
        async move { spin_sdk::variables::get(name).await.ok() }.boxed_local()
    }

    fn fetch(
        &self,
        request: http::Request<Bytes>,
    ) -> LocalBoxFuture<'_, Result<http::Response<Bytes>, FetchError>> {
        let ask = async move {
            let failed = |error: ErrorCode| FetchError(error.to_string());
            let request = request.map(spin_sdk::http::FullBody::new);
            let response = spin_sdk::http::send(request).await.map_err(failed)?;
            let (parts, body) = response.into_parts();
            let body = body.bytes().await.map_err(failed)?;
            Ok(http::Response::from_parts(parts, body))
        };
        async move {
            match select(pin!(ask), pin!(wait(PARTNERS_WAIT_MS))).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => Err(FetchError("no answer in time".to_owned())),
            }
        }
        .boxed_local()
    }

    fn kept<'a>(
        &'a self,
        key: &'a str,
    ) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, KeyValueError>> {
        async move {
            let store = spin_sdk::key_value::Store::open_default().await.map_err(kv)?;
            store.get(key).await.map_err(kv)
        }
        .boxed_local()
    }

    fn keep<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<(), KeyValueError>> {
        async move {
            let store = spin_sdk::key_value::Store::open_default().await.map_err(kv)?;
            store.set(key, value).await.map_err(kv)
        }
        .boxed_local()
    }
}

fn kv(error: spin_sdk::key_value::Error) -> KeyValueError {
    KeyValueError(format!("{error:?}"))
}
