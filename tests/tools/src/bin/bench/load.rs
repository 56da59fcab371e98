//! The load: a task for each connection, which calls again as soon as it was answered.
//!
//! Connections are kept alive, each call is timed, and one wrong answer ends it all.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tools::{Call, Client};

/// Calls that are made before anything counts.
const WARM_UP: Duration = Duration::from_millis(750);
/// Answers of each connection that are given back.
const SAMPLE: usize = 40;

/// One connection's calls.
pub type Caller = Box<dyn FnMut() -> Call + Send>;

/// What was measured.
#[derive(Debug, Default)]
pub struct Measured {
    /// Calls that count.
    pub count: u64,
    /// All calls, with those of the warm-up.
    pub all: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// How long each took.
    micros: Vec<u32>,
    /// The first answers of each connection.
    pub samples: Vec<Vec<Bytes>>,
}

impl Measured {
    /// What was measured without connections: so many in that time.
    pub fn of(count: u64, elapsed: Duration, micros: Vec<u32>) -> Self {
        let mut measured = Self { count, all: count, elapsed, micros, samples: Vec::new() };
        measured.micros.sort_unstable();
        measured
    }

    /// Calls per second.
    pub fn per_second(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.count as f64 / seconds } else { 0.0 }
    }

    /// So many milliseconds or less took this share of the calls, in thousandths.
    pub fn within_ms(&self, thousandths: usize) -> f64 {
        let last = self.micros.len().saturating_sub(1);
        let at = (self.micros.len() * thousandths / 1_000).min(last);
        self.micros.get(at).map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
    }
}

/// Lets all callers call for `time`; each answer must have the expected status.
pub async fn run(
    address: SocketAddr,
    callers: Vec<Caller>,
    time: Duration,
    expected: u16,
) -> anyhow::Result<Measured> {
    let counted = Instant::now() + WARM_UP;
    let end = counted + time;
    let tasks: Vec<_> = callers
        .into_iter()
        .map(|caller| tokio::spawn(call(address, caller, (counted, end), expected)))
        .collect();
    let mut measured = Measured::default();
    let mut last = counted;
    for task in tasks {
        let (micros, sample, all, at) = task.await.context("a connection's task broke")??;
        measured.count += micros.len() as u64;
        measured.all += all;
        measured.micros.extend(micros);
        measured.samples.push(sample);
        last = last.max(at);
    }
    measured.elapsed = last - counted;
    measured.micros.sort_unstable();
    Ok(measured)
}

type Called = (Vec<u32>, Vec<Bytes>, u64, Instant);

async fn call(
    address: SocketAddr,
    mut caller: Caller,
    (counted, end): (Instant, Instant),
    expected: u16,
) -> anyhow::Result<Called> {
    let mut client = Client::new(address)?;
    let (mut micros, mut sample) = (Vec::with_capacity(1 << 14), Vec::new());
    let (mut all, mut begun) = (0, Instant::now());
    while begun < end {
        let answer = client.call(caller()).await?;
        let done = Instant::now();
        if answer.status.as_u16() != expected {
            let body = String::from_utf8_lossy(&answer.body);
            bail!("an answer is {} instead of {expected}: {body}", answer.status);
        }
        if begun >= counted {
            micros.push(u32::try_from((done - begun).as_micros()).unwrap_or(u32::MAX));
        }
        if sample.len() < SAMPLE {
            sample.push(answer.body);
        }
        all += 1;
        begun = done;
    }
    Ok((micros, sample, all, begun))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_calls_is_found_by_its_place() {
        let micros = (1..=1_000).map(|n| n * 1_000).rev().collect();
        let measured = Measured::of(1_000, Duration::from_secs(2), micros);
        assert!((measured.per_second() - 500.0).abs() < 1e-9);
        assert!((measured.within_ms(500) - 501.0).abs() < 1e-9);
        assert!((measured.within_ms(1_000) - 1_000.0).abs() < 1e-9);
        assert!(Measured::default().within_ms(500).abs() < 1e-9);
    }
}
