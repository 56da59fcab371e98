//! What the payment gateway says to the shop, and what the shop says to merchants.

use crate::{Answer, Order, Purchase, Shop};
use http::Method;
use partners::Delivery;
use serde_json::Value;

impl Shop {
    /// Brings a webhook to a path like `payments/stripe`.
    pub async fn hears(&self, path: &str, delivery: &Delivery) -> Answer {
        let mut ask = self.nobody(Method::POST, &format!("/v1/webhooks/{path}"));
        (ask.headers, ask.body) = (delivery.headers.clone(), delivery.body.clone());
        ask.await
    }

    /// Brings a webhook of the gateway, which must be acknowledged.
    pub async fn stripe_says(&self, delivery: &Delivery) {
        drop(self.hears("payments/stripe", delivery).await.must(&[200]));
    }

    /// Brings a notice of WeChat Pay, which must be acknowledged.
    pub async fn wechatpay_says(&self, delivery: &Delivery) {
        drop(self.hears("payments/wechatpay", delivery).await.must(&[204]));
    }

    /// Brings a notification of Alipay, which must be acknowledged in Alipay's own word.
    pub async fn alipay_says(&self, delivery: &Delivery) {
        let answer = self.hears("payments/alipay", delivery).await.must(&[200]);
        assert_eq!(answer.body.as_ref(), b"success");
    }

    /// The buyer has paid this much by their first attempt.
    pub fn paid(&self, purchase: &Purchase, amount: i64) -> Delivery {
        self.gateway.paid(&purchase.payment, amount, &purchase.currency, self.now_s())
    }

    /// The buyer has paid what is due.
    pub async fn stripe_says_paid(&self, purchase: &Purchase) {
        self.stripe_says(&self.paid(purchase, purchase.total)).await;
    }

    /// An order as its support sees it.
    pub async fn order(&self, order: &Order) -> Value {
        let path = format!("/v1/orders/{}", order.id);
        self.support().get(&path).await.must(&[200]).json()
    }

    /// A payment as support sees it.
    pub async fn payment(&self, purchase: &Purchase) -> Value {
        let path = format!("/v1/purchases/{}", purchase.id);
        self.support().get(&path).await.must(&[200]).at("/payment")
    }

    /// A payment with what gateways said about it, as finance sees it.
    pub async fn payment_told(&self, purchase: &Purchase) -> Value {
        let path = format!("/v1/payments/{}", purchase.payment);
        self.finance().get(&path).await.must(&[200]).json()
    }

    /// Verdicts on all that gateways told, the oldest first.
    pub fn verdicts(&self) -> Vec<String> {
        let rows =
            self.books().rows("select verdict from facts where kind = 'payment' order by seq");
        rows.iter().map(|row| row[0].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Money in suspense of one state, as finance sees it.
    pub async fn suspense(&self, state: &str) -> Vec<Value> {
        let path = format!("/v1/suspense?state={state}");
        let found = self.finance().get(&path).await.must(&[200]).at("/suspense");
        found.as_array().cloned().unwrap_or_default()
    }

    /// A case as support sees it.
    pub async fn case(&self, case: &crate::Case) -> Value {
        let path = format!("/v1/after-sales/{}", case.id);
        self.support().get(&path).await.must(&[200]).json()
    }

    /// Events of one kind that a merchant's endpoint has verified about an order, repeats left out.
    pub fn merchant_heard(&self, order: &Order, kind: &str) -> Vec<Value> {
        let path = format!("/hooks/{}", order.merchant);
        let about =
            |body: &Value| body["type"] == kind && body["data"]["order"] == order.id.as_str();
        let received = self.receiver.received().into_iter();
        let new = received.filter(|message| message.path == path && !message.repeat);
        new.map(|message| message.body).filter(about).collect()
    }

    /// What the gateway has paid back of a purchase, in minor units.
    pub fn gateway_paid_back(&self, purchase: &Purchase) -> i64 {
        let ours = |refund: &partners::Refund| {
            refund.metadata.get("payment_id") == Some(&purchase.payment)
                && refund.status == "succeeded"
        };
        self.gateway.refunds().into_iter().filter(ours).map(|refund| refund.amount).sum()
    }
}
