//! The shipping label, band by band from the top: carrier, sort code, waybill, recipient, sender,
//! cash, and what the warehouse itself looks for.
//!
//! The order is that of Chinese waybills. A band that has nothing to say is not there, and the
//! others take its room.

use crate::code128::{Code128, QUIET};
use crate::page::{Align, Area, Canvas, HEIGHT, INNER, MARGIN, Mark, RULE, WIDTH, breadth, height};
use crate::text::Set;
use crate::words;
use crate::{Field, Label, Person, Unprintable};
use domain::Money;
use qrcodegen::{QrCode, QrCodeEcc};

const HEAD: i32 = 88;
const SORT: i32 = 124;
const FROM: i32 = 116;
const CASH: i32 = 96;
const FOOT: i32 = 232;
/// Between a rule and what is below it.
const PAD: i32 = 14;

/// Modules from half a millimetre down to a quarter, which is the least that hand scanners read
/// well.
const MODULES: [i32; 3] = [4, 3, 2];
/// What a QR code may take, without its quiet zone of four modules, which the band's edge gives.
const QR_SIDE: i32 = 184;
const QR_MODULES: std::ops::RangeInclusive<i32> = 3..=6;

/// Draws a label on the canvas' last page.
pub fn draw(label: &Label, on: &mut Canvas) -> Result<(), Unprintable> {
    let (module, code) = bars(&label.waybill)?;
    let qr = matrix(label.qr.as_ref().unwrap_or(&label.waybill), QR_SIDE, QR_MODULES)?;
    let sort = if label.sort_code.is_some() { SORT } else { 0 };
    let cash = if label.collect.is_some() { CASH } else { 0 };
    let rest = HEIGHT - 2 * MARGIN - HEAD - sort - FROM - cash - FOOT;
    let waybill = (rest * 9 / 20).clamp(216, 320);
    let to = rest - waybill;
    let mut y = MARGIN;
    head(label, on, y);
    y = below(on, y + HEAD);
    if let Some(text) = &label.sort_code {
        let area = Area::new(MARGIN, y + 4, INNER, SORT - RULE - 8);
        on.centre(Field::SortCode, text, area, Set::bold(88, 40, 2), Align::Middle);
        y = below(on, y + SORT);
    }
    number(label, on, Area::new(MARGIN, y, INNER, waybill), module, code);
    y = below(on, y + waybill);
    recipient(label, on, Area::new(MARGIN, y, INNER, to));
    y = below(on, y + to);
    sender(&label.sender, on, Area::new(MARGIN, y, INNER, FROM));
    y = below(on, y + FROM);
    if let Some(amount) = label.collect {
        collect(amount, on, Area::new(MARGIN, y, INNER, CASH));
        y = below(on, y + CASH);
    }
    foot(label, on, Area::new(MARGIN, y, INNER, HEIGHT - MARGIN - y), qr);
    Ok(())
}

/// The rule that ends a band.
fn below(on: &mut Canvas, y: i32) -> i32 {
    on.rule(y - RULE, RULE);
    y
}

/// The waybill's bar code, with the widest bars that leave the scanner its quiet zones.
fn bars(waybill: &str) -> Result<(i32, Code128), Unprintable> {
    let code =
        Code128::of(waybill).ok_or_else(|| Unprintable::NoBarCode { waybill: start(waybill) })?;
    let modules = code.modules();
    let room = |module: &i32| (modules + 2 * QUIET) * module <= WIDTH - MARGIN;
    match MODULES.into_iter().find(room) {
        Some(module) => Ok((module, code)),
        None => Err(Unprintable::BarCodeTooWide { waybill: start(waybill), modules }),
    }
}

/// As much of a text as an error shows.
fn start(text: &str) -> String {
    text.chars().take(64).collect()
}

/// A QR code that mends a seventh of its modules, as large as it may be.
pub fn matrix(
    text: &str,
    side: i32,
    modules: std::ops::RangeInclusive<i32>,
) -> Result<(i32, QrCode), Unprintable> {
    let too_large = || Unprintable::QrCodeTooLarge { text: start(text), length: text.len() };
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| too_large())?;
    let module = (side / code.size()).min(*modules.end());
    if module < *modules.start() { Err(too_large()) } else { Ok((module, code)) }
}

fn head(label: &Label, on: &mut Canvas, y: i32) {
    let half = INNER * 3 / 5;
    let left = Area::new(MARGIN, y, half - 10, HEAD - 8);
    on.centre(Field::Carrier, &label.carrier, left, Set::new(56, 26, 2), Align::Left);
    if let Some(service) = &label.service {
        let right = Area::new(MARGIN + half, y, INNER - half, HEAD - 8);
        on.centre(Field::Service, service, right, Set::new(44, 24, 2), Align::Right);
    }
}

fn number(label: &Label, on: &mut Canvas, area: Area, module: i32, code: Code128) {
    let (text, pad) = (56, 16);
    let wide = code.modules() * module;
    let high = area.h - pad - text - RULE;
    let at = Area::new((WIDTH - wide) / 2, area.y + pad, wide, high);
    on.put(Mark::Bars(at, module, code));
    let under = Area::new(area.x, at.y + high, area.w, text);
    on.centre(Field::Waybill, &label.waybill, under, Set::new(40, 18, 1), Align::Middle);
}

/// 收 or 寄, with English below it.
fn tag(on: &mut Canvas, [chinese, english]: [&str; 2], area: Area, size: i32) {
    let set = Set::new(size, size, 1);
    on.plate(area, &[(Field::Caption, chinese, area, set, Align::Middle)]);
    let under = Area { y: area.y + area.h + 2, h: 26, ..area };
    on.centre(Field::Caption, english, under, Set::new(20, 14, 1), Align::Middle);
}

/// A name, and at the right the phone number, which gets the room that it needs.
fn named(on: &mut Canvas, field: Field, [name, phone]: [&str; 2], area: Area, sets: [Set; 2]) {
    let [of_name, of_phone] = sets;
    let fit = on.fit(field, phone, area.w * 2 / 5, area.h, of_phone);
    let wide = breadth(&fit);
    let down = (area.h - height(&fit)) / 2;
    on.place(&fit, Area { y: area.y + down, ..area }, Align::Right);
    let left = Area { w: area.w - wide - 20, ..area };
    on.centre(field, name, left, of_name, Align::Left);
}

fn recipient(label: &Label, on: &mut Canvas, area: Area) {
    let (x, y, side) = (area.x, area.y + PAD, 60);
    tag(on, words::TO, Area::new(x, y, side, side), 44);
    let person = &label.recipient;
    let name = words::name(&person.name, label.personal);
    let phone = words::phone(&person.phone, label.personal);
    let (left, wide) = (x + side + PAD, area.w - side - PAD);
    let sets = [Set::bold(48, 20, 2), Set::bold(44, 20, 1)];
    let at = Area::new(left, y, wide, side);
    named(on, Field::Recipient, [&name, &phone], at, sets);
    let top = y + side + PAD / 2;
    let at = Area::new(left, top, wide, area.y + area.h - top - RULE);
    on.write(Field::RecipientAddress, &person.address, at, Set::new(50, 22, 9), Align::Left);
}

fn sender(person: &Person, on: &mut Canvas, area: Area) {
    let (x, y, side) = (area.x, area.y + PAD - 2, 60);
    tag(on, words::FROM, Area::new(x + 10, y, side - 20, side - 20), 28);
    let (left, wide) = (x + side + PAD, area.w - side - PAD);
    let sets = [Set::new(28, 16, 1), Set::new(28, 16, 1)];
    let at = Area::new(left, y, wide, 36);
    named(on, Field::Sender, [&person.name, &person.phone], at, sets);
    let at = Area::new(left, y + 36, wide, area.h - PAD - 36 - RULE);
    on.write(Field::SenderAddress, &person.address, at, Set::new(26, 20, 2), Align::Left);
}

fn collect(amount: Money, on: &mut Canvas, area: Area) {
    let plate = Area::new(area.x, area.y + 5, area.w, area.h - 10 - RULE);
    let (pad, third) = (20, area.w / 3 + 20);
    let left = Area { x: plate.x + pad, w: third - pad, ..plate };
    let right = Area { x: plate.x + third, w: plate.w - third - pad, ..plate };
    let text = words::money(amount);
    let caption = (Field::Caption, words::COLLECT, left, Set::new(40, 20, 1), Align::Left);
    on.plate(plate, &[caption, (Field::Collect, &text, right, Set::bold(64, 20, 1), Align::Right)]);
}

fn foot(label: &Label, on: &mut Canvas, area: Area, (module, qr): (i32, QrCode)) {
    let side = qr.size() * module;
    let (x, y) = (area.x + area.w - side, area.y + (FOOT - side) / 2);
    let wide = area.w - QR_SIDE - 2 * MARGIN;
    on.put(Mark::Matrix(x, y, module, qr));
    let half = wide / 2;
    let pair = |on: &mut Canvas, field, caption: &str, text: &str, at: Area, size: Set| {
        let top = Area { h: 28, ..at };
        on.write(Field::Caption, caption, top, Set::new(20, 20, 1), Align::Left);
        let under = Area { y: at.y + 26, h: at.h - 26, ..at };
        on.write(field, text, under, size, Align::Left);
    };
    let (x, y) = (area.x, area.y + PAD - 4);
    let at = Area::new(x, y, wide, 76);
    pair(on, Field::OrderNo, words::ORDER, &label.order_no, at, Set::new(38, 20, 2));
    let (parcel, weight) = (words::part(label.parcel), words::weight(label.weight_g));
    let y = y + 80;
    let at = Area::new(x, y, half - 10, 72);
    pair(on, Field::Parcel, words::PARCEL, &parcel, at, Set::new(36, 20, 1));
    let at = Area::new(x + half, y, wide - half, 72);
    pair(on, Field::Parcel, words::WEIGHT, &weight, at, Set::new(36, 20, 1));
    if let Some(note) = &label.note {
        let y = y + 78;
        let at = Area::new(x, y, wide, area.y + area.h - y);
        on.write(Field::Note, note, at, Set::new(26, 20, 4), Align::Left);
    }
}
