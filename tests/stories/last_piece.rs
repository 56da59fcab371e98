//! More buyers than pieces: each piece is sold once, and nobody is promised what is not there.

use futures::future::join_all;
use orderflow_tests::{Answer, Shop, stories};

async fn two_buyers_want_the_last_piece_and_one_gets_it(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 1).await;
    let first = shop.buyer("li").buys(&[("TEE", 1)]).await;
    let second = shop.buyer("han").buy(&[("TEE", 1)]).await;
    second.is_refused(409, "out_of_stock");
    assert_eq!(second.at("/errors/0/pointer"), "#/lines/0/quantity");
    assert_eq!(second.at("/errors/0/available"), 0);
    // The first one does not want it after all.
    shop.buyer("li").cancels(first.only()).await;
    shop.buyer("han").buys(&[("TEE", 1)]).await;
    assert_eq!(shop.stock("TEE", "wh-sh").await, (1, 1));
}

async fn two_hundred_buyers_at_once_get_fifty_pieces(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 50).await;
    shop.is_stubborn(100);
    let buyers: Vec<_> = (0..200).map(|n| shop.buyer(&format!("buyer-{n}"))).collect();
    let answers = join_all(buyers.iter().map(|buyer| buyer.buy(&[("TEE", 1)]).send())).await;
    let (served, refused): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(served.len(), 50);
    for answer in &refused {
        answer.is_refused(409, "out_of_stock");
    }
    assert_eq!(shop.books().number("select count(*) from orders"), 50);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (50, 50));
}

async fn buyers_of_several_pieces_share_what_is_in_two_warehouses(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 15).stock("wh-bj", 16).await;
    shop.is_stubborn(100);
    let buyers: Vec<_> = (0..20).map(|n| shop.buyer(&format!("buyer-{n}"))).collect();
    let answers = join_all(buyers.iter().map(|buyer| buyer.buy(&[("TEE", 3)]).send())).await;
    let served = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(served, 10, "31 pieces in threes");
    let (here, there) = (shop.stock("TEE", "wh-sh").await, shop.stock("TEE", "wh-bj").await);
    assert_eq!(here.1 + there.1, 30);
}

async fn an_order_of_two_warehouses_leaves_in_two_parcels(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 1).stock("wh-bj", 2).await;
    let buyer = shop.buyer("li");
    let purchase = buyer.buys(&[("TEE", 3)]).await;
    shop.stripe_says_paid(&purchase).await;
    let order = purchase.only();
    let (here, there) = (shop.warehouse("wh-sh"), shop.warehouse("wh-bj"));
    here.pack(order, &[(1, 2)]).await.is_refused(409, "wrong_warehouse");
    here.pack(order, &[(1, 1), (1, 1)]).await.is_refused(409, "wrong_warehouse");
    let first = here.ships(order, &[(1, 1)]).await;
    assert_eq!(shop.order(order).await["fulfilment"], "partly_shipped");
    let second = there.ships(order, &[(1, 1), (1, 1)]).await;
    shop.carrier_says(&first, &[orderflow_tests::DELIVERED]).await;
    assert_eq!(shop.order(order).await["fulfilment"], "partly_delivered");
    shop.carrier_says(&second, &[orderflow_tests::DELIVERED]).await;
    assert_eq!(shop.order(order).await["fulfilment"], "delivered");
    assert_eq!(shop.stock("TEE", "wh-sh").await, (0, 0));
    assert_eq!(shop.stock("TEE", "wh-bj").await, (0, 0));
}

stories! {
    two_buyers_want_the_last_piece_and_one_gets_it
    two_hundred_buyers_at_once_get_fifty_pieces
    buyers_of_several_pieces_share_what_is_in_two_warehouses
    an_order_of_two_warehouses_leaves_in_two_parcels
}
