//! WeChat Pay's dialect: signed and sealed notices. Those in `data/wechatpay.json` were made for
//! these tests, with keys of theirs.

use crate::signing::{bare, public_key, rsa_sign, wechatpay_vectors, yuan};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Millis, PaymentId, PaymentNews};
use gateways::{BadKey, Delivery, Gateway, Heard, Unheard, WechatPay};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};

pub const SERIAL: &str = "PUB_KEY_ID_0000000000000000000000000001";
const API_V3_KEY: &str = "0123456789abcdef0123456789ABCDEF";
const NOW_S: i64 = 1_768_442_400;

pub fn wechat() -> WechatPay {
    WechatPay::new("1900000109", "https://api.mch.weixin.qq.com")
        .decrypting_with(API_V3_KEY)
        .and_then(|wechat| wechat.trusting(SERIAL, &public_key()))
        .unwrap()
}

pub fn signed(body: &str, time_s: i64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: &str| {
        headers.insert(name, value.parse().unwrap());
    };
    put("wechatpay-timestamp", &time_s.to_string());
    put("wechatpay-nonce", "N1");
    put("wechatpay-serial", SERIAL);
    put("wechatpay-signature", &rsa_sign(&format!("{time_s}\nN1\n{body}\n")));
    headers
}

fn read(headers: &HeaderMap, body: &str, now_s: i64) -> Result<Heard, Unheard> {
    let now = Millis(now_s * 1_000);
    wechat().read(&Delivery { headers, body: body.as_bytes(), now })
}

fn sealed(event_type: &str, plain: &Value) -> Value {
    let plain = plain.to_string();
    let cipher = Aes256Gcm::new(API_V3_KEY.as_bytes().into());
    let nonce = Nonce::from_slice(b"fdasflkja484");
    let sealed = cipher.encrypt(nonce, Payload { msg: plain.as_bytes(), aad: b"x" }).unwrap();
    json!({"id": "EV-9", "create_time": "2026-01-15T10:00:00+08:00", "event_type": event_type,
        "resource": {"algorithm": "AEAD_AES_256_GCM", "ciphertext": STANDARD.encode(sealed),
            "associated_data": "x", "nonce": "fdasflkja484"}})
}

fn tell(notice: &Value) -> Result<Heard, Unheard> {
    let body = notice.to_string();
    read(&signed(&body, NOW_S), &body, NOW_S)
}

fn news(event_type: &str, plain: &Value) -> PaymentNews {
    let heard = tell(&sealed(event_type, plain));
    let Ok(Heard::Facts(mut facts)) = heard else { panic!("{heard:?}") };
    facts.remove(0).what
}

fn trade(state: &str) -> Value {
    json!({"mchid": "1900000109", "out_trade_no": "0000000000000000000000000000000a",
        "transaction_id": "42", "trade_state": state, "trade_state_desc": "说",
        "amount": {"total": 12_800, "payer_total": 100, "currency": "CNY"}})
}

fn vector(name: &str) -> (HeaderMap, String) {
    let vector = wechatpay_vectors()[name].clone();
    let headers = vector["headers"].as_object().unwrap().iter().map(|(name, value)| {
        let value = HeaderValue::from_str(value.as_str().unwrap()).unwrap();
        (name.parse::<HeaderName>().unwrap(), value)
    });
    (headers.collect(), vector["body"].as_str().unwrap().to_owned())
}

#[test]
fn a_signed_notice_is_believed_opened_and_read() {
    let (headers, body) = vector("transaction_success");
    let Ok(Heard::Facts(facts)) = read(&headers, &body, 1_768_442_699) else { panic!() };
    let [fact] = facts.as_slice() else { panic!() };
    assert_eq!(fact.gateway.as_str(), "wechatpay");
    assert_eq!(fact.event_id, "EV-2026011510000000001");
    assert_eq!(fact.account.as_deref(), Some("1900000109"));
    assert_eq!(fact.payment, None, "an order number is no payment of ours");
    assert_eq!(fact.reference, "4200001234202601150000000001");
    assert_eq!(fact.occurred_at, Millis(1_768_442_398_000));
    assert_eq!(fact.what, PaymentNews::Captured { amount: yuan(12_800) });
    let (headers, body) = vector("refund_success");
    let Ok(Heard::Facts(facts)) = read(&headers, &body, 1_768_449_899) else { panic!() };
    let PaymentNews::RefundSucceeded { refund, amount } = &facts[0].what else { panic!() };
    assert_eq!((refund.theirs.as_str(), *amount), ("50000000382026011500000000001", yuan(2_800)));
    assert_eq!(refund.ours, None);
}

#[test]
fn five_minutes_are_already_too_long() {
    for (name, at) in [("transaction_success", 1_768_442_400), ("refund_success", 1_768_449_600)] {
        let (headers, body) = vector(name);
        for off in [-299, 0, 299] {
            assert!(read(&headers, &body, at + off).is_ok(), "{off}");
        }
        for off in [-300, 300] {
            assert_eq!(read(&headers, &body, at + off), Err(Unheard::TooOld), "{off}");
        }
    }
}

#[test]
fn whoever_lacks_the_key_of_a_trusted_serial_is_not_believed() {
    let (good, body) = vector("transaction_success");
    let with = |name: &'static str, value: &str| {
        let mut headers = good.clone();
        headers.insert(name, value.parse().unwrap());
        headers
    };
    let signature = good["wechatpay-signature"].to_str().unwrap();
    let mut forged = vec![
        with("wechatpay-serial", "PUB_KEY_ID_0000000000000000000000000002"),
        with("wechatpay-nonce", "593BEC0C930BF1AFEB40B4A08C8FB243"),
        with("wechatpay-timestamp", "1768442401"),
        with("wechatpay-timestamp", ""),
        with("wechatpay-timestamp", "99999999999999999999"),
        with("wechatpay-signature", &format!("WECHATPAY/SIGNTEST/{signature}")),
        with("wechatpay-signature", "AAAA"),
        with("wechatpay-signature-type", "WECHATPAY2-SM2-WITH-SM3"),
    ];
    for name in ["wechatpay-serial", "wechatpay-nonce", "wechatpay-timestamp"] {
        let mut headers = good.clone();
        headers.remove(name);
        forged.push(headers);
        let mut headers = good.clone();
        headers.append(name, "1".parse().unwrap());
        forged.push(headers);
    }
    for headers in &forged {
        let answer = read(headers, &body, NOW_S);
        assert!(matches!(answer, Err(Unheard::BadSignature(_))), "{headers:?}: {answer:?}");
    }
    let answer = read(&good, &body.replacen("EV-2026", "EV-2027", 1), NOW_S);
    assert!(matches!(answer, Err(Unheard::BadSignature(_))), "a byte of the body");
    let mut unnamed = good.clone();
    unnamed.remove("wechatpay-signature-type");
    assert!(read(&unnamed, &body, NOW_S).is_ok(), "the type may be left out");
}

#[test]
fn what_was_not_sealed_with_our_key_is_not_read() {
    let notice = sealed("TRANSACTION.SUCCESS", &trade("SUCCESS"));
    assert!(tell(&notice).is_ok());
    let sealed = STANDARD.decode(notice["resource"]["ciphertext"].as_str().unwrap()).unwrap();
    let changed = |at: usize| {
        let mut bytes = sealed.clone();
        bytes[at] ^= 1;
        STANDARD.encode(bytes)
    };
    let changes = [
        ("associated_data", json!("y")),
        ("associated_data", Value::Null),
        ("nonce", json!("fdasflkja485")),
        ("nonce", json!("short")),
        ("ciphertext", json!(changed(0))),
        ("ciphertext", json!(changed(sealed.len() - 1))),
        ("ciphertext", json!("")),
        ("ciphertext", json!("*")),
        ("algorithm", json!("AEAD_SM4_GCM")),
    ];
    for (field, value) in changes {
        let mut notice = notice.clone();
        notice["resource"][field] = value;
        let answer = tell(&notice);
        let Err(Unheard::Unreadable(why)) = answer else { panic!("{field}: {answer:?}") };
        assert!(why.starts_with("resource."), "{why}");
    }
}

#[test]
fn a_key_of_another_size_is_refused_when_it_is_configured() {
    let wechat = || WechatPay::new("1", "https://x");
    for key in ["", "0123456789abcdef", "0123456789abcdef0123456789ABCDEF0"] {
        assert!(wechat().decrypting_with(key).is_err(), "{key}");
    }
    let not_a_key = wechat().trusting("s", "-----BEGIN PUBLIC KEY-----\nAAAA");
    assert!(matches!(not_a_key, Err(BadKey(_))));
    assert!(wechat().trusting("s", &bare(&public_key())).is_ok(), "without armour");
    let (headers, body) = vector("transaction_success");
    let keyless = wechat().trusting(SERIAL, &public_key()).unwrap();
    let now = Millis(NOW_S * 1_000);
    let read = keyless.read(&Delivery { headers: &headers, body: body.as_bytes(), now });
    assert!(matches!(read, Err(Unheard::BadSignature(_))));
}

#[test]
fn every_state_of_a_trade_has_its_word() {
    let told = |state| news("TRANSACTION.SUCCESS", &trade(state));
    assert_eq!(told("SUCCESS"), PaymentNews::Captured { amount: yuan(12_800) });
    assert_eq!(told("REFUND"), PaymentNews::Captured { amount: yuan(12_800) });
    assert_eq!(told("USERPAYING"), PaymentNews::Processing);
    assert_eq!(told("CLOSED"), PaymentNews::Cancelled);
    assert_eq!(told("PAYERROR"), PaymentNews::Failed { reason: "说".into() });
    let unknown = tell(&sealed("TRANSACTION.SUCCESS", &trade("?")));
    assert!(matches!(unknown, Err(Unheard::Unreadable(_))));
    let Ok(Heard::Facts(facts)) = tell(&sealed("TRANSACTION.SUCCESS", &trade("SUCCESS"))) else {
        panic!()
    };
    let payment = PaymentId::parse("pay_0000000000000000000000000000000a").unwrap();
    assert_eq!(facts[0].payment.as_ref(), Some(&payment));
    assert_eq!(WechatPay::out_trade_no(&payment), "0000000000000000000000000000000a");
    assert!(WechatPay::out_trade_no(&payment).len() <= 32);
}

#[test]
fn a_refund_that_went_wrong_is_told_as_failed() {
    let refund = |status: &str| {
        json!({"mchid": "1900000109", "out_trade_no": "x", "transaction_id": "42",
            "refund_id": "50", "out_refund_no": "ref_0000000000000000000000000000000b",
            "refund_status": status, "amount": {"total": 12_800, "refund": 2_800}})
    };
    for (event, status) in [("REFUND.ABNORMAL", "ABNORMAL"), ("REFUND.CLOSED", "CLOSED")] {
        let told = news(event, &refund(status));
        let PaymentNews::RefundFailed { refund, amount, reason, by_hand } = told else { panic!() };
        assert!(refund.ours.is_some());
        assert_eq!(by_hand, status == "ABNORMAL", "a person may send it on");
        assert_eq!((amount, reason), (yuan(2_800), status.to_lowercase()));
    }
    let pending = news("REFUND.SUCCESS", &refund("PROCESSING"));
    assert!(matches!(pending, PaymentNews::RefundPending { .. }));
}

#[test]
fn a_notice_about_something_else_is_acknowledged_unopened() {
    let notice = json!({"id": "EV-1", "create_time": "x", "event_type": "COUPON.USE",
        "resource": {"algorithm": "?", "ciphertext": "", "nonce": ""}});
    assert_eq!(tell(&notice), Ok(Heard::Nothing { event_id: "EV-1".into() }));
}

#[test]
fn the_answers_are_wechats_own() {
    let yes = wechat().acknowledge();
    assert_eq!((yes.status().as_u16(), yes.body().len()), (204, 0));
    for (why, status) in [(Unheard::TooOld, 401), (Unheard::Unreadable("x".into()), 400)] {
        let no = wechat().refuse(&why).unwrap();
        assert_eq!(no.status(), status);
        let said: Value = serde_json::from_slice(no.body()).unwrap();
        assert_eq!(said["code"], "FAIL");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_bytes_can_make_it_panic(
        body in prop::collection::vec(any::<u8>(), 0..200),
        time in "[0-9]{0,20}",
        signature in "[A-Za-z0-9+/]{0,40}={0,2}",
        now in any::<i64>(),
    ) {
        let mut headers = signed("", 0);
        headers.insert("wechatpay-timestamp", time.parse().unwrap());
        headers.insert("wechatpay-signature", signature.parse().unwrap());
        let read = wechat().read(&Delivery { headers: &headers, body: &body, now: Millis(now) });
        prop_assert!(read.is_err());
    }
}
