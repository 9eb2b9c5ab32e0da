//! As much of Python as the scripts of the I3-SDK need: the values of their constants, and the arguments of the calls of
//! Paho's client.

use std::collections::HashMap;

/// Most tokens of arguments or a list.
const LONGEST: usize = 4096;

/// A value that is known without running the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<Literal>),
    /// Something that only running the script would show.
    Computed,
}

impl Literal {
    /// Returns the text, unless it is another kind of value.
    pub fn text(&self) -> Option<&str> {
        if let Literal::Text(text) = self { Some(text) } else { None }
    }

    /// Returns the texts: the one, or those of a list.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Literal::List(values) => values.iter().filter_map(Literal::text).collect(),
            value => value.text().into_iter().collect(),
        }
    }
}

/// A call of a method or a class: its name, and its arguments by position and by name.
#[derive(Debug)]
pub struct Call<'s> {
    pub name: &'s str,
    positional: Vec<Literal>,
    named: HashMap<&'s str, Literal>,
}

impl Call<'_> {
    /// Returns the argument at a position, from 0, or of a name; [`None`] if it is not given.
    pub fn argument(&self, position: usize, name: &str) -> Option<&Literal> {
        self.named.get(name).or_else(|| self.positional.get(position))
    }
}

/// The contents of a script.
#[derive(Debug, Default)]
pub struct Script<'s> {
    /// The names that get a value, and the last known value of each.
    pub constants: HashMap<&'s str, Literal>,
    pub calls: Vec<Call<'s>>,
    /// All texts in it.
    pub texts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'s> {
    Name(&'s str),
    Text(String),
    Number(i64),
    Mark(char),
    EndOfLine,
}

/// Reads a script. It skips everything that it does not understand.
pub fn read(source: &str) -> Script<'_> {
    let tokens = tokens(source);
    let mut script = Script::default();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        match token {
            Token::Text(text) => script.texts.push(text.clone()),
            Token::Name(name) if next == Some(&Token::Mark('=')) && begins_statement(&tokens[..at]) => {
                let value = value(&tokens[at + 2..until_end(&tokens, at + 2)], &script.constants);
                // A placeholder, or an earlier value, is replaced at run time; the new value is unknown here.
                if value != Literal::Computed {
                    script.constants.insert(*name, value);
                }
            }
            Token::Name(name) if next == Some(&Token::Mark('(')) && !is_definition(&tokens[..at]) => {
                script.calls.push(call(name, &tokens[at + 2..], &script.constants));
            }
            _ => {}
        }
    }
    script
}

fn begins_statement(before: &[Token<'_>]) -> bool {
    matches!(before.last(), None | Some(Token::EndOfLine | Token::Mark(':' | ';')))
}

fn is_definition(before: &[Token<'_>]) -> bool {
    matches!(before.last(), Some(Token::Name("def" | "class")))
}

/// Returns where the statement ends that continues at `start`.
fn until_end(tokens: &[Token<'_>], start: usize) -> usize {
    let is_end = |token: &Token<'_>| matches!(token, Token::EndOfLine | Token::Mark(';'));
    tokens[start..].iter().position(is_end).map_or(tokens.len(), |length| start + length)
}

/// Reads the arguments of a call, up to its closing parenthesis.
fn call<'s>(name: &'s str, tokens: &[Token<'s>], constants: &HashMap<&str, Literal>) -> Call<'s> {
    let mut call = Call { name, positional: Vec::new(), named: HashMap::new() };
    for argument in parts(tokens) {
        match argument {
            [Token::Name(name), Token::Mark('='), rest @ ..] => {
                call.named.insert(*name, value(rest, constants));
            }
            [] => {}
            all => call.positional.push(value(all, constants)),
        }
    }
    call
}

/// Splits at the commas outside brackets, up to the closing bracket.
fn parts<'t, 's>(tokens: &'t [Token<'s>]) -> Vec<&'t [Token<'s>]> {
    let tokens = &tokens[..tokens.len().min(LONGEST)];
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') if depth == 0 => {
                parts.push(&tokens[start..at]);
                return parts;
            }
            Token::Mark(')' | ']' | '}') => depth -= 1,
            Token::Mark(',') if depth == 0 => {
                parts.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tokens[start..]);
    parts
}

/// Returns the value of an expression, also of a list or a tuple that is not nested.
fn value(expression: &[Token<'_>], constants: &HashMap<&str, Literal>) -> Literal {
    match expression {
        [Token::Mark('[' | '('), inner @ .., Token::Mark(']' | ')')] => {
            let values = parts(inner).into_iter().filter(|part| !part.is_empty());
            Literal::List(values.map(|part| single(part, constants)).collect())
        }
        _ => single(expression, constants),
    }
}

/// Returns the value of an expression that is not a list.
fn single(expression: &[Token<'_>], constants: &HashMap<&str, Literal>) -> Literal {
    match expression {
        [Token::Text(text)] => Literal::Text(text.clone()),
        [Token::Number(number)] => Literal::Number(*number),
        [Token::Name("True")] => Literal::Flag(true),
        [Token::Name("False")] => Literal::Flag(false),
        [Token::Name(name)] => constants.get(name).cloned().unwrap_or(Literal::Computed),
        // An element of a list.
        [Token::Name(name), Token::Mark('['), Token::Number(index), Token::Mark(']')] => match constants.get(name) {
            Some(Literal::List(values)) => {
                usize::try_from(*index).ok().and_then(|index| values.get(index)).cloned().unwrap_or(Literal::Computed)
            }
            _ => Literal::Computed,
        },
        _ => Literal::Computed,
    }
}

/// Splits the source into tokens. A line that continues in brackets, or after a backslash, does not end.
fn tokens(source: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut rest, mut depth) = (Vec::new(), source, 0_usize);
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '#' => after.trim_start_matches(|c| c != '\n'),
            '\\' => after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')).unwrap_or(after),
            '\n' => {
                if depth == 0 {
                    tokens.push(Token::EndOfLine);
                }
                after
            }
            '\'' | '"' => {
                let (text, after) = quoted(rest, c, false);
                tokens.push(Token::Text(text));
                after
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                match after.chars().next().filter(|c| is_prefix(name) && matches!(c, '\'' | '"')) {
                    Some(quote) => {
                        let (text, after) = quoted(after, quote, name.contains(['r', 'R']));
                        // The value of an f-string is unknown here.
                        tokens.extend((!name.contains(['f', 'F'])).then_some(Token::Text(text)));
                        after
                    }
                    None => {
                        tokens.push(Token::Name(name));
                        after
                    }
                }
            }
            c if c.is_ascii_digit() => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.')).unwrap_or(rest.len());
                let (digits, after) = rest.split_at(end);
                // Other kinds of numbers have no value here.
                tokens.push(digits.replace('_', "").parse().map_or(Token::Mark('.'), Token::Number));
                after
            }
            c if c.is_whitespace() => after,
            // A comparison is not an assignment, and neither is `+=`.
            c if after.starts_with('=') && "=!<>+-*/%|&^:".contains(c) => {
                tokens.push(Token::Mark('≟'));
                &after[1..]
            }
            c => {
                match c {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                tokens.push(Token::Mark(c));
                after
            }
        };
    }
    tokens
}

/// Whether the letters before a quotation mark are a string prefix.
fn is_prefix(name: &str) -> bool {
    name.len() <= 2 && name.chars().all(|c| "rRbBuUfF".contains(c))
}

/// Reads a string, in one or three quotation marks; returns it and what follows.
fn quoted(rest: &str, quote: char, is_raw: bool) -> (String, &str) {
    let three = [quote; 3].iter().collect::<String>();
    let end = if rest.starts_with(&three) { three } else { quote.to_string() };
    let mut rest = &rest[end.len()..];
    let mut text = String::new();
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix(&end) {
            return (text, after);
        }
        rest = &rest[c.len_utf8()..];
        let escaped = rest.chars().next().filter(|_| c == '\\');
        match escaped {
            Some(escaped) => {
                rest = &rest[escaped.len_utf8()..];
                match escaped {
                    _ if is_raw => text.extend(['\\', escaped]),
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    '\n' => {}
                    '\\' | '\'' | '"' => text.push(escaped),
                    _ => text.extend(['\\', escaped]),
                }
            }
            // It ends with its line, though its quotation mark is missing.
            None if c == '\n' && end.len() == 1 => return (text, rest),
            None => text.push(c),
        }
    }
    (text, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_and_calls_are_told_and_what_is_computed_is_not() {
        let script = read(
            "\"\"\"account = 'no'\"\"\"\n\
             def connect(host): pass\n\
             account = u'alice$parking$lot1'  # the device\n\
             pw='it\\'s'; port = 1_883\n\
             topic = [\n  'alice/parking/a', \"alice/parking/b\",\n]\n\
             host = 'Default'\n\
             if host == 'x':\n    host = open('config.ini').read()\n\
             client.username_pw_set(account, password=pw)\n\
             client.connect(host, \\\n  port, 60)\n\
             client.publish(topic[1], f'{x}', qos=1, retain=True)\n",
        );
        assert_eq!(script.constants["account"], Literal::Text("alice$parking$lot1".into()));
        assert_eq!(script.constants["topic"].texts(), ["alice/parking/a", "alice/parking/b"]);
        let names: Vec<&str> = script.calls.iter().map(|call| call.name).collect();
        assert_eq!(names, ["open", "read", "username_pw_set", "connect", "publish"]);
        let [_, _, login, connect, publish] = script.calls.as_slice() else { panic!() };
        assert_eq!(login.argument(1, "password"), Some(&Literal::Text("it's".into())));
        assert_eq!(connect.argument(0, "host"), Some(&Literal::Text("Default".into())));
        assert_eq!(connect.argument(1, "port"), Some(&Literal::Number(1883)));
        assert_eq!(publish.argument(0, "topic").and_then(Literal::text), Some("alice/parking/b"));
        assert_eq!(publish.argument(3, "retain"), Some(&Literal::Flag(true)));
        assert!(script.texts.iter().any(|text| text == "config.ini"));
    }

    #[test]
    fn anything_can_be_read() {
        for source in ["", "'", "\"\"\"", "a=", "f(", "f('", "a = [1,", ")]}", "a[9999999999999999999]", "\\", "rb'\\"]
        {
            read(source);
        }
        for deep in ["a=[", "f(", "a=("] {
            read(&deep.repeat(20_000));
            read(&(format!("{}{}", deep.repeat(20_000), ")]".repeat(20_000))));
        }
        proptest::proptest!(|(source in ".{0,80}")| { read(&source); });
    }
}
