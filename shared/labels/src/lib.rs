//! What a warehouse prints: shipping labels and packing slips, as PDF and as ZPL, 100 × 150 mm.
//!
//! Pure: input in, bytes out, the same bytes for the same input; no I/O, no clock. It is told what
//! to say and decides only how it looks. A text that is too long becomes smaller before it is cut,
//! a character that the font lacks becomes a box, and both are told; only what no scanner could
//! read is refused. `font/README.md` says where the font comes from.

mod carriers;
pub mod code128;
mod dots;
mod font;
mod label;
mod page;
mod pdf;
mod slip;
mod text;
mod words;
mod zpl;

pub use carriers::carrier;
pub use font::BrokenFont;
pub use words::returns_to;

use domain::{Gift, Money};
use font::Font;
use page::{Canvas, Page};

/// A shipping label (面单).
#[derive(Debug, Clone)]
pub struct Label {
    /// The carrier, as people call it.
    pub carrier: String,
    /// What of the carrier's was bought: 标快, Express, …
    pub service: Option<String>,
    /// The waybill number, the bar code: printable ASCII, about 28 characters or 50 digits.
    pub waybill: String,
    /// The carrier's routing or sort code (大头笔, 三段码), the largest thing on the label.
    pub sort_code: Option<String>,
    /// What the QR code says; if nothing else, the waybill number.
    pub qr: Option<String>,
    /// The order's number for people.
    pub order_no: String,
    pub recipient: Person,
    /// Whether everybody may read the recipient's name and phone number. The address is always
    /// shown.
    pub personal: Personal,
    /// The warehouse that sends, and takes back what nobody accepts.
    pub sender: Person,
    pub parcel: Part,
    /// As weighed, in grams.
    pub weight_g: i64,
    /// What the courier must collect at the door.
    pub collect: Option<Money>,
    /// Words for the courier.
    pub note: Option<String>,
}

/// Who sends or gets a parcel.
#[derive(Debug, Clone)]
pub struct Person {
    pub name: String,
    pub phone: String,
    /// In one line, as it is written in its country.
    pub address: String,
}

/// How much of a person is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    Full,
    /// The first letter of the name, and of the phone number what is enough to recognise it.
    Masked,
}

/// One of several parcels, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub no: u32,
    pub of: u32,
}

/// A packing slip (装箱单): what lies in the parcel.
#[derive(Debug, Clone)]
pub struct Slip {
    /// The shop's name.
    pub shop: String,
    pub order_no: String,
    pub parcel: Part,
    pub lines: Vec<SlipLine>,
    /// What the buyer pays for this parcel's goods, if the shop shows it.
    pub total: Option<Money>,
    /// Its message is printed, and with `hide_prices` no amount is.
    pub gift: Option<Gift>,
    /// The shop's words at the end: how to send goods back.
    pub note: Option<String>,
}

/// Goods in a parcel.
#[derive(Debug, Clone)]
pub struct SlipLine {
    pub sku: String,
    pub name: String,
    pub quantity: i64,
    /// Of the whole line, if the shop shows it.
    pub amount: Option<Money>,
}

/// A document to print, and what could not be shown in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub bytes: Vec<u8>,
    /// Each once, in the order in which they are printed.
    pub losses: Vec<Loss>,
}

/// What a document lacks though it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Which of several labels, from 0.
    pub label: usize,
    pub field: Field,
    pub what: Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The font has no such character; a box stands for it.
    Missing(char),
    /// The text is too long; an ellipsis stands for its end.
    Cut,
}

/// A part of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Carrier,
    Service,
    Waybill,
    SortCode,
    OrderNo,
    Recipient,
    RecipientAddress,
    Sender,
    SenderAddress,
    Collect,
    Parcel,
    Note,
    Shop,
    Sku,
    ItemName,
    Quantity,
    Amount,
    GiftMessage,
    /// Words of our own.
    Caption,
}

impl Field {
    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Carrier => "carrier",
            Self::Service => "service",
            Self::Waybill => "waybill",
            Self::SortCode => "sort_code",
            Self::OrderNo => "order_no",
            Self::Recipient => "recipient",
            Self::RecipientAddress => "recipient_address",
            Self::Sender => "sender",
            Self::SenderAddress => "sender_address",
            Self::Collect => "collect",
            Self::Parcel => "parcel",
            Self::Note => "note",
            Self::Shop => "shop",
            Self::Sku => "sku",
            Self::ItemName => "item_name",
            Self::Quantity => "quantity",
            Self::Amount => "amount",
            Self::GiftMessage => "gift_message",
            Self::Caption => "caption",
        }
    }
}

/// Why there is nothing to print.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unprintable {
    #[error("waybill {waybill:?} is no Code 128: it must be printable ASCII")]
    NoBarCode { waybill: String },
    #[error("waybill {waybill:?} is {modules} modules, too wide for a label's bar code")]
    BarCodeTooWide { waybill: String, modules: i32 },
    #[error("{text:?}, {length} bytes in all, is too much for a label's QR code")]
    QrCodeTooLarge { text: String, length: usize },
    #[error("there is nothing to print")]
    Nothing,
    #[error(transparent)]
    Font(#[from] BrokenFont),
}

/// A label as PDF.
pub fn pdf(label: &Label) -> Result<Rendered, Unprintable> {
    pdf_of(std::slice::from_ref(label))
}

/// Labels as one PDF, a page each, with one font for all of them.
pub fn pdf_of(labels: &[Label]) -> Result<Rendered, Unprintable> {
    let font = Font::bundled()?;
    let (pages, losses) = pages_of(&font, labels)?;
    Ok(Rendered { bytes: pdf::write(&font, &pages)?, losses })
}

/// A label for printers that speak ZPL II, 203 dpi.
pub fn zpl(label: &Label) -> Result<Rendered, Unprintable> {
    zpl_of(std::slice::from_ref(label))
}

/// Labels for printers that speak ZPL II, one after the other.
pub fn zpl_of(labels: &[Label]) -> Result<Rendered, Unprintable> {
    let font = Font::bundled()?;
    let (pages, losses) = pages_of(&font, labels)?;
    Ok(Rendered { bytes: zpl::write(&font, &pages).into_bytes(), losses })
}

/// A packing slip as PDF, on as many pages as it needs.
pub fn slip_pdf(slip: &Slip) -> Result<Rendered, Unprintable> {
    let font = Font::bundled()?;
    let canvas = slip::draw(slip, &font)?;
    Ok(Rendered { bytes: pdf::write(&font, &canvas.pages)?, losses: canvas.losses })
}

/// A packing slip for printers that speak ZPL II, on as many labels as it needs.
pub fn slip_zpl(slip: &Slip) -> Result<Rendered, Unprintable> {
    let font = Font::bundled()?;
    let canvas = slip::draw(slip, &font)?;
    let bytes = zpl::write(&font, &canvas.pages).into_bytes();
    Ok(Rendered { bytes, losses: canvas.losses })
}

fn pages_of(font: &Font, labels: &[Label]) -> Result<(Vec<Page>, Vec<Loss>), Unprintable> {
    if labels.is_empty() {
        return Err(Unprintable::Nothing);
    }
    let mut all = Canvas::empty(font);
    for (at, label) in labels.iter().enumerate() {
        all.label = at;
        all.new_page();
        label::draw(label, &mut all)?;
    }
    Ok((all.pages, all.losses))
}
