//! How the code must read, as far as a machine can tell: sizes, arrows, names, and what is absent.
#![cfg(test)]

mod absent;
mod arrows;
mod described;
mod names;
mod sizes;

use std::fs;
use std::path::{Path, PathBuf};

/// A file, by its path from the root of the workspace.
struct Source {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Folders right under `path`, by name.
fn folders(path: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let folder = |entry: fs::DirEntry| {
        entry.path().is_dir().then(|| entry.file_name().to_string_lossy().into_owned())
    };
    let mut names: Vec<String> = entries.filter_map(|entry| folder(entry.unwrap())).collect();
    names.sort();
    names
}

/// All files under some folders whose names end so. What a build made is none of ours.
fn sources(under: &[&str], ending: &str) -> Vec<Source> {
    let (mut found, mut open) = (Vec::new(), Vec::new());
    open.extend(under.iter().map(|path| (*path).to_owned()));
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(root().join(&path)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{path}/{name}");
            if entry.path().is_dir() && name != "target" && !name.starts_with('.') {
                open.push(path);
            } else if path.ends_with(ending) {
                found.push(Source { text: read(&path), path });
            }
        }
    }
    assert!(!found.is_empty(), "nothing ends in {ending} under {under:?}");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The part of a module that is not its tests.
fn product(source: &Source) -> &str {
    source.text.split("#[cfg(test)]").next().unwrap_or_default()
}

/// Fails with all faults at once.
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
