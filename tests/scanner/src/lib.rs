//! What is seen on paper: pages as pictures of dots, and the scanner that reads codes off them.
//!
//! A PDF is drawn by a renderer, ZPL by [`zpl`], which knows the commands that we send and no
//! other.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what cannot be seen fails its test and says why; the product links none of it"
)]

pub mod zpl;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, peniko::color::PremulRgba8};
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use rxing::BarcodeFormat;

/// Dots of a 203 dpi print head on a label.
pub const WIDTH: usize = 800;
pub const HEIGHT: usize = 1200;

/// A picture of grey dots, 0 black and 255 white.
#[derive(Clone)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub grey: Vec<u8>,
}

impl Picture {
    pub fn white() -> Self {
        Self { width: WIDTH, height: HEIGHT, grey: vec![255; WIDTH * HEIGHT] }
    }

    /// The pages of a PDF, in so many pixels to a dot.
    pub fn of_pdf(bytes: &[u8], scale: f32) -> Vec<Self> {
        let pdf = Pdf::new(bytes.to_vec()).expect("a PDF that can be read");
        let (cache, settings) = (RenderCache::new(), InterpreterSettings::default());
        // A hundredth of a pixel more, so that 799.999 is 800.
        let side = scale * 203.2 / 72.0 + 0.00003;
        let size = PixmapSettings { x_scale: side, y_scale: side, bg_color: WHITE };
        let look = RenderSettings { hinting: false, ..RenderSettings::default() };
        let page = |page| Self::of(&render(page, &cache, &settings, &look, &size));
        pdf.pages().iter().map(page).collect()
    }

    fn of(pixels: &Pixmap) -> Self {
        let grey = |p: &PremulRgba8| {
            u8::try_from((u32::from(p.r) + u32::from(p.g) + u32::from(p.b)) / 3).unwrap()
        };
        Self {
            width: usize::from(pixels.width()),
            height: usize::from(pixels.height()),
            grey: pixels.data().iter().map(grey).collect(),
        }
    }

    /// As a file for people to look at.
    pub fn png(&self) -> Vec<u8> {
        let pixel = |g: &u8| PremulRgba8 { r: *g, g: *g, b: *g, a: 255 };
        let side = |length: usize| u16::try_from(length).unwrap();
        let mut pixels = Pixmap::new(side(self.width), side(self.height));
        let shades = self.grey.iter().map(pixel);
        pixels.data_mut().iter_mut().zip(shades).for_each(|(to, shade)| *to = shade);
        pixels.into_png().expect("a PNG")
    }

    pub fn dark(&self, x: usize, y: usize) -> bool {
        self.grey[y * self.width + x] < 128
    }

    /// What a scanner reads: a bar code or a QR code, if there is one.
    fn scan(&self, format: BarcodeFormat) -> Option<String> {
        let (w, h) = (u32::try_from(self.width).unwrap(), u32::try_from(self.height).unwrap());
        let found = rxing::helpers::detect_in_luma(self.grey.clone(), w, h, Some(format));
        found.ok().map(|found| found.getText().to_owned())
    }

    pub fn bar_code(&self) -> Option<String> {
        self.scan(BarcodeFormat::CODE_128)
    }

    pub fn qr_code(&self) -> Option<String> {
        self.scan(BarcodeFormat::QR_CODE)
    }
}
