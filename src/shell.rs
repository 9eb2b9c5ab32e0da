//! The effect of a shell on a device password that the marketplace passes to it unquoted (I3 facts §3). Nothing is ever
//! run here.

/// The shell's result for a value.
#[derive(Debug, PartialEq, Eq)]
pub struct ShellOutcome {
    /// The text that reaches the hashing command: the first word, if the line could be parsed. An empty text is a
    /// password, too.
    pub password: String,
    /// The commands that would have run on the server, as far as they are known.
    pub commands: Vec<String>,
}

/// A word that can be pasted into a shell.
pub fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%:,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.into()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Reads `value` as `sh` reads the rest of a command line.
///
/// Letters, digits, `._-+/=@:,%*?!~^[]{}` and everything that is not ASCII survive; `#` does, except at the front. Globs
/// and `~name` are assumed to match nothing, and all variables to be unset.
pub fn simulate_shell(value: &str) -> ShellOutcome {
    let mut line = ShellLine { rest: value.chars().peekable(), commands: Vec::new() };
    let words = line.words();
    let ShellLine { rest, mut commands } = line;
    let remainder: String = rest.collect();
    let remainder = remainder.trim();
    match words {
        // A line that cannot be parsed runs nothing at all, not even the part before the error.
        Err(Unreadable) => ShellOutcome { password: String::new(), commands: Vec::new() },
        Ok(words) => {
            if !remainder.is_empty() {
                commands.push(remainder.into());
            }
            ShellOutcome { password: words.into_iter().next().unwrap_or_default(), commands }
        }
    }
}

/// A quote that is not closed, a stray parenthesis, a redirection to nowhere.
struct Unreadable;

/// Where the output of the hashing command goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    /// To the server.
    Read,
    Lost,
}

impl Output {
    fn and(self, before: Output) -> Output {
        if self == Output::Lost { self } else { before }
    }
}

struct ShellLine<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    commands: Vec<String>,
}

impl ShellLine<'_> {
    /// The words up to the end of this command; what comes after it stays in `rest`.
    fn words(&mut self) -> Result<Vec<String>, Unreadable> {
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        let mut output = Output::Read;
        while let Some(c) = self.rest.next() {
            let text = match c {
                ' ' | '\t' => {
                    words.extend(word.take());
                    continue;
                }
                '#' if word.is_none() => {
                    self.skip(|_| true);
                    break;
                }
                ';' | '&' | '|' | '\n' => {
                    output = self.separator(c)?.and(output);
                    break;
                }
                '(' | ')' => return Err(Unreadable),
                '<' | '>' => {
                    words.extend(word.take());
                    self.redirection()?;
                    output = Output::Lost;
                    continue;
                }
                '\'' => self.until('\'')?,
                '"' => self.double_quoted()?,
                '\\' => match self.rest.next() {
                    Some(next) => next.into(),
                    None => continue,
                },
                '$' | '`' => match self.expansion(c)? {
                    // An expansion to nothing does not make a word.
                    nothing if nothing.is_empty() => continue,
                    text => text,
                },
                c => c.into(),
            };
            word.get_or_insert_default().push_str(&text);
        }
        words.extend(word);
        Ok(if output == Output::Lost { Vec::new() } else { words })
    }

    fn skip(&mut self, these: impl Fn(char) -> bool) {
        while self.rest.next_if(|c| these(*c)).is_some() {}
    }

    /// Reads what follows the character that ends a command. Returns where the command's output goes.
    fn separator(&mut self, c: char) -> Result<Output, Unreadable> {
        let is_doubled = matches!(c, '&' | '|') && self.rest.next_if_eq(&c).is_some();
        self.skip(|c| " \t\n".contains(c));
        match self.rest.peek() {
            Some(';' | '&' | '|') => return Err(Unreadable),
            None if is_doubled || c == '|' => return Err(Unreadable),
            _ => {}
        }
        if is_doubled && c == '|' {
            // The command for a failure is not run, because hashing succeeds.
            self.skip(|c| !";&\n".contains(c));
            self.skip(|c| ";& \n".contains(c));
        }
        // If it is piped or in the background, it never reaches the server.
        Ok(if matches!(c, '|' | '&') && !is_doubled { Output::Lost } else { Output::Read })
    }

    /// Reads the target of a redirection.
    fn redirection(&mut self) -> Result<(), Unreadable> {
        self.skip(|c| matches!(c, ' ' | '<' | '>'));
        let is_target = |c: &char| !" \t\n;&|<>()".contains(*c);
        self.rest.next_if(is_target).ok_or(Unreadable)?;
        self.skip(|c| is_target(&c));
        Ok(())
    }

    fn until(&mut self, end: char) -> Result<String, Unreadable> {
        let mut text = String::new();
        for c in self.rest.by_ref() {
            if c == end {
                return Ok(text);
            }
            text.push(c);
        }
        Err(Unreadable)
    }

    fn double_quoted(&mut self) -> Result<String, Unreadable> {
        let mut text = String::new();
        while let Some(c) = self.rest.next() {
            match c {
                '"' => return Ok(text),
                '\\' => match self.rest.next() {
                    Some(next @ ('$' | '`' | '"' | '\\')) => text.push(next),
                    Some(next) => text.extend(['\\', next]),
                    None => return Err(Unreadable),
                },
                '$' | '`' => text.push_str(&self.expansion(c)?),
                c => text.push(c),
            }
        }
        Err(Unreadable)
    }

    /// The replacement for `$…` or a back-quoted command: nothing, because neither is ever run or looked up. A single `$`
    /// stays.
    fn expansion(&mut self, first: char) -> Result<String, Unreadable> {
        if first == '`' {
            let command = self.until('`')?;
            self.commands.push(command);
            return Ok(String::new());
        }
        match self.rest.peek() {
            Some('(') => {
                self.rest.next();
                let mut command = String::new();
                let mut depth = 1;
                for c in self.rest.by_ref() {
                    match c {
                        '(' => depth += 1,
                        ')' => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        self.commands.push(command);
                        return Ok(String::new());
                    }
                    command.push(c);
                }
                Err(Unreadable)
            }
            Some('{') => {
                self.rest.next();
                self.until('}').map(|_| String::new())
            }
            Some(c) if c.is_ascii_digit() || "?!*@#$-".contains(*c) => {
                self.rest.next();
                Ok(String::new())
            }
            Some(c) if c.is_ascii_alphabetic() || *c == '_' => {
                while self.rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_').is_some() {}
                Ok(String::new())
            }
            _ => Ok("$".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn becomes(value: &str) -> (String, Vec<String>) {
        let ShellOutcome { password, commands } = simulate_shell(value);
        (password, commands)
    }

    #[test]
    fn harmless_characters_survive() {
        for value in ["abcXYZ019", "a._-+/=@:,%#*?!~^[]{}z", "größe€", "a#b", "~nobody"] {
            assert_eq!(becomes(value), (value.into(), vec![]), "{value}");
        }
    }

    #[test]
    fn the_shell_makes_another_password_or_none() {
        for (value, password) in [
            ("two words", "two"),
            ("it's", ""),
            ("'quoted text'", "quoted text"),
            ("\"in $HOME x\"", "in  x"),
            ("back\\slash", "backslash"),
            ("cost$5", "cost"),
            ("${HOME}x", "x"),
            ("#secret", ""),
            ("a(b)", ""),
            ("secret>file", ""),
            ("secret<", ""),
            ("tail$", "tail$"),
            ("open\"", ""),
        ] {
            assert_eq!(becomes(value), (password.into(), vec![]), "{value}");
        }
    }

    #[test]
    fn what_joins_commands_is_read_as_sh_reads_it() {
        for value in [
            "pass||word",
            "pass || echo word",
            "pass||echo word; echo more",
            "pass||echo word && echo more",
            "pass&&echo word",
            "pass && echo word",
            "pass;echo word",
            "pass;",
            "pass||",
            "pass && ",
            "pass|",
            "pass|||word",
            "pass&&&word",
            "pass;;word",
            "pass;&word",
        ] {
            let line = format!("printf '%s\\n' {value}");
            let output = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
            let output = String::from_utf8(output.stdout).unwrap();
            let mut lines = output.lines();
            let (password, commands) = becomes(value);
            assert_eq!(password, lines.next().unwrap_or_default(), "{value}");
            assert_eq!(commands.is_empty(), lines.next().is_none(), "{value}: {commands:?}");
        }
    }

    #[test]
    fn commands_are_recorded_and_never_run() {
        let mark = std::env::temp_dir().join(format!("i3-shell-{:x}", rand::random::<u64>()));
        let touch = format!("touch {}", mark.display());
        assert_eq!(becomes(&format!("secret;{touch}")), ("secret".into(), vec![touch.clone()]));
        assert_eq!(becomes(&format!("secret|{touch}")), (String::new(), vec![touch.clone()]));
        assert_eq!(becomes(&format!("secret&{touch}")), (String::new(), vec![touch.clone()]));
        assert_eq!(becomes(&format!("a$({touch})b")), ("ab".into(), vec![touch.clone()]));
        assert_eq!(becomes(&format!("a`{touch}`")), ("a".into(), vec![touch]));
        assert!(!mark.exists());
    }
}
