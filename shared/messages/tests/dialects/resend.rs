//! Resend: the mail as it is asked for, and what its answers mean.

use crate::{NOW, answer, letter, words};
use domain::Language;
use messages::{CannotSend, Provider, Resend, Told};
use serde_json::{Value, json};

fn resend() -> Resend {
    Resend {
        api_key: "re_1".to_owned(),
        base: "https://api.resend.com/".to_owned(),
        from: "好茶 <no-reply@tea.example>".to_owned(),
    }
}

#[test]
fn a_mail_is_asked_for_under_the_messages_own_key() {
    let (to, words) = (["li@example.com".to_owned()], words(Language::En));
    let request = resend().request(&letter(&to, &words, 3), NOW).unwrap();
    assert_eq!(request.uri(), "https://api.resend.com/emails");
    assert_eq!(request.headers()["authorization"], "Bearer re_1");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(request.headers()["idempotency-key"], "ord_1:buyer:paid:sms");
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!((&body["to"], &body["from"]), (&json!(["li@example.com"]), &json!(resend().from)));
    assert_eq!(body["subject"], "Order 260302-2345678 is paid");
    assert!(body["text"].as_str().unwrap().contains("龙井 & <茶> × 2"));
    let html = body["html"].as_str().unwrap();
    assert!(html.contains("龙井 &amp; &lt;茶&gt; × 2") && !html.contains("<茶>"), "{html}");
    let later = resend().request(&letter(&to, &words, 4), NOW.plus(9)).unwrap();
    assert_eq!(request.body(), later.body(), "the same key must come with the same words");
}

#[test]
fn what_is_not_set_up_says_so() {
    let (to, words) = (["li@example.com".to_owned()], words(Language::En));
    for unset in
        [Resend { api_key: String::new(), ..resend() }, Resend { from: String::new(), ..resend() }]
    {
        let asked = unset.request(&letter(&to, &words, 1), NOW);
        assert!(matches!(asked, Err(CannotSend::NotConfigured(_))));
    }
    let nobody = resend().request(&letter(&[], &words, 1), NOW);
    assert!(matches!(nobody, Err(CannotSend::Address(_))));
}

fn told(status: u16, name: &str) -> Told {
    let body = json!({"statusCode": status, "name": name, "message": "m"}).to_string();
    resend().answer(&answer(status, &body))
}

#[test]
fn a_final_no_is_final_and_everything_else_is_asked_again() {
    let accepted = resend().answer(&answer(200, r#"{"id":"mail-1"}"#));
    assert_eq!(accepted, Told::Accepted { theirs: "mail-1".to_owned() });
    for (status, name) in [
        (422, "validation_error"),
        (400, "invalid_idempotency_key"),
        (409, "invalid_idempotent_request"),
        (404, "not_found"),
    ] {
        assert!(matches!(told(status, name), Told::Refused { .. }), "{name}");
    }
    for (status, name) in [
        (409, "concurrent_idempotent_requests"),
        (429, "rate_limit_exceeded"),
        (401, "missing_api_key"),
        (403, "invalid_api_key"),
        (500, "application_error"),
        (307, "moved"),
    ] {
        assert!(matches!(told(status, name), Told::TryAgain { .. }), "{name}");
    }
    for garbage in ["", "{}", "<html>", r#"{"id":""}"#] {
        for status in [200, 422, 503] {
            let told = resend().answer(&answer(status, garbage));
            assert!(matches!(told, Told::TryAgain { .. }), "{status} {garbage}");
        }
    }
}
