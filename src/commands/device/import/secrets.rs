//! Removes the secrets from a TOML text before it is parsed, because a parser leaves copies in memory.

use toml_parser::lexer::TokenKind;
use toml_parser::{ParseError, Source};
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Returns the text with each string that is the value of one of these keys replaced by its number, and the strings by their
/// numbers. Line numbers do not change, and invalid TOML stays invalid.
pub fn taken(text: &str, keys: &[&str]) -> (String, Vec<Secret>) {
    let source = Source::new(text);
    let (mut rest, mut secrets) = (String::with_capacity(text.len()), Vec::new());
    // Whether the last token is one of the keys, or one of them with its equals sign.
    let (mut is_key, mut is_sign) = (false, false);
    for token in source.lex() {
        let Some(raw) = source.get(token) else { continue };
        let quote = match token.kind() {
            TokenKind::LiteralString | TokenKind::BasicString => Some("'"),
            TokenKind::MlLiteralString | TokenKind::MlBasicString => Some("'''"),
            _ => None,
        };
        if let Some(quote) = quote.filter(|_| is_sign) {
            // It never grows, because an escape is longer than the character that it represents.
            let mut secret = Zeroizing::new(String::with_capacity(raw.len()));
            let mut error: Option<ParseError> = None;
            let _ = raw.decode_scalar(&mut *secret, &mut error);
            let lines = "\n".repeat(raw.as_str().matches('\n').count());
            let end = if error.is_none() { quote } else { "" };
            rest.push_str(&format!("{quote}{}{lines}{end}", secrets.len()));
            secrets.push(Secret::from(secret));
        } else {
            rest.push_str(raw.as_str());
        }
        (is_key, is_sign) = match token.kind() {
            TokenKind::Whitespace => (is_key, is_sign),
            TokenKind::Equals => (false, is_key),
            TokenKind::Atom | TokenKind::LiteralString | TokenKind::BasicString if !is_sign => {
                let mut name = String::new();
                raw.decode_key(&mut name, &mut ());
                (keys.contains(&name.as_str()), false)
            }
            _ => (false, false),
        };
    }
    (rest, secrets)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 2] = ["private_key", "password"];

    #[test]
    fn each_string_of_a_key_is_taken_and_nothing_else() {
        let text = concat!(
            "# password = 'not one'\n",
            "market = 'http://h'\n",
            "[devices.\"a$b$c\"]\n",
            "password = \"hunter\\u0032 \\\"quoted\\\"\" # mine\n",
            "private_key = '''\n-----BEGIN\nMIIE\n'''\n",
            "other = 'password'\n",
            "devices.d.\"pass\\u0077ord\"='three'\n",
            "e = { password = \"\"\"fo\\\n   ur\"\"\", broker = 'b' }\n",
            "f = { 'password' = [ 'x' ], private_key = 5 }\n",
        );
        let (rest, secrets) = taken(text, &KEYS);
        let secrets: Vec<_> = secrets.iter().map(Secret::expose).collect();
        assert_eq!(secrets, ["hunter2 \"quoted\"", "-----BEGIN\nMIIE\n", "three", "four"]);
        assert_eq!(
            rest,
            concat!(
                "# password = 'not one'\n",
                "market = 'http://h'\n",
                "[devices.\"a$b$c\"]\n",
                "password = '0' # mine\n",
                "private_key = '''1\n\n\n'''\n",
                "other = 'password'\n",
                "devices.d.\"pass\\u0077ord\"='2'\n",
                "e = { password = '''3\n''', broker = 'b' }\n",
                "f = { 'password' = [ 'x' ], private_key = 5 }\n",
            )
        );
    }

    #[test]
    fn what_is_no_toml_is_none_afterwards() {
        for text in ["password = 'open\nx = 1", "password = \"a\\q\"", "private_key = '''open\n", "password = \"\"\"x"]
        {
            let (rest, _) = taken(text, &KEYS);
            assert!(rest.parse::<toml_edit::DocumentMut>().is_err(), "{rest}");
            assert_eq!(rest.matches('\n').count(), text.matches('\n').count(), "{rest}");
        }
        let noise = "= password\0 = = ''' [[ \u{feff}";
        assert_eq!(taken(noise, &KEYS).0, noise);
    }
}
