//! Group commit: while one statement waits for the disk, the commits of other requests of the same
//! instance queue; the next statement carries them all, and each is accepted or refused on its own.

use crate::body::{Body, Once, Sent};
use crate::{BUSY_MS, Database, DbError, LOCK_MS, Lane, Ringer, Store, StoreError, Value};
use domain::Change;
use futures::future::{FutureExt, LocalBoxFuture, ready};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    /// A guard failed: somebody changed what it was decided on. Nothing was stored.
    Refused,
}

/// A change on its way into the database, with what only the edge knows.
pub struct Commit<'a> {
    pub change: &'a Change,
    /// Unique for each commit that is tried.
    pub id: String,
    pub once: Option<Once>,
    pub sent: Vec<Sent>,
    /// The caller's `traceparent`, carried into the outbox.
    pub trace: Option<String>,
}

impl<'a> Commit<'a> {
    pub fn new(id: u128, change: &'a Change) -> Self {
        Self { change, id: format!("{id:032x}"), once: None, sent: Vec::new(), trace: None }
    }
}

const APPLY: &str = "insert into batches (bodies, cuts)
values (?1, ?2)
returning (select json_group_array(commit_id) from applied)";

/// So many commits, or so many bytes of them, go into one statement at most.
const COMMITS_AT_MOST: usize = 128;
const BYTES_AT_MOST: usize = 4 << 20;

type Bell = LocalBoxFuture<'static, ()>;

/// A commit that waits, and where its request finds the answer.
struct Waiting {
    id: String,
    body: String,
    slot: Rc<Slot>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Turn {
    Waits,
    /// The one before is done: this request writes for all that wait now.
    Leads,
    Done(Result<Outcome, DbError>),
    /// Who wrote it is gone, and whether it was stored is not known.
    Lost,
}

struct Slot {
    turn: RefCell<Turn>,
    /// Rings the bell that the request waits for. Who leads from the start waits for none.
    ringer: RefCell<Option<Ringer>>,
}

impl Slot {
    fn tell(&self, turn: Turn) {
        self.turn.replace(turn);
        drop(self.ringer.take());
    }

    fn turn(&self) -> Turn {
        self.turn.borrow().clone()
    }
}

/// The commits of one instance that wait for the disk.
pub(crate) struct Queue {
    waiting: RefCell<VecDeque<Waiting>>,
    led: Cell<bool>,
    at_most: Cell<usize>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            waiting: RefCell::default(),
            led: Cell::new(false),
            at_most: Cell::new(COMMITS_AT_MOST),
        }
    }
}

impl Queue {
    pub(crate) fn one_by_one(&self) {
        self.at_most.set(1);
    }

    fn join(&self, id: String, body: String, db: &dyn Database) -> (Rc<Slot>, Bell) {
        let (turn, ringer, bell) = if self.led.replace(true) {
            let (ringer, bell) = db.bell();
            (Turn::Waits, Some(ringer), bell)
        } else {
            (Turn::Leads, None, ready(()).boxed_local())
        };
        let slot = Rc::new(Slot { turn: RefCell::new(turn), ringer: RefCell::new(ringer) });
        self.waiting.borrow_mut().push_back(Waiting { id, body, slot: slot.clone() });
        (slot, bell)
    }

    /// The next of those that wait writes for all; with none, the queue is idle.
    fn pass_on(&self) {
        match self.waiting.borrow().front() {
            Some(next) => next.slot.tell(Turn::Leads),
            None => self.led.set(false),
        }
    }

    fn leave(&self, slot: &Rc<Slot>) {
        self.waiting.borrow_mut().retain(|w| !Rc::ptr_eq(&w.slot, slot));
    }

    fn next_batch(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting.borrow_mut();
        let mut bytes = 0;
        let fits = |w: &&Waiting| {
            bytes += w.body.len();
            bytes <= BYTES_AT_MOST
        };
        let count = waiting.iter().take(self.at_most.get()).take_while(fits).count().max(1);
        let count = count.min(waiting.len());
        waiting.drain(..count).collect()
    }
}

impl Queue {
    fn put_back(&self, batch: Vec<Waiting>) {
        let mut waiting = self.waiting.borrow_mut();
        for one in batch.into_iter().rev() {
            waiting.push_front(one);
        }
    }
}

/// A request in the queue. If it is dropped in the middle, nobody waits for it in vain.
struct Place<'a> {
    queue: &'a Queue,
    slot: Rc<Slot>,
    writing: Vec<Rc<Slot>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.queue.leave(&self.slot);
        for slot in self.writing.drain(..) {
            let unanswered = matches!(*slot.turn.borrow(), Turn::Waits | Turn::Leads);
            if unanswered && !Rc::ptr_eq(&slot, &self.slot) {
                slot.tell(Turn::Lost);
            }
        }
        if *self.slot.turn.borrow() == Turn::Leads {
            self.queue.pass_on();
        }
    }
}

impl Store {
    /// Applies a change as one statement, or refuses it as a whole.
    pub async fn commit(&self, commit: Commit<'_>) -> Result<Outcome, StoreError> {
        let Commit { change, id, once, sent, trace } = commit;
        let (once, trace) = (once.as_ref(), trace.as_deref());
        let body = Body { id: &id, change, once, sent: &sent, trace }.json();
        let (slot, bell) = self.queue.join(id, body, self.db.as_ref());
        let mut place = Place { queue: &self.queue, slot: slot.clone(), writing: Vec::new() };
        bell.await;
        if slot.turn() == Turn::Leads {
            self.lead(&mut place).await;
            self.queue.pass_on();
        }
        match slot.turn() {
            Turn::Done(outcome) => outcome.map_err(|error| crate::failed("commit", &error)),
            // Saying "refused" makes the caller read again, and there it shows what was stored.
            Turn::Lost | Turn::Waits | Turn::Leads => Ok(Outcome::Refused),
        }
    }
}

impl Store {
    /// Writes for all that wait, and for all that come while the database is locked by another
    /// instance.
    async fn lead(&self, place: &mut Place<'_>) {
        let mut waited = 0;
        loop {
            let batch = self.queue.next_batch();
            place.writing = batch.iter().map(|w| w.slot.clone()).collect();
            match apply(self.db.as_ref(), &batch).await {
                Err(error) if error.is_busy() && waited < BUSY_MS => {
                    self.queue.put_back(batch);
                    place.writing.clear();
                    self.db.pause(0).await;
                    waited += LOCK_MS;
                }
                // One commit of many broke a constraint: each on its own shows which.
                Err(error) if batch.len() > 1 && !error.is_busy() => {
                    for waiting in batch {
                        let alone = [waiting];
                        let applied = apply(self.db.as_ref(), &alone).await;
                        tell(&alone, &applied);
                    }
                    return;
                }
                applied => return tell(&batch, &applied),
            }
        }
    }
}

fn tell(batch: &[Waiting], applied: &Result<Vec<String>, DbError>) {
    for waiting in batch {
        let outcome = match applied {
            Ok(ids) if ids.contains(&waiting.id) => Ok(Outcome::Applied),
            Ok(_) => Ok(Outcome::Refused),
            Err(error) if error.is_constraint() => Ok(Outcome::Refused),
            Err(error) => Err(error.clone()),
        };
        waiting.slot.tell(Turn::Done(outcome));
    }
}

async fn apply(db: &dyn Database, batch: &[Waiting]) -> Result<Vec<String>, DbError> {
    let mut bodies = Vec::with_capacity(batch.iter().map(|w| w.body.len()).sum());
    let mut cuts = Vec::with_capacity(batch.len());
    for waiting in batch {
        cuts.push([bodies.len() + 1, waiting.body.len()]);
        bodies.extend_from_slice(waiting.body.as_bytes());
    }
    let cuts = serde_json::to_string(&cuts).unwrap_or_default();
    let rows = db.run(Lane::Write, APPLY, vec![Value::Blob(bodies), Value::Text(cuts)]).await?;
    let ids = rows.first().and_then(|row| row.first()).and_then(Value::text).unwrap_or_default();
    serde_json::from_str(ids).map_err(|error| DbError(format!("no list of commits: {error}")))
}
