//! What pickers do, and what a carrier's driver takes with him.

use super::{Intent, Kind};
use crate::life::Life;
use crate::model::{PickList, Task};
use orderflow_tests::{Value, json};

const WAREHOUSES: [&str; 3] = ["wh-sh", "wh-gz", "wh-bj"];

/// A wave of all that waits, of some of it by a rule, or of these very orders.
pub fn plans<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let warehouse = life.chance.pick(&WAREHOUSES);
    let waiting = life.auditor.model.to_pick(warehouse);
    if waiting.is_empty() && life.chance.percent(90) {
        return None;
    }
    let method = life.chance.pick(&["single", "batch", "batch", "zone"]);
    let by_hand = waiting.iter().take(3).collect::<Vec<_>>();
    let which = match life.chance.below(5) {
        0 if !by_hand.is_empty() => json!({"orders": by_hand}),
        1 => json!({"rule": {"lines_at_most": 1}}),
        2 => json!({"rule": {"orders_at_most": 2}}),
        _ => json!({"rule": {}}),
    };
    let mut wanted = which;
    wanted["method"] = json!(method);
    let name = format!("wave-{}", life.number());
    let ask = life.shop.warehouse(warehouse).plan_wave(&name, &wanted);
    life.intent(format!("{warehouse} plans {name} {wanted}"), ask, Kind::Free)
}

fn a_list(life: &mut Life<'_>) -> Option<(String, PickList)> {
    let any = life.chance.percent(5);
    let all = life.auditor.model.lists.iter().filter(|(_, list)| any || !list.is_over());
    let all: Vec<(String, PickList)> = all.map(|(id, list)| (id.clone(), list.clone())).collect();
    if all.is_empty() { None } else { Some(all[life.chance.below(all.len())].clone()) }
}

fn step<'s>(life: &mut Life<'s>, what: &str) -> Option<Intent<'s>> {
    let (id, list) = a_list(life)?;
    let who = match life.chance.below(5) {
        0 => life.shop.operator(),
        _ => life.shop.warehouse(&list.warehouse),
    };
    let ask = who.list_step(&json!({"id": id}), what);
    life.keyed(format!("{} says {what} to {id}", who.sub), ask)
}

pub fn takes<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    step(life, "claim")
}

/// A picker goes home, or nobody is to walk it any more.
pub fn leaves<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let what = life.chance.pick(&["give-back", "call-off"]);
    step(life, what)
}

/// What a picker says of a task: all was there, or some, or something that cannot be.
fn said(life: &mut Life<'_>, (list, task): (&PickList, &Task)) -> Value {
    let wanted = |portion| life.auditor.model.wanted(portion, &list.warehouse);
    let wanted: i64 = task.portions.iter().map(wanted).sum();
    let draw = life.chance.below(10);
    let found = match draw {
        0..4 if wanted > 0 => life.chance.between(0, wanted - 1),
        9 if life.chance.percent(20) => wanted + 1,
        _ => wanted,
    };
    let outcomes = ["refund", "refund", "other_warehouse", "wait", "substitute", "substitute"];
    let mut said = json!({"scanned": task.sku, "quantity": found});
    if found < wanted {
        let outcome = life.chance.pick(&outcomes);
        said["short"] = short(life, outcome, &task.sku);
    }
    said
}

/// What is not cheaper, and of the same merchant.
fn dearer(sku: &str) -> &'static str {
    match sku {
        "TEE" | "PEN" => "CAP",
        _ => "JAR",
    }
}

/// What becomes of what was not found; sometimes something is offered that nobody can have.
fn short(life: &mut Life<'_>, outcome: &str, sku: &str) -> Value {
    let mut short = json!({ "outcome": outcome });
    if outcome == "substitute" {
        let any = life.chance.pick(&["TEE", "PEN", "BOX", "MUG", "NONE"]);
        short["sku"] = json!(if life.chance.percent(90) { dearer(sku) } else { any });
    }
    short
}

pub fn confirms<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let (id, list) = a_list(life)?;
    let any = life.chance.percent(5);
    let open: Vec<_> = list.tasks.iter().filter(|(_, task)| any || !task.done).collect();
    let (no, task) = open.get(life.chance.below(open.len().max(1)))?;
    let said = said(life, (&list, task));
    confirming(life, (&id, &list), **no, &said)
}

fn confirming<'s>(
    life: &mut Life<'s>,
    (id, list): (&str, &PickList),
    no: i64,
    said: &Value,
) -> Option<Intent<'s>> {
    let who = match life.chance.below(5) {
        0 => life.shop.operator(),
        _ => life.shop.warehouse(&list.warehouse),
    };
    let no = u64::try_from(no).ok()?;
    let ask = who.confirm_task(&json!({"id": id}), no, said);
    life.keyed(format!("{} says {said} of task {no} of {id}", who.sub), ask)
}

/// By somebody who may speak for whoever walks it; a few pieces are not there.
pub fn confirms_task<'s>(
    life: &mut Life<'s>,
    (id, list): (&str, &PickList),
    (no, task): (i64, &Task),
) -> Option<Intent<'s>> {
    let wanted = |portion| life.auditor.model.wanted(portion, &list.warehouse);
    let wanted: i64 = task.portions.iter().map(wanted).sum();
    let missing = i64::from(wanted > 0 && life.chance.percent(20));
    let mut said = json!({"scanned": task.sku, "quantity": wanted - missing});
    if missing > 0 {
        let outcome = life.chance.pick(&["refund", "substitute"]);
        said["short"] = json!({"outcome": outcome, "sku": dearer(&task.sku)});
    }
    let no = u64::try_from(no).ok()?;
    let ask = life.shop.operator().confirm_task(&json!({"id": id}), no, &said);
    life.keyed(format!("an operator says {said} of task {no} of {id}"), ask)
}

/// What was picked in vain goes back on the shelf.
pub fn puts_away<'s>(life: &Life<'s>, id: &str, warehouse: &str) -> Option<Intent<'s>> {
    let order = life.auditor.model.orders.get(id)?;
    if order.lies_around(warehouse) == 0 {
        return None;
    }
    let path = format!("/v1/fulfilment/put-aways/{id}");
    let ask = life.shop.warehouse(warehouse).post(&path, &json!({"warehouse": warehouse}));
    life.keyed(format!("{warehouse} puts away what lies there of {id}"), ask)
}

pub fn puts_one_away<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let orders = life.auditor.model.orders.iter();
    let around = |(id, order): (&String, &crate::model::Order)| {
        let here = WAREHOUSES.iter().find(|warehouse| order.lies_around(warehouse) > 0);
        here.map(|warehouse| (id.clone(), *warehouse))
    };
    let all: Vec<_> = orders.filter_map(around).collect();
    let (id, warehouse) = all.get(life.chance.below(all.len().max(1)))?;
    puts_away(life, id, warehouse)
}

/// The list that a driver signs: of all that waits for his carrier, or of what is scanned.
pub fn lists_for_a_driver<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(10);
    let fits = |state: &str| any || state == "packed";
    let (_, parcel) = life.a_parcel(|p| p.label.is_some() && fits(p.state))?;
    let (carrier, waybill) = parcel.label.as_deref()?.split_once(':')?;
    let who = life.shop.warehouse(&parcel.warehouse);
    let ask = match life.chance.below(3) {
        0 => who.list_scanned(carrier, &[waybill, "NOBODY", waybill]),
        _ => who.list_for(carrier),
    };
    life.keyed(format!("{} lists what waits for {carrier}", parcel.warehouse), ask)
}

/// The driver has come.
pub fn gives_to_a_driver<'s>(life: &mut Life<'s>) -> Option<Intent<'s>> {
    let any = life.chance.percent(5);
    let all = life.auditor.model.manifests.iter().filter(|(_, manifest)| any || !manifest.over);
    let all: Vec<_> = all.map(|(id, m)| (id.clone(), m.warehouse.clone())).collect();
    let (id, warehouse) = all.get(life.chance.below(all.len().max(1)))?;
    let path = format!("/v1/shipping/manifests/{id}/dispatch");
    let ask = life.shop.warehouse(warehouse).post(&path, &json!({}));
    life.keyed(format!("a driver takes {id} from {warehouse}"), ask)
}
