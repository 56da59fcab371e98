//! The templates in English. Times are UTC's.

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
    title: "Order {order} is paid",
    short: "Order {order} ({goods}) is paid: {amount}. It ships by {time}.",
    long: &[
        "Thank you for buying {goods} from {shop}. Your payment has arrived.",
        "Order number: {order}",
        "Paid: {amount}",
        "Ships by: {time}",
    ],
};

const CONFIRMED: Template = Template {
    title: "Order {order} is confirmed",
    short: "Order {order} ({goods}) is confirmed and ships by {time}. Pay the courier {amount}.",
    long: &[
        "{shop} will send {goods}, and you pay when it comes.",
        "Order number: {order}",
        "To pay the courier: {amount}",
        "Ships by: {time}",
    ],
};

const PAYMENT_EXPIRING: Template = Template {
    title: "Order {order} waits for your payment",
    short: "Order {order} ({goods}) waits for {amount}. Pay by {time}, or it is cancelled.",
    long: &[
        "{goods} is not paid yet.",
        "Order number: {order}",
        "To pay: {amount}",
        "Please pay by {time}. After that the order is cancelled and its goods are free again.",
    ],
};

const CANCELLED: Template = Template {
    title: "Order {order} is cancelled",
    short: "Order {order} ({goods}) is cancelled: {reason}.",
    long: &[
        "Your order {order} ({goods}) is cancelled.",
        "The reason: {reason}.",
        "What you have paid goes back the way it came.",
    ],
};

const UNITS_CANCELLED: Template = Template {
    title: "Part of order {order} is cancelled",
    short: "{pieces} pieces of order {order} are cancelled: {reason}.",
    long: &[
        "{pieces} pieces of your order {order} are cancelled. The rest goes on as agreed.",
        "The reason: {reason}.",
        "What you have paid for them goes back the way it came.",
    ],
};

const SUBSTITUTE_OFFERED: Template = Template {
    title: "Will something else do for order {order}?",
    short: "{pieces} pieces of order {order} are missing. {name} instead? Please answer by {time}.",
    long: &[
        "{pieces} pieces of your order {order} ({goods}) were not on the shelf.",
        "Instead of them {shop} offers, for what you have paid: {name}",
        "Please say in your order by {time} whether you take it. If you do not, the missing pieces \
         are cancelled, and what you have paid for them goes back the way it came.",
    ],
};

const COMPLETED: Template = Template {
    title: "Order {order} is complete",
    short: "Order {order} is complete. Returns can be asked for until {time}. Thank you.",
    long: &[
        "Your order {order} ({goods}) from {shop} is complete. Thank you.",
        "If something is wrong, you can ask for after-sale service until {time}.",
    ],
};

const SHIPPED: Template = Template {
    title: "Order {order} has shipped",
    short: "Order {order} has shipped with {carrier}, waybill {waybill}.",
    long: &[
        "{goods} is on its way to you.",
        "Order number: {order}",
        "Carrier: {carrier}",
        "Waybill: {waybill}",
    ],
};

const OUT_FOR_DELIVERY: Template = Template {
    title: "Order {order} arrives today",
    short: "Order {order} is out for delivery with {carrier}, waybill {waybill}.",
    long: &[
        "{goods} is out for delivery. Please keep your phone at hand.",
        "Order number: {order}",
        "{carrier}, waybill {waybill}",
    ],
};

const READY_FOR_PICKUP: Template = Template {
    title: "Order {order} is ready for pick-up",
    short: "Order {order} waits at the pick-up point: {carrier}, waybill {waybill}.",
    long: &[
        "{goods} waits for you at the pick-up point.",
        "Order number: {order}",
        "{carrier}, waybill {waybill}",
    ],
};

const DELAYED: Template = Template {
    title: "Order {order} is delayed",
    short: "Order {order} is delayed on its way: {carrier}, waybill {waybill}. We look after it.",
    long: &[
        "{goods} takes longer on its way to you than it should.",
        "Order number: {order}",
        "{carrier}, waybill {waybill}",
        "We are asking the carrier. You need not do anything.",
    ],
};

const PARCEL_LOST: Template = Template {
    title: "A parcel of order {order} is lost",
    short: "The carrier has lost a parcel of order {order}, {waybill}. We tell you what happens.",
    long: &[
        "We are sorry: the carrier cannot find a parcel of your order {order} ({goods}).",
        "{carrier}, waybill {waybill}",
        "{shop} sends the goods again or pays them back, and we tell you which.",
    ],
};

const SENT_AGAIN: Template = Template {
    title: "Goods of order {order} are sent again",
    short: "{pieces} pieces of order {order} that did not reach you are sent again for free.",
    long: &[
        "{pieces} pieces of your order {order} did not reach you. They are sent once more.",
        "You pay nothing for it. We tell you the new waybill number when they leave.",
    ],
};

const DELIVERED: Template = Template {
    title: "A parcel of order {order} was delivered",
    short: "A parcel of order {order} was delivered. If you do not have it, please tell us.",
    long: &[
        "A parcel of your order {order} ({goods}) was delivered.",
        "If neither you nor anybody of your household has it, please tell {shop} soon.",
    ],
};

const REFUND_GRANTED: Template = Template {
    title: "A refund for order {order} is on its way",
    short: "{amount} of order {order} will be paid back the way it was paid.",
    long: &[
        "A refund for your order {order} was granted and is being made.",
        "Amount: {amount}",
        "It goes back the way it was paid. We tell you when it has gone.",
    ],
};

const REFUNDED: Template = Template {
    title: "Order {order} was refunded",
    short: "{amount} of order {order} was paid back the way it was paid.",
    long: &[
        "The refund for your order {order} was made.",
        "Amount: {amount}",
        "Your bank may need a few working days to show it.",
    ],
};

const REFUND_FAILED: Template = Template {
    title: "The refund for order {order} did not go through",
    short: "The refund of {amount} for order {order} did not go through. We are looking after it.",
    long: &[
        "The refund for your order {order} could not be made the way it was paid.",
        "Amount: {amount}",
        "We are looking after it, and contact you if we need something. The money stays yours.",
    ],
};

const CASE_OPENED: Template = Template {
    title: "Your request about order {order}",
    short: "We have your request about order {order}. The merchant answers by {time}.",
    long: &[
        "We have your request about order {order} ({goods}).",
        "{shop} answers by {time}. If they do not, it counts as granted.",
    ],
};

const CASE_APPROVED: Template = Template {
    title: "Your return of order {order} is approved",
    short: "Your return of order {order} is approved. Send it by {time} to: {address}.",
    long: &[
        "Your request to return goods of order {order} is approved.",
        "Send them to: {address}",
        "Please send them by {time} and tell us the waybill number; after that it is closed.",
    ],
};

const CASE_REJECTED: Template = Template {
    title: "Your request about order {order} was declined",
    short: "Your request about order {order} was declined: {reason}.",
    long: &[
        "Your request about order {order} ({goods}) was declined.",
        "The reason that {shop} gave: {reason}",
        "If you do not agree, please talk to our support.",
    ],
};

const CASE_RECEIVED: Template = Template {
    title: "Your return of order {order} has arrived",
    short: "Your return of order {order} has arrived and was looked at.",
    long: &[
        "What you sent back of order {order} has arrived and was looked at.",
        "What is due to you goes back the way it was paid.",
    ],
};

const CASE_LAPSED: Template = Template {
    title: "Your return of order {order} is closed",
    short: "Your return of order {order} was not sent in time and is closed.",
    long: &[
        "Your return of order {order} ({goods}) was not sent in time and is closed.",
        "As long as returns are possible, you can ask again.",
    ],
};
