//! Hard limits. Whoever meets one has found two things in one place.

use crate::{Source, none, read, sources};

const FN: usize = 70;
const LINE: usize = 100;

fn longer(files: &[Source], limit: usize) -> Vec<String> {
    let too_long = files.iter().filter(|source| source.text.lines().count() > limit);
    too_long
        .map(|s| format!("{}: {} lines, {limit} at most", s.path, s.text.lines().count()))
        .collect()
}

#[test]
fn a_function_fits_on_a_screen_and_a_half() {
    let all = sources(&["functions"], "lib.rs");
    let libs: Vec<Source> = all.into_iter().filter(|s| s.path.ends_with("src/lib.rs")).collect();
    none(longer(&libs, 200));
}

#[test]
fn a_module_is_about_one_thing() {
    none(longer(&sources(&["shared", "functions"], ".rs"), 400));
}

#[test]
fn a_story_is_told_in_one_sitting() {
    none(longer(&sources(&["tests/stories"], ".rs"), 300));
}

#[test]
fn the_readme_is_read_to_its_end() {
    assert!(read("README.md").lines().count() <= 250);
}

#[test]
fn a_line_is_seen_as_a_whole() {
    let mut files = sources(&["functions", "shared", "tests"], ".rs");
    files.extend(sources(&["shared"], ".sql"));
    let mut faults = Vec::new();
    for source in &files {
        for (i, line) in source.text.lines().enumerate() {
            if line.chars().count() > LINE {
                faults.push(format!("{}:{}: over {LINE} characters", source.path, i + 1));
            }
        }
    }
    none(faults);
}

#[test]
fn a_fn_does_one_thing() {
    let mut faults = Vec::new();
    for source in sources(&["functions", "shared", "tests"], ".rs") {
        let lines: Vec<&str> = source.text.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            let length = length_of_fn(&lines[i..]);
            if length > FN {
                faults.push(format!("{}:{}: {length} lines: {}", source.path, i + 1, line.trim()));
            }
        }
    }
    none(faults);
}

/// Lines of the function that begins on the first line; 0 if none begins there. The code is
/// formatted, so a function ends at a brace that is indented like its beginning.
fn length_of_fn(lines: &[&str]) -> usize {
    let begin = lines[0].trim_start();
    let parts = ["pub(crate)", "pub(super)", "pub", "const", "async", "unsafe"];
    let mut words = begin.split_whitespace().skip_while(|word| parts.contains(word));
    let is_fn = words.next() == Some("fn");
    if !is_fn || begin.starts_with("//") || begin.ends_with(';') || begin.ends_with('}') {
        return 0;
    }
    let indent = &lines[0][..lines[0].len() - begin.len()];
    let (brace, declared) = (format!("{indent}}}"), format!("{indent})"));
    let ends = |line: &str| line == brace || line.starts_with(&declared) && line.ends_with(';');
    lines.iter().position(|line| ends(line)).map_or(0, |at| at + 1)
}

#[test]
fn the_length_of_a_fn_is_counted_from_its_name_to_its_brace() {
    let count = |text: &str| length_of_fn(&text.lines().collect::<Vec<_>>());
    assert_eq!(count("fn a() {\n    b();\n}"), 3);
    assert_eq!(count("    pub async fn a(\n        b: u8,\n    ) -> u8 {\n        b\n    }"), 5);
    assert_eq!(count("fn a();\n}"), 0);
    assert_eq!(count("// fn a() {\n}"), 0);
}
