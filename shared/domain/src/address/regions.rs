//! The divisions of China by their codes (GB/T 2260), and by their names.
//!
//! The list is one sorted text that is searched where it lies: nothing is parsed or built when a
//! component starts. `SOURCES.md` says where it comes from and how a new edition is made.

/// The day whose divisions the list has.
pub const EDITION: &str = "2023-06-30";

const LIST: &str = include_str!("regions.txt");
const DIGITS: usize = 6;

/// A division: a province, a city or a district.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    /// Six digits: two of the province, two of the city, two of the district.
    pub code: &'static str,
    pub name: &'static str,
}

/// Whether a text has the form of a code.
pub fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0')
}

/// The first digits of a code with zeros behind: `4401` is `440100`.
pub fn whole(prefix: &str) -> String {
    format!("{prefix:0<DIGITS$}")
}

/// Where the first line begins whose code is not smaller.
fn lower_bound(code: &str) -> usize {
    let list = LIST.as_bytes();
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low.midpoint(high);
        let before = list.get(low..middle).unwrap_or_default();
        let start = before.iter().rposition(|b| *b == b'\n').map_or(low, |at| low + at + 1);
        if list.get(start..start + DIGITS).unwrap_or_default() < code.as_bytes() {
            let rest = list.get(start..).unwrap_or_default();
            low = rest.iter().position(|b| *b == b'\n').map_or(high, |at| start + at + 1);
        } else {
            high = start;
        }
    }
    low
}

/// Divisions whose codes begin with these digits, in the order of their codes.
fn beginning(prefix: &str) -> impl Iterator<Item = Division> {
    let lines = LIST.get(lower_bound(&whole(prefix))..).unwrap_or_default().lines();
    let divisions = lines.filter_map(|line| line.split_at_checked(DIGITS));
    divisions
        .map(|(code, name)| Division { code, name })
        .take_while(move |division| division.code.starts_with(prefix))
}

/// The division with a code.
pub fn with_code(code: &str) -> Option<Division> {
    is_code(code).then(|| beginning(code).next()).flatten()
}

/// The provinces, and what is like one.
fn provinces() -> impl Iterator<Item = Division> {
    (11..=82).filter_map(|digits: u8| with_code(&whole(&digits.to_string())))
}

/// The cities of a province by its two digits.
fn cities(province: &str) -> impl Iterator<Item = Division> {
    let below = |d: &Division| d.code.ends_with("00") && !d.code.ends_with("0000");
    beginning(province).filter(below)
}

/// The districts of a city by its four digits. Of a province without cities: by `8100`.
pub fn districts(city: &str) -> impl Iterator<Item = Division> {
    beginning(city).filter(|division| !division.code.ends_with("00"))
}

/// The one that is called so: its whole name, or the beginning of no other's. People write 广东 for
/// 广东省.
fn called(name: &str, among: impl Iterator<Item = Division> + Clone) -> Option<Division> {
    let whole = among.clone().find(|division| division.name == name);
    let mut short = among.filter(|division| division.name.starts_with(name));
    whole.or_else(|| {
        let first = short.next().filter(|_| name.chars().count() >= 2)?;
        short.next().is_none().then_some(first)
    })
}

fn by_code_or_name(text: &str, all: Vec<Division>) -> Option<Division> {
    let by_code = all.iter().find(|division| division.code == text).copied();
    by_code.or_else(|| called(text, all.into_iter()))
}

/// A province by its code or name.
pub fn province(text: &str) -> Option<Division> {
    by_code_or_name(text, provinces().collect())
}

/// A city by its code or name, within a province.
pub fn city(province: &str, text: &str) -> Option<Division> {
    by_code_or_name(text, cities(province).collect())
}

/// A district by its code or name, within a city.
pub fn district(city: &str, text: &str) -> Option<Division> {
    by_code_or_name(text, districts(city).collect())
}

/// A county that its province administers itself (省直辖县级行政区划), by its code or name.
pub fn county_of_province(province: &str, text: &str) -> Option<Division> {
    by_code_or_name(text, districts(&format!("{province}90")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_by_its_code_and_they_are_in_order() {
        let codes: Vec<&str> = LIST.lines().filter_map(|line| line.get(..DIGITS)).collect();
        assert!(codes.len() > 3_000 && codes.is_sorted_by(|a, b| a < b), "sorted, each once");
        for line in LIST.lines() {
            let found = with_code(&line[..DIGITS]).unwrap();
            assert_eq!(format!("{}{}", found.code, found.name), line);
        }
        for code in ["000000", "100000", "110199", "990000", "11010", "1101011", "x10101"] {
            assert_eq!(with_code(code), None, "{code}");
        }
        assert_eq!(provinces().count(), 34);
    }

    #[test]
    fn every_district_hangs_under_a_city_and_every_city_under_a_province() {
        for line in LIST.lines() {
            let code = &line[..DIGITS];
            assert!(with_code(&whole(&code[..2])).is_some(), "{line} has no province");
            let of_city = with_code(&whole(&code[..4])).is_some();
            assert!(of_city, "{line} has no city");
        }
    }

    #[test]
    fn a_name_may_be_short_where_only_one_is_meant() {
        let code = |found: Option<Division>| found.map(|division| division.code);
        assert_eq!(code(province("广东")), Some("440000"));
        assert_eq!(code(province("海")), None, "too short to say");
        assert_eq!(code(city("44", "广州市")), Some("440100"));
        assert_eq!(code(city("44", "440100")), Some("440100"));
        assert_eq!(code(district("3101", "浦东")), Some("310115"));
        assert_eq!(code(district("6540", "伊宁")), None, "a city and a county are called so");
        assert_eq!(code(county_of_province("42", "仙桃市")), Some("429004"));
    }
}
