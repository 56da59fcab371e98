//! The one font, which is part of the program: which characters it has, how wide they are, and
//! their outlines.
//!
//! `font/README.md` says where it comes from and what is in it.

use ttf_parser::{Face, GlyphId, OutlineBuilder};
use zeno::{Command, Vector};

/// The font as a file.
pub const FILE: &[u8] = include_bytes!("../font/NotoSansSC-labels.otf");
/// What stands for a character that the font lacks.
pub const REPLACEMENT: char = '□';

/// The font that came with the program cannot be read: it was built wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the font of labels is broken")]
pub struct BrokenFont;

/// The font, ready to be asked.
pub struct Font {
    face: Face<'static>,
    per_em: f32,
}

/// Measures of the whole font, in thousandths of its size.
#[derive(Debug, Clone, Copy)]
pub struct Measures {
    pub ascent: f32,
    pub descent: f32,
    pub cap_height: f32,
    /// Left, bottom, right and top of everything in it.
    pub bounds: [f32; 4],
}

impl Font {
    pub fn bundled() -> Result<Self, BrokenFont> {
        let face = Face::parse(FILE, 0).map_err(|_| BrokenFont)?;
        let per_em = f32::from(face.units_per_em());
        face.glyph_index(REPLACEMENT).ok_or(BrokenFont)?;
        Ok(Self { face, per_em })
    }

    /// The glyph of a character, if the font has one.
    pub fn glyph(&self, character: char) -> Option<u16> {
        self.face.glyph_index(character).map(|glyph| glyph.0)
    }

    /// How far a glyph goes, in thousandths of the size.
    pub fn advance(&self, glyph: u16) -> f32 {
        let units = self.face.glyph_hor_advance(GlyphId(glyph)).unwrap_or_default();
        f32::from(units) * 1000.0 / self.per_em
    }

    /// How far a glyph's ink reaches above and below the line it stands on, in thousandths of the
    /// size.
    pub fn reach(&self, glyph: u16) -> (f32, f32) {
        let scaled = |units: i16| f32::from(units) * 1000.0 / self.per_em;
        let ink = self.face.glyph_bounding_box(GlyphId(glyph));
        ink.map_or((0.0, 0.0), |ink| (scaled(ink.y_max), -scaled(ink.y_min)))
    }

    pub fn measures(&self) -> Measures {
        let scaled = |units: i16| f32::from(units) * 1000.0 / self.per_em;
        let all = self.face.global_bounding_box();
        Measures {
            ascent: scaled(self.face.ascender()),
            descent: scaled(self.face.descender()),
            cap_height: scaled(self.face.capital_height().unwrap_or_default()),
            bounds: [all.x_min, all.y_min, all.x_max, all.y_max].map(scaled),
        }
    }

    /// The glyphs' outlines as the PDF wants them: the font's own `CFF` table.
    pub fn subset(glyphs: &subsetter::GlyphRemapper) -> Result<Vec<u8>, BrokenFont> {
        let whole = subsetter::subset(FILE, 0, glyphs).map_err(|_| BrokenFont)?;
        let raw = ttf_parser::RawFace::parse(&whole, 0).map_err(|_| BrokenFont)?;
        let outlines = raw.table(ttf_parser::Tag::from_bytes(b"CFF ")).ok_or(BrokenFont)?;
        Ok(outlines.to_vec())
    }

    /// Adds a glyph's outline to a path: its origin at (x, y), y down, `size` to the em.
    pub fn outline(&self, glyph: u16, at: (f32, f32), size: f32, path: &mut Vec<Command>) {
        let mut pen = Pen { path, at, scale: size / self.per_em };
        self.face.outline_glyph(GlyphId(glyph), &mut pen);
    }
}

struct Pen<'a> {
    path: &'a mut Vec<Command>,
    at: (f32, f32),
    scale: f32,
}

impl Pen<'_> {
    fn place(&self, x: f32, y: f32) -> Vector {
        Vector::new(self.at.0 + x * self.scale, self.at.1 - y * self.scale)
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.push(Command::MoveTo(self.place(x, y)));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.path.push(Command::LineTo(self.place(x, y)));
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.path.push(Command::QuadTo(self.place(x1, y1), self.place(x, y)));
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (first, second) = (self.place(x1, y1), self.place(x2, y2));
        self.path.push(Command::CurveTo(first, second, self.place(x, y)));
    }
    fn close(&mut self) {
        self.path.push(Command::Close);
    }
}
