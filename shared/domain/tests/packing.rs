//! Packing as tables: what a scan is judged to be, what a parcel should weigh, which box may hold
//! it, and what is refused, in the order in which it is looked at.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, placed, sku};
use domain::*;

const TEE_CODE: &str = "4006381333931";

/// A confirmed order of three TEE, two CAP (whose pieces have serial numbers) and one MUG, all in
/// w1.
fn order() -> Stored<Order> {
    let placed = placed(&basket(&[("TEE", 3), ("CAP", 2), ("MUG", 1)]));
    let mut order = Stored { version: 1, doc: placed.orders.into_iter().next().unwrap() };
    let mut change = Change::new(Actor::Clock, Millis(1));
    change.record(&mut order, OrderEvent::Paid { at: Millis(1) });
    order
}

fn desk() -> Desk {
    let size = |length, width, height| Some(Size { length, width, height });
    let tee = Sku {
        barcodes: vec![TEE_CODE.to_owned(), "036000291452".to_owned(), "SHARED".to_owned()],
        size_mm: size(300, 200, 20),
        ..sku("TEE", "m1", 12_800)
    };
    let cap = Sku {
        serial_kept: true,
        barcodes: vec!["SHARED".to_owned()],
        size_mm: size(100, 100, 100),
        ..sku("CAP", "m1", 5_000)
    };
    let mug = Sku { size_mm: size(90, 90, 110), ..sku("MUG", "m1", 333) };
    let kind = |id: &str, [length, width, height]: [i64; 3], most| BoxType {
        id: BoxId::parse(id).unwrap(),
        name: id.to_owned(),
        active: true,
        warehouse: None,
        inner_mm: Size { length, width, height },
        tare_g: 100,
        max_weight_g: most,
        cost: None,
    };
    Desk {
        skus: vec![tee, cap, mug],
        boxes: vec![
            kind("L", [400, 300, 200], 20_000),
            kind("M", [210, 310, 110], 20_000),
            kind("S", [120, 120, 120], 450),
        ],
        known: [TEE_CODE.to_owned(), "POT-CODE".to_owned()].into(),
        serials: Vec::new(),
    }
}

fn wanted(lines: Option<&[(u16, i64)]>) -> Wanted {
    let pick = |(line, units): &(u16, i64)| Pick { line: *line, units: *units };
    let lines = lines.map(|lines| lines.iter().map(pick).collect());
    Wanted { warehouse: WarehouseId::parse("w1").unwrap(), lines }
}

fn change() -> Change {
    Change::new(Actor::Warehouse("p".into()), Millis(5))
}

fn opened(lines: Option<&[(u16, i64)]>) -> Stored<Packing> {
    let id = PackingId::mint(&mut || 7);
    open_packing(&mut change(), id, &order().doc, &wanted(lines)).unwrap()
}

fn read(code: &str, quantity: i64, serial: Option<&str>) -> Scan {
    let serial = serial.map(|serial| Serial::parse(serial).unwrap());
    Scan { code: code.to_owned(), quantity, serial }
}

fn serial_use(serial: &str, state: ParcelState, returned: i64) -> SerialUse {
    SerialUse {
        sku: SkuId::parse("CAP").unwrap(),
        serial: Serial::parse(serial).unwrap(),
        parcel: ParcelId::mint(&mut || 3),
        state,
        returned,
    }
}

fn given_up(back_at: Option<Millis>) -> ParcelState {
    let at = Millis(1);
    ParcelState::GivenUp { at, shipped_at: at, seen: None, sent_again: false, back_at }
}

#[test]
fn a_wrong_scan_is_one_of_these_and_is_kept_and_changes_no_count() {
    let mut desk = desk();
    let (at, seen) = (Millis(1), None);
    desk.serials = vec![
        serial_use("PACKED", ParcelState::Packed, 0),
        serial_use("SENT", ParcelState::Shipped { at, seen }, 0),
        serial_use("BACK", ParcelState::Shipped { at, seen }, 1),
        serial_use("APART", ParcelState::Cancelled { at }, 0),
        serial_use("HOME", ParcelState::CameBack { at }, 0),
        serial_use("LOST", given_up(None), 0),
        serial_use("FOUND", given_up(Some(at)), 0),
    ];
    // No MUG is wanted, and one CAP and two TEE are in already.
    let mut packing = opened(Some(&[(1, 3), (2, 2)]));
    for before in [read("TEE", 2, None), read("CAP", 1, Some("S-1"))] {
        assert_eq!(scan(&mut change(), &mut packing, &desk, &before), Ok(None));
    }
    let none: Option<&str> = None;
    for (code, quantity, serial, said) in [
        ("nothing", 1, none, Some("unknown_barcode")),
        ("POT-CODE", 1, none, Some("not_in_order")),
        ("SHARED", 1, none, Some("ambiguous_barcode")),
        ("MUG", 1, none, Some("not_wanted")),
        ("CAP", 1, none, Some("serial_missing")),
        ("CAP", 2, Some("S-2"), Some("serial_missing")),
        ("TEE", 1, Some("S-2"), Some("serial_not_kept")),
        ("CAP", 1, Some("S-1"), Some("serial_repeated")),
        ("TEE", 2, none, Some("too_many")),
        ("CAP", 1, Some("PACKED"), Some("serial_elsewhere")),
        ("CAP", 1, Some("SENT"), Some("serial_elsewhere")),
        ("CAP", 1, Some("LOST"), Some("serial_elsewhere")),
        ("CAP", 1, Some("FOUND"), None),
        ("CAP", 1, Some("BACK"), None),
        ("CAP", 1, Some("APART"), None),
        ("CAP", 1, Some("HOME"), None),
        ("CAP", 1, Some("S-2"), None),
        (" TEE ", 1, none, None),
        (TEE_CODE, 1, none, None),
        ("04006381333931", 1, none, None),
        ("0036000291452", 1, none, None),
    ] {
        let (mut change, mut after) = (change(), packing.clone());
        let scanned = scan(&mut change, &mut after, &desk, &read(code, quantity, serial)).unwrap();
        assert_eq!(scanned.map(ScanMistake::word), said, "{code} {serial:?}");
        assert_eq!(change.docs().count(), 1, "{code}: right or wrong, it is kept");
        let counted = if said.is_some() { 0 } else { quantity };
        let units = |of: &Packing| of.scanned().iter().map(|p| p.units).sum::<i64>();
        assert_eq!(units(&after.doc) - units(&packing.doc), counted, "{code}");
        assert_eq!(after.doc.mistakes, u32::from(said.is_some()), "{code}");
    }
}

#[test]
fn a_scan_that_no_scanner_can_have_made_is_refused() {
    let (desk, mut packing) = (desk(), opened(None));
    for (scanned, pointer) in [
        (read("", 1, None), "#/code"),
        (read(&"x".repeat(201), 1, None), "#/code"),
        (read("a\tb", 1, None), "#/code"),
        (read("TEE", 0, None), "#/quantity"),
        (read("TEE", 100_000, None), "#/quantity"),
    ] {
        let mut change = change();
        let refused = scan(&mut change, &mut packing, &desk, &scanned).unwrap_err();
        let Refusal::Faulty(faults) = refused else { panic!("{refused:?}") };
        assert_eq!(faults[0].pointer, pointer);
        assert!(change.is_empty());
    }
}

#[test]
fn what_was_scanned_can_be_taken_out_again_and_nothing_else() {
    let (desk, mut packing) = (desk(), opened(None));
    let mut now = change();
    for scanned in [read("TEE", 3, None), read("CAP", 1, Some("S-1"))] {
        assert_eq!(scan(&mut now, &mut packing, &desk, &scanned), Ok(None));
    }
    for (out, said) in [
        (read("TEE", 4, None), Some(ScanMistake::NotScanned)),
        (read("CAP", 1, Some("S-2")), Some(ScanMistake::NotScanned)),
        (read("MUG", 1, None), Some(ScanMistake::NotScanned)),
        (read("TEE", 1, None), None),
        (read("CAP", 1, Some("S-1")), None),
        (read("CAP", 1, Some("S-1")), Some(ScanMistake::NotScanned)),
    ] {
        assert_eq!(unscan(&mut now, &mut packing, &desk, &out), Ok(said), "{out:?}");
    }
    assert_eq!(packing.doc.scanned(), [Pick { line: 1, units: 2 }]);
    assert_eq!(packing.doc.serials(), []);
}

fn closing(weight_g: i64, kind: Option<&str>, reason: Option<&str>) -> Closing {
    let box_type = kind.map(|kind| BoxId::parse(kind).unwrap());
    Closing { weight_g, box_type, weight_reason: reason.map(str::to_owned) }
}

fn close(
    packing: &mut Stored<Packing>,
    policy: &Policy,
    closing: Closing,
    rest: Rest,
) -> Result<Stored<Parcel>, Refusal> {
    let how = (ParcelId::mint(&mut || 9), closing, rest);
    close_packing(&mut change(), (packing, &mut order()), &desk(), policy, how)
}

/// Two TEE and one CAP, all scanned: 1,200 g with 100 g of box.
fn filled() -> Stored<Packing> {
    let mut packing = opened(Some(&[(1, 2), (2, 1)]));
    for scanned in [read("TEE", 2, None), read("CAP", 1, Some("S-1"))] {
        assert_eq!(scan(&mut change(), &mut packing, &desk(), &scanned), Ok(None));
    }
    packing
}

#[test]
fn a_parcel_holds_what_it_is_to_hold_or_its_packer_says_that_the_rest_comes_later() {
    let policy = Policy::default();
    let mut packing = opened(Some(&[(1, 2), (3, 1)]));
    let nothing = close(&mut packing.clone(), &policy, closing(500, None, None), Rest::Later);
    assert_eq!(nothing, Err(Refusal::NothingChosen));
    assert_eq!(scan(&mut change(), &mut packing, &desk(), &read("TEE", 1, None)), Ok(None));
    let missing = vec![Pick { line: 1, units: 1 }, Pick { line: 3, units: 1 }];
    let refused = close(&mut packing.clone(), &policy, closing(500, None, None), Rest::Demanded);
    assert_eq!(refused, Err(PackingRefusal::ScansDiffer { missing }.into()));
    let parcel = close(&mut packing, &policy, closing(500, None, None), Rest::Later).unwrap();
    assert_eq!(parcel.doc.picks, [Pick { line: 1, units: 1 }]);
    assert!(parcel.doc.packaging.rechecked);
    assert_eq!(parcel.doc.packaging.packing, Some(packing.doc.id.clone()));
    let again = close(&mut packing, &policy, closing(500, None, None), Rest::Later).unwrap_err();
    assert_eq!(again.word(), "illegal_step");
    let late = scan(&mut change(), &mut packing, &desk(), &read("TEE", 1, None));
    assert_eq!(late, Ok(Some(ScanMistake::NotOpen)));
    assert_eq!(packing.doc.mistakes, 1);
}

#[test]
fn a_parcel_weighs_what_its_goods_and_its_box_weigh() {
    let policy = Policy::default();
    // 1,300 g are expected; 5 % of that are 65 g, which is more than 50 g.
    let (expected_g, least_g, most_g) = (1_300, 1_235, 1_365);
    let out = PackingRefusal::WeightOutOfTolerance { expected_g, least_g, most_g };
    let within = WeightCheck::Within { expected_g, least_g, most_g };
    for (weight_g, reason, said) in [
        (1_235, None, Ok(within.clone())),
        (1_365, None, Ok(within.clone())),
        (1_365, Some("wet"), Ok(within)),
        (1_234, None, Err(Refusal::from(out.clone()))),
        (1_366, None, Err(Refusal::from(out.clone()))),
        (
            900,
            Some("a lighter lot"),
            Ok(WeightCheck::Confirmed {
                expected_g,
                least_g,
                most_g,
                reason: "a lighter lot".to_owned(),
            }),
        ),
    ] {
        let parcel =
            close(&mut filled(), &policy, closing(weight_g, Some("L"), reason), Rest::Demanded);
        let weight = parcel.map(|parcel| parcel.doc.packaging.weight.unwrap());
        assert_eq!(weight, said, "{weight_g} {reason:?}");
    }
    let mut generous = Policy::default();
    generous.packing.tolerance_g = 400;
    let light = close(&mut filled(), &generous, closing(900, Some("L"), None), Rest::Demanded);
    assert!(light.is_ok(), "{light:?}");
    let unknown = close(&mut filled(), &policy, closing(9_000, None, None), Rest::Demanded);
    let why = NoExpectedWeight::NoBox;
    let packed = unknown.unwrap().doc;
    assert_eq!(packed.packaging.weight, Some(WeightCheck::NotChecked { why }));
}

#[test]
fn without_a_weight_in_the_catalog_nothing_is_checked_and_that_is_said() {
    let (mut desk, policy) = (desk(), Policy::default());
    desk.skus[2].weight_g = 0;
    let scans = [read("MUG", 1, None)];
    let wanted = wanted(Some(&[(3, 1)]));
    let how = (ParcelId::mint(&mut || 9), &wanted, scans.as_slice(), closing(1, Some("L"), None));
    let parcel = pack_at_once(&mut change(), &mut order(), &desk, &policy, how).unwrap();
    let skus = vec![SkuId::parse("MUG").unwrap()];
    let why = NoExpectedWeight::SkusWithoutWeight { skus };
    assert_eq!(parcel.doc.packaging.weight, Some(WeightCheck::NotChecked { why }));
}

#[test]
fn a_parcel_is_refused_for_these_reasons_in_this_order() {
    let strict = |change: fn(&mut PackingPolicy)| {
        let mut policy = Policy::default();
        change(&mut policy.packing);
        policy
    };
    let (usual, scans) = (Policy::default(), [read("TEE", 1, None), read("nothing", 1, None)]);
    let recheck = strict(|packing| packing.recheck = Need::Required);
    let boxed = strict(|packing| packing.boxes = Need::Required);
    type Row<'a> = (&'a Policy, &'a [(u16, i64)], &'a [Scan], Closing, &'a str);
    let table: [Row<'_>; 10] = [
        (&recheck, &[(9, 1)], &[], closing(1, Some("X"), None), "unknown_line"),
        (&recheck, &[(1, 4)], &[], closing(1, Some("X"), None), "too_many_units"),
        (&recheck, &[], &[], closing(1, Some("X"), None), "nothing_chosen"),
        (&usual, &[(1, 2)], &scans, closing(1, Some("X"), None), "unknown_barcode"),
        (&usual, &[(1, 2)], &scans[..1], closing(1, Some("X"), None), "scans_differ"),
        (&recheck, &[(2, 1)], &[], closing(1, Some("X"), None), "recheck_needed"),
        (&usual, &[(2, 1)], &[], closing(1, Some("X"), None), "serials_needed"),
        (&usual, &[(1, 1)], &[], closing(1, Some("X"), None), "unknown_box"),
        (&boxed, &[(1, 1)], &[], closing(1, None, None), "box_needed"),
        (&boxed, &[(1, 1)], &[], closing(451, Some("S"), None), "box_overloaded"),
    ];
    for (policy, lines, scans, closing, word) in table {
        let wanted = wanted(Some(lines));
        let how = (ParcelId::mint(&mut || 9), &wanted, scans, closing);
        let refused = pack_at_once(&mut change(), &mut order(), &desk(), policy, how);
        assert_eq!(refused.map_err(|refusal| refusal.word()), Err(word));
    }
}

#[test]
fn a_serial_number_is_kept_for_each_time_that_its_piece_is_packed() {
    let scans = [read("CAP", 1, Some("S-1"))];
    let key = |desk: &Desk| {
        let (wanted, mut change) = (wanted(None), change());
        let how = (ParcelId::mint(&mut || 9), &wanted, scans.as_slice(), closing(1, None, None));
        let policy = Policy::default();
        let packed = pack_at_once(&mut change, &mut order(), desk, &policy, how).unwrap();
        assert_eq!(packed.doc.packaging.serials[0].serial.as_str(), "S-1");
        change.facts()[0].key.clone()
    };
    let mut again = desk();
    again.serials = vec![serial_use("S-1", ParcelState::CameBack { at: Millis(1) }, 0)];
    assert_ne!(key(&desk()), key(&again), "or it could never be sold again");
    assert_eq!(key(&desk()), key(&desk()), "two packers at the same moment refuse one another");
}

#[test]
fn boxes_are_suggested_by_volume_sides_and_weight() {
    let (order, policy) = (order().doc, PackingPolicy::default());
    let suggested = |lines: &[(u16, i64)], desk: &Desk, policy: &PackingPolicy| {
        let picks = wanted(Some(lines)).lines.unwrap();
        let suggestion = suggest_boxes(&order, &picks, desk, policy);
        let ids = suggestion.fits.iter().map(|fit| fit.id.to_string()).collect::<Vec<_>>();
        (ids.join(" "), suggestion.without_size.len())
    };
    let yes = |ids: &str| (ids.to_owned(), 0);
    let desk = desk();
    assert_eq!(suggested(&[(3, 1)], &desk, &policy), yes("M L"), "S would be too heavy");
    assert_eq!(suggested(&[(1, 3)], &desk, &policy), yes("M L"), "S is too short");
    // Two caps and three tees: 5.6 litres of 7.161 are 78 %, 5.6 of 24 are 23 %.
    assert_eq!(suggested(&[(1, 3), (2, 2)], &desk, &policy), yes("M L"));
    let loose = PackingPolicy { fill_percent: 70, ..policy.clone() };
    assert_eq!(suggested(&[(1, 3), (2, 2)], &desk, &loose), yes("L"));
    let mut unknown = desk.clone();
    unknown.skus[0].size_mm = None;
    assert_eq!(suggested(&[(1, 1), (3, 1)], &unknown, &policy), (String::new(), 1));
    let huge = Size { length: 100_000, width: 100_000, height: 100_000 };
    unknown.skus[0].size_mm = Some(huge);
    assert_eq!(suggested(&[(1, 3)], &unknown, &policy), yes(""), "nothing overflows");
}
