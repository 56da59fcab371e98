//! Pages as PDF 1.7 (ISO 32000-1): vector bars and outlines, and a font of only the glyphs shown.
//!
//! The same pages give the same bytes: there is no date and no random id, so a re-print is a
//! re-print. Text can be copied and searched, and viewers are asked not to scale what they print.

use crate::font::{BrokenFont, Font};
use crate::page::{Area, HEIGHT, Line, Mark, Page, WIDTH};
use crate::text;
use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{
    CidFontType, FontFlags, LineJoinStyle, SystemInfo, TextRenderingMode, UnicodeCmap,
};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};
use qrcodegen::QrCode;
use subsetter::GlyphRemapper;

/// Points in a dot: 72 of them to the inch, 203.2 dots.
const POINTS: f32 = 72.0 / 203.2;
const FONT: Name<'static> = Name(b"F");
const ADOBE_IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// Of zlib, 1 to 9: beyond it only time is spent.
const LEVEL: u8 = 6;

/// The glyphs of a document, numbered as they come, and what they stand for.
#[derive(Default)]
struct Used {
    numbers: GlyphRemapper,
    /// By the new number, from 1: the character, and the advance in thousandths.
    shown: Vec<(u16, char, f32)>,
}

impl Used {
    /// A line as the document's own glyph numbers, two bytes each.
    fn encode(&mut self, line: &Line) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(2 * line.glyphs.len());
        for glyph in &line.glyphs {
            let number = self.numbers.remap(glyph.id);
            if self.shown.last().is_none_or(|(last, ..)| *last < number) {
                self.shown.push((number, glyph.character, glyph.advance));
            }
            bytes.extend(number.to_be_bytes());
        }
        bytes
    }

    /// Six letters that differ where the glyphs do (ISO 32000-1, 9.6.4), by FNV-1a.
    fn tag(&self) -> String {
        let mix = |hash: u64, c: char| (hash ^ u64::from(c)).wrapping_mul(0x0100_0000_01b3);
        let mut hash = self.shown.iter().map(|shown| shown.1).fold(0xcbf2_9ce4_8422_2325, mix);
        let mut tag = String::new();
        for _ in 0..6 {
            tag.push(char::from(b'A' + u8::try_from(hash % 26).unwrap_or_default()));
            hash /= 26;
        }
        tag
    }
}

/// One document with all pages.
pub fn write(font: &Font, pages: &[Page]) -> Result<Vec<u8>, BrokenFont> {
    let mut ids = (1..).map(Ref::new);
    let mut next = || ids.next().ok_or(BrokenFont);
    let (catalog, tree, type0, cid) = (next()?, next()?, next()?, next()?);
    let (descriptor, outlines, unicode) = (next()?, next()?, next()?);
    let (mut pdf, mut used, mut kids) = (Pdf::new(), Used::default(), Vec::new());
    for page in pages {
        let (id, content) = (next()?, next()?);
        kids.push(id);
        let drawn = compress_to_vec_zlib(&draw(page, &mut used), LEVEL);
        pdf.stream(content, &drawn).filter(Filter::FlateDecode);
        let mut page = pdf.page(id);
        page.parent(tree).contents(content);
        page.media_box(Rect::new(0.0, 0.0, text::em(WIDTH) * POINTS, text::em(HEIGHT) * POINTS));
        page.resources().fonts().pair(FONT, type0);
    }
    pdf.pages(tree).count(i32::try_from(kids.len()).unwrap_or(i32::MAX)).kids(kids);
    let mut root = pdf.catalog(catalog);
    root.pages(tree);
    root.viewer_preferences().pair(Name(b"PrintScaling"), Name(b"None"));
    root.finish();
    let name = format!("{}+NotoSansCJKsc-Regular", used.tag());
    describe(&mut pdf, font, &used, &name, [type0, cid, descriptor, outlines, unicode]);
    let subset = compress_to_vec_zlib(&Font::subset(&used.numbers)?, LEVEL);
    let mut stream = pdf.stream(outlines, &subset);
    stream.filter(Filter::FlateDecode);
    stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    stream.finish();
    Ok(pdf.finish())
}

/// The font's dictionaries (ISO 32000-1, 9.7).
fn describe(pdf: &mut Pdf, font: &Font, used: &Used, name: &str, ids: [Ref; 5]) {
    let [type0, cid, descriptor, outlines, unicode] = ids;
    let name = Name(name.as_bytes());
    pdf.type0_font(type0)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(unicode);
    let mut of_cid = pdf.cid_font(cid);
    of_cid.subtype(CidFontType::Type0).base_font(name).system_info(ADOBE_IDENTITY);
    of_cid.font_descriptor(descriptor).default_width(1000.0);
    let mut widths = of_cid.widths();
    for (number, _, advance) in &used.shown {
        widths.consecutive(*number, [*advance]);
    }
    widths.finish();
    of_cid.finish();
    let measures = font.measures();
    let [left, bottom, right, top] = measures.bounds;
    pdf.font_descriptor(descriptor)
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(left, bottom, right, top))
        .italic_angle(0.0)
        .ascent(measures.ascent)
        .descent(measures.descent)
        .cap_height(measures.cap_height)
        .stem_v(80.0)
        .font_file3(outlines);
    let mut map = UnicodeCmap::<u16>::new(Name(b"Labels"), ADOBE_IDENTITY);
    for (number, character, _) in &used.shown {
        map.pair(*number, *character);
    }
    let map = compress_to_vec_zlib(map.finish().as_slice(), LEVEL);
    pdf.cmap(unicode, &map).filter(Filter::FlateDecode);
}

/// A page's marks, in dots whose origin the page's matrix puts at the lower left corner.
fn draw(page: &Page, used: &mut Used) -> Vec<u8> {
    let mut content = Content::new();
    content.transform([POINTS, 0.0, 0.0, POINTS, 0.0, 0.0]);
    for mark in &page.marks {
        match mark {
            Mark::Fill(area) => {
                rect(&mut content, *area);
                content.fill_nonzero();
            }
            Mark::Text(line) => show(&mut content, line, used),
            Mark::Plate(area, lines) => {
                rect(&mut content, *area);
                content.fill_nonzero().set_fill_gray(1.0).set_stroke_gray(1.0);
                lines.iter().for_each(|line| show(&mut content, line, used));
                content.set_fill_gray(0.0).set_stroke_gray(0.0);
            }
            Mark::Bars(area, module, code) => {
                let (mut x, mut black) = (area.x, true);
                for width in code.widths() {
                    if black {
                        rect(&mut content, Area::new(x, area.y, width * module, area.h));
                    }
                    (x, black) = (x + width * module, !black);
                }
                content.fill_nonzero();
            }
            Mark::Matrix(x, y, module, code) => matrix(&mut content, (*x, *y), *module, code),
        }
    }
    content.finish().into_vec()
}

fn rect(content: &mut Content, Area { x, y, w, h }: Area) {
    content.rect(text::em(x), text::em(HEIGHT - y - h), text::em(w), text::em(h));
}

fn show(content: &mut Content, line: &Line, used: &mut Used) {
    let (x, y) = (text::em(line.x), text::em(HEIGHT - line.baseline));
    content.begin_text().set_font(FONT, text::em(line.size)).next_line(x, y);
    if line.bold {
        content.set_text_rendering_mode(TextRenderingMode::FillStroke);
        content.set_line_width(text::pen(line.size)).set_line_join(LineJoinStyle::RoundJoin);
    }
    content.show(Str(&used.encode(line)));
    if line.bold {
        content.set_text_rendering_mode(TextRenderingMode::Fill);
    }
    content.end_text();
}

/// Dark modules, those side by side as one box, so that no viewer shows a seam.
fn matrix(content: &mut Content, (left, top): (i32, i32), module: i32, code: &QrCode) {
    for row in 0..code.size() {
        let mut begun = None;
        for column in 0..=code.size() {
            match (code.get_module(column, row), begun) {
                (true, None) => begun = Some(column),
                (false, Some(from)) => {
                    let (x, y) = (left + from * module, top + row * module);
                    rect(content, Area::new(x, y, (column - from) * module, module));
                    begun = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
    }
    content.fill_nonzero();
}
