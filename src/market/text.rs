//! Text from the marketplace, for messages: in one line, shortened, and without secrets.

use std::error::Error;

use crate::name::HubName;
use crate::secret::Secret;
use crate::text::similar::few;

/// Longest text from a page in a message, in characters.
const QUOTE_MAX: usize = 300;

/// Longest word of a message that is shown, in bytes: a hub's name and a topic have 30 characters at most.
const WORD_MAX: usize = 31;

/// Returns the text with white space as one blank and without control characters, because it may end on a terminal.
pub fn collapse(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Returns `text` in one line without control characters, cut to a length that fits a message.
pub fn quote(text: &str) -> String {
    cut(text, QUOTE_MAX)
}

/// Returns `text` in one line without control characters, cut after `max` characters.
pub(super) fn cut(text: &str, max: usize) -> String {
    let line = collapse(text);
    match line.char_indices().nth(max) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

/// Returns a page's message in displayable form: in one line, shortened, without anything long enough to be a key.
pub fn message(text: &str) -> String {
    quote(text).split(' ').map(|word| if is_key_like(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

/// Returns whether a word may be an API key, session id, token or public key; names that the marketplace accepts are
/// shorter.
fn is_key_like(word: &str) -> bool {
    let is_key = |c: char| c.is_ascii_alphanumeric() || "+/=_.,;-'\"".contains(c);
    word.len() > WORD_MAX && word.chars().all(is_key)
}

/// Returns `text` without the secret, in case the server repeats it.
pub(super) fn scrub(text: String, secret: &Secret) -> String {
    // A text from a page is in one line, so the secret must be in one line as well to be found.
    let needle = quote(secret.expose());
    let needle = needle.trim_end_matches('…');
    if needle.is_empty() {
        return text;
    }
    let text = text.replace(secret.expose(), "…").replace(needle, "…");
    // A shortened text may end in the middle of it.
    let Some(cut) = text.strip_suffix('…') else { return text };
    let part = needle.char_indices().rev().map(|(end, _)| &needle[..end]).find(|part| cut.ends_with(part));
    format!("{}…", &cut[..cut.len() - part.map_or(0, str::len)])
}

pub(super) fn listed(reasons: &[(String, Vec<String>)]) -> String {
    reasons.iter().map(|(field, why)| format!("{field}: {}", why.join(" "))).collect::<Vec<_>>().join("; ")
}

/// Returns the names of hubs: the first few, and how many more there are.
pub(super) fn names(hubs: &[HubName]) -> String {
    few(hubs.iter().map(HubName::as_str), "none")
}

/// Returns the address that an answer leads to, to follow its number.
pub(super) fn leading_to(location: Option<&str>) -> String {
    location.map(|to| format!(" to {to}")).unwrap_or_default()
}

/// Returns what broke down, by the status of an answer: those of a gateway are 502 to 504.
pub(super) fn broke_down(status: u16) -> &'static str {
    match status {
        502..=504 => "a gateway in front of the marketplace got no answer from it",
        _ => "the marketplace broke down",
    }
}

/// Returns an error and its causes, in one line.
pub(super) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

/// Returns the segments of a link's path; None for a relative link, which the pages never have. The first ones may belong
/// to the marketplace's own path.
pub(super) fn segments(href: &str) -> Option<Vec<&str>> {
    let href = href.trim();
    let path = match href.split_once("://") {
        Some(("http" | "https", rest)) => &rest[rest.find('/')?..],
        Some(_) => return None,
        None => href,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.starts_with('/').then(|| path.split('/').filter(|segment| !segment.is_empty()).collect())
}

pub(super) fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_the_server_repeats_is_taken_out() {
        let secret = Secret::new("hunter  22");
        assert_eq!(scrub("np -p hunter 22 failed".into(), &secret), "np -p … failed");
        assert_eq!(scrub("nothing".into(), &Secret::default()), "nothing");
        assert_eq!(scrub("np -p hunter…".into(), &secret), "np -p …");
    }

    #[test]
    fn a_message_is_one_line_without_keys_in_it() {
        let key = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(message(&format!("  No {key},\nplease. ")), "No … please.");
        assert_eq!(message(&format!("No {key} please.")), "No … please.");
        assert_eq!(message("alice/parking/occupancy is taken"), "alice/parking/occupancy is taken");
        assert_eq!(message(&"é ".repeat(1_000)).chars().count(), QUOTE_MAX + 1);
    }
}
