//! Plans a wave, or says what it would be.
//!
//! A wave is planned in parts, each one commit, so that checkout never waits for long. Whoever is
//! interrupted asks for the same wave once more, and it goes on where it was: what is on a list is
//! not planned again.

use crate::{PICKERS, view};
use domain::{
    CarrierCode, CarriersOfWarehouse, Change, MerchantId, PickMethod, Policy, Refusal, Stored,
    WarehouseId, Wave, WaveId, WavePart, WaveRule, WaveWanted, plan_part,
};
use edge::{
    Ctx, Decided, FieldFault, Principal, Problem, Request, Response, json, parse_json, views,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json as value;
use std::collections::BTreeSet;
use std::rc::Rc;
use store::WaitingAfter;

/// Orders of one commit.
const PART: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    warehouse: WarehouseId,
    method: PickMethod,
    rule: Option<Rule>,
    orders: Option<Vec<domain::OrderId>>,
    orders_per_list: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    confirmed_before: Option<String>,
    merchant: Option<MerchantId>,
    zones: Option<Vec<String>>,
    carriers: Option<Vec<CarrierCode>>,
    lines_at_most: Option<i64>,
    pieces_at_most: Option<i64>,
    orders_at_most: Option<usize>,
}

impl Rule {
    fn read(self) -> Result<WaveRule, Problem> {
        let Self { confirmed_before, merchant, zones, carriers, .. } = self;
        let no_time = || {
            let place = "#/rule/confirmed_before";
            Problem::invalid(place, "does_not_fit", "a time of RFC 3339")
        };
        let read = |text: String| views::moment(&text).ok_or_else(no_time);
        let confirmed_before = confirmed_before.map(read).transpose()?;
        let Self { lines_at_most, pieces_at_most, orders_at_most, .. } = self;
        Ok(WaveRule {
            confirmed_before,
            merchant,
            zones,
            carriers,
            lines_at_most,
            pieces_at_most,
            orders_at_most,
        })
    }
}

/// What is wanted, by somebody who may want it there.
async fn wanted(request: &Request, who: &Principal) -> Result<WaveWanted, Problem> {
    let body = request.json_bytes().await?;
    let Wish { warehouse, method, rule, orders, orders_per_list } = parse_json(&body)?;
    who.works_at(warehouse.as_str())?;
    let rule = rule.map(Rule::read).transpose()?;
    let wanted = WaveWanted { warehouse, method, rule, orders, orders_per_list };
    let faults: Vec<FieldFault> = wanted.check().iter().map(FieldFault::from).collect();
    if faults.is_empty() { Ok(wanted) } else { Err(Problem::faulty(faults)) }
}

/// Makes a wave of that name and plans it, or goes on with it.
pub async fn plan(ctx: &Ctx, request: &Request, id: &str) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let wanted = wanted(request, &who).await?;
    let id = WaveId::parse(id).map_err(|_| Problem::not_found("wave"))?;
    let basis = Basis::read(ctx, &wanted).await?;
    let mut after = Some(WaitingAfter::default());
    let mut begun = false;
    while let Some(from) = after {
        let decide = async || {
            let known = ctx.store.load::<Wave>(id.as_str()).await?;
            begin_or_go_on(ctx, &who, (known, &id, &wanted), &from, &basis).await
        };
        let (new, next) = ctx.change(request, decide).await?;
        (begun, after) = (begun || new, next);
    }
    let planned = ctx.store.wave(id.as_str()).await?;
    let planned = planned.ok_or_else(|| Problem::not_found("wave"))?;
    let mut response = ctx.show(request, planned.wave.version, &view::wave(&planned));
    if begun {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}

type Next = (bool, Option<WaitingAfter>);

/// One part: whether the wave began with it, and where the next one begins.
async fn begin_or_go_on(
    ctx: &Ctx,
    who: &Principal,
    (known, id, wanted): (Option<Stored<Wave>>, &WaveId, &WaveWanted),
    after: &WaitingAfter,
    basis: &Basis,
) -> Decided<Next> {
    let mut change = Change::new(who.actor(), ctx.now());
    let new = || Wave::new(id.clone(), wanted.clone(), who.actor(), ctx.now());
    let mut wave = known.unwrap_or_else(|| Stored { version: 0, doc: new() });
    wave.doc.is_asked_for_again(wanted)?;
    if wave.doc.planned_at.is_some() {
        return Ok((change, (false, None)));
    }
    let (begins, found) = (wave.version == 0, Found::read(ctx, wanted, after).await?);
    let part = found.part(basis);
    let done = plan_part(&mut change, &mut wave, &part, &basis.policy, &mut ctx.ids())?;
    let begun = begins && wave.doc.planned.orders > 0;
    Ok((change, (begun, found.next().filter(|_| !done))))
}

/// What is the same for all parts of a wave.
struct Basis {
    policy: Rc<Policy>,
    /// There if the rule names carriers.
    carriers: Option<CarriersOfWarehouse>,
}

impl Basis {
    async fn read(ctx: &Ctx, wanted: &WaveWanted) -> Result<Self, Problem> {
        let policy = ctx.policy().await?;
        let carriers = match &wanted.rule {
            Some(WaveRule { carriers: Some(_), .. }) => {
                ctx.store.carriers_of_warehouse(&wanted.warehouse).await?
            }
            _ => None,
        };
        Ok(Self { policy, carriers })
    }
}

/// What could be planned, and where it lies.
struct Found {
    candidates: Vec<domain::Plannable>,
    spots: domain::Spots,
    last: bool,
}

impl Found {
    async fn read(ctx: &Ctx, wanted: &WaveWanted, after: &WaitingAfter) -> Result<Self, Problem> {
        let part = i64::try_from(PART).unwrap_or(i64::MAX);
        let (candidates, last) = match (&wanted.rule, &wanted.orders) {
            (Some(rule), _) => {
                let found = ctx.store.candidates(&wanted.warehouse, rule, after, part).await?;
                let last = found.len() < PART;
                (found, last)
            }
            (None, orders) => {
                let orders = orders.as_deref().unwrap_or_default();
                (ctx.store.candidates_by_hand(&wanted.warehouse, orders).await?, true)
            }
        };
        let goods = candidates.iter().flat_map(|c| &c.goods);
        let skus: BTreeSet<&str> = goods.map(|line| line.sku.as_str()).collect();
        let spots = ctx.store.spots(&wanted.warehouse, skus.into_iter()).await?;
        Ok(Self { candidates, spots, last })
    }

    fn part<'a>(&'a self, basis: &'a Basis) -> WavePart<'a> {
        WavePart {
            candidates: &self.candidates,
            spots: &self.spots,
            carriers: basis.carriers.as_ref(),
            last: self.last,
        }
    }

    fn next(&self) -> Option<WaitingAfter> {
        let last = self.candidates.last().filter(|_| !self.last)?;
        Some(WaitingAfter { ship_by: last.ship_by.0, order: last.order.to_string() })
    }
}

/// What a wave would be now. Nothing is made.
pub async fn preview(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let who = ctx.principal(request, PICKERS).await?;
    let wanted = wanted(request, &who).await?;
    let basis = Basis::read(ctx, &wanted).await?;
    let id = WaveId::parse("preview").map_err(|_| Problem::not_found("wave"))?;
    let wave = Wave::new(id, wanted.clone(), who.actor(), ctx.now());
    let mut wave = Stored { version: 0, doc: wave };
    let mut after = Some(WaitingAfter::default());
    while let Some(from) = after {
        let mut change = Change::new(who.actor(), ctx.now());
        let found = Found::read(ctx, &wanted, &from).await?;
        let part = found.part(&basis);
        let planned = plan_part(&mut change, &mut wave, &part, &basis.policy, &mut ctx.ids());
        after = match planned {
            Ok(done) => found.next().filter(|_| !done),
            Err(Refusal::NothingToPick) => None,
            Err(refusal) => return Err(refusal.into()),
        };
    }
    let domain::Planned { orders, lists, tasks, pieces } = wave.doc.planned;
    let body = value!({"orders": orders, "lists": lists, "tasks": tasks, "pieces": pieces});
    Ok(json(StatusCode::OK, &body))
}
