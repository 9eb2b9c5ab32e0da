//! An answer while it is typed: wiped when dropped, and never copied by growing.

use std::io;

use zeroize::Zeroizing;

use crate::guard::check::PASSWORD_MAX;

/// The text that was typed so far, at most as long as a password.
pub struct TypedSecret(Zeroizing<String>);

impl TypedSecret {
    pub fn new() -> TypedSecret {
        TypedSecret(Zeroizing::new(String::with_capacity(PASSWORD_MAX)))
    }

    pub fn text(&self) -> &str {
        &self.0
    }

    /// Adds what was typed.
    ///
    /// # Errors
    /// The line would be longer than any password.
    pub fn push(&mut self, typed: char) -> io::Result<()> {
        if self.0.len() + typed.len_utf8() > PASSWORD_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is longer than 65,535 bytes"));
        }
        self.0.push(typed);
        Ok(())
    }

    /// Shortens it to `length` bytes.
    pub fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }

    /// Where the last character begins.
    pub fn before_last(&self) -> usize {
        self.0.char_indices().next_back().map_or(0, |(at, _)| at)
    }

    /// Where the last word begins.
    pub fn before_word(&self) -> usize {
        self.0.trim_end().char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> TypedSecret {
        let mut line = TypedSecret::new();
        text.chars().for_each(|c| line.push(c).unwrap());
        line
    }

    #[test]
    fn characters_and_words_are_erased() {
        for (typed, last, word) in [
            ("", 0, 0),
            ("a", 0, 0),
            ("grüße", 6, 0),
            ("zwei wörter", 11, 5),
            ("end  ", 4, 0),
            ("a\u{a0}b ", 4, 3),
            (" ", 0, 0),
        ] {
            let line = line(typed);
            assert_eq!((line.before_last(), line.before_word()), (last, word), "{typed:?}");
        }
    }

    #[test]
    fn it_never_grows() {
        let mut line = line(&"x".repeat(PASSWORD_MAX - 1));
        let place = line.text().as_ptr();
        assert!(line.push('ü').is_err());
        line.push('y').unwrap();
        assert!(line.push('z').is_err());
        assert_eq!((line.text().len(), line.text().as_ptr()), (PASSWORD_MAX, place));
    }
}
