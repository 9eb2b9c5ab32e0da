//! Prometheus' text format, version 0.0.4, as described in "Exposition formats" of its documentation.

use std::fmt::{Display, Write as _};

/// Its media type.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whether a number only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricType {
    Counter,
    Gauge,
}

/// A page of metrics under construction.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// Adds the samples of a metric, each with what [`labels`] returns. Without samples it adds nothing.
    pub fn family<L: Display, V: Display>(
        &mut self,
        name: &str,
        kind: MetricType,
        help: &str,
        samples: impl IntoIterator<Item = (L, V)>,
    ) {
        let kind = match kind {
            MetricType::Counter => "counter",
            MetricType::Gauge => "gauge",
        };
        for (number, (labels, value)) in samples.into_iter().enumerate() {
            if number == 0 {
                let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
            }
            let _ = writeln!(self.0, "{name}{labels} {value}");
        }
    }

    pub fn into_text(self) -> String {
        self.0
    }
}

/// Returns labels as written between a name and a value. Each value may be any text.
pub fn labels(labels: &[(&str, &str)]) -> String {
    let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", labels.join(","))
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_can_be_a_label() {
        assert_eq!(
            labels(&[("device", "a\"b\\n\nc\r\t{},="), ("match", "größe/+")]),
            "{device=\"a\\\"b\\\\n\\nc\r\t{},=\",match=\"größe/+\"}"
        );
    }

    #[test]
    fn a_family_has_one_head_and_none_without_samples() {
        let mut page = Page::default();
        page.family("a_total", MetricType::Counter, "Letters.", [("{x=\"1\"}", 5), ("", 6)]);
        page.family("b", MetricType::Gauge, "None.", std::iter::empty::<(&str, u64)>());
        page.family("c", MetricType::Gauge, "A time.", [("", 1.25)]);
        let expected = "# HELP a_total Letters.\n# TYPE a_total counter\na_total{x=\"1\"} 5\na_total 6\n\
                        # HELP c A time.\n# TYPE c gauge\nc 1.25\n";
        assert_eq!(page.into_text(), expected);
    }
}
