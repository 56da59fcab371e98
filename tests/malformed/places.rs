//! Every place of the shop that can be asked, with a request that would make sense there. The ids
//! are real, so that nonsense gets as far as it can.

use bytes::Bytes;
use http::Method;
use manifest::token::Role;
use orderflow_tests::{DAY, DELIVERED, Shop, Value, address, json};
use partners::Delivery;

/// What would be sent.
pub enum Sense {
    /// Nothing, or what nobody reads.
    Nothing,
    Json(Value),
    Csv(&'static str),
    /// NDJSON: one line of it.
    Lines(&'static str),
    Signed(Box<Delivery>),
    /// A call of the scheduler, who has a token of their own.
    Scheduled,
}

/// Who asks what where.
pub struct Place {
    pub method: Method,
    pub path: String,
    pub role: Role,
    pub sense: Sense,
}

fn post(path: &str, role: Role, body: Value) -> Place {
    Place { method: Method::POST, path: path.to_owned(), role, sense: Sense::Json(body) }
}

fn get(path: &str, role: Role) -> Place {
    Place { method: Method::GET, path: path.to_owned(), role, sense: Sense::Nothing }
}

/// Sets a shop up in which everything has happened once, and lists its places.
pub async fn all(shop: &Shop) -> Vec<Place> {
    shop.merchant("m1").sells("TEE", 12_800).stock("wh-sh", 90).await;
    let policy = json!({"id": "shop", "set": {}});
    drop(shop.operator().put("/v1/catalog/policies/shop", &policy).await.must(&[201]));
    let all = json!({"name": "all", "to": ["*"], "fee": {"by": "order", "fee_minor": 0}});
    shop.merchant("m1").ships_by(json!([all])).await;
    for (thing, body) in things() {
        if let Some("boxes" | "carriers") = thing.split('/').next() {
            drop(shop.operator().put(&format!("/v1/catalog/{thing}"), &body).await.must(&[201]));
        }
    }
    let buyer = shop.buyer("li");
    let done = buyer.buys(&[("TEE", 2)]).await;
    shop.stripe_says_paid(&done).await;
    shop.sends(done.only()).await;
    buyer.confirms_receipt(done.only()).await;
    shop.time_passes(8 * DAY).await;
    let statement = shop.finance().closes_period("m1").await;
    let open = buyer.buys(&[("TEE", 9)]).await;
    shop.stripe_says_paid(&open).await;
    let order = open.only();
    let shipped = shop.warehouse("wh-sh").ships(order, &[(1, 4)]).await;
    let packed = shop.warehouse("wh-sh").packs(order, &[(1, 1)]).await;
    let listed = shop.warehouse("wh-sh").packs(order, &[(1, 1)]).await;
    shop.warehouse("wh-sh").labels(&listed, "yuantong").await;
    let manifest = shop.warehouse("wh-sh").list_for("yuantong").await.must(&[201]).at("/id");
    let manifest = manifest.as_str().unwrap_or_default().to_owned();
    shop.carrier_says(&shipped, &[DELIVERED]).await;
    let case = buyer.wants_to_return(order, &[(1, 1)]).await;
    let approved = buyer.wants_to_return(order, &[(1, 1)]).await;
    shop.merchant("m1").approves(&approved).await;
    shop.time_passes(1_000).await;

    let at = shop.now_s();
    shop.stripe_says(&shop.gateway.intent("pi_lost").paid("pay_x", 900, "cny", at)).await;
    let item = shop.suspense("waiting").await[0]["id"].as_str().unwrap_or_default().to_owned();

    let mut places = catalog(shop);
    places.extend(money(&open.payment, &item));
    places.extend(buying(&open.id, &order.id));
    places.extend(routing(&order.id));
    places.extend(sending(&order.id, &packed.id, &manifest));
    places.extend(packing(shop, order, &packed.id).await);
    places.extend(picking(shop).await);
    places.extend(after_sale(&order.id, &case.id, &approved.id));
    places.extend(settling(&statement.id, &packed.id));
    places.extend(looking_after(shop, &shipped).await);
    places.extend(telling(shop, order).await);
    places.extend(partners(shop, &open.payment, &shipped));
    places
}

fn catalog(shop: &Shop) -> Vec<Place> {
    let mut places = vec![get("/v1/health", Role::Operator)];
    places.push(get("/v1/openapi.json", Role::Operator));
    for (thing, body) in things() {
        let path = format!("/v1/catalog/{thing}");
        places.push(get(&path, Role::Operator));
        places.push(get(&format!("{path}/history"), Role::Merchant));
        let sense = Sense::Json(body);
        places.push(Place { method: Method::PUT, path, role: Role::Operator, sense });
    }
    for kind in ["merchants", "warehouses", "skus", "boxes", "rates", "carriers", "policies"] {
        places.push(get(&format!("/v1/catalog/{kind}"), Role::Support));
        places.push(get(&format!("/v1/catalog/{kind}?active=true&limit=1"), Role::Merchant));
    }
    places.push(get("/v1/catalog/policies/shop/effective", Role::Operator));
    places.push(get("/v1/catalog/skus/TEE/stock", Role::Support));
    places.push(get("/v1/catalog/skus/TEE/movements?warehouse=wh-sh", Role::Warehouse));
    places.push(get("/v1/catalog/stock/low?merchant=m1", Role::Operator));
    places.push(get("/v1/catalog/stock/low", Role::Merchant));
    places.push(get("/v1/catalog/stock/adjustments/adj_1", Role::Operator));
    let adjusted = json!({"reason": "found", "note": "behind the shelf",
        "lines": [{"sku": "TEE", "warehouse": "wh-sh", "delta": 1}]});
    places.push(post("/v1/catalog/stock/adjustments", Role::Warehouse, adjusted));
    places.extend(files());
    assert!(shop.now_s() > 0);
    places
}

/// What comes in files.
fn files() -> Vec<Place> {
    let mut places = Vec::new();
    let lines = [("skus", r#"{"id":"!","merchant":"m1"}"#), ("stock", r#"{"sku":"!"}"#)];
    for (kind, line) in lines {
        let (method, path) = (Method::POST, format!("/v1/catalog/{kind}/import"));
        places.push(Place { method, path, role: Role::Operator, sense: Sense::Lines(line) });
    }
    let files = [
        ("merchants", "id,name,commission_bp,return_address\n"),
        ("warehouses", "id,name,region\n"),
        ("carriers", "id,name_zh,name_en\n"),
        ("skus", "id,merchant,name,price_minor,currency\n"),
        ("boxes", "id,name,length_mm,width_mm,height_mm,tare_g,max_weight_g\n"),
        ("stock", "sku,warehouse,on_hand\n"),
    ];
    for (kind, header) in files {
        let (method, path) = (Method::POST, format!("/v1/catalog/{kind}/import"));
        places.push(Place { method, path, role: Role::Operator, sense: Sense::Csv(header) });
    }
    places
}

/// One of each kind that is described.
fn things() -> [(&'static str, Value); 7] {
    [
        (
            "merchants/m1",
            json!({"id": "m1", "name": "M", "commission_bp": 1, "return_address": "R",
            "shipping": {"fee_minor": 1}}),
        ),
        (
            "warehouses/wh-sh",
            json!({"id": "wh-sh", "name": "W", "region": "310115", "priority": 1,
            "sender": address()}),
        ),
        (
            "carriers/zto",
            json!({"id": "zto", "name": {"zh": "Z", "en": "Z"}, "priority": 1,
            "waybills": {"from": "pool"}, "limits": {"weight_at_most_g": 9, "not_to": ["54"]},
            "volumetric_divisor": 6_000, "services": [{"code": "a", "zones": [{"to": ["*"],
                "days": 1, "first_g": 1, "first_minor": 1, "step_g": 1, "step_minor": 1}]}]}),
        ),
        (
            "rates/m1",
            json!({"id": "m1", "currency": "CNY", "zones": [{"name": "all", "to": ["*"],
                "fee": {"by": "order", "fee_minor": 1}, "free_from_minor": 9}]}),
        ),
        (
            "skus/TEE",
            json!({"id": "TEE", "merchant": "m1", "name": "T", "price_minor": 1,
            "currency": "CNY", "weight_g": 1, "for_sale": true, "return_days": 7,
            "size_mm": {"length": 1, "width": 1, "height": 1}, "barcodes": ["x"]}),
        ),
        (
            "boxes/L",
            json!({"id": "L", "name": "Large", "warehouse": "wh-sh", "tare_g": 1,
            "max_weight_g": 2, "inner_mm": {"length": 1, "width": 1, "height": 1},
            "cost": {"amount": 1, "currency": "CNY"}}),
        ),
        ("policies/shop", json!({"id": "shop", "set": {"unpaid_ms": 900_000}})),
    ]
}

fn buying(purchase: &str, order: &str) -> Vec<Place> {
    let amount = json!({"amount": 12_800, "currency": "CNY"});
    let basket = json!({
        "lines": [{"sku": "TEE", "quantity": 1, "price": amount}], "delivery": address(),
        "gateway": "stripe", "method": "card", "total": amount, "note": "ring twice",
        "discounts": [{"id": "d", "amount": {"amount": 1, "currency": "CNY"}, "merchant": "m1",
            "on": "goods", "skus": ["TEE"]}],
        "points": {"id": "p", "amount": {"amount": 1, "currency": "CNY"}},
        "invoice": {"to": "person", "kind": "ordinary", "title": "Li Lei", "email": "li@b.cn"},
        "gift": {"message": "for you", "hide_prices": true},
    });
    let order = format!("/v1/orders/{order}");
    let cancelled = json!({"lines": [{"line": 1, "units": 1}], "reason": "changed_mind",
        "note": "too many"});
    let declined = json!({"reason": "suspected_fraud", "note": "nobody answers"});
    let elsewhere = json!({"delivery": address(), "note": "moved"});
    vec![
        post("/v1/purchases", Role::Buyer, basket.clone()),
        post("/v1/quotes", Role::Buyer, basket),
        get("/v1/orders", Role::Buyer),
        get("/v1/orders", Role::Support),
        get(&order, Role::Buyer),
        get(&format!("{order}/timeline"), Role::Buyer),
        get(&format!("/v1/purchases/{purchase}"), Role::Buyer),
        get(&format!("/v1/purchases/{purchase}/ledger"), Role::Finance),
        post(&format!("{order}/cancel"), Role::Buyer, cancelled),
        post(&format!("{order}/address"), Role::Buyer, elsewhere),
        post(&format!("{order}/confirm"), Role::Support, json!({"note": "called"})),
        post(&format!("{order}/decline"), Role::Support, declined),
        post(&format!("{order}/confirm-receipt"), Role::Buyer, json!({})),
        post(&format!("{order}/substitutes/1/accept"), Role::Buyer, json!({})),
        post(&format!("{order}/substitutes/1/decline"), Role::Support, json!({})),
    ]
}

fn routing(order: &str) -> Vec<Place> {
    let waiting = "/v1/fulfilment/orders";
    let moved = json!({"lines": [{"line": 1, "units": 1}], "to": "wh-sh", "away_from": "wh-sh",
        "reason": "goods_missing", "note": "not there"});
    vec![
        post(&format!("{waiting}/{order}/reroute"), Role::Warehouse, moved),
        get("/v1/orders?late=true", Role::Merchant),
        get(&format!("{waiting}?state=to_pick&limit=1"), Role::Warehouse),
        get(&format!("{waiting}?warehouse=wh-sh"), Role::Merchant),
    ]
}

fn sending(order: &str, parcel: &str, manifest: &str) -> Vec<Place> {
    let manifest = format!("/v1/shipping/manifests/{manifest}");
    let packing = json!({"order": order, "warehouse": "wh-sh", "weight_g": 500,
        "lines": [{"line": 1, "units": 1}]});
    let scanned = json!({"order": order, "warehouse": "wh-sh", "weight_g": 500, "box": "L",
        "weight_reason": "wet", "scans": [{"code": "x", "quantity": 1, "serial": "S"}]});
    let shipping = format!("/v1/shipping/parcels/{parcel}");
    let back = json!({"lines": [{"line": 1, "units": 1, "to": "restock"}]});
    vec![
        post("/v1/fulfilment/parcels", Role::Warehouse, packing),
        post("/v1/fulfilment/parcels", Role::Warehouse, scanned),
        post(&format!("/v1/fulfilment/parcels/{parcel}/unpack"), Role::Warehouse, json!({})),
        post("/v1/shipping/waybills", Role::Operator, json!({"carrier": "zto", "numbers": ["Z"]})),
        get(&shipping, Role::Warehouse),
        get(&format!("{shipping}/tracking"), Role::Support),
        get(&format!("/v1/shipping/pushes/{}", "0".repeat(64)), Role::Operator),
        get(&format!("/v1/orders/{order}/tracking?lang=en"), Role::Buyer),
        post(
            &format!("{shipping}/waybill"),
            Role::Warehouse,
            json!({"carrier": "yuantong", "service": "2", "waybill": "Y1"}),
        ),
        post(&format!("{shipping}/waybill/cancel"), Role::Warehouse, json!({})),
        get(&format!("{shipping}/carriers"), Role::Support),
        get("/v1/shipping/parcels?needs_person=true&warehouse=wh-sh", Role::Operator),
        get("/v1/shipping/manifests?warehouse=wh-sh", Role::Operator),
        post(
            "/v1/shipping/manifests",
            Role::Warehouse,
            json!({"warehouse": "wh-sh", "carrier": "yuantong", "waybills": ["Y1"]}),
        ),
        get(&format!("{manifest}?format=csv"), Role::Warehouse),
        get(&manifest, Role::Support),
        post(&format!("{manifest}/dispatch"), Role::Warehouse, json!({})),
        post(&format!("{shipping}/dispatch"), Role::Warehouse, json!({"promised_days": 2})),
        post(&format!("{shipping}/take-back"), Role::Warehouse, back),
    ]
}

/// A packing with something in it, and one that nobody needs.
async fn packing(shop: &Shop, order: &orderflow_tests::Order, parcel: &str) -> Vec<Place> {
    let packer = shop.warehouse("wh-sh");
    let packing = packer.opens_packing(order, &[(1, 1)]).await;
    let at = format!("/v1/fulfilment/packings/{}", packing.id);
    let papers = format!("/v1/print/parcels/{parcel}");
    let opened =
        json!({"order": order.id, "warehouse": "wh-sh", "lines": [{"line": 1, "units": 1}]});
    let scan = json!({"code": "TEE", "quantity": 1, "serial": "S-1"});
    let closing = json!({"weight_g": 500, "box": "L", "weight_reason": "wet", "rest_later": true});
    vec![
        post("/v1/fulfilment/packings", Role::Warehouse, opened),
        get(&at, Role::Warehouse),
        get(&format!("{at}/log?limit=2"), Role::Warehouse),
        get(&format!("{at}/boxes"), Role::Warehouse),
        post(&format!("{at}/scan"), Role::Warehouse, scan.clone()),
        post(&format!("{at}/unscan"), Role::Warehouse, scan),
        post(&format!("{at}/close"), Role::Warehouse, closing),
        post(&format!("{at}/abandon"), Role::Warehouse, json!({})),
        get("/v1/fulfilment/serials?sku=TEE&serial=S-1", Role::Support),
        post(&format!("{papers}/label"), Role::Warehouse, json!({"format": "zpl"})),
        post(&format!("{papers}/slip"), Role::Warehouse, json!({"format": "pdf"})),
        get(&format!("{papers}/prints?limit=1"), Role::Merchant),
    ]
}

/// A wave with a list that nobody walks.
async fn picking(shop: &Shop) -> Vec<Place> {
    let warehouse = shop.warehouse("wh-sh");
    warehouse.keeps("TEE", ("A", "1", "1")).await;
    let list = warehouse.plans_one_list("w1").await;
    let id = list["id"].as_str().unwrap();
    let order = list["tasks"][0]["orders"][0]["order"].as_str().unwrap();
    let list = format!("/v1/fulfilment/pick-lists/{id}");
    let rule = json!({"confirmed_before": "2026-03-02T01:00:00Z", "merchant": "m1",
        "zones": ["A"], "carriers": ["zto"], "lines_at_most": 1, "pieces_at_most": 2,
        "orders_at_most": 3});
    let wave = json!({"warehouse": "wh-sh", "method": "batch", "rule": rule,
        "orders_per_list": 20});
    let by_hand = json!({"warehouse": "wh-sh", "method": "zone", "orders": [order]});
    let found = json!({"scanned": "TEE", "quantity": 1,
        "short": {"outcome": "substitute", "sku": "TEE", "until": "2026-03-30T01:00:00Z"}});
    let put = |path: &str, body: Value| {
        let (method, role, sense) = (Method::PUT, Role::Warehouse, Sense::Json(body));
        Place { method, path: path.to_owned(), role, sense }
    };
    let bin = "/v1/catalog/warehouses/wh-sh/bins/TEE";
    let row = "warehouse,sku,zone,aisle,bin\n";
    let (method, path) = (Method::POST, "/v1/catalog/bins/import".to_owned());
    vec![
        get("/v1/catalog/warehouses/wh-sh/bins", Role::Support),
        get(bin, Role::Merchant),
        put(bin, json!({"zone": "A", "aisle": "1", "bin": "1"})),
        Place { method, path, role: Role::Warehouse, sense: Sense::Csv(row) },
        get("/v1/fulfilment/waves", Role::Warehouse),
        get("/v1/fulfilment/waves?warehouse=wh-sh&limit=1", Role::Operator),
        post("/v1/fulfilment/waves/preview", Role::Warehouse, wave.clone()),
        get("/v1/fulfilment/waves/w1", Role::Warehouse),
        put("/v1/fulfilment/waves/w1", wave),
        put("/v1/fulfilment/waves/w1", by_hand),
        get("/v1/fulfilment/waves/w1/lists?state=open&picker=wh-sh", Role::Warehouse),
        post("/v1/fulfilment/waves/w1/next", Role::Warehouse, json!({"picker": "mei"})),
        get(&list, Role::Warehouse),
        post(&format!("{list}/claim"), Role::Warehouse, json!({"picker": "mei"})),
        post(&format!("{list}/give-back"), Role::Warehouse, json!({})),
        post(&format!("{list}/call-off"), Role::Warehouse, json!({})),
        post(&format!("{list}/tasks/1/confirm"), Role::Warehouse, found),
        get("/v1/fulfilment/put-aways", Role::Warehouse),
        post(
            &format!("/v1/fulfilment/put-aways/{order}"),
            Role::Warehouse,
            json!({"warehouse": "wh-sh"}),
        ),
    ]
}

fn after_sale(order: &str, case: &str, approved: &str) -> Vec<Place> {
    let ask = json!({"order": order, "kind": "return_and_refund", "reason": "damaged",
        "lines": [{"line": 1, "units": 1}], "description": "a hole"});
    let received = json!({"lines": [{"line": 1, "units": 1, "warehouse": "wh-sh", "to": "scrap"}]});
    let case = format!("/v1/after-sales/{case}");
    let approved = format!("/v1/after-sales/{approved}");
    let label = json!({"carrier": "shunfeng", "waybill": "SF1"});
    vec![
        post("/v1/after-sales", Role::Buyer, ask),
        get(&case, Role::Buyer),
        post(&format!("{case}/approve"), Role::Merchant, json!({})),
        post(&format!("{case}/reject"), Role::Merchant, json!({"reason": "worn"})),
        post(&format!("{case}/withdraw"), Role::Buyer, json!({})),
        post(&format!("{approved}/send-back"), Role::Buyer, label),
        post(&format!("{approved}/receive"), Role::Warehouse, received),
    ]
}

fn settling(statement: &str, parcel: &str) -> Vec<Place> {
    let missing = "/v1/settlements/remittances/missing";
    let statement = format!("/v1/settlements/{statement}");
    vec![
        post("/v1/settlements", Role::Finance, json!({"merchant": "m1"})),
        Place {
            method: Method::POST,
            path: "/v1/settlements/remittances".to_owned(),
            role: Role::Finance,
            sense: Sense::Csv("carrier,remittance,waybill,amount,collected_on\n"),
        },
        get("/v1/settlements/remittances/missing", Role::Finance),
        get("/v1/settlements/remittances?verdict=over&assigned=false", Role::Finance),
        get("/v1/settlements/remittances/yuantong/R1", Role::Finance),
        post(
            "/v1/settlements/remittances/yuantong/R1/YT1/assign",
            Role::Finance,
            json!({"parcel": parcel, "reason": "mistyped"}),
        ),
        post(&format!("{missing}/{parcel}/write-off"), Role::Finance, json!({"reason": "gone"})),
        get(&statement, Role::Merchant),
        get(&format!("{statement}/lines"), Role::Merchant),
        post(&format!("{statement}/payout"), Role::Finance, json!({"reference": "bank"})),
    ]
}

async fn looking_after(shop: &Shop, parcel: &orderflow_tests::Parcel) -> Vec<Place> {
    let exception = shop.support().reports(parcel, "damaged").await;
    let exception = format!("/v1/exceptions/{}", exception["id"].as_str().unwrap());
    let amount = json!({"amount": {"amount": 1, "currency": "CNY"}});
    let again = json!({"outcome": "send_again", "borne_by": "carrier"});
    let wait = json!({"outcome": "wait", "hours": 1});
    let said = json!({"parcel": parcel.id, "kind": "lost", "note": "they called"});
    let owner = json!({"role": "support", "name": "agent-7"});
    vec![
        get("/v1/exceptions?kind=damaged&owner=none", Role::Merchant),
        get("/v1/exceptions?state=resolved", Role::Support),
        get(&exception, Role::Warehouse),
        post("/v1/exceptions", Role::Support, said),
        post(&format!("{exception}/assign"), Role::Support, owner),
        post(&format!("{exception}/note"), Role::Merchant, json!({"text": "I asked"})),
        post(&format!("{exception}/intercept"), Role::Support, json!({})),
        post(&format!("{exception}/not-intercepted"), Role::Support, json!({})),
        post(&format!("{exception}/claim"), Role::Merchant, amount.clone()),
        post(&format!("{exception}/claim/accept"), Role::Finance, amount),
        post(&format!("{exception}/claim/reject"), Role::Finance, json!({"reason": "no"})),
        post(&format!("{exception}/claim/pay"), Role::Finance, json!({"reference": "b"})),
        post(&format!("{exception}/resolve"), Role::Support, again),
        post(&format!("{exception}/resolve"), Role::Merchant, wait),
    ]
}

async fn telling(shop: &Shop, order: &orderflow_tests::Order) -> Vec<Place> {
    let how = json!({"phone": "13900139000", "email": "li@example.com", "push": ["d1"],
        "language": "en", "channels": {"order": ["sms", "email"]}, "opted_out": ["delivery"]});
    shop.buyer("li").is_told(how.clone()).await;
    let endpoint = shop.merchant("m1").endpoint().await["id"].as_str().unwrap().to_owned();
    let message = shop.merchant("m1").message(order, "order.paid", "endpoint").await;
    let message = format!("/v1/messages/{}", message["id"].as_str().unwrap());
    let settings = json!({"url": shop.hook("m1"), "events": ["order.*"], "contact": "a@b.cn"});
    let mut wish = settings.clone();
    wish["merchant"] = json!("m1");
    let endpoint = format!("/v1/endpoints/{endpoint}");
    let put = |path: &str, role: Role, body: Value| {
        let sense = Sense::Json(body);
        Place { method: Method::PUT, path: path.to_owned(), role, sense }
    };
    vec![
        get("/v1/buyers/me", Role::Buyer),
        get("/v1/buyers/li?personal=full", Role::Support),
        put("/v1/buyers/me", Role::Buyer, how),
        get("/v1/endpoints", Role::Merchant),
        post("/v1/endpoints", Role::Operator, wish),
        get(&endpoint, Role::Merchant),
        put(&endpoint, Role::Merchant, settings),
        post(&format!("{endpoint}/rotate"), Role::Merchant, json!({})),
        post(&format!("{endpoint}/ping"), Role::Merchant, json!({})),
        post(&format!("{endpoint}/enable"), Role::Merchant, json!({})),
        post(&format!("{endpoint}/disable"), Role::Merchant, json!({})),
        get(&format!("/v1/messages?order={}", order.id), Role::Support),
        get(&message, Role::Merchant),
        post(&format!("{message}/redeliver"), Role::Support, json!({})),
    ]
}

fn money(payment: &str, item: &str) -> Vec<Place> {
    let (item, payment_at) = (format!("/v1/suspense/{item}"), format!("/v1/payments/{payment}"));
    let refund = format!("{payment_at}/refunds/ref_0000000000000000000000000000000b");
    let paid = json!({"reference": "bank", "proof": "a letter"});
    vec![
        get("/v1/payments", Role::Finance),
        get(&payment_at, Role::Support),
        post(&format!("{payment_at}/recheck"), Role::Support, json!({})),
        post(&format!("{refund}/retry"), Role::Finance, json!({})),
        post(&format!("{refund}/offline"), Role::Finance, paid),
        get("/v1/suspense", Role::Finance),
        get(&item, Role::Finance),
        post(&format!("{item}/give"), Role::Finance, json!({"payment": payment})),
        post(&format!("{item}/refund"), Role::Finance, json!({})),
        post(&format!("{item}/keep"), Role::Finance, json!({"reason": "ours", "proof": "p"})),
    ]
}

fn partners(shop: &Shop, payment: &str, parcel: &orderflow_tests::Parcel) -> Vec<Place> {
    let signed = |path: &str, delivery: Delivery| {
        let (method, path) = (Method::POST, format!("/v1/webhooks/{path}"));
        Place { method, path, role: Role::Operator, sense: Sense::Signed(Box::new(delivery)) }
    };
    let scheduled = |name: &str| {
        let (method, path) = (Method::POST, format!("/v1/internal/{name}"));
        Place { method, path, role: Role::Operator, sense: Sense::Scheduled }
    };
    let (at, gateway) = (shop.now_s(), &shop.gateway);
    let money = (115_200, "cny");
    let scans = [shop.scan(0, DELIVERED)];
    let unknown = gateway.intent("pi_nonsense");
    let sf = format!("carriers/shunfeng-{}", partners::Trackers::SF_TOKEN);
    vec![
        signed("payments/stripe", unknown.failed(payment, money, "no_reason", at)),
        signed("payments/stripe", unknown.processing(payment, money.0, money.1, at)),
        signed("payments/stripe", unknown.dispute(payment, money.0, money.1, at)),
        signed("payments/wechatpay", gateway.wechatpay.refund_ended("ref_x", "SUCCESS", at)),
        signed("payments/alipay", gateway.alipay.refunded(payment, at)),
        signed("carriers/kuaidi100", shop.trace(parcel, &scans)),
        signed(&sf, shop.trackers.sf_pushes(&[("SF1", shop.scan(0, ("50", "x")))])),
        signed("carriers/17track", shop.trackers.seventeen_track_pushes(3011, "R1", &scans)),
        signed("carriers/aftership", shop.trackers.aftership_pushes("ups", "1Z", &scans, at)),
        signed("carriers/easypost", shop.trackers.easypost_pushes("UPS", "1Z", &scans)),
        signed("carriers/kuaidi100", shop.carrier.gives_up("zto", "Z1", &scans, "60天无变化")),
        scheduled("tick"),
        scheduled("dispatch"),
    ]
}

/// What a place would be sent if it made sense.
pub fn sensible(place: &Place) -> Bytes {
    match &place.sense {
        Sense::Nothing | Sense::Scheduled => Bytes::new(),
        Sense::Json(body) => Bytes::from(body.to_string()),
        Sense::Csv(text) | Sense::Lines(text) => Bytes::from_static(text.as_bytes()),
        Sense::Signed(delivery) => delivery.body.clone(),
    }
}
