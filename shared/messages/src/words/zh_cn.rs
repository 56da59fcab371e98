//! The templates in Chinese. Times are Beijing's.

use super::Template;
use domain::Milestone;

pub(super) fn template(news: &Milestone) -> &'static Template {
    match news {
        Milestone::Paid { .. } => &PAID,
        Milestone::Confirmed { .. } => &CONFIRMED,
        Milestone::PaymentExpiring { .. } => &PAYMENT_EXPIRING,
        Milestone::Cancelled { .. } => &CANCELLED,
        Milestone::UnitsCancelled { .. } => &UNITS_CANCELLED,
        Milestone::SubstituteOffered { .. } => &SUBSTITUTE_OFFERED,
        Milestone::Completed { .. } => &COMPLETED,
        Milestone::Shipped { .. } => &SHIPPED,
        Milestone::OutForDelivery { .. } => &OUT_FOR_DELIVERY,
        Milestone::ReadyForPickup { .. } => &READY_FOR_PICKUP,
        Milestone::Delayed { .. } => &DELAYED,
        Milestone::ParcelLost { .. } => &PARCEL_LOST,
        Milestone::SentAgain { .. } => &SENT_AGAIN,
        Milestone::Delivered => &DELIVERED,
        Milestone::RefundGranted { .. } => &REFUND_GRANTED,
        Milestone::Refunded { .. } => &REFUNDED,
        Milestone::RefundFailed { .. } => &REFUND_FAILED,
        Milestone::CaseOpened { .. } => &CASE_OPENED,
        Milestone::CaseApproved { .. } => &CASE_APPROVED,
        Milestone::CaseRejected { .. } => &CASE_REJECTED,
        Milestone::CaseReceived => &CASE_RECEIVED,
        Milestone::CaseLapsed => &CASE_LAPSED,
    }
}

const PAID: Template = Template {
    title: "订单 {order} 已付款",
    short: "您购买的{goods}已付款{amount},订单号{order},预计{time}前发货。",
    long: &[
        "您好,您在{shop}购买的{goods}已付款成功。",
        "订单号:{order}",
        "实付金额:{amount}",
        "预计发货时间:{time}前",
    ],
};

const CONFIRMED: Template = Template {
    title: "订单 {order} 已确认",
    short: "您的货到付款订单{order}({goods})已确认,预计{time}前发货,签收时请付{amount}。",
    long: &[
        "您好,您在{shop}购买的{goods}已确认,货到付款。",
        "订单号:{order}",
        "签收时应付:{amount}",
        "预计发货时间:{time}前",
    ],
};

const PAYMENT_EXPIRING: Template = Template {
    title: "订单 {order} 待付款",
    short: "您的订单{order}({goods})待付款{amount},请在{time}前完成支付,逾期将自动取消。",
    long: &[
        "您好,您购买的{goods}还没有付款。",
        "订单号:{order}",
        "待付金额:{amount}",
        "请在{time}前完成支付,逾期订单将自动取消,库存不再保留。",
    ],
};

const CANCELLED: Template = Template {
    title: "订单 {order} 已取消",
    short: "您的订单{order}({goods})已取消,原因:{reason}。",
    long: &[
        "您好,您的订单{order}({goods})已取消。",
        "取消原因:{reason}",
        "如已付款,款项将按原支付方式退回。",
    ],
};

const UNITS_CANCELLED: Template = Template {
    title: "订单 {order} 部分取消",
    short: "您的订单{order}中有{pieces}件商品已取消,原因:{reason}。",
    long: &[
        "您好,您的订单{order}中有{pieces}件商品已取消,其余商品照常处理。",
        "取消原因:{reason}",
        "如已付款,相应款项将按原支付方式退回。",
    ],
};

const SUBSTITUTE_OFFERED: Template = Template {
    title: "订单 {order} 有商品缺货,请确认替换",
    short: "您的订单{order}中有{pieces}件商品缺货,可原价换为{name},请在{time}前确认。",
    long: &[
        "您好,您的订单{order}({goods})中有{pieces}件商品缺货。",
        "{shop}愿按您已付的价格换为:{name}",
        "请在{time}前于订单中确认是否接受;不接受或逾期未确认的,缺货商品将取消,相应款项按原支付方式退回。",
    ],
};

const COMPLETED: Template = Template {
    title: "订单 {order} 已完成",
    short: "您的订单{order}已完成,{time}前可申请售后。感谢您的购买。",
    long: &[
        "您好,您在{shop}的订单{order}({goods})已完成,感谢您的购买。",
        "如需售后服务,请在{time}前申请。",
    ],
};

const SHIPPED: Template = Template {
    title: "订单 {order} 已发货",
    short: "您的订单{order}已由{carrier}发出,运单号{waybill}。",
    long: &[
        "您好,您购买的{goods}已发货。",
        "订单号:{order}",
        "承运商:{carrier}",
        "运单号:{waybill}",
    ],
};

const OUT_FOR_DELIVERY: Template = Template {
    title: "订单 {order} 正在派送",
    short: "您的订单{order}正在派送,{carrier}运单号{waybill},请保持电话畅通。",
    long: &[
        "您好,您购买的{goods}正在派送,请保持电话畅通。",
        "订单号:{order}",
        "{carrier},运单号:{waybill}",
    ],
};

const READY_FOR_PICKUP: Template = Template {
    title: "订单 {order} 待取件",
    short: "您的订单{order}已到达取件点,{carrier}运单号{waybill},请及时取件。",
    long: &[
        "您好,您购买的{goods}已到达取件点,请及时取件。",
        "订单号:{order}",
        "{carrier},运单号:{waybill}",
    ],
};

const DELAYED: Template = Template {
    title: "订单 {order} 配送延迟",
    short: "您的订单{order}配送有延迟({carrier},运单号{waybill}),我们正在为您跟进。",
    long: &[
        "您好,您购买的{goods}配送时间比预计更长。",
        "订单号:{order}",
        "{carrier},运单号:{waybill}",
        "我们正在联系物流公司核实,您无需任何操作。",
    ],
};

const PARCEL_LOST: Template = Template {
    title: "订单 {order} 的包裹丢失",
    short: "很抱歉,您的订单{order}有包裹在运输途中丢失(运单号{waybill}),处理结果将尽快通知您。",
    long: &[
        "您好,非常抱歉,物流公司未能找到您的订单{order}({goods})的一个包裹。",
        "{carrier},运单号:{waybill}",
        "{shop}将为您补发或退款,结果将另行通知。",
    ],
};

const SENT_AGAIN: Template = Template {
    title: "订单 {order} 的商品已安排补发",
    short: "您的订单{order}中未送达的{pieces}件商品已安排补发,无需另付费用。",
    long: &[
        "您好,您的订单{order}中有{pieces}件商品未能送达,现已安排补发。",
        "补发无需另付费用,发出后将通知您新的运单号。",
    ],
};

const DELIVERED: Template = Template {
    title: "订单 {order} 的包裹已签收",
    short: "您的订单{order}有包裹已签收。如非本人签收,请联系客服。",
    long: &[
        "您好,您的订单{order}({goods})有包裹已签收。",
        "如非本人或家人签收,请尽快联系{shop}客服。",
    ],
};

const REFUND_GRANTED: Template = Template {
    title: "订单 {order} 退款处理中",
    short: "您的订单{order}将退款{amount},款项会按原支付方式退回。",
    long: &[
        "您好,您的订单{order}的退款已通过,正在处理。",
        "退款金额:{amount}",
        "款项将按原支付方式退回,到账后会再次通知您。",
    ],
};

const REFUNDED: Template = Template {
    title: "订单 {order} 已退款",
    short: "您的订单{order}已退款{amount},请留意原支付账户。",
    long: &[
        "您好,您的订单{order}的退款已完成。",
        "退款金额:{amount}",
        "请留意原支付账户,银行入账可能需要几个工作日。",
    ],
};

const REFUND_FAILED: Template = Template {
    title: "订单 {order} 退款遇到问题",
    short: "您的订单{order}的退款{amount}未能原路退回,我们正在处理,请留意后续通知。",
    long: &[
        "您好,您的订单{order}的退款未能按原支付方式退回。",
        "退款金额:{amount}",
        "我们正在处理,必要时会与您联系。款项不会因此减少。",
    ],
};

const CASE_OPENED: Template = Template {
    title: "订单 {order} 的售后申请已提交",
    short: "您的订单{order}的售后申请已提交,商家将在{time}前处理。",
    long: &[
        "您好,我们已收到您对订单{order}({goods})的售后申请。",
        "{shop}将在{time}前处理;逾期未处理视为同意。",
    ],
};

const CASE_APPROVED: Template = Template {
    title: "订单 {order} 的退货申请已通过",
    short: "您的订单{order}的退货申请已通过,请在{time}前寄回:{address}。",
    long: &[
        "您好,您对订单{order}的退货申请已通过。",
        "退货地址:{address}",
        "请在{time}前寄回并填写运单号,逾期申请将自动关闭。",
    ],
};

const CASE_REJECTED: Template = Template {
    title: "订单 {order} 的售后申请未通过",
    short: "您的订单{order}的售后申请未通过,原因:{reason}。",
    long: &[
        "您好,您对订单{order}({goods})的售后申请未通过。",
        "{shop}给出的原因:{reason}",
        "如有异议,请联系客服。",
    ],
};

const CASE_RECEIVED: Template = Template {
    title: "订单 {order} 的退货已收到",
    short: "您的订单{order}的退货已收到并完成验收。",
    long: &["您好,您寄回的商品(订单{order})已收到并完成验收。", "应退款项将按原支付方式退回。"],
};

const CASE_LAPSED: Template = Template {
    title: "订单 {order} 的退货申请已关闭",
    short: "您的订单{order}的退货未在期限内寄回,申请已关闭。",
    long: &[
        "您好,您对订单{order}({goods})的退货未在期限内寄回,申请已关闭。",
        "售后期内可以重新申请。",
    ],
};
