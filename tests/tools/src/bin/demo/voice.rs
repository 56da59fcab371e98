//! How the demo speaks: numbered steps, who does what, and what is so afterwards.

/// Columns of a line.
const WIDTH: usize = 100;
/// Columns of the name of who does something.
const WHO: usize = 18;

/// Speaks, and counts the steps.
#[derive(Debug, Default)]
pub struct Voice {
    steps: u32,
}

impl Voice {
    /// A new step.
    pub fn step(&mut self, title: &str) {
        self.steps += 1;
        println!("\n{:>2}. {title}", self.steps);
    }

    /// Somebody does something.
    pub fn did(&self, who: &str, what: &str) {
        self.say(who, "", what);
    }

    /// Something is so now.
    pub fn now(&self, what: &str) {
        self.say("", "-> ", what);
    }

    fn say(&self, who: &str, mark: &str, what: &str) {
        let indent = 4 + WHO + 1 + mark.len();
        let mut lines = wrapped(what, WIDTH - indent).into_iter();
        println!("    {who:<WHO$} {mark}{}", lines.next().unwrap_or_default());
        for line in lines {
            println!("{}{line}", " ".repeat(indent));
        }
    }
}

/// Breaks a text between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let fits = |line: &String| line.chars().count() + word.chars().count() < width;
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if fits(line) => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("incomprehensible", 4), ["incomprehensible"]);
    }
}
