//! Messages in the store: claims, the delivery log, what a person wants sent again.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Shop, shop};
use domain::{
    Actor, BuyerId, Change, Effect, Endpoint, EndpointId, EndpointSecret, EndpointSettings,
    EndpointState, MerchantId, Message, MessageState, Milestone, Millis, OrderId, Recipient,
    open_endpoint,
};
use pollster::block_on;
use store::{Before, Database, Lane, Outcome, Sent};

impl Shop {
    fn commit(&self, change: &Change, sent: Vec<Sent>) -> Outcome {
        self.apply(change, sent).unwrap()
    }

    fn sends(&self, messages: Vec<Message>) {
        let mut change = change(10);
        messages.into_iter().for_each(|message| change.effect(Effect::Send(message)));
        assert_eq!(self.commit(&change, Vec::new()), Outcome::Applied);
    }
}

fn change(at: i64) -> Change {
    Change::new(Actor::Support("agent-7".into()), Millis(at))
}

fn order() -> OrderId {
    OrderId::mint(&mut || 7)
}

fn message(id: &str) -> Message {
    let (buyer, order) = (BuyerId::parse("li").unwrap(), order());
    let to = Recipient::Buyer { buyer, order, news: Milestone::Delivered };
    Message { id: id.to_owned(), to }
}

fn sent(id: &str, attempts: i64, claim: i64, state: &'static str) -> Sent {
    let log = (claim == 0).then_some(state);
    let (id, note) = (id.to_owned(), Some("a note".to_owned()));
    Sent {
        id,
        attempts,
        claim,
        state,
        due_at_ms: 50,
        note,
        log,
        took_ms: Some(4),
        status: Some(503),
    }
}

#[test]
fn a_message_is_claimed_by_one_and_each_attempt_is_in_the_log() {
    let shop = shop();
    shop.sends(vec![message("a"), message("a")]);
    let claim = || shop.commit(&change(20), vec![sent("a", 0, 1, "waiting")]);
    assert_eq!(claim(), Outcome::Applied);
    assert_eq!(claim(), Outcome::Refused, "somebody else has it");
    let conclude = |attempts, state| shop.commit(&change(24), vec![sent("a", attempts, 0, state)]);
    assert_eq!(conclude(0, "sent"), Outcome::Refused, "whose claim ran out says nothing");
    assert_eq!(conclude(1, "waiting"), Outcome::Applied);
    let known = block_on(shop.store.message("a")).unwrap().unwrap();
    assert_eq!((known.message.attempts, known.message.state), (1, MessageState::Waiting));
    assert_eq!(known.log.len(), 1, "a claim is no attempt");
    let log = &known.log[0];
    assert_eq!((log.at, log.took_ms, log.status), (20, Some(4), Some(503)));
    assert_eq!(block_on(shop.store.message("b")).unwrap(), None);
    for sql in ["update attempts set note = null", "delete from attempts"] {
        assert!(block_on(shop.db.run(Lane::Write, sql, Vec::new())).is_err(), "{sql}");
    }
}

#[test]
fn what_a_person_wants_again_is_due_and_counted() {
    let shop = shop();
    shop.sends(vec![message("a")]);
    assert_eq!(shop.commit(&change(20), vec![sent("a", 0, 1, "dead")]), Outcome::Applied);
    let ask = |attempts| {
        let mut change = change(30);
        change.effect(Effect::SendAgain { message: "a".into(), attempts });
        shop.commit(&change, Vec::new())
    };
    assert_eq!(ask(0), Outcome::Refused, "it was sent meanwhile");
    assert_eq!(ask(1), Outcome::Applied);
    let due = block_on(shop.store.due_messages(30, 9)).unwrap();
    assert_eq!((due.len(), due[0].asked, due[0].attempts), (1, 1, 1));
    let log = block_on(shop.store.message("a")).unwrap().unwrap().log;
    assert_eq!((log[0].outcome.as_str(), log[0].at), ("asked", 30));
    assert!(log[0].note.as_deref().unwrap().contains("agent-7"));
}

#[test]
fn messages_are_found_by_their_order_and_by_their_endpoint() {
    let shop = shop();
    let id = EndpointId::mint(&mut || 1);
    let told = |n: usize| Message {
        id: format!("e{n}"),
        to: Recipient::Endpoint {
            endpoint: id.clone(),
            merchant: MerchantId::parse("m1").unwrap(),
            event: format!("e{n}"),
            kind: "order.paid".into(),
            at: Millis(1),
            data: serde_json::Value::Null,
        },
    };
    let of_order = [format!("{}:paid", order()), format!("{}:buyer:paid", order())];
    shop.sends(of_order.iter().map(|id| message(id)).chain((0..3).map(told)).collect());
    let routed = sent(&of_order[1], 0, 1, "routed");
    assert_eq!(shop.commit(&change(20), vec![routed]), Outcome::Applied);
    let found = block_on(shop.store.messages_of_order(order().as_str())).unwrap();
    let ids: Vec<&str> = found.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(ids, [of_order[0].as_str()], "what was routed stands for itself no more");
    let page = |before: &Before, state| {
        let found = shop.store.messages_of_endpoint(id.as_str(), before, state, 2);
        let found = block_on(found).unwrap();
        found.into_iter().map(|m| m.id).collect::<Vec<_>>()
    };
    let first = Before { created_at: i64::MAX, id: String::new() };
    assert_eq!(page(&first, None), ["e2", "e1"]);
    let next = Before { created_at: 10, id: "e1".into() };
    assert_eq!(page(&next, Some(MessageState::Waiting)), ["e0"]);
    assert!(page(&first, Some(MessageState::Dead)).is_empty());
}

#[test]
fn an_endpoint_that_somebody_else_changed_refuses_the_commit() {
    let shop = shop();
    let mut opened = change(1);
    let settings =
        EndpointSettings { url: "https://a.b/".into(), events: Vec::new(), contact: None };
    let endpoint = Endpoint {
        id: EndpointId::mint(&mut || 1),
        merchant: MerchantId::parse("m1").unwrap(),
        settings,
        secrets: vec![EndpointSecret { secret: "s".into(), until: None }],
        opened_at: Millis(1),
        state: EndpointState::Enabled { failing_since: None },
    };
    open_endpoint(&mut opened, &[], endpoint).unwrap();
    assert_eq!(shop.commit(&opened, Vec::new()), Outcome::Applied);
    assert_eq!(shop.commit(&opened, Vec::new()), Outcome::Refused);
    assert_eq!(block_on(shop.store.endpoints_of("m1")).unwrap().len(), 1);
    assert_eq!(block_on(shop.store.endpoints_of("m2")).unwrap().len(), 0);
}
