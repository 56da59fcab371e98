//! What stands on a parcel's papers, and how they are drawn.

use domain::{
    Delivery, Merchant, Money, OnLabel, Order, PackingPolicy, PackingRefusal, Paper, PaperFormat,
    Parcel, Pick, Refusal, Warehouse, paid_for,
};
use edge::Problem;
use http::StatusCode;
use labels::{Label, Loss, Lost, Part, Person, Personal, Rendered, Slip, SlipLine, Unprintable};
use store::Papers;

/// A paper as a printer takes it.
pub struct Drawn {
    pub bytes: Vec<u8>,
    /// What could not be shown, as `recipient:U+3400` or `note:cut`.
    pub losses: Vec<String>,
}

/// Losses that are told; a text in a script that the font lacks would fill pages.
const TOLD: usize = 50;

/// Draws a paper. 409 with a code of its own for what no scanner could read.
pub fn draw(
    papers: &Papers,
    (paper, format): (Paper, PaperFormat),
    policy: &PackingPolicy,
) -> Result<Drawn, Problem> {
    let drawn = match (paper, format) {
        (Paper::Label, PaperFormat::Pdf) => labels::pdf(&label(papers, policy)?),
        (Paper::Label, PaperFormat::Zpl) => labels::zpl(&label(papers, policy)?),
        (Paper::Slip, PaperFormat::Pdf) => labels::slip_pdf(&slip(papers)),
        (Paper::Slip, PaperFormat::Zpl) => labels::slip_zpl(&slip(papers)),
    };
    let Rendered { bytes, losses } = drawn.map_err(unprintable)?;
    Ok(Drawn { bytes, losses: losses.iter().take(TOLD).map(told).collect() })
}

fn told(loss: &Loss) -> String {
    match loss.what {
        Lost::Missing(character) => format!("{}:U+{:04X}", loss.field.word(), u32::from(character)),
        Lost::Cut => format!("{}:cut", loss.field.word()),
    }
}

fn unprintable(why: Unprintable) -> Problem {
    let detail = why.to_string();
    match why {
        Unprintable::NoBarCode { .. } => Problem::conflict("no_bar_code", detail),
        Unprintable::BarCodeTooWide { .. } => Problem::conflict("bar_code_too_wide", detail),
        Unprintable::QrCodeTooLarge { .. } => Problem::conflict("qr_code_too_large", detail),
        Unprintable::Nothing | Unprintable::Font(_) => {
            eprintln!("could not draw a paper: {detail}");
            let detail = "the paper cannot be drawn";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", detail)
        }
    }
}

fn label(papers: &Papers, policy: &PackingPolicy) -> Result<Label, Problem> {
    let (parcel, order) = (&papers.parcel.doc, &papers.order.doc);
    let none = || Problem::from(Refusal::from(PackingRefusal::NoLabel));
    let label = parcel.label.as_ref().ok_or_else(none)?;
    let described = papers.carrier.as_ref().map(|carrier| carrier.name.zh.as_str());
    let code = label.carrier.as_str();
    Ok(Label {
        carrier: described.unwrap_or_else(|| labels::carrier(code)).to_owned(),
        service: parcel.carriage.booked.as_ref().map(|booked| booked.service.clone()),
        waybill: label.waybill.to_string(),
        sort_code: None,
        qr: None,
        order_no: order.number.as_str().to_owned(),
        recipient: person(&order.delivery),
        personal: match policy.recipient_on_label {
            OnLabel::Full => Personal::Full,
            OnLabel::Masked => Personal::Masked,
        },
        sender: sender(&papers.warehouse, &papers.merchant),
        parcel: part(papers),
        weight_g: parcel.weight_g,
        collect: parcel.cash.as_ref().map(|c| Money::new(c.collect.total_minor(), c.currency)),
        note: None,
    })
}

/// The warehouse; where it has not said who it is, the merchant, at the address for returns.
fn sender(warehouse: &Warehouse, merchant: &Merchant) -> Person {
    let phone = || merchant.contacts.iter().find_map(|contact| contact.phone.clone());
    match warehouse.sends_from() {
        Some(from) => person(&from),
        None => Person {
            name: merchant.name.clone(),
            phone: phone().unwrap_or_default(),
            address: merchant.return_address.clone(),
        },
    }
}

fn person(at: &Delivery) -> Person {
    let (name, phone) = (at.recipient.clone(), at.phone.clone());
    Person { name, phone, address: at.in_one_line() }
}

/// Which of the order's parcels it is, of those that there are by now.
fn part(papers: &Papers) -> Part {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let at = papers.parcels.iter().position(|p| p.id == papers.parcel.doc.id);
    Part { no: number(at.unwrap_or(0)).saturating_add(1), of: number(papers.parcels.len()).max(1) }
}

fn slip(papers: &Papers) -> Slip {
    let (parcel, order) = (&papers.parcel.doc, &papers.order.doc);
    let earlier = papers.parcels.iter().take_while(|p| p.id != parcel.id);
    let before: Vec<Pick> = earlier.flat_map(|p| p.picks.iter().cloned()).collect();
    let money = |minor| Money::new(minor, order.currency);
    let lines: Vec<(&Pick, i64)> =
        parcel.picks.iter().map(|pick| (pick, paid_for(order, parcel, pick, &before))).collect();
    let total: i64 = lines.iter().map(|(_, minor)| minor).sum();
    Slip {
        shop: papers.merchant.name.clone(),
        order_no: order.number.as_str().to_owned(),
        parcel: part(papers),
        lines: lines
            .iter()
            .filter_map(|(pick, minor)| slip_line(order, parcel, pick, money(*minor)))
            .collect(),
        total: Some(money(total)),
        gift: order.gift.clone(),
        note: Some(labels::returns_to(&papers.merchant.return_address)),
    }
}

fn slip_line(order: &Order, parcel: &Parcel, pick: &Pick, amount: Money) -> Option<SlipLine> {
    let line = order.line(pick.line)?;
    let serials = parcel.packaging.serials.iter().filter(|s| s.line == pick.line);
    let serials: Vec<&str> = serials.map(|s| s.serial.as_str()).collect();
    let mut name = line.name.clone();
    if !serials.is_empty() {
        name = format!("{name} (SN {})", serials.join(", "));
    }
    let (sku, quantity) = (line.sku.to_string(), pick.units);
    Some(SlipLine { sku, name, quantity, amount: Some(amount) })
}
