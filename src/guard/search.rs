//! Searches a text for a key: the cleaned text, and anything that it holds in other encodings, up to four levels deep.
//!
//! Three tables define what is tried: `clean::STEPS` remove the additions of transport, [`DECODERS`] turn text into other
//! bytes, and [`RECOGNIZERS`] recognize keys. Each recognizer sees every text that the others yield.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use crate::guard::bytes::Bytes;
use crate::guard::clean;
use crate::guard::decode::{self, BASES};
use crate::guard::form::{Encoding, KeyEncoding, KeyForm, KeyKinds};
use crate::guard::{blob, der, inflate, number, printout, text};

/// Most nested encodings that are removed.
const DEPTH_MAX: usize = 4;
/// Fewest bytes in which [`der`] recognizes a key. A piece of base64 or hexadecimal digits may be that short.
const PIECE_MIN: usize = 12;
/// Fewest bytes searched for in a rarer encoding, or in a nested one: no key in use is shorter. Any text has a few
/// digits of some encoding in a row.
const WHOLE_MIN: usize = 36;
/// Characters in a row that count as text: random bytes hold as many about once in a million.
const TEXT_MIN: usize = 14;
/// Bytes checked per input byte. A key needs a tenth of it; some texts could be decoded endlessly.
const WORK: usize = 200;

/// The input of a recognizer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Bytes,
    Text(KeyEncoding),
}

type Recognizer = (Reads, fn(&[u8]) -> KeyKinds);

const RECOGNIZERS: [Recognizer; 11] = [
    (Reads::Bytes, der::find),
    (Reads::Bytes, blob::openssh),
    (Reads::Bytes, blob::magic),
    (Reads::Bytes, blob::openpgp),
    (Reads::Bytes, blob::signify),
    (Reads::Text(KeyEncoding::Pem), text::dek_info),
    (Reads::Text(KeyEncoding::Pem), text::pem),
    (Reads::Text(KeyEncoding::Own), text::marks),
    (Reads::Text(KeyEncoding::Own), text::jwk),
    (Reads::Text(KeyEncoding::Own), text::xml),
    (Reads::Text(KeyEncoding::Own), number::find),
];

type Decoder = (Encoding, fn(&[u8]) -> Vec<Bytes>);

/// Besides [`BASES`], which are tried first.
const DECODERS: [Decoder; 4] = [
    (Encoding::Uuencode, decode::uuencoded),
    (Encoding::Numbers, decode::lists),
    (Encoding::Dump, printout::dumps),
    (Encoding::Asn1Parse, printout::asn1parse),
];

/// Which keys to look for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Private,
    /// The first private key, otherwise the first public one.
    Either,
}

/// Returns the key anywhere in `bytes`, regardless of what surrounds it.
///
/// The time is proportional to the length of `bytes`.
pub(super) fn find(bytes: &[u8], scope: Scope) -> Option<KeyForm> {
    let mut search = Search::with((bytes.len() + 64) * WORK);
    search.search(bytes, Origin::default());
    match scope {
        Scope::Private => search.private,
        Scope::Either => search.private.or(search.public),
    }
}

/// Which of [`BASES`] to try.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bases {
    Common,
    All,
}

/// The encodings that some bytes were decoded from.
#[derive(Clone, Copy, Default)]
struct Origin {
    /// The one that was removed first, if there was more than one.
    outer: Option<Encoding>,
    /// The one that was removed last.
    inner: Option<Encoding>,
    depth: usize,
    /// Digits at the front were left out.
    is_shifted: bool,
}

impl Origin {
    fn inside(self, encoding: Encoding) -> Origin {
        Origin { outer: self.outer.or(self.inner), inner: Some(encoding), depth: self.depth + 1, is_shifted: false }
    }
}

struct Search {
    private: Option<KeyForm>,
    public: Option<KeyForm>,
    /// Bytes that may still be checked.
    left: usize,
    seen: DecodedBefore,
}

/// Data already decoded, with the number of its encodings: most data encoded in one cleaned text is also in
/// the next.
#[derive(Default)]
struct DecodedBefore {
    keys: RandomState,
    depths: HashMap<u64, usize>,
}

impl DecodedBefore {
    /// Notes encoded data, and returns whether it is new, or was only found deeper before.
    fn is_new(&mut self, encoding: Encoding, bytes: &[u8], depth: usize) -> bool {
        let before = self.depths.entry(self.keys.hash_one((encoding, bytes))).or_insert(usize::MAX);
        let is_new = depth < *before;
        *before = depth.min(*before);
        is_new
    }
}

impl Search {
    fn with(left: usize) -> Search {
        Search { private: None, public: None, left, seen: DecodedBefore::default() }
    }

    fn search(&mut self, bytes: &[u8], origin: Origin) {
        let Some(left) = self.left.checked_sub(bytes.len()) else { return };
        self.left = left;
        // Decoded bytes are mostly noise; only text can hold a key in a text format or another encoding. Noise that inflates
        // repeats itself, and is text only in part. Wide text has as many characters as other text, and not only zeros.
        let is_text = match origin.inner {
            None => true,
            Some(Encoding::Deflate) => is_printed(bytes),
            Some(_) => has_text(bytes),
        };
        let is_text =
            is_text || clean::is_wide(bytes) && bytes.iter().filter(|byte| byte.is_ascii_graphic()).count() >= TEXT_MIN;
        self.recognize(bytes, is_text, origin);
        let cleaned = if is_text && self.private.is_none() { clean::cleaned(bytes) } else { Vec::new() };
        for text in &cleaned {
            self.recognize(text, true, origin);
        }
        if self.private.is_some() || origin.depth == DEPTH_MAX {
            return;
        }
        if let Some(inflated) = inflate::inflated(bytes, !origin.is_shifted) {
            self.search(&inflated, origin.inside(Encoding::Deflate));
        }
        // The text between other bytes is mostly noise, which may look like any rare encoding.
        let bases = if origin.inner.is_none() || is_printed(bytes) { Bases::All } else { Bases::Common };
        // The cleanest text is the likeliest.
        for text in cleaned.iter().rev().map(|text| text.as_slice()).chain(is_text.then_some(bytes)) {
            self.decode(text, bases, origin);
        }
    }

    /// Searches what `text` encodes.
    fn decode(&mut self, text: &[u8], bases: Bases, origin: Origin) {
        for base in BASES.iter().filter(|base| bases == Bases::All || base.is_common()) {
            let least = if origin.depth == 0 && base.is_common() { PIECE_MIN } else { WHOLE_MIN };
            for digits in base.runs(text, least) {
                if !self.seen.is_new(base.encoding, &digits, origin.depth) {
                    continue;
                }
                // Digits lost or added at the front shift the rest against the bytes.
                for phase in 0..base.group {
                    if self.private.is_some() {
                        return;
                    }
                    let origin = Origin { is_shifted: phase > 0, ..origin.inside(base.encoding) };
                    self.search(&base.bytes(&digits[phase..]), origin);
                }
            }
        }
        for (encoding, decode) in &DECODERS {
            for bytes in decode(text) {
                if self.seen.is_new(*encoding, &bytes, origin.depth) {
                    self.search(&bytes, origin.inside(*encoding));
                }
            }
        }
    }

    /// Keeps the keys that the recognizers find in `bytes`, the first private and the first public key.
    fn recognize(&mut self, bytes: &[u8], is_text: bool, origin: Origin) {
        for (reads, find) in RECOGNIZERS.iter().filter(|(reads, _)| is_text || *reads == Reads::Bytes) {
            let (encoding, encoded) = match *reads {
                Reads::Bytes => (origin.inner.map_or(KeyEncoding::Der, KeyEncoding::In), origin.outer),
                Reads::Text(encoding) => (encoding, origin.outer.or(origin.inner)),
            };
            let [private, public] = find(bytes).map(|kind| kind.map(|kind| KeyForm { kind, encoding, encoded }));
            self.private = self.private.or(private);
            self.public = self.public.or(public);
        }
    }
}

/// Returns whether `bytes` hold [`TEXT_MIN`] characters of text in a row, or only characters.
fn has_text(bytes: &[u8]) -> bool {
    let ends = |byte: &u8| !matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    let mut from = 0;
    // From the end, so that little of noise is checked.
    while let Some(window) = bytes.get(from..from + TEXT_MIN) {
        match window.iter().rposition(ends) {
            Some(end) => from += end + 1,
            None => return true,
        }
    }
    is_printed(bytes)
}

/// Returns whether `bytes` are UTF-8 without control characters, and long enough for a key.
fn is_printed(bytes: &[u8]) -> bool {
    let is_printed = |c: char| !c.is_control() || c.is_whitespace();
    bytes.len() >= TEXT_MIN && std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_printed))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    /// How many runs of digits a text is decoded from, in any form and depth: a measure of the time without a clock.
    fn runs(text: &str) -> usize {
        let mut search = Search::with(usize::MAX);
        search.search(text.as_bytes(), Origin::default());
        assert!(search.private.is_none() && search.public.is_none(), "{text}");
        search.seen.depths.len()
    }

    #[test]
    fn what_could_be_many_encodings_is_decoded_from_few_of_them() {
        const WORDS: [&str; 8] = ["correct", "horse", "battery", "staple", "private", "KEY", "lot1", "d"];
        let mut rng = StdRng::seed_from_u64(0x1393);
        let printable: Vec<u8> = (b' '..=b'~').collect();
        for from in [&b"01"[..], b"01234567", b"0123456789", b"0123456789abcdef", &printable] {
            let text: String = (0..600).map(|_| char::from(from[rng.random_range(..from.len())])).collect();
            assert!(runs(&text) <= 20, "{} for {text}", runs(&text));
        }
        let words: String = (0..200).map(|_| WORDS[rng.random_range(..WORDS.len())]).collect();
        let compressed = STANDARD.encode(miniz_oxide::deflate::compress_to_vec_zlib(words.as_bytes(), 6));
        assert!(runs(&compressed) <= 20, "{}", runs(&compressed));
    }
}
