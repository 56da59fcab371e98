//! The OpenAPI document, held against what is really asked and answered. Whatever a person or a
//! partner sees in a story must be in it; what is not fails the story with what to add.

use crate::Answer;
use crate::pattern::is_like;
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use serde_json::{Map, Value};
use std::sync::OnceLock;

const DOCUMENT: &str = include_str!("../../functions/catalog/openapi.json");
const PLACE: &str = "functions/catalog/openapi.json";

/// The document.
pub struct Contract {
    pub document: Value,
}

/// An operation of the document.
#[derive(Clone, Copy)]
pub struct Operation<'c> {
    pub path: &'c str,
    pub method: &'c str,
    pub says: &'c Value,
}

/// What was asked.
pub struct Asked<'a> {
    pub method: &'a Method,
    pub path: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a Bytes,
}

/// As it is in the repository.
pub fn contract() -> &'static Contract {
    static READ: OnceLock<Contract> = OnceLock::new();
    READ.get_or_init(|| Contract {
        document: serde_json::from_str(DOCUMENT)
            .unwrap_or_else(|error| panic!("{PLACE} is not JSON: {error}")),
    })
}

impl Contract {
    /// All operations, path by path.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.document["paths"].as_object().expect("paths");
        let methods = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];
        paths.iter().flat_map(move |(path, item)| {
            let item = item.as_object().expect("a path's operations");
            let operations = item.iter().filter(move |(name, _)| methods.contains(&name.as_str()));
            operations.map(move |(method, says)| Operation { path, method, says })
        })
    }

    /// The operation that a request is about; the one with the most words of its own.
    pub fn operation(&self, method: &Method, path: &str) -> Option<Operation<'_>> {
        // The functions pass over empty segments, wherever they are.
        let path = path.split('?').next().unwrap_or_default();
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        let path: String = segments.map(|segment| format!("/{segment}")).collect();
        let named = |o: &Operation<'_>| method.as_str().eq_ignore_ascii_case(o.method);
        let found = self.operations().filter(|o| named(o) && matches(o.path, &path));
        found.min_by_key(|o| o.path.matches('{').count())
    }

    /// What a `$ref` stands for, or the thing itself.
    pub fn resolved<'c>(&'c self, thing: &'c Value) -> &'c Value {
        match thing.get("$ref").and_then(Value::as_str) {
            Some(place) => self.find(place).unwrap_or_else(|| panic!("{PLACE} has no {place}")),
            None => thing,
        }
    }

    pub fn find(&self, place: &str) -> Option<&Value> {
        self.document.pointer(place.strip_prefix('#')?)
    }

    /// What is wrong with an answer, by the document; none: nothing.
    pub fn fault_of(&self, asked: &Asked<'_>, answer: &Answer) -> Option<String> {
        let Some(operation) = self.operation(asked.method, asked.path) else {
            let add = || format!("{PLACE} has no such operation: add it to `paths`");
            return answer.status.is_success().then(add);
        };
        let answered = self.answered(operation, answer);
        let takes = |()| self.takes(operation, asked).filter(|_| answer.status.is_success());
        let fault = answered.err().or_else(|| takes(()));
        fault.map(|fault| format!("{PLACE}, {} {}: {fault}", operation.method, operation.path))
    }

    /// What is wrong with what a merchant's endpoint was told; none: nothing.
    pub fn fault_of_webhook(&self, body: &Value) -> Option<String> {
        let kind = body["type"].as_str().unwrap_or_default();
        let Some(webhook) = self.document["webhooks"].get(kind) else {
            return Some(format!("{PLACE} has no {kind:?}: add it to `webhooks`"));
        };
        let schema = &webhook["post"]["requestBody"]["content"]["application/json"]["schema"];
        let fits = self.fits(schema, body, "");
        fits.err().map(|why| format!("{PLACE}, `webhooks`, {kind}: {why}"))
    }

    fn answered(&self, operation: Operation<'_>, answer: &Answer) -> Result<(), String> {
        let status = answer.status.as_u16();
        let responses = &operation.says["responses"];
        let range = format!("{}XX", status / 100);
        let names = [status.to_string(), range, "default".to_owned()];
        let response = names.iter().find_map(|name| responses.get(name));
        let response = self.resolved(response.ok_or(format!("add the answer {status}"))?);
        for name in ["etag", "location", "link"] {
            let known = response["headers"].as_object().into_iter().flatten();
            let known = known.map(|(name, _)| name).any(|n| n.eq_ignore_ascii_case(name));
            if answer.header(name).is_some() && !known && answer.status.is_success() {
                return Err(format!("the answer {status} has {name}: add it to its headers"));
            }
        }
        if answer.body.is_empty() {
            return Ok(());
        }
        let media_type = media_type(&answer.headers);
        let content = response["content"].get(&media_type);
        let content = content.ok_or(format!("add {media_type:?} to the answer {status}"))?;
        match (content.get("schema"), serde_json::from_slice::<Value>(&answer.body)) {
            (Some(schema), Ok(body)) => {
                let fits = self.fits(schema, &body, "");
                fits.map_err(|why| format!("the answer {status}: {why}"))
            }
            (Some(_) | None, _) => Ok(()),
        }
    }

    /// A request that was taken must be one that the document allows.
    fn takes(&self, operation: Operation<'_>, asked: &Asked<'_>) -> Option<String> {
        let media_type = media_type(asked.headers);
        // Nobody reads what comes with a GET.
        let unread = operation.method == "get" || asked.body.is_empty();
        if unread || media_type != "application/json" {
            return None;
        }
        let body: Value = serde_json::from_slice(asked.body).ok()?;
        let Some(content) = operation.says.pointer("/requestBody/content") else {
            return Some("add a `requestBody`".to_owned());
        };
        let Some(content) = content.get(&media_type) else {
            return Some(format!("add {media_type:?} to the `requestBody`"));
        };
        let fits = self.fits(content.get("schema")?, &body, "");
        fits.err().map(|why| format!("the request: {why}"))
    }

    /// JSON Schema, as much of it as the document uses. Stricter in one point: a field that no
    /// schema names is a fault, also in answers.
    fn fits(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let schema = self.resolved(schema);
        if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
            let tried = choices.iter().map(|choice| self.fits(choice, value, at));
            let faults: Vec<String> = tried.filter_map(Result::err).collect();
            let all = faults.len() == choices.len();
            return if all { Err(faults.join(", nor ")) } else { Ok(()) };
        }
        let no = |why: &str| Err(format!("{at:?} is {value}, {why}"));
        let types = schema.get("type").map(words).unwrap_or_default();
        if !types.is_empty() && !types.iter().any(|name| is(value, name)) {
            return no(&format!("not {}", types.join(" or ")));
        }
        if schema.get("const").is_some_and(|only| only != value) {
            return no(&format!("not {}", schema["const"]));
        }
        let listed = schema.get("enum").and_then(Value::as_array);
        if listed.is_some_and(|list| !list.contains(value)) {
            return no("and its `enum` lacks it");
        }
        let pattern = schema.get("pattern").and_then(Value::as_str).zip(value.as_str());
        if pattern.is_some_and(|(pattern, text)| !is_like(pattern, text)) {
            return no(&format!("not like {}", schema["pattern"]));
        }
        if !in_range(schema, value) {
            return no("which its schema does not allow");
        }
        if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
            for (i, item) in list.iter().enumerate() {
                self.fits(items, item, &format!("{at}/{i}"))?;
            }
        }
        match value.as_object() {
            Some(object) => self.fields_fit(schema, object, at),
            None => Ok(()),
        }
    }

    fn fields_fit(
        &self,
        schema: &Value,
        object: &Map<String, Value>,
        at: &str,
    ) -> Result<(), String> {
        let none = Map::new();
        let known = schema.get("properties").and_then(Value::as_object);
        let rest = schema.get("additionalProperties");
        for name in schema.get("required").map(words).unwrap_or_default() {
            if !object.contains_key(name) {
                return Err(format!("{at:?} lacks {name:?}, which is `required`"));
            }
        }
        for (name, value) in object {
            let place = format!("{at}/{name}");
            match (known.unwrap_or(&none).get(name), rest) {
                (Some(schema), _) => self.fits(schema, value, &place)?,
                (None, Some(rest @ Value::Object(_))) => self.fits(rest, value, &place)?,
                (None, Some(Value::Bool(true))) => {}
                (None, None) if known.is_none() => {}
                (None, _) => return Err(format!("{place:?} is in no schema: add it")),
            }
        }
        Ok(())
    }
}

fn matches(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(known), Some(asked)) if known == asked => {}
            (Some(known), Some(asked)) if known.starts_with('{') && !asked.is_empty() => {}
            _ => return false,
        }
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// One word, or several.
fn words(value: &Value) -> Vec<&str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str).collect()
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => panic!("{PLACE} has the type {name:?}"),
    }
}

/// Numbers, lengths of texts and of lists.
fn in_range(schema: &Value, value: &Value) -> bool {
    let (size, least, most) = match value {
        Value::Number(number) => (number.as_i64(), "minimum", "maximum"),
        Value::String(text) => (i64::try_from(text.chars().count()).ok(), "minLength", "maxLength"),
        Value::Array(list) => (i64::try_from(list.len()).ok(), "minItems", "maxItems"),
        Value::Null | Value::Bool(_) | Value::Object(_) => return true,
    };
    let limit = |name: &str| schema.get(name).and_then(Value::as_i64);
    size.is_none_or(|size| {
        limit(least).is_none_or(|least| least <= size) && limit(most).is_none_or(|m| size <= m)
    })
}
