//! Carriers as people call them, by Kuaidi100's codes.

const NAMES: &[(&str, &str)] = &[
    ("danniao", "丹鸟"),
    ("debangkuaidi", "德邦快递"),
    ("debangwuliu", "德邦物流"),
    ("dhl", "DHL"),
    ("ems", "EMS"),
    ("fedex", "FedEx"),
    ("jd", "京东物流"),
    ("jtexpress", "极兔速递"),
    ("kuayue", "跨越速运"),
    ("shentong", "申通快递"),
    ("shunfeng", "顺丰速运"),
    ("ups", "UPS"),
    ("usps", "USPS"),
    ("youzhengguonei", "邮政快递包裹"),
    ("yuantong", "圆通速递"),
    ("yunda", "韵达快递"),
    ("zhongtong", "中通快递"),
];

/// What stands on a label for a carrier: its name, or the code of one that we know no name of.
pub fn carrier(code: &str) -> &str {
    NAMES.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
}
