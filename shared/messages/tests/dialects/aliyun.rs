//! Aliyun SMS: the signature by Aliyun's own example, the request, and what its answers mean.

use crate::{NOW, answer, letter, words};
use bytes::Bytes;
use domain::{HOUR, Language};
use http::{Request, Response};
use messages::aliyun::{Signable, templates};
use messages::{Aliyun, CannotSend, Provider, Told};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn aliyun() -> Aliyun {
    Aliyun {
        key_id: "LTAI-test".to_owned(),
        key_secret: "secret".to_owned(),
        base: "https://dysmsapi.aliyuncs.com".to_owned(),
        sign_name: "好茶".to_owned(),
        templates: templates(r#"{"paid":{"zh-CN":"SMS_1"}}"#).unwrap(),
    }
}

fn ask(to: &str, attempt: i64) -> Result<Request<Bytes>, CannotSend> {
    let (to, words) = ([to.to_owned()], words(Language::ZhCn));
    aliyun().request(&letter(&to, &words, attempt), NOW)
}

fn query(request: &Request<Bytes>) -> BTreeMap<String, String> {
    form_urlencoded::parse(request.uri().query().unwrap().as_bytes()).into_owned().collect()
}

#[test]
fn our_signature_is_the_one_that_aliyun_publishes() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd";
    let query = [("RegionId", "cn-shanghai".to_owned()), ("ImageId", image.to_owned())];
    let headers = [
        ("host", "ecs.cn-shanghai.aliyuncs.com"),
        ("x-acs-action", "RunInstances"),
        ("x-acs-content-sha256", empty),
        ("x-acs-date", "2023-10-26T10:22:32Z"),
        ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
        ("x-acs-version", "2014-05-26"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let request =
        Signable { method: "POST", path: "/", query: &query, headers: &headers, body: b"" };
    let signed = request.authorization("YourAccessKeyId", "YourAccessKeySecret").unwrap();
    let right = "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;\
        x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
        Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
    assert_eq!(signed, right);
}

#[test]
fn a_query_is_encoded_as_rfc_3986_says() {
    let query = [("b", "a b*~/龙".to_owned()), ("a", "+&=".to_owned())];
    let request = Signable { method: "POST", path: "/", query: &query, headers: &[], body: b"" };
    assert_eq!(request.canonical_query(), "a=%2B%26%3D&b=a%20b%2A~%2F%E9%BE%99");
}

#[test]
fn a_message_is_a_template_and_the_values_it_uses() {
    let request = ask("13800138000", 1).unwrap();
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/"));
    assert_eq!(request.headers()["x-acs-action"], "SendSms");
    assert_eq!(request.headers()["x-acs-version"], "2017-05-25");
    assert_eq!(request.headers()["x-acs-date"], "2026-03-02T01:00:00Z");
    assert!(request.headers()["authorization"].is_sensitive());
    let said = query(&request);
    assert_eq!(said["PhoneNumbers"], "13800138000");
    assert_eq!((said["SignName"].as_str(), said["TemplateCode"].as_str()), ("好茶", "SMS_1"));
    assert_eq!(said["OutId"], "ord_1:buyer:paid:sms");
    let params: BTreeMap<String, String> = serde_json::from_str(&said["TemplateParam"]).unwrap();
    let names: Vec<&str> = params.keys().map(String::as_str).collect();
    assert_eq!(names, ["amount", "goods", "order", "time"]);
    assert_eq!(params["amount"], "¥128.00");
}

#[test]
fn each_attempt_has_a_nonce_of_its_own() {
    let nonce =
        |attempt| ask("13800138000", attempt).unwrap().headers()["x-acs-signature-nonce"].clone();
    assert_ne!(nonce(1), nonce(2));
    assert_eq!(nonce(1), nonce(1));
}

#[test]
fn numbers_are_written_as_aliyun_wants_them() {
    for (phone, theirs) in [
        ("13800138000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("+85251234567", "85251234567"),
    ] {
        assert_eq!(query(&ask(phone, 1).unwrap())["PhoneNumbers"], theirs);
    }
    assert!(matches!(ask("nobody", 1), Err(CannotSend::Address(_))));
}

#[test]
fn what_is_not_set_up_says_so() {
    let (to, chinese) = (["13800138000".to_owned()], words(Language::ZhCn));
    let english = words(Language::En);
    let ask = |aliyun: Aliyun, words| aliyun.request(&letter(&to, words, 1), NOW);
    for unset in [
        Aliyun { key_id: String::new(), ..aliyun() },
        Aliyun { key_secret: " ".to_owned(), ..aliyun() },
        Aliyun { sign_name: String::new(), ..aliyun() },
        Aliyun { templates: BTreeMap::new(), ..aliyun() },
    ] {
        assert!(matches!(ask(unset, &chinese), Err(CannotSend::NotConfigured(_))));
    }
    assert!(matches!(ask(aliyun(), &english), Err(CannotSend::NotConfigured(_))));
    let nowhere = Aliyun { base: "no url".to_owned(), ..aliyun() };
    assert!(matches!(ask(nowhere, &chinese), Err(CannotSend::NotARequest(_))));
}

#[test]
fn templates_name_milestones_and_languages_of_ours() {
    assert_eq!(templates("").unwrap().len(), 0);
    for wrong in ["[]", r#"{"payd":{"en":"SMS_1"}}"#, r#"{"paid":{"fr":"SMS_1"}}"#] {
        assert!(templates(wrong).is_err(), "{wrong}");
    }
}

fn told(status: u16, code: &str) -> Told {
    aliyun().answer(&answer(status, &format!(r#"{{"Code":"{code}","Message":"m","BizId":"b"}}"#)))
}

#[test]
fn a_code_says_whether_it_can_still_work() {
    assert_eq!(told(200, "OK"), Told::Accepted { theirs: "b".to_owned() });
    for code in ["isv.MOBILE_NUMBER_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL", "isv.PARAM_LENGTH_LIMIT"]
    {
        assert!(matches!(told(200, code), Told::Refused { .. }), "{code}");
    }
    let limited = told(200, "isv.BUSINESS_LIMIT_CONTROL");
    assert!(matches!(limited, Told::TryAgain { after_ms: Some(HOUR), .. }), "not at once");
    for code in
        ["isv.AMOUNT_NOT_ENOUGH", "isp.SYSTEM_ERROR", "Throttling.User", "SignatureDoesNotMatch"]
    {
        assert!(matches!(told(400, code), Told::TryAgain { .. }), "{code}");
    }
    assert!(matches!(told(500, "OK"), Told::TryAgain { .. }));
    for garbage in ["", "{}", "<html>", r#"{"Code":7}"#] {
        let told = aliyun().answer(&answer(200, garbage));
        assert!(matches!(told, Told::TryAgain { .. }), "{garbage}");
    }
}

proptest! {
    #[test]
    fn no_answer_and_no_text_can_make_it_panic(
        status in 100u16..1_000,
        body in "\\PC{0,60}",
        to in "\\PC{0,20}",
    ) {
        if let Ok(answer) = Response::builder().status(status).body(Bytes::from(body.clone())) {
            let accepted = matches!(aliyun().answer(&answer), Told::Accepted { .. });
            prop_assert!(!accepted);
        }
        let asked = ask(&to, i64::MAX).is_ok();
        prop_assert!(!asked || to.chars().any(|c| c.is_ascii_digit()));
    }
}
