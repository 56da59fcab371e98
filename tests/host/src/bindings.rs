//! What the world in `wit/` says, as Rust.
//!
//! Generated; the interfaces are implemented in `sqlite`, `key_value` and `variables`.

// The generated code promises the layout of its own types, which takes `unsafe impl`.
#![allow(unsafe_code, missing_docs)]

wasmtime::component::bindgen!({
    path: "wit",
    world: "spin",
    imports: { default: async | trappable },
    with: {
        "spin:sqlite/sqlite.connection": crate::sqlite::Connection,
        "spin:key-value/key-value.store": crate::key_value::Store,
    },
});

pub use spin::{key_value::key_value, sqlite::sqlite, variables::variables};
