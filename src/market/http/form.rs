//! Form encodings into memory that is wiped: `application/x-www-form-urlencoded` for bodies and queries,
//! `multipart/form-data` for a body with a file.

use form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// A file in a form.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    pub field: &'a str,
    pub name: &'a str,
    pub mime: &'a str,
    pub bytes: &'a [u8],
}

/// Encodes `fields` in order. Letters, digits and `*-._` are unchanged.
pub fn encode(fields: &[(&str, &str)]) -> Secret {
    // Encoding takes at most three bytes for each: the buffer never moves, so it leaves no copy behind.
    let most = fields.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let mut out = String::with_capacity(most);
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        out.extend(byte_serialize(name.as_bytes()));
        out.push('=');
        out.extend(byte_serialize(value.as_bytes()));
    }
    Secret::new(out)
}

/// Encodes `fields`, and `file` after them, as parts between `boundary` (RFC 7578). Names are not escaped: they contain no
/// quotes and no line breaks. ureq's own encoder would add a table of a thousand media types.
pub fn multipart(boundary: &str, fields: &[(&str, &str)], file: &File<'_>) -> Zeroizing<Vec<u8>> {
    const HEAD: usize = 160;
    let each = |name: &str, length: usize| HEAD + 2 * boundary.len() + name.len() + length;
    let fields_size: usize = fields.iter().map(|(name, value)| each(name, value.len())).sum();
    // The buffer never moves and so leaves no copy behind.
    let size = fields_size + each(file.field, file.name.len() + file.mime.len() + file.bytes.len());
    let mut out = Zeroizing::new(Vec::with_capacity(size));
    for (name, value) in fields {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    let File { field, name, mime, bytes } = file;
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n"
    );
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(bytes);
    out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    out
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

    #[test]
    fn parts_stand_between_boundaries_as_they_are() {
        let file = File { field: "media", name: "p.png", mime: "image/png", bytes: b"\x89PNG\r\n" };
        let body = multipart("b", &[("title", "a/b"), ("sale_price", ""), ("description", "x\r\ny")], &file);
        let expected = b"--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\na/b\r\n\
            --b\r\nContent-Disposition: form-data; name=\"sale_price\"\r\n\r\n\r\n\
            --b\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\nx\r\ny\r\n\
            --b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n\
            \x89PNG\r\n\r\n--b--\r\n";
        assert_eq!(body.as_slice(), expected);
        assert!(body.capacity() >= body.len());
    }
}
