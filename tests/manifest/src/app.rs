//! The manifest as written: Spin's manifest format, version 2, as far as Orderflow uses it.
//!
//! Parsing refuses what would fail later: another version, a trigger or a template that names
//! something that isn't there. Fields that only a build reads are kept out.

use crate::{Router, Template, check_name};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A parsed `spin.toml`.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    spin_manifest_version: u32,
    /// Who this is.
    pub application: Application,
    /// The application's variables, by name.
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    trigger: Triggers,
    /// The components, by id.
    #[serde(default)]
    pub component: BTreeMap<String, Component>,
}

/// `[application]`.
#[derive(Debug, Clone, Deserialize)]
pub struct Application {
    /// The application's name.
    pub name: String,
    /// Its version, if it says one.
    #[serde(default)]
    pub version: String,
}

/// One line of `[variables]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Variable {
    /// The value if nobody gives another.
    pub default: Option<String>,
    /// Whether somebody has to give a value.
    #[serde(default)]
    pub required: bool,
    /// Whether the value must not be shown.
    #[serde(default)]
    pub secret: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct Triggers {
    #[serde(default)]
    http: Vec<Trigger>,
}

/// One `[[trigger.http]]`.
#[derive(Debug, Clone, Deserialize)]
pub struct Trigger {
    /// Where it listens.
    pub route: Route,
    /// The id of the component that answers.
    pub component: String,
}

/// The route of a trigger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Route {
    /// A pattern, as written.
    Public(String),
    /// `{ private = true }`: nobody outside can reach it.
    Private {
        /// Spin accepts only `true`.
        private: bool,
    },
}

/// One `[component.id]`.
#[derive(Debug, Clone, Deserialize)]
pub struct Component {
    /// The wasm file, relative to the manifest.
    pub source: PathBuf,
    /// The databases it may open.
    #[serde(default)]
    pub sqlite_databases: Vec<String>,
    /// The key-value stores it may open.
    #[serde(default)]
    pub key_value_stores: Vec<String>,
    /// Whom it may call; entries are templates.
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    /// Its variables, by name; values are templates.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Its environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    build: Option<Build>,
}

#[derive(Debug, Clone, Deserialize)]
struct Build {
    command: Command,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Command {
    One(String),
    Many(Vec<String>),
}

/// Why a manifest can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file can't be read.
    #[error("could not read the manifest {path}: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The text isn't a manifest.
    #[error("could not parse the manifest: {0}")]
    Parse(toml::de::Error),
    /// It contradicts itself.
    #[error("the manifest is wrong: {0}")]
    Wrong(String),
}

impl Manifest {
    /// Reads and checks the manifest at `path`.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path)
            .map_err(|reason| ManifestError::Read { path: path.into(), reason })?;
        Self::parse(&text)
    }

    /// Parses and checks the text of a manifest.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(ManifestError::Parse)?;
        manifest.check().map_err(ManifestError::Wrong)?;
        Ok(manifest)
    }

    /// The HTTP triggers in the manifest's order.
    pub fn triggers(&self) -> &[Trigger] {
        &self.trigger.http
    }

    /// The router over the public routes.
    pub fn router(&self) -> Router {
        Router::new(self.triggers().iter().filter_map(|trigger| match &trigger.route {
            Route::Public(route) => Some((route.as_str(), trigger.component.as_str())),
            Route::Private { .. } => None,
        }))
    }

    fn check(&self) -> Result<(), String> {
        if self.spin_manifest_version != 2 {
            return Err(format!("spin_manifest_version {}, not 2", self.spin_manifest_version));
        }
        for trigger in self.triggers() {
            if !self.component.contains_key(&trigger.component) {
                return Err(format!("a trigger names the unknown component {}", trigger.component));
            }
            if trigger.route == (Route::Private { private: false }) {
                return Err(format!("the route of {} has private = false", trigger.component));
            }
        }
        for name in self.variables.keys() {
            check_name(name)?;
        }
        for (id, component) in &self.component {
            for name in component.variables.keys() {
                check_name(name).map_err(|fault| format!("component {id}: {fault}"))?;
            }
            for text in component.variables.values().chain(&component.allowed_outbound_hosts) {
                self.check_template(text).map_err(|fault| format!("component {id}: {fault}"))?;
            }
        }
        Ok(())
    }

    fn check_template(&self, text: &str) -> Result<(), String> {
        let template = Template::parse(text).map_err(|fault| fault.to_string())?;
        match template.names().find(|name| !self.variables.contains_key(*name)) {
            Some(name) => Err(format!("{text:?} names the unknown variable {name}")),
            None => Ok(()),
        }
    }
}

impl Component {
    /// The commands that build it, in order.
    pub fn build_commands(&self) -> &[String] {
        match self.build.as_ref().map(|build| &build.command) {
            Some(Command::One(command)) => std::slice::from_ref(command),
            Some(Command::Many(commands)) => commands,
            None => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "small"
        version = "1.0.0"
        [variables]
        token = { required = true, secret = true }
        [[trigger.http]]
        route = "/a/..."
        component = "a"
        [[trigger.http]]
        route = { private = true }
        component = "a"
        [component.a]
        source = "a.wasm"
        sqlite_databases = ["default"]
        [component.a.variables]
        token = "{{ token }}"
        [component.a.build]
        command = "cargo build"
    "#;

    #[test]
    fn a_manifest_says_who_does_what_with_which_rights() {
        let manifest = Manifest::parse(SMALL).unwrap();
        let a = &manifest.component["a"];
        assert_eq!(manifest.application.name, "small");
        assert_eq!(a.sqlite_databases, ["default"]);
        assert_eq!(a.build_commands(), ["cargo build"]);
        assert!(a.key_value_stores.is_empty());
        assert_eq!(manifest.triggers().len(), 2);
    }

    #[test]
    fn a_private_route_cannot_be_reached() {
        let manifest = Manifest::parse(SMALL).unwrap();
        assert!(manifest.router().find("/a/b").is_some());
        assert!(manifest.router().find("/private").is_none());
    }

    #[test]
    fn a_contradiction_is_refused() {
        for (good, bad) in [
            ("spin_manifest_version = 2", "spin_manifest_version = 1"),
            ("component = \"a\"", "component = \"b\""),
            ("private = true", "private = false"),
            ("{{ token }}", "{{ tokens }}"),
            ("{{ token }}", "{{ token"),
            ("token = {", "Token = {"),
        ] {
            let text = SMALL.replace(good, bad);
            assert!(Manifest::parse(&text).is_err(), "{bad}");
        }
    }
}
