//! Checkout as tables: one thing is changed in a basket that is right, and these faults are told.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{basket, cny, currency, faults_of, line, placed, shelf, sku, try_place};
use domain::*;

/// What is changed, and the faults that follow.
type Row = (&'static str, fn(&mut PlacePurchase), &'static [&'static str]);

fn check(rows: &[Row]) {
    for (what, alter, expected) in rows {
        let mut wanted = basket(&[("TEE", 2), ("POT", 1)]);
        alter(&mut wanted);
        assert_eq!(faults_of(&shelf(), &wanted, &Policy::default()), *expected, "{what}");
    }
}

fn discount(id: &str, minor: i64) -> Discount {
    Discount::new(id, cny(minor))
}

#[test]
fn a_basket_is_refused_for_what_is_wrong_with_its_lines() {
    check(&[
        ("nothing is wrong", |_| {}, &[]),
        ("no lines", |w| w.lines.clear(), &["#/lines no_lines"]),
        ("201 lines", |w| w.lines = vec![line("TEE", 1); 201], &["#/lines too_many_lines"]),
        ("none of it", |w| w.lines[0].quantity = 0, &["#/lines/0/quantity quantity_out_of_range"]),
        ("negative", |w| w.lines[1].quantity = -1, &["#/lines/1/quantity quantity_out_of_range"]),
        (
            "more than a line may have",
            |w| w.lines[0].quantity = i64::MAX,
            &["#/lines/0/quantity quantity_out_of_range", "#/lines amount_too_large"],
        ),
        ("an SKU twice", |w| w.lines.push(line("TEE", 1)), &["#/lines/2/sku repeated_sku"]),
        ("no SKU of ours", |w| w.lines.push(line("HAT", 1)), &["#/lines/2/sku unknown_sku"]),
        (
            "another price than was shown",
            |w| w.lines[0].price = Some(cny(12_799)),
            &["#/lines/0/price price_differs"],
        ),
        (
            "the right price in another currency",
            |w| w.lines[0].price = Some(Money::new(12_800, currency("JPY"))),
            &["#/lines/0/price price_differs"],
        ),
        ("more than is there", |w| w.lines[0].quantity = 11, &["#/lines/0/quantity out_of_stock"]),
    ]);
}

#[test]
fn amounts_that_nobody_can_mean_are_refused() {
    check(&[
        (
            "negative",
            |w| w.discounts.push(discount("a", -1)),
            &["#/discounts/0/amount amount_out_of_range"],
        ),
        (
            "huge",
            |w| w.discounts.push(discount("a", i64::MAX)),
            &["#/discounts/0/amount amount_out_of_range"],
        ),
        ("nothing", |w| w.discounts.push(discount("a", 0)), &[]),
        (
            "in another currency",
            |w| w.discounts.push(Discount::new("a", Money::new(1, currency("USD")))),
            &["#/discounts/0/amount currency_differs"],
        ),
        (
            "more than the goods cost",
            |w| w.discounts.push(discount("a", 2 * 12_800 + 6_660 + 1)),
            &["#/discounts/0/amount discount_exceeds_goods"],
        ),
        (
            "the second one more than the first has left",
            |w| w.discounts.extend([discount("a", 30_000), discount("b", 2_261)]),
            &["#/discounts/1/amount discount_exceeds_goods"],
        ),
        (
            "points for more than is left to pay",
            |w| {
                w.discounts.push(discount("a", 30_000));
                w.points = Some(Points { id: "p".into(), amount: cny(2_261) });
            },
            &["#/points/amount points_exceed_goods"],
        ),
        (
            "negative points",
            |w| w.points = Some(Points { id: "p".into(), amount: cny(-5) }),
            &["#/points/amount amount_out_of_range"],
        ),
        (
            "more off shipping than it costs",
            |w| {
                let on = DiscountOn::Shipping;
                w.discounts.push(Discount { on, ..discount("a", 1_601) });
            },
            &["#/discounts/0/amount discount_exceeds_shipping"],
        ),
        ("another total", |w| w.total = Some(cny(33_859)), &["#/total total_differs"]),
        ("the right total", |w| w.total = Some(cny(2 * 12_800 + 6_660 + 1_600)), &[]),
        (
            "the right total in another currency",
            |w| w.total = Some(Money::new(33_860, currency("USD"))),
            &["#/total total_differs"],
        ),
    ]);
}

#[test]
fn a_promotion_speaks_of_what_is_in_the_basket() {
    check(&[
        (
            "of a merchant who is not there",
            |w| {
                let merchant = Some(MerchantId::parse("m3").unwrap());
                w.discounts.push(Discount { merchant, ..discount("a", 1) });
            },
            &["#/discounts/0/merchant not_in_basket"],
        ),
        (
            "of a line that is not there",
            |w| {
                let skus = ["TEE", "CAP"].map(|sku| SkuId::parse(sku).unwrap()).into();
                w.discounts.push(Discount { skus, ..discount("a", 1) });
            },
            &["#/discounts/0/skus/1 not_in_basket"],
        ),
        (
            "the same twice",
            |w| w.discounts.extend([discount("a", 1), discount("a", 1)]),
            &["#/discounts/1/id repeated"],
        ),
        ("without an id", |w| w.discounts.push(discount("", 1)), &["#/discounts/0/id missing"]),
    ]);
}

#[test]
fn words_and_invoices_have_a_form() {
    fn company(tax_no: Option<&str>) -> Option<Invoice> {
        let (to, kind) = (InvoiceTo::Company, InvoiceKind::Special);
        let (title, tax_no) = ("某某有限公司".to_owned(), tax_no.map(str::to_owned));
        Some(Invoice { to, kind, title, tax_no, email: Some("a@b.cn".to_owned()) })
    }
    check(&[
        ("a company", |w| w.invoice = company(Some("91350100M000100Y43")), &[]),
        ("without number", |w| w.invoice = company(None), &["#/invoice/tax_no missing"]),
        (
            "one sign is wrong",
            |w| w.invoice = company(Some("91350100M000100Y44")),
            &["#/invoice/tax_no not_a_tax_number"],
        ),
        (
            "everything of it",
            |w| {
                let (to, kind) = (InvoiceTo::Person, InvoiceKind::Special);
                let (title, email) = ("李".to_owned(), Some("nobody".to_owned()));
                w.invoice = Some(Invoice { to, kind, title, tax_no: None, email });
            },
            &[
                "#/invoice/title too_short",
                "#/invoice/kind only_for_companies",
                "#/invoice/email not_an_email",
            ],
        ),
        ("a long note", |w| w.note = Some("x".repeat(501)), &["#/note too_long"]),
        (
            "a long card",
            |w| w.gift = Some(Gift { message: Some("祝".repeat(201)), hide_prices: true }),
            &["#/gift/message too_long"],
        ),
    ]);
}

#[test]
fn limits_are_the_shops_own() {
    let wanted = basket(&[("TEE", 2), ("POT", 1)]);
    let told = |policy: Policy| faults_of(&shelf(), &wanted, &policy);
    let default = Policy::default;
    assert_eq!(told(Policy { lines_at_most: 1, ..default() }), ["#/lines too_many_lines"]);
    assert_eq!(
        told(Policy { pieces_at_most: 1, ..default() }),
        ["#/lines/0/quantity quantity_out_of_range"]
    );
    assert_eq!(told(Policy { pieces_in_all_at_most: 2, ..default() }), ["#/lines too_many_pieces"]);
    assert_eq!(
        told(Policy { amount_at_most_minor: 32_259, ..default() }),
        ["#/lines amount_too_large"]
    );
    assert!(told(Policy { amount_at_most_minor: 32_260, ..default() }).is_empty());
    let patient = Policy { unpaid_at_most: Some(3), ..default() };
    let busy = Shelf { unpaid: 3, ..shelf() };
    assert_eq!(faults_of(&busy, &wanted, &patient), ["# too_many_unpaid"]);
    assert!(faults_of(&Shelf { unpaid: 2, ..shelf() }, &wanted, &patient).is_empty());
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut wanted = basket(&[("TEE", 11), ("HAT", 1), ("POT", 0)]);
    wanted.lines[0].price = Some(cny(1));
    wanted.delivery.phone = "12".to_owned();
    wanted.delivery.region = Some("310299".to_owned());
    wanted.note = Some("x".repeat(501));
    let told = faults_of(&shelf(), &wanted, &Policy::default());
    assert_eq!(
        told,
        [
            "#/lines/0/price price_differs",
            "#/lines/1/sku unknown_sku",
            "#/lines/2/quantity quantity_out_of_range",
            "#/delivery/region unknown_region",
            "#/delivery/phone not_a_phone_number",
            "#/note too_long",
            "#/lines/0/quantity out_of_stock",
        ]
    );
}

#[test]
fn only_lines_that_lack_goods_are_named_and_a_wrong_total_beside_them() {
    let mut wanted = basket(&[("TEE", 11), ("CAP", 10), ("MUG", 99)]);
    wanted.total = Some(cny(1));
    let told = faults_of(&shelf(), &wanted, &Policy::default());
    let expected = [
        "#/lines/0/quantity out_of_stock",
        "#/lines/2/quantity out_of_stock",
        "#/total total_differs",
    ];
    assert_eq!(told, expected);
}

#[test]
fn two_currencies_are_not_in_one_basket() {
    let mut shelf = shelf();
    let mut pot = sku("POT", "m2", 6_660);
    pot.currency = currency("USD");
    shelf.skus.insert(pot.id.clone(), pot);
    let told = faults_of(&shelf, &basket(&[("TEE", 1), ("POT", 1)]), &Policy::default());
    assert_eq!(told, ["#/lines/1/sku currency_differs"]);
}

#[test]
fn what_is_taken_off_lands_where_it_was_meant_and_is_kept_by_its_id() {
    let mut wanted = basket(&[("TEE", 1), ("CAP", 1), ("POT", 1)]);
    let merchant = Some(MerchantId::parse("m1").unwrap());
    let skus = vec![SkuId::parse("POT").unwrap()];
    wanted.discounts = vec![
        Discount { merchant: merchant.clone(), ..discount("of-m1", 1_780) },
        Discount { skus, ..discount("of-pot", 660) },
        Discount { on: DiscountOn::Shipping, merchant, ..discount("of-shipping", 400) },
    ];
    wanted.points = Some(Points { id: "spend-1".into(), amount: cny(2_202) });
    let placed = placed(&wanted);
    let (m1, m2) = (&placed.orders[0], &placed.orders[1]);
    let off = |order: &Order| -> Vec<(i64, i64)> {
        order.lines.iter().map(|l| (l.discount_minor, l.points_minor)).collect()
    };
    // 11520, 4500 and 6000 are left; points take a tenth.
    assert_eq!(off(m1), [(1_280, 1_152), (500, 450)]);
    assert_eq!(off(m2), [(660, 600)]);
    assert_eq!((m1.shipping.fee_minor, m1.shipping.paid_minor), (1_000, 600));
    assert_eq!(m2.shipping.paid_minor, 600);
    assert_eq!(m1.total_minor, 10_368 + 4_050 + 600);
    assert_eq!(m2.total_minor, 5_400 + 600);
    let told: Vec<(&str, i64)> =
        m1.promotions.iter().map(|p| (p.id.as_str(), p.amount_minor)).collect();
    assert_eq!(told, [("of-m1", 1_780), ("of-shipping", 400)]);
    assert_eq!(m2.promotions.len(), 1);
    assert_eq!(m1.points.as_ref().map(|p| p.amount_minor), Some(1_602));
    assert_eq!(m2.points.as_ref().map(|p| p.id.as_str()), Some("spend-1"));
}

#[test]
fn points_do_not_cost_free_shipping() {
    let mut wanted = basket(&[("POT", 2)]);
    wanted.points = Some(Points { id: "p".into(), amount: cny(13_000) });
    assert_eq!(placed(&wanted).orders[0].shipping.fee_minor, 0, "133.20 of goods, free from 100");
    wanted.points = None;
    wanted.discounts.push(discount("a", 3_321));
    assert_eq!(placed(&wanted).orders[0].shipping.fee_minor, 600, "99.99 after the discount");
}

#[test]
fn goods_are_held_as_long_as_the_way_to_pay_takes() {
    let text = r#"{"unpaid_ms": 1800000, "hold_ms": {"stripe": 600000,
        "stripe/bank_transfer": 86400000}, "extend_ms": 60000}"#;
    let policy: Policy = serde_json::from_str(text).unwrap();
    let until = |method: Option<&str>| {
        let mut wanted = basket(&[("TEE", 1)]);
        wanted.method = method.map(|name| MethodName::parse(name).unwrap());
        let placed = try_place(&shelf(), &wanted, &policy).unwrap();
        assert_eq!(placed.payment.extend_ms, 60_000);
        let deadline = placed.orders[0].deadline();
        assert_eq!(placed.payment.life, PaymentLife::Open { until: deadline.unwrap() });
        deadline.unwrap().0
    };
    assert_eq!(until(None), 600_000);
    assert_eq!(until(Some("card")), 600_000);
    assert_eq!(until(Some("bank_transfer")), DAY);
    let other = GatewayName::parse("wechatpay").unwrap();
    assert_eq!(policy.hold_for(&other, None), 30 * MINUTE);
}

#[test]
fn what_was_not_asked_for_takes_no_room_in_the_order() {
    let order = serde_json::to_value(&placed(&basket(&[("TEE", 1)])).orders[0]).unwrap();
    let names = ["promotions", "points", "note", "invoice", "gift", "open_cases"];
    assert!(names.iter().all(|name| order.get(name).is_none()), "{order}");
    assert!(order["lines"][0].get("points_minor").is_none(), "{order}");
    let read: Order = serde_json::from_value(order.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), order);
}

#[test]
fn too_much_for_the_courier_is_told_with_everything_else() {
    let mut shelf = shelf();
    shelf.merchants.values_mut().for_each(|merchant| merchant.cash_on_delivery = true);
    let text = r#"{"cash_on_delivery": {"amount_at_most_minor": 20000}}"#;
    let policy: Policy = serde_json::from_str(text).unwrap();
    let mut wanted = basket(&[("TEE", 2)]);
    wanted.gateway = GatewayName::cash();
    let told = |wanted: &PlacePurchase| faults_of(&shelf, wanted, &policy);
    assert_eq!(told(&wanted), ["#/gateway too_much_cash"]);
    wanted.delivery.phone = "12345".to_owned();
    assert_eq!(told(&wanted), ["#/delivery/phone not_a_phone_number", "#/gateway too_much_cash"]);
    // It is each order that counts, with its shipping: 160.00 of one merchant, 72.60 of the other.
    let mut wanted = basket(&[("CAP", 3), ("POT", 1)]);
    wanted.gateway = GatewayName::cash();
    assert_eq!(told(&wanted), Vec::<String>::new());
    wanted.lines[0].quantity = 4;
    assert_eq!(told(&wanted), ["#/gateway too_much_cash"]);
}
