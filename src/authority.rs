//! The authority of an address: `HOST[:PORT]`, with an IPv6 address in brackets (RFC 3986 §3.2).

use std::net::IpAddr;

/// Why a text is not an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorityError {
    /// The host is missing or invalid, or its bracket is not closed.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
}

/// Returns the quotation mark that an address begins or ends with: whoever sets a variable in a file other than a shell's script may
/// have put it around the value.
pub fn quotation_mark(text: &str) -> Option<char> {
    [text.chars().next(), text.chars().next_back()].into_iter().flatten().find(|c| matches!(c, '"' | '\'' | '`'))
}

/// Splits an authority into the host, an IPv6 address without its brackets, and the port, if one is given. An IPv6 address
/// without brackets is accepted, and cannot be followed by a port.
///
/// # Errors
/// [`AuthorityError`].
pub fn split(text: &str) -> Result<(&str, Option<u16>), AuthorityError> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']').ok_or(AuthorityError::Host)? {
            (host, "") => (host, None),
            (host, rest) => (host, Some(rest.strip_prefix(':').ok_or(AuthorityError::Port)?)),
        },
        None if text.matches(':').count() > 1 => (text, None),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err(AuthorityError::Host);
    }
    // `parse` alone would accept "+1".
    let number = |digits: &str| match digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => digits.parse().ok().filter(|port| *port != 0),
        false => None,
    };
    let port = port.map(|digits| number(digits).ok_or(AuthorityError::Port)).transpose()?;
    Ok((host, port))
}

/// Returns the ASCII form of a host's name, in lower case: an internationalised one by IDNA (RFC 5891, UTS 46), as browsers
/// and curl do. `None` for an invalid host name.
pub fn ascii_name(host: &str) -> Option<String> {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    match host.is_ascii() {
        true => is_name(host).then(|| host.to_ascii_lowercase()),
        false => idna::domain_to_ascii(host).ok().filter(|name| is_name(name)),
    }
}

/// Returns the name of a host as people write it, if that differs from the ASCII form.
pub fn people_write(host: &str) -> Option<String> {
    let (name, valid) = idna::domain_to_unicode(host);
    (valid.is_ok() && name != host).then_some(name)
}

/// Returns a host in the form for comparisons and look-ups: a name in lower case (RFC 3986 §6.2.2.1) and in ASCII, an
/// address in its shortest form (RFC 5952). A zone (`fe80::1%eth0`) is unchanged.
///
/// # Errors
/// [`AuthorityError::Host`] for an invalid name in another script.
pub fn canonical(host: &str) -> Result<String, AuthorityError> {
    let (address, zone) = host.split_at(host.find('%').unwrap_or(host.len()));
    match address.parse::<IpAddr>() {
        Ok(address) => Ok(format!("{address}{zone}")),
        Err(_) if host.is_ascii() => Ok(host.to_ascii_lowercase()),
        Err(_) => ascii_name(host).ok_or(AuthorityError::Host),
    }
}

#[cfg(test)]
mod tests {
    use super::{AuthorityError, ascii_name, canonical, people_write};

    #[test]
    fn one_host_has_one_spelling() {
        for (given, canonical_form) in [
            ("Broker.Example.ORG", "broker.example.org"),
            ("127.0.0.1", "127.0.0.1"),
            ("0:0:0:0:0:0:0:1", "::1"),
            ("FE80::0001%Eth0", "fe80::1%Eth0"),
            ("Bücher.Example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(canonical(given).as_deref(), Ok(canonical_form), "{given}");
        }
        assert_eq!(canonical("bü/cher"), Err(AuthorityError::Host));
    }

    #[test]
    fn a_name_in_any_script_has_an_ascii_form() {
        for (given, ascii) in [
            ("Bücher.Example", Some("xn--bcher-kva.example")),
            // The same with the accent as its own character.
            ("bu\u{308}cher.example", Some("xn--bcher-kva.example")),
            ("例え。テスト", Some("xn--r8jz45g.xn--zckzah")),
            ("Broker.Example", Some("broker.example")),
            ("bü cher", None),
            ("bü/cher", None),
            ("a/b", None),
            ("", None),
        ] {
            assert_eq!(ascii_name(given).as_deref(), ascii, "{given}");
        }
        assert_eq!(people_write("xn--bcher-kva.example").as_deref(), Some("bücher.example"));
        assert_eq!(people_write("broker.example"), None);
        assert_eq!(people_write("127.0.0.1"), None);
    }
}
