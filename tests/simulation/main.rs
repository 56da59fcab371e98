//! A shop that lives by chance: buyers, merchants, warehouses, a gateway, a carrier, a scheduler
//! and a clock, each step drawn from a seed, with messages twice, late, lost and out of order,
//! requests in flight together, instances that die and storage that fails. An auditor with a model
//! of its own judges every step.
//!
//! `make simulate` lives many lives (`N=…`), `SEED=…` one of them again and tells it (`STEPS=…`).
#![cfg(test)]

mod acts;
mod audit;
mod carrier;
mod ending;
mod gateway;
mod interleave;
mod life;
mod model;
mod purse;
mod refunds;
mod views;

use life::{Life, Log, Plan, Violation};
use orderflow_tests::{Shop, runtime};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Steps of a life.
const STEPS: usize = 100;
/// Lives that each of the tests lives: as many as two minutes allow.
const LIVES: u64 = if cfg!(debug_assertions) { 3 } else { 50 };
/// Steps that are told of a life that went wrong.
const TOLD: usize = 30;

/// How often each kind of event happened.
type Happened = BTreeMap<String, u64>;

/// Lives one life.
fn live(plan: Plan, log: &Log) -> Result<Happened, Violation> {
    let step = std::cell::Cell::new(0);
    let lived = catch_unwind(AssertUnwindSafe(|| {
        runtime().block_on(async {
            let shop = Shop::natively();
            life::opens(&shop, plan.seed).await;
            let mut life = Life::begins(&shop, plan, log.clone());
            life.auditor.look(life.now().0)?;
            for number in 1..=plan.steps {
                step.set(number);
                life.step = number;
                life.one_step().await?;
            }
            step.set(plan.steps);
            life.ends().await?;
            Ok(std::mem::take(&mut life.auditor.model.happened))
        })
    }));
    let lived = lived.unwrap_or_else(|why| Err(audit::Auditor::panicked(why.as_ref())));
    lived.map_err(|broken| {
        let lines = log.borrow();
        let first = step.get().saturating_sub(TOLD);
        let late = |line: &&String| {
            let number = line.split_whitespace().next().and_then(|word| word.parse().ok());
            number.is_none_or(|number: usize| number > first)
        };
        let last = lines.iter().filter(late).cloned().collect();
        Violation { plan, step: step.get(), broken, last }
    })
}

/// The shortest life of this seed that breaks the same.
fn shrunk(violation: Violation) -> Violation {
    let mut shortest = violation;
    let mut steps = shortest.step.min(shortest.plan.steps);
    loop {
        let plan = Plan { steps, ..shortest.plan };
        match live(plan, &Log::default()) {
            Err(again) if again.broken.invariant == shortest.broken.invariant => shortest = again,
            Ok(_) | Err(_) => return shortest,
        }
        if steps == 0 {
            return shortest;
        }
        steps -= steps.div_ceil(8).max(1);
    }
}

fn lives(seeds: impl Iterator<Item = u64>, steps: usize) -> Happened {
    let mut happened = Happened::new();
    for seed in seeds {
        match live(Plan { seed, steps }, &Log::default()) {
            Ok(these) => add(&mut happened, these),
            Err(violation) => panic!("\n{}", shrunk(violation)),
        }
    }
    happened
}

fn add(all: &mut Happened, these: Happened) {
    for (event, times) in these {
        *all.entry(event).or_default() += times;
    }
}

/// A block of lives. What never happens in any of them is not tested by them.
fn block(number: u64) {
    let first = number * LIVES;
    let happened = lives(first..first + LIVES, STEPS);
    let often = [
        "orders placed",
        "orders paid",
        "orders shipped",
        "orders settled",
        "payments refund_succeeded",
        "orders confirmed",
        "payments cash_collected",
        "parcels cash_remitted",
    ];
    let rare = [
        "exceptions opened",
        "pick_lists confirmed",
        "parcels given_up",
        "manifests handed_over",
        "orders substitute offered",
    ];
    // A few lives need not have seen everything.
    let rare = rare.iter().filter(|_| LIVES >= 50);
    for event in often.iter().chain(rare) {
        assert!(happened.contains_key(*event), "{event} never happened: {happened:#?}");
    }
}

mod a_shop_that_lives_by_chance_keeps_its_promises {
    macro_rules! blocks {
        ($($name:ident $number:literal)*) => {
            $(#[test]
            fn $name() {
                super::block($number);
            })*
        };
    }
    blocks! {
        in_its_first_lives 0
        in_its_second_lives 1
        in_its_third_lives 2
        in_its_fourth_lives 3
        in_its_fifth_lives 4
        in_its_sixth_lives 5
        in_its_seventh_lives 6
        in_its_eighth_lives 7
    }
}

#[test]
fn the_same_seed_lives_the_same_life() {
    let told = |seed: u64| {
        let log = Log::default();
        let lived = live(Plan { seed, steps: 40 }, &log);
        assert!(lived.is_ok_and(|happened| !happened.is_empty()));
        log.take()
    };
    assert_eq!(told(11), told(11));
    assert_ne!(told(11), told(12));
}

fn asked(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// What a long run tells while it runs; tests' own output is kept back until they fail.
fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// `make simulate`: one seed told step by step, or many of them spread over the cores.
#[test]
#[ignore = "it runs as long as it is told to"]
fn simulate() {
    let steps = asked("STEPS").map_or(STEPS, |steps| usize::try_from(steps).expect("steps"));
    if let Some(seed) = asked("SEED") {
        let log = Log::default();
        let lived = live(Plan { seed, steps }, &log);
        log.borrow().iter().for_each(|line| tell(line));
        match lived {
            Ok(happened) => tell(&format!("{happened:#?}")),
            Err(violation) => panic!("\n{violation}"),
        }
        return;
    }
    let (first, count) = (asked("FROM").unwrap_or(0), asked("N").unwrap_or(500));
    let began = std::time::Instant::now();
    let next = AtomicU64::new(first);
    let found = Mutex::new((Happened::new(), Vec::new()));
    let only_first = asked("FIRST").is_some();
    let worker = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return;
            }
            let lived = live(Plan { seed, steps }, &Log::default());
            let lived = lived.map_err(|broken| if only_first { broken } else { shrunk(broken) });
            let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match lived {
                Ok(happened) => add(&mut found.0, happened),
                Err(violation) => {
                    tell(&violation.to_string());
                    found.1.push(seed);
                    if only_first {
                        next.store(first + count, Ordering::Relaxed);
                    }
                }
            }
            if (seed - first) % 100 == 99 {
                tell(&format!("{} lives, {} s", seed - first + 1, began.elapsed().as_secs()));
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(worker))));
    let (happened, broken) = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let rate = count as f64 / began.elapsed().as_secs_f64();
    tell(&format!("{happened:#?}\n{count} lives of {steps} steps, {rate:.1} lives/s"));
    assert!(broken.is_empty(), "{} lives broke a promise: {broken:?}", broken.len());
    tell("every promise was kept");
}
