//! Text in a box: cleaned, broken into lines, made smaller until it fits, and cut only if it must
//! be.
//!
//! Chinese is broken between any two characters that may stand apart, other text at its spaces.
//! There is no shaping: scripts that need it (Arabic, Thai) are not in the font either.

use crate::font::{Font, REPLACEMENT};
use crate::page::whole;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// What a longer text ends with where it is cut.
const ELLIPSIS: char = '…';
/// What never begins a line, and what never ends one.
const CLOSING: &str = "，。、；：！？）】》〉」』”’％…·,.;:!?)]}%";
const OPENING: &str = "（【《〈「『“‘([{¥￥$#";

/// One character as the font has it. All lengths are in thousandths of the size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph {
    pub id: u16,
    pub character: char,
    pub advance: f32,
    /// How far its ink reaches above and below the line it stands on.
    pub reach: (f32, f32),
}

impl Glyph {
    fn new(font: &Font, id: u16, character: char) -> Self {
        if character == '\n' {
            return Self { id, character, advance: 0.0, reach: (0.0, 0.0) };
        }
        Self { id, character, advance: font.advance(id), reach: font.reach(id) }
    }
}

/// A text whose every character has a glyph, and the characters for which that is the replacement.
pub struct Glyphs {
    pub all: Vec<Glyph>,
    pub missing: Vec<char>,
}

/// A text as it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Of one em, in dots.
    pub size: i32,
    pub bold: bool,
    pub lines: Vec<Vec<Glyph>>,
    /// From one line to the next, in dots.
    pub leading: i32,
    /// Its end is not there.
    pub cut: bool,
}

/// How a text may be set.
#[derive(Debug, Clone, Copy)]
pub struct Set {
    /// In dots; it is made smaller down to `smallest` before anything is cut.
    pub largest: i32,
    pub smallest: i32,
    pub lines: usize,
    pub bold: bool,
}

impl Set {
    pub const fn new(largest: i32, smallest: i32, lines: usize) -> Self {
        Self { largest, smallest, lines, bold: false }
    }

    /// For what is read from afar.
    pub const fn bold(largest: i32, smallest: i32, lines: usize) -> Self {
        Self { largest, smallest, lines, bold: true }
    }
}

/// Signs that show nothing and only steer the text around them.
fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}')
        || matches!(c, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// The text in composed form, without what cannot be printed. Lines stay lines.
pub fn clean(text: &str) -> String {
    let lines = text.trim().replace("\r\n", "\n");
    let shown = lines.nfc().filter(|c| !invisible(*c));
    shown
        .map(|c| if c != '\n' && (c.is_control() || c.is_whitespace()) { ' ' } else { c })
        .collect()
}

/// A text in the font's glyphs.
pub fn glyphs(font: &Font, text: &str) -> Glyphs {
    let (mut all, mut missing) = (Vec::new(), Vec::new());
    for c in clean(text).chars() {
        let character = match font.glyph(c) {
            Some(_) => c,
            None if c == '\n' => c,
            None => {
                if !missing.contains(&c) {
                    missing.push(c);
                }
                REPLACEMENT
            }
        };
        let id = font.glyph(character).unwrap_or_default();
        all.push(Glyph::new(font, id, character));
    }
    Glyphs { all, missing }
}

/// How long a line is, in dots.
pub fn width(line: &[Glyph], size: i32) -> f32 {
    line.iter().map(|glyph| glyph.advance).sum::<f32>() * em(size) / 1000.0
}

/// A size as a number to scale by. Sizes are a few hundred dots at most.
pub fn em(size: i32) -> f32 {
    f32::from(i16::try_from(size).unwrap_or(i16::MAX))
}

/// From one line to the next, in dots, where nothing speaks for more.
pub fn leading(size: i32) -> i32 {
    size + size / 4
}

/// From one line to the next, in dots: more than usual where a deep sign stands above a high one,
/// as `|` above `Ễ`, and the more if a pen makes them bold. A row of dots stays free between them.
fn clear(lines: &[&[Glyph]], size: i32, bold: bool) -> i32 {
    let above = |line: &[Glyph]| line.iter().map(|glyph| glyph.reach.0).fold(0.0, f32::max);
    let below = |line: &[Glyph]| line.iter().map(|glyph| glyph.reach.1).fold(0.0, f32::max);
    let pairs = lines.iter().zip(lines.iter().skip(1));
    let reach = pairs.map(|(upper, lower)| below(upper) + above(lower)).fold(0.0, f32::max);
    let pen = if bold { pen(size) } else { 0.0 };
    leading(size).max(whole(reach * em(size) / 1000.0 + pen) + 1)
}

/// From the top of a line to its baseline: an ideograph's box reaches 0.88 of the size above it and
/// 0.12 below it.
pub fn baseline(size: i32) -> i32 {
    (leading(size) - size) / 2 + size * 88 / 100
}

/// How thick the pen is that makes the one weight of the font bold, in dots.
pub fn pen(size: i32) -> f32 {
    em(size) / 22.0
}

fn ideographic(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}' | REPLACEMENT)
}

/// Whether a line may end between these two.
fn may_break(before: char, after: char) -> bool {
    if after == ' ' || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    before == ' ' || "-/_".contains(before) || ideographic(before) || ideographic(after)
}

/// Where the line that begins at `from` ends, and where the next one begins; `limit` is in
/// thousandths of the size.
fn line_at(glyphs: &[Glyph], from: usize, limit: f32) -> (usize, usize) {
    let (mut wide, mut last_break, mut before) = (0.0, None, None);
    for (at, glyph) in glyphs.iter().enumerate().skip(from) {
        if glyph.character == '\n' {
            return (at, at + 1);
        }
        if before.is_some_and(|before| may_break(before, glyph.character)) {
            last_break = Some(at);
        }
        wide += glyph.advance;
        if wide > limit && glyph.character != ' ' && at > from {
            let end = last_break.unwrap_or(at);
            return (end, end);
        }
        before = Some(glyph.character);
    }
    (glyphs.len(), glyphs.len())
}

/// A line without the spaces at its ends.
fn trimmed(line: &[Glyph]) -> &[Glyph] {
    let shown = |glyph: &Glyph| glyph.character != ' ';
    let first = line.iter().position(shown).unwrap_or(line.len());
    let last = line.iter().rposition(shown).map_or(first, |last| last + 1);
    line.get(first..last).unwrap_or_default()
}

/// Lines of at most `limit`, no more than `at_most` of them; the rest is where they ended.
fn broken(glyphs: &[Glyph], limit: f32, at_most: usize) -> (Vec<Range<usize>>, usize) {
    let (mut lines, mut from) = (Vec::new(), 0);
    while from < glyphs.len() && lines.len() < at_most {
        let (end, next) = line_at(glyphs, from, limit);
        lines.push(from..end);
        from = next;
    }
    (lines, from)
}

/// The largest setting that fits a box of dots; the smallest one, cut, if none does.
pub fn fit(font: &Font, glyphs: &[Glyph], wide: i32, high: i32, set: Set) -> Fit {
    let mut size = set.largest.max(set.smallest);
    loop {
        let rows = usize::try_from(high / leading(size).max(1)).unwrap_or_default();
        let rows = rows.min(set.lines).max(1);
        let limit = em(wide) * 1000.0 / em(size.max(1));
        let (lines, end) = broken(glyphs, limit, rows);
        let line = |range: Range<usize>| trimmed(glyphs.get(range).unwrap_or_default());
        let lines: Vec<&[Glyph]> = lines.into_iter().map(line).collect();
        let leading = clear(&lines, size, set.bold);
        let rows = usize::try_from(high / leading.max(1)).unwrap_or_default().max(1);
        let whole = end >= glyphs.len() && lines.len() <= rows;
        if whole || size <= set.smallest {
            let lines = lines.into_iter().take(rows).map(<[Glyph]>::to_vec);
            let mut lines: Vec<Vec<Glyph>> = lines.collect();
            if let (false, Some(last)) = (whole, lines.last_mut()) {
                shorten(font, last, limit);
            }
            return Fit { size, bold: set.bold, lines, leading, cut: !whole };
        }
        size = (size - 2).max(set.smallest);
    }
}

/// Makes room for the sign that says that there was more.
fn shorten(font: &Font, line: &mut Vec<Glyph>, limit: f32) {
    let Some(id) = font.glyph(ELLIPSIS) else { return };
    let sign = Glyph::new(font, id, ELLIPSIS);
    let fits = |line: &[Glyph]| line.iter().map(|g| g.advance).sum::<f32>() + sign.advance <= limit;
    while !line.is_empty() && !fits(line) {
        line.pop();
    }
    line.push(sign);
}
