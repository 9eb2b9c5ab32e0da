//! How the marketplace's database compares and stores text: collation `latin1_swedish_ci`, character set Windows-1252 (I3
//! facts §6.1).

use std::collections::HashMap;

/// Returns whether the database, and with it the broker, treats two names as the same: case, some accents, and trailing
/// blanks are ignored.
pub fn same(one: &str, other: &str) -> bool {
    one == other || weights(one).eq(weights(other))
}

/// Returns a text that is equal exactly for names that are the [`same`].
pub fn key(name: &str) -> String {
    weights(name).collect()
}

/// Returns the groups of two items or more whose names are the [`same`], in the order of their first items.
pub fn groups<T>(items: &[T], name: impl Fn(&T) -> &str) -> Vec<Vec<&T>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<&T>> = Vec::new();
    for item in items {
        let place = *places.entry(key(name(item))).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// Returns the first character that the database cannot store, and its position counted from 1: anything outside
/// Windows-1252.
pub fn unstorable(text: &str) -> Option<(usize, char)> {
    text.chars().zip(1..).find(|(c, _)| !is_windows_1252(*c)).map(|(c, position)| (position, c))
}

/// Characters whose Windows-1252 byte is not their Unicode number.
const REMAPPED: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

fn is_windows_1252(c: char) -> bool {
    // The five bytes that Windows-1252 leaves undefined represent themselves in MySQL.
    matches!(c, '\0'..='\x7F' | '\u{81}' | '\u{8D}' | '\u{8F}' | '\u{90}' | '\u{9D}' | '\u{A0}'..='\u{FF}')
        || REMAPPED.contains(c)
}

fn weights(text: &str) -> impl Iterator<Item = char> {
    text.trim_end_matches(' ').chars().map(weight)
}

/// Returns the character that represents all that are equal to `c`.
fn weight(c: char) -> char {
    match c.to_ascii_uppercase() {
        'À'..='Ã' | 'à'..='ã' => 'A',
        'Ä' | 'Æ' | 'ä' | 'æ' => '\\',
        'Å' | 'å' => '[',
        'Ç' | 'ç' => 'C',
        'È'..='Ë' | 'è'..='ë' => 'E',
        'Ì'..='Ï' | 'ì'..='ï' => 'I',
        'Ð' | 'ð' => 'D',
        'Ñ' | 'ñ' => 'N',
        'Ò'..='Õ' | 'ò'..='õ' => 'O',
        'Ö' | 'ö' => ']',
        'Ø' | 'ø' => 'Ø',
        'Ù'..='Û' | 'ù'..='û' => 'U',
        'Ü' | 'Ý' | 'ü' | 'ý' => 'Y',
        'Þ' | 'þ' => 'Þ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_are_grouped_as_they_come() {
        let names = ["b", "Café", "a", "cafe", "B ", "x", "CAFE"];
        assert_eq!(groups(&names, |name| name), [vec![&"b", &"B "], vec![&"Café", &"cafe", &"CAFE"]]);
        let many: Vec<String> = (0..100_000).map(|n| format!("hub{n}")).collect();
        assert!(groups(&many, |name| name).is_empty());
    }

    #[test]
    fn names_are_equal_as_the_database_has_them() {
        for (one, other) in [
            ("LOT1", "lot1"),
            ("café1", "cafe1"),
            ("CAFÉ1", "cafe1"),
            ("müll", "myll"),
            ("ý", "Ü"),
            ("señor", "SENOR"),
            ("ça", "Ca"),
            ("ðä", "Dæ"),
            ("Øre", "øre"),
            ("lot1  ", "lot1"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("müll", "mull"),
            ("größe", "grosse"),
            ("ära", "ara"),
            ("ås", "as"),
            ("öl", "ol"),
            ("øl", "ol"),
            (" lot1", "lot1"),
            ("lot", "lot1"),
            ("š", "Š"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_not_windows_1252_cannot_be_stored() {
        assert_eq!(unstorable("Free places – 1,50 € “now” ™ é\r\n"), None);
        assert_eq!(unstorable("zł"), Some((2, 'ł')));
        assert_eq!(unstorable("ok 👍"), Some((4, '👍')));
        assert_eq!(unstorable("ж"), Some((1, 'ж')));
    }
}
