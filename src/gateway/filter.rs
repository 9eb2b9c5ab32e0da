//! Filters with wildcards, as in MQTT and NATS, and the topics made from the matches.

use std::fmt;

/// The language of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Levels between `/`, `+` for one level, `#` at the end for the rest (MQTT 3.1.1 §4.7).
    Mqtt,
    /// Tokens between `.`, `*` for one token, `>` at the end for one or more.
    Nats,
}

impl Dialect {
    fn separator(self) -> char {
        match self {
            Dialect::Mqtt => '/',
            Dialect::Nats => '.',
        }
    }

    fn level(self, text: &str) -> TopicLevel {
        match (self, text) {
            (Dialect::Mqtt, "+") | (Dialect::Nats, "*") => TopicLevel::Any,
            (Dialect::Mqtt, "#") | (Dialect::Nats, ">") => TopicLevel::Rest,
            _ => TopicLevel::Exactly(text.into()),
        }
    }
}

/// Prefixes of special subscriptions (MQTT 5 §4.8.2, and those of EMQX, HiveMQ and BifroMQ).
const PREFIXES: [&str; 4] = ["$share", "$oshare", "$queue", "$exclusive"];

/// Why a text is not a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("it is empty, too long, or has a character that cannot be sent")]
    Text,
    #[error("a wildcard must be a whole level: a/+/b")]
    Wildcard,
    #[error("the wildcard for the rest must be the last level")]
    NotLast,
    #[error("a token is empty")]
    EmptyToken,
    /// Brokers treat such a prefix as a kind of subscription, and deliver the messages without it.
    #[error("messages come without its first part; to share them, write share = \"GROUP\" in the source")]
    Prefix,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TopicLevel {
    Exactly(Box<str>),
    /// Any one level.
    Any,
    /// All levels from here on.
    Rest,
}

/// A filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    text: String,
    dialect: Dialect,
    levels: Vec<TopicLevel>,
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// [`FilterError`].
    pub fn parse(text: &str, dialect: Dialect) -> Result<Filter, FilterError> {
        let is_sendable = |c: char| match dialect {
            Dialect::Mqtt => c != '\0',
            Dialect::Nats => !c.is_whitespace() && !c.is_control(),
        };
        if text.is_empty() || text.len() > usize::from(u16::MAX) || !text.chars().all(is_sendable) {
            return Err(FilterError::Text);
        }
        if dialect == Dialect::Mqtt && text.split_once('/').is_some_and(|(first, _)| PREFIXES.contains(&first)) {
            return Err(FilterError::Prefix);
        }
        let levels: Vec<TopicLevel> = text.split(dialect.separator()).map(|level| dialect.level(level)).collect();
        for (at, level) in levels.iter().enumerate() {
            match level {
                TopicLevel::Exactly(level) if dialect == Dialect::Nats && level.is_empty() => {
                    return Err(FilterError::EmptyToken);
                }
                TopicLevel::Exactly(level) if dialect == Dialect::Mqtt && level.contains(['+', '#']) => {
                    return Err(FilterError::Wildcard);
                }
                TopicLevel::Rest if at + 1 < levels.len() => return Err(FilterError::NotLast),
                _ => {}
            }
        }
        Ok(Filter { text: text.into(), dialect, levels })
    }

    /// Returns the text of the filter.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns how many wildcards it has.
    pub fn wildcards(&self) -> usize {
        self.levels.iter().filter(|level| !matches!(level, TopicLevel::Exactly(_))).count()
    }

    /// Returns the filter with this text in place of a single-level wildcard, by its number from 1; `None` if there is no
    /// such wildcard.
    pub fn fixed(&self, number: usize, text: &str) -> Option<String> {
        let is_wildcard = |(_, level): &(usize, &TopicLevel)| !matches!(level, TopicLevel::Exactly(_));
        let at = number.checked_sub(1)?;
        let (place, _) = self
            .levels
            .iter()
            .enumerate()
            .filter(is_wildcard)
            .nth(at)
            .filter(|(_, level)| **level == TopicLevel::Any)?;
        let separator = self.dialect.separator();
        let mut levels: Vec<&str> = self.text.split(separator).collect();
        levels[place] = text;
        Some(levels.join(&separator.to_string()))
    }

    /// Returns whether a message can be published to this text, which has no wildcards.
    pub fn is_topic(text: &str, dialect: Dialect) -> bool {
        Filter::parse(text, dialect).is_ok_and(|filter| filter.wildcards() == 0)
    }

    /// Returns the matches of the wildcards, in order; `None` if the topic does not match.
    pub fn captures<'t>(&self, topic: &'t str) -> Option<Vec<&'t str>> {
        // A wildcard at the start matches no topic of the broker itself (MQTT 3.1.1 §4.7.2).
        let is_hidden = self.dialect == Dialect::Mqtt && topic.starts_with('$');
        if is_hidden && !matches!(self.levels.first(), Some(TopicLevel::Exactly(_))) {
            return None;
        }
        let separator = self.dialect.separator();
        let mut found = Vec::new();
        // The rest of the topic; `None` after its last level.
        let mut rest = Some(topic);
        for level in &self.levels {
            if *level == TopicLevel::Rest {
                // `a/#` matches `a` as well; `a.>` does not match `a`.
                match rest {
                    Some(rest) => found.push(rest),
                    None if self.dialect == Dialect::Mqtt => found.push(""),
                    None => return None,
                }
                return Some(found);
            }
            let (here, after) = match rest?.split_once(separator) {
                Some((here, after)) => (here, Some(after)),
                None => (rest?, None),
            };
            match level {
                TopicLevel::Exactly(text) if **text != *here => return None,
                TopicLevel::Any => found.push(here),
                _ => {}
            }
            rest = after;
        }
        rest.is_none().then_some(found)
    }

    /// Returns whether some topic matches both filters.
    pub fn overlaps(&self, other: &Filter) -> bool {
        let mut pairs = (self.levels.iter(), other.levels.iter());
        loop {
            match (pairs.0.next(), pairs.1.next()) {
                (None, None) | (Some(TopicLevel::Rest), _) | (_, Some(TopicLevel::Rest)) => return true,
                (Some(TopicLevel::Exactly(a)), Some(TopicLevel::Exactly(b))) if a != b => return false,
                (Some(_), Some(_)) => {}
                _ => return false,
            }
        }
    }
}

/// Why a text is not a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("only a number may stand in braces: {{1}} is what the first wildcard matched")]
    Braces,
    #[error("it has {{{0}}}, and the filter has no wildcard with this number")]
    NoWildcard(usize),
}

/// A text with placeholders for the matches of wildcards: `alice/garden/{1}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    pieces: Vec<TemplatePiece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TemplatePiece {
    Text(Box<str>),
    /// Counted from 0.
    Wildcard(usize),
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Template {
    /// Reads a template for a filter with this many wildcards.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn parse(text: &str, wildcards: usize) -> Result<Template, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            let (number, after) =
                from.strip_prefix('{').and_then(|from| from.split_once('}')).ok_or(TemplateError::Braces)?;
            let number: usize = number.parse().map_err(|_| TemplateError::Braces)?;
            let index = number.checked_sub(1).filter(|index| *index < wildcards);
            pieces.extend((!before.is_empty()).then(|| TemplatePiece::Text(before.into())));
            pieces.push(TemplatePiece::Wildcard(index.ok_or(TemplateError::NoWildcard(number))?));
            rest = after;
        }
        pieces.extend((!rest.is_empty()).then(|| TemplatePiece::Text(rest.into())));
        Ok(Template { text: text.into(), pieces })
    }

    /// Returns the text of the template.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns a filter that matches all topics it can make.
    pub fn reach(&self) -> Option<Filter> {
        let level = |level| if str::contains(level, '{') { "+" } else { level };
        Filter::parse(&self.text.split('/').map(level).collect::<Vec<_>>().join("/"), Dialect::Mqtt).ok()
    }

    /// Returns the text of a template with this text substituted for a wildcard, by its number from 1.
    pub fn fixed(template: &str, number: usize, text: &str, wildcards: usize) -> String {
        let fixed = template.replace(&format!("{{{number}}}"), text);
        (number..wildcards).fold(fixed, |fixed, n| fixed.replace(&format!("{{{}}}", n + 1), &format!("{{{n}}}")))
    }

    /// Returns the text for these captures; a placeholder without one stays empty.
    pub fn fill(&self, captures: &[&str]) -> String {
        let piece = |piece: &TemplatePiece| match piece {
            TemplatePiece::Text(text) => text.to_string(),
            TemplatePiece::Wildcard(index) => captures.get(*index).copied().unwrap_or_default().to_owned(),
        };
        self.pieces.iter().map(piece).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures<'t>(filter: &str, dialect: Dialect, topic: &'t str) -> Option<Vec<&'t str>> {
        Filter::parse(filter, dialect).unwrap().captures(topic)
    }

    #[test]
    fn mqtt_filters_match_as_the_standard_says() {
        for (filter, topic, expected) in [
            ("a/b", "a/b", Some(vec![])),
            ("a/b", "a/b/c", None),
            ("a/b", "a", None),
            ("a/+/c", "a/b/c", Some(vec!["b"])),
            ("a/+/c", "a//c", Some(vec![""])),
            ("+/+", "/x", Some(vec!["", "x"])),
            ("+", "a/b", None),
            ("a/#", "a/b/c", Some(vec!["b/c"])),
            ("a/#", "a", Some(vec![""])),
            ("a/#", "ab", None),
            ("#", "a/b", Some(vec!["a/b"])),
            ("+/b/#", "a/b/c/d", Some(vec!["a", "c/d"])),
            ("#", "$SYS/x", None),
            ("+/x", "$SYS/x", None),
            ("$SYS/#", "$SYS/x", Some(vec!["x"])),
        ] {
            assert_eq!(captures(filter, Dialect::Mqtt, topic), expected, "{filter} {topic}");
        }
    }

    #[test]
    fn nats_subjects_match_as_their_manual_says() {
        for (filter, subject, expected) in [
            ("a.b", "a.b", Some(vec![])),
            ("a.*.c", "a.b.c", Some(vec!["b"])),
            ("a.>", "a.b.c", Some(vec!["b.c"])),
            ("a.>", "a", None),
            ("*.x", "a.y", None),
            (">", "a", Some(vec!["a"])),
            ("a/+", "a/+", Some(vec![])),
        ] {
            assert_eq!(captures(filter, Dialect::Nats, subject), expected, "{filter} {subject}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for (text, dialect, why) in [
            ("", Dialect::Mqtt, FilterError::Text),
            ("a\0", Dialect::Mqtt, FilterError::Text),
            ("a b", Dialect::Nats, FilterError::Text),
            ("a/b+", Dialect::Mqtt, FilterError::Wildcard),
            ("a#", Dialect::Mqtt, FilterError::Wildcard),
            ("#/a", Dialect::Mqtt, FilterError::NotLast),
            (">.a", Dialect::Nats, FilterError::NotLast),
            ("a..b", Dialect::Nats, FilterError::EmptyToken),
            ("$share/g/a/#", Dialect::Mqtt, FilterError::Prefix),
            ("$queue/a", Dialect::Mqtt, FilterError::Prefix),
            ("$exclusive/a", Dialect::Mqtt, FilterError::Prefix),
        ] {
            assert_eq!(Filter::parse(text, dialect), Err(why), "{text}");
        }
    }

    #[test]
    fn a_wildcard_is_replaced_and_those_after_it_move_up() {
        let fixed = |text: &str, dialect, number| Filter::parse(text, dialect).unwrap().fixed(number, "x");
        assert_eq!(fixed("a/+/b/+", Dialect::Mqtt, 2).as_deref(), Some("a/+/b/x"));
        assert_eq!(fixed("*.b.>", Dialect::Nats, 1).as_deref(), Some("x.b.>"));
        for (text, number) in [("a/+", 0), ("a/+", 2), ("a/#", 1), ("a", 1)] {
            assert_eq!(fixed(text, Dialect::Mqtt, number), None, "{text} {number}");
        }
        assert_eq!(Template::fixed("u/{2}/{1}-{3}", 1, "x", 3), "u/{1}/x-{2}");
        let reach = |text: &str| Template::parse(text, 1).unwrap().reach().unwrap();
        assert_eq!(reach("u/h/p{1}").as_str(), "u/h/+");
    }

    #[test]
    fn overlaps_are_found() {
        let overlap = |a, b| {
            let [a, b] = [a, b].map(|text| Filter::parse(text, Dialect::Mqtt).unwrap());
            assert_eq!(a.overlaps(&b), b.overlaps(&a));
            a.overlaps(&b)
        };
        assert!(overlap("a/+", "+/b") && overlap("a/#", "a") && overlap("#", "x/y") && overlap("a/b", "a/b"));
        assert!(!overlap("a/+", "b/+") && !overlap("a/b", "a/b/c") && !overlap("+/x/#", "a/y"));
    }

    #[test]
    fn templates_are_filled_with_what_was_matched() {
        let fill = |text: &str, captures: &[&str]| Template::parse(text, captures.len()).map(|t| t.fill(captures));
        assert_eq!(fill("alice/garden/{1}", &["bed1"]).as_deref(), Ok("alice/garden/bed1"));
        assert_eq!(fill("{2}-{1}{1}", &["a", "b"]).as_deref(), Ok("b-aa"));
        assert_eq!(fill("plain", &[]).as_deref(), Ok("plain"));
        assert_eq!(fill("{1}", &[]), Err(TemplateError::NoWildcard(1)));
        for wrong in ["{", "}", "{}", "{x}", "{0", "a}b"] {
            assert_eq!(fill(wrong, &["a"]), Err(TemplateError::Braces), "{wrong}");
        }
        assert_eq!(fill("{0}", &["a"]), Err(TemplateError::NoWildcard(0)));
    }
}
