//! Timers in the store: set, moved, cleared, and gone off.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Shop, shop};
use domain::{Actor, Change, Effect, Millis, TimerKind};
use pollster::block_on;
use store::{Outcome, StoreError};

impl Shop {
    fn commit(&self, effect: Effect) -> Result<Outcome, StoreError> {
        let mut change = Change::new(Actor::Clock, Millis(1));
        change.effect(effect);
        self.apply(&change, Vec::new())
    }

    fn due(&self, now_ms: i64) -> usize {
        block_on(self.store.due_timers(now_ms, 9)).unwrap().len()
    }
}

const KIND: TimerKind = TimerKind::Unpaid;

fn set(due: i64) -> Effect {
    Effect::SetTimer { kind: KIND, subject: "pay_1".to_owned(), due: Millis(due) }
}

fn ran(due: i64) -> Effect {
    Effect::TimerRan { kind: KIND, subject: "pay_1".to_owned(), due: Millis(due) }
}

#[test]
fn a_timer_is_moved_by_setting_it_again_and_gone_when_cleared() {
    let shop = shop();
    assert_eq!(shop.commit(set(10)), Ok(Outcome::Applied));
    assert_eq!(shop.commit(set(20)), Ok(Outcome::Applied));
    assert_eq!((shop.due(15), shop.due(20)), (0, 1));
    let cleared = Effect::ClearTimer { kind: KIND, subject: "pay_1".to_owned() };
    assert_eq!(shop.commit(cleared), Ok(Outcome::Applied));
    assert_eq!(shop.due(99), 0);
}

#[test]
fn a_timer_that_was_moved_while_it_ran_goes_off_later_and_not_now() {
    let shop = shop();
    let timer = || block_on(shop.store.timer(KIND, "pay_1")).unwrap().map(|timer| timer.due_at);
    assert_eq!(shop.commit(ran(10)), Ok(Outcome::Refused), "there is none");
    assert_eq!(shop.commit(set(10)), Ok(Outcome::Applied));
    assert_eq!(shop.commit(set(20)), Ok(Outcome::Applied));
    assert_eq!(shop.commit(ran(10)), Ok(Outcome::Refused));
    assert_eq!(timer(), Some(20));
    assert_eq!(shop.commit(ran(20)), Ok(Outcome::Applied));
    assert_eq!(timer(), None);
}
