//! Waves and pick lists as clients see them.

use domain::{
    Millis, Order, PickList, PickTask, PiecesOfList, Portion, Spots, Stored, WarehouseId, Wave,
};
use edge::views;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{ListInPage, WaveProgress};

/// A wave without how far its lists are.
pub fn wave_in_page(wave: &Wave) -> Value {
    let rule = wave.wanted.rule.as_ref().map(|rule| {
        json!({
            "confirmed_before": rule.confirmed_before.map(views::time),
            "merchant": rule.merchant, "zones": rule.zones, "carriers": rule.carriers,
            "lines_at_most": rule.lines_at_most, "pieces_at_most": rule.pieces_at_most,
            "orders_at_most": rule.orders_at_most,
        })
    });
    json!({
        "id": wave.id, "warehouse": wave.wanted.warehouse, "method": wave.wanted.method,
        "rule": rule, "by_hand": wave.wanted.orders.is_some(),
        "orders_per_list": wave.wanted.orders_per_list, "by": wave.by,
        "begun_at": views::time(wave.begun_at), "planned_at": views::maybe(wave.planned_at),
        "orders": wave.planned.orders, "lists": wave.planned.lists, "tasks": wave.planned.tasks,
        "pieces": wave.planned.pieces,
    })
}

/// A wave and how far it is.
pub fn wave(found: &WaveProgress) -> Value {
    let mut view = wave_in_page(&found.wave.doc);
    let store::ListsByState { open, claimed, done, called_off } = found.lists;
    let (begun, ended) = (claimed + done + called_off, open + claimed == 0);
    let state = match found.wave.doc.planned_at {
        None => "planning",
        Some(_) if ended => "picked",
        Some(_) if begun > 0 => "picking",
        Some(_) => "planned",
    };
    let progress = json!({
        "open": open, "claimed": claimed, "done": done, "called_off": called_off,
        "pieces": pieces(&found.pieces),
    });
    if let Some(view) = view.as_object_mut() {
        view.insert("state".into(), json!(state));
        view.insert("progress".into(), progress);
        view.insert("allowed_actions".into(), json!([]));
        view.insert("deadline".into(), Value::Null);
        view.insert("final".into(), json!(state == "picked"));
    }
    view
}

fn pieces(pieces: &PiecesOfList) -> Value {
    let PiecesOfList { wanted, picked, short, dropped } = pieces;
    json!({"wanted": wanted, "picked": picked, "short": short, "dropped": dropped})
}

/// A list without its tasks.
pub fn list_in_page(list: &ListInPage) -> Value {
    json!({
        "id": list.id, "wave": list.wave, "no": list.no, "warehouse": list.warehouse,
        "method": list.method, "zone": list.zone, "state": list.state, "picker": list.picker,
        "tasks": list.tasks, "pieces": pieces(&list.pieces),
        "made_at": views::time(Millis(list.made_at)),
    })
}

/// A list, as far as it knows by itself.
pub fn list(list: &PickList) -> Value {
    whole(list, |portion| portion.open())
}

/// A list, with what its orders want of it now.
pub fn list_now(list: &PickList, orders: &[Stored<Order>]) -> Value {
    let by_id: BTreeMap<&str, &Order> =
        orders.iter().map(|o| (o.doc.id.as_str(), &o.doc)).collect();
    whole(list, |portion| {
        portion.wanted_now(by_id.get(portion.order.as_str()).copied(), &list.warehouse)
    })
}

fn whole(list: &PickList, wanted_now: impl Fn(&Portion) -> i64) -> Value {
    let tasks: Vec<Value> = list.tasks.iter().map(|t| task(t, &wanted_now)).collect();
    json!({
        "id": list.id, "wave": list.wave, "no": list.no, "warehouse": list.warehouse,
        "method": list.method, "zone": list.zone, "state": list.word(), "picker": list.picker(),
        "tasks": tasks, "pieces": pieces(&list.pieces), "made_at": views::time(list.made_at),
        "allowed_actions": list.allowed_actions(), "deadline": null, "final": list.is_final(),
    })
}

/// One task; what was wanted and is not any more is cancelled in it.
fn task(task: &PickTask, wanted_now: impl Fn(&Portion) -> i64) -> Value {
    let portion = |p: &Portion| {
        json!({
            "order": p.order, "number": p.number, "line": p.line, "units": p.units,
            "wanted": wanted_now(p), "picked": p.picked, "short": p.short, "dropped": p.dropped,
        })
    };
    let sum = |units: fn(&Portion) -> i64| task.portions.iter().map(units).sum::<i64>();
    let wanted: i64 = task.portions.iter().map(&wanted_now).sum();
    let portions: Vec<Value> = task.portions.iter().map(portion).collect();
    json!({
        "task": task.no, "sku": task.sku, "name": task.name, "spot": task.spot,
        "units": sum(|p| p.units), "wanted": wanted, "picked": sum(|p| p.picked),
        "short": sum(|p| p.short), "dropped": sum(|p| p.dropped), "done": task.done,
        "orders": portions,
    })
}

/// A task that was confirmed, and where its list is with that.
pub fn confirmed(list: &PickList, no: u16) -> Value {
    json!({
        "list": list.id, "state": list.word(), "pieces": pieces(&list.pieces),
        "task": list.task(no).map(|t| task(t, Portion::open)),
        "allowed_actions": list.allowed_actions(), "deadline": null, "final": list.is_final(),
    })
}

/// What of an order goes back on the shelf of a warehouse.
pub fn to_put_away(order: &Order, warehouse: &WarehouseId, spots: &Spots) -> Value {
    let here = order.put_away.iter().filter(|p| p.warehouse == *warehouse);
    let line = |p: &domain::ToPutAway| {
        let line = order.line(p.line);
        let (sku, name) = (line.map(|l| &l.sku), line.map(|l| &l.name));
        json!({
            "line": p.line, "sku": sku, "name": name, "units": p.units,
            "spot": sku.and_then(|sku| spots.get(sku)),
        })
    };
    let lines: Vec<Value> = here.map(line).collect();
    json!({"order": order.id, "number": order.number, "warehouse": warehouse, "lines": lines})
}
