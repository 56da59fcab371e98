//! The messengers against the product's own dialects, without a network.

use bytes::Bytes;
use domain::{Language, Milestone, Millis};
use http::Request;
use messages::{About, Aliyun, JPush, Letter, Provider, Resend, Told, Words, aliyun};
use partners::{AliyunSms, Fault, JPushPush, ResendMail};

const AT: i64 = 1_768_442_400;

fn words() -> Words {
    let about = About { number: "n-1", shop: "s", goods: "茶", kinds: 1, pieces: 1 };
    Words::of(&Milestone::Delivered, &about, Language::ZhCn)
}

fn ours() -> Aliyun {
    Aliyun {
        key_id: "key".to_owned(),
        key_secret: "secret".to_owned(),
        base: "http://127.0.0.1:1".to_owned(),
        sign_name: "店".to_owned(),
        templates: aliyun::templates(r#"{"delivered":{"zh-CN":"SMS_1"}}"#).unwrap(),
    }
}

fn request(provider: &dyn Provider, to: &str, attempt: i64) -> Request<Bytes> {
    let (to, words) = ([to.to_owned()], words());
    let letter = Letter { key: "k", attempt, to: &to, words: &words, order: "ord_1" };
    provider.request(&letter, Millis(AT * 1_000)).unwrap()
}

#[test]
fn aliyun_believes_our_signature_once_and_nobody_elses() {
    let sms = AliyunSms::new("key", "secret");
    sms.set_clock(AT);
    let good = request(&ours(), "13800138000", 1);
    let told = |request: &Request<Bytes>| ours().answer(&sms.answer(request));
    assert!(matches!(told(&good), Told::Accepted { .. }));
    assert!(matches!(told(&good), Told::TryAgain { reason, .. } if reason.contains("NonceUsed")));
    let no = |request: &Request<Bytes>, code: &str| {
        let Told::TryAgain { reason, .. } = told(request) else { panic!("{code}") };
        assert!(reason.contains(code), "{reason}");
    };
    let other = Aliyun { key_secret: "other".to_owned(), ..ours() };
    no(&request(&other, "13800138000", 2), "SignatureDoesNotMatch");
    let stranger = Aliyun { key_id: "stranger".to_owned(), ..ours() };
    no(&request(&stranger, "13800138000", 2), "InvalidAccessKeyId");
    let mut forged = request(&ours(), "13800138000", 3);
    let uri = forged.uri().to_string().replace("13800138000", "13800138001");
    *forged.uri_mut() = uri.parse().unwrap();
    no(&forged, "SignatureDoesNotMatch");
    sms.set_clock(AT + 901);
    no(&request(&ours(), "13800138000", 4), "InvalidTimeStamp");
    sms.set_clock(AT);
    sms.refuses("13800138000", "isv.BUSINESS_LIMIT_CONTROL");
    let limited = told(&request(&ours(), "13800138000", 5));
    assert!(matches!(limited, Told::TryAgain { after_ms: Some(_), .. }));
    assert_eq!(sms.sent().len(), 1);
}

#[test]
fn resend_and_jpush_know_a_repeat_by_its_key() {
    let mail = ResendMail::new("re_1");
    let ours = Resend {
        api_key: "re_1".to_owned(),
        base: "http://127.0.0.1:1".to_owned(),
        from: "s@s.example".to_owned(),
    };
    let first = request(&ours, "li@example.com", 1);
    for fault in [Some(Fault::Garbage), Some(Fault::Status(500)), None] {
        if let Some(fault) = &fault {
            mail.next_answers(1, fault);
        }
        let told = ours.answer(&mail.answer(&first));
        assert_eq!(matches!(told, Told::Accepted { .. }), fault.is_none(), "{fault:?}");
    }
    assert_eq!((mail.sent().len(), mail.sent()[0].asked), (1, 2));
    let moved = request(&ours, "han@example.com", 1);
    assert!(matches!(ours.answer(&mail.answer(&moved)), Told::Refused { .. }));
    let stranger = Resend { api_key: "re_2".to_owned(), ..ours };
    let asked = mail.answer(&request(&stranger, "li@example.com", 1));
    assert!(matches!(stranger.answer(&asked), Told::TryAgain { .. }));

    let push = JPushPush::new("app", "master");
    let ours = JPush {
        app_key: "app".to_owned(),
        master_secret: "master".to_owned(),
        base: "http://127.0.0.1:1".to_owned(),
        production: true,
    };
    for _ in 0..2 {
        let told = ours.answer(&push.answer(&request(&ours, "phone", 1)));
        assert_eq!(told, Told::Accepted { theirs: "1000".to_owned() });
    }
    assert_eq!(push.sent().len(), 1);
    let gone = ours.answer(&push.answer(&request(&ours, "gone", 1)));
    assert!(matches!(gone, Told::Refused { .. }));
}
