//! Refunds at WeChat Pay: what is asked, and what each of its answers means.
//! The answers are signed with the key that was made for these tests.

use crate::signing::{order, private_key, rsa_sign};
use crate::wechatpay::{SERIAL, signed, wechat};
use bytes::Bytes;
use domain::{Currency, Millis, Money, RefundOrder};
use gateways::{CannotAsk, Gateway, RefundAnswer, WechatPay};
use http::{HeaderMap, Response};
use serde_json::{Value, json};

const NOW: Millis = Millis(1_768_442_400_999);

fn signing() -> WechatPay {
    wechat()
        .signing_with("5157F09EFDC096DE15EBE81A47057A72", &private_key())
        .unwrap()
        .telling_refunds_to("https://shop.example/v1/webhooks/payments/wechatpay")
}

fn asked() -> RefundOrder {
    order("wechatpay", "4200001234202601150000000001")
}

#[test]
fn a_refund_is_asked_for_with_our_id_and_the_merchants_signature() {
    let request = signing().refund_request(&asked(), NOW).unwrap();
    let uri = "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds";
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("POST", uri));
    assert_eq!(request.headers()["wechatpay-serial"], SERIAL);
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(
        body,
        json!({"transaction_id": "4200001234202601150000000001",
            "out_refund_no": "ref_0000000000000000000000000000000b",
            "notify_url": "https://shop.example/v1/webhooks/payments/wechatpay",
            "amount": {"refund": 2_800, "total": 12_800, "currency": "CNY"}})
    );
    let authorization = request.headers()["authorization"].to_str().unwrap();
    let (kind, said) = authorization.split_once(' ').unwrap();
    assert_eq!(kind, "WECHATPAY2-SHA256-RSA2048");
    let part = |name: &str| {
        let parts = said.split(',').filter_map(|part| part.split_once('='));
        let found = parts.filter(|(known, _)| *known == name).map(|(_, value)| value).next();
        found.unwrap().trim_matches('"').to_owned()
    };
    assert_eq!(part("mchid"), "1900000109");
    assert_eq!(part("serial_no"), "5157F09EFDC096DE15EBE81A47057A72");
    assert_eq!(part("timestamp"), "1768442400");
    assert_eq!(part("nonce_str").len(), 32);
    let text = String::from_utf8(request.body().to_vec()).unwrap();
    let path = "/v3/refund/domestic/refunds";
    let message = format!("POST\n{path}\n1768442400\n{}\n{text}\n", part("nonce_str"));
    let expected = format!("signature=\"{}\"", rsa_sign(&message));
    assert!(said.ends_with(&expected), "{said}");
    let later = signing().refund_request(&asked(), NOW.plus(1)).unwrap();
    assert_eq!(later.body(), request.body(), "the same id must come with the same words");
    assert_ne!(later.headers()["authorization"], authorization, "with another nonce");
}

#[test]
fn only_yuan_are_refunded_and_only_with_a_key() {
    let ask = |wechat: WechatPay, order: RefundOrder| wechat.refund_request(&order, NOW);
    assert!(matches!(ask(wechat(), asked()), Err(CannotAsk::NotConfigured(_))));
    let usd = Money::new(1, Currency::parse("USD").unwrap());
    let dollars = ask(signing(), RefundOrder { amount: usd, ..asked() });
    assert!(matches!(dollars, Err(CannotAsk::Amount(_))));
    let nothing = Money::new(0, Currency::CNY);
    let nothing = ask(signing(), RefundOrder { amount: nothing, ..asked() });
    assert!(matches!(nothing, Err(CannotAsk::Amount(_))));
}

fn answered(status: u16, headers: HeaderMap, body: &str) -> RefundAnswer {
    let mut answer = Response::new(Bytes::from(body.to_owned()));
    *answer.status_mut() = status.try_into().unwrap();
    *answer.headers_mut() = headers;
    signing().refund_answer(&asked(), &answer)
}

fn accepted(status: &str) -> String {
    json!({"refund_id": "50", "out_refund_no": "ref_0000000000000000000000000000000b",
        "status": status, "amount": {"total": 12_800, "refund": 2_800}})
    .to_string()
}

#[test]
fn accepted_is_not_refunded_and_unsigned_is_nothing() {
    let told = |body: &str| answered(200, signed(body, 7), body);
    let theirs = || "50".to_owned();
    assert_eq!(told(&accepted("PROCESSING")), RefundAnswer::Pending { theirs: theirs() });
    assert_eq!(told(&accepted("SUCCESS")), RefundAnswer::Succeeded { theirs: theirs() });
    assert!(matches!(told(&accepted("ABNORMAL")), RefundAnswer::Refused { .. }));
    let others = accepted("SUCCESS").replace("2800", "2801");
    assert!(matches!(told(&others), RefundAnswer::Refused { .. }));
    let unsigned = answered(200, HeaderMap::new(), &accepted("SUCCESS"));
    assert!(matches!(unsigned, RefundAnswer::TryAgain { .. }));
    assert!(matches!(told("{}"), RefundAnswer::TryAgain { .. }));
}

#[test]
fn a_final_no_goes_to_a_person_and_everything_else_is_asked_again() {
    let no = |status: u16, code: &str| {
        let body = json!({"code": code, "message": "说"}).to_string();
        answered(status, HeaderMap::new(), &body)
    };
    for (status, code) in [(400, "INVALID_REQUEST"), (404, "RESOURCE_NOT_EXISTS")] {
        assert_eq!(no(status, code), RefundAnswer::Refused { reason: format!("{code}: 说") });
    }
    let passing = [
        (403, "NOT_ENOUGH"),
        (429, "FREQUENCY_LIMITED"),
        (500, "SYSTEM_ERROR"),
        (401, "SIGN_ERROR"),
    ];
    for (status, code) in passing {
        assert!(matches!(no(status, code), RefundAnswer::TryAgain { .. }), "{code}");
    }
    let by_a_proxy = answered(400, HeaderMap::new(), "<html>");
    assert!(matches!(by_a_proxy, RefundAnswer::TryAgain { .. }));
}
