//! A page of a label printer, in dots, and the pen that draws on it.
//!
//! Everything is laid out in the dots of a 203 dpi print head, eight to the millimetre, for PDF
//! too: so both show the same label, and bars are whole dots wide wherever they are printed.

use crate::code128::Code128;
use crate::font::Font;
use crate::text::{self, Fit, Glyph, Set};
use crate::{Field, Loss, Lost};
use qrcodegen::QrCode;

/// 100 mm.
pub const WIDTH: i32 = 800;
/// 150 mm.
pub const HEIGHT: i32 = 1200;
/// 3 mm: label printers do not reach the edge.
pub const MARGIN: i32 = 24;
/// Between the margins.
pub const INNER: i32 = WIDTH - 2 * MARGIN;
/// How thick a rule is.
pub const RULE: i32 = 3;

/// Of a page's number.
const NUMBER: Set = Set::new(22, 22, 1);

/// A box of dots, from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub x: i32,
    pub y: i32,
    pub w: i32,
    pub h: i32,
}

impl Area {
    pub const fn new(x: i32, y: i32, w: i32, h: i32) -> Self {
        Self { x, y, w, h }
    }
}

/// One line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub x: i32,
    pub baseline: i32,
    pub size: i32,
    pub bold: bool,
    pub glyphs: Vec<Glyph>,
}

/// What is on a page.
pub enum Mark {
    /// Black.
    Fill(Area),
    Text(Line),
    /// White text on black.
    Plate(Area, Vec<Line>),
    /// A bar code, its first bar at the left edge of the area; a module is so many dots.
    Bars(Area, i32, Code128),
    /// A QR code from its upper left corner, without its quiet zone; a module is so many dots.
    Matrix(i32, i32, i32, QrCode),
}

/// One label or one page of a slip.
#[derive(Default)]
pub struct Page {
    pub marks: Vec<Mark>,
}

/// Where a text stands in its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Middle,
    Right,
}

/// Draws pages, and remembers what was lost.
pub struct Canvas<'f> {
    font: &'f Font,
    pub pages: Vec<Page>,
    pub losses: Vec<Loss>,
    /// Which of several labels is drawn.
    pub label: usize,
}

impl<'f> Canvas<'f> {
    /// With one empty page.
    pub fn new(font: &'f Font) -> Self {
        let mut canvas = Self::empty(font);
        canvas.new_page();
        canvas
    }

    /// With no page yet.
    pub fn empty(font: &'f Font) -> Self {
        Self { font, pages: Vec::new(), losses: Vec::new(), label: 0 }
    }

    /// What is drawn from now on goes on another page.
    pub fn new_page(&mut self) {
        self.pages.push(Page::default());
    }

    pub fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.marks.push(mark);
        }
    }

    /// A rule from margin to margin.
    pub fn rule(&mut self, y: i32, thick: i32) {
        self.put(Mark::Fill(Area::new(MARGIN, y, INNER, thick)));
    }

    /// Four rules around an area, inside of it.
    pub fn frame(&mut self, area: Area, thick: i32) {
        let Area { x, y, w, h } = area;
        self.put(Mark::Fill(Area::new(x, y, w, thick)));
        self.put(Mark::Fill(Area::new(x, y + h - thick, w, thick)));
        self.put(Mark::Fill(Area::new(x, y, thick, h)));
        self.put(Mark::Fill(Area::new(x + w - thick, y, thick, h)));
    }

    /// A text as it fits into so many dots. What is lost is remembered.
    pub fn fit(&mut self, field: Field, text: &str, wide: i32, high: i32, set: Set) -> Fit {
        let glyphs = text::glyphs(self.font, text);
        let mut lost: Vec<Lost> = glyphs.missing.into_iter().map(Lost::Missing).collect();
        let fit = text::fit(self.font, &glyphs.all, wide, high, set);
        if fit.cut {
            lost.push(Lost::Cut);
        }
        for what in lost {
            let loss = Loss { label: self.label, field, what };
            if !self.losses.contains(&loss) {
                self.losses.push(loss);
            }
        }
        fit
    }

    /// Writes at the top of a box, and says how high it came out.
    pub fn write(&mut self, field: Field, text: &str, area: Area, set: Set, align: Align) -> i32 {
        let fit = self.fit(field, text, area.w, area.h, set);
        for line in placed(&fit, area, align) {
            self.put(Mark::Text(line));
        }
        height(&fit)
    }

    /// Writes in the middle of the height of a box.
    pub fn centre(&mut self, field: Field, text: &str, area: Area, set: Set, align: Align) {
        let fit = self.fit(field, text, area.w, area.h, set);
        for line in placed(&fit, middle(area, &fit), align) {
            self.put(Mark::Text(line));
        }
    }

    /// A page's number, in small letters at the right of a box.
    pub fn number(&mut self, page: usize, text: &str, area: Area) {
        let fit = self.fit(Field::Caption, text, area.w, area.h, NUMBER);
        if let Some(page) = self.pages.get_mut(page) {
            page.marks.extend(placed(&fit, area, Align::Right).into_iter().map(Mark::Text));
        }
    }

    /// White on black: each text in the middle of its own part of the area.
    pub fn plate(&mut self, area: Area, texts: &[(Field, &str, Area, Set, Align)]) {
        let mut lines = Vec::new();
        for (field, text, part, set, align) in texts {
            let fit = self.fit(*field, text, part.w, part.h, *set);
            lines.extend(placed(&fit, middle(*part, &fit), *align));
        }
        self.put(Mark::Plate(area, lines));
    }

    /// Puts a fitted text where it belongs.
    pub fn place(&mut self, fit: &Fit, area: Area, align: Align) {
        for line in placed(fit, area, align) {
            self.put(Mark::Text(line));
        }
    }
}

/// How high a fitted text is.
pub fn height(fit: &Fit) -> i32 {
    let lines = i32::try_from(fit.lines.len()).unwrap_or(i32::MAX);
    lines.saturating_mul(fit.leading)
}

fn middle(area: Area, fit: &Fit) -> Area {
    Area { y: area.y + (area.h - height(fit)) / 2, ..area }
}

fn placed(fit: &Fit, area: Area, align: Align) -> Vec<Line> {
    let size = fit.size;
    let first = area.y + text::baseline(size);
    let line = |(glyphs, baseline): (&Vec<Glyph>, i32)| {
        let free = area.w - whole(text::width(glyphs, size));
        let x = match align {
            Align::Left => area.x,
            Align::Middle => area.x + free / 2,
            Align::Right => area.x + free,
        };
        Line { x, baseline, size, bold: fit.bold, glyphs: glyphs.clone() }
    };
    let baselines = (0..).map(|row: i32| first + row * fit.leading);
    fit.lines.iter().zip(baselines).map(line).collect()
}

/// How wide a fitted text is.
pub fn breadth(fit: &Fit) -> i32 {
    fit.lines.iter().map(|line| whole(text::width(line, fit.size))).max().unwrap_or_default()
}

/// Dots that hold a length.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float that is out of range becomes the bound"
)]
pub fn whole(length: f32) -> i32 {
    length.ceil() as i32
}
