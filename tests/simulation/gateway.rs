//! The payment gateway's side: money that it took, what it wrote to the shop about it, and when
//! that is read.

use crate::model::{Kept, must};
use orderflow_tests::{Chance, Shop};
use partners::Delivery;
use std::collections::BTreeMap;

/// A webhook that is delivered until it is acknowledged, and sometimes after.
pub struct Letter {
    pub delivery: Delivery,
    pub event: String,
    pub acknowledged: bool,
}

/// What the gateway has, and what it has told.
#[derive(Default)]
pub struct Till {
    pub mail: Vec<Letter>,
    /// What each attempt to pay brought: by payment and the gateway's reference, currency and
    /// amount.
    pub taken: BTreeMap<(String, String), (String, i64)>,
    /// By the gateway's id: the second in which it last spoke of a refund.
    said: BTreeMap<String, i64>,
}

impl Till {
    pub fn writes(&mut self, delivery: Delivery) {
        let message = delivery.message();
        let event = message["id"].as_str().unwrap_or_default().to_owned();
        self.mail.push(Letter { delivery, event, acknowledged: false });
    }

    /// The buyer pays: the gateway has the money, and writes so.
    pub fn takes(
        &mut self,
        shop: &Shop,
        payment: &str,
        attempt: &str,
        (amount, currency): (i64, &str),
    ) {
        let gateway = shop.gateway.intent(attempt);
        let news = gateway.paid(payment, amount, currency, shop.now_s());
        let key = (payment.to_owned(), attempt.to_owned());
        self.taken.insert(key, (currency.to_owned(), amount));
        self.writes(news);
    }

    /// A refund that somebody asked for is written about, and the charge with it.
    pub fn gateway_speaks(&mut self, shop: &Shop) -> Kept {
        for refund in shop.gateway.refunds() {
            if self.said.contains_key(&refund.id) {
                continue;
            }
            self.said.insert(refund.id.clone(), shop.now_s());
            let news = shop.gateway.refund_updated(&refund.id, shop.now_s());
            must(news.is_ok(), "a gateway knows its refunds", || format!("{refund:?}"))?;
            news.into_iter().for_each(|news| self.writes(news));
            let payment = refund.metadata.get("payment_id").cloned().unwrap_or_default();
            let gateway = shop.gateway.intent(&refund.intent);
            let total = gateway.refunded_in_total(&payment, shop.now_s());
            total.into_iter().for_each(|news| self.writes(news));
        }
        Ok(())
    }

    /// The gateway ends a refund that it had only accepted, or the bank sends one back. Two words
    /// about one refund are never of the same second; which of them is heard first is chance.
    pub fn ends_refund(&mut self, shop: &Shop, chance: &mut Chance, well: bool) -> Option<String> {
        let refunds = shop.gateway.refunds();
        let open = refunds.iter().filter(|refund| {
            let later = self.said.get(&refund.id).is_some_and(|said| *said < shop.now_s());
            let status = if well { "pending" } else { "succeeded" };
            later && (refund.status == "pending" || refund.status == status)
        });
        let open: Vec<_> = open.collect();
        if open.is_empty() {
            return None;
        }
        let refund = open[chance.below(open.len())];
        let news = if well {
            shop.gateway.refund_succeeded(&refund.id, shop.now_s())
        } else {
            shop.gateway.refund_failed(&refund.id, "lost_or_stolen_card", shop.now_s())
        };
        self.said.insert(refund.id.clone(), shop.now_s());
        self.writes(news.ok()?);
        Some(refund.id.clone())
    }

    /// Minor units that the gateway holds by its own books, by currency.
    pub fn holds(&self, shop: &Shop) -> BTreeMap<String, i64> {
        let mut holds: BTreeMap<String, i64> = BTreeMap::new();
        for (currency, amount) in self.taken.values() {
            *holds.entry(currency.clone()).or_default() += amount;
        }
        let back = shop.gateway.refunds().into_iter().filter(|r| r.status == "succeeded");
        for refund in back {
            *holds.entry(refund.currency.to_uppercase()).or_default() -= refund.amount;
        }
        holds
    }
}
