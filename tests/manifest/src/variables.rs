//! Values of the application's variables.
//!
//! Who gives a value, first come first served: the command line, the process environment, the
//! environment file, the manifest's default. All are known at start; nothing changes later.

use crate::{AllowedHosts, Component, HostError, Manifest, Template};
use std::collections::BTreeMap;

const PREFIX: &str = "SPIN_VARIABLE_";

/// Everybody who can give values, except the manifest.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    /// From the command line, by variable name.
    pub flags: BTreeMap<String, String>,
    /// From the process, by environment name (`SPIN_VARIABLE_…`).
    pub environment: BTreeMap<String, String>,
    /// From the environment file, by environment name.
    pub file: BTreeMap<String, String>,
}

impl Providers {
    /// The value of the variable `name`, if anybody gives one.
    pub fn value(&self, name: &str) -> Option<&str> {
        let key = format!("{PREFIX}{}", name.to_ascii_uppercase());
        let found = self.flags.get(name).or_else(|| self.environment.get(&key));
        found.or_else(|| self.file.get(&key)).map(String::as_str)
    }
}

/// Why variables can't be resolved.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// Required and nowhere given.
    #[error(
        "no value for the required variable{} {}: give it with --variable {}=…, with \
         SPIN_VARIABLE_{} in the environment, or with that line in the environment file",
        if .0.len() == 1 { "" } else { "s" },
        .0.join(", "),
        .0.first().map_or("name", String::as_str),
        .0.first().map_or("name", String::as_str).to_ascii_uppercase()
    )]
    Missing(Vec<String>),
    /// A template that can't be rendered.
    #[error("could not render {text:?}: {reason}")]
    Template {
        /// The template.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A host pattern that is none.
    #[error("could not read allowed_outbound_hosts: {0}")]
    Hosts(HostError),
}

/// The application's variables, each with its value.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    values: BTreeMap<String, String>,
}

impl Variables {
    /// Finds the value of each variable of the manifest.
    pub fn resolve(manifest: &Manifest, providers: &Providers) -> Result<Self, VariableError> {
        let mut values = BTreeMap::new();
        let mut missing = Vec::new();
        for (name, variable) in &manifest.variables {
            match providers.value(name).or(variable.default.as_deref()) {
                Some(value) => drop(values.insert(name.clone(), value.to_owned())),
                None => missing.push(name.clone()),
            }
        }
        if missing.is_empty() { Ok(Self { values }) } else { Err(VariableError::Missing(missing)) }
    }

    /// The value of an application variable.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// What `component` sees, by its own names.
    pub fn of(&self, component: &Component) -> Result<BTreeMap<String, String>, VariableError> {
        let pairs = component.variables.iter();
        pairs.map(|(name, text)| Ok((name.clone(), self.render(text)?))).collect()
    }

    /// Whom `component` may call.
    pub fn hosts_of(&self, component: &Component) -> Result<AllowedHosts, VariableError> {
        let texts = component.allowed_outbound_hosts.iter();
        let rendered: Vec<String> =
            texts.map(|text| self.render(text)).collect::<Result<_, _>>()?;
        AllowedHosts::parse(&rendered).map_err(VariableError::Hosts)
    }

    fn render(&self, text: &str) -> Result<String, VariableError> {
        let wrong = |reason: String| VariableError::Template { text: text.to_owned(), reason };
        let template = Template::parse(text).map_err(|fault| wrong(fault.to_string()))?;
        template
            .render(|name| self.value(name).ok_or_else(|| format!("unknown variable {name}")))
            .map_err(wrong)
    }
}

/// Spin's rule for variable names; the error says what is wrong.
pub fn check_name(name: &str) -> Result<(), String> {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let fault = if name.is_empty() {
        "must not be empty"
    } else if !name.chars().all(known) {
        "may contain only lower-case letters, numbers, and underscores"
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        "must start with a lowercase ASCII letter"
    } else if name.ends_with('_') {
        "must end with a lowercase ASCII letter or digit"
    } else if name.contains("__") {
        "must not contain multiple consecutive underscores"
    } else {
        return Ok(());
    };
    Err(format!("{name:?}: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "small"
        [variables]
        token = { required = true }
        base = { default = "https://example.com" }
        extra = { default = "" }
        [trigger]
        [component.a]
        source = "a.wasm"
        allowed_outbound_hosts = ["{{ base }}", "{{ extra }}"]
        [component.a.variables]
        auth = "Bearer {{ token }}"
    "#;

    fn providers(flag: &[(&str, &str)], env: &[(&str, &str)], file: &[(&str, &str)]) -> Providers {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
        };
        Providers { flags: map(flag), environment: map(env), file: map(file) }
    }

    #[test]
    fn the_first_provider_that_has_a_value_gives_it() {
        let manifest = Manifest::parse(TEXT).unwrap();
        let flag = [("token", "flag")];
        let env = [("SPIN_VARIABLE_TOKEN", "env")];
        let file = [("SPIN_VARIABLE_TOKEN", "file")];
        for (providers, expected) in [
            (providers(&flag, &env, &file), "Bearer flag"),
            (providers(&[], &env, &file), "Bearer env"),
            (providers(&[], &[], &file), "Bearer file"),
        ] {
            let variables = Variables::resolve(&manifest, &providers).unwrap();
            let seen = variables.of(&manifest.component["a"]).unwrap();
            assert_eq!(seen["auth"], expected);
        }
    }

    #[test]
    fn a_required_variable_without_a_value_is_one_line_that_says_how_to_give_it() {
        let manifest = Manifest::parse(TEXT).unwrap();
        let fault = Variables::resolve(&manifest, &Providers::default()).unwrap_err().to_string();
        assert!(fault.contains("--variable token="), "{fault}");
        assert!(fault.contains("SPIN_VARIABLE_TOKEN"), "{fault}");
        assert!(!fault.contains('\n'), "{fault}");
    }

    #[test]
    fn the_configuration_decides_which_hosts_can_be_called() {
        let manifest = Manifest::parse(TEXT).unwrap();
        let given = providers(&[("token", "t"), ("base", "http://127.0.0.1:3901")], &[], &[]);
        let variables = Variables::resolve(&manifest, &given).unwrap();
        let hosts = variables.hosts_of(&manifest.component["a"]).unwrap();
        assert!(hosts.allow("http", "127.0.0.1", Some(3901)));
        assert!(!hosts.allow("https", "example.com", None));
    }

    #[test]
    fn names_follow_spin() {
        for good in ["a", "a1", "a_b"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "1a", "a_", "a__b", "a-b"] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
