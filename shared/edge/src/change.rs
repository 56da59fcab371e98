//! The way of every change: read, decide, commit; again if somebody else was faster.
//!
//! An idempotency key is committed with the change it belongs to, so there is no moment at which
//! one is stored and the other is not. It is looked up only when something did not work: when it
//! did, nobody had used it before.

use crate::{Ctx, Principal, Problem, Request, Response, respond};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Change;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::{Commit, Kept, OnceKey, Outcome, Sent, StoreError};

/// What a caller gets for a change; kept with its idempotency key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    /// Version of the document that the body shows.
    pub version: Option<u64>,
    pub body: Value,
}

/// A decision: what changes, and what is answered once it has.
pub type Decided<T> = Result<(Change, T), Problem>;

/// How often a refused commit is decided again.
const TRIES: usize = 3;

impl Answer {
    pub fn ok(body: Value) -> Self {
        Self { status: 200, location: None, version: None, body }
    }

    pub fn created(location: String, body: Value) -> Self {
        Self { status: 201, location: Some(location), version: None, body }
    }

    #[must_use]
    pub fn at_version(self, version: u64) -> Self {
        Self { version: Some(version), ..self }
    }

    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = respond::json(status, &self.body);
        if let Some(version) = self.version {
            respond::tag(&mut response, version);
        }
        if let Some(Ok(location)) = self.location.as_deref().map(HeaderValue::from_str) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// The key of a request, within its caller, method and path, and the fingerprint of its body.
struct RequestKey {
    key: String,
    hash: String,
}

/// Reads `Idempotency-Key`: a structured-field string (RFC 8941) or the bare form, 1 to 255 signs.
fn request_key(request: &Request, who: &Principal, body: &[u8]) -> Result<RequestKey, Problem> {
    let missing = || Problem::bad_request("no_idempotency_key", "Idempotency-Key is missing");
    let text = request.header("idempotency-key").ok_or_else(missing)?.trim();
    let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    if !(1..=255).contains(&text.len()) {
        let detail = "Idempotency-Key must have 1 to 255 signs";
        return Err(Problem::bad_request("bad_idempotency_key", detail));
    }
    let (method, path) = (request.method.as_str(), request.uri.path());
    let role = format!("{:?}", who.role);
    let parts = ["request", &role, &who.sub, method, path, text].join("\u{1f}");
    let digest = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
    Ok(RequestKey { key: digest(parts.as_bytes()), hash: digest(body) })
}

fn replay(kept: &Kept, hash: &str) -> Result<Answer, Problem> {
    if kept.hash != hash {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let detail = "this Idempotency-Key was used for another request";
        return Err(Problem::new(status, "idempotency_key_reused", detail));
    }
    serde_json::from_str(&kept.answer)
        .map_err(|error| StoreError::Broken("read a kept answer", error.to_string()).into())
}

impl Ctx {
    /// Decides and commits, at most three times. A decision that changes nothing is not committed.
    pub async fn change<T, F>(&self, request: &Request, decide: F) -> Result<T, Problem>
    where
        F: AsyncFn() -> Decided<T>,
    {
        let changed = self.try_change(request, decide).await?;
        changed.ok_or_else(|| StoreError::Contended("change it").into())
    }

    /// The same, for who can do something else when others were faster three times: `None`.
    pub async fn try_change<T, F>(&self, request: &Request, decide: F) -> Result<Option<T>, Problem>
    where
        F: AsyncFn() -> Decided<T>,
    {
        for _ in 0..TRIES {
            let (change, answer) = decide().await?;
            if change.is_empty() || self.apply(request, &change, None).await? == Outcome::Applied {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    /// What the same request was answered before. For who commits something before its answer, and
    /// so must know first that there is a key, and whose.
    pub async fn answered(
        &self,
        request: &Request,
        who: &Principal,
        body: &[u8],
    ) -> Result<Option<Response>, Problem> {
        let RequestKey { key, hash } = request_key(request, who, body)?;
        let kept = self.store.kept(&key).await?;
        kept.map(|kept| replay(&kept, &hash).map(Answer::into_response)).transpose()
    }

    /// Decides and commits a request with an idempotency key: the same request again is answered as
    /// it was, another one with the same key is refused.
    pub async fn change_once<F>(
        &self,
        request: &Request,
        who: &Principal,
        body: &[u8],
        decide: F,
    ) -> Result<Response, Problem>
    where
        F: AsyncFn() -> Decided<Answer>,
    {
        let RequestKey { key, hash } = request_key(request, who, body)?;
        let reads = self.policy_reads();
        for _ in 0..TRIES {
            let refused = match decide().await {
                Err(problem) => Some(problem),
                Ok((change, answer)) => {
                    let policy = self.policy_since(reads).await?;
                    let until = self.now().plus(policy.idempotency_ms);
                    let once = OnceKey {
                        key: key.clone(),
                        hash: Some(hash.clone()),
                        answer: Some(serde_json::to_string(&answer).unwrap_or_default()),
                        until_ms: Some(until.0),
                    };
                    match self.apply(request, &change, Some(once)).await? {
                        Outcome::Applied => return Ok(answer.into_response()),
                        Outcome::Refused => None,
                    }
                }
            };
            if let Some(kept) = self.store.kept(&key).await? {
                return replay(&kept, &hash).map(Answer::into_response);
            }
            if let Some(problem) = refused {
                return Err(problem);
            }
        }
        Err(StoreError::Contended("change it").into())
    }

    async fn apply(
        &self,
        request: &Request,
        change: &Change,
        once: Option<OnceKey>,
    ) -> Result<Outcome, StoreError> {
        let mut commit = Commit::new(self.id(), change);
        commit.once = once;
        commit.trace = self.trace(request);
        self.store.commit(commit).await
    }

    /// Commits what became of a message, with what it changed. A refusal means that somebody else
    /// has the message.
    pub async fn commit_sent(
        &self,
        change: &Change,
        sent: Vec<Sent>,
    ) -> Result<Outcome, StoreError> {
        let mut commit = Commit::new(self.id(), change);
        commit.sent = sent;
        self.store.commit(commit).await
    }

    /// Commits what a message was routed to; they carry the trace of what they were made of.
    pub async fn commit_routed(
        &self,
        change: &Change,
        sent: Sent,
        trace: Option<&str>,
    ) -> Result<Outcome, StoreError> {
        let mut commit = Commit::new(self.id(), change);
        commit.sent = vec![sent];
        commit.trace = trace.map(str::to_owned);
        self.store.commit(commit).await
    }

    /// Refuses a change of another version than the caller saw. `If-Match` may be left out where
    /// the state itself decides what may be done.
    pub fn if_match(&self, request: &Request, version: u64) -> Result<(), Problem> {
        let Some(wanted) = request.header(header::IF_MATCH.as_str()) else { return Ok(()) };
        let tag = respond::etag_of(version);
        if wanted.split(',').map(str::trim).any(|w| w == "*" || w == tag) {
            Ok(())
        } else {
            let status = StatusCode::PRECONDITION_FAILED;
            let detail = format!("it is at {tag} now");
            Err(Problem::new(status, "version_differs", detail))
        }
    }

    /// A document as JSON with its tag, or 304 if the caller has it.
    pub fn show(&self, request: &Request, version: u64, body: &Value) -> Response {
        let known = request.header(header::IF_NONE_MATCH.as_str()).unwrap_or_default();
        let tag = respond::etag_of(version);
        let same = |k: &str| k.trim().trim_start_matches("W/") == tag;
        if known.split(',').any(same) {
            return respond::not_modified(version);
        }
        let mut response = respond::json(StatusCode::OK, body);
        respond::tag(&mut response, version);
        response
    }
}
