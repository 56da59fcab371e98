//! Units on their way from the shelf into a parcel, and back: wherever they go, each is in one
//! place.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, placed};
use domain::*;
use proptest::prelude::*;

/// What may happen to the units of an order.
#[derive(Debug, Clone)]
enum Step {
    Pick(i64),
    Pack(i64),
    Unpack,
    Send,
    Cancel(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_i64).prop_map(Step::Pick),
        (1..4_i64).prop_map(Step::Pack),
        Just(Step::Unpack),
        Just(Step::Send),
        (1..4_i64).prop_map(Step::Cancel),
    ]
}

proptest! {
    /// However units are picked, packed, unpacked, sent and cancelled: each is in one place, and
    /// what was picked in vain is put away.
    #[test]
    fn a_unit_is_in_one_place(steps in proptest::collection::vec(step(), 1..20)) {
        let doc = placed(&basket(&[("TEE", 6)])).orders[0].clone();
        let mut order = Stored { version: 1, doc };
        let mut parcels: Vec<(i64, bool)> = Vec::new();
        let warehouse = WarehouseId::parse("w1").unwrap();
        for step in steps {
            let line = &order.doc.lines[0];
            let (open, shelf) = (line.open_units(), line.on_shelf_in(&warehouse));
            let picks = |units| vec![Pick { line: 1, units }];
            let event = match step {
                Step::Pick(n) if n.min(shelf) > 0 => OrderEvent::Picked {
                    list: PickListId::mint(&mut || 9),
                    warehouse: warehouse.clone(),
                    picks: picks(n.min(shelf)),
                    at: Millis(1),
                },
                Step::Pack(n) if n <= open => {
                    parcels.push((n, true));
                    OrderEvent::Packed {
                        parcel: ParcelId::mint(&mut || 9),
                        warehouse: warehouse.clone(),
                        picks: picks(n),
                        collect: None,
                    }
                }
                Step::Unpack | Step::Send if parcels.iter().any(|p| p.1) => {
                    let parcel = parcels.iter_mut().find(|p| p.1).unwrap();
                    parcel.1 = false;
                    let (picks, warehouse) = (picks(parcel.0), warehouse.clone());
                    let parcel = ParcelId::mint(&mut || 9);
                    if matches!(step, Step::Unpack) {
                        OrderEvent::Unpacked { parcel, warehouse, picks, collect: None }
                    } else {
                        OrderEvent::Shipped { parcel, warehouse, picks, label: None, at: Millis(1) }
                    }
                }
                Step::Cancel(n) if n <= open => OrderEvent::UnitsCancelled {
                    at: Millis(1),
                    by: Actor::Clock,
                    why: CancelReason::BuyerAsked,
                    note: None,
                    picks: picks(n),
                    released: vec![Release { line: 1, warehouse: warehouse.clone(), quantity: n }],
                    waived_minor: None,
                    shipping: false,
                },
                Step::Pick(_) | Step::Pack(_) | Step::Unpack | Step::Send | Step::Cancel(_) => {
                    continue;
                }
            };
            let put_away: i64 = order.doc.put_away.iter().map(|p| p.units).sum();
            let off_shelf = order.doc.lines[0].held.iter().map(|h| h.picked).sum::<i64>();
            let cancels = matches!(event, OrderEvent::UnitsCancelled { .. });
            order.doc.evolve(&event);
            let line = &order.doc.lines[0];
            let held = line.held.first().cloned().unwrap_or(Held::new(warehouse.clone(), 0));
            prop_assert_eq!(held.quantity, 6 - line.units.cancelled - line.units.shipped);
            prop_assert!(0 <= held.picked && held.picked <= held.quantity, "{held:?}");
            prop_assert!(0 <= held.packed && held.packed <= held.quantity, "{held:?}");
            prop_assert!(held.on_shelf() >= 0);
            let now: i64 = order.doc.put_away.iter().map(|p| p.units).sum();
            let lost = if cancels { off_shelf - held.picked } else { 0 };
            prop_assert_eq!(now - put_away, lost, "what was picked of it in vain goes back");
        }
    }
}
