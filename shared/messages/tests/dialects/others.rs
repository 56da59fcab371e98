//! Twilio and SendGrid: the same port, other words.

use crate::{NOW, answer, letter, words};
use domain::Language;
use http::Response;
use messages::{Provider, SendGrid, Told, Twilio};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn twilio() -> Twilio {
    Twilio {
        account: "AC1".to_owned(),
        auth_token: "token".to_owned(),
        base: "https://api.twilio.com".to_owned(),
        from: "+15005550006".to_owned(),
    }
}

fn sendgrid() -> SendGrid {
    SendGrid {
        api_key: "SG.1".to_owned(),
        base: "https://api.sendgrid.com".to_owned(),
        from: "Good Tea <no-reply@tea.example>".to_owned(),
    }
}

#[test]
fn twilio_sends_the_text_itself() {
    let words = words(Language::En);
    for (to, theirs) in [("13800138000", "+8613800138000"), ("+4915112345678", "+4915112345678")] {
        let to = [to.to_owned()];
        let request = twilio().request(&letter(&to, &words, 1), NOW).unwrap();
        assert_eq!(request.uri(), "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json");
        assert_eq!(request.headers()["authorization"], "Basic QUMxOnRva2Vu");
        let said: BTreeMap<String, String> =
            form_urlencoded::parse(request.body()).into_owned().collect();
        assert_eq!((said["To"].as_str(), said["From"].as_str()), (theirs, "+15005550006"));
        assert_eq!(said["Body"], words.short);
    }
    let service = Twilio { from: "MG1".to_owned(), ..twilio() };
    let request = service.request(&letter(&["+1".to_owned()], &words, 1), NOW).unwrap();
    assert!(request.body().windows(23).any(|part| part == b"MessagingServiceSid=MG1"));
}

#[test]
fn twilios_answers_are_understood() {
    let made = twilio().answer(&answer(201, r#"{"sid":"SM1","status":"queued"}"#));
    assert_eq!(made, Told::Accepted { theirs: "SM1".to_owned() });
    let no = r#"{"code":21211,"message":"not a valid phone number","status":400}"#;
    assert!(matches!(twilio().answer(&answer(400, no)), Told::Refused { .. }));
    for status in [401, 429, 500, 302] {
        assert!(matches!(twilio().answer(&answer(status, no)), Told::TryAgain { .. }), "{status}");
    }
    assert!(matches!(twilio().answer(&answer(400, "<html>")), Told::TryAgain { .. }));
}

#[test]
fn sendgrid_gets_both_forms_of_a_mail() {
    let (to, words) = (["li@example.com".to_owned()], words(Language::En));
    let request = sendgrid().request(&letter(&to, &words, 1), NOW).unwrap();
    assert_eq!(request.uri(), "https://api.sendgrid.com/v3/mail/send");
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body["from"], json!({"email": "no-reply@tea.example", "name": "Good Tea"}));
    assert_eq!(body["personalizations"][0]["to"], json!([{"email": "li@example.com"}]));
    assert_eq!(body["content"][0]["value"], words.text());
    assert_eq!(body["content"][1]["type"], "text/html");
}

#[test]
fn sendgrids_answers_are_understood() {
    let made =
        Response::builder().status(202).header("x-message-id", "m-1").body("".into()).unwrap();
    assert_eq!(sendgrid().answer(&made), Told::Accepted { theirs: "m-1".to_owned() });
    let no = r#"{"errors":[{"message":"does not contain a valid address","field":"to"}]}"#;
    assert!(matches!(sendgrid().answer(&answer(400, no)), Told::Refused { .. }));
    for status in [401, 429, 500] {
        assert!(matches!(sendgrid().answer(&answer(status, no)), Told::TryAgain { .. }));
    }
    assert!(matches!(sendgrid().answer(&answer(200, "{}")), Told::TryAgain { .. }));
}
