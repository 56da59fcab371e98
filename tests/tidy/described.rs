//! The OpenAPI document: that it is one, and that no route, no operation and no code of the sources
//! is missing in it. What requests and answers hold is looked at in the stories.

use crate::{none, product, read, sources};
use manifest::Manifest;
use orderflow_tests::contract;
use serde_json::Value;
use std::collections::BTreeSet;

const PLACE: &str = "functions/catalog/openapi.json";

/// All `$ref` below a thing.
fn refs<'v>(thing: &'v Value, found: &mut BTreeSet<&'v str>) {
    match thing {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| refs(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| refs(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_document_is_whole() {
    let contract = contract();
    let version = contract.document["openapi"].as_str().unwrap_or_default();
    assert!(version.starts_with("3.1."), "{PLACE} is OpenAPI {version:?}");
    let mut used = BTreeSet::new();
    refs(&contract.document, &mut used);
    let broken = used.iter().filter(|place| contract.find(place).is_none());
    let mut faults: Vec<String> = broken.map(|place| format!("{PLACE} has no {place}")).collect();
    for (kind, things) in contract.document["components"].as_object().unwrap() {
        let places = things.as_object().unwrap().keys().map(|n| format!("#/components/{kind}/{n}"));
        let unused = places.filter(|p| kind != "securitySchemes" && !used.contains(p.as_str()));
        faults.extend(unused.map(|place| format!("{PLACE}: nobody uses {place}")));
    }
    let mut names = BTreeSet::new();
    for operation in contract.operations() {
        let what = format!("{PLACE}, {} {}", operation.method, operation.path);
        let (name, says) = (operation.says["operationId"].as_str(), operation.says);
        if name.is_none_or(|name| !names.insert(name)) {
            faults.push(format!("{what}: needs an operationId of its own"));
        }
        if says["summary"].as_str().is_none() || says["responses"].as_object().is_none() {
            faults.push(format!("{what}: needs a summary and responses"));
        }
        let item = &contract.document["paths"][operation.path];
        let named = [&item["parameters"], &says["parameters"]].into_iter();
        let named = named.filter_map(Value::as_array).flatten().map(|p| contract.resolved(p));
        let named: Vec<&str> =
            named.filter(|p| p["in"] == "path").filter_map(|p| p["name"].as_str()).collect();
        let parts = operation.path.split('/').filter_map(|p| p.strip_prefix('{'));
        let parts: Vec<&str> = parts.filter_map(|p| p.strip_suffix('}')).collect();
        if named != parts {
            faults.push(format!("{what}: its path has {parts:?}, its parameters {named:?}"));
        }
    }
    none(faults);
}

#[test]
fn every_route_is_in_the_document() {
    let router = Manifest::parse(&read("spin.toml")).unwrap().router();
    let paths = contract().document["paths"].as_object().unwrap();
    let reached = |path: &str| {
        let path = path.replace(['{', '}'], "");
        router.find(&path).map(|matched| matched.raw_route.to_owned())
    };
    let mut faults = Vec::new();
    let mut known = BTreeSet::new();
    for path in paths.keys() {
        match reached(path) {
            Some(route) => drop(known.insert(route)),
            None => faults.push(format!("{PLACE}: no route of spin.toml leads to {path}")),
        }
    }
    let missing = router.routes().filter(|(route, _)| !known.contains(*route));
    faults.extend(missing.map(|(route, of)| {
        format!("{PLACE} has no path of the route {route} ({of}): add what it offers to `paths`")
    }));
    none(faults);
}

/// Arms of a function's `match` on method and path, like `["orders", id, "cancel"] if post`, as a
/// method and a path whose free segments are `{}`.
fn arms(code: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for (method, guard) in [
        ("get", "] if get "),
        ("post", "] if post "),
        ("put", "] if put "),
        ("get", "] if request.method == Method::GET "),
    ] {
        for (at, _) in code.match_indices(guard) {
            let begins = code[..at].rfind('[').unwrap() + 1;
            let segments = code[begins..at].split(", ").map(|s| match s.strip_prefix('"') {
                Some(word) => word.trim_end_matches('"'),
                None => "{}",
            });
            found.push((method, format!("/v1/{}", segments.collect::<Vec<&str>>().join("/"))));
        }
    }
    found
}

#[test]
fn every_arm_of_a_function_is_in_the_document() {
    let free = |path: &str| {
        let part = |part: &str| if part.starts_with('{') { "{}" } else { part }.to_owned();
        path.split('/').map(part).collect::<Vec<String>>().join("/")
    };
    let known: Vec<(&str, String)> =
        contract().operations().map(|o| (o.method, free(o.path))).collect();
    let (mut faults, mut count) = (Vec::new(), 0);
    for source in sources(&["functions"], "src/lib.rs") {
        for (method, path) in arms(product(&source)) {
            count += 1;
            if !known.iter().any(|(m, p)| *m == method && *p == path) {
                let add = format!("add `{method}` of {path} to `paths` of {PLACE}");
                faults.push(format!("{}: {add}", source.path));
            }
        }
    }
    assert!(count > 20, "only {count} arms were found");
    none(faults);
}

fn codes(schema: &str) -> BTreeSet<String> {
    let list = &contract().document["components"]["schemas"][schema]["enum"];
    let list = list.as_array().unwrap_or_else(|| panic!("{PLACE} has no {schema}"));
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The arguments of a call that begins here, as they are written; those of calls in them are whole.
fn arguments(code: &str) -> Vec<&str> {
    let (mut depth, mut begins, mut quoted, mut found) = (0, 0, false, Vec::new());
    for (at, sign) in code.char_indices() {
        match sign {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            ',' if depth == 0 => {
                found.push(code[begins..at].trim());
                begins = at + 1;
            }
            ')' => {
                found.push(code[begins..at].trim());
                return found;
            }
            _ => {}
        }
    }
    found
}

/// Calls that give codes: where the code is among their arguments, and which schema lists it.
const CALLS: &[(&str, usize, &str)] = &[
    ("Problem::new(", 1, "ProblemCode"),
    ("Self::new(", 1, "ProblemCode"),
    ("bad_request(", 0, "ProblemCode"),
    ("unauthorized(", 0, "ProblemCode"),
    ("conflict(", 0, "ProblemCode"),
    ("invalid(", 1, "FaultCode"),
    ("FieldFault::new(", 1, "FaultCode"),
    ("RowFault::new(", 2, "FaultCode"),
];

#[test]
fn every_code_of_a_problem_is_in_the_document() {
    let (mut faults, mut count) = (Vec::new(), 0);
    for source in sources(&["functions", "shared/edge/src"], ".rs") {
        let code = product(&source);
        for (call, position, schema) in CALLS {
            for (at, _) in code.match_indices(call) {
                let given = arguments(&code[at + call.len()..]);
                let word =
                    given.get(*position).and_then(|a| a.strip_prefix('"')?.strip_suffix('"'));
                let Some(word) = word else { continue };
                count += 1;
                if !codes(schema).contains(word) {
                    faults.push(format!("{}: add {word:?} to {schema} of {PLACE}", source.path));
                }
            }
        }
    }
    assert!(count > 40, "only {count} codes were found");
    none(faults);
}

#[test]
fn every_no_of_the_business_is_in_the_document() {
    let text = read("shared/domain/src/refusal.rs");
    let (faults_at, refusals_at) =
        (text.find("\nimpl FaultKind {").unwrap(), text.find("\nimpl Refusal {").unwrap());
    let words = |code: &str| -> Vec<String> {
        let ends = code.split(" => \"").skip(1).filter_map(|rest| rest.split('"').next());
        ends.map(str::to_owned).collect()
    };
    let (of_faults, of_refusals) = if faults_at < refusals_at {
        (words(&text[faults_at..refusals_at]), words(&text[refusals_at..]))
    } else {
        (words(&text[faults_at..]), words(&text[refusals_at..faults_at]))
    };
    assert!(of_faults.len() > 20 && of_refusals.len() > 10, "{of_faults:?} {of_refusals:?}");
    let (problems, places) = (codes("ProblemCode"), codes("FaultCode"));
    let mut faults = Vec::new();
    for word in of_faults.iter().filter(|word| !places.contains(*word)) {
        faults.push(format!("add {word:?}, which FaultKind says, to FaultCode of {PLACE}"));
    }
    // Some refusals are told as a fault with a place.
    let told = |word: &&String| problems.contains(*word) || places.contains(*word);
    for word in of_refusals.iter().filter(|word| !told(word)) {
        faults.push(format!("add {word:?}, which Refusal says, to ProblemCode of {PLACE}"));
    }
    none(faults);
}

#[test]
fn codes_that_tests_expect_are_in_the_document() {
    let problems = codes("ProblemCode");
    let mut faults = Vec::new();
    for source in sources(&["tests/stories", "tests/simulation", "tests/malformed"], ".rs") {
        for (at, call) in source.text.match_indices(".is_refused(") {
            let given = arguments(&source.text[at + call.len()..]);
            let word = given.get(1).and_then(|a| a.strip_prefix('"')?.strip_suffix('"'));
            let unknown = word.filter(|word| !problems.contains(*word));
            faults.extend(unknown.map(|word| format!("add {word:?} to ProblemCode of {PLACE}")));
        }
    }
    none(faults);
}

#[test]
fn what_merchants_are_told_is_in_the_document() {
    let known = contract().document["webhooks"].as_object().unwrap();
    let mut faults = Vec::new();
    for source in sources(&["shared/domain/src"], ".rs") {
        for (at, call) in product(&source).match_indices("self.tell(") {
            let what = arguments(&source.text[at + call.len()..]);
            let what = what.first().and_then(|a| a.strip_prefix('"')?.strip_suffix('"'));
            let kind = what.map(|what| format!("order.{what}"));
            let unknown = kind.filter(|kind| !known.contains_key(kind));
            faults.extend(unknown.map(|kind| format!("add {kind:?} to `webhooks` of {PLACE}")));
        }
    }
    assert!(!known.is_empty());
    none(faults);
}
