//! What warehouses and carriers do.

use super::{Intent, Kind};
use crate::life::Life;
use crate::model::{Case as Asked, Line, Order, Stage};
use http::Method;
use orderflow_tests::{Case, Parcel, Value, json};

/// Packs units that a warehouse holds.
fn packing<'s>(
    life: &mut Life<'s>,
    id: &str,
    warehouse: &str,
    lines: &[Value],
) -> Option<Intent<'s>> {
    // No two parcels weigh the same: the weight tells whether one was packed twice.
    let weight = life.number();
    let body = json!({"order": id, "warehouse": warehouse, "lines": lines, "weight_g": weight});
    let ask = life.shop.warehouse(warehouse).post("/v1/fulfilment/parcels", &body);
    life.keyed(format!("{warehouse} packs {id} {}", json!(lines)), ask)
}

/// A warehouse with pieces of the order that are in no parcel.
fn a_warehouse(life: &Life<'_>, id: &str, order: &Order) -> Option<String> {
    let model = &life.auditor.model;
    let held = order.lines.iter().flat_map(|(no, line)| line.held.keys().map(move |w| (*no, w)));
    let mut open = held.filter(|(no, warehouse)| model.packable(id, *no, warehouse) > 0);
    open.next().map(|(_, warehouse)| warehouse.clone())
}

pub fn packs<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, order) =
        life.an_order(|order| order.stage == Stage::Paid && order.sum(Line::open) > 0)?;
    let warehouse = a_warehouse(life, &id, &order)?;
    let mut lines = Vec::new();
    for no in order.lines.keys() {
        let fits = life.auditor.model.packable(&id, *no, &warehouse);
        let most = fits + i64::from(life.chance.percent(4));
        if most > 0 && life.chance.percent(85) {
            let all = life.chance.percent(60);
            let units = if all { most } else { life.chance.between(1, most) };
            lines.push(json!({"line": no, "units": units}));
        }
    }
    if lines.is_empty() { None } else { packing(life, &id, &warehouse, &lines) }
}

/// Packs everything of an order that one warehouse still holds.
pub fn packs_all<'s>(life: &mut Life<'s>, id: &str) -> Option<Intent<'s>> {
    let order = life.auditor.model.orders.get(id)?.clone();
    let warehouse = a_warehouse(life, id, &order)?;
    let units = |no: &i64| (*no, life.auditor.model.packable(id, *no, &warehouse));
    let lines = order.lines.keys().map(units).filter(|(_, units)| *units > 0);
    let lines: Vec<Value> = lines.map(|(no, units)| json!({"line": no, "units": units})).collect();
    if lines.is_empty() { None } else { packing(life, id, &warehouse, &lines) }
}

/// Gives an order up to whoever has it, or names one who may.
pub fn reroutes<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, order) = life.an_order(|order| order.sum(Line::open) > 0)?;
    let warehouse = a_warehouse(life, &id, &order)?;
    let mut body = json!({"reason": "goods_missing", "away_from": warehouse});
    if life.chance.percent(40) {
        let no = *order.lines.keys().next()?;
        let most = life.auditor.model.packable(&id, no, &warehouse);
        let units = life.chance.between(1, most.max(1));
        body["lines"] = json!([{"line": no, "units": units}]);
    }
    if life.chance.percent(30) {
        body["to"] = json!(life.chance.pick(&["wh-sh", "wh-gz", "wh-bj"]));
    }
    let path = format!("/v1/fulfilment/orders/{id}/reroute");
    let ask = life.shop.operator().post(&path, &body);
    life.keyed(format!("{id} is sent from elsewhere than {warehouse} {body}"), ask)
}

fn named(id: &str) -> Parcel {
    Parcel { id: id.to_owned(), carrier: String::new(), waybill: String::new() }
}

pub fn unpacks<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, parcel) = life.a_parcel(|parcel| parcel.state == "packed")?;
    let path = format!("/v1/fulfilment/parcels/{id}/unpack");
    let ask = life.shop.warehouse(&parcel.warehouse).post(&path, &json!({}));
    life.keyed(format!("{} unpacks {id}", parcel.warehouse), ask)
}

fn labels<'s>(life: &mut Life<'s>, id: &str, warehouse: &str) -> Option<Intent<'s>> {
    let carrier = life.chance.pick(&["yuantong", "yuantong", "zto"]);
    label_of(life, (id, warehouse), carrier)
}

/// With a number of a carrier that has plenty of them.
pub fn labels_surely<'s>(life: &mut Life<'s>, id: &str, warehouse: &str) -> Option<Intent<'s>> {
    label_of(life, (id, warehouse), "yuantong")
}

fn label_of<'s>(
    life: &mut Life<'s>,
    (id, warehouse): (&str, &str),
    carrier: &str,
) -> Option<Intent<'s>> {
    let ask = life.shop.warehouse(warehouse).label(&named(id), carrier);
    life.keyed(format!("{warehouse} labels {id} with a number of {carrier}"), ask)
}

/// A carrier that is short of numbers gives a few: packers fight for them.
pub fn pools_numbers<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let numbers = [format!("ZT{}", life.number()), format!("ZT{}", life.number())];
    let body = json!({"carrier": "zto", "numbers": numbers});
    let ask = life.shop.operator().post("/v1/shipping/waybills", &body);
    life.keyed(format!("zto gives {}", numbers.join(" ")), ask)
}

/// Several packers want numbers of the carrier that is short of them.
pub fn label_at_once<'s>(life: &mut Life<'s>) -> Vec<Intent<'s>> {
    let parcels = life.auditor.model.parcels.iter();
    let bare = parcels.filter(|(_, parcel)| parcel.state == "packed" && parcel.label.is_none());
    let bare: Vec<_> = bare.take(4).map(|(id, p)| (id.clone(), p.warehouse.clone())).collect();
    bare.iter().filter_map(|(id, from)| label_of(life, (id, from), "zto")).collect()
}

pub fn labels_one<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(5);
    let (id, parcel) =
        life.a_parcel(|parcel| parcel.state == "packed" && (any || parcel.label.is_none()))?;
    labels(life, &id, &parcel.warehouse)
}

pub fn ships<'s>(life: &mut Life<'s>, id: &str, warehouse: &str) -> Option<Intent<'s>> {
    let ask = life.shop.warehouse(warehouse).hand_over(&named(id));
    life.keyed(format!("{warehouse} ships {id}"), ask)
}

pub fn ships_one<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, parcel) = life.a_parcel(|parcel| parcel.state == "packed")?;
    let mut ships = ships(life, &id, &parcel.warehouse)?;
    // Sometimes the carrier's driver promises when it will be there.
    if life.chance.percent(20) {
        let days = life.chance.between(1, 4);
        ships.ask = ships.ask.json(&json!({"promised_days": days}));
        ships.what = format!("{}, promised in {days} days", ships.what);
    }
    Some(ships)
}

fn came_back(line: i64, units: i64, to: &str) -> Value {
    json!({"line": line, "units": units, "warehouse": "wh-sh", "to": to})
}

/// What comes back is not what was announced: less, more, damaged, for another shelf.
pub fn receives<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, case) = life.a_case(|case| matches!(case.state, "awaiting_return" | "returning"))?;
    let mut lines = Vec::new();
    for (no, announced) in &case.picks {
        let most = *announced + i64::from(life.chance.percent(5));
        let came = if life.chance.percent(70) { *announced } else { life.chance.between(0, most) };
        let to = life.chance.pick(&["restock", "restock", "scrap", "refurbish", "back_to_buyer"]);
        let apart = came > 1 && life.chance.percent(30);
        let first = if apart { 1 } else { came };
        let line = |units: i64, to: &str| came_back(*no, units, to);
        if came > 0 {
            lines.push(line(first, to));
        }
        if apart {
            lines.push(line(came - first, "restock"));
        }
    }
    receiving(life, (&id, &case), &lines)
}

fn receiving<'s>(
    life: &mut Life<'s>,
    (id, case): (&str, &Asked),
    lines: &[Value],
) -> Option<Intent<'s>> {
    let who = life.shop.warehouse("wh-sh");
    let ask = who.step(&Case { id: id.to_owned() }, "receive", &json!({"lines": lines}));
    life.keyed(format!("wh-sh receives for {id} of {} {}", case.order, json!(lines)), ask)
}

/// Everything that was announced comes back whole.
pub fn receives_all<'s>(life: &mut Life<'s>, id: &str) -> Option<Intent<'s>> {
    let case = life.auditor.model.cases.get(id)?.clone();
    let line = |(no, units): &(i64, i64)| came_back(*no, *units, "restock");
    let lines: Vec<Value> = case.picks.iter().map(line).collect();
    receiving(life, (id, &case), &lines)
}

/// Somebody counts a shelf: what is there now may be more or less than what was believed.
pub fn counts_stock<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let shelves: Vec<(String, String)> = life.auditor.model.stock.keys().cloned().collect();
    let (sku, warehouse) = shelves.get(life.chance.below(shelves.len().max(1)))?.clone();
    let pieces = life.chance.between(0, 12);
    let file = format!("sku,warehouse,on_hand\n{sku},{warehouse},{pieces}\n");
    let ask = life.shop.operator().import("stock", file);
    life.intent(format!("{pieces} of {sku} are counted in {warehouse}"), ask, Kind::Free)
}

/// Pieces come, are found, or are lost.
pub fn adjusts_stock<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let shelves: Vec<(String, String)> = life.auditor.model.stock.keys().cloned().collect();
    let (sku, warehouse) = shelves.get(life.chance.below(shelves.len().max(1)))?.clone();
    let (reason, delta) = match life.chance.below(3) {
        0 => ("received", life.chance.between(1, 9)),
        1 => ("found", 1),
        _ => ("lost", -1),
    };
    let key = format!("stock-{}", life.number());
    let lines = [(sku.as_str(), warehouse.as_str(), delta)];
    let ask = life.shop.operator().adjust(reason, json!(key), &lines).key(&key);
    life.keyed(format!("{delta} of {sku} are {reason} in {warehouse}"), ask)
}

/// A carrier sees something and tells it: all it knows, or only a part of it.
pub fn tells_scans<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let early = life.chance.percent(10);
    let (_, parcel) =
        life.a_parcel(|parcel| parcel.label.is_some() && (parcel.state == "shipped" || early))?;
    let label = parcel.label?;
    for _ in 0..life.chance.below(3) {
        let draw = life.chance.below(24);
        life.traces.sees(life.shop, &label, draw);
    }
    let mut scans = life.traces.of(&label);
    if life.chance.percent(30) {
        let chance = &mut life.chance;
        scans.retain(|_| chance.percent(60));
    }
    pushes(life, &label, scans)
}

pub fn pushes<'s>(
    life: &mut Life<'s>,
    label: &str,
    scans: Vec<orderflow_tests::Scan>,
) -> Option<Intent<'s>> {
    let (carrier, waybill) = label.split_once(':')?;
    if scans.is_empty() {
        return None;
    }
    let push = life.shop.carrier.trace(carrier, waybill, &scans);
    let mut ask = life.shop.nobody(Method::POST, "/v1/webhooks/carriers/kuaidi100");
    (ask.headers, ask.body) = (push.headers.clone(), push.body.clone());
    let seen: Vec<&str> = scans.iter().map(|scan| scan.code.as_str()).collect();
    let what = format!("the carrier tells of {label}: {}", seen.join(" "));
    life.intent(what, ask, Kind::Scans(label.to_owned(), scans))
}
