//! A picker says what they found of a task. The pieces go to the task's orders in their order; what
//! was cancelled, packed or put in doubt since is not wanted any more, and what should have been
//! there and was not is short.

use super::{
    Found, PickList, PickListEvent, PickTask, PickingPolicy, ShortOutcome, ShortPick, ShortSaid,
    settle_short,
};
use crate::order::{Order, OrderEvent, Pick};
use crate::packing::is_same;
use crate::{
    Action, Available, Change, Fault, FaultKind, Ids, OrderId, Payment, Policy, Refusal, Sku,
    Stored,
};
use std::collections::BTreeMap;

/// What somebody says of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickSaid {
    pub task: u16,
    /// What the scanner read, or the SKU; may be left out where nothing was found.
    pub scanned: Option<String>,
    /// All pieces that were taken off the shelf.
    pub quantity: i64,
    /// None: what the policy says.
    pub short: Option<ShortSaid>,
}

impl PickSaid {
    /// Whether payments are needed to decide on it.
    pub fn may_give_money_back(&self, policy: &PickingPolicy) -> bool {
        let outcome = self.short.as_ref().map(|short| short.outcome).or(policy.short_pick);
        outcome == Some(ShortOutcome::Refund)
    }
}

/// Who says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picker {
    pub name: String,
    /// They may speak for others, too.
    pub for_all: bool,
}

/// An order's purchase, as far as a task needs it.
#[derive(Debug, Clone)]
pub struct PurchaseOfTask {
    /// There if money may have to go back.
    pub payment: Option<Stored<Payment>>,
    /// Where there is a payment, all orders of it.
    pub orders: Vec<Stored<Order>>,
}

/// What a task is decided with.
#[derive(Debug, Clone, Default)]
pub struct TaskSituation {
    pub sku: Option<Sku>,
    /// What is offered instead of pieces that are not found.
    pub substitute: Option<Sku>,
    pub purchases: Vec<PurchaseOfTask>,
    /// What is free of the SKU, and of what is offered instead, everywhere.
    pub stock: Vec<Available>,
}

impl TaskSituation {
    fn order(&self, id: &OrderId) -> Option<&Order> {
        let orders = self.purchases.iter().flat_map(|p| &p.orders);
        orders.map(|o| &o.doc).find(|o| o.id == *id)
    }

    pub(super) fn order_mut(&mut self, id: &OrderId) -> Option<&mut Stored<Order>> {
        let orders = self.purchases.iter_mut().flat_map(|p| &mut p.orders);
        orders.into_iter().find(|o| o.doc.id == *id)
    }
}

/// What was found of a task. Precedence: state, picker, task, what was scanned, quantity, then what
/// becomes of the rest.
pub fn confirm_pick(
    change: &mut Change,
    list: &mut Stored<PickList>,
    mut at: TaskSituation,
    (said, picker): (&PickSaid, &Picker),
    policy: &Policy,
    ids: &mut dyn Ids,
) -> Result<(), Refusal> {
    list.doc.must_allow(Action::ConfirmPick)?;
    let theirs = list.doc.picker().is_none_or(|name| name == picker.name);
    if !theirs && !picker.for_all {
        return Err(Refusal::ListOfAnother);
    }
    let task = list.doc.task(said.task).cloned().ok_or(Refusal::UnknownTask)?;
    if task.done {
        let allowed = list.doc.allowed_actions().to_vec();
        return Err(Refusal::IllegalStep { state: "done", allowed });
    }
    task.must_be_scanned(said, at.sku.as_ref())?;
    let found = found(&task, list, &at, said.quantity)?;
    let short = ShortPick::of(&found, said.short.as_ref(), &policy.picking, change.at)?;
    let by = list.doc.picker().unwrap_or(&picker.name).to_owned();
    let event = PickListEvent::Confirmed {
        task: task.no,
        by,
        found: found.clone(),
        short: short.as_ref().map(ShortPick::outcome),
        at: change.at,
    };
    change.record(list, event);
    let (list_id, warehouse) = (list.doc.id.clone(), list.doc.warehouse.clone());
    for (order, picks) in by_order(&found, |f| f.picked) {
        if let Some(order) = at.order_mut(order) {
            let (list, warehouse) = (list_id.clone(), warehouse.clone());
            let event = OrderEvent::Picked { list, warehouse, picks, at: change.at };
            change.record(order, event);
        }
    }
    let missing = by_order(&found, |f| f.short);
    let missing: Vec<(OrderId, Vec<Pick>)> =
        missing.into_iter().map(|(order, picks)| (order.clone(), picks)).collect();
    match short {
        Some(short) => {
            let missing = (missing.as_slice(), short);
            settle_short(change, &list.doc, &mut at, missing, (policy, ids))
        }
        None => Ok(()),
    }
}

impl PickTask {
    /// Whoever takes something off a shelf shows what it is.
    fn must_be_scanned(&self, said: &PickSaid, sku: Option<&Sku>) -> Result<(), Refusal> {
        if said.quantity < 0 {
            let what = FaultKind::OutOfRange { least: 0, most: i64::from(u32::MAX) };
            return Err(Refusal::Faulty(vec![Fault::at("#/quantity", what)]));
        }
        let barcodes = sku.map(|sku| sku.barcodes.as_slice()).unwrap_or_default();
        let is_it =
            |code: &str| self.sku.as_str() == code || barcodes.iter().any(|own| is_same(code, own));
        match &said.scanned {
            Some(code) if is_it(code.trim()) => Ok(()),
            Some(_) => Err(Refusal::WrongItem),
            None if said.quantity == 0 => Ok(()),
            None => Err(Refusal::Faulty(vec![Fault::at("#/scanned", FaultKind::Missing)])),
        }
    }
}

/// What each portion of a task gets of the pieces. More than is wanted now is refused: the rest is
/// still in somebody's hand, and its place is on the shelf.
fn found(
    task: &PickTask,
    list: &Stored<PickList>,
    at: &TaskSituation,
    quantity: i64,
) -> Result<Vec<Found>, Refusal> {
    let mut left = quantity;
    let mut all = Vec::with_capacity(task.portions.len());
    for portion in &task.portions {
        let wanted = portion.wanted_now(at.order(&portion.order), &list.doc.warehouse);
        let picked = left.min(wanted);
        left -= picked;
        all.push(Found {
            order: portion.order.clone(),
            line: portion.line,
            picked,
            short: wanted - picked,
            dropped: portion.open() - wanted,
        });
    }
    if left > 0 {
        return Err(Refusal::MoreThanWanted { left: quantity - left });
    }
    Ok(all)
}

/// Units by order, without those of which there are none.
fn by_order(found: &[Found], units: impl Fn(&Found) -> i64) -> BTreeMap<&OrderId, Vec<Pick>> {
    let mut all: BTreeMap<&OrderId, Vec<Pick>> = BTreeMap::new();
    for one in found.iter().filter(|f| units(f) > 0) {
        let pick = Pick { line: one.line, units: units(one) };
        all.entry(&one.order).or_default().push(pick);
    }
    all
}
