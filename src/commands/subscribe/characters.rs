//! Which characters the terminal shows, by the locale.

use std::env;

/// The variables that determine the encoding of text; the first one that is set counts (POSIX, "Environment Variables" §8.2).
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

/// The characters that may be drawn on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Characters {
    Unicode,
    Ascii,
}

impl Characters {
    /// Returns those of the locale: Unicode if its encoding is UTF-8.
    pub fn of_locale() -> Characters {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        let locale = VARIABLES.into_iter().find_map(set).unwrap_or_default();
        Characters::of(&locale.to_string_lossy())
    }

    /// Of a locale, written as `language_TERRITORY.ENCODING@modifier`.
    fn of(locale: &str) -> Characters {
        let encoding = locale.split_once('.').map_or("", |(_, rest)| rest.split('@').next().unwrap_or_default());
        let is_utf8 = ["utf-8", "utf8"].iter().any(|name| name.eq_ignore_ascii_case(encoding));
        if is_utf8 { Characters::Unicode } else { Characters::Ascii }
    }
}

/// The replacement for a character on a terminal that has only ASCII.
pub fn ascii(symbol: &str) -> &str {
    match symbol {
        "│" => "|",
        "─" => "-",
        "└" => "+",
        "…" => "~",
        symbol if symbol.is_ascii() => symbol,
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_its_encoding() {
        for locale in ["C.UTF-8", "en_US.utf8", "de_DE.UTF-8@euro"] {
            assert_eq!(Characters::of(locale), Characters::Unicode, "{locale}");
        }
        for locale in ["", "C", "POSIX", "en_US", "de_DE@euro", "de_DE.ISO-8859-15", "utf8"] {
            assert_eq!(Characters::of(locale), Characters::Ascii, "{locale}");
        }
    }
}
