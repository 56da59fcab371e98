//! Every crash, every repeat: a whole life of orders is told again and again, and each time another
//! statement that writes fails, before it ran or after. Whoever asked asks again, as clients,
//! gateways and the scheduler do. In the end the shop must be what it is without any fault.

use orderflow_tests::{
    Books, DAY, DELIVERED, Fault, MINUTE, PICKED_UP, SECOND, Shop, Value, json, runtime,
};
use std::collections::BTreeMap;

/// Everything that money and goods can do, in one life.
async fn a_life(shop: &Shop) {
    shop.merchant("m1").joins(json!({"cash_on_delivery": true})).await;
    shop.merchant("m1").sells("TEE", 3_333).stock("wh-sh", 10).await;
    shop.merchant("m2").sells("MUG", 4_500).stock("wh-gz", 5).await;
    let buyer = shop.buyer("li");
    buyer.buys(&[("MUG", 1)]).await;
    let cancelled = buyer.buys(&[("MUG", 1)]).await;
    let purchase = buyer.buys(&[("TEE", 3), ("MUG", 1)]).await;
    shop.stripe_says_paid(&cancelled).await;
    shop.stripe_says_paid(&purchase).await;
    buyer.cancels(cancelled.only()).await;
    let (tees, mug) = (purchase.order("m1"), purchase.order("m2"));
    buyer.wants_no_more(tees, &[(1, 1)]).await;
    shop.time_passes(31 * MINUTE).await;
    let warehouse = shop.warehouse("wh-sh");
    drop(warehouse.plan_wave("w1", &json!({"rule": {}})).await.must(&[200, 201]));
    let next = warehouse.post("/v1/fulfilment/waves/w1/next", &json!({})).await.must(&[200]).json();
    assert_eq!(warehouse.picks_list(&next).await["pieces"]["picked"], 2);
    let packing = warehouse.opens_packing(tees, &[(1, 2)]).await;
    assert_eq!(warehouse.scans(&packing, "MUG", 1).await, "not_in_order");
    assert_eq!(warehouse.scans(&packing, "TEE", 2).await, "accepted");
    let packed = warehouse.closes(&packing, 850).await;
    let parcel = warehouse.labels(&packed, "yuantong").await;
    warehouse.prints(&parcel, "label", "zpl").await;
    warehouse.hands_over(&parcel).await;
    shop.carrier_says(&parcel, &[PICKED_UP]).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    shop.sends(mug).await;
    let cash = buyer.buys_on_delivery(&[("TEE", 2)]).await;
    buyer.cancels_units(cash.only(), &[(1, 1)], "changed_mind").await;
    let parcel = warehouse.ships(cash.only(), &[(1, 1)]).await;
    shop.carrier_says(&parcel, &[DELIVERED]).await;
    shop.finance().remits("yuantong", &[("R1", &parcel.waybill, "33.33")]).await;
    let case = buyer.wants_to_return(tees, &[(1, 1)]).await;
    shop.merchant("m1").approves(&case).await;
    buyer.sends_back(&case, "shunfeng", "SF1").await;
    warehouse.receives(&case, &[(1, 1, "restock")]).await;
    shop.time_passes(SECOND).await;
    buyer.confirms_receipt(tees).await;
    for _ in 0..3 {
        shop.time_passes(8 * DAY).await;
    }
    for merchant in ["m1", "m2"] {
        let statement = shop.finance().closes_period(merchant).await;
        shop.finance().pays_out(&statement).await;
    }
    shop.time_passes(DAY).await;
}

/// Ids, waybills and times differ from run to run; which of them are the same does not.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn plain(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => self.text(&text).into(),
            Value::Number(number) if number.as_i64().is_some_and(|n| n > 1_000_000_000_000) => {
                "a time".into()
            }
            Value::Array(list) => list.into_iter().map(|value| self.plain(value)).collect(),
            Value::Object(mut object) => {
                // Refunds and ledger lines are numbered as they come, and a retry comes later.
                for numbered in ["theirs", "after_line", "to_line"] {
                    object.remove(numbered);
                }
                let drawn = |(name, value): &(String, Value)| name != "number" || value.is_i64();
                let pairs = object.into_iter().filter(drawn);
                pairs.map(|(name, value)| (name, self.plain(value))).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value,
        }
    }

    fn text(&mut self, text: &str) -> String {
        let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
        let plain = |word: &str| {
            let name = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            let hex = name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit());
            let waybill = name.len() == 6 && name.starts_with("YT");
            if !hex && !waybill {
                return word.to_owned();
            }
            let next = self.0.len() + 1;
            let number = *self.0.entry(name.to_owned()).or_insert(next);
            word.replace(name, &format!("<{number}>"))
        };
        words.map(plain).collect()
    }
}

/// All that is stored, in an order in which the same things get the same names.
const STORED: &[&str] = &[
    "select 'order', id, version, doc from orders order by id",
    "select 'payment', id, version, doc from payments order by id",
    "select 'parcel', id, version, doc from parcels order by id",
    "select 'case', id, version, doc from after_sales order by id",
    "select 'statement', id, version, doc from statements order by id",
    "select 'waybill', doc from waybills where doc ->> 'used_by' is not null
    order by doc ->> 'used_by'",
    "select 'waybills', count(*) from waybills",
    "select kind, id, version, doc from (
        select 'merchant' as kind, id, version, doc from merchants
        union all
        select 'warehouse', id, version, doc from warehouses
        union all
        select 'sku', id, version, doc from skus
        union all
        select 'endpoint', id, version, doc from endpoints
    ) order by kind, id",
    "select 'packing', id, version, doc from packings order by id",
    "select 'print', id, version, doc from prints order by id",
    "select 'wave', id, version, doc from waves order by id",
    "select 'list', id, version, doc from pick_lists order by id",
    "select 'listed', order_id, warehouse, list from picking order by order_id, warehouse, list",
    "select 'waits', order_id, warehouse, lines, pieces, taken_by from to_pick
    order by order_id, warehouse",
    "select 'stock', sku, warehouse, on_hand, held from stock order by sku, warehouse",
    "select 'move', sku, warehouse, on_hand, why from stock_moves order by seq",
    "select 'event', kind, id, event, actor from journal
    where kind <> 'waybills' order by kind, id, seq",
    "select 'line', kind, subject, account, amount_minor from ledger
    order by subject, kind, account, amount_minor",
    "select 'fact', kind, verdict, count(*) from facts group by kind, verdict order by 2, 3",
    "select 'timer', kind, subject from timers order by subject, kind",
    "select 'message', id, recipient, state from outbox order by id",
    "select 'kept', count(*) from once where answer is not null",
];

fn stored(books: &Books) -> Vec<String> {
    let mut names = Names::default();
    let rows = STORED.iter().flat_map(|sql| books.rows(sql));
    let mut all: Vec<String> = rows.map(|row| names.plain(json!(row)).to_string()).collect();
    // What a retry did came later; that it happened is what counts.
    all.sort();
    all
}

/// What merchants heard and what the gateway paid back, each once.
fn heard(shop: &Shop) -> Vec<String> {
    let received = shop.receiver.received().into_iter().filter(|message| !message.repeat);
    let mut all: Vec<String> =
        received.map(|message| format!("{} {}", message.path, message.body["type"])).collect();
    all.extend(shop.gateway.refunds().iter().map(|refund| format!("refund {}", refund.amount)));
    all.sort();
    all
}

/// What a life leaves behind, and how many statements it wrote with.
fn tell(fault: Option<(u64, Fault)>) -> (Vec<String>, Vec<String>, u64) {
    runtime().block_on(async {
        let shop = Shop::natively();
        let native = shop.stage().native().unwrap();
        if let Some((number, fault)) = fault {
            native.fail_at(number, fault);
        }
        shop.is_stubborn(3);
        a_life(&shop).await;
        shop.audit().await;
        (stored(&shop.books()), heard(&shop), native.writes())
    })
}

fn every_statement_fails_once(fault: Fault) {
    let (stored, heard, writes) = tell(None);
    assert!(writes > 100, "{writes}");
    for number in 1..=writes {
        let told = std::panic::catch_unwind(|| tell(Some((number, fault))));
        let (stored_then, heard_then, _) =
            told.unwrap_or_else(|_| panic!("{fault:?} statement {number} of {writes}"));
        let differs = stored.iter().zip(&stored_then).find(|(right, then)| right != then);
        assert_eq!(differs, None, "{fault:?} statement {number} of {writes}");
        assert_eq!(stored.len(), stored_then.len(), "{fault:?} statement {number}");
        assert_eq!(heard, heard_then, "{fault:?} statement {number} of {writes}");
    }
}

#[test]
fn a_statement_that_did_not_run_is_repeated_without_a_trace() {
    every_statement_fails_once(Fault::Before);
}

#[test]
fn a_statement_whose_answer_was_lost_is_not_done_twice() {
    every_statement_fails_once(Fault::After);
}
