//! One name for one thing: folder, crate, component, row of the README; and every invariant that
//! the README promises names the test that holds it.

use crate::{folders, none, read, sources};
use manifest::Manifest;

#[test]
fn a_function_has_one_name_everywhere() {
    let manifest = Manifest::parse(&read("spin.toml")).unwrap();
    let functions = folders("functions");
    let components: Vec<String> = manifest.component.keys().cloned().collect();
    assert_eq!(functions, components, "folders of functions/, and components of spin.toml");
    let readme = read("README.md");
    let mut faults = Vec::new();
    for name in functions {
        let cargo = read(&format!("functions/{name}/Cargo.toml"));
        if !cargo.contains(&format!("name = \"{name}\"\n")) {
            faults.push(format!("the crate in functions/{name} has another name"));
        }
        let source = manifest.component[&name].source.to_string_lossy().into_owned();
        if !source.ends_with(&format!("/{}.wasm", name.replace('-', "_"))) {
            faults.push(format!("component {name} is made of {source}"));
        }
        if !manifest.triggers().iter().any(|trigger| trigger.component == name) {
            faults.push(format!("component {name} has no route"));
        }
        if !readme.contains(&format!("\n| `{name}` |")) {
            faults.push(format!("README.md has no row for {name}"));
        }
        let head = read(&format!("functions/{name}/src/lib.rs"));
        if !head.starts_with(&format!("//! {name}: ")) {
            faults.push(format!("functions/{name}/src/lib.rs does not say what {name} is"));
        }
    }
    none(faults);
}

/// Names in backticks that could be tests.
fn tests_named_in(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let name = |text: &&str| {
        text.contains('_') && text.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    };
    quoted.filter(name).collect()
}

#[test]
fn every_invariant_of_the_readme_names_a_test_that_exists() {
    let readme = read("README.md");
    let (_, section) = readme.split_once("\n## Invariants").expect("a section on invariants");
    let section = section.split("\n## ").next().unwrap();
    let code = sources(&["functions", "shared", "tests"], ".rs");
    let exists = |name: &str| {
        let tells = |text: &str| text.contains("#[test]") || text.contains("stories! {");
        code.iter().any(|s| s.text.contains(&format!("fn {name}(")) && tells(&s.text))
    };
    let mut faults = Vec::new();
    let bullets: Vec<&str> = section.split("\n- ").skip(1).collect();
    assert!(!bullets.is_empty());
    for bullet in bullets {
        let named = tests_named_in(bullet);
        if named.is_empty() {
            faults.push(format!("no test is named for: {bullet}"));
        }
        let missing = named.into_iter().filter(|name| !exists(name));
        faults.extend(missing.map(|name| format!("there is no test {name}")));
    }
    none(faults);
}

#[test]
fn every_story_is_listed() {
    let mut faults = Vec::new();
    for source in sources(&["tests/stories"], ".rs") {
        let Some((told, list)) = source.text.split_once("\nstories! {") else { continue };
        let begun = told.lines().filter_map(|line| line.strip_prefix("async fn "));
        let whole = begun.filter(|rest| rest.contains("(shop: &Shop) {"));
        let names = whole.filter_map(|rest| rest.split('(').next());
        // Those that others begin with are no stories of their own.
        let names = names.filter(|name| !told.contains(&format!("    {name}(shop).await")));
        let forgotten = names.filter(|name| !list.contains(&format!("\n    {name}\n")));
        faults.extend(forgotten.map(|name| format!("{}: {name} is told nowhere", source.path)));
    }
    none(faults);
}
