//! A pick list (拣货单): tasks in the order in which they are walked, each a place, an SKU and the
//! orders that get pieces of it.

use super::{Found, PickListEvent, PickMethod};
use crate::{
    Action, Change, Document, Effect, Listing, Millis, Order, OrderId, OrderNumber, PickListId,
    Refusal, SkuId, Spot, Stored, WarehouseId, WaveId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What one picker picks in one walk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickList {
    pub id: PickListId,
    pub wave: WaveId,
    /// From 1, within the wave.
    pub no: usize,
    pub warehouse: WarehouseId,
    pub method: PickMethod,
    /// The only zone that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    pub tasks: Vec<PickTask>,
    pub made_at: Millis,
    pub state: PickListState,
    pub pieces: PiecesOfList,
}

/// Where a list stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum PickListState {
    /// Nobody walks it.
    Open,
    Claimed {
        by: String,
        at: Millis,
    },
    /// All tasks are confirmed.
    Done {
        by: String,
        at: Millis,
    },
    CalledOff {
        at: Millis,
    },
}

/// Pieces of a list: what was wanted, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PiecesOfList {
    pub wanted: i64,
    pub picked: i64,
    pub short: i64,
    pub dropped: i64,
}

/// Pieces of an SKU to be taken from one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickTask {
    /// From 1, in the order in which they are walked.
    pub no: u16,
    pub sku: SkuId,
    pub name: String,
    /// None: nobody has said where it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<Spot>,
    pub portions: Vec<Portion>,
    #[serde(default, skip_serializing_if = "crate::order::is_false")]
    pub done: bool,
}

/// The pieces of a task that one order gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    pub order: OrderId,
    pub number: OrderNumber,
    pub line: u16,
    pub units: i64,
    #[serde(default, skip_serializing_if = "crate::order::is_zero")]
    pub picked: i64,
    /// Not found.
    #[serde(default, skip_serializing_if = "crate::order::is_zero")]
    pub short: i64,
    /// Not wanted any more.
    #[serde(default, skip_serializing_if = "crate::order::is_zero")]
    pub dropped: i64,
}

impl Portion {
    /// Units that are still to be picked, as far as the list knows.
    pub fn open(&self) -> i64 {
        self.units - self.picked - self.short - self.dropped
    }

    /// Those of them that the order, as it is now, still wants from that warehouse.
    pub fn wanted_now(&self, order: Option<&Order>, warehouse: &WarehouseId) -> i64 {
        let wanted = order.map_or(0, |order| order.to_pick_of(self.line, warehouse));
        self.open().min(wanted)
    }
}

impl Document for PickList {
    type Event = PickListEvent;
    const KIND: &'static str = "pick_lists";

    fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn begin(event: &PickListEvent) -> Option<Self> {
        if let PickListEvent::Listed { list } = event { Some((**list).clone()) } else { None }
    }

    fn evolve(&mut self, event: &PickListEvent) {
        match event {
            PickListEvent::Listed { list } => self.clone_from(list),
            PickListEvent::Claimed { by, at } => {
                self.state = PickListState::Claimed { by: by.clone(), at: *at };
            }
            PickListEvent::GivenBack { .. } => self.state = PickListState::Open,
            PickListEvent::Confirmed { task, by, found, at, .. } => {
                self.confirmed(*task, found);
                if self.tasks.iter().all(|t| t.done) {
                    self.state = PickListState::Done { by: by.clone(), at: *at };
                }
            }
            PickListEvent::CalledOff { at } => {
                for task in &mut self.tasks {
                    task.portions.iter_mut().for_each(|s| s.dropped += s.open());
                    task.done = true;
                }
                self.pieces.dropped = self.pieces.wanted - self.pieces.picked - self.pieces.short;
                self.state = PickListState::CalledOff { at: *at };
            }
        }
    }

    fn react(&self, event: &PickListEvent) -> Vec<Effect> {
        match event {
            PickListEvent::Listed { .. } => {
                self.listings(&self.tasks).into_iter().map(Effect::OnList).collect()
            }
            PickListEvent::Claimed { .. } | PickListEvent::GivenBack { .. } => Vec::new(),
            PickListEvent::Confirmed { task, .. } => {
                let confirmed = self.tasks.iter().filter(|t| t.no == *task).cloned();
                let touched = self.listings(&confirmed.collect::<Vec<_>>());
                let through = |l: &Listing| {
                    let of_it = self.portions().filter(|s| s.order == l.order);
                    of_it.map(Portion::open).sum::<i64>() == 0
                };
                touched.into_iter().filter(through).map(Effect::OffList).collect()
            }
            PickListEvent::CalledOff { .. } => {
                self.listings(&self.tasks).into_iter().map(Effect::OffList).collect()
            }
        }
    }
}

impl PickList {
    pub fn portions(&self) -> impl Iterator<Item = &Portion> {
        self.tasks.iter().flat_map(|task| &task.portions)
    }

    pub fn task(&self, no: u16) -> Option<&PickTask> {
        self.tasks.iter().find(|task| task.no == no)
    }

    /// The orders that some tasks are for, each once.
    fn listings(&self, tasks: &[PickTask]) -> BTreeSet<Listing> {
        let listing = |portion: &Portion| Listing {
            order: portion.order.clone(),
            warehouse: self.warehouse.clone(),
            list: self.id.clone(),
        };
        tasks.iter().flat_map(|task| &task.portions).map(listing).collect()
    }

    fn confirmed(&mut self, no: u16, found: &[Found]) {
        let Some(task) = self.tasks.iter_mut().find(|task| task.no == no) else { return };
        for portion in &mut task.portions {
            let of_it = |f: &&Found| f.order == portion.order && f.line == portion.line;
            let Some(found) = found.iter().find(of_it) else { continue };
            portion.picked += found.picked;
            portion.short += found.short;
            portion.dropped += found.dropped;
            self.pieces.picked += found.picked;
            self.pieces.short += found.short;
            self.pieces.dropped += found.dropped;
        }
        task.done = true;
    }

    /// The name of the state.
    pub fn word(&self) -> &'static str {
        match self.state {
            PickListState::Open => "open",
            PickListState::Claimed { .. } => "claimed",
            PickListState::Done { .. } => "done",
            PickListState::CalledOff { .. } => "called_off",
        }
    }

    /// Who walks it, or walked it.
    pub fn picker(&self) -> Option<&str> {
        match &self.state {
            PickListState::Claimed { by, .. } | PickListState::Done { by, .. } => Some(by),
            PickListState::Open | PickListState::CalledOff { .. } => None,
        }
    }

    /// The table of transitions: which steps a state allows.
    pub fn allowed_actions(&self) -> &'static [Action] {
        match self.state {
            PickListState::Open => &[Action::TakeList, Action::ConfirmPick, Action::CallOff],
            PickListState::Claimed { .. } => {
                &[Action::GiveBack, Action::ConfirmPick, Action::CallOff]
            }
            PickListState::Done { .. } | PickListState::CalledOff { .. } => &[],
        }
    }

    pub fn is_final(&self) -> bool {
        matches!(self.state, PickListState::Done { .. } | PickListState::CalledOff { .. })
    }

    pub(super) fn must_allow(&self, action: Action) -> Result<(), Refusal> {
        let allowed = self.allowed_actions();
        if allowed.contains(&action) {
            Ok(())
        } else {
            Err(Refusal::IllegalStep { state: self.word(), allowed: allowed.to_vec() })
        }
    }
}

/// Somebody takes a list, to walk it. Who has it already has it.
pub fn claim_list(
    change: &mut Change,
    list: &mut Stored<PickList>,
    by: &str,
) -> Result<(), Refusal> {
    if list.doc.picker().is_some_and(|picker| picker != by) && !list.doc.is_final() {
        return Err(Refusal::ListOfAnother);
    }
    if matches!(list.doc.state, PickListState::Claimed { .. }) {
        return Ok(());
    }
    list.doc.must_allow(Action::TakeList)?;
    change.record(list, PickListEvent::Claimed { by: by.to_owned(), at: change.at });
    Ok(())
}

/// A list is left to others; what was picked stays picked.
pub fn give_list_back(change: &mut Change, list: &mut Stored<PickList>) -> Result<(), Refusal> {
    list.doc.must_allow(Action::GiveBack)?;
    change.record(list, PickListEvent::GivenBack { at: change.at });
    Ok(())
}

/// Whatever was not picked of a list waits for another one.
pub fn call_list_off(change: &mut Change, list: &mut Stored<PickList>) -> Result<(), Refusal> {
    list.doc.must_allow(Action::CallOff)?;
    change.record(list, PickListEvent::CalledOff { at: change.at });
    Ok(())
}
