//! The values of a chart: one line for each topic and field, from the first value to the last, in bounded memory.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Zoned};

use super::scale::{self, Panel, shown};
use crate::json_field::{Field, NoNumber};

/// Points that are kept per line. If there are more, only the lowest and the highest of each stretch are kept.
const MAX_POINTS: usize = 4000;
/// Seconds over which the rate is measured.
const RATE_SECONDS: usize = 10;

/// The value read from each message.
#[derive(Debug, Clone)]
pub struct Quantity {
    pub field: Field,
    /// The unit of the values; may be empty.
    pub unit: String,
}

/// The values of all topics.
#[derive(Debug)]
pub struct Series {
    began: Instant,
    pub began_at: Zoned,
    /// For each topic a line for each quantity.
    pub lines: Vec<Curve>,
}

/// The values of a topic's field.
#[derive(Debug)]
pub struct Curve {
    topic: String,
    /// The topic, with the field if one is named.
    pub name: String,
    pub unit: String,
    /// Messages with a number.
    pub values: u64,
    /// Messages without one, and why the last of them had none.
    pub others: u64,
    pub why: Option<NoNumber>,
    pub last: Option<f64>,
    /// Lowest and highest value.
    pub range: Option<(f64, f64)>,
    points: Vec<(f64, f64)>,
    /// Values per pair of points, once there were more than [`MAX_POINTS`]; before that each value is a point.
    stride: u64,
    /// The number of values in the unfinished stretch, and its lowest and highest point.
    stretch: (u64, Vec<(f64, f64)>),
    rate: Rate,
}

impl Series {
    /// Returns an empty series for these topics, which begins now.
    pub fn new(
        topics: impl Iterator<Item = String>,
        quantities: &[Quantity],
        (now, began_at): (Instant, Zoned),
    ) -> Series {
        let line = |topic: &str, Quantity { field, unit }: &Quantity| Curve {
            topic: topic.into(),
            name: format!("{topic} {field}").trim_end().into(),
            unit: unit.clone(),
            values: 0,
            others: 0,
            why: None,
            last: None,
            range: None,
            points: Vec::new(),
            stride: 1,
            stretch: (0, Vec::new()),
            rate: Rate::default(),
        };
        let lines_of = |topic: String| quantities.iter().map(move |quantity| line(&topic, quantity));
        Series { began: now, began_at, lines: topics.flat_map(lines_of).collect() }
    }

    /// Adds the values of a message, one for each quantity.
    pub fn take(&mut self, topic: &str, numbers: Vec<Result<f64, NoNumber>>, now: Instant) {
        let at = now.duration_since(self.began).as_secs_f64();
        for (line, number) in self.lines.iter_mut().filter(|line| line.topic == topic).zip(numbers) {
            line.rate.count(at);
            match number {
                Ok(value) => line.push(at, value),
                Err(why) => {
                    line.others += 1;
                    line.why = Some(why);
                }
            }
        }
    }

    /// Returns the time since the beginning.
    pub fn length(&self, now: Instant) -> Duration {
        now.duration_since(self.began)
    }

    /// Returns the time of day this many seconds after the beginning.
    pub fn clock(&self, at: f64) -> String {
        let time = self.began_at.saturating_add(SignedDuration::from_secs(at as i64));
        let form = if time.date() == self.began_at.date() { "%H:%M:%S" } else { "%m-%d %H:%M" };
        time.strftime(form).to_string()
    }

    /// Returns the messages per second on a line, over the last seconds.
    pub fn rate(&self, line: &Curve, now: Instant) -> f64 {
        line.rate.a_second(self.length(now).as_secs_f64())
    }

    /// Returns the lines by the scales that they are drawn on.
    pub fn panels(&self) -> Vec<Panel> {
        scale::panels(&self.lines.iter().map(|line| line.range).collect::<Vec<_>>())
    }
}

impl Curve {
    fn push(&mut self, at: f64, value: f64) {
        self.values += 1;
        self.last = Some(value);
        let (low, high) = self.range.unwrap_or((value, value));
        self.range = Some((low.min(value), high.max(value)));
        let (count, stretch) = &mut self.stretch;
        stretch.push((at, value));
        *count += 1;
        if *count >= self.stride {
            self.points.append(stretch);
            *count = 0;
        } else if stretch.len() > 2 {
            *stretch = extremes(stretch);
        }
        if self.points.len() >= MAX_POINTS {
            self.points = self.points.chunks(4).flat_map(extremes).collect();
            self.stride *= 2;
        }
    }

    /// Returns a value with its unit.
    pub fn with_unit(&self, value: f64) -> String {
        format!("{} {}", shown(value), self.unit).trim_end().into()
    }

    /// Returns all points in order, as seconds since the beginning and value.
    pub fn points(&self) -> Vec<(f64, f64)> {
        self.points.iter().chain(&self.stretch.1).copied().collect()
    }
}

/// Returns the lowest and the highest point of a stretch, in order.
fn extremes(stretch: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
    let (Some(low), Some(high)) = (stretch.iter().min_by(by_value), stretch.iter().max_by(by_value)) else {
        return Vec::new();
    };
    if low.0 <= high.0 { vec![*low, *high] } else { vec![*high, *low] }
}

/// Messages of the last seconds, counted per second.
#[derive(Debug, Default)]
struct Rate {
    counts: [u64; RATE_SECONDS],
    /// The second that was counted last.
    second: u64,
}

impl Rate {
    fn count(&mut self, at: f64) {
        self.forward(at as u64);
        self.counts[self.second as usize % RATE_SECONDS] += 1;
    }

    fn forward(&mut self, second: u64) {
        for new in (self.second + 1..=second).take(RATE_SECONDS) {
            self.counts[new as usize % RATE_SECONDS] = 0;
        }
        if second.saturating_sub(self.second) >= RATE_SECONDS as u64 {
            self.counts = [0; RATE_SECONDS];
        }
        self.second = self.second.max(second);
    }

    fn a_second(&self, now: f64) -> f64 {
        let mut current = Rate { ..*self };
        current.forward(now as u64);
        let span = (now - (now as u64).saturating_sub(RATE_SECONDS as u64 - 1) as f64).max(1.0);
        current.counts.iter().sum::<u64>() as f64 / span
    }
}

/// Returns `1 value`, `2 values`.
pub fn plural(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series() -> (Series, Instant) {
        let began = Instant::now();
        let quantity = Quantity { field: Field::default(), unit: String::new() };
        (Series::new(["t".to_string()].into_iter(), &[quantity], (began, Zoned::now())), began)
    }

    #[test]
    fn memory_is_bounded_and_no_peak_is_lost() {
        let (mut series, began) = series();
        for n in 0..1_000_000_u32 {
            let value = if n == 123_456 {
                -77.0
            } else if n == 765_432 {
                99.0
            } else {
                f64::from(n % 7)
            };
            series.take("t", vec![Ok(value)], began + Duration::from_millis(n.into()));
        }
        let line = &series.lines[0];
        let points = line.points();
        assert!(points.len() < MAX_POINTS + 70, "{}", points.len());
        assert!(points.is_sorted_by(|a, b| a.0 <= b.0));
        for peak in [(123.456, -77.0), (765.432, 99.0)] {
            assert!(points.iter().any(|p| (p.0 - peak.0).abs() < 0.001 && p.1 == peak.1), "{peak:?}");
        }
        assert_eq!(
            (line.values, line.range, line.last),
            (1_000_000, Some((-77.0, 99.0)), Some(f64::from(999_999 % 7)))
        );
        assert!(points.last().unwrap().0 > 998.0, "the newest values are there");
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let (mut series, began) = series();
        for n in 0..200_u64 {
            series.take("t", vec![Ok(1.0)], began + Duration::from_millis(n * 100));
        }
        let rate = |after: u64| series.rate(&series.lines[0], began + Duration::from_secs(after));
        assert!((rate(20) - 10.0).abs() < 1.0, "{}", rate(20));
        assert!(rate(25) < 6.0 && rate(25) > 3.0, "{}", rate(25));
        assert_eq!(rate(40), 0.0);
    }

    #[test]
    fn what_is_no_number_is_counted_and_named() {
        let (mut series, began) = series();
        series.take("t", vec![Err(NoNumber::Payload)], began);
        series.take("other", vec![Ok(1.0)], began);
        assert_eq!(
            (series.lines[0].others, series.lines[0].values, &series.lines[0].why),
            (1, 0, &Some(NoNumber::Payload))
        );
    }
}
