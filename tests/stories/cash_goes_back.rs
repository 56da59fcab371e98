//! A courier was paid, and the buyer sends the goods back: no gateway has the cash, finance pays.

use orderflow_tests::{DELIVERED, MINUTE, Purchase, Shop, json, stories};

/// Two tees for 100.00 each that the buyer has, and of which one came back.
async fn one_sent_back(shop: &Shop) -> (Purchase, String) {
    shop.merchant("m1").joins(json!({"cash_on_delivery": true})).await;
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys_on_delivery(&[("TEE", 2)]).await;
    let order = purchase.only();
    let parcel = shop.warehouse("wh-sh").ships(order, &[(1, 2)]).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    let case = buyer.wants_to_return(order, &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF1").await;
    shop.warehouse("wh-sh").receives(&case, &[(1, 1, "restock")]).await;
    (purchase, case.id)
}

async fn the_cash_of_a_return_is_paid_by_finance_from_the_bank(shop: &Shop) {
    let (purchase, case) = one_sent_back(shop).await;
    shop.time_passes(MINUTE).await;
    let payment = shop.payment(&purchase).await;
    let refund = &payment["refunds"][0];
    assert_eq!(
        (&refund["state"], &refund["gateway"]),
        (&json!("requested"), &json!("cash_on_delivery"))
    );
    assert_eq!(refund["allowed_actions"], json!(["pay_offline"]));
    assert_eq!((&refund["needs_person"], &payment["needs_person"]), (&json!(true), &json!(true)));
    let waiting = shop.finance().get("/v1/payments").await.must(&[200]).json();
    assert!(waiting.to_string().contains(&purchase.payment), "{waiting}");
    assert_eq!(shop.ledger(&purchase).await.balance("refunding:"), -10_000);
    assert_eq!(shop.gateway.refunds().len(), 0, "nobody is asked for it");

    let id = refund["id"].as_str().unwrap();
    let path = format!("/v1/payments/{}/refunds/{id}", purchase.payment);
    let proof = json!({"reference": "bank-7", "proof": "transfer of 3 March"});
    shop.finance().post(&format!("{path}/retry"), &json!({})).await.is_refused(409, "illegal_step");
    shop.support().post(&format!("{path}/offline"), &proof).await.is_refused(403, "forbidden");
    let paid = shop.finance().post(&format!("{path}/offline"), &proof).await.must(&[200]).json();
    assert_eq!(paid["refunds"][0]["state"], "paid_otherwise");
    assert_eq!(paid["needs_person"], false);
    let ledger = shop.ledger(&purchase).await;
    let balances = ["refunding:", "platform:bank", "carrier:", "escrow:"];
    assert_eq!(balances.map(|account| ledger.balance(account)), [0, -10_000, 20_000, -10_000]);
    let seen = shop.support().get(&format!("/v1/after-sales/{case}")).await.must(&[200]);
    assert_eq!(seen.at("/state"), "refunded");
    let again = shop.finance().post(&format!("{path}/offline"), &proof).await;
    again.is_refused(409, "illegal_step");
}

async fn money_that_a_gateway_brings_for_the_courier_goes_back(shop: &Shop) {
    shop.merchant("m1").joins(json!({"cash_on_delivery": true})).await;
    shop.merchant("m1").sells("TEE", 10_000).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys_on_delivery(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&purchase).await;
    assert_eq!(shop.verdicts(), ["paid_to_courier_refunded"]);
    shop.time_passes(MINUTE).await;
    assert_eq!(shop.gateway_paid_back(&purchase), purchase.total);
    shop.sends(purchase.only()).await;
    let payment = shop.payment(&purchase).await;
    assert_eq!(payment["captured"]["amount"], 2 * purchase.total);
    assert_eq!(payment["refundable"]["amount"], purchase.total);
    let ledger = shop.ledger(&purchase).await;
    let held = (ledger.balance("carrier:"), ledger.balance("gateway:"), ledger.balance("escrow:"));
    assert_eq!(held, (purchase.total, 0, -purchase.total));
}

stories! {
    money_that_a_gateway_brings_for_the_courier_goes_back
    the_cash_of_a_return_is_paid_by_finance_from_the_bank
}
