//! Paths of key files given as a password; the only part of the guard that reads the disk.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use crate::guard::bytes::Bytes;
use crate::guard::form::KeyForm;
use crate::guard::search::{self, Scope};

/// Longest path that Linux accepts, in bytes.
const PATH_MAX: usize = 4096;
/// A larger file is not a key.
const FILE_MAX: u64 = 64 * 1024;

/// Returns the key in the file that `text` names, if it is a readable regular file that holds one.
pub(super) fn key_file(text: &str) -> Option<KeyForm> {
    candidates(text).into_iter().find_map(|path| {
        // Opening a pipe or a device could block forever.
        let path = Path::new(path.as_str());
        if !fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() <= FILE_MAX) {
            return None;
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(8 * 1024));
        File::open(path).ok()?.take(FILE_MAX).read_to_end(&mut bytes).ok()?;
        search::find(&bytes, Scope::Either)
    })
}

/// Returns the paths that `text` may mean: unchanged, and without quotes, a name before it (`key=`), `@`, `file://`, `~/`.
fn candidates(text: &str) -> Vec<Zeroizing<String>> {
    if text.is_empty() || text.len() > PATH_MAX || text.contains('\0') {
        return Vec::new();
    }
    let bare = peeled(text);
    let value = bare.split_once(['=', ':']).map(|(_, value)| peeled(value));
    let mut paths = Vec::new();
    for text in [text, bare].into_iter().chain(value) {
        let at = text.trim_start_matches(['@', '<']).trim_start();
        let path = match at.strip_prefix("file:") {
            Some(url) => {
                let url = url.strip_prefix("//localhost/").map_or(url, |_| &url["//localhost".len()..]);
                percent_decoded(url.strip_prefix("//").unwrap_or(url))
            }
            None => Zeroizing::new(at.to_owned()),
        };
        let path = match (path.strip_prefix("~/"), std::env::home_dir()) {
            (Some(below), Some(home)) => Zeroizing::new([&home.to_string_lossy(), "/", below].concat()),
            _ => path,
        };
        if !path.is_empty() && !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// Returns `text` without the blanks, quotes and byte-order mark around it.
fn peeled(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '\u{feff}' | '“' | '”' | '‘' | '’'))
}

/// Decodes the percent escapes of a URL's path; an invalid one stays.
fn percent_decoded(path: &str) -> Zeroizing<String> {
    let mut parts = path.split('%');
    let mut bytes = Bytes::with_capacity(path.len());
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_in_what_surrounds_it() {
        for text in [
            "/a b/k.pem",
            " '/a b/k.pem'\n",
            "@/a b/k.pem",
            "file:///a b/k.pem",
            "file:///a%20b/k.pem",
            "file://localhost/a%20b/k.pem",
            "key=/a b/k.pem",
            "password: \"/a b/k.pem\"",
            "\u{feff}/a b/k.pem",
        ] {
            assert!(candidates(text).iter().any(|path| path.as_str() == "/a b/k.pem"), "{text}");
        }
        assert!(candidates("").is_empty());
        assert!(candidates(&"x".repeat(5000)).is_empty());
    }
}
