//! What a scan means, in a sentence of ours beside the carrier's own: buyers read it in their
//! language, whichever the carrier writes.

use domain::{ExceptionKind, Language, TrackingStep};

/// One sentence for each step of a parcel's way.
pub fn step_in_words(step: TrackingStep, language: Language) -> &'static str {
    match language {
        Language::ZhCn => zh_cn(step),
        Language::En => en(step),
    }
}

fn zh_cn(step: TrackingStep) -> &'static str {
    match step {
        TrackingStep::Created => "运单已创建,等待快递员揽收",
        TrackingStep::PickedUp => "快递员已揽收包裹",
        TrackingStep::InTransit => "包裹正在运输途中",
        TrackingStep::AtHub => "包裹已到达转运网点",
        TrackingStep::ReadyForPickup => "包裹已到达自提点,请及时领取",
        TrackingStep::OutForDelivery => "快递员正在派送,请保持电话畅通",
        TrackingStep::Delivered => "包裹已签收",
        TrackingStep::Exception(kind) => match kind {
            ExceptionKind::Delay => "包裹运输有延误",
            ExceptionKind::Lost => "包裹可能已遗失,我们会跟进处理",
            ExceptionKind::Damaged => "包裹在途中破损,我们会跟进处理",
            ExceptionKind::AttemptFailed => "本次派送未成功,快递员会再次派送",
            ExceptionKind::Customs => "包裹清关遇到问题",
            ExceptionKind::Address => "收件地址有误或超出派送范围",
            ExceptionKind::Other => "包裹运输出现异常",
        },
        TrackingStep::Refused => "收件人拒收包裹",
        TrackingStep::Returning => "包裹正在退回",
        TrackingStep::Returned => "包裹已退回寄件方",
        TrackingStep::Cancelled => "运单已取消",
        TrackingStep::Note => "物流信息更新",
    }
}

fn en(step: TrackingStep) -> &'static str {
    match step {
        TrackingStep::Created => "The waybill is made; the courier has not picked it up yet",
        TrackingStep::PickedUp => "The courier has picked up the parcel",
        TrackingStep::InTransit => "The parcel is on its way",
        TrackingStep::AtHub => "The parcel has reached a depot",
        TrackingStep::ReadyForPickup => "The parcel waits for you at a pick-up point",
        TrackingStep::OutForDelivery => "The courier is bringing the parcel today",
        TrackingStep::Delivered => "The parcel was delivered",
        TrackingStep::Exception(kind) => match kind {
            ExceptionKind::Delay => "The parcel is late",
            ExceptionKind::Lost => "The parcel may be lost; we are looking into it",
            ExceptionKind::Damaged => "The parcel was damaged; we are looking into it",
            ExceptionKind::AttemptFailed => "Nobody could take the parcel; it will be tried again",
            ExceptionKind::Customs => "The parcel is held up at customs",
            ExceptionKind::Address => "The address could not be found or is not served",
            ExceptionKind::Other => "Something went wrong on the way",
        },
        TrackingStep::Refused => "The parcel was refused",
        TrackingStep::Returning => "The parcel is on its way back",
        TrackingStep::Returned => "The parcel is back with its sender",
        TrackingStep::Cancelled => "The waybill was cancelled",
        TrackingStep::Note => "The carrier has news",
    }
}
