//! Who is told of what: buyers and how they are reached, merchants' endpoints, and the log.

use crate::{Answer, Ask, Order, Person, Shop};
use partners::{Mail, Push, Sms};
use serde_json::{Value, json};

/// A merchant's endpoint, and the secret that was shown with it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub id: String,
    pub secret: String,
}

impl Endpoint {
    pub fn of(answer: &Answer) -> Self {
        let text = |pointer: &str| answer.at(pointer).as_str().unwrap_or_default().to_owned();
        Self { id: text("/id"), secret: text("/secret") }
    }
}

impl<'s> Person<'s> {
    /// Says how they are told of things.
    pub fn be_told(&self, how: &Value) -> Ask<'s> {
        self.put("/v1/buyers/me", how)
    }

    pub async fn is_told(&self, how: Value) {
        let known = self.get("/v1/buyers/me").await;
        let tag = known.header("etag").unwrap_or("*");
        drop(self.be_told(&how).header("if-match", tag).await.must(&[200, 201]));
    }

    pub fn open_endpoint(&self, endpoint: &Value) -> Ask<'s> {
        self.post("/v1/endpoints", endpoint)
    }

    /// Opens an endpoint whose secret the merchant's systems know at once.
    pub async fn opens_endpoint(&self, endpoint: &Value) -> Endpoint {
        let endpoint = Endpoint::of(&self.open_endpoint(endpoint).await.must(&[201]));
        self.shop.receiver.add_secret(&endpoint.secret);
        endpoint
    }

    /// A step of an endpoint: `rotate`, `ping`, `enable`, `disable`.
    pub fn turn(&self, endpoint: &str, step: &str) -> Ask<'s> {
        self.post(&format!("/v1/endpoints/{endpoint}/{step}"), &json!({}))
    }

    pub async fn turns(&self, endpoint: &str, step: &str) -> Value {
        self.turn(endpoint, step).await.must(&[200]).json()
    }

    /// Their only endpoint.
    pub async fn endpoint(&self) -> Value {
        let endpoints = self.get("/v1/endpoints").await.must(&[200]).at("/endpoints");
        endpoints[0].clone()
    }

    /// Wants a message sent once more.
    pub fn redeliver(&self, message: &str) -> Ask<'s> {
        self.post(&format!("/v1/messages/{message}/redeliver"), &json!({}))
    }

    pub async fn redelivers(&self, message: &Value) {
        let id = message["id"].as_str().unwrap_or_default();
        drop(self.redeliver(id).await.must(&[202]));
    }

    /// What they see of the messages about an order.
    pub async fn messages(&self, order: &Order) -> Vec<Value> {
        let path = format!("/v1/messages?order={}", order.id);
        let messages = self.get(&path).await.must(&[200]).at("/messages");
        messages.as_array().cloned().unwrap_or_default()
    }

    /// The one message about an order that is of this kind and to this kind of receiver.
    pub async fn message(&self, order: &Order, kind: &str, to: &str) -> Value {
        let fits = |m: &&Value| m["about"]["kind"] == kind && m["to"] == to;
        let all = self.messages(order).await;
        let found: Vec<&Value> = all.iter().filter(fits).collect();
        assert_eq!(found.len(), 1, "{kind} to {to} in {all:#?}");
        let path = format!("/v1/messages/{}", found[0]["id"].as_str().unwrap_or_default());
        self.get(&path).await.must(&[200]).json()
    }
}

impl Shop {
    /// Where a merchant's systems listen.
    pub fn hook(&self, name: &str) -> String {
        format!("{}/hooks/{name}", self.merchants_at)
    }

    /// SMS to a number, by their templates.
    pub fn texts(&self, number: &str) -> Vec<Sms> {
        self.messengers.sms.sent().into_iter().filter(|sms| sms.to == number).collect()
    }

    pub fn mails(&self, address: &str) -> Vec<Mail> {
        self.messengers.mail.sent().into_iter().filter(|mail| mail.to == address).collect()
    }

    pub fn pushes(&self, device: &str) -> Vec<Push> {
        let to = |push: &Push| push.to.iter().any(|one| one == device);
        self.messengers.push.sent().into_iter().filter(to).collect()
    }

    /// Whether a merchant's systems have heard an event of this kind at an endpoint.
    pub fn heard_at(&self, name: &str, kind: &str) -> usize {
        let path = format!("/hooks/{name}");
        let received = self.receiver.received().into_iter();
        received.filter(|m| m.path == path && m.body["type"] == kind).count()
    }
}
