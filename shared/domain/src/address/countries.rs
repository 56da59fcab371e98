//! Countries by ISO 3166-1 alpha-2, and the forms of their postal codes.

/// ISO 3166-1, officially assigned codes (2024).
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI \
    BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY \
    CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN \
    GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH \
    KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL \
    PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV \
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN \
    VU WF WS YE YT ZA ZM ZW";

pub fn is_country(code: &str) -> bool {
    COUNTRIES.split_ascii_whitespace().any(|known| known == code)
}

/// Countries whose carriers do not deliver without a postal code.
pub fn needs_postal_code(country: &str) -> bool {
    matches!(country, "US" | "JP" | "CA" | "GB" | "DE" | "FR" | "SG")
}

/// Whether a postal code has its country's form. Where we know none, letters, digits, spaces and
/// hyphens will do, ten of them at most.
pub fn is_postal_code(country: &str, text: &str) -> bool {
    match country {
        "CN" => {
            fits(text, "000000") && text.get(..2).is_some_and(|two| ("01"..="86").contains(&two))
        }
        "HK" => text == "999077",
        "MO" => text == "999078",
        "TW" => ["000", "00000", "000000"].iter().any(|form| fits(text, form)),
        "US" => ["00000", "00000-0000"].iter().any(|form| fits(text, form)),
        "JP" => ["0000000", "000-0000"].iter().any(|form| fits(text, form)),
        "DE" | "FR" => fits(text, "00000"),
        "SG" => fits(text, "000000"),
        "CA" => ["A0A0A0", "A0A 0A0"].iter().any(|form| fits(text, form)) && canadian(text),
        "GB" => british(text),
        _ => {
            let sign = |b: u8| b.is_ascii_alphanumeric() || b == b' ' || b == b'-';
            (1..=10).contains(&text.len()) && text.bytes().all(sign)
        }
    }
}

/// `0` stands for a digit, `A` for a capital letter, anything else for itself.
fn fits(text: &str, form: &str) -> bool {
    let sign = |(b, wanted): (u8, u8)| match wanted {
        b'0' => b.is_ascii_digit(),
        b'A' => b.is_ascii_uppercase(),
        itself => b == itself,
    };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(sign)
}

/// Canada Post uses neither D, F, I, O, Q nor U, and neither W nor Z in the first place.
fn canadian(text: &str) -> bool {
    !text.starts_with(['W', 'Z']) && !text.contains(['D', 'F', 'I', 'O', 'Q', 'U'])
}

/// An outward code (BS 7666: six forms) and an inward one: a digit and two letters, of which none
/// is C, I, K, M, O or V. The space between them may be missing.
fn british(text: &str) -> bool {
    let Some((outward, inward)) =
        text.len().checked_sub(3).and_then(|at| text.split_at_checked(at))
    else {
        return false;
    };
    let outward = outward.strip_suffix(' ').unwrap_or(outward);
    let forms = ["A0", "A00", "A0A", "AA0", "AA00", "AA0A"];
    let inner = fits(inward, "0AA") && !inward.contains(['C', 'I', 'K', 'M', 'O', 'V']);
    inner && (outward == "GIR" || forms.iter().any(|form| fits(outward, form)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postal_code_has_its_countrys_form() {
        let right = [
            ("CN", "200030"),
            ("HK", "999077"),
            ("MO", "999078"),
            ("TW", "10048"),
            ("US", "94103"),
            ("US", "94103-1234"),
            ("JP", "100-0001"),
            ("CA", "K1A 0B1"),
            ("GB", "SW1A 1AA"),
            ("GB", "M11AE"),
            ("GB", "GIR 0AA"),
            ("DE", "10115"),
            ("SG", "018956"),
            ("NL", "1012 AB"),
        ];
        for (country, code) in right {
            assert!(is_postal_code(country, code), "{country} {code}");
        }
        let wrong = [
            ("CN", "20003"),
            ("CN", "990000"),
            ("CN", "000000"),
            ("HK", "200030"),
            ("US", "9410"),
            ("US", "94103 1234"),
            ("CA", "D1A 0B1"),
            ("GB", "SW1A 1AC"),
            ("GB", "A"),
            ("GB", "北京"),
            ("FR", "7500A"),
            ("NL", ""),
            ("NL", "12345678901"),
        ];
        for (country, code) in wrong {
            assert!(!is_postal_code(country, code), "{country} {code}");
        }
    }

    #[test]
    fn countries_are_those_of_the_standard() {
        assert_eq!(COUNTRIES.split_ascii_whitespace().count(), 249);
        assert!(is_country("CN") && is_country("TW") && !is_country("UK") && !is_country("cn"));
    }
}
