//! Dots: what a print head burns. Text becomes dots here, from the same outlines that the PDF has.

use crate::font::Font;
use crate::page::{Area, Line, whole};
use crate::text;
use qrcodegen::QrCode;
use zeno::{Command, Join, Mask, Stroke};

/// Half of a dot that is covered makes it black.
const DARK: u8 = 128;

/// A picture of black and white dots.
pub struct Dots {
    pub area: Area,
    /// Row by row, eight dots a byte, the leftmost highest; 1 is black.
    pub rows: Vec<Vec<u8>>,
}

impl Dots {
    /// All white, or all black.
    pub fn new(area: Area, black: bool) -> Self {
        let count = |n: i32| usize::try_from(n).unwrap_or_default();
        let mut row = vec![if black { 0xff } else { 0 }; count(area.w).div_ceil(8)];
        // What is beyond the last dot is white.
        let beyond = 8 * row.len() - count(area.w);
        if let Some(last) = row.last_mut() {
            *last &= 0xff_u8 << beyond;
        }
        Self { area, rows: vec![row; count(area.h)] }
    }

    /// One dot, by its place on the page. Outside of the picture nothing happens.
    pub fn set(&mut self, x: i32, y: i32, black: bool) {
        let (x, y) = (x - self.area.x, y - self.area.y);
        let (Ok(column), Ok(row)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x >= self.area.w {
            return;
        }
        let byte = self.rows.get_mut(row).and_then(|row| row.get_mut(column / 8));
        let bit = 0x80_u8 >> (column % 8);
        if let Some(byte) = byte {
            *byte = if black { *byte | bit } else { *byte & !bit };
        }
    }

    /// Draws a line of text, black, or white on what is black.
    pub fn text(&mut self, font: &Font, line: &Line, black: bool) {
        let size = text::em(line.size);
        let area = room(line);
        let (mut path, mut x) = (Vec::new(), text::em(line.x - area.x));
        let baseline = text::em(line.baseline - area.y);
        for glyph in &line.glyphs {
            font.outline(glyph.id, (x, baseline), size, &mut path);
            x += glyph.advance * size / 1000.0;
        }
        self.burn(area, Mask::new(path.as_slice()), black);
        if line.bold {
            let mut pen = Stroke::new(text::pen(line.size));
            let mut outline = Mask::new(path.as_slice());
            outline.style(*pen.join(Join::Round));
            self.burn(area, outline, black);
        }
    }

    /// Sets the dots that a mask of this area covers.
    fn burn(&mut self, area: Area, mut mask: Mask<&[Command]>, black: bool) {
        let (Ok(w), Ok(h)) = (usize::try_from(area.w), usize::try_from(area.h)) else { return };
        let mut shades = vec![0; w * h];
        mask.size(area.w.unsigned_abs(), area.h.unsigned_abs()).render_into(&mut shades, None);
        for (row, y) in shades.chunks(w.max(1)).zip(area.y..) {
            for (shade, x) in row.iter().zip(area.x..) {
                if *shade >= DARK {
                    self.set(x, y, black);
                }
            }
        }
    }

    /// The smallest picture with all that is black; `None` if nothing is.
    pub fn cropped(self) -> Option<Self> {
        let dark = |row: &Vec<u8>| row.iter().any(|byte| *byte != 0);
        let (first, last) = (self.rows.iter().position(dark)?, self.rows.iter().rposition(dark)?);
        let rows: Vec<Vec<u8>> = self.rows.into_iter().take(last + 1).skip(first).collect();
        let ends = |row: &Vec<u8>| row.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
        let begins = |row: &Vec<u8>| row.iter().position(|byte| *byte != 0).unwrap_or(usize::MAX);
        let (from, to) = (rows.iter().map(begins).min()?, rows.iter().map(ends).max()?);
        let part = |row: Vec<u8>| row.into_iter().take(to).skip(from).collect();
        let rows: Vec<Vec<u8>> = rows.into_iter().map(part).collect();
        let count = |n: usize| i32::try_from(n).unwrap_or_default();
        let Area { x, y, w, .. } = self.area;
        let left = 8 * count(from);
        let w = (8 * count(to - from)).min(w - left);
        Some(Self { area: Area::new(x + left, y + count(first), w, count(rows.len())), rows })
    }
}

/// All that the ink of a line may reach.
pub fn room(line: &Line) -> Area {
    let wide = whole(text::width(&line.glyphs, line.size));
    let (up, down) = (line.size * 6 / 5, line.size * 2 / 5);
    let side = line.size / 4;
    Area::new(line.x - side, line.baseline - up, wide + 2 * side, up + down)
}

/// A QR code as dots.
pub fn matrix(x: i32, y: i32, module: i32, code: &QrCode) -> Dots {
    let side = code.size() * module;
    let mut dots = Dots::new(Area::new(x, y, side, side), false);
    for (down, across) in (0..side).flat_map(|down| (0..side).map(move |across| (down, across))) {
        if code.get_module(across / module, down / module) {
            dots.set(x + across, y + down, true);
        }
    }
    dots
}
