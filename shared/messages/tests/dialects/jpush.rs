//! JPush: the notification as it is asked for, and what its answers mean.

use crate::{NOW, answer, letter, words};
use domain::Language;
use messages::{CannotSend, JPush, Provider, Told};
use serde_json::{Value, json};

fn jpush() -> JPush {
    JPush {
        app_key: "7d431e42dfa6a6d693ac2d04".to_owned(),
        master_secret: "5e987ac6d2e04d95a9d8f0d1".to_owned(),
        base: "https://api.jpush.cn".to_owned(),
        production: true,
    }
}

#[test]
fn a_push_goes_to_all_devices_and_has_one_cid() {
    let to = ["phone".to_owned(), "pad".to_owned()];
    let words = words(Language::ZhCn);
    let request = jpush().request(&letter(&to, &words, 1), NOW).unwrap();
    assert_eq!(request.uri(), "https://api.jpush.cn/v3/push");
    // The example of JPush's own documentation.
    let basic = "Basic N2Q0MzFlNDJkZmE2YTZkNjkzYWMyZDA0OjVlOTg3YWM2ZDJlMDRkOTVhOWQ4ZjBkMQ==";
    assert_eq!(request.headers()["authorization"], basic);
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body["audience"], json!({"registration_id": ["phone", "pad"]}));
    assert_eq!(body["notification"]["android"]["title"], words.title);
    assert_eq!(body["notification"]["ios"]["alert"]["body"], words.short);
    assert_eq!(
        body["notification"]["ios"]["extras"],
        json!({"order": "ord_1", "milestone": "paid"})
    );
    let cid = body["cid"].as_str().unwrap();
    let uuid = cid.strip_prefix("7d431e42dfa6a6d693ac2d04-").unwrap();
    let parts: Vec<usize> = uuid.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12], "{cid}");
    let later = jpush().request(&letter(&to, &words, 2), NOW.plus(9)).unwrap();
    assert_eq!(request.body(), later.body());
}

#[test]
fn what_is_not_set_up_says_so() {
    let words = words(Language::ZhCn);
    let to = ["phone".to_owned()];
    let unset = JPush { app_key: String::new(), ..jpush() };
    let asked = unset.request(&letter(&to, &words, 1), NOW);
    assert!(matches!(asked, Err(CannotSend::NotConfigured(_))));
    let nobody = jpush().request(&letter(&[], &words, 1), NOW);
    assert!(matches!(nobody, Err(CannotSend::Address(_))));
}

#[test]
fn a_code_says_whether_it_can_still_work() {
    let sent = jpush().answer(&answer(200, r#"{"sendno":"0","msg_id":"1828256757"}"#));
    assert_eq!(sent, Told::Accepted { theirs: "1828256757".to_owned() });
    let number = jpush().answer(&answer(200, r#"{"sendno":"0","msg_id":18}"#));
    assert_eq!(number, Told::Accepted { theirs: "18".to_owned() });
    let told = |status, code| {
        let body = json!({"error": {"code": code, "message": "m"}}).to_string();
        jpush().answer(&answer(status, &body))
    };
    for (status, code) in [(400, 1011), (400, 1003), (400, 1005)] {
        assert!(matches!(told(status, code), Told::Refused { .. }), "{code}");
    }
    for (status, code) in [(429, 2002), (401, 1004), (500, 1000), (400, 1030), (503, 1030)] {
        assert!(matches!(told(status, code), Told::TryAgain { .. }), "{code}");
    }
    for garbage in ["", "{}", "<html>", r#"{"msg_id":null}"#] {
        for status in [200, 400, 502] {
            let told = jpush().answer(&answer(status, garbage));
            assert!(matches!(told, Told::TryAgain { .. }), "{status} {garbage}");
        }
    }
}
