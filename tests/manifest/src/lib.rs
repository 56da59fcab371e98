//! manifest: reads `spin.toml` and answers what it says: routes, permissions, variables.
//!
//! The bundled host and the native tests share it, so both route and permit as Spin does. It also
//! holds the files of a shop's state directory that are not data: the signing key and the
//! environment file. It knows no WebAssembly and opens no connection.

mod app;
pub mod env_file;
mod hosts;
pub mod keys;
mod routes;
mod template;
pub mod token;
mod variables;

pub use app::{Application, Component, Manifest, ManifestError, Route, Trigger, Variable};
pub use hosts::{AllowedHosts, HostError};
pub use routes::{Matched, Router};
pub use template::{Template, TemplateError};
pub use variables::{Providers, VariableError, Variables, check_name};
