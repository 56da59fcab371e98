//! Fills a carrier's pool of waybill numbers. Numbers that are known already are passed over.

use domain::{CarrierCode, Change, Waybill, WaybillEvent, WaybillNumber};
use edge::{Answer, Ctx, Problem, Request, Response, Role, parse_json};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pool {
    carrier: CarrierCode,
    numbers: Vec<Waybill>,
}

const NUMBERS_AT_MOST: usize = 10_000;

pub async fn fill(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let pool: Pool = parse_json(&body)?;
    if pool.numbers.is_empty() || pool.numbers.len() > NUMBERS_AT_MOST {
        let detail = format!("1 to {NUMBERS_AT_MOST} numbers");
        return Err(Problem::invalid("#/numbers", "out_of_range", detail));
    }
    let numbers: BTreeSet<&Waybill> = pool.numbers.iter().collect();
    let wanted: Vec<WaybillNumber> = numbers
        .into_iter()
        .map(|number| WaybillNumber::new(pool.carrier.clone(), number.clone()))
        .collect();
    let ids: Vec<String> = wanted.iter().map(|w| w.id.clone()).collect();
    let decide = async || {
        let known: BTreeSet<String> = ctx.store.known_waybills(&ids).await?.into_iter().collect();
        let mut change = Change::new(who.actor(), ctx.now());
        let mut added = 0;
        for number in wanted.iter().filter(|w| !known.contains(&w.id)) {
            added += 1;
            change.begin::<WaybillNumber>(WaybillEvent::Pooled { number: number.clone() });
        }
        let body = serde_json::json!({"added": added, "known": known.len()});
        Ok((change, Answer::ok(body)))
    };
    ctx.change_once(request, &who, &body, decide).await
}
