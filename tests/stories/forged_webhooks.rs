//! Whoever has no secret of ours is not believed, and nothing of theirs is stored.

use orderflow_tests::{DELIVERED, Shop, stories};

async fn a_payment_that_somebody_else_signed_is_not_believed(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let before = shop.books().counts();
    let paid = shop.paid(&purchase, purchase.total);
    let other = paid.clone().signed_by("whsec_c29tZWJvZHkgZWxzZSBzaWduZWQgdGhpcw==");
    shop.hears("payments/stripe", &other).await.is_refused(401, "bad_signature");
    let more = paid.clone().forged(|event| event["data"]["object"]["amount_received"] = 1.into());
    shop.hears("payments/stripe", &more).await.is_refused(401, "bad_signature");
    let mut unsigned = paid.clone();
    unsigned.headers.remove("stripe-signature");
    shop.hears("payments/stripe", &unsigned).await.is_refused(401, "bad_signature");
    assert_eq!(shop.books().counts(), before, "nothing was stored");
    assert_eq!(shop.order(purchase.only()).await["state"], "awaiting_payment");
    shop.stripe_says(&paid).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
}

async fn a_signature_from_another_time_is_not_believed(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let before = shop.books().counts();
    for off in [-301, 301] {
        let paid = shop.paid(&purchase, purchase.total).signed_at(shop.now_s() + off);
        shop.hears("payments/stripe", &paid).await.is_refused(401, "signature_too_old");
    }
    assert_eq!(shop.books().counts(), before);
    shop.stripe_says(&shop.paid(&purchase, purchase.total).signed_at(shop.now_s() - 299)).await;
    assert_eq!(shop.order(purchase.only()).await["state"], "confirmed");
}

async fn a_scan_that_somebody_else_signed_is_not_believed(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 10).await;
    let purchase = shop.buyer("li").buys(&[("TEE", 1)]).await;
    shop.stripe_says_paid(&purchase).await;
    let parcel = shop.warehouse("wh-sh").ships(purchase.only(), &[(1, 1)]).await;
    let before = shop.books().counts();
    let push = shop.trace(&parcel, &[shop.scan(0, DELIVERED)]);
    let forged = push.clone().signed_by("not-our-salt");
    let answer = shop.hears("carriers/kuaidi100", &forged).await.must(&[401]);
    assert_eq!(answer.at("/result"), false, "in the carrier's own form");
    assert_eq!(shop.books().counts(), before);
    assert_eq!(shop.parcel(&parcel).await["state"], "shipped");
    shop.carrier_pushes(&push).await;
    assert_eq!(shop.parcel(&parcel).await["state"], "delivered");
}

async fn a_sender_that_the_shop_does_not_use_does_not_exist(shop: &Shop) {
    let paid = shop.gateway.paid("pay_x", 1, "cny", shop.now_s());
    shop.hears("payments/paypal", &paid).await.is_refused(404, "not_found");
    shop.hears("carriers/pigeon", &paid).await.is_refused(404, "not_found");
}

async fn an_event_that_means_nothing_to_us_is_kept_and_acknowledged(shop: &Shop) {
    let paid = shop.gateway.paid("pay_x", 1, "cny", shop.now_s());
    let news = paid.edited(|event| event["type"] = "customer.created".into());
    shop.stripe_says(&news).await;
    shop.stripe_says(&news).await;
    let noted = "select count(*) from facts where verdict = 'not_acted_on'";
    assert_eq!(shop.books().number(noted), 1);
}

stories! {
    a_payment_that_somebody_else_signed_is_not_believed
    a_signature_from_another_time_is_not_believed
    a_scan_that_somebody_else_signed_is_not_believed
    a_sender_that_the_shop_does_not_use_does_not_exist
    an_event_that_means_nothing_to_us_is_kept_and_acknowledged
}
