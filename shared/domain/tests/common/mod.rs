//! A small shop for the tables of checkout: three SKUs of one merchant, one of another.

// Not every table needs all of it.
#![allow(dead_code)]

use domain::*;

/// Ids that count up.
pub fn ids() -> impl FnMut() -> u128 {
    let mut n = 0;
    move || {
        n += 1;
        n
    }
}

pub fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

pub fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

pub fn sku(id: &str, merchant: &str, price_minor: i64) -> Sku {
    Sku {
        id: SkuId::parse(id).unwrap(),
        merchant: MerchantId::parse(merchant).unwrap(),
        name: id.to_owned(),
        price_minor,
        currency: Currency::CNY,
        weight_g: 400,
        active: true,
        for_sale: true,
        size_mm: None,
        barcodes: Vec::new(),
        return_days: None,
        return_exception: None,
        serial_kept: false,
        warranty_months: None,
        low_stock: None,
    }
}

fn merchant(id: &str, fee_minor: i64, free_from_minor: Option<i64>) -> Merchant {
    Merchant {
        id: MerchantId::parse(id).unwrap(),
        name: id.to_owned(),
        active: true,
        commission_bp: 500,
        service_fee_minor: 100,
        account_period: AccountPeriod::default(),
        return_address: "here".to_owned(),
        contacts: Vec::new(),
        shipping: ShippingTerms { fee_minor, free_from_minor },
        cash_on_delivery: false,
    }
}

/// TEE at 128.00, CAP at 50.00 and MUG at 3.33 of m1, who ships for 10.00; POT at 66.60 of m2, who
/// ships for 6.00, or for nothing from 100.00 on. Ten of each.
pub fn shelf() -> Shelf {
    let skus = [
        sku("TEE", "m1", 12_800),
        sku("CAP", "m1", 5_000),
        sku("MUG", "m1", 333),
        sku("POT", "m2", 6_660),
    ];
    let stock = |sku: &Sku| Available {
        sku: sku.id.clone(),
        warehouse: WarehouseId::parse("w1").unwrap(),
        region: "310115".to_owned(),
        cost_minor: 0,
        priority: 0,
        pieces: 10,
    };
    let merchants = [merchant("m1", 1_000, None), merchant("m2", 600, Some(10_000))];
    Shelf {
        stock: skus.iter().map(stock).collect(),
        skus: skus.into_iter().map(|s| (s.id.clone(), s)).collect(),
        merchants: merchants.into_iter().map(|m| (m.id.clone(), m)).collect(),
        ..Shelf::default()
    }
}

pub fn line(sku: &str, quantity: i64) -> LineWanted {
    LineWanted { sku: SkuId::parse(sku).unwrap(), quantity, price: None }
}

pub fn basket(lines: &[(&str, i64)]) -> PlacePurchase {
    let lines = lines.iter().map(|(sku, quantity)| line(sku, *quantity)).collect();
    let delivery = DeliveryWanted::in_china("李雷", "13800138000", "310104", "漕溪路 1 号");
    let gateway = GatewayName::parse("stripe").unwrap();
    PlacePurchase::new(BuyerId::parse("alice").unwrap(), lines, delivery, gateway)
}

/// Places it at the beginning of time.
pub fn try_place(
    shelf: &Shelf,
    wanted: &PlacePurchase,
    policy: &Policy,
) -> Result<Placed, Refusal> {
    let mut change = Change::new(Actor::Buyer("alice".into()), Millis(0));
    place(&mut change, shelf, wanted, policy, &mut ids())
}

pub fn placed(wanted: &PlacePurchase) -> Placed {
    try_place(&shelf(), wanted, &Policy::default()).expect("it can be placed")
}

/// The faults that a purchase is refused for, as pointer and code.
pub fn faults_of(shelf: &Shelf, wanted: &PlacePurchase, policy: &Policy) -> Vec<String> {
    match try_place(shelf, wanted, policy) {
        Err(Refusal::Faulty(faults)) => {
            faults.iter().map(|f| format!("{} {}", f.pointer, f.what.word())).collect()
        }
        Err(other) => panic!("expected faults, got {other:?}"),
        Ok(_) => Vec::new(),
    }
}
