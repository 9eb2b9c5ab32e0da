//! A part of a message: the payload itself, or a field of its JSON, named as `.lots[0].free`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use serde_json::value::RawValue;

/// Where the part is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// A text that does not name a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' does not name a field")]
pub struct JsonFieldError(String);

/// Why a message does not have the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoField {
    #[error("the payload is not JSON")]
    NoJson,
    /// The payload is JSON without it.
    #[error("there is no field {0}")]
    Missing(String),
}

/// Why a message has no number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoNumber {
    /// The payload is a text.
    #[error("the payload is not a number")]
    Payload,
    /// The payload is JSON; a field of it that holds a number, if one does.
    #[error("the payload is JSON{}", .0.as_ref().map(|f| format!("; the field {f} holds a number")).unwrap_or_default())]
    Json(Option<String>),
    /// A field is named, but the payload does not have it.
    #[error(transparent)]
    Field(#[from] NoField),
    /// The field is something else.
    #[error("the field {0} is not a number")]
    Other(String),
}

impl FromStr for Field {
    type Err = JsonFieldError;

    /// A dot before each name, an index in brackets; the first dot may be left out. `.` is the payload itself.
    fn from_str(text: &str) -> Result<Field, JsonFieldError> {
        let wrong = || JsonFieldError(text.into());
        let mut steps = Vec::new();
        let mut rest = text;
        if rest == "." {
            return Ok(Field::default());
        }
        if !rest.starts_with(['.', '[']) {
            let (name, after) = name(rest);
            steps.push(Step::Name(name.into()));
            rest = after;
        }
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('[') {
                let (index, after) = after.split_once(']').ok_or_else(wrong)?;
                steps.push(Step::Index(index.parse().map_err(|_| wrong())?));
                rest = after;
            } else {
                let (name, after) = name(rest.strip_prefix('.').ok_or_else(wrong)?);
                if !name.is_empty() || !after.starts_with('[') {
                    steps.push(Step::Name(name.into()));
                }
                rest = after;
            }
        }
        if steps.is_empty() || steps.contains(&Step::Name(String::new())) {
            return Err(wrong());
        }
        let dot = if text.starts_with(['.', '[']) { "" } else { "." };
        Ok(Field { text: format!("{dot}{text}"), steps })
    }
}

fn name(text: &str) -> (&str, &str) {
    text.split_at(text.find(['.', '[']).unwrap_or(text.len()))
}

impl fmt::Display for Field {
    /// As given; nothing for the payload itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Field {
    /// The number in `payload`. A text that reads as a number counts as one, `true` as 1 and `false` as 0.
    ///
    /// # Errors
    /// [`NoNumber`].
    pub fn number(&self, payload: &[u8]) -> Result<f64, NoNumber> {
        if self.steps.is_empty() {
            if let Some(number) = std::str::from_utf8(payload).ok().and_then(plain) {
                return Ok(number);
            }
            return match serde_json::from_slice(payload) {
                Ok(json @ (Value::Object(_) | Value::Array(_))) => {
                    let mut found = Vec::new();
                    numbers(&json, "", &mut found);
                    match found.as_slice() {
                        [(_, only)] => Ok(*only),
                        several => Err(NoNumber::Json(several.first().map(|(name, _)| name.clone()))),
                    }
                }
                Ok(other) => number(&other).ok_or(NoNumber::Payload),
                Err(_) => Err(NoNumber::Payload),
            };
        }
        let found = serde_json::from_str(self.find(payload)?.get()).ok();
        found.as_ref().and_then(number).ok_or_else(|| NoNumber::Other(self.text.clone()))
    }

    /// Returns the field as its own payload: a text without its quotes, anything else as written.
    ///
    /// # Errors
    /// [`NoField`]; never for `.`, the payload itself.
    pub fn text<'p>(&self, payload: &'p [u8]) -> Result<Cow<'p, [u8]>, NoField> {
        if self.steps.is_empty() {
            return Ok(Cow::Borrowed(payload));
        }
        let found = self.find(payload)?.get();
        Ok(match serde_json::from_str::<String>(found) {
            Ok(text) => Cow::Owned(text.into_bytes()),
            Err(_) => Cow::Borrowed(found.as_bytes()),
        })
    }

    /// Returns the value of the field, as written.
    fn find<'p>(&self, payload: &'p [u8]) -> Result<&'p RawValue, NoField> {
        let json: &RawValue = serde_json::from_slice(payload).map_err(|_| NoField::NoJson)?;
        let found = self.steps.iter().try_fold(json, |value, step| match step {
            Step::Name(name) => serde_json::from_str::<HashMap<String, &RawValue>>(value.get()).ok()?.remove(name),
            Step::Index(index) => serde_json::from_str::<Vec<&RawValue>>(value.get()).ok()?.get(*index).copied(),
        });
        found.ok_or_else(|| NoField::Missing(self.text.clone()))
    }
}

/// Finds the first two numbers, with their fields: if there is only one, it is meant. `true` counts as 1 if it is
/// requested, but is not offered as a number.
fn numbers(value: &Value, path: &str, found: &mut Vec<(String, f64)>) {
    match value {
        _ if found.len() > 1 => {}
        Value::Object(object) => {
            object.iter().for_each(|(name, value)| numbers(value, &format!("{path}.{name}"), found))
        }
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(n, value)| numbers(value, &format!("{path}[{n}]"), found))
        }
        Value::Bool(_) => {}
        value => found.extend(number(value).map(|number| (path.to_owned(), number))),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => plain(text),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        _ => None,
    }
}

fn plain(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_path() {
        let payload = br#"{"free":678,"lots":[{"free":"1.5"},{"open":true}],"name":"x","a b":2}"#;
        for (field, expected) in [
            (".free", Ok(678.0)),
            ("free", Ok(678.0)),
            (".lots[0].free", Ok(1.5)),
            ("lots[1].open", Ok(1.0)),
            (".a b", Ok(2.0)),
            (".lots[2].free", Err("there is no field .lots[2].free")),
            (".name", Err("the field .name is not a number")),
            (".", Err("the payload is JSON; the field .a b holds a number")),
        ] {
            let found = field.parse::<Field>().unwrap().number(payload).map_err(|e| e.to_string());
            assert_eq!(found, expected.map_err(String::from), "{field}");
        }
        let alone = |payload: &str| ".".parse::<Field>().unwrap().number(payload.as_bytes());
        assert_eq!(alone(r#"{"name":"x","open":true,"data":[{"free":678}]}"#), Ok(678.0));
        assert_eq!(alone(r#"{"lots":[{"free":1},{"free":2}]}"#), Err(NoNumber::Json(Some(".lots[0].free".into()))));
        assert_eq!(alone(r#"{"open":true}"#), Err(NoNumber::Json(None)));
        assert_eq!(".[0][1]".parse::<Field>().unwrap().number(b"[[1,2]]"), Ok(2.0));
        assert_eq!(".free".parse::<Field>().unwrap().number(b"678"), Err(NoField::Missing(".free".into()).into()));
        assert_eq!(".free".parse::<Field>().unwrap().number(b"x"), Err(NoField::NoJson.into()));
    }

    #[test]
    fn a_field_is_a_payload_as_it_is_written() {
        let payload = br#"{"n":1.50e3,"big":123456789012345678901,"t":"a\"b","o":{ "x":[1, 2] },"none":null}"#;
        let text = |field: &str| {
            field.parse::<Field>().unwrap().text(payload).map(|text| String::from_utf8(text.into_owned()).unwrap())
        };
        for (field, expected) in [
            (".n", "1.50e3"),
            (".big", "123456789012345678901"),
            (".t", "a\"b"),
            (".o", "{ \"x\":[1, 2] }"),
            (".o.x[1]", "2"),
            (".none", "null"),
        ] {
            assert_eq!(text(field).as_deref(), Ok(expected));
        }
        assert_eq!(text(".").unwrap().as_bytes(), payload);
        for missing in [".x", ".n.x", ".o.x[2]", ".o[0]"] {
            assert_eq!(text(missing), Err(NoField::Missing(missing.into())));
        }
        assert_eq!(".n".parse::<Field>().unwrap().text(b"{"), Err(NoField::NoJson));
    }

    #[test]
    fn a_payload_is_a_number_by_itself() {
        let number = |payload: &[u8]| Field::default().number(payload);
        assert_eq!(number(b" -6.5e1\n"), Ok(-65.0));
        assert_eq!(number(b"true"), Ok(1.0));
        assert_eq!(number(b"\"7\""), Ok(7.0));
        for payload in [&b"free"[..], b"", b"NaN", b"inf", b"\xFF", b"null"] {
            assert_eq!(number(payload), Err(NoNumber::Payload));
        }
        assert_eq!(number(b"[1]"), Ok(1.0));
        assert_eq!(number(b"[1,2]"), Err(NoNumber::Json(Some("[0]".into()))));
        assert_eq!(number(br#"{"b":true}"#), Err(NoNumber::Json(None)));
        assert_eq!(number(br#"{"b":true,"n":"4"}"#), Ok(4.0));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for bad in ["", "..", ".a.", ".a..b", ".a[", ".a[x]", "[1]b", ".a[-1]"] {
            assert!(bad.parse::<Field>().is_err(), "{bad}");
        }
    }
}
