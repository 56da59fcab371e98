//! Draws a paper of a parcel for a printer, and keeps that it did.

use crate::draw::{Drawn, draw};
use domain::{Change, Paper, PaperFormat, ParcelId, may_print, printed};
use edge::{Answer, Ctx, Principal, Problem, Request, Response, Role, parse_json};
use http::{HeaderName, HeaderValue, header};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use store::Papers;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default = "pdf")]
    format: PaperFormat,
}

fn pdf() -> PaperFormat {
    PaperFormat::Pdf
}

/// What is kept with the idempotency key. The paper itself is drawn again.
#[derive(Serialize, Deserialize)]
struct Kept {
    reprint: bool,
}

pub async fn print(
    ctx: &Ctx,
    request: &Request,
    id: &str,
    paper: Paper,
) -> Result<Response, Problem> {
    let who = ctx.principal(request, &[Role::Warehouse, Role::Operator]).await?;
    let body = request.json_bytes().await?;
    let Wish { format } = parse_json(&body)?;
    let policy = ctx.policy().await?;
    let drawn = RefCell::new(None);
    let decide = async || {
        let papers = papers(ctx, &who, id).await?;
        may_print(&papers.parcel.doc, paper)?;
        let paper_drawn = draw(&papers, (paper, format), &policy.packing)?;
        let mut change = Change::new(who.actor(), ctx.now());
        let (known, losses) = (papers.prints, paper_drawn.losses.clone());
        drawn.replace(Some(paper_drawn));
        let parcel = &papers.parcel.doc;
        let reprint = printed(&mut change, known, parcel, (paper, format), losses)?;
        let kept = serde_json::to_value(Kept { reprint }).unwrap_or_default();
        Ok((change, Answer::ok(kept)))
    };
    let kept = ctx.change_once(request, &who, &body, decide).await?;
    let kept: Kept = parse_json(kept.body())?;
    let drawn = match drawn.take() {
        Some(drawn) => drawn,
        // A request that is sent again gets its paper again, if there still is one.
        None => {
            let papers = papers(ctx, &who, id).await?;
            may_print(&papers.parcel.doc, paper)?;
            draw(&papers, (paper, format), &policy.packing)?
        }
    };
    Ok(response(drawn, format, &kept))
}

async fn papers(ctx: &Ctx, who: &Principal, id: &str) -> Result<Papers, Problem> {
    let nothing = || Problem::not_found("parcel");
    let id = ParcelId::parse(id).map_err(|_| nothing())?;
    let papers = ctx.store.papers(&id).await?.ok_or_else(nothing)?;
    who.works_at(papers.parcel.doc.warehouse.as_str())?;
    Ok(papers)
}

fn response(drawn: Drawn, format: PaperFormat, kept: &Kept) -> Response {
    let media_type = match format {
        PaperFormat::Pdf => "application/pdf",
        PaperFormat::Zpl => "application/zpl",
    };
    let mut response = http::Response::new(drawn.bytes.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    // What shows where a person lives is not to be kept on the way.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let reprint = if kept.reprint { "true" } else { "false" };
    let name = HeaderName::from_static("print-reprint");
    headers.insert(name, HeaderValue::from_static(reprint));
    if let Ok(losses) = HeaderValue::from_str(&drawn.losses.join(", ")) {
        headers.insert(HeaderName::from_static("print-losses"), losses);
    }
    response
}
