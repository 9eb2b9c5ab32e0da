//! The line that is being typed at a shell, split as bash does, and the insertion of a word.

/// A line up to the cursor.
#[derive(Debug, PartialEq, Eq)]
pub struct TypedLine {
    /// The words, without their quotes; the last one is being typed, and may be empty.
    pub words: Vec<String>,
    /// The quote that is open at the cursor.
    quote: Option<char>,
    /// How much of the last word, as typed, the shell treats as a separate word.
    kept: String,
}

impl TypedLine {
    /// Takes a line apart. Outside quotes, each character of `breaks` begins the part that the shell replaces
    /// (`COMP_WORDBREAKS`).
    pub fn parse(text: &str, breaks: &str) -> TypedLine {
        let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
        let (mut typed, mut kept) = (String::new(), String::new());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            typed.push(c);
            match (quote, c) {
                (None, ' ' | '\t' | '\n') => {
                    words.extend(word.take());
                    typed.clear();
                    kept.clear();
                }
                (None, '\'' | '"') => {
                    quote = Some(c);
                    word.get_or_insert_default();
                }
                (Some(open), c) if open == c => quote = None,
                (None | Some('"'), '\\') => {
                    if let Some(next) = chars.next() {
                        typed.push(next);
                        let is_kept = quote.is_some() && !"$`\"\\".contains(next);
                        word.get_or_insert_default().extend(is_kept.then_some('\\').into_iter().chain([next]));
                    }
                }
                (_, c) => {
                    word.get_or_insert_default().push(c);
                    if quote.is_none() && breaks.contains(c) {
                        kept.clone_from(&typed);
                    }
                }
            }
        }
        words.push(word.unwrap_or_default());
        TypedLine { words, quote, kept }
    }

    /// Returns the text that the shell should replace the typed word with, so that it reads `word`.
    pub fn completed(&self, word: &str) -> String {
        let quoted = match self.quote {
            Some('\'') => word.replace('\'', r"'\''"),
            Some(_) => escaped(word, |c| "$`\"\\".contains(c)),
            None => escaped(word, |c| c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-./:=@%+,".contains(c)),
        };
        quoted.strip_prefix(&self.kept).map(str::to_owned).unwrap_or(quoted)
    }
}

fn escaped(word: &str, is_special: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(word.len() + 8);
    for c in word.chars() {
        if is_special(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = " \t\n\"'@><=;|&(:";

    #[test]
    fn words_are_what_the_command_would_get() {
        for (text, words) in [
            ("i3 pub ", vec!["i3", "pub", ""]),
            ("i3 pub --device 'alice$par", vec!["i3", "pub", "--device", "alice$par"]),
            (r"i3 pub --device alice\$par", vec!["i3", "pub", "--device", "alice$par"]),
            (r#"i3 -m "a \$b \n" ''"#, vec!["i3", "-m", r"a $b \n", ""]),
            ("i3", vec!["i3"]),
        ] {
            assert_eq!(TypedLine::parse(text, BREAKS).words, words, "{text}");
        }
    }

    #[test]
    fn a_word_is_put_in_as_it_is_quoted_there() {
        let device = "alice$parking$lot1";
        for (text, completed) in [
            ("i3 pub --device al", r"alice\$parking\$lot1"),
            ("i3 pub --device 'al", "alice$parking$lot1"),
            ("i3 pub --device \"al", r"alice\$parking\$lot1"),
        ] {
            assert_eq!(TypedLine::parse(text, BREAKS).completed(device), completed, "{text}");
        }
        let given = TypedLine::parse("i3 pub --device=al", BREAKS);
        assert_eq!(given.completed("--device=alice$parking$lot1"), r"alice\$parking\$lot1");
        let url = TypedLine::parse("i3 --market http://h", BREAKS);
        assert_eq!(url.completed("http://host:80"), "//host:80");
        assert_eq!(TypedLine::parse("i3 x", "").completed("a b;c'd"), r"a\ b\;c\'d");
        assert_eq!(TypedLine::parse("i3 'x", "").completed("it's"), r"it'\''s");
    }
}
