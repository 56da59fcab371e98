//! Calls from components to the outside: only to whom `allowed_outbound_hosts` names.
//!
//! A request without a host, or to `self.alt`, goes to the application itself. Everything else
//! is plain HTTP or HTTPS with the public roots.

use crate::component::Component;
use crate::platform::Platform;
use http::Uri;
use http::header::HOST;
use http::uri::{Authority, Scheme};
use http_body_util::BodyExt as _;
use std::sync::Arc;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody,
    WasiHttpHooks, default_send_request,
};

type Finished = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(http::Response<WasiBody>, Finished), Error>;

/// The permission check of one instance.
pub struct Outbound {
    component: Arc<Component>,
    platform: Arc<Platform>,
}

impl Outbound {
    /// For an instance of `component`.
    pub fn new(component: Arc<Component>, platform: Arc<Platform>) -> Self {
        Self { component, platform }
    }

    /// Where a request really goes, or why it doesn't.
    fn permit(&self, uri: &Uri) -> Result<Uri, Error> {
        let host = uri.host().unwrap_or_default();
        let scheme = uri.scheme_str().unwrap_or("https");
        let hosts = &self.component.hosts;
        let to_self = matches!(host, "" | "self.alt");
        let allowed =
            if to_self { hosts.allow_self() } else { hosts.allow(scheme, host, uri.port_u16()) };
        if !allowed {
            eprintln!(
                "{}: denied a request to {scheme}://{host}: not in allowed_outbound_hosts",
                self.component.id
            );
            return Err(Error::HttpRequestDenied);
        }
        if to_self { self.own(uri) } else { Ok(uri.clone()) }
    }

    fn own(&self, uri: &Uri) -> Result<Uri, Error> {
        let listen = self.platform.listen.get().ok_or(Error::HttpRequestUriInvalid)?;
        let authority = Authority::try_from(listen.to_string());
        let mut parts = uri.clone().into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(authority.map_err(|_| Error::HttpRequestUriInvalid)?);
        Uri::from_parts(parts).map_err(|_| Error::HttpRequestUriInvalid)
    }
}

impl WasiHttpHooks for Outbound {
    /// Spin's components see the Host header of their requests. The one of a request that they
    /// send is overwritten below.
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name| *name != HOST && DEFAULT_FORBIDDEN_HEADERS.contains(name))
    }

    fn send_request(
        &mut self,
        mut request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _consumed: Finished,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        let target = self.permit(request.uri());
        Box::new(async move {
            let target = target?;
            if let Some(host) = target.authority()
                && let Ok(host) = http::HeaderValue::from_str(host.as_str())
            {
                request.headers_mut().insert(HOST, host);
            }
            *request.uri_mut() = target;
            let (response, io) = default_send_request(request, options).await?;
            Ok((response.map(|body| body.boxed_unsync()), Box::new(io) as Finished))
        })
    }
}
