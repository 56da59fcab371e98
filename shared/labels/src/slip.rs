//! The packing slip: what lies in the parcel, for who packs it and who opens it.
//!
//! It is as large as a label, so that it comes from the same printer. What does not fit on a page
//! goes on the next one; a line is never torn.

use crate::font::Font;
use crate::label::matrix;
use crate::page::{Align, Area, Canvas, HEIGHT, INNER, MARGIN, Mark, RULE, height};
use crate::text::{Fit, Set, baseline};
use crate::words;
use crate::{Field, Slip, SlipLine, Unprintable};
use domain::Money;

/// Where a page's goods end: below it is its number.
const BOTTOM: i32 = HEIGHT - MARGIN - 36;
const HEAD: i32 = 150;
const QR_SIDE: i32 = 126;
const QR_MODULES: std::ops::RangeInclusive<i32> = 2..=5;
/// The highest that a line of goods gets.
const ROW: i32 = 176;
/// The highest that the giver's message and the shop's words get.
const MESSAGE: i32 = 420;
const NOTE: i32 = 300;
const GAP: i32 = 12;

/// How wide the columns are: SKU, name, quantity, amount.
#[derive(Clone, Copy)]
struct Columns([i32; 4]);

/// Nobody sees prices on a gift whose giver does not want it.
fn shown(slip: &Slip, amount: Option<Money>) -> Option<Money> {
    let hidden = slip.gift.as_ref().is_some_and(|gift| gift.hide_prices);
    amount.filter(|_| !hidden)
}

/// Draws a slip on as many pages as it needs.
pub fn draw<'f>(slip: &Slip, font: &'f Font) -> Result<Canvas<'f>, Unprintable> {
    let priced = slip.lines.iter().any(|line| shown(slip, line.amount).is_some());
    let columns = Columns(if priced { [176, 290, 108, 178] } else { [200, 444, 108, 0] });
    let mut on = Canvas::new(font);
    let mut y = titled(slip, &mut on, columns)?;
    for line in &slip.lines {
        let row = row(slip, line, &mut on, columns);
        let high = row.iter().map(|fit| lowered(&row, fit) + height(fit)).max();
        let high = high.unwrap_or_default() + GAP;
        if y + high > BOTTOM {
            on.new_page();
            y = titled(slip, &mut on, columns)?;
        }
        columns.put(&mut on, &row, y + GAP / 2);
        y += high;
        on.rule(y - 1, 1);
    }
    y = sums(slip, &mut on, y)?;
    if let Some(message) = slip.gift.as_ref().and_then(|gift| gift.message.as_ref()) {
        y = boxed(slip, &mut on, y, message)?;
    }
    if let Some(note) = &slip.note {
        let fit = on.fit(Field::Note, note, INNER, NOTE, Set::new(24, 18, 12));
        let at = room(slip, &mut on, y + GAP, height(&fit))?;
        on.place(&fit, Area::new(MARGIN, at, INNER, height(&fit)), Align::Left);
    }
    number_pages(&mut on);
    Ok(on)
}

impl Columns {
    /// Texts of a row, side by side; numbers to the right.
    fn put(self, on: &mut Canvas, row: &[Fit; 4], y: i32) {
        let aligns = [Align::Left, Align::Left, Align::Right, Align::Right];
        let mut x = MARGIN;
        for ((fit, wide), align) in row.iter().zip(self.0).zip(aligns) {
            let at = Area::new(x, y + lowered(row, fit), wide - GAP.min(wide), height(fit));
            on.place(fit, at, align);
            x += wide;
        }
    }

    fn fit(self, on: &mut Canvas, row: [(Field, &str, Set); 4]) -> [Fit; 4] {
        let mut widths = self.0.into_iter();
        row.map(|(field, text, set)| {
            let wide = widths.next().unwrap_or_default();
            on.fit(field, text, wide - GAP.min(wide), ROW, set)
        })
    }
}

/// How much lower a text of a row begins, so that all first lines stand on one.
fn lowered(row: &[Fit; 4], fit: &Fit) -> i32 {
    let deepest = row.iter().map(|other| baseline(other.size)).max().unwrap_or_default();
    deepest - baseline(fit.size)
}

/// What each page begins with, since it may lie alone; where the rest begins.
fn head(slip: &Slip, on: &mut Canvas) -> Result<i32, Unprintable> {
    let (module, qr) = matrix(&slip.order_no, QR_SIDE, QR_MODULES)?;
    let side = qr.size() * module;
    on.put(Mark::Matrix(MARGIN + INNER - side, MARGIN, module, qr));
    let wide = INNER - QR_SIDE - MARGIN;
    let at = |y: i32, h: i32| Area::new(MARGIN, MARGIN + y, wide, h);
    on.centre(Field::Caption, words::SLIP, at(0, 54), Set::new(42, 42, 1), Align::Left);
    on.centre(Field::Shop, &slip.shop, at(54, 36), Set::new(28, 18, 1), Align::Left);
    let parcel = format!("{} {}", words::PARCEL, words::part(slip.parcel));
    let order = format!("{} {}", words::ORDER, slip.order_no);
    let third = wide * 2 / 3;
    let left = Area { w: third, ..at(92, 44) };
    on.centre(Field::OrderNo, &order, left, Set::new(30, 18, 2), Align::Left);
    let right = Area { x: MARGIN + third + GAP, w: wide - third - GAP, ..at(92, 44) };
    on.centre(Field::Parcel, &parcel, right, Set::new(30, 18, 1), Align::Right);
    let y = MARGIN + HEAD;
    on.rule(y - RULE, RULE);
    Ok(y)
}

/// The head of a page with goods; where they begin.
fn titled(slip: &Slip, on: &mut Canvas, columns: Columns) -> Result<i32, Unprintable> {
    let y = head(slip, on)?;
    let Columns([.., of_amounts]) = columns;
    let amount = if of_amounts > 0 { words::AMOUNT } else { "" };
    let caption = |text| (Field::Caption, text, Set::new(22, 18, 1));
    let titles = [words::SKU, words::ITEM, words::QUANTITY, amount].map(caption);
    let titles = columns.fit(on, titles);
    columns.put(on, &titles, y + 6);
    on.rule(y + 40 - 1, 1);
    Ok(y + 40)
}

fn row(slip: &Slip, line: &SlipLine, on: &mut Canvas, columns: Columns) -> [Fit; 4] {
    let amount = shown(slip, line.amount).map(words::money).unwrap_or_default();
    let quantity = line.quantity.to_string();
    let texts = [
        (Field::Sku, line.sku.as_str(), Set::new(24, 18, 7)),
        (Field::ItemName, &line.name, Set::new(28, 20, 6)),
        (Field::Quantity, &quantity, Set::new(32, 16, 1)),
        (Field::Amount, &amount, Set::new(26, 14, 1)),
    ];
    columns.fit(on, texts)
}

/// How many pieces, and what they cost together; where that ends.
fn sums(slip: &Slip, on: &mut Canvas, y: i32) -> Result<i32, Unprintable> {
    let pieces = slip.lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.quantity));
    let pieces = format!("{} {pieces}", words::PIECES);
    let text = match shown(slip, slip.total) {
        Some(total) => format!("{pieces}    {} {}", words::TOTAL, words::money(total)),
        None => pieces,
    };
    let at = room(slip, on, y + GAP, 44)?;
    let area = Area::new(MARGIN, at, INNER - GAP, 44);
    on.centre(Field::Amount, &text, area, Set::new(30, 18, 1), Align::Right);
    Ok(at + 44)
}

/// Where something so high may stand: here, or on the next page if this one is full.
fn room(slip: &Slip, on: &mut Canvas, y: i32, high: i32) -> Result<i32, Unprintable> {
    if y + high <= BOTTOM {
        return Ok(y);
    }
    on.new_page();
    Ok(head(slip, on)? + GAP)
}

/// The giver's words, in a frame; where that ends.
fn boxed(slip: &Slip, on: &mut Canvas, y: i32, message: &str) -> Result<i32, Unprintable> {
    let pad = 20;
    let fit = on.fit(Field::GiftMessage, message, INNER - 2 * pad, MESSAGE, Set::new(32, 22, 15));
    let high = height(&fit) + 34 + 2 * pad;
    let at = room(slip, on, y + GAP, high)?;
    on.frame(Area::new(MARGIN, at, INNER, high), 2);
    let (x, wide) = (MARGIN + pad, INNER - 2 * pad);
    let caption = Area::new(x, at + pad / 2, wide, 30);
    on.write(Field::Caption, words::GIFT, caption, Set::new(22, 22, 1), Align::Left);
    on.place(&fit, Area::new(x, at + pad + 24, wide, height(&fit)), Align::Left);
    Ok(at + high)
}

/// `1/2` in the corner, where there are several.
fn number_pages(on: &mut Canvas) {
    let of = on.pages.len();
    if of < 2 {
        return;
    }
    let area = Area::new(MARGIN, HEIGHT - MARGIN - 28, INNER, 28);
    for page in 0..of {
        let text = format!("{}/{of}", page + 1);
        on.number(page, &text, area);
    }
}
