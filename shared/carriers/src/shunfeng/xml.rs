//! The XML of SF's form mode: `<WaybillRoute …/>` elements whose attributes are the fields.
//!
//! A document type is refused, so there are no entities but XML's own five.

use super::Route;
use crate::Unheard;
use crate::json::{from_value, unreadable};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::{Map, Value};

pub(super) fn routes(text: &str) -> Result<Vec<Route>, Unheard> {
    let broken = || unreadable("content", "not XML of theirs");
    let mut reader = Reader::from_str(text);
    let mut routes = Vec::new();
    let mut service = false;
    loop {
        match reader.read_event().map_err(|_| broken())? {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "Request" => service = true,
                "WaybillRoute" => {
                    let path = format!("Body.WaybillRoute[{}]", routes.len());
                    routes.push(from_value(attributes(&element).ok_or_else(broken)?, &path)?);
                }
                _ => {}
            },
            Event::DocType(_) => return Err(unreadable("content", "a document type")),
            Event::Eof if service => return Ok(routes),
            Event::Eof => return Err(broken()),
            Event::End(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

fn attributes(element: &BytesStart<'_>) -> Option<Value> {
    let mut fields = Map::new();
    for attribute in element.attributes() {
        let attribute = attribute.ok()?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        fields.insert(attribute.key.as_ref().to_owned(), Value::from(value.into_owned()));
    }
    Some(Value::Object(fields))
}
