//! Code 128: symbols that were worked out by hand, and any text read back by a scanner.

use labels::code128::Code128;
use proptest::prelude::*;
use scanner::Picture;

/// Text, and its symbols from start to stop.
const KNOWN: &[(&str, &[u8])] = &[
    ("A", &[104, 33, 34, 106]),
    ("1", &[104, 17, 18, 106]),
    ("12", &[105, 12, 14, 106]),
    ("123", &[104, 17, 18, 19, 8, 106]),
    ("123456", &[105, 12, 34, 56, 44, 106]),
    ("12345", &[105, 12, 34, 100, 21, 54, 106]),
    ("HI345678", &[104, 40, 41, 99, 34, 56, 78, 68, 106]),
    ("SF1234567890123", &[104, 51, 38, 17, 99, 23, 45, 67, 89, 1, 23, 11, 106]),
    ("AB1234CD", &[104, 33, 34, 17, 18, 19, 20, 35, 36, 46, 106]),
    ("A123456B", &[104, 33, 99, 12, 34, 56, 100, 34, 80, 106]),
];

#[test]
fn numbers_take_half_the_room_and_the_check_is_right() {
    for (text, symbols) in KNOWN {
        assert_eq!(Code128::of(text).unwrap().symbols(), *symbols, "{text}");
    }
}

#[test]
fn each_symbol_is_eleven_modules_and_the_stop_thirteen() {
    for (text, symbols) in KNOWN {
        let modules = i32::try_from(11 * symbols.len() + 2).unwrap();
        assert_eq!(Code128::of(text).unwrap().modules(), modules, "{text}");
    }
}

#[test]
fn what_has_no_bar_code_has_none() {
    for text in ["", "é", "单", "\t", "A\u{7f}"] {
        assert_eq!(Code128::of(text), None, "{text:?}");
    }
}

#[test]
fn a_label_printer_is_told_each_change_of_set() {
    for (text, data) in [
        ("SF1234567890123", ">:SF1>5234567890123"),
        ("123456", ">;123456"),
        ("12345", ">;1234>65"),
        ("a>b^c~d", ">:a>0b><c>=d"),
    ] {
        assert_eq!(Code128::of(text).unwrap().zpl(), data);
    }
}

/// Bars of three dots to the module, with their quiet zones.
fn picture(code: &Code128) -> Picture {
    let (module, height) = (3, 40);
    let side = 12 * module;
    let width = usize::try_from(code.modules()).unwrap() * module + 2 * side;
    let mut row = vec![255; side];
    for (i, modules) in code.widths().enumerate() {
        let shade = if i % 2 == 0 { 0 } else { 255 };
        row.extend(std::iter::repeat_n(shade, usize::try_from(modules).unwrap() * module));
    }
    row.resize(width, 255);
    Picture { width, height, grey: row.repeat(height) }
}

proptest! {
    #[test]
    fn any_printable_ascii_is_read_back(
        text in "[ -~]{1,24}|[0-9]{1,40}|[A-Z]{0,4}[0-9]{1,20}[A-Z]{0,3}",
    ) {
        let code = Code128::of(&text).unwrap();
        prop_assert_eq!(picture(&code).bar_code(), Some(text));
    }
}
