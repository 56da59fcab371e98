//! The application: finds a request's component and lets one of its instances answer.
//!
//! Requests from the network and from the scheduler take the same way.

use crate::component::Component;
use crate::headers;
use crate::instance::Instances;
use crate::platform::Platform;
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use manifest::Router;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::{ProxyHandler, Request, TrapOrPanicError};

/// Paths that Spin keeps for itself.
const WELL_KNOWN: &str = "/.well-known/spin/";

/// A loaded application.
pub struct App {
    /// Its routes.
    pub router: Router,
    /// What its components share.
    pub platform: Arc<Platform>,
    /// Its components that have a route, by id.
    pub handlers: BTreeMap<String, ProxyHandler<Instances>>,
}

impl App {
    /// Answers a request of `client`.
    pub async fn answer(&self, mut request: Request, client: SocketAddr) -> Response<WasiBody> {
        let path = request.uri().path().to_owned();
        if let Some(own) = path.strip_prefix(WELL_KNOWN) {
            return match own {
                "health" => text(StatusCode::OK, "OK"),
                _ => text(StatusCode::NOT_FOUND, ""),
            };
        }
        let Some(matched) = self.router.find(&path) else {
            return text(StatusCode::NOT_FOUND, "");
        };
        if let Err(fault) = headers::prepare(&mut request, &matched, client) {
            return text(StatusCode::BAD_REQUEST, fault.0);
        }
        let Some(handler) = self.handlers.get(matched.component) else {
            return text(StatusCode::INTERNAL_SERVER_ERROR, "");
        };
        match handler.handle((), request).await {
            Ok(response) => response,
            Err(error) => {
                // What trapped an instance was already told when the instance went.
                if !error.is::<TrapOrPanicError>() {
                    eprintln!("{}: request failed: {error:#}", matched.component);
                }
                text(StatusCode::INTERNAL_SERVER_ERROR, "")
            }
        }
    }

    /// A component, if it has a route.
    pub fn component(&self, id: &str) -> Option<&Arc<Component>> {
        self.handlers.get(id).map(|handler| &handler.state().component)
    }
}

fn text(status: StatusCode, text: &'static str) -> Response<WasiBody> {
    let body = Full::new(Bytes::from_static(text.as_bytes()));
    let mut response = Response::new(body.map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}
