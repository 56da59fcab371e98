//! Where the processor's time goes meanwhile: to the host, to us, to others. What goes to others
//! tells how much the figures are worth; the host's time for a call is worth most of all.

use std::time::Duration;

/// The kernel's unit of these times.
const JIFFY: Duration = Duration::from_millis(10);

/// What was spent until now, in jiffies.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    all: u64,
    idle: u64,
    host: u64,
    own: u64,
}

/// What was spent between two moments.
#[derive(Debug, Clone, Copy, Default)]
pub struct Busy {
    /// The host's time for one call, in microseconds.
    pub host_micros: f64,
    /// The part of the machine that other processes had, from 0 to 1.
    pub others: f64,
}

impl Spent {
    /// Until now. Zeroes where the kernel does not tell.
    pub fn now(host: Option<u32>) -> Self {
        let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = stat.lines().next().unwrap_or_default();
        let times: Vec<u64> = line.split_whitespace().skip(1).flat_map(str::parse).collect();
        Self {
            // What guests have is in their user time already.
            all: times.iter().take(8).sum(),
            idle: times.iter().skip(3).take(2).sum(),
            host: host.map_or(0, |pid| of_process(&pid.to_string())),
            own: of_process("self"),
        }
    }

    /// Since then, for so many calls.
    pub fn until(self, later: Self, calls: u64) -> Busy {
        let all = later.all.saturating_sub(self.all).max(1);
        let host = later.host.saturating_sub(self.host);
        let known =
            host + later.own.saturating_sub(self.own) + later.idle.saturating_sub(self.idle);
        let micros = JIFFY.as_micros() as f64 * host as f64;
        Busy {
            host_micros: micros / calls.max(1) as f64,
            others: all.saturating_sub(known) as f64 / all as f64,
        }
    }
}

/// User and system time of a process. Its name, in brackets, may hold anything.
fn of_process(pid: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).flat_map(str::parse::<u64>).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_known_had_others_had() {
        let later = Spent { all: 100, idle: 20, host: 50, own: 10 };
        let busy = Spent::default().until(later, 1_000);
        assert!((busy.others - 0.2).abs() < 1e-9);
        assert!((busy.host_micros - 500.0).abs() < 1e-9);
    }
}
