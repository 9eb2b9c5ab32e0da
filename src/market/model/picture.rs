//! A picture of a product, as the marketplace accepts it.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

/// Largest picture that is sent, in bytes. The marketplace has no limit; buyers load it with every page.
pub const PICTURE_MAX: usize = 10 << 20;

/// Why a file is not accepted as a picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("the file is not a PNG, JPEG or GIF picture")]
    Format,
    #[error("the picture has {0} bytes, more than {PICTURE_MAX}")]
    TooLarge(usize),
}

/// The bytes of a PNG, JPEG or GIF file.
#[derive(Clone)]
pub struct Picture {
    bytes: Vec<u8>,
    name: String,
    mime: &'static str,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.name, self.bytes.len())
    }
}

impl Picture {
    /// Recognizes the kind of picture by its first bytes.
    ///
    /// # Errors
    /// [`PictureError`].
    pub fn new(bytes: Vec<u8>) -> Result<Picture, PictureError> {
        let (kind, mime) = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => ("png", "image/png"),
            [0xFF, 0xD8, 0xFF, ..] => ("jpg", "image/jpeg"),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => ("gif", "image/gif"),
            _ => return Err(PictureError::Format),
        };
        if bytes.len() > PICTURE_MAX {
            return Err(PictureError::TooLarge(bytes.len()));
        }
        // Named by its content, it can be recognized later, and the file's own name stays private.
        let mut name = String::from("picture-");
        for byte in digest(&SHA256, &bytes).as_ref().iter().take(6) {
            // Writing to a String cannot fail.
            _ = write!(name, "{byte:02x}");
        }
        Ok(Picture { bytes, name: format!("{name}.{kind}"), mime })
    }

    /// Returns the name that it is sent under, `picture-<hex>.png`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `image/png` and the like.
    pub fn mime(&self) -> &'static str {
        self.mime
    }

    /// Returns the content of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns whether this picture is what the marketplace keeps at `address`. If a file of that name exists, the
    /// marketplace inserts something before the extension.
    pub(in crate::market) fn is_at(&self, address: &str) -> bool {
        let stem = self.name.rsplit_once('.').map_or(self.name.as_str(), |(stem, _)| stem);
        address.rsplit('/').next().is_some_and(|file| file.starts_with(stem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_first_bytes_and_named_by_all() {
        let one = Picture::new(b"\x89PNG\r\n\x1a\nrest".to_vec()).unwrap();
        assert!(one.name().starts_with("picture-") && one.name().ends_with(".png"));
        assert!(one.is_at(&format!("http://h/media/{}", one.name())));
        assert!(one.is_at(&one.name().replace(".png", "_x7Yz.png")));
        let other = Picture::new(b"GIF89a".to_vec()).unwrap();
        assert!(!one.is_at(other.name()) && !one.is_at(""));
        assert_eq!(Picture::new(b"\xff\xd8\xff\xe0".to_vec()).unwrap().mime(), "image/jpeg");
        assert_eq!(Picture::new(b"-----BEGIN".to_vec()).unwrap_err(), PictureError::Format);
        let large = [b"GIF87a".to_vec(), vec![0; PICTURE_MAX]].concat();
        assert!(matches!(Picture::new(large), Err(PictureError::TooLarge(_))));
    }
}
