//! The wall clock that components see: the real one, or one that tests move.
//!
//! A moved clock stands still between moves, so that a test decides what "now" is; or it runs on
//! at real speed. The monotonic clock is always the real one.

use anyhow::{Context as _, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use wasmtime_wasi::HostWallClock;

/// A clock that all instances share.
#[derive(Debug, Clone)]
pub struct Clock {
    source: Arc<Source>,
}

#[derive(Debug)]
enum Source {
    Real,
    Moved(Mutex<Moved>),
}

#[derive(Debug, Clone, Copy)]
struct Moved {
    /// Since 1970.
    base: Duration,
    /// Runs on from `base` since then; stands still if there is none.
    since: Option<Instant>,
}

impl Clock {
    /// A clock that stands, or runs from, `at`; the real clock without.
    pub fn new(at: Option<DateTime<Utc>>, runs: bool) -> anyhow::Result<Self> {
        let source = match at {
            None => Source::Real,
            Some(at) => {
                let moved = Moved { base: since_epoch(at)?, since: runs.then(Instant::now) };
                Source::Moved(Mutex::new(moved))
            }
        };
        Ok(Self { source: Arc::new(source) })
    }

    /// The time since 1970.
    pub fn now(&self) -> Duration {
        match &*self.source {
            Source::Real => SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default(),
            Source::Moved(moved) => moved.lock().unwrap_or_else(PoisonError::into_inner).now(),
        }
    }

    /// The time as RFC 3339.
    pub fn text(&self) -> String {
        let now = DateTime::<Utc>::from(SystemTime::UNIX_EPOCH + self.now());
        now.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) -> anyhow::Result<()> {
        self.change(|moved| moved.base = moved.base.saturating_add(by))
    }

    /// Sets it.
    pub fn set(&self, to: DateTime<Utc>) -> anyhow::Result<()> {
        let base = since_epoch(to)?;
        self.change(|moved| {
            moved.base = base;
            moved.since = moved.since.map(|_| Instant::now());
        })
    }

    fn change(&self, with: impl FnOnce(&mut Moved)) -> anyhow::Result<()> {
        match &*self.source {
            Source::Real => bail!("could not move the clock: it is the real one, without --clock"),
            Source::Moved(moved) => {
                with(&mut moved.lock().unwrap_or_else(PoisonError::into_inner));
                Ok(())
            }
        }
    }
}

impl Moved {
    fn now(&self) -> Duration {
        self.base.saturating_add(self.since.map_or(Duration::ZERO, |since| since.elapsed()))
    }
}

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        Self::now(self)
    }
}

fn since_epoch(at: DateTime<Utc>) -> anyhow::Result<Duration> {
    let at = SystemTime::from(at);
    at.duration_since(SystemTime::UNIX_EPOCH).context("could not set the clock before 1970")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_given_clock_stands_until_it_is_moved() {
        let clock = Clock::new(Some(at("2026-03-01T00:00:00Z")), false).unwrap();
        assert_eq!(clock.text(), "2026-03-01T00:00:00.000Z");
        clock.advance(Duration::from_millis(1_500)).unwrap();
        assert_eq!(clock.clone().text(), "2026-03-01T00:00:01.500Z");
        clock.set(at("2027-01-01T00:00:00Z")).unwrap();
        assert_eq!(clock.text(), "2027-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_running_clock_runs_on_and_the_real_one_cannot_be_moved() {
        let clock = Clock::new(Some(at("2026-03-01T00:00:00Z")), true).unwrap();
        let before = clock.now();
        while clock.now() == before {
            std::thread::yield_now();
        }
        let real = Clock::new(None, false).unwrap();
        assert!(real.advance(Duration::from_secs(1)).is_err());
    }
}
