//! Why a text could not be read, without quoting it: a parser's own messages quote the text, which may be a secret.

use std::fmt;

use serde::Deserialize;
use serde_json::error::Category;
use toml_edit::de::Error as TomlError;

/// The longest name of a key that is shown.
const KEY_MAX_CHARS: usize = 24;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Misread {
    /// Both counted from 1; `None` if the parser does not say.
    place: Option<(usize, usize)>,
    /// The key whose value it is about, if its name is plain.
    key: Option<String>,
    what: String,
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}")?;
            if let Some(key) = &self.key {
                write!(f, ", key {key}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.what)
    }
}

impl Misread {
    /// Says why `text` is not the expected TOML.
    pub fn toml(text: &str, error: &TomlError) -> Misread {
        let start = error.span().map(|span| span.start).filter(|start| text.is_char_boundary(*start));
        let place = start.map(|start| {
            let line_start = text[..start].rfind('\n').map_or(0, |end| end + 1);
            (text[..start].matches('\n').count() + 1, text[line_start..start].chars().count() + 1)
        });
        let line = place.and_then(|(line, _)| text.lines().nth(line - 1));
        let otherwise = || match text.parse::<toml_edit::DocumentMut>() {
            Ok(_) => "invalid value",
            Err(_) => "this is not TOML",
        };
        let what = told(error.message()).unwrap_or_else(|| otherwise().into());
        Misread { place, key: line.and_then(key), what }
    }

    /// Says why a text is not the expected JSON.
    pub fn json(error: &serde_json::Error) -> Misread {
        let what = match error.classify() {
            Category::Data => told(&error.to_string()),
            Category::Eof => Some("the JSON text ends too early".into()),
            Category::Syntax | Category::Io => Some("this is not JSON".into()),
        };
        let place = (error.line() > 0).then(|| (error.line(), error.column()));
        Misread { place, key: None, what: what.unwrap_or_else(|| "this JSON does not have the expected form".into()) }
    }
}

/// Returns the number of a file's format, if its JSON has one in the key `format`. Files of this version have none: a
/// file with one comes from a later version, and its keys may have other meanings.
pub fn later_format(text: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Numbered {
        format: u64,
    }
    serde_json::from_slice::<Numbered>(text).ok().map(|numbered| numbered.format)
}

/// The beginnings of serde's sentences that quote the text, and the replacements.
const TOLD: [(&str, &str); 4] = [
    ("unknown field ", "this key is unknown"),
    ("unknown variant ", "the value is not one of those allowed"),
    ("duplicate field ", "this key is given twice"),
    ("duplicate key", "this key is given twice"),
];

/// Returns the meaning of a sentence of serde, without the quoted text. The expected value is at the end of
/// the sentence, in this program's own words.
fn told(message: &str) -> Option<String> {
    if let Some((_, told)) = TOLD.iter().find(|(head, _)| message.starts_with(head)) {
        return Some((*told).into());
    }
    if message.starts_with("wanted string") {
        return Some("invalid value (expected a text in quotes)".into());
    }
    // Its name comes from this program.
    if let Some(name) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        return Some(format!("the key {name} is missing"));
    }
    let is_of_a_value =
        ["invalid type: ", "invalid value: ", "invalid length "].iter().any(|head| message.starts_with(head));
    let (_, wanted) = message.rsplit_once(", expected ").filter(|_| is_of_a_value)?;
    // serde_json adds the place.
    let wanted = wanted.split(" at line ").next().unwrap_or(wanted);
    Some(format!("invalid value (expected {wanted})"))
}

/// Returns the name of the key that a line begins with. Only lower-case letters count: the first line of a key in base64 can
/// end with `=`, too.
fn key(line: &str) -> Option<String> {
    let name = line.split_once('=')?.0.trim();
    let is_plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '-';
    (!name.is_empty() && name.len() <= KEY_MAX_CHARS && name.chars().all(is_plain)).then(|| name.into())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    const SECRET: &str = "hunter2-hunter2";

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its names and types matter")]
    struct Wanted {
        user: Option<String>,
        port: Option<u16>,
        kind: Option<Kind>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its name matters")]
    struct Inner {
        name: String,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        Key,
    }

    fn toml(text: &str) -> String {
        Misread::toml(text, &toml_edit::de::from_str::<Wanted>(text).unwrap_err()).to_string()
    }

    #[test]
    fn toml_is_told_by_line_column_and_key() {
        for (text, told) in [
            ("# mine\nuser = hunter2-hunter2\n", "line 2, column 8, key user: this is not TOML"),
            ("\nport = 'hunter2-hunter2'", "line 2, column 8, key port: invalid value (expected u16)"),
            ("kind = 'hunter2-hunter2'", "line 1, column 8, key kind: the value is not one of those allowed"),
            ("pasword = 'hunter2-hunter2'", "line 1, column 1, key pasword: this key is unknown"),
            ("hunter2-hunter2", "line 1, column 16: this is not TOML"),
            ("kind = 5", "line 1, column 8, key kind: invalid value (expected a text in quotes)"),
            ("user = 'x'\n[inner]\n", "line 2, column 1: the key name is missing"),
            ("port = \", expected hunter2-hunter2\"", "line 1, column 8, key port: invalid value (expected u16)"),
            ("'grüße' = 1\nMIIhunter2hunter2hunter==", "line 2, column 25: this is not TOML"),
        ] {
            assert_eq!(toml(text), told, "{text}");
        }
    }

    #[test]
    fn json_is_told_by_line_and_column() {
        let secret = [
            format!("{{\"port\": \"{SECRET}\"}}"),
            format!("{{\"kind\": \"{SECRET}\"}}"),
            format!("{{\"{SECRET}\": 1}}"),
            format!("{{\"port\": \", expected {SECRET} at line \"}}"),
            format!("{{\"user\": {SECRET}}}"),
            format!("{{\"user\": \"{SECRET}"),
            SECRET.into(),
        ];
        for text in secret {
            let told = Misread::json(&serde_json::from_str::<Wanted>(&text).unwrap_err()).to_string();
            assert!(told.starts_with("line 1, column ") && !told.contains("hunter"), "{told}");
        }
        let told = Misread::json(&serde_json::from_str::<Wanted>("{\n\"port\": \"x\"}").unwrap_err()).to_string();
        assert_eq!(told, "line 2, column 11: invalid value (expected u16)");
    }
}
