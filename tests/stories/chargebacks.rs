//! Chargebacks: while the buyer's bank doubts a charge nothing is settled, and when it takes the
//! money the books say whose it was.

use orderflow_tests::{DAY, Purchase, SECOND, Shop, json, stories};

/// Paid, delivered and confirmed by its buyer.
async fn completed(shop: &Shop) -> Purchase {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    shop.sends(purchase.only()).await;
    buyer.confirms_receipt(purchase.only()).await;
    purchase
}

async fn disputes(shop: &Shop, purchase: &Purchase) {
    let dispute = shop.gateway.dispute(&purchase.payment, purchase.total, "cny", shop.now_s());
    shop.stripe_says(&dispute).await;
}

async fn bank_decides(shop: &Shop, purchase: &Purchase, won: bool) {
    let money = (purchase.total, "cny");
    let closed = shop.gateway.dispute_closed(&purchase.payment, money, won, shop.now_s());
    shop.stripe_says(&closed).await;
    shop.time_passes(SECOND).await;
}

async fn settlement(shop: &Shop, purchase: &Purchase) -> String {
    let order = shop.order(purchase.only()).await;
    order["settlement"]["state"].as_str().unwrap().to_owned()
}

async fn a_dispute_freezes_the_settlement_until_it_is_won(shop: &Shop) {
    let purchase = completed(shop).await;
    disputes(shop, &purchase).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(settlement(shop, &purchase).await, "frozen");
    assert_eq!(shop.payment(&purchase).await["disputes"][0]["state"], "open");
    assert_eq!(shop.order(purchase.only()).await["final"], false);
    shop.time_passes(30 * DAY).await;
    assert_eq!(settlement(shop, &purchase).await, "frozen");
    bank_decides(shop, &purchase, true).await;
    assert_eq!(settlement(shop, &purchase).await, "settled");
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("merchant:m1"), -(10_000 - 500 - 100));
    assert_eq!(ledger.balance("gateway:stripe"), 10_000);
}

/// A dispute names only the gateway's own number of the payment, and webhooks overtake one another.
async fn a_dispute_that_was_over_before_its_payment_was_heard_of_freezes_nothing(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    bank_decides(shop, &purchase, true).await;
    shop.stripe_says_paid(&purchase).await;
    assert_eq!(shop.payment(&purchase).await["disputes"][0]["state"], "won");
    // Nor is money needed for it: it is enough that the payment was begun.
    let begun = buyer.buys(&[("TEE", 1)]).await;
    bank_decides(shop, &begun, true).await;
    let processing = shop.gateway.processing(&begun.payment, begun.total, "cny", shop.now_s());
    shop.stripe_says(&processing).await;
    assert_eq!(shop.payment(&begun).await["disputes"][0]["state"], "won");
    disputes(shop, &purchase).await;
    assert_eq!(shop.payment(&purchase).await["disputes"][0]["state"], "won");
    shop.sends(purchase.only()).await;
    buyer.confirms_receipt(purchase.only()).await;
    shop.time_passes(8 * DAY).await;
    assert_eq!(settlement(shop, &purchase).await, "settled");
}

async fn a_lost_dispute_is_taken_out_of_the_escrow(shop: &Shop) {
    let purchase = completed(shop).await;
    disputes(shop, &purchase).await;
    bank_decides(shop, &purchase, false).await;
    let ledger = shop.ledger(&purchase).await;
    ledger.escrow_is_empty();
    assert_eq!(ledger.balance("gateway:stripe"), 0);
    shop.time_passes(8 * DAY).await;
    assert_eq!(settlement(shop, &purchase).await, "settled");
    assert_eq!(shop.ledger(&purchase).await.balance("merchant:m1"), 0);
    assert_eq!(shop.payment(&purchase).await["refundable"]["amount"], 0);
    assert_eq!(shop.merchant_heard(purchase.only(), "order.charged_back").len(), 1);
}

async fn a_dispute_lost_after_the_payout_is_owed_by_the_merchant(shop: &Shop) {
    let purchase = completed(shop).await;
    shop.time_passes(8 * DAY).await;
    let statement = shop.finance().closes_period("m1").await;
    shop.finance().pays_out(&statement).await;
    disputes(shop, &purchase).await;
    bank_decides(shop, &purchase, false).await;
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("merchant:m1"), 10_000 - 9_400);
    let owed = shop.finance().closes_period("m1").await;
    assert_eq!((owed.state.as_str(), owed.net), ("carried", -10_000));
}

async fn a_dispute_told_twice_or_backwards_counts_once(shop: &Shop) {
    let purchase = completed(shop).await;
    bank_decides(shop, &purchase, false).await;
    disputes(shop, &purchase).await;
    bank_decides(shop, &purchase, false).await;
    bank_decides(shop, &purchase, true).await;
    let verdicts = shop.verdicts();
    assert_eq!(verdicts[1..], ["dispute_lost", "nothing_new", "nothing_new", "nothing_new"]);
    assert_eq!(shop.ledger(&purchase).await.postings("chargeback"), 1);
    assert_eq!(shop.order(purchase.only()).await["disputes"], json!([]));
}

async fn a_refund_that_was_refused_for_the_dispute_is_paid_by_it(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    disputes(shop, &purchase).await;
    shop.gateway.refunds_are("failed");
    buyer.cancels(purchase.only()).await;
    shop.time_passes(SECOND).await;
    assert_eq!(shop.payment(&purchase).await["needs_person"], true);
    bank_decides(shop, &purchase, false).await;
    let payment = shop.payment(&purchase).await;
    assert_eq!(payment["refunds"][0]["paid_otherwise"]["by"], "chargeback");
    assert_eq!(payment["needs_person"], false);
    let ledger = shop.ledger(&purchase).await;
    assert_eq!((ledger.balance("gateway:stripe"), ledger.balance("refunding:")), (0, 0));
    assert_eq!(ledger.balance("merchant:m1"), 0);
    assert_eq!(ledger.balance("platform:losses"), 0);
}

async fn what_was_refunded_before_the_bank_took_it_again_is_a_loss(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    buyer.cancels(purchase.only()).await;
    shop.time_passes(SECOND).await;
    disputes(shop, &purchase).await;
    bank_decides(shop, &purchase, false).await;
    let ledger = shop.ledger(&purchase).await;
    assert_eq!(ledger.balance("platform:losses"), 10_000);
    assert_eq!(ledger.balance("gateway:stripe"), -10_000);
}

async fn nothing_is_sent_while_the_bank_doubts_the_payment_or_has_taken_it(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let (buyer, warehouse) = (shop.buyer("li"), shop.warehouse("wh-sh"));
    for won in [true, false] {
        let purchase = buyer.buys(&[("TEE", 2)]).await;
        let order = purchase.only();
        shop.stripe_says_paid(&purchase).await;
        let packed = warehouse.packs(order, &[(1, 1)]).await;
        let parcel = warehouse.labels(&packed, "yuantong").await;
        disputes(shop, &purchase).await;
        warehouse.pack(order, &[(1, 1)]).await.is_refused(409, "disputed");
        warehouse.hand_over(&parcel).await.is_refused(409, "disputed");
        bank_decides(shop, &purchase, won).await;
        if won {
            warehouse.hands_over(&parcel).await;
            warehouse.ships(order, &[(1, 1)]).await;
            continue;
        }
        warehouse.pack(order, &[(1, 1)]).await.is_refused(409, "disputed");
        warehouse.hand_over(&parcel).await.is_refused(409, "disputed");
        // The goods go back on the shelf, and nothing is paid for them once more.
        warehouse.unpacks(&parcel).await;
        shop.support().cancels(order).await;
        assert_eq!(shop.stock("TEE", "wh-sh").await, (8, 0));
        assert_eq!(shop.payment(&purchase).await["refunds"], json!([]));
        shop.ledger(&purchase).await.escrow_is_empty();
    }
}

/// The buyer has sent goods back, and the bank takes some of the money before they arrive.
async fn goods_that_come_back_after_the_bank_took_the_money_bring_the_rest(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    for (taken, back) in [(20_000, 0), (15_000, 5_000)] {
        let purchase = buyer.buys(&[("TEE", 2)]).await;
        shop.stripe_says_paid(&purchase).await;
        shop.sends(purchase.only()).await;
        let case = buyer.wants_to_return(purchase.only(), &[(1, 1)]).await;
        shop.merchant("m1").approves(&case).await;
        buyer.sends_back(&case, "yuantong", &format!("YTB{taken}")).await;
        let money = (taken, "cny");
        let lost = shop.gateway.dispute_closed(&purchase.payment, money, false, shop.now_s());
        shop.stripe_says(&lost).await;
        shop.warehouse("wh-sh").receives(&case, &[(1, 1, "restock")]).await;
        shop.time_passes(SECOND).await;
        assert_eq!(shop.case(&case).await["state"], "refunded", "{taken}");
        assert_eq!(shop.gateway_paid_back(&purchase), back);
        let ledger = shop.ledger(&purchase).await;
        ledger.escrow_is_empty();
        assert_eq!(ledger.balance("gateway:stripe"), 20_000 - taken - back);
        buyer.confirms_receipt(purchase.only()).await;
        shop.time_passes(8 * DAY).await;
        assert_eq!(settlement(shop, &purchase).await, "settled");
    }
}

stories! {
    a_dispute_freezes_the_settlement_until_it_is_won
    a_dispute_that_was_over_before_its_payment_was_heard_of_freezes_nothing
    a_lost_dispute_is_taken_out_of_the_escrow
    a_dispute_lost_after_the_payout_is_owed_by_the_merchant
    a_dispute_told_twice_or_backwards_counts_once
    a_refund_that_was_refused_for_the_dispute_is_paid_by_it
    what_was_refunded_before_the_bank_took_it_again_is_a_loss
    nothing_is_sent_while_the_bank_doubts_the_payment_or_has_taken_it
    goods_that_come_back_after_the_bank_took_the_money_bring_the_rest
}
