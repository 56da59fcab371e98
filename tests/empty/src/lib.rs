//! empty: a component that does nothing, so that the benchmark can tell what the runtime costs.

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(_: spin_sdk::http::Request) -> spin_sdk::http::StatusCode {
    spin_sdk::http::StatusCode::OK
}
