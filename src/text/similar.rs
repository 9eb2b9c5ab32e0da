//! Which name was perhaps meant, and some of the existing names.

/// Most names in a message.
const NAMES_MAX: usize = 20;

/// Returns the name that was perhaps meant by an unknown one.
pub fn nearest<N: AsRef<str>>(name: &str, of: impl IntoIterator<Item = N>) -> Option<N> {
    // The similarity that clap requires for suggested options.
    const ALIKE: f64 = 0.7;
    let alike = |known: &str| {
        // A common path does not make the last parts similar.
        let same = name.char_indices().zip(known.chars()).take_while(|((_, one), other)| one == other);
        let common = same.filter(|((_, c), _)| "/$".contains(*c)).last().map_or(0, |((at, _), _)| at + 1);
        strsim::jaro(&name[common..], &known[common..])
    };
    let of = of.into_iter().map(|known| (alike(known.as_ref()), known));
    let alike = of.filter(|(alike, known)| *alike > ALIKE && known.as_ref() != name);
    alike.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, known)| known)
}

/// Returns the question whether another name was meant.
pub fn did_you_mean(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("; did you mean '{name}'?"))
}

/// Returns the first few of `items`, separated by commas, and how many more there are; `none` if there are none.
pub fn few<T: ToString>(items: impl ExactSizeIterator<Item = T>, none: &str) -> String {
    let more = items.len().saturating_sub(NAMES_MAX);
    let shown: Vec<String> = items.take(NAMES_MAX).map(|item| item.to_string()).collect();
    match (shown.is_empty(), more) {
        (true, _) => none.into(),
        (_, 0) => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        let names = || ["broker", "market", "device", "api_key_file"];
        assert_eq!(nearest("brocker", names()), Some("broker"));
        assert_eq!(nearest("api-key-file", names()), Some("api_key_file"));
        assert_eq!(nearest("colour", names()), None);
        assert_eq!(nearest("broker", ["broker"]), None);
        assert_eq!(nearest("alice/parking/zzz", ["alice/parking/occupancy"]), None);
        assert_eq!(
            nearest("alice/parkin/free", ["alice/parking/free", "alice/meteo/free"]),
            Some("alice/parking/free")
        );
    }

    #[test]
    fn of_many_names_a_few_are_told() {
        assert_eq!(few([1, 2].into_iter(), "none"), "1, 2");
        assert_eq!(few(std::iter::empty::<u8>(), "none"), "none");
        assert!(few(0..100_000, "none").ends_with(", 18, 19 and 99980 more"));
    }
}
