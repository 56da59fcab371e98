//! The courier rings, and the buyer does not take the parcel.

use orderflow_tests::{DAY, DELIVERED, HOUR, Purchase, REFUSED, RETURNED, Shop, json, stories};

async fn three_tees(shop: &Shop) -> Purchase {
    let merchant = shop.merchant("m1");
    merchant.joins(json!({"shipping": {"fee_minor": 1_000}, "cash_on_delivery": true})).await;
    merchant.sells("TEE", 3_333).stock("wh-sh", 10).await;
    shop.buyer("li").buys_on_delivery(&[("TEE", 3)]).await
}

async fn what_nobody_takes_is_restocked_and_the_order_ends_without_money(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let parcel = warehouse.ships(order, &[(1, 3)]).await;
    shop.carrier_says(&parcel, &[REFUSED]).await;
    let seen = shop.parcel(&parcel).await;
    assert_eq!((&seen["state"], &seen["final"]), (&json!("refused"), &json!(false)));
    assert_eq!(shop.order(order).await["state"], "confirmed", "couriers try again");
    shop.is_later(DAY).await;
    shop.carrier_says(&parcel, &[RETURNED]).await;
    let missing = warehouse.take_back(&parcel, &[(1, 4, "restock")]).await;
    missing.is_refused(409, "too_many_units");
    warehouse.takes_back(&parcel, &[(1, 2, "restock"), (1, 1, "scrap")]).await;
    let seen = shop.order(order).await;
    assert_eq!((&seen["state"], &seen["final"]), (&json!("cancelled"), &json!(true)));
    assert_eq!(seen["state_detail"]["why"], "refused_at_door");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (9, 0));
    let payment = shop.payment(&purchase).await;
    assert_eq!((&payment["due"]["amount"], &payment["final"]), (&json!(0), &json!(true)));
    assert_eq!(shop.ledger(&purchase).await.lines.len(), 0);
    warehouse.take_back(&parcel, &[]).await.is_refused(409, "illegal_step");
    // A scan that comes late collects nothing.
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    assert_eq!(shop.ledger(&purchase).await.lines.len(), 0);
}

async fn who_refused_before_is_looked_at_by_a_person(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let parcel = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 3)]).await;
    shop.carrier_says(&parcel, &[REFUSED]).await;
    let again = shop.buyer("li").buys_on_delivery(&[("TEE", 1)]).await;
    let seen = shop.order(again.only()).await;
    assert_eq!(seen["state"], "awaiting_confirmation");
    let finding = &seen["cash_on_delivery"]["verdict"]["findings"][1];
    assert_eq!((&finding["rule"], &finding["refused"]), (&json!("refusals_at_most"), &json!(1)));
    let other = shop.buyer("han").buys_on_delivery(&[("TEE", 1)]).await;
    assert_eq!(shop.order(other.only()).await["state"], "confirmed");
}

async fn a_parcel_that_is_taken_at_the_second_try_is_paid_and_nobody_refused(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let parcel = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 3)]).await;
    shop.carrier_says(&parcel, &[REFUSED]).await;
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    assert_eq!(shop.payment(&purchase).await["status"], "paid");
    let refused = shop.warehouse("wh-sh").take_back(&parcel, &[(1, 3, "restock")]).await;
    refused.is_refused(409, "illegal_step");
    let again = shop.buyer("li").buys_on_delivery(&[("TEE", 1)]).await;
    assert_eq!(shop.order(again.only()).await["state"], "confirmed");
}

async fn one_of_two_parcels_is_refused_and_the_other_is_kept(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let taken = warehouse.ships(order, &[(1, 2)]).await;
    let refused = warehouse.ships(order, &[(1, 1)]).await;
    shop.carrier_says(&taken, &[DELIVERED]).await;
    shop.carrier_says(&refused, &[REFUSED]).await;
    assert_eq!(shop.payment(&purchase).await["status"], "partly_paid");
    warehouse.takes_back(&refused, &[(1, 1, "restock")]).await;
    let payment = shop.payment(&purchase).await;
    assert_eq!((&payment["status"], &payment["due"]["amount"]), (&json!("paid"), &json!(7_666)));
    assert_eq!(shop.order(order).await["fulfilment"], "delivered");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 0));
    shop.time_passes(7 * DAY).await;
    assert_eq!(shop.order(order).await["state"], "completed");
}

async fn what_was_delivered_by_mistake_comes_back_and_nobody_pays(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let kept = warehouse.ships(order, &[(1, 1)]).await;
    let lost = warehouse.ships(order, &[(1, 2)]).await;
    shop.carrier_says(&kept, &[DELIVERED]).await;
    shop.carrier_says(&lost, &[DELIVERED]).await;
    assert_eq!(shop.payment(&purchase).await["status"], "paid");
    warehouse.take_back(&lost, &[(1, 2, "restock")]).await.is_refused(409, "illegal_step");
    shop.is_later(HOUR).await;
    shop.carrier_says(&lost, &[RETURNED]).await;
    assert_eq!(shop.parcel(&lost).await["allowed_actions"], json!(["take_back", "report"]));
    warehouse.takes_back(&lost, &[(1, 2, "restock")]).await;
    let payment = shop.payment(&purchase).await;
    assert_eq!(
        (&payment["status"], &payment["captured"]["amount"]),
        (&json!("paid"), &json!(4_333))
    );
    let ledger = shop.ledger(&purchase).await;
    assert_eq!((ledger.balance("carrier:"), ledger.balance("escrow:")), (4_333, -4_333));
    assert_eq!(ledger.postings("collection_reversed"), 1);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (9, 0));
    assert_eq!(shop.order(order).await["fulfilment"], "delivered", "what is left of it");
    shop.time_passes(8 * DAY).await;
    assert_eq!(shop.parcel(&lost).await["cash_overdue"], false);
    assert_eq!(shop.order(order).await["state"], "completed");
}

async fn what_has_been_remitted_is_not_booked_back(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let warehouse = shop.warehouse("wh-sh");
    let parcel = warehouse.ships(purchase.only(), &[(1, 3)]).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    shop.finance().remits("yuantong", &[("R1", &parcel.waybill, "109.99")]).await;
    shop.is_later(HOUR).await;
    shop.carrier_says(&parcel, &[RETURNED]).await;
    warehouse.take_back(&parcel, &[(1, 3, "restock")]).await.is_refused(409, "illegal_step");
}

/// Only what the buyer did counts when they want to pay a courier again.
async fn what_a_carrier_brings_back_is_not_held_against_the_buyer(shop: &Shop) {
    let purchase = three_tees(shop).await;
    let (order, warehouse) = (purchase.only(), shop.warehouse("wh-sh"));
    let parcel = warehouse.ships(order, &[(1, 3)]).await;
    shop.carrier_says(&parcel, &[RETURNED]).await;
    warehouse.takes_back(&parcel, &[(1, 3, "restock")]).await;
    let seen = shop.order(order).await;
    assert_eq!(seen["state_detail"]["why"], "returned_to_sender");
    assert_eq!(seen["cash_on_delivery"]["refused"], json!([]));
    let again = shop.buyer("li").buys_on_delivery(&[("TEE", 1)]).await;
    assert_eq!(shop.order(again.only()).await["state"], "confirmed");
    // A refusal that is told together with the way back counts, and so does what staff knows.
    let parcel = warehouse.ships(again.only(), &[(1, 1)]).await;
    shop.carrier_says(&parcel, &[REFUSED, RETURNED]).await;
    assert_eq!(shop.order(again.only()).await["cash_on_delivery"]["refused"], json!([parcel.id]));
    warehouse.takes_back(&parcel, &[(1, 1, "restock")]).await;
    assert_eq!(shop.order(again.only()).await["state_detail"]["why"], "refused_at_door");
    let other = shop.buyer("han").buys_on_delivery(&[("TEE", 1)]).await;
    let parcel = warehouse.ships(other.only(), &[(1, 1)]).await;
    let path = format!("/v1/shipping/parcels/{}/take-back", parcel.id);
    let body = json!({"lines": [{"line": 1, "units": 1, "to": "restock"}], "refused": true});
    drop(warehouse.post(&path, &body).await.must(&[200]));
    let again = shop.buyer("han").buys_on_delivery(&[("TEE", 1)]).await;
    assert_eq!(shop.order(again.only()).await["state"], "awaiting_confirmation");
}

stories! {
    what_a_carrier_brings_back_is_not_held_against_the_buyer
    what_was_delivered_by_mistake_comes_back_and_nobody_pays
    what_has_been_remitted_is_not_booked_back
    what_nobody_takes_is_restocked_and_the_order_ends_without_money
    who_refused_before_is_looked_at_by_a_person
    a_parcel_that_is_taken_at_the_second_try_is_paid_and_nobody_refused
    one_of_two_parcels_is_refused_and_the_other_is_kept
}
