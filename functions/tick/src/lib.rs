//! tick: what the clock starts. The scheduler calls it every second.
//!
//! A timer only says that it is time to look: the same decision as a person's command is made, and
//! a timer whose reason has gone does nothing but end.

mod parcels;
mod payments;

use domain::{
    Actor, CaseId, Change, Effect, Millis, OrderId, TimerKind, case_overdue, cash_overdue,
    complete_order, confirmation_overdue, end_window, ship_date_due, substitutes_due,
};
use edge::{Ctx, Problem, Request, Response, json};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use http::{Method, StatusCode};
use std::cell::Cell;
use store::DueTimer;

/// So many timers are run at the same time, because their commits share the disk,
const TIMERS_AT_ONCE: i64 = 200;
/// and so many times in one call while there are more.
const ROUNDS_AT_MOST: usize = 10;

pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    if request.method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
    ctx.scheduler(request).await?;
    let now = ctx.now();
    ctx.store.forget_keys(now.0).await?;
    let (mut ran, mut failed) = (0, 0);
    for _ in 0..ROUNDS_AT_MOST {
        let due = ctx.store.due_timers(now.0, TIMERS_AT_ONCE).await?;
        let more = i64::try_from(due.len()).unwrap_or(0) == TIMERS_AT_ONCE;
        let bad = run_all(ctx, request, &due).await;
        (ran, failed) = (ran + due.len(), failed + bad);
        // Those that failed are still due: they would be all that the next round finds.
        if !more || bad > 0 {
            break;
        }
    }
    let body = serde_json::json!({"due": ran, "failed": failed});
    Ok(json(StatusCode::OK, &body))
}

/// Runs timers together, and answers how many of them failed. Many of one document stand in each
/// other's way: those that the others were faster than three times are run alone afterwards.
async fn run_all(ctx: &Ctx, request: &Request, due: &[DueTimer]) -> usize {
    let runs: FuturesUnordered<_> = due.iter().map(|timer| run(ctx, request, timer)).collect();
    let results: Vec<Result<Ran<'_>, Problem>> = runs.collect().await;
    let mut failed = results.iter().filter(|result| result.is_err()).count();
    for result in results {
        let Ok(Ran::Crowded(timer)) = result else { continue };
        match run(ctx, request, timer).await {
            Ok(Ran::Done) => {}
            Ok(Ran::Crowded(timer)) => {
                eprintln!("the timer {} of {} finds no room", timer.kind.word(), timer.subject);
                failed += 1;
            }
            Err(_) => failed += 1,
        }
    }
    failed
}

/// How it went with a timer.
enum Ran<'t> {
    Done,
    /// Others changed the same, again and again.
    Crowded(&'t DueTimer),
}

/// Runs one timer. Whatever is decided, the timer has gone off and is cleared with it, unless the
/// decision set it anew. A timer that somebody moved or cleared at the same moment does nothing.
async fn run<'t>(ctx: &Ctx, request: &Request, timer: &'t DueTimer) -> Result<Ran<'t>, Problem> {
    let refused = Cell::new(false);
    let decide = async || {
        let mut change = Change::new(Actor::Clock, ctx.now());
        let (kind, subject, due) = (timer.kind, timer.subject.clone(), Millis(timer.due_at));
        if refused.replace(true) && ctx.store.timer(kind, &subject).await?.as_ref() != Some(timer) {
            return Ok((change, ()));
        }
        change.effect(Effect::TimerRan { kind, subject, due });
        match timer.kind {
            TimerKind::Unpaid => payments::unpaid(ctx, &mut change, &timer.subject).await?,
            TimerKind::RefundsDue => payments::refunds(ctx, &mut change, &timer.subject).await?,
            TimerKind::Unmatched => payments::unmatched(ctx, &mut change, &timer.subject).await?,
            TimerKind::Unconfirmed => unconfirmed(ctx, &mut change, &timer.subject).await?,
            TimerKind::CashOverdue => cash_late(ctx, &mut change, &timer.subject).await?,
            TimerKind::ShipBy => ship_by(ctx, &mut change, &timer.subject).await?,
            TimerKind::SubstituteDue => unanswered(ctx, &mut change, &timer.subject).await?,
            TimerKind::NoScan => parcels::silent(ctx, &mut change, &timer.subject).await?,
            TimerKind::ExceptionDue => {
                parcels::exception_due(ctx, &mut change, &timer.subject).await?;
            }
            TimerKind::CarrierSilent => parcels::unheard(ctx, &mut change, &timer.subject).await?,
            TimerKind::AutoComplete => auto_complete(ctx, &mut change, &timer.subject).await?,
            TimerKind::WindowEnds => window_ends(ctx, &mut change, &timer.subject).await?,
            TimerKind::ReviewOverdue | TimerKind::ReturnOverdue => {
                overdue(ctx, &mut change, &timer.subject).await?;
            }
        }
        Ok((change, ()))
    };
    let run = ctx.try_change(request, decide).await;
    if let Err(problem) = &run {
        eprintln!(
            "the timer {} of {} did not run: {}",
            timer.kind.word(),
            timer.subject,
            problem.detail
        );
    }
    run.map(|done| done.map_or(Ran::Crowded(timer), |()| Ran::Done))
}

async fn unconfirmed(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    let Ok(id) = OrderId::parse(subject) else { return Ok(()) };
    let policy = ctx.policy().await?;
    if let Some(mut found) = ctx.store.order_and_payment(&id).await? {
        confirmation_overdue(change, found.at_hand(), &policy.cash_on_delivery, &mut ctx.ids())?;
    }
    Ok(())
}

async fn cash_late(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    if let Some(mut parcel) = ctx.store.load::<domain::Parcel>(subject).await? {
        cash_overdue(change, &mut parcel);
    }
    Ok(())
}

async fn auto_complete(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    let Some(mut order) = ctx.store.load::<domain::Order>(subject).await? else { return Ok(()) };
    match complete_order(change, &mut order) {
        // The buyer was faster, or part of it is not shipped: another timer will come.
        Ok(()) | Err(_) => Ok(()),
    }
}

async fn ship_by(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    if let Some(mut order) = ctx.store.load::<domain::Order>(subject).await? {
        ship_date_due(change, &mut order);
    }
    Ok(())
}

async fn unanswered(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    let Ok(id) = OrderId::parse(subject) else { return Ok(()) };
    if let Some(mut found) = ctx.store.order_and_payment(&id).await? {
        substitutes_due(change, found.at_hand(), &mut ctx.ids())?;
    }
    Ok(())
}

async fn window_ends(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    let Ok(id) = OrderId::parse(subject) else { return Ok(()) };
    if let Some(mut order) = ctx.store.load::<domain::Order>(id.as_str()).await? {
        end_window(change, &mut order);
    }
    Ok(())
}

async fn overdue(ctx: &Ctx, change: &mut Change, subject: &str) -> Result<(), Problem> {
    let Ok(id) = CaseId::parse(subject) else { return Ok(()) };
    let policy = ctx.policy().await?;
    if let Some(mut found) = ctx.store.case_situation(&id).await? {
        let address = found.return_address.clone();
        case_overdue(change, &mut found.order, &mut found.case, address, &policy);
    }
    Ok(())
}

#[cfg(target_family = "wasm")]
#[spin_sdk::http_service]
async fn serve(request: spin_sdk::http::Request) -> edge::spin::SpinResponse {
    edge::spin::serve(request, handle).await
}
