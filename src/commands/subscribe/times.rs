//! Marks of a time axis: at round times of the day, with as much of the date as the time span requires.

use jiff::{Timestamp, ToSpan as _, Zoned};

/// Seconds between two marks, up to half a day.
const STEPS: [i64; 17] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200];
const DAY: i64 = 86_400;
/// Days between two marks.
const DAYS: [i64; 9] = [1, 2, 7, 14, 30, 60, 180, 365, 3650];

/// A time axis.
#[derive(Debug, PartialEq)]
pub struct Times {
    /// Seconds since the beginning, and the label.
    pub marks: Vec<(f64, String)>,
    /// Date and time zone.
    pub caption: String,
}

impl Times {
    /// The axis of this many seconds from `began`, with room for `columns` characters. Between two labels are two blanks at least.
    pub fn new(began: &Zoned, seconds: f64, columns: usize) -> Times {
        let end = after(began, seconds);
        let is_far = seconds > DAY as f64;
        let form_of = |step: i64| match step {
            DAY.. => "%Y-%m-%d",
            60.. if is_far => "%m-%d %H:%M",
            60.. => "%H:%M",
            _ => "%H:%M:%S",
        };
        let fits = |step: &i64| {
            let label = after(began, 0.0).strftime(form_of(*step)).to_string().len() + 2;
            ((seconds / *step as f64) as usize + 1) * label <= columns
        };
        let steps = STEPS.into_iter().chain(DAYS.map(|days| days * DAY));
        let step = steps.into_iter().find(fits).unwrap_or(DAYS[DAYS.len() - 1] * DAY);
        let times = if step < DAY { of_clock(began, &end, step) } else { of_dates(began, &end, step / DAY) };
        let mut marks: Vec<(f64, String)> = times
            .into_iter()
            .map(|time| (seconds_between(began, &time), time.strftime(form_of(step)).to_string()))
            .collect();
        if marks.is_empty() {
            marks.push((0.0, began.strftime(form_of(1)).to_string()));
        }
        Times { marks, caption: caption(began, &end) }
    }
}

fn after(began: &Zoned, seconds: f64) -> Zoned {
    began.saturating_add(jiff::SignedDuration::from_millis((seconds * 1000.0) as i64))
}

fn seconds_between(began: &Zoned, time: &Zoned) -> f64 {
    began.duration_until(time).as_secs_f64()
}

/// The times at which the clock shows a multiple of these seconds.
fn of_clock(began: &Zoned, end: &Zoned, step: i64) -> Vec<Zoned> {
    let offset = i64::from(began.offset().seconds());
    let shown = began.timestamp().as_second() + offset;
    let first = shown.div_euclid(step) * step - offset;
    let times = (0..).map_while(|n| Timestamp::from_second(first + n * step).ok());
    let times = times.map(|time| time.to_zoned(began.time_zone().clone()));
    times.skip_while(|time| time < began).take_while(|time| time <= end).collect()
}

/// Midnights, which are not always a day apart.
fn of_dates(began: &Zoned, end: &Zoned, days: i64) -> Vec<Zoned> {
    let midnight = |n: i64| {
        let date = began.date().checked_add((n * days).days()).ok()?;
        date.to_zoned(began.time_zone().clone()).ok()
    };
    (0..).map_while(midnight).skip_while(|time| time < began).take_while(|time| time <= end).collect()
}

fn caption(began: &Zoned, end: &Zoned) -> String {
    let dates = match began.date() == end.date() {
        true => began.date().to_string(),
        false => format!("{} to {}", began.date(), end.date()),
    };
    let offset = match began.offset().seconds() {
        0 => "UTC".into(),
        _ => format!("UTC{}", began.strftime("%:z")),
    };
    match began.time_zone().iana_name().filter(|name| name.contains('/') && *name != "Etc/UTC") {
        Some(name) => format!("{dates}, {name} ({offset})"),
        None => format!("{dates}, {offset}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(began: &str, seconds: f64) -> (Vec<String>, String) {
        let Times { marks, caption } = Times::new(&began.parse().unwrap(), seconds, 100);
        assert!(marks.iter().all(|(at, _)| (0.0..=seconds).contains(at)), "{marks:?}");
        (marks.into_iter().map(|(_, label)| label).collect(), caption)
    }

    #[test]
    fn marks_are_round_and_say_what_the_span_needs() {
        let (marks, caption) = axis("2026-11-27T11:59:57.5+01:00[+01:00]", 20.0);
        assert_eq!(marks[..2], ["12:00:00", "12:00:05"].map(String::from));
        assert_eq!(caption, "2026-11-27, UTC+01:00");
        let (marks, caption) = axis("2026-11-27T23:10:00+00:00[UTC]", 2.0 * 3600.0);
        assert_eq!(
            marks,
            [
                "23:10", "23:20", "23:30", "23:40", "23:50", "00:00", "00:10", "00:20", "00:30", "00:40", "00:50",
                "01:00", "01:10"
            ]
        );
        assert_eq!(caption, "2026-11-27 to 2026-11-28, UTC");
        let (marks, _) = axis("2026-11-27T10:30:00+00:00[UTC]", 2.5 * DAY as f64);
        assert_eq!(marks[..2], ["11-27 12:00", "11-28 00:00"].map(String::from));
        let (marks, _) = axis("2026-11-27T10:30:00+00:00[UTC]", 40.0 * DAY as f64);
        assert_eq!(marks[0], "2026-12-04");
        // There are no round times within half a second.
        assert_eq!(axis("2026-11-27T10:30:00.2+00:00[UTC]", 0.5).0, ["10:30:00"]);
    }

    #[test]
    fn days_begin_at_midnight_in_summer_and_winter_time() {
        let Ok(zone) = jiff::tz::TimeZone::get("Europe/Berlin") else { return };
        let began = jiff::civil::date(2026, 10, 20).at(12, 0, 0, 0).to_zoned(zone).unwrap();
        let Times { marks, caption } = Times::new(&began, 9.0 * DAY as f64, 120);
        assert_eq!(marks.len(), 9, "{marks:?}");
        assert_eq!(marks[0], (DAY as f64 / 2.0, "2026-10-21".into()));
        assert_eq!(marks[8], (8.5 * DAY as f64 + 3600.0, "2026-10-29".into()));
        assert_eq!(caption, "2026-10-20 to 2026-10-29, Europe/Berlin (UTC+02:00)");
    }
}
