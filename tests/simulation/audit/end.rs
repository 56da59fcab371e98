//! What must hold when nothing is on its way any more: everything is over, or a person knows why
//! it is not.

use super::Auditor;
use crate::gateway::Till;
use crate::model::{Kept, Life, Order, Stage, must, number, text};
use orderflow_tests::{Shop, Value};
use std::collections::{BTreeMap, BTreeSet};

impl Auditor {
    pub fn nothing_is_open(&self, shop: &Shop, till: &Till) -> Kept {
        self.nothing_waits()?;
        self.the_gateway_agrees(shop, till)?;
        self.merchants_heard(shop)?;
        self.buyers_heard(shop)?;
        let unknown = &self.model.unknown;
        must(unknown.is_empty(), "the auditor understands all that happens", || {
            format!("{unknown:?}")
        })?;
        let list = self.model.lists.iter().find(|(_, list)| !list.is_over());
        must(list.is_none(), "every pick list is worked off", || format!("{list:?}"))?;
        let around = |(_, order): &(&String, &Order)| order.sum(|l| l.around.values().sum()) > 0;
        let around = self.model.orders.iter().find(around);
        must(around.is_none(), "nothing lies around", || format!("{around:?}"))?;
        let trouble = self.model.open_troubles();
        must(trouble.is_empty(), "somebody ends every exception", || format!("{trouble:?}"))?;
        for (id, order) in &self.model.orders {
            let over = order.stage == Stage::Cancelled || order.settled;
            must(over && order.open_cases.is_empty(), "every order comes to an end", || {
                format!("{id} {order:?}")
            })?;
            let empty = self.model.is_empty(&format!("escrow:{id}"));
            must(empty, "the escrow of a finished order is empty", || format!("{id} {order:?}"))?;
        }
        for (id, payment) in &self.model.payments {
            let ended = !matches!(payment.life, Life::Open | Life::OnDelivery);
            must(ended, "nobody waits for money for ever", || format!("{id} {payment:?}"))?;
            let stuck =
                payment.refunds.values().find(|r| ["requested", "accepted"].contains(&r.state));
            must(stuck.is_none(), "no refund is stuck", || format!("{id} {stuck:?}"))?;
            self.all_that_came_is_known(id, till)?;
        }
        for (id, parcel) in &self.model.parcels {
            let owed = parcel.cash.as_ref().map_or(0, |cash| cash.owed);
            must(owed == 0, "no carrier keeps cash for ever", || format!("{id} {parcel:?}"))?;
        }
        self.merchants_have_their_money()
    }

    /// What the gateway took for a payment is what the payment says came, attempt by attempt.
    fn all_that_came_is_known(&self, id: &str, till: &Till) -> Kept {
        let Some(payment) = self.model.payments.get(id) else { return Ok(()) };
        let ours = |((of, _), (currency, _)): &(&(String, String), &(String, i64))| {
            of == id && *currency == payment.currency
        };
        for ((_, attempt), (_, amount)) in till.taken.iter().filter(ours) {
            let key = ("stripe".to_owned(), attempt.clone());
            let known = payment.captured.get(&key).copied();
            must(known == Some(*amount), "all money that the gateway took is known", || {
                format!("{attempt} brought {amount}: {payment:?}")
            })?;
        }
        Ok(())
    }

    fn nothing_waits(&self) -> Kept {
        let waiting =
            self.books.rows("select id, recipient, note from outbox where state = 'waiting'");
        must(waiting.is_empty(), "no message waits for ever", || format!("{waiting:?}"))
    }

    /// The gateway's own books: what it took and did not pay back is what the ledger says it holds.
    fn the_gateway_agrees(&self, shop: &Shop, till: &Till) -> Kept {
        let sql = "select currency, sum(amount_minor) from ledger
            where account = 'gateway:stripe' group by currency";
        let mut booked: BTreeMap<String, i64> = BTreeMap::new();
        for row in self.books.rows(sql) {
            booked.insert(text(&row[0]), number(&row[1]));
        }
        let mut holds = till.holds(shop);
        booked.retain(|_, minor| *minor != 0);
        holds.retain(|_, minor| *minor != 0);
        must(booked == holds, "the gateway's books and ours are the same", || {
            format!("it holds {holds:?}, we believe {booked:?}")
        })?;
        let mut made: BTreeMap<String, i64> = BTreeMap::new();
        for refund in shop.gateway.refunds() {
            let ours = refund.metadata.get("refund_no").cloned().unwrap_or_default();
            let twice = made.insert(ours, refund.amount).is_some();
            must(!twice, "a gateway refunds once what it is asked for", || format!("{refund:?}"))?;
        }
        Ok(())
    }

    /// Each message that was sent has come, and those of one kind about one thing once.
    fn merchants_heard(&self, shop: &Shop) -> Kept {
        let received = shop.receiver.received();
        let sql = "select message ->> 'event' from outbox
            where recipient = 'endpoint' and state = 'sent'";
        for row in self.books.rows(sql) {
            let id = text(&row[0]);
            let first = received.iter().filter(|m| m.id == id && !m.repeat).count();
            must(first == 1, "a message that was sent has arrived", || format!("{id}: {first}"))?;
        }
        let refused = shop.receiver.refused();
        must(refused.is_empty(), "merchants believe what they are told", || format!("{refused:?}"))
    }

    /// What was told by SMS or by e-mail has come, and what came was told. A provider that loses
    /// its answers is given up although it did it, or passed over because its buyer wants another
    /// channel now.
    fn buyers_heard(&self, shop: &Shop) -> Kept {
        let texts: BTreeSet<String> =
            shop.messengers.sms.sent().into_iter().map(|sms| sms.out_id).collect();
        let mails: BTreeSet<String> =
            shop.messengers.mail.sent().into_iter().map(|mail| mail.key).collect();
        for (channel, came) in [("sms", texts), ("email", mails)] {
            let with = |state: &str| -> BTreeSet<String> {
                let sql = "select id from outbox where recipient = '{}' and state = '{}'";
                let sql = sql.replacen("{}", channel, 1).replacen("{}", state, 1);
                self.books.rows(&sql).iter().map(|row| text(&row[0])).collect()
            };
            let (told, dead, skipped) = (with("sent"), with("dead"), with("skipped"));
            let known = [&told, &dead, &skipped];
            let right = told.is_subset(&came)
                && came.iter().all(|id| known.iter().any(|ids| ids.contains(id)));
            must(right, "a milestone that was told has arrived", || {
                format!("{channel}: {:?}", told.symmetric_difference(&came).collect::<Vec<_>>())
            })?;
        }
        Ok(())
    }

    /// In a life without trouble nobody hears anything twice.
    pub fn nobody_heard_twice(&self, shop: &Shop) -> Kept {
        let twice = shop.receiver.received().into_iter().find(|message| message.repeat);
        must(twice.is_none(), "a message has one sender at a time", || format!("{twice:?}"))?;
        let texts = shop.messengers.sms.sent();
        let all: BTreeSet<&String> = texts.iter().map(|sms| &sms.out_id).collect();
        must(all.len() == texts.len(), "a milestone is told once", || format!("{texts:?}"))
    }

    fn merchants_have_their_money(&self) -> Kept {
        let owed = |(account, _): &(&(String, String), &i64)| account.0.starts_with("merchant:");
        let owed = self.model.ledger.iter().filter(owed).find(|(_, minor)| **minor < 0);
        must(owed.is_none(), "merchants have been paid what they earned", || {
            format!("{owed:?} {:?}", self.model.statements)
        })?;
        let all: i64 = self.model.ledger.values().sum();
        let none: Option<Value> = (all != 0).then(|| all.into());
        must(none.is_none(), "every posting sums to zero", || format!("{none:?}"))
    }
}
