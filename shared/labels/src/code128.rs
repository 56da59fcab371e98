//! Code 128 (ISO/IEC 15417): text to bars.
//!
//! Sets B and C only, switched so that long numbers take half the room. Control characters (set A)
//! and everything beyond ASCII are refused: no waybill number has them.

use std::fmt::Write;

const TO_C: u8 = 99;
const TO_B: u8 = 100;
const START_B: u8 = 104;
const START_C: u8 = 105;
const STOP: u8 = 106;
/// Light modules that a scanner needs on either side.
pub const QUIET: i32 = 10;

/// The widths of bars and spaces of each symbol, ISO/IEC 15417 table 1, bar first.
const WIDTHS: [&[u8]; 107] = [
    b"212222", b"222122", b"222221", b"121223", b"121322", b"131222", b"122213", b"122312",
    b"132212", b"221213", b"221312", b"231212", b"112232", b"122132", b"122231", b"113222",
    b"123122", b"123221", b"223211", b"221132", b"221231", b"213212", b"223112", b"312131",
    b"311222", b"321122", b"321221", b"312212", b"322112", b"322211", b"212123", b"212321",
    b"232121", b"111323", b"131123", b"131321", b"112313", b"132113", b"132311", b"211313",
    b"231113", b"231311", b"112133", b"112331", b"132131", b"113123", b"113321", b"133121",
    b"313121", b"211331", b"231131", b"213113", b"213311", b"213131", b"311123", b"311321",
    b"331121", b"312113", b"312311", b"332111", b"314111", b"221411", b"431111", b"111224",
    b"111422", b"121124", b"121421", b"141122", b"141221", b"112214", b"112412", b"122114",
    b"122411", b"142112", b"142211", b"241211", b"221114", b"413111", b"241112", b"134111",
    b"111242", b"121142", b"121241", b"114212", b"124112", b"124211", b"411212", b"421112",
    b"421211", b"212141", b"214121", b"412121", b"111143", b"111341", b"131141", b"114113",
    b"114311", b"411113", b"411311", b"113141", b"114131", b"311141", b"411131", b"211412",
    b"211214", b"211232", b"2331112",
];

/// A bar code: its symbols from start to stop, with the check symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code128 {
    symbols: Vec<u8>,
}

/// Which characters a symbol stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    B,
    C,
}

/// The two digits at the front, as the symbol of set C that they are.
fn pair(text: &[u8]) -> Option<u8> {
    match text {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    }
}

/// Whether set C is worth its switch here (annex E of the standard): four digits at the start or
/// the end, six in between.
fn worth_c(rest: &[u8], at_start: bool) -> bool {
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let to_the_end = digits == rest.len();
    match (at_start, to_the_end) {
        (true, true) => digits == 2 || digits >= 4,
        (true, false) | (false, true) => digits >= 4,
        (false, false) => digits >= 6,
    }
}

impl Code128 {
    /// The bar code of a text of printable ASCII; `None` if it is empty or has anything else.
    pub fn of(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|c| (b' '..=b'~').contains(&c)) {
            return None;
        }
        let mut rest = text.as_bytes();
        let mut set = if worth_c(rest, true) { Set::C } else { Set::B };
        let mut symbols = vec![if set == Set::C { START_C } else { START_B }];
        while let Some((&first, after)) = rest.split_first() {
            let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
            match (set, pair(rest)) {
                (Set::C, Some(pair)) => {
                    symbols.push(pair);
                    rest = rest.get(2..).unwrap_or_default();
                }
                (Set::C, None) => {
                    symbols.push(TO_B);
                    set = Set::B;
                }
                // An odd digit stays in set B, so that only pairs are left.
                (Set::B, Some(_)) if digits % 2 == 0 && worth_c(rest, false) => {
                    symbols.push(TO_C);
                    set = Set::C;
                }
                (Set::B, _) => {
                    symbols.push(first - b' ');
                    rest = after;
                }
            }
        }
        symbols.push(checksum(&symbols));
        symbols.push(STOP);
        Some(Self { symbols })
    }

    /// Start, data, check and stop.
    pub fn symbols(&self) -> &[u8] {
        &self.symbols
    }

    /// Bars and spaces in turn, as numbers of modules, a bar first and last.
    pub fn widths(&self) -> impl Iterator<Item = i32> {
        let widths = self.symbols.iter().filter_map(|s| WIDTHS.get(usize::from(*s)));
        widths.flat_map(|widths| widths.iter().map(|width| i32::from(width - b'0')))
    }

    /// How wide it is, in modules, without its quiet zones.
    pub fn modules(&self) -> i32 {
        self.widths().sum()
    }

    /// What follows `^FD` of a label printer's `^BC` (ZPL II), with every set named, so that each
    /// printer draws these very symbols. The printer adds check and stop itself.
    pub fn zpl(&self) -> String {
        let data = self.symbols.split_last_chunk::<2>().map_or(&[][..], |(data, _)| data);
        let (mut text, mut set) = (String::new(), Set::B);
        for symbol in data {
            match (*symbol, set) {
                (START_B, _) => text.push_str(">:"),
                (START_C, _) => {
                    text.push_str(">;");
                    set = Set::C;
                }
                (TO_B, Set::C) => {
                    text.push_str(">6");
                    set = Set::B;
                }
                (TO_C, Set::B) => {
                    text.push_str(">5");
                    set = Set::C;
                }
                (pair, Set::C) => {
                    // Writing to a string does not fail.
                    write!(text, "{pair:02}").unwrap_or_default();
                }
                (sign, Set::B) => match sign + b' ' {
                    b'>' => text.push_str(">0"),
                    b'^' => text.push_str("><"),
                    b'~' => text.push_str(">="),
                    sign => text.push(char::from(sign)),
                },
            }
        }
        text
    }
}

/// The start symbol, and each other one times its place, modulo 103.
fn checksum(symbols: &[u8]) -> u8 {
    let weighed = symbols.iter().zip(0_u64..).map(|(s, place)| u64::from(*s) * place.max(1));
    u8::try_from(weighed.sum::<u64>() % 103).unwrap_or_default()
}
