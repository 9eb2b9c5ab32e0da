//! A secret text: wiped when dropped, and never shown by `Debug`.

use std::io::{self, Read};

use zeroize::Zeroizing;

/// Bytes of the first buffer for an input of unknown length.
const FIRST_READ: usize = 8 * 1024;

/// A password, token or passphrase. Comparison, display and serialization are left out on purpose.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over; the caller keeps no copy.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<Zeroizing<String>> for Secret {
    fn from(text: Zeroizing<String>) -> Secret {
        Secret(text)
    }
}

/// Reads all of `input`, which is about `size` bytes long, up to `most` bytes. Where the buffer must grow, the old one is wiped.
///
/// # Errors
/// As `read(2)`.
pub fn read_all(mut input: impl Read, size: usize, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity((size + 1).clamp(FIRST_READ.min(most), most)));
    loop {
        // This much fits.
        let room = bytes.capacity() - bytes.len();
        if input.by_ref().take(room as u64).read_to_end(&mut bytes)? < room || bytes.len() >= most {
            return Ok(bytes);
        }
        let mut larger = Zeroizing::new(Vec::with_capacity((2 * bytes.capacity()).min(most)));
        larger.extend_from_slice(&bytes);
        bytes = larger;
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Serialization for the fields of a file that stores these secrets.
pub mod serialize_exposed {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Secret;

    /// Writes the secret out.
    ///
    /// # Errors
    /// As the serializer.
    pub fn serialize<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(secret.expose())
    }

    /// Reads it.
    ///
    /// # Errors
    /// It is not text.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
        String::deserialize(from).map(Secret::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_read_up_to_a_bound_without_growing() {
        let input: Vec<u8> = (0..50_000u32).map(|number| number as u8).collect();
        for (size, most, length) in
            [(0, 1 << 20, 50_000), (50_000, 1 << 20, 50_000), (60_000, 1000, 1000), (0, 50_000, 50_000)]
        {
            let read = read_all(input.as_slice(), size, most).unwrap();
            assert_eq!(read.as_slice(), &input[..length]);
            assert!(read.capacity() <= most.max(size + 1), "{}", read.capacity());
        }
        assert!(read_all(&b""[..], 0, 10).unwrap().is_empty());
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        assert!(!format!("{:?}", Secret::new("hunter2")).contains("hunter2"));
    }
}
