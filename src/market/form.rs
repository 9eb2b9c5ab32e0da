//! Form encoding (`application/x-www-form-urlencoded`), for bodies and queries, into memory that is wiped.

use std::fmt::Write as _;

use crate::secret::Secret;

/// Encodes `fields` in their order. What may stand unencoded is what browsers leave so: letters, digits and `*-._`.
pub fn encode(fields: &[(&str, &str)]) -> Secret {
    // Three bytes for each is the most that encoding takes: the buffer never moves and so leaves no copy behind.
    let most = fields.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let mut out = String::with_capacity(most);
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        push(&mut out, name);
        out.push('=');
        push(&mut out, value);
    }
    Secret::new(out)
}

fn push(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            // Writing to a String cannot fail.
            _ => _ = write!(out, "%{byte:02X}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_as_a_browser_does() {
        let body = encode(&[("name", "lot1"), ("password", "a b&c=d+é%\n"), ("sale_price", "")]);
        assert_eq!(body.expose(), "name=lot1&password=a+b%26c%3Dd%2B%C3%A9%25%0A&sale_price=");
        assert_eq!(encode(&[]).expose(), "");
    }
}
