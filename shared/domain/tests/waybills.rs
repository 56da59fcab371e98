//! How a parcel gets its waybill, as tables: what is decided, what is asked of carriers, and what
//! their answers do.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, placed};
use domain::*;
use serde_json::json;

fn code(text: &str) -> CarrierCode {
    CarrierCode::parse(text).unwrap()
}

fn number(text: &str) -> Waybill {
    Waybill::parse(text).unwrap()
}

fn change() -> Change {
    Change::new(Actor::Dispatch, Millis(1_000))
}

fn carrier(id: &str, days: i64, by_interface: bool) -> Carrier {
    let zone = json!({"to": ["*"], "days": days, "first_g": 1, "first_minor": days, "step_g": 1,
        "step_minor": 0});
    let pool = json!({"from": "pool"});
    let asked = json!({"from": "interface", "by": "sf"});
    let waybills = if by_interface { asked } else { pool };
    let carrier = json!({"id": id, "name": {"zh": id, "en": id}, "waybills": waybills,
        "services": [{"code": "2", "zones": [zone]}]});
    serde_json::from_value(carrier).unwrap()
}

fn pooled(carrier: &str, waybill: &str) -> Stored<WaybillNumber> {
    Stored { version: 1, doc: WaybillNumber::new(code(carrier), number(waybill)) }
}

/// A packed parcel; `shunfeng` is asked and the best, `zto` has a pool.
fn desk() -> CarrierDesk {
    let order = placed(&basket(&[("TEE", 1)])).orders[0].clone();
    let parcel = Parcel {
        id: ParcelId::mint(&mut || 7),
        order: order.id.clone(),
        merchant: order.merchant.clone(),
        warehouse: WarehouseId::parse("w1").unwrap(),
        picks: vec![Pick { line: 1, units: 1 }],
        weight_g: 400,
        packed_at: Millis(0),
        label: None,
        state: ParcelState::Packed,
        cash: None,
        carriage: Carriage::default(),
        promised_by: None,
        replaces: None,
        packaging: Packaging::default(),
    };
    let sender = json!({"recipient": "发货组", "phone": "13900139000", "region": "310115",
        "detail": "张江路 88 号"});
    let warehouse = json!({"id": "w1", "name": "Pudong", "region": "310115", "sender": sender});
    let sf = CarrierOffer { carrier: carrier("shunfeng", 1, true), number: None };
    let zto = CarrierOffer { carrier: carrier("zto", 2, false), number: Some(pooled("zto", "Z1")) };
    CarrierDesk {
        parcel: Stored { version: 1, doc: parcel },
        order: Stored { version: 1, doc: order },
        warehouse: serde_json::from_value(warehouse).unwrap(),
        offers: vec![zto, sf],
        free: None,
        called: Vec::new(),
    }
}

fn wish(carrier: Option<&str>) -> WaybillWish {
    WaybillWish { carrier: carrier.map(code), ..WaybillWish::default() }
}

/// What the messages of a change ask carriers for.
fn asks(change: &Change) -> Vec<String> {
    let message = |effect: &Effect| {
        let Effect::Send(message) = effect else { return None };
        Some(message.id.rsplit('-').next().unwrap().to_owned())
    };
    change.effects().iter().filter_map(message).collect()
}

fn assign(desk: &mut CarrierDesk, wish: &WaybillWish) -> Result<Vec<String>, Refusal> {
    let mut change = change();
    assign_waybill(&mut change, desk, wish, &Policy::default())?;
    Ok(asks(&change))
}

fn tell(desk: &mut CarrierDesk, request: &str, told: WaybillTold) -> Vec<String> {
    let mut change = change();
    let request = format!("{}-{request}", desk.parcel.doc.id);
    let from = (request.as_str(), &code("shunfeng"));
    waybill_told(&mut change, desk, from, told, &Policy::default());
    asks(&change)
}

fn made(waybill: &str) -> WaybillTold {
    let (waybill, theirs) = (number(waybill), "theirs".to_owned());
    WaybillTold::Made { waybill, theirs, label_url: None }
}

fn refused(undo: bool) -> WaybillTold {
    WaybillTold::Refused { reason: "no".to_owned(), undo }
}

fn label(desk: &CarrierDesk) -> Option<String> {
    desk.parcel.doc.label.as_ref().map(|label| format!("{}:{}", label.carrier, label.waybill))
}

#[test]
fn a_carrier_with_an_interface_is_asked_and_one_with_a_pool_is_not() {
    let mut one = desk();
    assert_eq!(assign(&mut one, &wish(None)).unwrap(), ["1:book"]);
    assert_eq!((one.parcel.doc.word(), label(&one)), ("waybill_requested", None));
    let allowed = one.parcel.doc.allowed_actions();
    assert_eq!(allowed, [Action::CancelWaybill, Action::Unpack]);
    assert!(matches!(assign(&mut one, &wish(None)), Err(Refusal::IllegalStep { .. })));
    let mut two = desk();
    assert_eq!(assign(&mut two, &wish(Some("zto"))).unwrap(), Vec::<String>::new());
    assert_eq!(label(&two).as_deref(), Some("zto:Z1"));
}

#[test]
fn what_nobody_can_carry_is_refused_by_what_is_missing() {
    let mut dry = desk();
    dry.offers.retain(|offer| offer.carrier.id == code("zto"));
    dry.offers[0].number = None;
    assert_eq!(assign(&mut dry, &wish(None)), Err(Refusal::NoWaybillLeft));
    assert_eq!(assign(&mut dry, &wish(Some("zto"))), Err(Refusal::NoWaybillLeft));
    dry.offers[0].carrier.limits.weight_at_most_g = Some(1);
    assert_eq!(assign(&mut dry, &wish(None)), Err(Refusal::NoCarrierFits));
    let why = vec![Unfit::TooHeavy, Unfit::NoWaybillLeft];
    assert_eq!(assign(&mut dry, &wish(Some("zto"))), Err(Refusal::CarrierUnfit { why }));
    // A carrier that nobody described has a pool, or nothing.
    assert_eq!(assign(&mut dry, &wish(Some("sto"))), Err(Refusal::NoWaybillLeft));
    dry.free = Some(pooled("sto", "S1"));
    assert_eq!(assign(&mut dry, &wish(Some("sto"))), Ok(Vec::new()));
}

#[test]
fn each_answer_does_what_the_parcel_waits_for() {
    // (which request answers, what, then: label, messages, whether a person has to look)
    let table = [
        ("1", made("SF1"), Some("shunfeng:SF1"), vec![], false),
        ("1", refused(false), Some("zto:Z1"), vec![], false),
        ("1", refused(true), Some("zto:Z1"), vec!["late"], false),
        ("2", made("SF1"), None, vec!["late"], false),
        ("2", refused(false), None, vec![], false),
    ];
    for (which, told, labelled, messages, person) in table {
        let mut desk = desk();
        assign(&mut desk, &wish(None)).unwrap();
        let sent = tell(&mut desk, which, told.clone());
        assert_eq!(sent, messages, "{which} {told:?}");
        assert_eq!(label(&desk).as_deref(), labelled, "{which} {told:?}");
        assert_eq!(desk.parcel.doc.carriage.needs_person, person, "{which} {told:?}");
    }
}

#[test]
fn a_no_to_a_person_is_told_to_the_person() {
    let mut desk = desk();
    assign(&mut desk, &wish(Some("shunfeng"))).unwrap();
    assert_eq!(tell(&mut desk, "1", refused(false)), Vec::<String>::new());
    assert_eq!((label(&desk), desk.parcel.doc.carriage.needs_person), (None, true));
    assert_eq!(desk.parcel.doc.word(), "packed");
    // They may try the same carrier once more, by another request.
    assert_eq!(assign(&mut desk, &wish(Some("shunfeng"))).unwrap(), ["2:book"]);
    assert!(!desk.parcel.doc.carriage.needs_person);
}

#[test]
fn a_number_that_is_known_is_not_taken_from_an_interface() {
    let mut known = desk();
    assign(&mut known, &wish(Some("shunfeng"))).unwrap();
    known.called = vec![pooled("shunfeng", "SF1")];
    assert_eq!(tell(&mut known, "1", made("SF1")), ["late"]);
    assert_eq!((label(&known), known.parcel.doc.carriage.needs_person), (None, true));
    // Another carrier's number may be the same by chance.
    let mut other = desk();
    assign(&mut other, &wish(Some("shunfeng"))).unwrap();
    other.called = vec![pooled("zto", "SF1")];
    tell(&mut other, "1", made("SF1"));
    assert_eq!(label(&other).as_deref(), Some("shunfeng:SF1"));
}

#[test]
fn the_service_that_was_booked_is_held_to_its_own_promise() {
    let mut desk = desk();
    // The slower one is chosen first, and then a person names the faster one.
    let fast = carrier("shunfeng", 2, true).services.remove(0);
    let sf = &mut desk.offers[1].carrier;
    sf.services[0].zones[0].days = 4;
    sf.services.push(CarrierService { code: "1".to_owned(), ..fast });
    assign(&mut desk, &wish(None)).unwrap();
    let verdict = desk.parcel.doc.carriage.verdict.clone().unwrap();
    assert_eq!(verdict.best().unwrap().days, Some(4), "{verdict:?}");
    cancel_waybill(&mut change(), &mut desk.parcel, None).unwrap();
    let service = Some("1".to_owned());
    assign(&mut desk, &WaybillWish { service, ..wish(Some("shunfeng")) }).unwrap();
    tell(&mut desk, "2", made("SF1"));
    promise(&mut change(), &mut desk.parcel, None).unwrap();
    assert_eq!(desk.parcel.doc.promised_by, Some(Millis(1_000 + 2 * DAY)));
}

#[test]
fn told_twice_it_is_the_same_waybill() {
    let mut desk = desk();
    assign(&mut desk, &wish(None)).unwrap();
    tell(&mut desk, "1", made("SF1"));
    let before = desk.parcel.doc.clone();
    assert_eq!(tell(&mut desk, "1", made("SF1")), Vec::<String>::new());
    assert_eq!(desk.parcel.doc, before);
}

#[test]
fn a_number_on_paper_is_of_one_carrier_and_of_one_parcel() {
    let on_paper = |carrier: &str| WaybillWish {
        carrier: Some(code(carrier)),
        waybill: Some(number("P1")),
        ..WaybillWish::default()
    };
    let used = |by: &str| {
        let mut known = pooled(by, "P1");
        known.doc.used_by = Some(ParcelId::mint(&mut || 9));
        known
    };
    let table = [
        (vec![], Ok(())),
        (vec![pooled("zto", "P1")], Ok(())),
        (vec![used("zto")], Err(Refusal::WaybillUsed)),
        (vec![pooled("sto", "P1")], Err(Refusal::WaybillOfAnother)),
        (vec![used("sto")], Err(Refusal::WaybillOfAnother)),
        (vec![used("sto"), pooled("zto", "P1")], Ok(())),
    ];
    for (called, answer) in table {
        let mut desk = desk();
        desk.called = called.clone();
        let got = assign(&mut desk, &on_paper("zto")).map(drop);
        assert_eq!(got, answer, "{called:?}");
        assert_eq!(label(&desk).is_some(), answer.is_ok(), "{called:?}");
    }
}

#[test]
fn a_number_on_paper_makes_no_carrier_collect_cash() {
    let cash = Cash {
        collect: Collectible { lines: Vec::new(), shipping_minor: 1 },
        currency: Currency::CNY,
        collected_at: None,
        remitted_minor: 0,
        written_off_minor: 0,
        owed_minor: 0,
        overdue: false,
    };
    for (carrier, collects, answer) in [
        ("zto", false, Err(Refusal::CarrierTakesNoCash)),
        ("zto", true, Ok(())),
        // Nobody described it.
        ("sto", false, Ok(())),
    ] {
        let mut desk = desk();
        desk.parcel.doc.cash = Some(cash.clone());
        desk.offers[0].carrier.limits.cash_on_delivery = collects;
        let waybill = Some(number("P1"));
        let on_paper = WaybillWish { waybill, ..wish(Some(carrier)) };
        assert_eq!(assign(&mut desk, &on_paper).map(drop), answer, "{carrier} {collects}");
    }
}

#[test]
fn what_is_void_is_told_to_who_was_asked() {
    // By pool: nobody. By interface: the carrier, whether it has answered or not.
    let cancel = |desk: &mut CarrierDesk| {
        let mut change = change();
        cancel_waybill(&mut change, &mut desk.parcel, None).map(|()| asks(&change))
    };
    let mut pool = desk();
    assign(&mut pool, &wish(Some("zto"))).unwrap();
    assert_eq!(cancel(&mut pool).unwrap(), Vec::<String>::new());
    assert!(matches!(cancel(&mut pool), Err(Refusal::IllegalStep { .. })));
    let mut waits = desk();
    assign(&mut waits, &wish(None)).unwrap();
    assert_eq!(cancel(&mut waits).unwrap(), ["1:cancel"]);
    let mut has = desk();
    assign(&mut has, &wish(None)).unwrap();
    tell(&mut has, "1", made("SF1"));
    assert_eq!(cancel(&mut has).unwrap(), ["1:cancel"]);
    let (theirs, waybill) = has.parcel.doc.carriage.ids_of(&format!("{}-1", has.parcel.doc.id));
    assert_eq!((theirs.as_deref(), waybill), (Some("theirs"), Some(number("SF1"))));
    assert_eq!(assign(&mut has, &wish(None)).unwrap(), ["2:book"], "with an id of its own");
}

#[test]
fn who_said_no_is_kept_and_not_for_ever() {
    let mut desk = desk();
    for n in 1..=12 {
        assign(&mut desk, &wish(Some("shunfeng"))).unwrap();
        tell(&mut desk, &n.to_string(), refused(false));
    }
    let refused = &desk.parcel.doc.carriage.refused;
    assert_eq!(refused.len(), 10);
    assert!(refused[9].request.ends_with("-12"));
}

#[test]
fn many_carriers_that_say_no_are_asked_once_each() {
    let mut desk = desk();
    let by_interface = |n: i64| carrier(&format!("c{n:02}"), 1, true);
    let offer = |n: i64| CarrierOffer { carrier: by_interface(n), number: None };
    desk.offers = (1..=12).map(offer).collect();
    assign(&mut desk, &wish(None)).unwrap();
    let mut asked = Vec::new();
    while let Some(request) = desk.parcel.doc.carriage.request.clone() {
        assert!(asked.len() < 20, "{asked:?}");
        let mut change = change();
        let from = (request.id.as_str(), &request.carrier);
        waybill_told(&mut change, &mut desk, from, refused(false), &Policy::default());
        asked.push(request.carrier.to_string());
    }
    let mut once = asked.clone();
    once.dedup();
    assert_eq!((once.len(), asked.len()), (10, 10), "{asked:?}");
    assert!(desk.parcel.doc.carriage.needs_person);
}
