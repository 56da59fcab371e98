//! Requests in flight at the same time on one thread, in an order that chance decides; and what can
//! go wrong between any two of their steps.

use crate::model::{Broken, Kept, must};
use orderflow_tests::{Answer, Ask, Chance, Fault, Shop};
use std::task::{Context, Poll, Waker};

/// A request takes some tens of steps; one that takes so many never ends.
const STEPS_AT_MOST: usize = 200_000;

/// What happens while requests are in flight. The numbers are steps of the whole.
#[derive(Debug, Clone, Default)]
pub struct Dangers {
    /// One request is given up by whoever asked.
    pub hangs_up: Option<usize>,
    /// Nobody waits for long: at every step one may be given up.
    pub impatient: bool,
    /// An instance dies, and with it all it was doing.
    pub dies: Option<usize>,
    /// A new instance begins to serve while the old one finishes what it has.
    pub renewed: Option<usize>,
    /// The clock jumps, by so many milliseconds.
    pub jumps: Option<(usize, i64)>,
    /// One of the next writing statements fails: which, and how.
    pub fails: Option<(u64, Fault)>,
}

impl Dangers {
    pub fn drawn(chance: &mut Chance) -> Self {
        let mut dangers = Self::default();
        let step = chance.below(60);
        match chance.below(6) {
            0 => dangers.hangs_up = Some(step),
            1 => dangers.dies = Some(step),
            2 => dangers.renewed = Some(step),
            3 => dangers.jumps = Some((step, chance.between(1, 200) * 1_000)),
            _ => {
                let fault = if chance.percent(50) { Fault::Before } else { Fault::After };
                dangers.fails = Some((chance.draw() % 4 + 1, fault));
            }
        }
        dangers
    }

    /// When many do the same at the same moment, some of them lose their patience.
    pub fn of_a_rush(chance: &mut Chance) -> Self {
        if chance.percent(50) {
            Self { impatient: true, ..Self::default() }
        } else {
            Self::drawn(chance)
        }
    }

    /// Whether an answer may be trouble, or may not come at all.
    pub fn any(&self) -> bool {
        self.impatient || self.hangs_up.is_some() || self.dies.is_some() || self.fails.is_some()
    }
}

impl std::fmt::Display for Dangers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self { hangs_up: Some(at), .. } => write!(f, "at {at} one hangs up"),
            Self { impatient: true, .. } => write!(f, "nobody waits for long"),
            Self { dies: Some(at), .. } => write!(f, "at {at} an instance dies"),
            Self { renewed: Some(at), .. } => write!(f, "at {at} an instance is renewed"),
            Self { jumps: Some((at, ms)), .. } => write!(f, "at {at} the clock jumps {ms} ms"),
            Self { fails: Some((nth, fault)), .. } => write!(f, "write {nth} fails {fault:?}"),
            Self { .. } => write!(f, "no danger"),
        }
    }
}

type Flying<'s> = (String, futures::future::LocalBoxFuture<'s, Answer>);

/// All requests at once. `None` for those that nobody heard an answer to.
pub fn interleave<'s>(
    shop: &'s Shop,
    chance: &mut Chance,
    asks: Vec<Ask<'s>>,
    dangers: &Dangers,
) -> Result<Vec<Option<Answer>>, Broken> {
    let native = shop.stage().native().expect("it runs in this process");
    let component = |ask: &Ask<'s>| native.component_of(&ask.path).expect("a route");
    if let Some((nth, fault)) = dangers.fails {
        native.fail_at(native.writes() + nth, fault);
    }
    let mut answers: Vec<Option<Answer>> = asks.iter().map(|_| None).collect();
    let mut flying: Vec<Option<Flying<'s>>> =
        asks.into_iter().map(|ask| Some((component(&ask), ask.into_future()))).collect();
    let mut context = Context::from_waker(Waker::noop());
    let mut ended = Err(Broken { invariant: "every request ends", detail: String::new() });
    for step in 0..STEPS_AT_MOST {
        danger(shop, chance, &mut flying, (step, dangers))?;
        let open: Vec<usize> = (0..flying.len()).filter(|i| flying[*i].is_some()).collect();
        if open.is_empty() {
            ended = Ok(());
            break;
        }
        let i = chance.pick(&open);
        let polled = flying[i].as_mut().map(|(_, future)| future.as_mut().poll(&mut context));
        if let Some(Poll::Ready(answer)) = polled {
            (answers[i], flying[i]) = (Some(answer), None);
        }
    }
    native.fail_at(0, Fault::Before);
    ended.map(|()| answers)
}

fn danger<'s>(
    shop: &'s Shop,
    chance: &mut Chance,
    flying: &mut [Option<Flying<'s>>],
    (step, dangers): (usize, &Dangers),
) -> Kept {
    let native = shop.stage().native().expect("it runs in this process");
    let now = Some(step);
    if let Some((at, ms)) = dangers.jumps
        && at == step
    {
        let jumped = futures::FutureExt::now_or_never(shop.is_later(ms));
        must(jumped.is_some(), "the clock moves at once", String::new)?;
    }
    let hangs_up = dangers.hangs_up == now || (dangers.impatient && chance.percent(5));
    if !hangs_up && ![dangers.dies, dangers.renewed].contains(&now) {
        return Ok(());
    }
    let open: Vec<usize> = (0..flying.len()).filter(|i| flying[*i].is_some()).collect();
    if open.is_empty() {
        return Ok(());
    }
    let chosen = flying[chance.pick(&open)].as_ref();
    let component = chosen.map(|(component, _)| component.clone()).unwrap_or_default();
    let victims = open.iter().filter(|i| flying[**i].as_ref().is_some_and(|f| f.0 == component));
    let victims: Vec<usize> = victims.copied().collect();
    if hangs_up {
        flying[chance.pick(&victims)] = None;
        return Ok(());
    }
    native.renew(&component);
    if dangers.dies == now {
        victims.into_iter().for_each(|i| flying[i] = None);
    }
    Ok(())
}
