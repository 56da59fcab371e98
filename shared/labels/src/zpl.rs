//! Pages as ZPL II, the language of Zebra's label printers and of those that speak it too, at 203
//! dpi.
//!
//! All text is sent as graphics (`^GF`) in dots of our own font. A printer's own font has Chinese
//! only where somebody has bought and loaded one, and `^CI28` without it prints blanks or boxes;
//! dots print the same everywhere. The QR code is dots too: it is the very code that the PDF shows,
//! and printers' own `^BQ` differ in where they put it and in what they make of its data. Lines are
//! `^GB`, and the waybill is the printer's own Code 128 (`^BC`) with every code set spelled out:
//! bars are what printers do best. Only commands of the first ZPL II printers are used.

use crate::code128::Code128;
use crate::dots::{self, Dots};
use crate::font::Font;
use crate::page::{Area, HEIGHT, Line, Mark, Page, WIDTH};
use std::fmt::Write;

/// A label for each page.
pub fn write(font: &Font, pages: &[Page]) -> String {
    let mut text = String::new();
    for page in pages {
        // `^CI28` says only that what follows is UTF-8; all of it is ASCII. `^LH` undoes what an
        // earlier job may have left.
        line(&mut text, &format!("^XA^CI28^PW{WIDTH}^LL{HEIGHT}^LH0,0"));
        for mark in &page.marks {
            draw(&mut text, font, mark);
        }
        line(&mut text, "^PQ1^XZ");
    }
    text
}

fn line(text: &mut String, command: &str) {
    text.push_str(command);
    text.push('\n');
}

fn draw(text: &mut String, font: &Font, mark: &Mark) {
    match mark {
        Mark::Fill(Area { x, y, w, h }) => {
            line(text, &format!("^FO{x},{y}^GB{w},{h},{}^FS", w.min(h)));
        }
        Mark::Text(of) => {
            let mut dots = Dots::new(dots::room(of), false);
            dots.text(font, of, true);
            graphic(text, dots);
        }
        Mark::Plate(area, lines) => graphic(text, plate(font, *area, lines)),
        Mark::Bars(area, module, code) => line(text, &bars(*area, *module, code)),
        Mark::Matrix(x, y, module, code) => graphic(text, dots::matrix(*x, *y, *module, code)),
    }
}

fn plate(font: &Font, area: Area, lines: &[Line]) -> Dots {
    let mut dots = Dots::new(area, true);
    lines.iter().for_each(|of| dots.text(font, of, false));
    dots
}

/// `^BC` without a line of text: ours is below it, in our own font.
fn bars(area: Area, module: i32, code: &Code128) -> String {
    let Area { x, y, h, .. } = area;
    format!("^FO{x},{y}^BY{module}^BCN,{h},N,N,N,N^FD{}^FS", code.zpl())
}

fn graphic(text: &mut String, dots: Dots) {
    let Some(Dots { area, rows }) = dots.cropped() else { return };
    let bytes = rows.first().map_or(0, Vec::len);
    let all = bytes * rows.len();
    let head = format!("^FO{},{}^GFA,{all},{all},{bytes},", area.x, area.y);
    text.push_str(&head);
    compress(text, &rows);
    line(text, "^FS");
}

/// Zebra's compression of hexadecimal graphics: a letter counts what follows it (`G` to `Y` 1 to
/// 19, `g` to `z` 20 to 400), `,` and `!` fill the rest of a row with white and black, `:` is the
/// row before again.
fn compress(text: &mut String, rows: &[Vec<u8>]) {
    let mut before: Option<&Vec<u8>> = None;
    for row in rows {
        if before == Some(row) {
            text.push(':');
            continue;
        }
        before = Some(row);
        let mut hex = String::with_capacity(2 * row.len());
        for byte in row {
            // Writing to a string does not fail.
            write!(hex, "{byte:02X}").unwrap_or_default();
        }
        let (shown, filled) = match hex.chars().next_back() {
            Some('0') => (hex.trim_end_matches('0'), Some(',')),
            Some('F') => (hex.trim_end_matches('F'), Some('!')),
            _ => (hex.as_str(), None),
        };
        runs(text, shown);
        text.extend(filled);
    }
}

fn runs(text: &mut String, hex: &str) {
    let mut rest = hex.chars().peekable();
    while let Some(digit) = rest.next() {
        let mut count = 1_u32;
        while rest.next_if_eq(&digit).is_some() {
            count += 1;
        }
        while count > 419 {
            text.push('z');
            text.push(digit);
            count -= 400;
        }
        let letter = |first: char, n: u32| char::from_u32(u32::from(first) + n - 1);
        if count > 1 {
            text.extend((count >= 20).then(|| letter('g', count / 20)).flatten());
            text.extend((!count.is_multiple_of(20)).then(|| letter('G', count % 20)).flatten());
        }
        text.push(digit);
    }
}
