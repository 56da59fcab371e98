//! Who is told, by what, and what becomes of an endpoint: given, when, then.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::*;
use std::collections::{BTreeMap, BTreeSet};

const T0: Millis = Millis(1_772_413_200_000);

fn nobody() -> Buyer {
    Buyer {
        id: BuyerId::parse("li").unwrap(),
        phone: None,
        email: None,
        push: Vec::new(),
        language: Language::En,
        channels: BTreeMap::new(),
        opted_out: BTreeSet::new(),
    }
}

fn li() -> Buyer {
    Buyer { phone: Some("13900139000".into()), email: Some("li@example.com".into()), ..nobody() }
}

#[test]
fn by_which_channels_a_buyer_is_told() {
    use Channel::{Email, Push, Sms};
    let choosing = |topic, chosen: &[Channel]| Buyer {
        channels: BTreeMap::from([(topic, chosen.to_vec())]),
        ..li()
    };
    let opted_out = Buyer { opted_out: BTreeSet::from([Topic::Order]), ..li() };
    type Row = (&'static str, Option<Buyer>, Result<Vec<Channel>, Silence>);
    let rows: Vec<Row> = vec![
        ("who said nothing has an SMS", None, Ok(vec![Sms])),
        ("nor any address", Some(nobody()), Ok(vec![Sms])),
        ("all that have an address", Some(li()), Ok(vec![Sms, Email])),
        ("only what was chosen", Some(choosing(Topic::Order, &[Email])), Ok(vec![Email])),
        ("another topic", Some(choosing(Topic::Refund, &[Email])), Ok(vec![Sms, Email])),
        (
            "chosen, without an address",
            Some(choosing(Topic::Order, &[Push])),
            Err(Silence::NoAddress),
        ),
        ("nothing was chosen", Some(choosing(Topic::Order, &[])), Err(Silence::OptedOut)),
        ("opted out", Some(opted_out), Err(Silence::OptedOut)),
    ];
    for (what, buyer, right) in rows {
        let told = channels_for(buyer.as_ref(), Topic::Order).map(|(channels, _)| channels);
        assert_eq!(told, right, "{what}");
    }
    assert_eq!(channels_for(None, Topic::Order).unwrap().1, Language::ZhCn);
    assert_eq!(channels_for(Some(&nobody()), Topic::Order).unwrap().1, Language::En);
}

#[test]
fn where_a_buyer_is_reached() {
    let delivery = "13800138000";
    for (what, buyer, by, right) in [
        ("the goods' phone", None, Channel::Sms, vec![delivery]),
        ("no address named", Some(nobody()), Channel::Sms, vec![delivery]),
        ("their own phone", Some(li()), Channel::Sms, vec!["13900139000"]),
        ("no phone any more", Some(Buyer { phone: None, ..li() }), Channel::Sms, vec![]),
        ("their mail", Some(li()), Channel::Email, vec!["li@example.com"]),
        ("a stranger's mail", None, Channel::Email, vec![]),
        ("no device", Some(li()), Channel::Push, vec![]),
    ] {
        assert_eq!(addresses(buyer.as_ref(), delivery, by), right, "{what}");
    }
}

#[test]
fn an_address_has_a_form() {
    for email in ["a@b.cn", "li.lei+tea@mail.example.com", "x_y@1.example"] {
        assert!(Buyer { email: Some(email.into()), ..nobody() }.tidied().is_ok(), "{email}");
    }
    let long = format!("{}@example.com", "x".repeat(65));
    for email in ["", "@", "a@b", "a b@c.cn", "a@-b.cn", "a@b..cn", "a@b.cn\n", &long] {
        let checked = Buyer { email: Some(email.into()), ..nobody() }.tidied();
        assert!(matches!(checked, Err(Refusal::Faulty(_))), "{email:?}");
    }
    for (phone, kept) in [
        ("139 0013 9000", Some("+8613900139000")),
        ("+852 5123 4567", Some("+85251234567")),
        ("12", None),
        ("021-12345678-12", None),
    ] {
        let tidied = Buyer { phone: Some(phone.into()), ..nobody() }.tidied();
        let number = tidied.ok().and_then(|buyer| buyer.phone);
        assert_eq!(number.as_deref(), kept, "{phone}");
    }
    let many = Buyer { push: vec!["d".into(); 11], ..nobody() };
    assert!(matches!(many.tidied(), Err(Refusal::Faulty(_))));
}

fn settings(events: &[&str]) -> EndpointSettings {
    let events = events.iter().map(|event| (*event).to_owned()).collect();
    let url = "https://hooks.example.com/".to_owned();
    EndpointSettings { url, events, contact: Some("it@m1.example".into()) }
}

fn endpoint() -> Stored<Endpoint> {
    let secret = EndpointSecret { secret: "first".into(), until: None };
    let doc = Endpoint {
        id: EndpointId::mint(&mut || 1),
        merchant: MerchantId::parse("m1").unwrap(),
        settings: settings(&[]),
        secrets: vec![secret],
        opened_at: T0,
        state: EndpointState::Enabled { failing_since: None },
    };
    Stored { version: 1, doc }
}

fn at(at: Millis) -> Change {
    Change::new(Actor::Dispatch, at)
}

#[test]
fn what_an_endpoint_listens_to() {
    for (events, kind, right) in [
        (vec![], "order.paid", true),
        (vec!["order.paid"], "order.paid", true),
        (vec!["order.paid"], "order.shipped", false),
        (vec!["order.*"], "order.shipped", true),
        (vec!["order.*"], "orders.shipped", false),
        (vec!["case.*", "order.paid"], "order.paid", true),
    ] {
        let doc = Endpoint { settings: settings(&events), ..endpoint().doc };
        assert_eq!(doc.listens_to(kind), right, "{events:?} {kind}");
    }
    for wrong in ["", "*", "order.", ".paid", "order paid", "a.*.b", "订单"] {
        let faults = settings(&[wrong]).check();
        assert_eq!(faults.len(), 1, "{wrong:?}");
    }
}

#[test]
fn days_of_failures_disable_an_endpoint_and_one_arrival_starts_anew() {
    let policy = Policy::default();
    let mut known = endpoint();
    let mut told = |how, day: i64| {
        let mut change = at(T0.plus(day * DAY));
        endpoint_heard(&mut change, &mut known, how, &policy);
        let warned = change.effects().iter().any(|e| matches!(e, Effect::Send(_)));
        (known.doc.state.word(), change.docs().count(), warned)
    };
    assert_eq!(told(Went::Arrived, 0), ("enabled", 0, false), "nothing changes");
    assert_eq!(told(Went::Failed, 0), ("failing", 1, false));
    assert_eq!(told(Went::Failed, 4), ("failing", 0, false), "the first failure counts");
    assert_eq!(told(Went::Arrived, 4), ("enabled", 1, false));
    assert_eq!(told(Went::Failed, 5), ("failing", 1, false));
    assert_eq!(told(Went::Failed, 9), ("failing", 0, false));
    assert_eq!(told(Went::Failed, 10), ("disabled", 1, true));
    assert_eq!(told(Went::Arrived, 10), ("disabled", 0, false), "a late answer changes nothing");
    assert_eq!(told(Went::Gone, 11), ("disabled", 0, false));
}

#[test]
fn every_state_of_an_endpoint_is_reached_and_allows_its_steps() {
    let policy = Policy::default();
    let mut known = endpoint();
    let mut change = at(T0);
    endpoint_heard(&mut change, &mut known, Went::Gone, &policy);
    assert_eq!(known.doc.state.word(), "disabled");
    let no = |refused: Result<(), Refusal>| matches!(refused, Err(Refusal::IllegalStep { .. }));
    assert!(no(disable_endpoint(&mut change, &mut known)));
    assert!(no(ping_endpoint(&mut change, &known, &mut || 1).map(drop)));
    enable_endpoint(&mut change, &mut known).unwrap();
    assert!(no(enable_endpoint(&mut change, &mut known)));
    ping_endpoint(&mut change, &known, &mut || 1).unwrap();
    disable_endpoint(&mut change, &mut known).unwrap();
    let warned = change.effects().iter().filter(|effect| {
        matches!(effect, Effect::Send(Message { to: Recipient::Caretaker { .. }, .. }))
    });
    assert_eq!(warned.count(), 1, "who disables it by hand needs no warning");
}

#[test]
fn an_old_secret_signs_until_its_time_is_over() {
    let policy = Policy::default();
    let mut known = endpoint();
    for (day, secret) in [(0, "second"), (2, "third")] {
        let mut change = at(T0.plus(day * DAY));
        rotate_secret(&mut change, &mut known, secret.into(), &policy).unwrap();
    }
    let good = |at: Millis| known.doc.secrets_at(at).collect::<Vec<_>>().join(" ");
    assert_eq!(good(T0.plus(2 * DAY)), "third second");
    assert_eq!(good(T0.plus(3 * DAY)), "third");
    assert_eq!(known.doc.secrets.len(), 2, "what is over is let go");
    let mut change = at(T0.plus(2 * DAY));
    rotate_secret(&mut change, &mut known, "fourth".into(), &policy).unwrap();
    let good: Vec<&str> = known.doc.secrets_at(T0.plus(3 * DAY)).collect();
    assert_eq!(good, ["fourth"], "rolled twice in a day, the older one does not get more time");
}

#[test]
fn a_merchant_has_so_many_endpoints_at_most() {
    let known: Vec<Stored<Endpoint>> = (0..20).map(|_| endpoint()).collect();
    let opened = |count: usize| open_endpoint(&mut at(T0), &known[..count], endpoint().doc);
    assert!(opened(19).is_ok());
    assert!(matches!(opened(20), Err(Refusal::Faulty(_))));
}

#[test]
fn only_what_has_ended_is_sent_again_and_never_a_refund() {
    let buyer = Recipient::Buyer {
        buyer: BuyerId::parse("li").unwrap(),
        order: OrderId::mint(&mut || 1),
        news: Milestone::Delivered,
    };
    let refund = Recipient::Gateway {
        order: GatewayOrder::Refund(RefundOrder {
            refund: RefundId::mint(&mut || 1),
            from: RefundedFrom::Payment(PaymentId::mint(&mut || 1)),
            gateway: GatewayName::parse("stripe").unwrap(),
            reference: "pi_1".into(),
            amount: Money::new(1, Currency::CNY),
            captured: Money::new(1, Currency::CNY),
            look_first: false,
        }),
    };
    for (state, right) in [
        (MessageState::Waiting, false),
        (MessageState::Sent, true),
        (MessageState::Dead, true),
        (MessageState::Skipped, true),
        (MessageState::Routed, false),
    ] {
        let again = |to| redeliver(&mut at(T0), ("m", 1), state, to).is_ok();
        assert_eq!((again(&buyer), again(&refund)), (right, false), "{state:?}");
    }
}
