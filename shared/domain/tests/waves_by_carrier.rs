//! Waves by carrier: an order is taken if the carrier that would be chosen now is one of those that
//! the rule names.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, placed};
use domain::*;
use serde_json::{Value, json};

fn codes(names: &[&str]) -> Vec<CarrierCode> {
    names.iter().map(|name| CarrierCode::parse(name).unwrap()).collect()
}

fn offer(id: &str, (to, days): (&str, i64), first_minor: i64, limits: Value) -> CarrierOffer {
    let zone = json!({"to": [to], "days": days, "first_g": 5_000, "first_minor": first_minor,
        "step_g": 500, "step_minor": 200});
    let carrier = json!({"id": id, "name": {"zh": id, "en": id}, "limits": limits,
        "services": [{"code": "std", "zones": [zone]}]});
    let carrier: Carrier = serde_json::from_value(carrier).unwrap();
    let number = WaybillNumber::new(carrier.id.clone(), Waybill::parse("N1").unwrap());
    CarrierOffer { carrier, number: Some(Stored { version: 1, doc: number }) }
}

/// ZTO is cheap and slow, takes a kilogram to Shanghai and collects no cash; SF takes everything
/// everywhere.
fn carriers() -> CarriersOfWarehouse {
    let warehouse = json!({"id": "w1", "name": "Pudong", "region": "310115"});
    let zto = offer("zto", ("31", 4), 800, json!({"weight_at_most_g": 1_000}));
    let sf = offer("shunfeng", ("*", 1), 1_500, json!({"cash_on_delivery": true}));
    CarriersOfWarehouse {
        warehouse: serde_json::from_value(warehouse).unwrap(),
        offers: vec![zto, sf],
    }
}

/// A confirmed order of so many TEE, 400 g each, held in w1, to a region.
fn order(no: u128, pieces: i64, region: &str) -> Order {
    let mut wanted = basket(&[("TEE", pieces)]);
    wanted.delivery = DeliveryWanted::in_china("李雷", "13800138000", region, "漕溪路 1 号");
    let mut order = placed(&wanted).orders[0].clone();
    order.id = OrderId::mint(&mut || no);
    order.state = OrderState::Confirmed { at: Millis(0) };
    order
}

/// Light and near; heavy; far; paid at the door; heavy, but all but one piece are packed.
fn orders() -> [Order; 5] {
    let near = |no, pieces| order(no, pieces, "310104");
    let (mut at_the_door, mut packed) = (near(4, 1), near(5, 3));
    at_the_door.lines[0].cash = Some(LineCash { open_minor: 12_800, kept_minor: 0 });
    packed.lines[0].held[0].packed = 2;
    [near(1, 2), near(2, 3), order(3, 1, "440104"), at_the_door, packed]
}

fn candidate(order: &Order) -> Plannable {
    Plannable {
        order: order.id.clone(),
        number: order.number.clone(),
        ship_by: order.ship_by,
        pick_after: None,
        delivery: Some(order.delivery.clone()),
        goods: order.lines.clone(),
    }
}

fn wave(rule: WaveRule) -> Stored<Wave> {
    let wanted = WaveWanted {
        warehouse: WarehouseId::parse("w1").unwrap(),
        method: PickMethod::Batch,
        rule: Some(rule),
        orders: None,
        orders_per_list: None,
    };
    let doc = Wave::new(WaveId::parse("w").unwrap(), wanted, Actor::Clock, Millis(0));
    Stored { version: 0, doc }
}

fn by(names: &[&str]) -> WaveRule {
    WaveRule { carriers: Some(codes(names)), ..WaveRule::default() }
}

/// Plans all orders, and answers which of them are on lists.
fn planned(
    wave: &mut Stored<Wave>,
    carriers: &CarriersOfWarehouse,
    policy: &Policy,
) -> Result<Vec<usize>, Refusal> {
    let all = orders();
    let candidates: Vec<Plannable> = all.iter().map(candidate).collect();
    let mut change = Change::new(Actor::Clock, Millis(10));
    let (spots, carriers) = (Spots::new(), Some(carriers));
    let part = WavePart { candidates: &candidates, spots: &spots, carriers, last: true };
    plan_part(&mut change, wave, &part, policy, &mut common::ids())?;
    let lists = change.docs().filter(|(kind, _)| *kind == "pick_lists");
    let lists: Vec<PickList> =
        lists.map(|(_, w)| serde_json::from_str(w.doc.get()).unwrap()).collect();
    let tasks = lists.iter().flat_map(|list| &list.tasks);
    let on: Vec<&OrderId> = tasks.flat_map(|t| &t.portions).map(|p| &p.order).collect();
    Ok((1..=5).filter(|no| on.contains(&&all[no - 1].id)).collect())
}

/// Its name, the rule, what the shop says otherwise, and which orders are taken.
type Row = (&'static str, WaveRule, fn(&mut Policy), &'static [usize]);

#[test]
fn a_rule_by_carrier_takes_what_would_go_with_it_now() {
    let trusts_zto = |policy: &mut Policy| policy.cash_on_delivery.carriers = codes(&["zto"]);
    let hurries = |policy: &mut Policy| policy.carrier_choice.deliver_within_ms = 0;
    let nothing = |_: &mut Policy| {};
    let single = WaveRule { pieces_at_most: Some(1), ..by(&["shunfeng"]) };
    let table: [Row; 7] = [
        ("the cheap one", by(&["zto"]), nothing, &[1, 5]),
        ("heavy, far, or paid at the door", by(&["shunfeng"]), nothing, &[2, 3, 4]),
        ("either", by(&["zto", "shunfeng"]), nothing, &[1, 2, 3, 4, 5]),
        ("whoever", WaveRule::default(), nothing, &[1, 2, 3, 4, 5]),
        ("with another limit", single, nothing, &[3, 4]),
        ("not trusted with cash", by(&["shunfeng"]), trusts_zto, &[2, 3]),
        ("it has to be there soon", by(&["zto"]), hurries, &[]),
    ];
    for (name, rule, set, takes) in table {
        let mut policy = Policy::default();
        set(&mut policy);
        let seen = planned(&mut wave(rule), &carriers(), &policy);
        match takes {
            [] => assert_eq!(seen, Err(Refusal::NothingToPick), "{name}"),
            _ => assert_eq!(seen.as_deref(), Ok(takes), "{name}"),
        }
    }
    let mut dry = carriers();
    dry.offers[0].number = None;
    let all = planned(&mut wave(by(&["shunfeng"])), &dry, &Policy::default());
    assert_eq!(all, Ok(vec![1, 2, 3, 4, 5]), "without numbers nobody goes with ZTO");
}

#[test]
fn carriers_of_a_rule_are_in_use_when_it_begins_and_named_once() {
    let (policy, rule) = (Policy::default(), by(&["zto", "pigeon"]));
    let unknown = vec![Fault::at("#/rule/carriers/1", FaultKind::UnknownCarrier)];
    let seen = planned(&mut wave(rule.clone()), &carriers(), &policy);
    assert_eq!(seen, Err(Refusal::Faulty(unknown)));
    let mut begun = wave(rule);
    begun.version = 1;
    assert_eq!(planned(&mut begun, &carriers(), &policy), Ok(vec![1, 5]), "it goes on");
    for (rule, fault) in [
        (by(&["zto", "sf", "zto"]), Some(("#/rule/carriers/2", FaultKind::Repeated))),
        (by(&[]), Some(("#/rule/carriers", FaultKind::OutOfRange { least: 1, most: 20 }))),
        (by(&["zto", "sf"]), None),
    ] {
        let fault: Vec<Fault> = fault.into_iter().map(|(at, what)| Fault::at(at, what)).collect();
        assert_eq!(wave(rule).doc.wanted.check(), fault);
    }
    let many: Vec<String> = (0..21).map(|i| format!("c{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(wave(by(&many[..20])).doc.wanted.check(), []);
    assert_eq!(wave(by(&many)).doc.wanted.check()[0].pointer, "#/rule/carriers");
}
