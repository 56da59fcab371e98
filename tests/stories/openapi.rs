//! What the system offers is written down, for everybody to read, and it is true: who may call what
//! is tried here for everything. What is asked and answered is held against it in every story.

use http::Method;
use orderflow_tests::{Ask, Operation, Person, Shop, Value, contract, json, stories};

const DOCUMENT: &str = "/v1/openapi.json";

async fn everybody_may_read_what_there_is(shop: &Shop) {
    let read = Ask::new(shop, Method::GET, DOCUMENT).await.must(&[200]);
    assert_eq!(read.json(), contract().document);
    assert_eq!(read.header("content-type"), Some("application/json"));
    assert!(read.header("cache-control").unwrap().contains("public"));
    let tag = read.header("etag").unwrap();
    let known = [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}")];
    for known in known {
        let again = Ask::new(shop, Method::GET, DOCUMENT).header("if-none-match", &known).await;
        let again = again.must(&[304]);
        assert!(again.body.is_empty());
        assert_eq!(again.header("etag"), Some(tag));
    }
    let other = Ask::new(shop, Method::GET, DOCUMENT).header("if-none-match", "\"other\"").await;
    drop(other.must(&[200]));
    let post = Ask::new(shop, Method::POST, DOCUMENT).await;
    post.is_refused(405, "method_not_allowed");
    assert_eq!(post.header("allow"), Some("GET"));
}

fn everybody(shop: &Shop) -> [(&'static str, Person<'_>); 6] {
    [
        ("buyer", shop.buyer("li")),
        ("merchant", shop.merchant("m1")),
        ("warehouse", shop.warehouse("wh-sh")),
        ("support", shop.support()),
        ("finance", shop.finance()),
        ("operator", shop.operator()),
    ]
}

/// Asked of a thing that is not there, with nothing to say.
fn asks<'s>(person: &Person<'s>, operation: Operation<'_>) -> Ask<'s> {
    let part = |part: &str| if part.starts_with('{') { "nothing" } else { part }.to_owned();
    let path = operation.path.split('/').map(part).collect::<Vec<String>>().join("/");
    match operation.method {
        "get" => person.get(&path),
        "post" => person.post(&path, &json!({})),
        "put" => person.put(&path, &json!({})),
        other => panic!("nobody asks by {other}"),
    }
}

fn roles(operation: Operation<'_>) -> Option<Vec<&str>> {
    let token = operation.says.pointer("/security/0/token")?.as_array()?;
    Some(token.iter().filter_map(Value::as_str).collect())
}

async fn who_may_call_what_is_as_it_is_written_down(shop: &Shop) {
    let mut tried = 0;
    for operation in contract().operations() {
        let Some(roles) = roles(operation) else { continue };
        let nobody = asks(&shop.operator(), operation).without("authorization");
        nobody.await.is_refused(401, "no_token");
        for (role, person) in everybody(shop) {
            let answer = asks(&person, operation).await;
            let refused =
                answer.status == 403 && answer.at("/detail") == "this role may not do that";
            assert_eq!(refused, !roles.contains(&role), "a {role}: {answer}");
            tried += 1;
        }
    }
    assert!(tried > 300, "only {tried} were tried");
}

async fn what_has_no_token_authenticates_otherwise(shop: &Shop) {
    for operation in contract().operations().filter(|o| roles(*o).is_none()) {
        let public = operation.says["security"] == json!([]);
        let answer = asks(&shop.operator(), operation).await;
        match public {
            true => assert_ne!(answer.code().as_deref(), Some("bad_token"), "{answer}"),
            false => answer.is_refused(401, "bad_token"),
        }
    }
}

stories! {
    everybody_may_read_what_there_is
    who_may_call_what_is_as_it_is_written_down
    what_has_no_token_authenticates_otherwise
}
