//! Payment gateways' dialects: a webhook's bytes in, facts in our words out; refund requests out.
//!
//! Each gateway is one module behind the [`Gateway`] trait. Nothing here does I/O, tells the time
//! or knows an order: the edge brings bytes and `now`, the domain decides what a fact means.

pub mod alipay;
mod json;
mod keys;
mod settings;
pub mod stripe;
mod time;
pub mod wechatpay;

pub use alipay::Alipay;
use bytes::Bytes;
use domain::{Millis, PaymentFact, PaymentInquiry, RefundOrder};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
pub use keys::BadKey;
pub use settings::{Settings, asking, receiving};
pub use stripe::Stripe;
pub use wechatpay::WechatPay;

/// A webhook as it came: signatures are checked over `body` as it is, before anything is parsed.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    /// Our clock at receipt; decides whether a signature is too old.
    pub now: Millis,
}

/// What a delivery with a good signature said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// At least one fact, all with the delivery's event id.
    Facts(Vec<PaymentFact>),
    /// Something we do not act on. It is acknowledged and stored as noted.
    Nothing { event_id: String },
}

/// Why a delivery is not believed or not understood. Nothing of it is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// HTTP 401. Nobody with our secret wrote this.
    #[error("bad signature: {0}")]
    BadSignature(&'static str),
    /// HTTP 401. Written too long ago, or too far ahead of our clock.
    #[error("the signature's time is too far from ours")]
    TooOld,
    /// HTTP 400. The text names the field, as in `data.object.amount`.
    #[error("unreadable: {0}")]
    Unreadable(String),
}

impl Unheard {
    /// 401 for what is not believed, 400 for what is not understood.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadSignature(_) | Self::TooOld => StatusCode::UNAUTHORIZED,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Why a refund request could not even be written. A person must look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotAsk {
    #[error("{0} is not configured")]
    NotConfigured(&'static str),
    /// The gateway has no way to say this amount.
    #[error("the amount cannot be said: {0}")]
    Amount(String),
    /// A configured value does not fit into an HTTP request or is not a key.
    #[error("no request can be made: {0}")]
    NotARequest(String),
}

/// What a gateway answered when it was asked for a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundAnswer {
    /// The money has gone. `theirs` is the gateway's id of the refund.
    Succeeded { theirs: String },
    /// Taken on; a webhook will say how it ends.
    Pending { theirs: String },
    /// Final: asking again cannot help, a person must look.
    Refused { reason: String },
    /// Nothing is known: ask again with the same refund id, not before `after_ms` if it is given.
    TryAgain { reason: String, after_ms: Option<i64> },
}

/// What a gateway answered when it was asked how a payment went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentAnswer {
    /// The same facts that its webhooks would have told. The same state again is the same fact.
    Facts(Vec<PaymentFact>),
    /// It does not know the payment, or nothing of it is worth a fact yet.
    Nothing,
    /// Asking again cannot help, a person must look.
    Refused { reason: String },
    /// Nothing is known: ask again, not before `after_ms` if it is given.
    TryAgain { reason: String, after_ms: Option<i64> },
}

/// A payment gateway's dialect.
pub trait Gateway {
    /// Our name of it: the `:gateway` of the webhook's path and `PaymentFact::gateway`.
    fn name(&self) -> &'static str;

    /// The merchant account at the gateway that is ours, as `PaymentFact::account` has it; `None`
    /// where the shop has named none.
    fn account(&self) -> Option<String>;

    /// Checks the signature over the raw bytes, then reads. Never panics, whatever the bytes.
    fn read(&self, delivery: &Delivery<'_>) -> Result<Heard, Unheard>;

    /// What to answer once the facts are stored, and for every repeat.
    fn acknowledge(&self) -> Response<Bytes>;

    /// What to answer instead of our problem document where the sender fixes the form of a no.
    fn refuse(&self, _why: &Unheard) -> Option<Response<Bytes>> {
        None
    }

    /// The request that asks for a refund. Asking twice for one `order.refund` pays once.
    fn refund_request(&self, order: &RefundOrder, now: Millis)
    -> Result<Request<Bytes>, CannotAsk>;

    /// What the answer to that request means. Never panics, whatever the answer.
    fn refund_answer(&self, order: &RefundOrder, answer: &Response<Bytes>) -> RefundAnswer;

    /// The request that asks what became of a refund. It asks for no money.
    fn refund_query(&self, order: &RefundOrder, now: Millis) -> Result<Request<Bytes>, CannotAsk>;

    /// What the answer to that request means; `None` if the gateway has not made such a refund.
    fn refund_found(&self, order: &RefundOrder, answer: &Response<Bytes>) -> Option<RefundAnswer>;

    /// The request that asks how a payment went.
    fn payment_query(&self, ask: &PaymentInquiry, now: Millis)
    -> Result<Request<Bytes>, CannotAsk>;

    /// What the answer to that request means. `now` stands for times that it does not tell.
    fn payment_answer(
        &self,
        ask: &PaymentInquiry,
        answer: &Response<Bytes>,
        now: Millis,
    ) -> PaymentAnswer;
}

fn answer(status: StatusCode, media_type: &'static str, body: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

/// Where a gateway is asked: its configured base and a path.
fn endpoint(base: &str, path: &str) -> Result<Uri, CannotAsk> {
    let text = format!("{}{path}", base.trim_end_matches('/'));
    let uri: Uri = text.parse().map_err(|fault| CannotAsk::NotARequest(format!("{fault}")))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        (Some(_) | None, _) => Err(CannotAsk::NotARequest(format!("{base:?} is no base URL"))),
    }
}

/// `Retry-After` in milliseconds, where it is a number of seconds (RFC 9110 §10.2.3).
fn retry_after_ms(answer: &Response<Bytes>) -> Option<i64> {
    let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    let seconds: u32 = seconds.trim().parse().ok()?;
    i64::from(seconds).checked_mul(domain::SECOND)
}

/// Partners' sentences go into our records at a length that people read.
fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
