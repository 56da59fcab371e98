//! The only crate with HTTP and Spin: requests, who may ask, problems, idempotency, clock, ids and
//! configuration. A function is plain Rust on top of it and runs natively in tests; the Spin part
//! is one module, for Wasm only.

mod auth;
mod change;
mod ctx;
mod cursor;
pub mod import;
mod jwt;
mod language;
mod payments;
mod policy;
mod problem;
mod request;
mod respond;
#[cfg(target_family = "wasm")]
pub mod spin;
pub mod views;

pub use auth::{Principal, Role};
pub use change::{Answer, Decided};
pub use ctx::{Ctx, Environment, FetchError, KeyValueError};
pub use cursor::{Cursor, page};
pub use language::language;
pub use problem::{FieldFault, Problem};
pub use request::{Body, BodyError, JSON_BYTES_AT_MOST, Request, fit, parse_json, sentence};
pub use respond::{Response, created, etag_of, json, no_content, not_modified, text};
