//! An address in one line, as it is written where it lies.

use super::Delivery;

impl Delivery {
    /// In China and its regions from the large to the small, without what is said twice; elsewhere
    /// from the door to the country.
    pub fn in_one_line(&self) -> String {
        let street = self.street.as_deref().unwrap_or_default();
        let postal_code = self.postal_code.as_deref().unwrap_or_default();
        if matches!(self.country.as_str(), "CN" | "HK" | "MO" | "TW") {
            let parts = [&self.province, &self.city, &self.district, street, &self.detail];
            return run_together(&parts);
        }
        let place = [self.city.as_str(), &self.province, postal_code];
        let place = place.into_iter().filter(|part| !part.is_empty());
        let place = place.collect::<Vec<_>>().join(" ");
        let parts = [self.detail.as_str(), street, &self.district, &place, &self.country];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// Chinese needs no spaces; between two words in Latin letters there is one.
fn run_together(parts: &[&str]) -> String {
    let mut line = String::new();
    let mut before = "";
    for part in parts.iter().filter(|part| !part.is_empty()) {
        // 上海市 is a province and its only city.
        if *part == before {
            continue;
        }
        before = part;
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if latin(line.chars().last()) && latin(part.chars().next()) {
            line.push(' ');
        }
        line.push_str(part);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_where_it_lies() {
        let text = str::to_owned;
        let shanghai = Delivery {
            country: text("CN"),
            province: text("上海市"),
            city: text("上海市"),
            district: text("徐汇区"),
            detail: text("漕溪路 1 号"),
            ..Delivery::default()
        };
        assert_eq!(shanghai.in_one_line(), "上海市徐汇区漕溪路 1 号");
        let dongguan = Delivery {
            province: text("广东省"),
            city: text("东莞市"),
            district: String::new(),
            street: Some(text("长安镇")),
            ..shanghai.clone()
        };
        assert_eq!(dongguan.in_one_line(), "广东省东莞市长安镇漕溪路 1 号");
        let hong_kong = Delivery {
            country: text("HK"),
            province: text("Hong Kong"),
            city: text("Kowloon"),
            district: String::new(),
            detail: text("1 Nathan Road"),
            ..Delivery::default()
        };
        assert_eq!(hong_kong.in_one_line(), "Hong Kong Kowloon 1 Nathan Road");
        let berlin = Delivery {
            country: text("DE"),
            city: text("Berlin"),
            detail: text("Straße des 17. Juni 135"),
            postal_code: Some(text("10623")),
            ..Delivery::default()
        };
        assert_eq!(berlin.in_one_line(), "Straße des 17. Juni 135, Berlin 10623, DE");
    }
}
