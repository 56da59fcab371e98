//! Who may know whom. A function knows the shared crates and no other function; the domain knows
//! nobody and nothing that could tell it the time.

use crate::{folders, none, read, sources};
use std::collections::BTreeSet;
use toml::{Table, Value};

/// Each shared crate, and which of ours it may know.
const SHARED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("carriers", &["domain"]),
    ("gateways", &["domain"]),
    ("labels", &["domain"]),
    ("messages", &["domain"]),
    ("store", &["domain"]),
    ("edge", &["domain", "store"]),
];
/// What a function may know.
const OF_FUNCTIONS: &[&str] =
    &["carriers", "domain", "edge", "gateways", "labels", "messages", "store"];

/// Dependencies of a crate, for every target; the flag says that it is one for Wasm only.
fn dependencies(folder: &str) -> Vec<(String, bool)> {
    let manifest: Table = toml::from_str(&read(&format!("{folder}/Cargo.toml"))).unwrap();
    let names = |table: &Table, wasm: bool| -> Vec<(String, bool)> {
        let found = table.get("dependencies").and_then(Value::as_table).into_iter().flatten();
        found.map(|(name, _)| (name.clone(), wasm)).collect()
    };
    let mut all = names(&manifest, false);
    for (target, table) in manifest.get("target").and_then(Value::as_table).into_iter().flatten() {
        let wasm = target == "cfg(target_family = \"wasm\")";
        all.extend(names(table.as_table().unwrap(), wasm));
    }
    all
}

fn ours() -> BTreeSet<String> {
    let mut names = BTreeSet::from_iter(folders("functions"));
    names.extend(folders("shared"));
    names.extend(folders("tests"));
    names
}

fn strangers(folder: &str, allowed: &[&str]) -> Vec<String> {
    let ours = ours();
    let known = dependencies(folder).into_iter().map(|(name, _)| name);
    let wrong = known.filter(|name| ours.contains(name) && !allowed.contains(&name.as_str()));
    wrong.map(|name| format!("{folder} must not know {name}")).collect()
}

#[test]
fn a_function_knows_shared_crates_and_no_other_function() {
    let functions = folders("functions");
    let all = functions.iter().map(|name| strangers(&format!("functions/{name}"), OF_FUNCTIONS));
    none(all.flatten().collect());
}

#[test]
fn a_shared_crate_knows_only_those_below_it() {
    let listed: Vec<String> = SHARED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let missing = folders("shared").into_iter().filter(|name| !listed.contains(name));
    let mut faults: Vec<String> =
        missing.map(|name| format!("shared/{name} has no arrows")).collect();
    for (name, allowed) in SHARED {
        faults.extend(strangers(&format!("shared/{name}"), allowed));
    }
    none(faults);
}

#[test]
fn the_domain_has_no_clock_no_chance_and_no_waiting() {
    let crates = ["chrono", "futures", "getrandom", "http", "rand", "rusqlite", "time", "tokio"];
    let known = dependencies("shared/domain").into_iter().map(|(name, _)| name);
    let wrong = known.filter(|name| crates.contains(&name.as_str()) || name == "spin-sdk");
    let mut faults: Vec<String> = wrong.map(|name| format!("the domain knows {name}")).collect();
    let words = [
        "std::time",
        "SystemTime",
        "Instant",
        "async ",
        ".await",
        "std::env",
        "std::fs",
        "std::net",
    ];
    for source in sources(&["shared/domain/src"], ".rs") {
        for (i, line) in crate::product(&source).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let found = words.iter().filter(|word| code.contains(**word));
            faults.extend(found.map(|word| format!("{}:{}: {word}", source.path, i + 1)));
        }
    }
    none(faults);
}

#[test]
fn spins_sdk_is_for_wasm_only_and_only_at_the_edge() {
    let mut faults = Vec::new();
    let mut all: Vec<String> =
        folders("functions").iter().map(|n| format!("functions/{n}")).collect();
    all.extend(folders("shared").iter().map(|name| format!("shared/{name}")));
    for folder in all {
        let sdk = dependencies(&folder).into_iter().filter(|(name, _)| name == "spin-sdk");
        let right = folder == "shared/edge" || folder.starts_with("functions/");
        faults.extend(sdk.filter(|(_, wasm)| !(*wasm && right)).map(|_| folder.clone()));
    }
    none(faults);
}
