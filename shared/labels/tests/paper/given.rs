//! Labels and slips that tests begin with.

use domain::{Currency, Gift, Money};
use labels::{Label, Part, Person, Personal, Slip, SlipLine};

fn person(name: &str, phone: &str, address: &str) -> Person {
    Person { name: name.into(), phone: phone.into(), address: address.into() }
}

fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

/// With every band.
pub fn label() -> Label {
    Label {
        carrier: "顺丰速运".into(),
        service: Some("标快".into()),
        waybill: "SF1388001234567".into(),
        sort_code: Some("755WF-021-A3".into()),
        qr: Some("MMM={'k1':'755WF','k2':'755A','k5':'SF1388001234567','k7':'4b1a'}".into()),
        order_no: "2611-0042-7731".into(),
        recipient: person(
            "欧阳喆",
            "13800138000",
            "广东省深圳市南山区粤海街道科技园科苑路15号科兴科学园B栋3单元1802室",
        ),
        personal: Personal::Masked,
        sender: person("华东一号仓", "021-5888 0000", "上海市嘉定区马陆镇沪宜公路2999号6号库"),
        parcel: Part { no: 1, of: 2 },
        weight_g: 1_250,
        collect: Some(yuan(25_900)),
        note: Some("易碎，请轻放。送货前请电话联系。".into()),
    }
}

/// With as few bands as there can be.
pub fn small_label() -> Label {
    Label {
        carrier: "UPS".into(),
        service: Some("Worldwide Express Saver".into()),
        waybill: "1Z999AA10123456784".into(),
        sort_code: None,
        qr: None,
        recipient: person(
            "Zoë Müller-Nguyễn",
            "+49 30 901820",
            "c/o Bäckerei Große, Straße des 17. Juni 135, 10623 Berlin, Germany",
        ),
        personal: Personal::Full,
        sender: person(
            "East China Warehouse No. 1",
            "+86 21 5888 0000",
            "6/F, 2999 Huyi Highway, \
            Malu Town, Jiading District, Shanghai 201801, China",
        ),
        parcel: Part { no: 1, of: 1 },
        collect: None,
        note: None,
        ..label()
    }
}

/// As much text as anybody may give.
pub fn long_label() -> Label {
    let again = |text: &str, times: usize| text.repeat(times);
    Label {
        carrier: "浙江省某某国际供应链管理有限公司华东分拨中心".into(),
        service: Some("International Economy Parcel, signature required".into()),
        waybill: "JDVB-1234567890-ABCDEF-01".into(),
        sort_code: Some("内蒙古锡林郭勒盟 479-AB12-0099".into()),
        order_no: "ORDER-2026-11-26-000000000000042-7731".into(),
        recipient: person(
            "买买提·阿卜杜热合曼·艾合买提江（新疆建筑设计研究院有限公司收发室转）",
            "+8613800138000 ext 123456",
            &again(
                "新疆维吾尔自治区克孜勒苏柯尔克孜自治州阿合奇县阿合奇镇健康路15号院2号楼3单元",
                9,
            ),
        ),
        personal: Personal::Full,
        sender: person(
            "内蒙古自治区呼和浩特市第一电子商务产业园保税仓",
            "+86 471 12345678 ext 1234",
            &again(
                "内蒙古自治区呼和浩特市赛罕区金桥开发区世纪十路与达尔罕街交汇处向北500米路西",
                3,
            ),
        ),
        parcel: Part { no: 4_294_967_295, of: 4_294_967_295 },
        weight_g: i64::MAX,
        collect: Some(Money::new(1_000_000_000_000_000, Currency::parse("KWD").unwrap())),
        note: Some(again("请送到门口，不要放快递柜。", 12)),
        ..label()
    }
}

fn line(sku: &str, name: &str, quantity: i64, amount: i64) -> SlipLine {
    let (sku, name) = (sku.into(), name.into());
    SlipLine { sku, name, quantity, amount: Some(yuan(amount)) }
}

pub fn slip() -> Slip {
    Slip {
        shop: "山间茶铺".into(),
        order_no: "2611-0042-7731".into(),
        parcel: Part { no: 1, of: 2 },
        lines: vec![
            line("TEA-LJ-250", "明前龙井 特级 250g 罐装（2026年春茶）", 2, 51_800),
            line("CUP-RU-01", "汝窑天青釉品茗杯", 4, 23_600),
            line("BAG-GIFT", "Gift bag, kraft paper with cotton handles, 32 × 28 cm", 1, 900),
        ],
        total: Some(yuan(76_300)),
        gift: None,
        note: Some("七天无理由退货：请在签收后七天内在订单页申请，并随包裹附上本单。".into()),
    }
}

pub fn gift() -> Gift {
    let message = "亲爱的妈妈：\n生日快乐！愿您身体健康，天天开心。\n\n爱您的小明".to_owned();
    Gift { message: Some(message), hide_prices: true }
}
