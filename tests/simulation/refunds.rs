//! Everybody wants the money of one payment back at the same moment: its buyer and the family, the
//! merchants, support, and the gateway that tells the same again. However they get in each other's
//! way, what goes back is what was paid for the units that go, and never more than came.

use crate::acts::{self, Intent};
use crate::interleave::Dangers;
use crate::life::{self, Life, Log, Plan};
use crate::model::{Broken, Kept, must};
use orderflow_tests::{Order, Shop, address, json, runtime};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

const CASES: u32 = if cfg!(debug_assertions) { 12 } else { 100 };

/// What one of them wants.
#[derive(Debug, Clone)]
enum Wish {
    All,
    Units(u64, i64),
    ByMerchant(u64, i64),
    NoMore(u64, i64),
    /// The gateway tells of its money again.
    ToldAgain(usize),
    Dispatch,
}

/// What was bought and paid, and who wants it back.
#[derive(Debug, Clone)]
struct Scene {
    seed: u64,
    tees: i64,
    pens: i64,
    /// In how many parts it is paid, and how much too much.
    parts: i64,
    excess: i64,
    dangerous: bool,
    wishes: Vec<Wish>,
}

fn wish() -> impl Strategy<Value = Wish> {
    let line = || (1..=2u64, 1..=6i64);
    prop_oneof![
        2 => Just(Wish::All),
        4 => line().prop_map(|(line, n)| Wish::Units(line, n)),
        2 => line().prop_map(|(line, n)| Wish::ByMerchant(line, n)),
        4 => line().prop_map(|(line, n)| Wish::NoMore(line, n)),
        1 => any::<usize>().prop_map(Wish::ToldAgain),
        1 => Just(Wish::Dispatch),
    ]
}

fn scene() -> impl Strategy<Value = Scene> {
    let bought = (1..=9i64, 1..=20i64, 1..=4i64, 0..=500i64);
    let told = (any::<u64>(), bought, any::<bool>(), vec(wish(), 2..24));
    told.prop_map(|(seed, (tees, pens, parts, excess), dangerous, wishes)| Scene {
        seed,
        tees,
        pens,
        parts,
        excess,
        dangerous,
        wishes,
    })
}

#[test]
fn however_many_want_their_money_back_at_once_no_more_goes_back_than_came() {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let told = runner.run(&scene(), |scene| {
        let log = Log::default();
        play(&scene, &log).map_err(|Broken { invariant, detail }| {
            let lines = log.borrow().join("\n");
            TestCaseError::fail(format!("{lines}\nthe auditor: {invariant}, but\n{detail}"))
        })
    });
    told.unwrap_or_else(|why| panic!("{why}"));
}

fn play(scene: &Scene, log: &Log) -> Kept {
    runtime().block_on(async {
        let shop = Shop::natively();
        life::opens(&shop, 0).await;
        // Not one of the calm lives if something goes wrong in it.
        let seed = scene.seed / 4 * 4 + u64::from(scene.dangerous);
        let mut life = Life::begins(&shop, Plan { seed, steps: 0 }, log.clone());
        life.auditor.look(life.now().0)?;
        paid(&mut life, scene)?;
        let intents = scene.wishes.iter().filter_map(|wish| wanted(&mut life, wish)).collect();
        let dangers = match scene.dangerous {
            true => Dangers::drawn(&mut life.chance),
            false => Dangers::default(),
        };
        life.perform(intents, &dangers)?;
        let back: i64 = life.auditor.model.payments.values().map(|p| p.refunds()).sum();
        let came: i64 = life.till.taken.values().map(|(_, amount)| amount).sum();
        must(back <= came, "a refund never exceeds what was captured", || {
            format!("{back} of {came}")
        })?;
        life.ends().await
    })
}

/// One purchase, paid in parts and maybe with too much.
fn paid(life: &mut Life<'_>, scene: &Scene) -> Kept {
    let lines = json!([{"sku": "TEE", "quantity": scene.tees}, {"sku": "PEN",
        "quantity": scene.pens}]);
    let body = json!({"lines": lines, "delivery": address(), "note": "the purchase"});
    let buy = life.shop.buyer("li").post("/v1/purchases", &body);
    let buy = life.keyed("li buys".to_owned(), buy);
    life.perform(buy.into_iter().collect(), &Dangers::default())?;
    let bought = life.auditor.model.payments.iter().next();
    let bought = bought.map(|(id, payment)| (id.clone(), payment.due(), payment.currency.clone()));
    let Some((id, due, currency)) = bought else {
        return must(false, "a purchase can be made", || format!("{scene:?}"));
    };
    for part in 0..scene.parts {
        let last = part + 1 == scene.parts;
        let amount = due / scene.parts + if last { due % scene.parts + scene.excess } else { 0 };
        life.till.takes(life.shop, &id, &format!("pi_part{part}"), (amount, &currency));
        let letter = acts::letter(life, life.till.mail.len() - 1);
        life.perform(letter.into_iter().collect(), &Dangers::default())?;
    }
    Ok(())
}

fn wanted<'s>(life: &mut Life<'s>, wish: &Wish) -> Option<Intent<'s>> {
    let (id, order) = life.auditor.model.orders.iter().next()?;
    let (id, merchant) = (id.clone(), order.merchant.clone());
    let known = Order { id: id.clone(), merchant: merchant.clone(), total: order.total };
    let (buyer, number) = (life.shop.buyer("li"), life.number());
    let cancel = format!("/v1/orders/{id}/cancel");
    let picks = |line: &u64, n: &i64| json!([{"line": line, "units": n}]);
    let ask = match wish {
        Wish::All => buyer.cancel(&known),
        Wish::Units(line, n) => {
            let body = json!({"lines": picks(line, n), "reason": "changed_mind"});
            buyer.post(&cancel, &body)
        }
        Wish::ByMerchant(line, n) => {
            let body = json!({"lines": picks(line, n), "reason": "out_of_stock"});
            life.shop.merchant(&merchant).post(&cancel, &body)
        }
        Wish::NoMore(line, n) => {
            let body = json!({"order": id, "kind": "refund_only", "lines": picks(line, n),
                "reason": "changed_mind", "description": format!("case {number}")});
            buyer.post("/v1/after-sales", &body)
        }
        Wish::ToldAgain(which) => return acts::letter(life, which % life.till.mail.len()),
        Wish::Dispatch => return acts::dispatches(life),
    };
    life.keyed(format!("{wish:?}"), ask)
}
