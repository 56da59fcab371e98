//! Everybody wants the same thing: two thousand orders for fifteen hundred pieces, thirty-two at a
//! time. Each piece is sold once, and who gets none is told so.

use futures::future::join_all;
use orderflow_tests::{Shop, stories};

const BUYERS: usize = 32;
const ORDERS: usize = 2_000;
const PIECES: i64 = 1_500;

/// What became of one buyer's orders: how many were served and refused.
async fn keeps_ordering(shop: &Shop, number: usize) -> (usize, usize) {
    let buyer = shop.buyer(&format!("buyer-{number}"));
    let (mut served, mut refused) = (0, 0);
    for _ in (number..ORDERS).step_by(BUYERS) {
        let answer = buyer.buy(&[("TEE", 1)]).await;
        if answer.status == 201 {
            served += 1;
        } else {
            answer.is_refused(409, "out_of_stock");
            refused += 1;
        }
    }
    (served, refused)
}

async fn two_thousand_orders_for_one_sku_take_exactly_what_is_there(shop: &Shop) {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", PIECES - 100).stock("wh-bj", 100).await;
    shop.is_stubborn(100);
    let told = join_all((0..BUYERS).map(|number| keeps_ordering(shop, number))).await;
    let served: usize = told.iter().map(|(served, _)| served).sum();
    let refused: usize = told.iter().map(|(_, refused)| refused).sum();
    assert_eq!((served, refused), (1_500, 500));
    assert_eq!(shop.books().number("select count(*) from orders"), PIECES);
    assert_eq!(shop.stock("TEE", "wh-sh").await, (PIECES - 100, PIECES - 100));
    assert_eq!(shop.stock("TEE", "wh-bj").await, (100, 100));
}

stories! {
    two_thousand_orders_for_one_sku_take_exactly_what_is_there
}
