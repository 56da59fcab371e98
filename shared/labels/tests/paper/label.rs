//! Shipping labels, as a scanner, a courier and a printer see them.

use crate::given::{label, long_label, small_label};
use domain::{Currency, Money};
use labels::{Field, Label, Loss, Lost, Person, Personal, Unprintable, pdf, pdf_of, zpl, zpl_of};
use proptest::prelude::*;
use scanner::zpl::{Kind, Sheet, print};
use scanner::{HEIGHT, Picture, WIDTH};

fn shown(label: &Label) -> Picture {
    let mut pages = Picture::of_pdf(&pdf(label).unwrap().bytes, 1.0);
    assert_eq!(pages.len(), 1);
    pages.remove(0)
}

fn printed(label: &Label) -> Sheet {
    let job = String::from_utf8(zpl(label).unwrap().bytes).unwrap();
    let mut sheets = print(&job);
    assert_eq!(sheets.len(), 1);
    sheets.remove(0)
}

fn all() -> [Label; 3] {
    [label(), small_label(), long_label()]
}

/// What two fields of a label share that should share nothing.
fn overlaps(sheet: &Sheet) -> Vec<String> {
    let fields = sheet.fields.iter().enumerate();
    let pairs = fields.flat_map(|(i, a)| sheet.fields[..i].iter().map(move |b| (a, b)));
    pairs.filter(|(a, b)| a.meets(b)).map(|(a, b)| format!("{a:?} and {b:?}")).collect()
}

#[test]
fn a_label_is_a_hundred_by_a_hundred_and_fifty_millimetres() {
    let page = shown(&label());
    assert_eq!((page.width, page.height), (WIDTH, HEIGHT));
}

#[test]
fn a_scanner_reads_the_waybill_and_the_qr_code_off_a_pdf() {
    for label in all() {
        for scale in [1.0, 2.0] {
            let page = Picture::of_pdf(&pdf(&label).unwrap().bytes, scale).remove(0);
            assert_eq!(page.bar_code().as_ref(), Some(&label.waybill));
            let qr = label.qr.as_ref().unwrap_or(&label.waybill);
            assert_eq!(page.qr_code().as_ref(), Some(qr));
        }
    }
}

#[test]
fn a_scanner_reads_them_off_what_a_label_printer_prints() {
    for label in all() {
        let sheet = printed(&label);
        assert_eq!(sheet.bars, std::slice::from_ref(&label.waybill));
        assert_eq!(sheet.picture.bar_code(), Some(label.waybill.clone()));
        assert_eq!(sheet.picture.qr_code(), Some(label.qr.unwrap_or(label.waybill)));
    }
}

#[test]
fn waybills_of_many_shapes_are_read_back() {
    for waybill in [
        "1",
        "12",
        "YT1234567890123",
        "75312345678901",
        "773123456789012",
        "RB123456789CN",
        "ab~^>{}\\ #1",
        "12345678901234567890123456789012345678901234567890",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ-1",
    ] {
        let label = Label { waybill: waybill.into(), ..label() };
        assert_eq!(shown(&label).bar_code().as_deref(), Some(waybill));
        assert_eq!(printed(&label).picture.bar_code().as_deref(), Some(waybill));
    }
}

#[test]
fn the_pdf_and_the_label_printer_show_the_same() {
    for label in all() {
        let (page, sheet) = (shown(&label), printed(&label).picture);
        let places = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        let (mut black, mut other) = (0, 0);
        for (x, y) in places {
            black += usize::from(sheet.dark(x, y));
            other += usize::from(sheet.dark(x, y) != page.dark(x, y));
        }
        assert!(black > 50_000, "{black} dots");
        assert!(other * 50 < black, "{other} of {black} dots differ");
    }
}

#[test]
fn nothing_is_printed_over_something_else() {
    for label in all() {
        let sheet = printed(&label);
        assert_eq!(overlaps(&sheet), [""; 0]);
        assert_eq!(sheet.fields.iter().filter(|field| field.kind == Kind::Bars).count(), 1);
    }
}

#[test]
fn a_deep_sign_above_a_high_one_keeps_clear_of_it() {
    let deep_and_high = "|\nǗ\nç\nỖ\ng\nÚ";
    let recipient = Person { address: deep_and_high.into(), ..label().recipient };
    let sort_code = Some("|\nǗ".to_owned());
    let note = Some(deep_and_high.to_owned());
    let label = Label { sort_code, note, recipient, ..label() };
    assert_eq!(overlaps(&printed(&label)), [""; 0]);
    for sort in ["g\nẪ", "|\nÚ", "g\nl"] {
        let label = Label { sort_code: Some(sort.into()), ..label.clone() };
        assert_eq!(overlaps(&printed(&label)), [""; 0], "{sort:?}");
        let losses = pdf(&label).unwrap().losses;
        assert!(losses.iter().all(|loss| loss.field != Field::SortCode), "{sort:?} has room");
    }
}

#[test]
fn the_bar_code_has_its_quiet_zones() {
    for label in all() {
        let sheet = printed(&label);
        let bars = sheet.fields.iter().find(|field| field.kind == Kind::Bars).unwrap();
        let quiet = 20;
        assert!(bars.left >= quiet && bars.right + quiet <= WIDTH, "{bars:?}");
        let zone = |x: &usize| (bars.top..bars.bottom).any(|y| sheet.picture.dark(*x, y));
        let mut beside = (bars.left - quiet..bars.left).chain(bars.right..bars.right + quiet);
        assert_eq!(beside.find(zone), None);
    }
}

#[test]
fn what_is_too_long_is_made_smaller_then_cut_and_told() {
    assert_eq!(pdf(&label()).unwrap().losses, []);
    assert_eq!(pdf(&small_label()).unwrap().losses, []);
    let losses = pdf(&long_label()).unwrap().losses;
    let cut = [Field::RecipientAddress, Field::SenderAddress, Field::Note];
    assert_eq!(losses, cut.map(|field| Loss { label: 0, field, what: Lost::Cut }));
    assert_eq!(zpl(&long_label()).unwrap().losses, losses);
}

#[test]
fn what_the_font_lacks_is_a_box_and_is_told() {
    let named = |name: &str| {
        let recipient = Person { name: name.into(), ..label().recipient };
        Label { recipient, personal: Personal::Full, ..label() }
    };
    let rendered = pdf(&named("龘龘 😀‍")).unwrap();
    let lost = |c| Loss { label: 0, field: Field::Recipient, what: Lost::Missing(c) };
    let missing = ['龘', '😀'].map(lost);
    assert_eq!(rendered.losses, missing);
    assert_eq!(rendered.bytes, pdf(&named("□□ □")).unwrap().bytes);
}

#[test]
fn characters_of_names_that_old_standards_lack_are_there() {
    let name = "喆堃镕玥昇珺赟犇㛃𫖯龍鳳";
    let recipient = Person { name: name.into(), ..label().recipient };
    let label = Label { recipient, personal: Personal::Full, ..label() };
    assert_eq!(pdf(&label).unwrap().losses, []);
}

#[test]
fn a_masked_label_shows_no_more_than_a_masked_name_and_number() {
    let bytes = |name: &str, phone: &str, personal| {
        let address = label().recipient.address;
        let recipient = Person { name: name.into(), phone: phone.into(), address };
        let label = Label { recipient, personal, ..label() };
        (pdf(&label).unwrap().bytes, zpl(&label).unwrap().bytes)
    };
    let masked = bytes("欧阳喆", "13800138000", Personal::Masked);
    assert_eq!(masked, bytes("欧**", "138****8000", Personal::Full));
    assert_ne!(masked, bytes("欧阳喆", "13800138000", Personal::Full));
}

#[test]
fn cash_is_on_the_label_only_where_the_courier_collects_it() {
    let plates = |collect| printed(&Label { collect, ..label() }).picture;
    let dark = |picture: &Picture| picture.grey.iter().filter(|grey| **grey < 128).count();
    let with = dark(&plates(Some(Money::new(25_900, Currency::CNY))));
    let without = dark(&plates(None));
    assert!(with > without + 40_000, "{with} and {without}");
}

#[test]
fn what_no_scanner_could_read_is_refused() {
    let refused = |waybill: &str| {
        let label = Label { waybill: waybill.into(), ..label() };
        assert_eq!(pdf(&label).map(|_| ()), zpl(&label).map(|_| ()));
        pdf(&label).unwrap_err()
    };
    let no_code = |waybill: &str| Unprintable::NoBarCode { waybill: waybill.into() };
    assert_eq!(refused(""), no_code(""));
    assert_eq!(refused("顺丰1"), no_code("顺丰1"));
    assert_eq!(refused("A\n1"), no_code("A\n1"));
    let waybill = "W-".repeat(16);
    let modules = 11 * 34 + 13;
    assert_eq!(
        refused(&waybill),
        Unprintable::BarCodeTooWide { waybill: waybill.clone(), modules }
    );
    let qr = Some("很".repeat(100));
    let too_large = pdf(&Label { qr, ..label() }).unwrap_err();
    assert_eq!(too_large, Unprintable::QrCodeTooLarge { text: "很".repeat(64), length: 300 });
    assert_eq!(pdf_of(&[]), Err(Unprintable::Nothing));
    assert_eq!(zpl_of(&[]), Err(Unprintable::Nothing));
}

#[test]
fn a_reprint_is_the_same_to_the_byte() {
    for label in all() {
        assert_eq!(pdf(&label), pdf(&label));
        assert_eq!(zpl(&label), zpl(&label));
    }
}

#[test]
fn labels_of_a_wave_are_one_document_with_one_font() {
    let labels: Vec<Label> =
        (0..20).map(|n| Label { waybill: format!("SF13880012345{n:02}"), ..label() }).collect();
    let (one, all) = (pdf(&labels[0]).unwrap().bytes, pdf_of(&labels).unwrap().bytes);
    assert!(one.len() < 60_000, "{} bytes", one.len());
    assert!(all.len() < one.len() + 20 * 8_000, "{} bytes", all.len());
    let pages = Picture::of_pdf(&all, 1.0);
    let sheets = print(&String::from_utf8(zpl_of(&labels).unwrap().bytes).unwrap());
    assert_eq!((pages.len(), sheets.len()), (20, 20));
    for ((page, sheet), label) in pages.iter().zip(&sheets).zip(&labels).skip(17) {
        assert_eq!(page.bar_code().as_ref(), Some(&label.waybill));
        assert_eq!(sheet.bars, std::slice::from_ref(&label.waybill));
    }
    let mut strange = labels;
    strange[7].note = Some("龘".into());
    let losses = pdf_of(&strange).unwrap().losses;
    let missing = Loss { label: 7, field: Field::Note, what: Lost::Missing('龘') };
    assert_eq!(losses, [missing]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_written_stays_in_its_place(
        texts in prop::array::uniform7("\\PC{0,60}|[a-z0-9]{0,200}|[一-鿿 ，\n]{0,200}"),
        collect in prop::option::of(any::<i64>()),
        weight_g: i64,
    ) {
        let [carrier, order_no, sort, note, name, phone, address] = texts;
        let recipient = Person { name, phone, address };
        let sort_code = Some(sort).filter(|text| text.len() % 3 > 0);
        let label = Label {
            carrier, order_no, sort_code, recipient, weight_g, note: Some(note),
            collect: collect.map(|minor| Money::new(minor, Currency::CNY)),
            personal: Personal::Full,
            ..label()
        };
        let sheet = printed(&label);
        prop_assert_eq!(overlaps(&sheet), Vec::<String>::new());
        prop_assert_eq!(&sheet.bars[..], std::slice::from_ref(&label.waybill));
        prop_assert!(pdf(&label).unwrap().bytes.len() < 200_000);
    }
}
