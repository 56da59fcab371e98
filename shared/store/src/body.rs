//! A change as the JSON that the trigger of `commits` takes apart. Documents and events are JSON
//! already when they come here; they are put in their places and not read again.
//!
//! A document stands in the body once. Its row and the event it begins with only name its place:
//! the first event of a history carries the whole document, and saying it twice would double what
//! the database has to parse.

use domain::{
    Change, Effect, Listing, NotPicked, Posting, Recipient, StockAdjustment, StockMove, ToPick,
    Written,
};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What happened to a message: claimed for sending, sent, to be tried again, given up, routed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Sent {
    pub id: String,
    /// As it was read; somebody else's claim refuses the commit.
    pub attempts: i64,
    /// 1 if this claims it for sending, 0 if it says how that went.
    pub claim: i64,
    pub state: &'static str,
    pub due_at_ms: i64,
    pub note: Option<String>,
    /// The word under which it is in the delivery log, if it is to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<&'static str>,
    /// How long the receiver was waited for, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<i64>,
    /// The HTTP status of the answer, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl Sent {
    /// Sent once more because a person wants it; due at once.
    fn again(message: &str, attempts: i64, change: &Change) -> Self {
        let by = serde_json::to_string(&change.actor).unwrap_or_default();
        Self {
            id: message.to_owned(),
            attempts,
            claim: 0,
            state: "waiting",
            due_at_ms: change.at.0,
            note: Some(by),
            log: Some("asked"),
            took_ms: None,
            status: None,
        }
    }
}

/// A key that may be used once.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Once {
    pub key: String,
    pub hash: Option<String>,
    pub answer: Option<String>,
    pub until_ms: Option<i64>,
}

/// Everything of one commit.
pub(crate) struct Body<'a> {
    pub id: &'a str,
    pub change: &'a Change,
    pub once: Option<&'a Once>,
    pub sent: &'a [Sent],
    pub trace: Option<&'a str>,
}

impl Body<'_> {
    /// Our own types have no maps with keys that JSON lacks, so this cannot fail; if it ever did,
    /// the database would refuse the empty text.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[derive(serde::Serialize)]
struct DocRow<'a> {
    id: &'a str,
    version: u64,
    /// Where in the body it stands.
    doc: String,
}

#[derive(serde::Serialize)]
struct EventRow<'a> {
    kind: &'a str,
    id: &'a str,
    version: u64,
    #[serde(flatten)]
    event: Happened<'a>,
}

/// An event as it is, or around the document it carries.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Happened<'a> {
    Whole { event: &'a RawValue },
    Around { before: &'a str, doc: String, after: &'a str },
}

impl<'a> Happened<'a> {
    fn of(event: &'a RawValue, written: &Written, place: &str) -> Self {
        match event.get().split_once(written.doc.get()) {
            Some((before, after)) => Self::Around { before, doc: place.to_owned(), after },
            None => Self::Whole { event },
        }
    }
}

#[derive(serde::Serialize)]
struct StockRow<'a> {
    sku: &'a str,
    warehouse: &'a str,
    on_hand: i64,
    held: i64,
}

#[derive(serde::Serialize)]
struct MoveRow<'a> {
    sku: &'a str,
    warehouse: &'a str,
    on_hand: i64,
    why: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'a str>,
}

#[derive(serde::Serialize)]
struct LedgerRow<'a> {
    no: usize,
    at_ms: i64,
    kind: &'static str,
    subject: &'a str,
    account: String,
    currency: &'a str,
    amount_minor: i64,
}

#[derive(serde::Serialize)]
struct TimerRow<'a> {
    subject: &'a str,
    kind: &'static str,
    due_at_ms: Option<i64>,
}

#[derive(serde::Serialize)]
struct OutboxRow<'a> {
    id: &'a str,
    recipient: &'static str,
    message: &'a Recipient,
}

/// An order in a warehouse.
#[derive(serde::Serialize)]
struct OrderIn<'a> {
    order: &'a str,
    warehouse: &'a str,
}

/// An order in the queues of warehouses, and one of its places there.
#[derive(serde::Serialize)]
struct ToPickRow<'a> {
    order: &'a str,
    ship_by_ms: i64,
    since_ms: i64,
    places: Vec<PlaceRow<'a>>,
}

#[derive(serde::Serialize)]
struct PlaceRow<'a> {
    warehouse: &'a str,
    lines: i64,
    pieces: i64,
}

impl<'a> From<&'a ToPick> for ToPickRow<'a> {
    fn from(said: &'a ToPick) -> Self {
        let place = |here: &'a domain::ToPickHere| {
            let (warehouse, lines, pieces) = (here.warehouse.as_str(), here.lines, here.pieces);
            PlaceRow { warehouse, lines, pieces }
        };
        let places = said.places.iter().map(place).collect();
        let (ship_by_ms, since_ms) = (said.ship_by.0, said.since.0);
        Self { order: said.order.as_str(), ship_by_ms, since_ms, places }
    }
}

/// An order's place on a pick list.
#[derive(serde::Serialize)]
struct ListRow<'a> {
    order: &'a str,
    warehouse: &'a str,
    list: &'a str,
}

impl<'a> From<&'a Listing> for ListRow<'a> {
    fn from(listing: &'a Listing) -> Self {
        let Listing { order, warehouse, list } = listing;
        Self { order: order.as_str(), warehouse: warehouse.as_str(), list: list.as_str() }
    }
}

#[derive(serde::Serialize)]
#[serde(untagged)]
enum OnceRow<'a> {
    Plain { key: &'a str },
    Kept(&'a Once),
}

/// The effects of a change, each kind in its part.
#[derive(Default)]
struct Parts<'a> {
    stock: BTreeMap<(&'a str, &'a str), (i64, i64)>,
    moves: Vec<MoveRow<'a>>,
    ledger: Vec<LedgerRow<'a>>,
    timers: BTreeMap<(&'a str, &'static str), Option<i64>>,
    ran: Vec<TimerRow<'a>>,
    outbox: Vec<OutboxRow<'a>>,
    again: Vec<Sent>,
    /// What was said last of each order.
    to_pick: BTreeMap<&'a str, &'a ToPick>,
    /// Orders and warehouses where they must not be on a pick list.
    not_picked: Vec<OrderIn<'a>>,
    on_list: Vec<ListRow<'a>>,
    off_list: Vec<ListRow<'a>>,
    postings: usize,
}

impl<'a> Parts<'a> {
    fn of(change: &'a Change) -> Self {
        let mut parts = Self::default();
        for effect in change.effects() {
            match effect {
                Effect::Stock(moved) => {
                    let order = change.docs().find(|(kind, _)| *kind == "orders");
                    parts.stock(moved, order.map(|(_, written)| written.id.as_str()));
                }
                Effect::StockOf { order, moved } => parts.stock(moved, Some(order.as_str())),
                Effect::ToPick(said) => drop(parts.to_pick.insert(said.order.as_str(), said)),
                Effect::NotPicked(untouched) => parts.untouched(untouched),
                Effect::Adjust(adjusted) => parts.adjust(adjusted),
                Effect::OnList(listing) => parts.on_list.push(listing.into()),
                Effect::OffList(listing) => parts.off_list.push(listing.into()),
                Effect::Post(posting) => parts.post(posting),
                Effect::SetTimer { kind, subject, due } => {
                    parts.timers.insert((subject, kind.word()), Some(due.0));
                }
                Effect::ClearTimer { kind, subject } => {
                    parts.timers.insert((subject, kind.word()), None);
                }
                Effect::TimerRan { kind, subject, due } => {
                    let (kind, due_at_ms) = (kind.word(), Some(due.0));
                    parts.ran.push(TimerRow { subject, kind, due_at_ms });
                    parts.timers.entry((subject, kind)).or_insert(None);
                }
                Effect::Send(message) => {
                    let (id, message) = (&message.id, &message.to);
                    parts.outbox.push(OutboxRow { id, recipient: message.word(), message });
                }
                Effect::SendAgain { message, attempts } => {
                    parts.again.push(Sent::again(message, *attempts, change));
                }
            }
        }
        parts
    }

    /// One delta for each SKU and warehouse, so that the guard sees the whole of it. Holds are in
    /// the orders' journal; only what changes the pieces on hand is a move.
    fn stock(&mut self, moved: &'a StockMove, about: Option<&'a str>) {
        let (sku, warehouse) = (moved.sku.as_str(), moved.warehouse.as_str());
        let sum = self.stock.entry((sku, warehouse)).or_default();
        *sum = (sum.0 + moved.on_hand, sum.1 + moved.held);
        if moved.on_hand != 0 {
            let StockMove { on_hand, why, .. } = *moved;
            let why = why.word();
            self.moves.push(MoveRow {
                sku,
                warehouse,
                on_hand,
                why,
                about,
                known: None,
                note: None,
            });
        }
    }

    fn adjust(&mut self, adjusted: &'a StockAdjustment) {
        let StockAdjustment { sku, warehouse, on_hand, known, why, note, about } = adjusted;
        let (sku, warehouse, on_hand) = (sku.as_str(), warehouse.as_str(), *on_hand);
        self.stock.entry((sku, warehouse)).or_default().0 += on_hand;
        let (why, known) = (why.word(), Some(*known));
        let (note, about) = (note.as_deref(), about.as_deref());
        self.moves.push(MoveRow { sku, warehouse, on_hand, why, known, note, about });
    }

    fn untouched(&mut self, untouched: &'a NotPicked) {
        let order = untouched.order.as_str();
        let here = untouched.warehouses.iter().map(|w| OrderIn { order, warehouse: w.as_str() });
        self.not_picked.extend(here);
    }

    fn post(&mut self, posting: &'a Posting) {
        for line in posting.lines() {
            self.ledger.push(LedgerRow {
                no: self.postings,
                at_ms: posting.at.0,
                kind: posting.kind.word(),
                subject: &posting.subject,
                account: line.account.to_string(),
                currency: posting.currency.code(),
                amount_minor: line.amount_minor,
            });
        }
        self.postings += 1;
    }
}

fn list<M: SerializeMap, T: Serialize>(
    map: &mut M,
    part: &str,
    rows: &[T],
) -> Result<(), M::Error> {
    if rows.is_empty() { Ok(()) } else { map.serialize_entry(part, rows) }
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let change = self.change;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.id)?;
        map.serialize_entry("at_ms", &change.at.0)?;
        let actor = serde_json::to_string(&change.actor).unwrap_or_default();
        map.serialize_entry("actor", &actor)?;
        if let Some(trace) = self.trace {
            map.serialize_entry("trace", trace)?;
        }
        let mut docs: Vec<&RawValue> = Vec::new();
        let mut rows: BTreeMap<&str, Vec<DocRow<'_>>> = BTreeMap::new();
        let mut events = Vec::new();
        for (kind, written) in change.docs() {
            let (id, place) = (&written.id, format!("$.docs[{}]", docs.len()));
            let version = written.version + 1;
            for event in &written.events {
                let event = Happened::of(event, written, &place);
                events.push(EventRow { kind, id, version, event });
            }
            docs.push(&written.doc);
            rows.entry(kind).or_default().push(DocRow { id, version: written.version, doc: place });
        }
        list(&mut map, "docs", &docs)?;
        for (kind, rows) in &rows {
            map.serialize_entry(kind, rows)?;
        }
        list(&mut map, "events", &events)?;
        let parts = Parts::of(change);
        let row =
            |(&(sku, warehouse), &(on_hand, held))| StockRow { sku, warehouse, on_hand, held };
        list(&mut map, "stock", &parts.stock.iter().map(row).collect::<Vec<_>>())?;
        list(&mut map, "moves", &parts.moves)?;
        let queued: Vec<ToPickRow<'_>> =
            parts.to_pick.values().map(|said| (*said).into()).collect();
        list(&mut map, "to_pick", &queued)?;
        list(&mut map, "not_picked", &parts.not_picked)?;
        list(&mut map, "on_list", &parts.on_list)?;
        list(&mut map, "off_list", &parts.off_list)?;
        list(&mut map, "postings", &parts.ledger)?;
        let row = |(&(subject, kind), &due_at_ms)| TimerRow { subject, kind, due_at_ms };
        list(&mut map, "ran", &parts.ran)?;
        list(&mut map, "timers", &parts.timers.iter().map(row).collect::<Vec<_>>())?;
        list(&mut map, "outbox", &parts.outbox)?;
        list(&mut map, "facts", change.facts())?;
        let plain = change.once_keys().iter().map(|key| OnceRow::Plain { key });
        let once: Vec<_> = plain.chain(self.once.map(OnceRow::Kept)).collect();
        list(&mut map, "once", &once)?;
        let sent: Vec<&Sent> = self.sent.iter().chain(&parts.again).collect();
        list(&mut map, "sent", &sent)?;
        map.end()
    }
}
