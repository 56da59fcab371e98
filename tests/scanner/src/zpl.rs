//! A label printer, as far as our labels need one. It stops at what it does not know, and at what
//! would be printed beside the label.

use crate::{HEIGHT, Picture, WIDTH};
use labels::code128::Code128;

/// A field as it was sent: what is printed there, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printed {
    pub kind: Kind,
    pub left: usize,
    pub top: usize,
    pub right: usize,
    pub bottom: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Rule,
    Graphic,
    Bars,
}

impl Printed {
    /// Shares dots with another.
    pub fn meets(&self, other: &Self) -> bool {
        let (across, down) = (
            self.left < other.right && other.left < self.right,
            self.top < other.bottom && other.top < self.bottom,
        );
        across && down
    }
}

/// One printed label.
pub struct Sheet {
    pub picture: Picture,
    pub fields: Vec<Printed>,
    /// What the bar codes say, as the printer understands it.
    pub bars: Vec<String>,
}

struct Printer {
    sheet: Sheet,
    at: (usize, usize),
    module: usize,
    bar_height: Option<usize>,
}

/// All labels of a job.
pub fn print(job: &str) -> Vec<Sheet> {
    assert!(job.is_ascii());
    let labels = job.split("^XA").skip(1);
    let sheet = |label: &str| {
        let (label, after) = label.split_once("^XZ").expect("a label ends");
        assert!(after.trim().is_empty(), "{after:?} is in no label");
        let sheet = Sheet { picture: Picture::white(), fields: Vec::new(), bars: Vec::new() };
        let mut printer = Printer { sheet, at: (0, 0), module: 2, bar_height: None };
        label.split('^').skip(1).for_each(|command| printer.obey(command));
        printer.sheet
    };
    labels.map(sheet).collect()
}

fn numbers(text: &str) -> Vec<usize> {
    text.trim().split(',').map_while(|n| n.parse().ok()).collect()
}

impl Printer {
    fn obey(&mut self, command: &str) {
        let (name, rest) = command.split_at(2);
        match name {
            "CI" => assert_eq!(rest, "28"),
            "PW" => assert_eq!(numbers(rest), [WIDTH]),
            "LL" => assert_eq!(numbers(rest), [HEIGHT]),
            "LH" => assert_eq!(numbers(rest), [0, 0]),
            "PQ" => assert_eq!(numbers(rest), [1]),
            "FS" => self.bar_height = None,
            "FO" => self.at = (numbers(rest)[0], numbers(rest)[1]),
            "BY" => self.module = numbers(rest)[0],
            "BC" => self.bar_height = Some(numbers(&rest[2..])[0]),
            "GB" => self.rule(&numbers(rest)),
            "GF" => self.graphic(rest),
            "FD" => self.bars(rest),
            other => panic!("no label of ours needs ^{other}"),
        }
    }

    fn field(&mut self, kind: Kind, w: usize, h: usize) {
        let (left, top) = self.at;
        let printed = Printed { kind, left, top, right: left + w, bottom: top + h };
        assert!(w > 0 && h > 0, "{printed:?} is empty");
        assert!(printed.right <= WIDTH && printed.bottom <= HEIGHT, "{printed:?} is off the label");
        self.sheet.fields.push(printed);
    }

    fn dot(&mut self, x: usize, y: usize) {
        let (left, top) = self.at;
        self.sheet.picture.grey[(top + y) * WIDTH + left + x] = 0;
    }

    fn fill(&mut self, left: usize, w: usize, h: usize) {
        (0..h).for_each(|y| (left..left + w).for_each(|x| self.dot(x, y)));
    }

    /// `^GB` is a frame; one that is as thick as it is high or wide is full.
    fn rule(&mut self, numbers: &[usize]) {
        let &[w, h, thick] = numbers else { panic!("^GB of {numbers:?}") };
        assert_eq!(thick, w.min(h), "all our frames are full");
        self.field(Kind::Rule, w, h);
        self.fill(0, w, h);
    }

    fn graphic(&mut self, text: &str) {
        let parts: Vec<&str> = text.splitn(5, ',').collect();
        let [format, sent, all, bytes, data] = parts[..] else { panic!("^GF{text}") };
        let (sent, all, bytes) = (numbers(sent)[0], numbers(all)[0], numbers(bytes)[0]);
        assert_eq!((format, sent), ("A", all), "hexadecimal, and all of it");
        let rows = expand(data, bytes);
        assert_eq!(rows.len() * bytes, all, "as many rows as were announced");
        // The last byte of a row may reach over the edge with white dots only.
        let black = |row: &[bool]| row.iter().rposition(|dot| *dot).map_or(0, |last| last + 1);
        let wide = rows.iter().map(|row| black(row)).max().unwrap();
        self.field(Kind::Graphic, wide, rows.len());
        for (y, row) in rows.iter().enumerate() {
            let dots = row.iter().enumerate().filter(|(_, dot)| **dot);
            dots.for_each(|(x, _)| self.dot(x, y));
        }
    }

    fn bars(&mut self, data: &str) {
        let high = self.bar_height.expect("^FD only after ^BC");
        let (text, symbols) = understood(data);
        let code = Code128::of(&text).expect("a bar code");
        let (_, sent) = code.symbols().split_last_chunk::<2>().map(|(s, _)| ((), s)).unwrap();
        assert_eq!(symbols, sent, "the printer draws the same symbols");
        let wide = usize::try_from(code.modules()).unwrap() * self.module;
        self.field(Kind::Bars, wide, high);
        let (mut x, mut black) = (0, true);
        for width in code.widths() {
            let wide = usize::try_from(width).unwrap() * self.module;
            if black {
                self.fill(x, wide, high);
            }
            (x, black) = (x + wide, !black);
        }
        self.sheet.bars.push(text);
    }
}

/// Zebra's compressed hexadecimal as rows of dots.
fn expand(data: &str, bytes: usize) -> Vec<Vec<bool>> {
    let (mut rows, mut row, mut count) = (Vec::<Vec<u32>>::new(), Vec::new(), 0);
    for c in data.trim().chars() {
        match c {
            'G'..='Y' => count += c as usize - 'G' as usize + 1,
            'g'..='z' => count += 20 * (c as usize - 'g' as usize + 1),
            ',' => row.resize(2 * bytes, 0),
            '!' => row.resize(2 * bytes, 15),
            ':' => row.clone_from(rows.last().expect("a row before")),
            _ => {
                let digit = c.to_digit(16).unwrap_or_else(|| panic!("{c:?} in a graphic"));
                row.extend(std::iter::repeat_n(digit, count.max(1)));
                count = 0;
            }
        }
        assert!(row.len() <= 2 * bytes, "a row is too long");
        if row.len() == 2 * bytes {
            rows.push(std::mem::take(&mut row));
        }
    }
    assert!(row.is_empty() && count == 0, "the last row is whole");
    let dots =
        |row: Vec<u32>| row.iter().flat_map(|d| [8, 4, 2, 1].map(|bit| d & bit > 0)).collect();
    rows.into_iter().map(dots).collect()
}

/// What `^BC` makes of its data: the text, and the symbols from the start on, without the check.
fn understood(data: &str) -> (String, Vec<u8>) {
    let (mut text, mut symbols, mut pairs) = (String::new(), Vec::new(), false);
    let mut rest = data.chars();
    while let Some(c) = rest.next() {
        let code = (c == '>').then(|| rest.next().expect("a code after >"));
        match code {
            Some(':') => symbols.push(104),
            Some(';') => symbols.push(105),
            Some('5') => symbols.push(99),
            Some('6') => symbols.push(100),
            Some(sign) => {
                let sign = match sign {
                    '0' => '>',
                    '<' => '^',
                    '=' => '~',
                    other => panic!(">{other} is not known"),
                };
                text.push(sign);
                symbols.push(sign as u8 - 32);
            }
            None if pairs => {
                let number = format!("{c}{}", rest.next().expect("pairs of digits"));
                symbols.push(number.parse().unwrap());
                text.push_str(&number);
            }
            None => {
                text.push(c);
                symbols.push(c as u8 - 32);
            }
        }
        pairs = match code {
            Some(';' | '5') => true,
            Some(':' | '6') => false,
            _ => pairs,
        };
    }
    (text, symbols)
}
