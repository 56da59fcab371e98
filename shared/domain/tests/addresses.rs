//! Addresses as tables: what a buyer says, and what is kept of it or why it is refused.

// A test says what it expects by failing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::{DeliveryWanted, FaultKind, REGIONS_EDITION, Remark, check_delivery};

/// What is said of the place: region, province, city, district.
type Place = [&'static str; 4];

fn said([region, province, city, district]: Place) -> DeliveryWanted {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    DeliveryWanted {
        region: given(region),
        province: given(province),
        city: given(city),
        district: given(district),
        ..DeliveryWanted::in_china("李雷", "13800138000", "", "中山路 1 号院")
    }
}

fn kept(place: Place) -> String {
    match check_delivery(&said(place), "#/delivery") {
        Ok(to) => {
            let doubt = if to.remarks == [Remark::UnknownDistrict] { "?" } else { "" };
            format!("{} {}/{}/{}{doubt}", to.region, to.province, to.city, to.district)
        }
        Err(faults) => {
            let told = faults.iter().map(|f| format!("{} {}", f.pointer, f.what.word()));
            told.collect::<Vec<_>>().join(", ")
        }
    }
}

fn check(rows: &[(Place, &str)]) {
    for (place, expected) in rows {
        assert_eq!(kept(*place), *expected, "{place:?}");
    }
}

#[test]
fn the_code_of_a_district_says_everything() {
    check(&[
        (["440305", "", "", ""], "440305 广东省/深圳市/南山区"),
        (["310104", "", "", ""], "310104 上海市/上海市/徐汇区"),
        (["500235", "", "", ""], "500235 重庆市/重庆市/云阳县"),
        (["", "", "", "440305"], "440305 广东省/深圳市/南山区"),
        (["429004", "", "", ""], "429004 湖北省/仙桃市/"),
        (["469002", "", "", ""], "469002 海南省/琼海市/"),
        (["659001", "", "", ""], "659001 新疆维吾尔自治区/石河子市/"),
        (["441900", "", "", ""], "441900 广东省/东莞市/"),
        (["442000", "", "", ""], "442000 广东省/中山市/"),
        (["460400", "", "", ""], "460400 海南省/儋州市/"),
        (["620200", "", "", ""], "620200 甘肃省/嘉峪关市/"),
        (["620201", "", "", ""], "620201 甘肃省/嘉峪关市/"),
        (["810001", "", "", ""], "810001 香港特别行政区//中西区"),
        (["820004", "", "", ""], "820004 澳门特别行政区//大堂区"),
        (["710000", "", "", ""], "710000 台湾省//"),
    ]);
}

#[test]
fn names_do_as_well_long_or_short() {
    check(&[
        (["", "广东省", "深圳市", "南山区"], "440305 广东省/深圳市/南山区"),
        (["", "广东", "深圳", "南山"], "440305 广东省/深圳市/南山区"),
        (["", "440000", "440300", "440305"], "440305 广东省/深圳市/南山区"),
        (["440305", "广东", "深圳市", "南山区"], "440305 广东省/深圳市/南山区"),
        (["440300", "", "", "南山区"], "440305 广东省/深圳市/南山区"),
        (["", "上海市", "上海市", "徐汇区"], "310104 上海市/上海市/徐汇区"),
        (["", "上海", "", "浦东新区"], "310115 上海市/上海市/浦东新区"),
        (["310000", "", "", "浦东新区"], "310115 上海市/上海市/浦东新区"),
        (["", "重庆", "市辖区", "渝中区"], "500103 重庆市/重庆市/渝中区"),
        (["", "重庆", "", "云阳县"], "500235 重庆市/重庆市/云阳县"),
        (["500235", "重庆", "重庆", ""], "500235 重庆市/重庆市/云阳县"),
        (["", "湖北", "仙桃市", ""], "429004 湖北省/仙桃市/"),
        (["", "湖北", "省直辖县级行政区划", "仙桃市"], "429004 湖北省/仙桃市/"),
        (["429000", "", "", "神农架林区"], "429021 湖北省/神农架林区/"),
        (["", "广东", "东莞", ""], "441900 广东省/东莞市/"),
        (["", "广东", "东莞", "南城街道"], "441900 广东省/东莞市/南城街道"),
        (["", "内蒙古", "锡林郭勒", "锡林浩特市"], "152502 内蒙古自治区/锡林郭勒盟/锡林浩特市"),
        (["", "香港", "", "油尖旺区"], "810005 香港特别行政区//油尖旺区"),
        (["", "台湾", "台北市", "信义区"], "710000 台湾省/台北市/信义区"),
    ]);
}

#[test]
fn levels_that_contradict_one_another_are_refused() {
    check(&[
        (["440305", "湖南省", "", ""], "#/delivery/province regions_differ"),
        (["440305", "广东省", "广州市", ""], "#/delivery/city regions_differ"),
        (["440305", "", "", "福田区"], "#/delivery/district regions_differ"),
        (["440305", "", "", "440304"], "#/delivery/district regions_differ"),
        (["310104", "", "北京市", ""], "#/delivery/city regions_differ"),
        (["429004", "", "武汉市", ""], "#/delivery/city regions_differ"),
        (["", "广东省", "长沙市", "岳麓区"], "#/delivery/city unknown_region"),
        (["", "广东共和国", "深圳市", ""], "#/delivery/province unknown_region"),
        (["990000", "", "", ""], "#/delivery/region unknown_region"),
        (["449901", "", "", ""], "#/delivery/region unknown_region"),
        (["31010", "", "", ""], "#/delivery/region not_a_region"),
        (["3101O4", "", "", ""], "#/delivery/region not_a_region"),
        (["", "", "", ""], "#/delivery/region missing"),
        (["440000", "", "", ""], "#/delivery/city missing"),
        (["440300", "", "", ""], "#/delivery/district missing"),
        (["", "上海市", "", ""], "#/delivery/district missing"),
        (["", "香港", "", ""], "#/delivery/district missing"),
    ]);
}

#[test]
fn a_district_that_the_list_does_not_have_yet_is_kept_with_a_remark() {
    check(&[
        (["440399", "", "", ""], "440300 广东省/深圳市/?"),
        (["440399", "", "", "前海区"], "440300 广东省/深圳市/前海区?"),
        (["", "广东省", "深圳市", "前海区"], "440300 广东省/深圳市/前海区?"),
        (["", "", "", "440399"], "440300 广东省/深圳市/?"),
        (["", "新疆", "伊犁", "伊宁"], "654000 新疆维吾尔自治区/伊犁哈萨克自治州/伊宁?"),
    ]);
    assert_eq!(REGIONS_EDITION.len(), "2023-06-30".len());
}

#[test]
fn every_other_part_of_an_address_has_a_form() {
    type Alter = fn(&mut DeliveryWanted);
    let rows: [(Alter, &str); 12] = [
        (|d| d.recipient = " 李 ".to_owned(), "recipient too_short"),
        (|d| d.recipient = "李".repeat(51), "recipient too_long"),
        (|d| d.recipient = "李\u{7}雷".to_owned(), "recipient not_plain_text"),
        (|d| d.detail = "一号".to_owned(), "detail too_short"),
        (|d| d.detail = "路".repeat(201), "detail too_long"),
        (|d| d.detail = String::new(), "detail missing"),
        (|d| d.street = Some("街".repeat(51)), "street too_long"),
        (|d| d.phone = "12800138000".to_owned(), "phone not_a_phone_number"),
        (|d| d.postal_code = Some("2000".to_owned()), "postal_code not_a_postal_code"),
        (|d| d.country = "China".to_owned(), "country not_a_country"),
        (|d| d.country = "HK".to_owned(), "region regions_differ"),
        (|d| d.country = "US".to_owned(), "region not_a_region"),
    ];
    for (alter, expected) in rows {
        let mut wanted = said(["310104", "", "", ""]);
        alter(&mut wanted);
        let faults = check_delivery(&wanted, "#/to").unwrap_err();
        let told = format!("{} {}", faults[0].pointer, faults[0].what.word());
        assert_eq!(told, format!("#/to/{expected}"));
    }
}

#[test]
fn phones_and_spaces_are_written_one_way() {
    let mut wanted = said(["310104", "", "", ""]);
    wanted.recipient = "  李雷 ".to_owned();
    wanted.phone = "(021) 6437-1234".to_owned();
    wanted.street = Some("  ".to_owned());
    wanted.postal_code = Some("200030".to_owned());
    let to = check_delivery(&wanted, "#/delivery").unwrap();
    assert_eq!((to.recipient.as_str(), to.phone.as_str()), ("李雷", "+862164371234"));
    assert_eq!((to.street, to.postal_code.as_deref()), (None, Some("200030")));
}

#[test]
fn hong_kong_is_found_by_its_country_and_its_province() {
    for country in ["CN", "HK"] {
        let mut wanted = said(["810001", "", "", ""]);
        wanted.country = country.to_owned();
        wanted.phone = "9123 4567".to_owned();
        let to = check_delivery(&wanted, "#/delivery").unwrap();
        assert_eq!((to.country.as_str(), to.phone.as_str()), ("HK", "+85291234567"));
    }
    let mut wanted = said(["", "", "", "油尖旺区"]);
    wanted.country = "HK".to_owned();
    wanted.postal_code = Some("999077".to_owned());
    assert_eq!(check_delivery(&wanted, "#/delivery").unwrap().region, "810005");
}

#[test]
fn abroad_the_fields_are_plain_and_a_city_is_needed() {
    let mut wanted = said(["", "CA", "San Francisco", ""]);
    wanted.country = "US".to_owned();
    wanted.phone = "+1 415 555 0132".to_owned();
    wanted.postal_code = Some("94103".to_owned());
    let to = check_delivery(&wanted, "#/delivery").unwrap();
    assert_eq!((to.region.as_str(), to.city.as_str()), ("", "San Francisco"));
    wanted.city = None;
    wanted.postal_code = None;
    let faults = check_delivery(&wanted, "#/delivery").unwrap_err();
    let missing =
        |pointer: &str| faults.iter().any(|f| f.pointer == pointer && f.what == FaultKind::Missing);
    assert!(missing("#/delivery/city") && missing("#/delivery/postal_code"), "{faults:?}");
}
