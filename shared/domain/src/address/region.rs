//! Finding the place of a Chinese address in the hierarchy, from whatever of it was said.

use super::regions::{self, Division, is_code, whole};
use super::{Check, Delivery, DeliveryWanted, Remark};
use crate::FaultKind;

/// How exactly a code says where: its digits up to the zeros.
fn digits(code: &str) -> &str {
    match code {
        _ if code.ends_with("0000") => code.get(..2).unwrap_or_default(),
        _ if code.ends_with("00") => code.get(..4).unwrap_or_default(),
        _ => code,
    }
}

/// What was said, level by level. A code also says the levels above it.
struct Said {
    /// Digits that are certain: none, or two, four or six.
    code: String,
    province: Option<String>,
    city: Option<String>,
    district: Option<String>,
}

/// Fills in region, province, city and district of `delivery`, or says what is wrong with them.
pub(super) fn find(check: &mut Check<'_>, wanted: &DeliveryWanted, delivery: &mut Delivery) {
    let mut said = Said {
        code: String::new(),
        province: check.short("province", wanted.province.as_ref()),
        city: check.short("city", wanted.city.as_ref()),
        district: check.short("district", wanted.district.as_ref()),
    };
    // The country of Hong Kong, Macao and Taiwan is their province in the list.
    let own = match delivery.country.as_str() {
        "HK" => "81",
        "MO" => "82",
        "TW" => "71",
        _ => "",
    };
    said.code.push_str(own);
    if let Some(region) = &wanted.region {
        match region.trim() {
            code if !is_code(code) => return check.fault("region", FaultKind::NotARegion),
            code if !code.starts_with(own) => {
                return check.fault("region", FaultKind::RegionsDiffer);
            }
            code => said.code = digits(code).to_owned(),
        }
    } else if let Some(code) = said.district.as_deref().filter(|text| is_code(text)) {
        said.code = digits(code).to_owned();
    }
    let field = if wanted.region.is_some() { "region" } else { "district" };
    if let Some(province) = province(check, &said, field) {
        delivery.province = province.name.to_owned();
        match province.code.get(..2) {
            Some("71") => without_cities(check, &said, delivery, (province, "TW")),
            Some("81") => without_cities(check, &said, delivery, (province, "HK")),
            Some("82") => without_cities(check, &said, delivery, (province, "MO")),
            Some(_) | None => below(check, &said, delivery, (province, field)),
        }
    }
}

fn province(check: &mut Check<'_>, said: &Said, field: &str) -> Option<Division> {
    let by_code = said.code.get(..2).map(|two| regions::with_code(&whole(two)));
    match (by_code, &said.province) {
        (Some(None), _) => check.fault(field, FaultKind::UnknownRegion),
        (Some(Some(known)), None) => return Some(known),
        (Some(Some(known)), Some(named)) if regions::province(named) == Some(known) => {
            return Some(known);
        }
        (Some(Some(_)), Some(_)) => check.fault("province", FaultKind::RegionsDiffer),
        (None, None) => check.fault("region", FaultKind::Missing),
        (None, Some(named)) => match regions::province(named) {
            Some(known) => return Some(known),
            None => check.fault("province", FaultKind::UnknownRegion),
        },
    }
    None
}

/// Hong Kong and Macao have districts and no cities, of Taiwan the list has only the name.
fn without_cities(
    check: &mut Check<'_>,
    said: &Said,
    delivery: &mut Delivery,
    (province, country): (Division, &str),
) {
    delivery.country = country.to_owned();
    delivery.region = province.code.to_owned();
    delivery.city = said.city.clone().unwrap_or_default();
    let named = said.district.as_deref().or_else(|| (said.code.len() == 6).then_some(&said.code));
    let four = province.code.get(..4).unwrap_or_default();
    match named.map(|named| (named, regions::district(four, named))) {
        Some((_, Some(known))) if said.code.len() == 6 && known.code != said.code => {
            check.fault("district", FaultKind::RegionsDiffer);
        }
        Some((_, Some(known))) => {
            delivery.region = known.code.to_owned();
            delivery.district = known.name.to_owned();
        }
        Some((named, None)) => {
            let name = if is_code(named) { "" } else { named };
            name.clone_into(&mut delivery.district);
            if country != "TW" {
                delivery.remarks.push(Remark::UnknownDistrict);
            }
        }
        None if country == "TW" => {}
        None => check.fault("district", FaultKind::Missing),
    }
}

fn below(
    check: &mut Check<'_>,
    said: &Said,
    delivery: &mut Delivery,
    (province, field): (Division, &str),
) {
    let two = province.code.get(..2).unwrap_or_default();
    // A county that its province administers stands where a city stands.
    let direct = |text: &str| regions::county_of_province(two, text);
    let county = match (said.code.len(), said.code.get(2..4)) {
        (6, Some("90")) => direct(&said.code),
        (4, Some("90")) => said.district.as_deref().and_then(direct),
        (0 | 2, _) => {
            let district = said.district.as_deref().filter(|_| is_of_province(said.city.as_ref()));
            district.or(said.city.as_deref()).and_then(direct)
        }
        _ => None,
    };
    if let Some(county) = county {
        return county_itself(check, said, delivery, county);
    }
    let Some(city) = city(check, said, (two, field)) else { return };
    let four = city.code.get(..4).unwrap_or_default();
    let of_municipality = ["市辖区", "县"].contains(&city.name);
    delivery.city = if of_municipality { province.name } else { city.name }.to_owned();
    delivery.region = city.code.to_owned();
    let childless = regions::districts(four).all(|district| district.name == city.name);
    let by_code = (said.code.len() == 6).then(|| regions::with_code(&said.code)).flatten();
    match (by_code, said.district.as_deref()) {
        (Some(known), None) => district_is(delivery, known),
        (Some(known), Some(named)) if regions::district(four, named) == Some(known) => {
            district_is(delivery, known);
        }
        (Some(_), Some(_)) => check.fault("district", FaultKind::RegionsDiffer),
        (None, named) if childless => {
            named
                .filter(|text| !is_code(text))
                .unwrap_or_default()
                .clone_into(&mut delivery.district);
        }
        (None, Some(named)) if said.code.len() < 6 || is_code(named) => {
            district_named(delivery, (four, named), of_municipality.then_some(two));
        }
        (None, Some(named)) => unknown_district(delivery, named),
        (None, None) if said.code.len() == 6 => unknown_district(delivery, ""),
        (None, None) => check.fault("district", FaultKind::Missing),
    }
}

fn is_of_province(city: Option<&String>) -> bool {
    city.is_none_or(|name| name.contains("直辖"))
}

fn county_itself(check: &mut Check<'_>, said: &Said, delivery: &mut Delivery, county: Division) {
    let same = |text: &String| county.name.starts_with(text.as_str()) || text == county.code;
    if said.city.as_ref().is_some_and(|city| !city.contains("直辖") && !same(city)) {
        return check.fault("city", FaultKind::RegionsDiffer);
    }
    if said.code.len() == 6 && said.district.as_ref().is_some_and(|district| !same(district)) {
        return check.fault("district", FaultKind::RegionsDiffer);
    }
    delivery.region = county.code.to_owned();
    delivery.city = county.name.to_owned();
}

fn district_is(delivery: &mut Delivery, known: Division) {
    delivery.region = known.code.to_owned();
    let whole = delivery.city == known.name;
    delivery.district = if whole { String::new() } else { known.name.to_owned() };
}

/// A district by its name; of a municipality also among the counties, which hang beside.
fn district_named(
    delivery: &mut Delivery,
    (four, named): (&str, &str),
    municipality: Option<&str>,
) {
    let beside = || regions::district(&format!("{}02", municipality?), named);
    match regions::district(four, named).or_else(beside) {
        Some(known) => district_is(delivery, known),
        None => unknown_district(delivery, named),
    }
}

fn unknown_district(delivery: &mut Delivery, named: &str) {
    let name = if is_code(named) { "" } else { named };
    name.clone_into(&mut delivery.district);
    delivery.remarks.push(Remark::UnknownDistrict);
}

/// The city of an address. Those of the municipalities are called 市辖区 in the list, and nobody
/// says so.
fn city(check: &mut Check<'_>, said: &Said, (two, field): (&str, &str)) -> Option<Division> {
    let first = regions::with_code(&format!("{two}0100")).filter(|city| city.name == "市辖区");
    let named = |text: &str| match first {
        Some(own) => {
            let province = regions::province(text).and_then(|p| p.code.get(..2));
            let same = province == Some(two) || text == own.code;
            (same || ["市辖区", "县"].contains(&text)).then_some(own)
        }
        None => regions::city(two, text),
    };
    let by_code = said.code.get(..4).map(|four| regions::with_code(&whole(four)));
    match (by_code, said.city.as_deref()) {
        (Some(None), _) => check.fault(field, FaultKind::UnknownRegion),
        (Some(Some(known)), None) => return Some(known),
        (Some(Some(known)), Some(text)) => match named(text) {
            Some(other) if first.is_some() || other == known => return Some(known),
            Some(_) | None => check.fault("city", FaultKind::RegionsDiffer),
        },
        (None, None) if first.is_some() => return first,
        (None, None) => check.fault("city", FaultKind::Missing),
        (None, Some(text)) => match named(text) {
            Some(known) => return Some(known),
            None => check.fault("city", FaultKind::UnknownRegion),
        },
    }
    None
}
