//! All partners behind one address, and a small interface to play with them by hand.
//!
//! `POST /control/pay`, `/refund`, `/track` send webhooks to the shop and answer what it said;
//! `/fault`, `/refunds-are`, `/receiver` set how partners behave; `GET /control/refunds` and
//! `/control/received` show what they have. Gateways are at `/v1/…`, `/v3/…` and `/gateway.do`, the
//! merchant's endpoint at `/receiver/…`. It trusts its caller: it is for loopback.

use crate::{
    Carrier, Delivery, Fault, Gateway, Handler, Receiver, Scan, json_answer, now_unix, send,
};
use anyhow::Context;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The partners of one shop.
#[derive(Clone)]
pub struct Desk {
    pub gateway: Gateway,
    pub carrier: Carrier,
    pub receiver: Receiver,
    /// Where the shop is: `http://127.0.0.1:3000`.
    pub shop: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pay {
    payment_id: String,
    amount: i64,
    #[serde(default = "cny")]
    currency: String,
    #[serde(default)]
    outcome: Outcome,
    /// The attempt, if it is not the payment's first.
    intent: Option<String>,
    #[serde(default = "once")]
    repeat: usize,
    /// Sends `processing` as well, and all of it in an order that `seed` decides.
    #[serde(default)]
    shuffle: bool,
    #[serde(default)]
    seed: u64,
    url: Option<String>,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    #[default]
    Paid,
    Failed,
    Processing,
    Canceled,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundNews {
    /// Our refund's id or the gateway's.
    refund: String,
    /// Why it failed; without a reason it succeeded.
    failed: Option<String>,
    #[serde(default = "once")]
    repeat: usize,
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Track {
    carrier: String,
    waybill: String,
    scans: Vec<Scan>,
    #[serde(default = "once")]
    repeat: usize,
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Misbehave {
    who: Who,
    fault: Fault,
    #[serde(default = "once")]
    times: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Who {
    Gateway,
    Receiver,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundsAre {
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    secrets: Vec<String>,
}

fn cny() -> String {
    "cny".to_owned()
}

fn once() -> usize {
    1
}

impl Desk {
    /// Everything behind one address.
    pub fn handler(self) -> Handler {
        Handler::later(move |request| {
            let desk = self.clone();
            async move { desk.answer(request).await }
        })
    }

    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        if path.starts_with("/v1/") || path.starts_with("/v3/") || path == "/gateway.do" {
            return self.refund(&request);
        }
        if path.starts_with("/receiver") {
            return self.receiver.receive(&request);
        }
        let body = request.body();
        let done = match (request.method().as_str(), path.as_str()) {
            ("POST", "/control/pay") => self.pay(body).await,
            ("POST", "/control/refund") => self.refund_news(body).await,
            ("POST", "/control/track") => self.track(body).await,
            ("POST", "/control/fault") => self.misbehave(body),
            ("POST", "/control/refunds-are") => self.refunds_are(body),
            ("POST", "/control/receiver") => self.secrets(body),
            ("GET", "/control/refunds") => Ok(json!(self.gateway.refunds())),
            ("GET", "/control/received") => {
                let (received, refused) = (self.receiver.received(), self.receiver.refused());
                Ok(json!({"received": received, "refused": refused}))
            }
            _ => return json_answer(StatusCode::NOT_FOUND, &json!({"error": "no such thing"})),
        };
        match done {
            Ok(answer) => json_answer(StatusCode::OK, &answer),
            Err(fault) => {
                let why = json!({"error": format!("{fault:#}")});
                json_answer(StatusCode::BAD_REQUEST, &why)
            }
        }
    }

    /// As at Stripe, a new refund is also told by webhook; it may come before the answer does.
    fn refund(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let before = self.gateway.refunds().len();
        let answer = self.gateway.answer(request);
        for refund in self.gateway.refunds().into_iter().skip(before) {
            let desk = self.clone();
            tokio::spawn(async move {
                if let Err(fault) = desk.tell_refund(&refund.id).await {
                    eprintln!("partners: could not tell of refund {}: {fault:#}", refund.id);
                }
            });
        }
        answer
    }

    async fn tell_refund(&self, id: &str) -> anyhow::Result<()> {
        let news = self.gateway.refund_updated(id, now_unix())?;
        send(&news, &self.payments_url(None)).await?;
        Ok(())
    }

    async fn pay(&self, body: &[u8]) -> anyhow::Result<Value> {
        let pay: Pay = read(body)?;
        let gateway = match &pay.intent {
            Some(intent) => self.gateway.intent(intent),
            None => self.gateway.clone(),
        };
        let (id, amount, currency, now) =
            (pay.payment_id.as_str(), pay.amount, pay.currency.as_str(), now_unix());
        let mut story = Vec::new();
        if pay.shuffle {
            story.push(gateway.processing(id, amount, currency, now - 1));
        }
        story.push(match pay.outcome {
            Outcome::Paid => gateway.paid(id, amount, currency, now),
            Outcome::Failed => gateway.failed(id, (amount, currency), "insufficient_funds", now),
            Outcome::Processing => gateway.processing(id, amount, currency, now),
            Outcome::Canceled => gateway.canceled(id, amount, currency, now),
        });
        let mut deliveries = repeated(&story, pay.repeat);
        if pay.shuffle {
            shuffle(&mut deliveries, pay.seed);
        }
        tell(&deliveries, &self.payments_url(pay.url)).await
    }

    async fn refund_news(&self, body: &[u8]) -> anyhow::Result<Value> {
        let RefundNews { refund, failed, repeat, url } = read(body)?;
        let news = match failed {
            Some(reason) => self.gateway.refund_failed(&refund, &reason, now_unix())?,
            None => self.gateway.refund_succeeded(&refund, now_unix())?,
        };
        tell(&repeated(&[news], repeat), &self.payments_url(url)).await
    }

    async fn track(&self, body: &[u8]) -> anyhow::Result<Value> {
        let Track { carrier, waybill, scans, repeat, url } = read(body)?;
        let trace = self.carrier.trace(&carrier, &waybill, &scans);
        let here = || format!("{}/v1/webhooks/carriers/kuaidi100", self.shop);
        tell(&repeated(&[trace], repeat), &url.unwrap_or_else(here)).await
    }

    fn misbehave(&self, body: &[u8]) -> anyhow::Result<Value> {
        let Misbehave { who, fault, times } = read(body)?;
        match who {
            Who::Gateway => self.gateway.next_answers(times, &fault),
            Who::Receiver => self.receiver.next_answers(times, &fault),
        }
        Ok(json!({"times": times}))
    }

    fn refunds_are(&self, body: &[u8]) -> anyhow::Result<Value> {
        let RefundsAre { status } = read(body)?;
        self.gateway.refunds_are(&status);
        Ok(json!({"status": status}))
    }

    fn secrets(&self, body: &[u8]) -> anyhow::Result<Value> {
        let Secrets { secrets } = read(body)?;
        let count = secrets.len();
        self.receiver.set_secrets(secrets);
        Ok(json!({"secrets": count}))
    }

    fn payments_url(&self, url: Option<String>) -> String {
        url.unwrap_or_else(|| format!("{}/v1/webhooks/payments/stripe", self.shop))
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> anyhow::Result<T> {
    serde_json::from_slice(body).context("the body does not fit")
}

fn repeated(story: &[Delivery], repeat: usize) -> Vec<Delivery> {
    story.iter().flat_map(|one| std::iter::repeat_n(one.clone(), repeat.min(1_000))).collect()
}

/// Fisher–Yates with Knuth's MMIX generator: the same seed gives the same order.
fn shuffle<T>(things: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..things.len()).rev() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let pick = usize::try_from((state >> 33) % (last as u64 + 1)).unwrap_or(0);
        things.swap(last, pick);
    }
}

/// Sends one after the other and answers what each was answered.
async fn tell(deliveries: &[Delivery], url: &str) -> anyhow::Result<Value> {
    let mut sent = Vec::new();
    for delivery in deliveries {
        let answer = send(delivery, url).await?;
        let event = delivery.message().get("id").cloned().unwrap_or_default();
        let kind = delivery.message().get("type").cloned().unwrap_or_default();
        let body = String::from_utf8_lossy(answer.body()).into_owned();
        let status = answer.status().as_u16();
        sent.push(json!({"event": event, "type": kind, "status": status, "body": body}));
    }
    Ok(json!({"url": url, "sent": sent}))
}
