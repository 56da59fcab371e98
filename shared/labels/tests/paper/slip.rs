//! Packing slips, as who packs and who opens the parcel sees them.

use crate::given::{gift, slip};
use labels::{Field, Loss, Lost, Slip, slip_pdf, slip_zpl};
use scanner::zpl::{Kind, Printed, Sheet, print};
use scanner::{HEIGHT, Picture, WIDTH};

fn printed(slip: &Slip) -> Vec<Sheet> {
    print(&String::from_utf8(slip_zpl(slip).unwrap().bytes).unwrap())
}

fn without_amounts(mut slip: Slip) -> Slip {
    slip.total = None;
    slip.lines.iter_mut().for_each(|line| line.amount = None);
    slip
}

#[test]
fn a_slip_says_the_order_for_eyes_and_for_scanners() {
    let pages = Picture::of_pdf(&slip_pdf(&slip()).unwrap().bytes, 2.0);
    assert_eq!(pages.len(), 1);
    assert_eq!((pages[0].width, pages[0].height), (2 * WIDTH, 2 * HEIGHT));
    assert_eq!(pages[0].qr_code(), Some(slip().order_no));
    assert_eq!(printed(&slip())[0].picture.qr_code(), Some(slip().order_no));
    assert_eq!(slip_pdf(&slip()).unwrap().losses, []);
}

#[test]
fn a_gift_hides_its_prices_if_its_giver_wants_it() {
    let bytes = |slip: &Slip| (slip_pdf(slip).unwrap().bytes, slip_zpl(slip).unwrap().bytes);
    let hidden = Slip { gift: Some(gift()), ..slip() };
    assert_eq!(bytes(&hidden), bytes(&without_amounts(hidden.clone())));
    let open = domain::Gift { hide_prices: false, ..gift() };
    let shown = Slip { gift: Some(open), ..slip() };
    assert_ne!(bytes(&shown), bytes(&hidden));
    assert_ne!(bytes(&slip()), bytes(&without_amounts(slip())));
}

#[test]
fn the_givers_words_are_in_a_frame_of_their_own() {
    let frames = |slip: &Slip| {
        let sheets = printed(slip);
        let upright = |field: &&Printed| field.kind == Kind::Rule && field.bottom - field.top > 60;
        sheets.iter().flat_map(|sheet| &sheet.fields).filter(upright).count()
    };
    assert_eq!(frames(&slip()), 0);
    assert_eq!(frames(&Slip { gift: Some(gift()), ..slip() }), 2);
    let wordless = domain::Gift { message: None, ..gift() };
    assert_eq!(frames(&Slip { gift: Some(wordless), ..slip() }), 0);
    let written = domain::Gift { message: Some("🎂".into()), ..gift() };
    let losses = slip_pdf(&Slip { gift: Some(written), ..slip() }).unwrap().losses;
    let missing = Loss { label: 0, field: Field::GiftMessage, what: Lost::Missing('🎂') };
    assert_eq!(losses, [missing]);
}

#[test]
fn many_lines_go_on_on_the_next_page() {
    let mut long = Slip { gift: Some(gift()), ..slip() };
    long.lines = (0..60).map(|n| slip().lines[n % 3].clone()).collect();
    let rendered = slip_pdf(&long).unwrap();
    assert_eq!(rendered.losses, []);
    let (pages, sheets) = (Picture::of_pdf(&rendered.bytes, 2.0), printed(&long));
    assert!(pages.len() > 3, "{} pages", pages.len());
    assert_eq!(pages.len(), sheets.len());
    for page in &pages {
        assert_eq!(page.qr_code(), Some(long.order_no.clone()));
    }
}

#[test]
fn nothing_is_printed_over_something_else() {
    let mut long = Slip { gift: Some(gift()), ..slip() };
    for line in &mut long.lines {
        line.sku = "SKU-0123456789-".repeat(4);
        line.name = line.name.repeat(8);
        line.quantity = i64::MAX;
    }
    long.shop = long.shop.repeat(30);
    for slip in [slip(), Slip { gift: Some(gift()), ..slip() }, long] {
        for sheet in printed(&slip) {
            let graphics = sheet.fields.iter().filter(|field| field.kind == Kind::Graphic);
            let graphics: Vec<&Printed> = graphics.collect();
            for (i, field) in graphics.iter().enumerate() {
                assert_eq!(
                    graphics[..i].iter().find(|other| other.meets(field)),
                    None,
                    "{field:?}"
                );
            }
        }
    }
}
