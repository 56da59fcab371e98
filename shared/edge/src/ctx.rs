//! What enters a function from outside, and only here: store, clock, ids, configuration, key-value
//! and the way to partners. One context serves all requests of an instance.

use crate::jwt::Claims;
use crate::{Problem, Request};
use bytes::Bytes;
use domain::{Millis, Policy};
use futures::future::LocalBoxFuture;
use http::StatusCode;
use serde_json::{Map, Value};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use store::Store;

/// A partner could not be reached, or did not answer in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(pub String);

/// The key-value store did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyValueError(pub String);

/// What differs between Spin and a native test.
pub trait Environment {
    /// The time now.
    fn now(&self) -> Millis;
    /// 128 random bits.
    fn random(&self) -> u128;
    /// A variable of `spin.toml`; `None` if the component may not see it.
    fn variable<'a>(&'a self, name: &'a str) -> LocalBoxFuture<'a, Option<String>>;
    /// Calls a partner.
    fn fetch(
        &self,
        request: http::Request<Bytes>,
    ) -> LocalBoxFuture<'_, Result<http::Response<Bytes>, FetchError>>;
    fn kept<'a>(
        &'a self,
        key: &'a str,
    ) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, KeyValueError>>;
    fn keep<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<(), KeyValueError>>;
}

/// Tokens that an instance remembers having checked.
const TOKENS_AT_MOST: usize = 256;

/// What a function works with.
pub struct Ctx {
    pub store: Store,
    pub env: Rc<dyn Environment>,
    tokens: RefCell<HashMap<String, Claims>>,
    /// The variable `policy`: an instance has one.
    pub(crate) configured: OnceCell<Map<String, Value>>,
    pub(crate) policy: RefCell<Option<KnownPolicy>>,
    pub(crate) policy_reads: Cell<u64>,
}

/// A policy that was put together, and of which version of the shop's document; 0 if there is none.
#[derive(Clone)]
pub(crate) struct KnownPolicy {
    pub version: u64,
    pub policy: Rc<Policy>,
}

impl Ctx {
    pub fn new(store: Store, env: Rc<dyn Environment>) -> Self {
        Self {
            store,
            env,
            tokens: RefCell::default(),
            configured: OnceCell::new(),
            policy: RefCell::default(),
            policy_reads: Cell::new(0),
        }
    }

    pub fn now(&self) -> Millis {
        self.env.now()
    }

    /// A fresh id: UUID version 7 (RFC 9562 §5.7), so ids sort by the time they were made.
    pub fn id(&self) -> u128 {
        let ms = u64::try_from(self.now().0).unwrap_or(0);
        let random = self.env.random().to_be_bytes();
        let mut bytes = [0_u8; 10];
        bytes.iter_mut().zip(random).for_each(|(b, r)| *b = r);
        uuid::Builder::from_unix_timestamp_millis(ms, &bytes).into_uuid().as_u128()
    }

    /// A source of fresh ids.
    pub fn ids(&self) -> impl FnMut() -> u128 + '_ {
        || self.id()
    }

    /// A variable of `spin.toml`. Without it the component is not deployed right.
    pub async fn variable(&self, name: &str) -> Result<String, Problem> {
        self.env.variable(name).await.ok_or_else(|| {
            eprintln!("the variable {name} is not given to this component");
            let detail = "the function is not configured";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "not_configured", detail)
        })
    }

    /// The caller's `traceparent`, if it is one (W3C Trace Context, version 00).
    pub fn trace(&self, request: &Request) -> Option<String> {
        let text = request.header("traceparent")?;
        let hex = |part: &str, len: usize| {
            let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            part.len() == len && part.bytes().all(digit)
        };
        let mut parts = text.split('-');
        let (version, trace, span, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let zero = |part: &str| part.bytes().all(|b| b == b'0');
        let fits = version == "00" && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
        (fits && !zero(trace) && !zero(span) && parts.next().is_none()).then(|| text.to_owned())
    }

    pub(crate) fn known_token(&self, token: &str) -> Option<Claims> {
        self.tokens.borrow().get(token).cloned()
    }

    pub(crate) fn remember_token(&self, token: &str, claims: &Claims) {
        let mut tokens = self.tokens.borrow_mut();
        if tokens.len() >= TOKENS_AT_MOST {
            tokens.clear();
        }
        tokens.insert(token.to_owned(), claims.clone());
    }
}
