//! The number in a message: the payload itself, or a field of its JSON, named as `.lots[0].free`.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

/// Where the number is.
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
#[error("'{0}' names no field")]
pub struct FieldError(String);

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
    /// A field is named, and the payload is not JSON.
    #[error("the payload is not JSON")]
    NoJson,
    /// The payload is JSON without this field.
    #[error("there is no field {0}")]
    Missing(String),
    /// The field is something else.
    #[error("the field {0} is not a number")]
    Other(String),
}

impl FromStr for Field {
    type Err = FieldError;

    /// A dot before each name, an index in brackets; the first dot may be left out. `.` is the payload itself.
    fn from_str(text: &str) -> Result<Field, FieldError> {
        let wrong = || FieldError(text.into());
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
    /// As it was given; nothing for the payload itself.
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
                Ok(Value::Object(object)) => Err(NoNumber::Json(
                    // `true` counts as 1 where it is asked for, and is not offered as a number.
                    object
                        .iter()
                        .find(|(_, v)| !v.is_boolean() && number(v).is_some())
                        .map(|(name, _)| format!(".{name}")),
                )),
                Ok(Value::Array(_)) => Err(NoNumber::Json(None)),
                Ok(other) => number(&other).ok_or(NoNumber::Payload),
                Err(_) => Err(NoNumber::Payload),
            };
        }
        let json: Value = serde_json::from_slice(payload).map_err(|_| NoNumber::NoJson)?;
        let found = self.steps.iter().try_fold(&json, |value, step| match step {
            Step::Name(name) => value.get(name),
            Step::Index(index) => value.get(index),
        });
        let found = found.ok_or_else(|| NoNumber::Missing(self.text.clone()))?;
        number(found).ok_or_else(|| NoNumber::Other(self.text.clone()))
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
        assert_eq!(".[0][1]".parse::<Field>().unwrap().number(b"[[1,2]]"), Ok(2.0));
        assert_eq!(".free".parse::<Field>().unwrap().number(b"678"), Err(NoNumber::Missing(".free".into())));
        assert_eq!(".free".parse::<Field>().unwrap().number(b"x"), Err(NoNumber::NoJson));
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
        assert_eq!(number(b"[1]"), Err(NoNumber::Json(None)));
        assert_eq!(number(br#"{"b":true}"#), Err(NoNumber::Json(None)));
        assert_eq!(number(br#"{"b":true,"n":"4"}"#), Err(NoNumber::Json(Some(".n".into()))));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for bad in ["", "..", ".a.", ".a..b", ".a[", ".a[x]", "[1]b", ".a[-1]"] {
            assert!(bad.parse::<Field>().is_err(), "{bad}");
        }
    }
}
