//! host: runs the components of `spin.toml` where the `spin` command is not installed.
//!
//! It behaves as Spin does and adds what tests need and Spin cannot give: a clock that can be
//! moved, faults that can be injected, an instance that can be killed. A component cannot tell
//! the difference. It refuses every feature that Spin lacks.

mod app;
pub mod args;
mod bindings;
mod clock;
mod compile;
mod component;
mod control;
mod engine;
mod faults;
mod guest;
mod headers;
mod instance;
mod key_value;
mod logs;
mod outbound;
mod parent;
mod platform;
mod schedule;
mod schedule_remote;
mod serve;
mod server;
mod sqlite;
mod sqlite_connection;
mod stop;
mod stream;
mod variables;

pub use manifest::token;
pub use schedule_remote::run as schedule;
pub use serve::serve;
