//! Spin's string templates: text with `{{ name }}` in it.
//!
//! There is nothing else in them: no filters, no defaults, no escapes.

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(String),
}

/// Why a text isn't a template.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{{` without `}}`.
    #[error("unmatched '{{{{' in the template {0:?}")]
    Unmatched(String),
}

impl Template {
    /// Parses `text`.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut left = text;
        while let Some((before, after)) = left.split_once("{{") {
            let (name, rest) =
                after.split_once("}}").ok_or_else(|| TemplateError::Unmatched(text.to_owned()))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Name(name.trim().to_owned()));
            left = rest;
        }
        if !left.is_empty() {
            parts.push(Part::Text(left.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The names it asks for, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Name(name) => Some(name.as_str()),
        })
    }

    /// The text with each name replaced by `value(name)`.
    pub fn render<'v, E>(
        &self,
        mut value: impl FnMut(&str) -> Result<&'v str, E>,
    ) -> Result<String, E> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Name(name) => text.push_str(value(name)?),
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str) -> Result<String, String> {
        let template = Template::parse(text).map_err(|fault| fault.to_string())?;
        template.render(|name| match name {
            "host" => Ok("example.com"),
            "port" => Ok("443"),
            "empty" => Ok(""),
            other => Err(format!("no {other}")),
        })
    }

    #[test]
    fn names_are_replaced_by_values() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("{{ host }}", "example.com"),
            ("https://{{host}}:{{ port }}/", "https://example.com:443/"),
            ("{{ empty }}", ""),
        ] {
            assert_eq!(render(text).unwrap(), expected);
        }
    }

    #[test]
    fn an_unknown_name_and_an_open_brace_are_refused() {
        assert_eq!(render("{{ other }}"), Err("no other".to_owned()));
        assert!(render("{{ host }} {{ port").is_err());
    }
}
