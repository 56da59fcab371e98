//! What a decision changes: documents with their events, and the effects those events have.
//!
//! A [`Change`] is pure data. The store turns it into one statement that is applied whole or
//! refused whole; nothing in here knows how. Whoever decides calls [`Change::record`], and state,
//! journal, stock, ledger, timers and messages follow from the event alone.

use crate::{
    Message, Millis, NotPicked, OrderId, PickListId, Posting, SkuId, StockAdjustment, ToPick,
    WarehouseId,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// A thing with a history: its state is its events folded by `evolve`.
pub trait Document: Clone + Serialize + DeserializeOwned {
    type Event: Clone + Serialize + DeserializeOwned;
    /// The table it lives in.
    const KIND: &'static str;

    /// Reads it from JSON. Each document writes this out, so that its reading is compiled once,
    /// with it, and not in every function again.
    fn read(json: &str) -> serde_json::Result<Self>;
    fn id(&self) -> &str;
    /// The state after the first event; `None` for an event that no history begins with.
    fn begin(event: &Self::Event) -> Option<Self>;
    /// Applies an event. Total, and holds no rule: what was decided has happened.
    fn evolve(&mut self, event: &Self::Event);
    /// What an event does outside its document. `self` is the state after it.
    fn react(&self, event: &Self::Event) -> Vec<Effect>;
}

/// A document as it was read. Version 0 is one that is not stored yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<D> {
    pub version: u64,
    pub doc: D,
}

/// What an event does outside its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    Stock(StockMove),
    /// The same, where a change is about several orders: this is about that one.
    StockOf {
        order: OrderId,
        moved: StockMove,
    },
    /// What of an order waits in which warehouse.
    ToPick(ToPick),
    /// An order that was put on a pick list meanwhile refuses the whole change.
    NotPicked(NotPicked),
    /// Pieces came or went without an order.
    Adjust(StockAdjustment),
    /// What of an order is held in a warehouse is on a pick list there from now on. If another list
    /// has it, or nothing of it is to be picked any more, the whole change is refused.
    OnList(Listing),
    /// Nothing of it is left to be picked with that list.
    OffList(Listing),
    Post(Posting),
    /// A timer is known by its kind and subject; setting it again moves it.
    SetTimer {
        kind: TimerKind,
        subject: String,
        due: Millis,
    },
    ClearTimer {
        kind: TimerKind,
        subject: String,
    },
    /// A timer has gone off and is cleared. If it was moved or cleared meanwhile, the whole change
    /// is refused: what it was decided for is not so any more.
    TimerRan {
        kind: TimerKind,
        subject: String,
        due: Millis,
    },
    Send(Message),
    /// A person wants a message sent once more. `attempts` is its version as it was read.
    SendAgain {
        message: String,
        attempts: i64,
    },
}

/// An order's place on a pick list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listing {
    pub order: OrderId,
    pub warehouse: WarehouseId,
    pub list: PickListId,
}

/// A difference that an order makes in the stock of one SKU in one warehouse, in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockMove {
    pub sku: SkuId,
    pub warehouse: WarehouseId,
    pub on_hand: i64,
    pub held: i64,
    pub why: StockReason,
}

/// Why stock changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockReason {
    Held,
    Released,
    Shipped,
    Restocked,
    /// A picker did not find them.
    Missing,
}

/// What the clock starts. Each runs the same decision that a person's command would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// A payment's deadline, and before it the time to ask the gateway; subject: the payment.
    Unpaid,
    /// Refunds to be tried again, or of which nothing was heard; subject: the payment.
    RefundsDue,
    /// Money for a payment that does not exist may still find it; subject: the suspense item.
    Unmatched,
    /// An order that nobody has confirmed (cash on delivery); subject: the order.
    Unconfirmed,
    /// Cash that a carrier has not remitted; subject: the parcel.
    CashOverdue,
    /// The date by which an order is to ship, and before it the reminder; subject: the order.
    ShipBy,
    /// A buyer has not said whether they take a substitute; subject: the order.
    SubstituteDue,
    /// Nothing was heard of a parcel, or it is not there in time; subject: the parcel.
    NoScan,
    /// Nobody has decided about an exception; subject: the exception.
    ExceptionDue,
    /// Nothing may have been heard of a parcel for too long; subject: the parcel.
    CarrierSilent,
    /// An order delivered and not confirmed by its buyer; subject: the order.
    AutoComplete,
    /// The end of an order's after-sale window; subject: the order.
    WindowEnds,
    /// A merchant has not reviewed a case; subject: the case.
    ReviewOverdue,
    /// A buyer has not sent the goods back; subject: the case.
    ReturnOverdue,
}

/// Who wants a change. Stored in the journal with each event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "id")]
pub enum Actor {
    Buyer(String),
    Merchant(String),
    Warehouse(String),
    Support(String),
    Finance(String),
    Operator(String),
    Gateway(String),
    Carrier(String),
    Clock,
    Dispatch,
}

/// A document and the events that made it so, within one change.
#[derive(Debug, Clone)]
pub struct Written {
    pub id: String,
    /// The version it was read at; 0 if it must not exist.
    pub version: u64,
    /// Its state after all events, as JSON.
    pub doc: Box<RawValue>,
    /// As JSON.
    pub events: Vec<Box<RawValue>>,
}

/// A row that is only ever added: facts from outside as they came, to what a person assigned them,
/// and which serial number went into which parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    pub kind: FactKind,
    /// What it is about: a payment, a waybill, a remittance, a parcel or a serial number.
    pub subject: String,
    /// The same fact told again has the same key.
    pub key: String,
    pub occurred_at: Millis,
    /// The fact in our words.
    pub fact: serde_json::Value,
    /// What was made of it, in one word.
    pub verdict: String,
    /// The partner's own bytes, where they are worth keeping.
    pub raw: Option<String>,
}

/// Which partner's facts, or a person's word about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    Payment,
    Tracking,
    /// What a tracker sent, as it came; its scans are facts of their own.
    Push,
    /// A tracker replaced what it had told of a waybill.
    Correction,
    Remittance,
    /// A line of a remittance was for this parcel.
    Assignment,
    /// A piece with this serial number went into a parcel.
    Serial,
}

/// Our own types have no maps with keys that JSON lacks, so this cannot fail; if it ever did, null
/// would be refused by the table's check.
fn json<T: Serialize>(value: &T) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Everything one decision changes.
#[derive(Debug, Clone)]
pub struct Change {
    pub actor: Actor,
    pub at: Millis,
    docs: BTreeMap<(&'static str, String), Written>,
    effects: Vec<Effect>,
    facts: Vec<Fact>,
    once: Vec<String>,
}

impl Change {
    pub fn new(actor: Actor, at: Millis) -> Self {
        let (docs, effects) = (BTreeMap::new(), Vec::new());
        Self { actor, at, docs, effects, facts: Vec::new(), once: Vec::new() }
    }

    /// An event has happened to `subject`: its state, the journal and all effects follow.
    pub fn record<D: Document>(&mut self, subject: &mut Stored<D>, event: D::Event) {
        subject.doc.evolve(&event);
        self.note(subject, &event);
    }

    /// The first event of a new document. `None` if no history begins with it.
    pub fn begin<D: Document>(&mut self, event: D::Event) -> Option<Stored<D>> {
        let subject = Stored { version: 0, doc: D::begin(&event)? };
        self.note(&subject, &event);
        Some(subject)
    }

    fn note<D: Document>(&mut self, subject: &Stored<D>, event: &D::Event) {
        self.effects.extend(subject.doc.react(event));
        let id = subject.doc.id().to_owned();
        let doc = json(&subject.doc);
        let written = self.docs.entry((D::KIND, id.clone())).or_insert_with(|| Written {
            id,
            version: subject.version,
            doc: RawValue::NULL.to_owned(),
            events: Vec::new(),
        });
        written.doc = doc;
        written.events.push(json(event));
    }

    /// An effect that no document's event has (stock counts, suspense postings).
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Keeps a partner's fact as it came; the same fact again refuses the whole change.
    pub fn keep(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// A key that may be used once; used again it refuses the whole change.
    pub fn once(&mut self, key: String) {
        self.once.push(key);
    }

    pub fn docs(&self) -> impl Iterator<Item = (&'static str, &Written)> {
        self.docs.iter().map(|((kind, _), written)| (*kind, written))
    }

    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    pub fn once_keys(&self) -> &[String] {
        &self.once
    }

    /// Nothing would be stored.
    pub fn is_empty(&self) -> bool {
        self.docs.is_empty()
            && self.effects.is_empty()
            && self.facts.is_empty()
            && self.once.is_empty()
    }
}

impl StockReason {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Released => "released",
            Self::Shipped => "shipped",
            Self::Restocked => "restocked",
            Self::Missing => "missing",
        }
    }
}

impl TimerKind {
    /// The name of the timer.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::RefundsDue => "refunds_due",
            Self::Unmatched => "unmatched",
            Self::Unconfirmed => "unconfirmed",
            Self::CashOverdue => "cash_overdue",
            Self::ShipBy => "ship_by",
            Self::SubstituteDue => "substitute_due",
            Self::NoScan => "no_scan",
            Self::ExceptionDue => "exception_due",
            Self::CarrierSilent => "carrier_silent",
            Self::AutoComplete => "auto_complete",
            Self::WindowEnds => "window_ends",
            Self::ReviewOverdue => "review_overdue",
            Self::ReturnOverdue => "return_overdue",
        }
    }
}
