//! What a way of running the shop must be able to do. It does not know what is asked of it.

use anyhow::Result;
use bytes::Bytes;
use domain::Millis;
use futures::future::LocalBoxFuture;
use http::{Request, Response};
use std::path::PathBuf;

/// A running shop.
pub trait Stage {
    /// Answers a request whose address is a path.
    fn answer(&self, request: Request<Bytes>) -> LocalBoxFuture<'_, Result<Response<Bytes>>>;
    /// From now on it is this time.
    fn set_clock(&self, now: Millis) -> LocalBoxFuture<'_, Result<()>>;
    /// The next commit is stored, and the function that asked for it hears that it failed.
    fn lose_next_answer(&self) -> LocalBoxFuture<'_, Result<()>>;
    /// How many instances died of a panic or a trap.
    fn traps(&self) -> LocalBoxFuture<'_, Result<u64>>;
    /// The SQLite file.
    fn database(&self) -> PathBuf;
    /// The functions in this process, where they are.
    fn native(&self) -> Option<&crate::Native> {
        None
    }
}
