//! Papers of a parcel as tables: which may be printed when, which print is a reprint, and what a
//! slip says that its goods cost.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, placed};
use domain::*;
use proptest::prelude::*;

fn order() -> Order {
    placed(&basket(&[("MUG", 5)])).orders.into_iter().next().unwrap()
}

fn parcel(state: ParcelState, waybill: Option<&str>) -> Parcel {
    let order = order();
    let label = waybill.map(|waybill| Label {
        carrier: CarrierCode::parse("zto").unwrap(),
        waybill: Waybill::parse(waybill).unwrap(),
    });
    Parcel {
        id: ParcelId::mint(&mut || 1),
        order: order.id.clone(),
        merchant: order.merchant.clone(),
        warehouse: WarehouseId::parse("w1").unwrap(),
        picks: vec![Pick { line: 1, units: 2 }],
        weight_g: 1,
        packed_at: Millis(0),
        label,
        state,
        cash: None,
        carriage: Carriage::default(),
        promised_by: None,
        replaces: None,
        packaging: Packaging::default(),
    }
}

#[test]
fn a_label_needs_a_waybill_and_a_parcel_that_is_one() {
    let (at, seen) = (Millis(1), None);
    for (state, waybill, label, slip) in [
        (ParcelState::Packed, None, Err("no_label"), Ok(())),
        (ParcelState::Packed, Some("Z1"), Ok(()), Ok(())),
        (ParcelState::Shipped { at, seen }, Some("Z1"), Ok(()), Ok(())),
        (ParcelState::Cancelled { at }, Some("Z1"), Err("illegal_step"), Err("illegal_step")),
        (ParcelState::CameBack { at }, Some("Z1"), Err("illegal_step"), Err("illegal_step")),
    ] {
        let parcel = parcel(state, waybill);
        let may = |paper| may_print(&parcel, paper).map_err(|refusal| refusal.word());
        assert_eq!(may(Paper::Label), label, "{parcel:?}");
        assert_eq!(may(Paper::Slip), slip, "{parcel:?}");
    }
}

#[test]
fn the_same_paper_again_is_a_reprint_and_another_label_is_not() {
    let mut known: Option<Stored<Prints>> = None;
    for (waybill, paper, reprint) in [
        ("Z1", Paper::Label, false),
        ("Z1", Paper::Slip, false),
        ("Z1", Paper::Label, true),
        ("Z2", Paper::Label, false),
        ("Z2", Paper::Label, true),
        ("Z2", Paper::Slip, true),
    ] {
        let mut change = Change::new(Actor::Warehouse("p".into()), Millis(1));
        let parcel = parcel(ParcelState::Packed, Some(waybill));
        let how = (paper, PaperFormat::Zpl);
        let said = printed(&mut change, known.clone(), &parcel, how, Vec::new());
        assert_eq!(said, Ok(reprint), "{waybill} {paper:?}");
        let (_, written) = change.docs().next().unwrap();
        let doc = serde_json::from_str(written.doc.get()).unwrap();
        known = Some(Stored { version: written.version + 1, doc });
    }
    let prints = known.unwrap().doc;
    assert_eq!((prints.labels, prints.slips), (4, 2));
}

proptest! {
    #[test]
    fn what_slips_say_sums_to_what_was_paid(parts in proptest::collection::vec(1_i64..4, 1..6)) {
        let (order, mut parcel) = (order(), parcel(ParcelState::Packed, None));
        let line = order.line(1).unwrap();
        let (mut left, mut before, mut sum) = (line.quantity, Vec::new(), 0);
        for part in parts.into_iter().chain([line.quantity]) {
            let units = part.min(left);
            if units == 0 {
                break;
            }
            left -= units;
            parcel.picks = vec![Pick { line: 1, units }];
            sum += paid_for(&order, &parcel, &parcel.picks[0], &before);
            before.extend(parcel.picks.clone());
        }
        prop_assert_eq!(sum, line.paid_minor);
    }
}
