//! Scales: which lines share one, and its round marks.

/// A line gets its own scale if it would fill less than this part of another's.
const LEAST: f64 = 0.125;
/// Longest label that is written out, in characters.
const LABEL: usize = 10;

/// Lowest and highest value.
pub type Range = (f64, f64);

/// Lines that share a scale, by their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    pub lines: Vec<usize>,
    /// The range of all their values; `None` if they have none.
    pub range: Option<Range>,
}

/// Puts lines with these values on as few scales as possible, such that none that changes is flattened by the others.
/// Those without a value go with the first.
pub fn panels(ranges: &[Option<Range>]) -> Vec<Panel> {
    let mut panels: Vec<Panel> = Vec::new();
    for (index, own) in ranges.iter().enumerate() {
        let Some(own) = *own else { continue };
        let is_seen_on = |panel: &&mut Panel| {
            let joined = joined(panel.range, own);
            let mut all = panel.lines.iter().filter_map(|line| ranges[*line]).chain([own]);
            all.all(|range| range.0 >= range.1 || extent(range) >= LEAST * extent(joined))
        };
        match panels.iter_mut().find(is_seen_on) {
            Some(panel) => {
                panel.range = Some(joined(panel.range, own));
                panel.lines.push(index);
            }
            None => panels.push(Panel { lines: vec![index], range: Some(own) }),
        }
    }
    if panels.is_empty() {
        panels.push(Panel { lines: Vec::new(), range: None });
    }
    panels[0].lines.extend((0..ranges.len()).filter(|line| ranges[*line].is_none()));
    panels[0].lines.sort_unstable();
    panels
}

fn joined(range: Option<Range>, own: Range) -> Range {
    range.map_or(own, |(low, high)| (low.min(own.0), high.max(own.1)))
}

/// Of finite bounds it is finite.
fn extent((low, high): Range) -> f64 {
    high / 2.0 - low / 2.0
}

/// A scale with round marks that holds all values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The lowest mark.
    pub low: f64,
    step: f64,
    /// Steps between the lowest mark and the highest.
    count: usize,
}

impl Scale {
    /// A scale for these values with about `steps` steps at most.
    pub fn new(range: Option<Range>, steps: usize) -> Scale {
        let (low, high) = range.unwrap_or((0.0, 1.0));
        // A constant line runs through the middle.
        let (low, high) = if low < high {
            (low, high)
        } else {
            (low - 1.0_f64.max(low.abs() / 100.0), high + 1.0_f64.max(high.abs() / 100.0))
        };
        let rough = (high / steps as f64) - (low / steps as f64);
        let magnitude = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|m| m * magnitude)
            .into_iter()
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(rough);
        let first = (low / step).floor();
        let count = ((high / step).ceil() - first).clamp(1.0, 100.0);
        Scale { low: first * step, step, count: count as usize }
    }

    /// The highest mark.
    pub fn high(&self) -> f64 {
        self.mark(self.count)
    }

    /// All marks, the lowest first.
    pub fn marks(&self) -> Vec<f64> {
        (0..=self.count).map(|n| self.mark(n)).collect()
    }

    /// The labels of the marks: all different, if ten characters are enough for that.
    pub fn labels(&self) -> Vec<String> {
        let decimals = (-(self.step.log10() + 1e-9).floor()).clamp(0.0, 9.0) as usize;
        let labels: Vec<String> = self.marks().iter().map(|mark| format!("{mark:.decimals$}")).collect();
        match labels.iter().all(|label| label.len() <= LABEL) {
            true => labels,
            false => self.marks().into_iter().map(shown).collect(),
        }
    }

    fn mark(&self, n: usize) -> f64 {
        // No label is -0.
        self.step.mul_add(n as f64, self.low) + 0.0
    }
}

/// Formats a number for a person: at most six significant digits.
pub fn shown(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e9).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = (5.0 - magnitude.max(1.0).log10().floor()).clamp(0.0, 4.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_hold_the_values() {
        for (low, high) in
            [(0.0, 1.0), (678.0, 678.0), (-3.2, 17.9), (1e-9, 3e-9), (0.0, 1e300), (-1e308, 1e308), (5.0, 5.0)]
        {
            let scale = Scale::new(Some((low, high)), 5);
            assert!(
                scale.step > 0.0 && scale.step.is_finite() && (1..=12).contains(&scale.count),
                "{low} {high}: {scale:?}"
            );
            assert!(scale.low <= low && scale.high() >= high * 0.999_999, "{low} {high}: {scale:?}");
        }
        assert_eq!(Scale::new(Some((0.0, 9.7)), 5), Scale { low: 0.0, step: 2.0, count: 5 });
        assert_eq!(Scale::new(None, 1).marks(), [0.0, 1.0]);
    }

    #[test]
    fn labels_tell_the_marks_apart() {
        for (low, high, labels) in [
            (0.0, 1.0, vec!["0.0", "0.5", "1.0"]),
            (-0.3, 0.4, vec!["-0.5", "0.0", "0.5"]),
            (1_234_567.0, 1_234_568.5, vec!["1234567", "1234568", "1234569"]),
            (1e12, 3e12, vec!["1.000e12", "2.000e12", "3.000e12"]),
        ] {
            assert_eq!(Scale::new(Some((low, high)), 2).labels(), labels);
        }
    }

    #[test]
    fn a_line_that_others_would_flatten_has_a_scale_of_its_own() {
        let groups = |ranges: &[Option<Range>]| panels(ranges).into_iter().map(|panel| panel.lines).collect::<Vec<_>>();
        let (small, large) = (Some((20.5, 21.5)), Some((0.0, 678.0)));
        assert_eq!(groups(&[small, large]), [[0], [1]]);
        assert_eq!(groups(&[large, small, Some((0.0, 500.0)), Some((19.0, 22.0))]), [[0, 2], [1, 3]]);
        // A constant is visible on any scale, but flattens others if it is far from them.
        assert_eq!(groups(&[large, Some((100.0, 100.0))]), [[0, 1]]);
        assert_eq!(groups(&[small, Some((100.0, 100.0))]), [[0], [1]]);
        assert_eq!(groups(&[None, small, None, large]), [vec![0, 1, 2], vec![3]]);
        assert_eq!(panels(&[None, None]), [Panel { lines: vec![0, 1], range: None }]);
        assert_eq!(panels(&[Some((-1e308, 1e308)), Some((0.0, 1.0))]).len(), 2);
        assert_eq!(panels(&[small, Some((20.0, 23.0))])[0].range, Some((20.0, 23.0)));
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in
            [(0.0, "0"), (678.0, "678"), (0.1 + 0.2, "0.3"), (123_456.78, "123457"), (1e12, "1.000e12"), (-2.5, "-2.5")]
        {
            assert_eq!(shown(value), text);
        }
    }
}
