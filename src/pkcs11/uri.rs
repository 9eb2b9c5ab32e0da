//! PKCS#11 URIs (RFC 7512), as far as they name a private key.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::error::Pkcs11Error;
use crate::text::similar::nearest;

/// Names the PKCS#11 module, a shared library, for URIs without `module-path`.
pub const MODULE: &str = "I3_PKCS11_MODULE";
const SCHEME: &str = "pkcs11:";
/// The attributes that describe a key and where it is (RFC 7512 §2.3).
const PATH_ATTRIBUTES: [&str; 13] = [
    "token",
    "manufacturer",
    "serial",
    "model",
    "library-manufacturer",
    "library-description",
    "library-version",
    "object",
    "type",
    "id",
    "slot-manufacturer",
    "slot-description",
    "slot-id",
];
/// Those that say how to access it.
const QUERY_ATTRIBUTES: [&str; 4] = ["pin-source", "pin-value", "module-name", "module-path"];

/// Whether the name of a key is a PKCS#11 URI and not the path of a file.
pub fn is_uri(key: &Path) -> bool {
    let scheme = key.as_os_str().as_encoded_bytes().get(..SCHEME.len());
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME.as_bytes()))
}

/// A URI that names a private key. It holds no PIN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyUri {
    /// The required values of the key, its token and its slot, by attribute.
    wanted: BTreeMap<&'static str, Vec<u8>>,
    /// The file that the PIN is in.
    pub pin_file: Option<PathBuf>,
    /// The module, if the URI names one.
    pub module: Option<PathBuf>,
}

impl KeyUri {
    /// Parses the name of a key, if it is a URI.
    ///
    /// # Errors
    /// As [`KeyUri::from_str`].
    pub fn of(key: &Path) -> Option<Result<KeyUri, Pkcs11Error>> {
        is_uri(key).then(|| match key.to_str() {
            Some(text) => text.parse(),
            None => Err(invalid("the URI", "it is not UTF-8; write other bytes as %XX")),
        })
    }

    /// Describes an object on a token, to be given as a key.
    pub fn naming(token: &str, object: &str, id: &[u8]) -> KeyUri {
        let named = [("token", token.as_bytes()), ("object", object.as_bytes()), ("id", id)];
        let wanted = named.into_iter().filter(|(_, value)| !value.is_empty());
        let wanted = wanted.map(|(attribute, value)| (attribute, value.to_vec())).collect();
        KeyUri { wanted, pin_file: None, module: None }
    }

    /// Returns the required value of an attribute; `None` if any is accepted.
    pub fn wanted(&self, attribute: &str) -> Option<&[u8]> {
        self.wanted.get(attribute).map(Vec::as_slice)
    }

    /// Whether an object's attribute has the required value.
    pub fn accepts(&self, attribute: &str, is: impl AsRef<[u8]>) -> bool {
        self.wanted(attribute).is_none_or(|wanted| wanted == is.as_ref())
    }
}

impl fmt::Display for KeyUri {
    /// Writes the part that names the key, in which only `;` needs quoting for a shell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        for (at, (attribute, value)) in self.wanted.iter().rev().enumerate() {
            write!(f, "{}{attribute}=", if at == 0 { "" } else { ";" })?;
            for byte in value {
                // An id is bytes, not text (RFC 7512 §2.3).
                let is_plain = *attribute != "id" && (byte.is_ascii_alphanumeric() || b"-._~".contains(byte));
                if is_plain { write!(f, "{}", char::from(*byte))? } else { write!(f, "%{byte:02X}")? }
            }
        }
        Ok(())
    }
}

impl FromStr for KeyUri {
    type Err = Pkcs11Error;

    /// # Errors
    /// [`Pkcs11Error::Uri`] says which attribute is wrong; [`Pkcs11Error::PinInUri`].
    fn from_str(text: &str) -> Result<KeyUri, Pkcs11Error> {
        let rest = text.get(SCHEME.len()..).filter(|_| is_uri(Path::new(text)));
        let rest = rest.ok_or_else(|| invalid("the URI", "it does not begin with pkcs11:"))?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        // Before any error that repeats a part of it.
        if rest.split(['?', '&', ';']).any(|part| name_of(part).eq_ignore_ascii_case("pin-value")) {
            return Err(Pkcs11Error::PinInUri);
        }
        let mut uri = KeyUri { wanted: BTreeMap::new(), pin_file: None, module: None };
        for part in path.split(';').filter(|part| !part.is_empty()) {
            uri.take_wanted(part)?;
        }
        for part in query.split('&').filter(|part| !part.is_empty()) {
            uri.take_query(part)?;
        }
        Ok(uri)
    }
}

impl KeyUri {
    fn take_wanted(&mut self, part: &str) -> Result<(), Pkcs11Error> {
        let name = name_of(part);
        let Some(attribute) = PATH_ATTRIBUTES.into_iter().find(|known| *known == name) else {
            return Err(match QUERY_ATTRIBUTES.contains(&name) {
                true => invalid(name, "it belongs after a ?, as in pkcs11:token=…?pin-source=file:/…"),
                false => unknown(name, &PATH_ATTRIBUTES),
            });
        };
        // RFC 7512 §2.3 allows & in a value, but this one is never intended.
        if let Some(name) = part.split('&').skip(1).map(name_of).find(|name| QUERY_ATTRIBUTES.contains(name)) {
            return Err(invalid(name, "it belongs after a ?, not a &, as in pkcs11:token=…?pin-source=file:/…"));
        }
        let value = value_of(attribute, part)?;
        match attribute {
            "id" => {}
            "type" if value != b"private" => {
                let why = "only a private key signs: write type=private, or leave it out";
                return Err(invalid(attribute, why));
            }
            "slot-id" if text(&value).is_none_or(|text| text.parse::<u64>().is_err()) => {
                return Err(invalid(attribute, "it is not a number"));
            }
            _ if text(&value).is_none() => return Err(invalid(attribute, "it is not UTF-8")),
            _ => {}
        }
        match self.wanted.insert(attribute, value) {
            Some(_) => Err(invalid(attribute, "it is given twice")),
            None => Ok(()),
        }
    }

    fn take_query(&mut self, part: &str) -> Result<(), Pkcs11Error> {
        let name = name_of(part);
        let place = match name {
            "pin-source" => &mut self.pin_file,
            "module-path" => &mut self.module,
            "module-name" => return Err(invalid(name, "give the module's path instead, as module-path")),
            _ if PATH_ATTRIBUTES.contains(&name) => return Err(invalid(name, "it belongs before the ?")),
            _ => return Err(unknown(name, &QUERY_ATTRIBUTES)),
        };
        if place.is_some() {
            return Err(invalid(name, "it is given twice"));
        }
        let value = PathBuf::from(OsString::from_vec(value_of(name, part)?));
        *place = Some(if name == "pin-source" { pin_file(value)? } else { absolute(name, value)? });
        Ok(())
    }
}

/// Returns the file that `pin-source` names: a `file:` URI or an absolute path.
fn pin_file(source: PathBuf) -> Result<PathBuf, Pkcs11Error> {
    let bytes = source.as_os_str().as_encoded_bytes();
    if bytes.starts_with(b"|") {
        return Err(invalid("pin-source", "no program is run for a PIN; name a file"));
    }
    let Some(path) = bytes.strip_prefix(b"file:") else { return absolute("pin-source", source) };
    // file:/etc/pin, file:///etc/pin and file://localhost/etc/pin are the same (RFC 8089 §2).
    let path = path.strip_prefix(b"//localhost").or_else(|| path.strip_prefix(b"//")).unwrap_or(path);
    absolute("pin-source", PathBuf::from(OsString::from_vec(path.to_vec())))
}

fn absolute(attribute: &str, path: PathBuf) -> Result<PathBuf, Pkcs11Error> {
    if path.is_absolute() { Ok(path) } else { Err(invalid(attribute, "it is not the absolute path of a file")) }
}

fn name_of(part: &str) -> &str {
    part.split_once('=').map_or(part, |(name, _)| name)
}

fn value_of(attribute: &str, part: &str) -> Result<Vec<u8>, Pkcs11Error> {
    let (_, value) = part.split_once('=').ok_or_else(|| invalid(attribute, "it has no value"))?;
    let value = decoded(value).ok_or_else(|| invalid(attribute, "a % without two hexadecimal digits after it"))?;
    if value.is_empty() { Err(invalid(attribute, "its value is empty")) } else { Ok(value) }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    Some(bytes)
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn unknown(name: &str, known: &[&str]) -> Pkcs11Error {
    let why = nearest(name, known).map_or_else(
        || format!("unknown attribute; the known ones are {}", known.join(", ")),
        |similar| format!("unknown attribute; did you mean '{similar}'?"),
    );
    invalid(&format!("'{name}'"), why)
}

fn invalid(attribute: &str, why: impl Into<String>) -> Pkcs11Error {
    let attribute = match attribute.starts_with(['\'', ' ']) || attribute == "the URI" {
        true => attribute.to_owned(),
        false => format!("'{attribute}'"),
    };
    Pkcs11Error::Uri { attribute, why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_says_which_key_on_which_token_and_where_the_pin_is() {
        let text = "pkcs11:token=My%20token;object=lot1;id=%01%ff;type=private?pin-source=file:/etc/i3/pin&module-path=/usr/lib/m.so";
        let uri: KeyUri = text.parse().unwrap();
        assert!(uri.accepts("token", "My token") && !uri.accepts("token", "My tokens"));
        assert!(uri.accepts("id", [1, 255]) && !uri.accepts("id", [1]));
        assert!(uri.accepts("serial", "any"));
        assert_eq!(uri.pin_file.as_deref(), Some(Path::new("/etc/i3/pin")));
        assert_eq!(uri.module.as_deref(), Some(Path::new("/usr/lib/m.so")));
        for source in ["/etc/i3/pin", "file:///etc/i3/pin", "file://localhost/etc/i3/pin", "file:%2Fetc/i3/pin"] {
            let uri: KeyUri = format!("PKCS11:?pin-source={source}").parse().unwrap();
            assert_eq!(uri.pin_file.as_deref(), Some(Path::new("/etc/i3/pin")), "{source}");
        }
    }

    #[test]
    fn a_wrong_attribute_is_named() {
        for (text, named, says) in [
            ("pkcs11:tokn=i3", "'tokn'", "did you mean 'token'?"),
            ("pkcs11:zzz=i3", "'zzz'", "the known ones are token"),
            ("pkcs11:token=i3;token=i4", "'token'", "twice"),
            ("pkcs11:token=%i3", "'token'", "%"),
            ("pkcs11:token=%+1", "'token'", "%"),
            ("pkcs11:token=%ff", "'token'", "UTF-8"),
            ("pkcs11:object", "'object'", "no value"),
            ("pkcs11:object=", "'object'", "empty"),
            ("pkcs11:type=cert", "'type'", "type=private"),
            ("pkcs11:slot-id=one", "'slot-id'", "number"),
            ("pkcs11:pin-source=/etc/pin", "'pin-source'", "after a ?"),
            ("pkcs11:token=i3;id=%01&pin-source=/etc/pin", "'pin-source'", "after a ?, not a &"),
            ("pkcs11:object=lot1&module-path=/m.so?pin-source=/etc/pin", "'module-path'", "after a ?, not a &"),
            ("pkcs11:?token=i3", "'token'", "before the ?"),
            ("pkcs11:?pin-source=|cat /etc/pin", "'pin-source'", "no program"),
            ("pkcs11:?pin-source=https://pins", "'pin-source'", "absolute path"),
            ("pkcs11:?pin-source=/a&pin-source=/b", "'pin-source'", "twice"),
            ("pkcs11:?module-name=softhsm2", "'module-name'", "module-path"),
            ("pkcs11:?module-path=softhsm2.so", "'module-path'", "absolute path"),
        ] {
            let error = text.parse::<KeyUri>().unwrap_err().to_string();
            assert!(error.contains(&format!(": {named}: ")) && error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn a_pin_in_the_uri_is_refused_and_not_repeated() {
        for text in
            ["pkcs11:token=i3?pin-value=sesame", "pkcs11:zzz=1;pin-value=sesame", "pkcs11:?x=1&PIN-VALUE=sesame"]
        {
            let error = text.parse::<KeyUri>().unwrap_err();
            assert!(matches!(error, Pkcs11Error::PinInUri), "{error}");
            assert!(!error.to_string().contains("sesame"), "{error}");
        }
    }

    #[test]
    fn a_key_that_is_named_is_found_by_its_name() {
        for (token, object, id) in [("My token", "größe;1", &[1, 0, 255][..]), ("t", "", b"\x02"), ("t", "o", b"")] {
            let shown = KeyUri::naming(token, object, id).to_string();
            let uri: KeyUri = shown.parse().unwrap();
            assert_eq!(uri, KeyUri::naming(token, object, id), "{shown}");
            assert!(shown.starts_with("pkcs11:token="), "{shown}");
        }
    }

    #[test]
    fn a_path_is_no_uri() {
        for path in ["pkcs11", "./pkcs11:token", "/etc/pkcs11:x", ""] {
            assert!(!is_uri(Path::new(path)), "{path}");
        }
    }
}
