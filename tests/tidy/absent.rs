//! What is nowhere: SQL outside of the store, panics, results thrown away, other people's names for
//! things that have one.

use crate::{none, product, sources};

/// Lines of the product that hold one of these words.
fn lines_with(words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources(&["functions", "shared"], ".rs") {
        let told = allowed.iter().any(|path| source.path.starts_with(path));
        if told || !source.path.contains("/src/") {
            continue;
        }
        for (i, line) in product(&source).lines().enumerate() {
            let code = line.trim_start();
            let found =
                words.iter().filter(|word| !code.starts_with("//") && code.contains(**word));
            faults.extend(found.map(|word| format!("{}:{}: {word}", source.path, i + 1)));
        }
    }
    faults
}

#[test]
fn sql_is_only_in_the_store() {
    let words = [
        "\"select ",
        "\"insert ",
        "\"update ",
        "\"delete ",
        "\"create ",
        "\"with ",
        "from json_each",
    ];
    none(lines_with(&words, &["shared/store/"]));
}

#[test]
fn nothing_in_the_product_can_panic_on_purpose() {
    let words = [
        ".unwrap()",
        ".expect(",
        "panic!(",
        "unreachable!(",
        "todo!(",
        "unimplemented!(",
        " assert!(",
        "assert_eq!(",
        "process::exit",
    ];
    none(lines_with(&words, &[]));
}

#[test]
fn no_answer_is_thrown_away() {
    none(lines_with(&["let _ ="], &[]));
}

#[test]
fn nobody_opens_a_transaction() {
    let mut faults = lines_with(&["\"begin", "\"commit;", "\"rollback", "savepoint"], &[]);
    for source in sources(&["shared/store/src/migrations"], ".sql") {
        let word = |line: &str| ["begin;", "begin transaction", "commit;"].contains(&line.trim());
        faults.extend(source.text.lines().filter(|line| word(line)).map(str::to_owned));
    }
    none(faults);
}

#[test]
fn every_module_says_what_it_is() {
    let silent = sources(&["functions", "shared", "tests"], ".rs");
    let silent = silent.into_iter().filter(|source| !source.text.starts_with("//! "));
    none(silent.map(|source| format!("{} has no head", source.path)).collect());
}

/// A crate may say that it has no tests in its modules, so that no harness is built for it. Then
/// one that was put there would not run.
#[test]
fn no_test_is_left_out_silently() {
    let mut faults = Vec::new();
    for manifest in sources(&["functions", "shared"], "Cargo.toml") {
        if !manifest.text.contains("test = false") {
            continue;
        }
        let modules = manifest.path.replace("Cargo.toml", "src");
        for source in sources(&[&modules], ".rs") {
            if source.text.contains("#[test]") || source.text.contains("#[cfg(test)]") {
                faults.push(format!("{}: is never run, see {}", source.path, manifest.path));
            }
        }
    }
    none(faults);
}
