//! A frame of the live chart: a chart for each scale, one above the other, over the same time.

use std::time::Instant;

use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Style};
use ratatui_core::symbols::Marker;
use ratatui_core::terminal::Frame;
use ratatui_core::text::{Line as Text, Span};
use ratatui_widgets::canvas::{Canvas, Line as Stroke, Points};
use unicode_width::UnicodeWidthStr as _;

use super::characters::{Characters, ascii};
use super::scale::{Panel, Scale, shown};
use super::series::{Curve, Series, plural};
use crate::text::one_line;
use crate::text::wrap::{clipped, wrapped};

const COLOURS: [Color; 6] = [Color::Cyan, Color::Yellow, Color::Magenta, Color::Green, Color::Red, Color::Blue];
/// The characters for lines if there is only ASCII; as many as there are colours, which may not be visible.
const GLYPHS: [char; 6] = ['*', '+', 'x', 'o', '#', '@'];
/// Most lines of a chart that are named; the chart shows all.
const LEGEND: usize = 6;
/// The smallest terminal that shows a chart: smaller ones show only values.
const MIN_WIDTH: u16 = 20;
const MIN_HEIGHT: u16 = 7;
/// Fewest rows of a chart.
const MIN_CHART: u16 = 3;
/// Rows of the axis below the charts.
const TIME_AXIS: u16 = 2;
/// The available keys.
const KEYS: &str = "q ends";

/// The text shown beside the values.
#[derive(Debug, Clone)]
pub struct Caption {
    pub characters: Characters,
    /// The state of the connection, unless it is simply open.
    pub status: Option<String>,
}

/// Paints one frame. Nothing is wider than the terminal.
pub fn paint(frame: &mut Frame<'_>, series: &Series, caption: &Caption, now: Instant) {
    let area = frame.area();
    if area.width < MIN_WIDTH || area.height < MIN_HEIGHT {
        paint_values(frame, series);
    } else {
        paint_charts(frame, series, caption, now);
    }
    if caption.characters == Characters::Ascii {
        for cell in &mut frame.buffer_mut().content {
            let symbol = ascii(cell.symbol()).to_owned();
            cell.set_symbol(&symbol);
        }
    }
}

/// The known values in as little space as possible.
fn paint_values(frame: &mut Frame<'_>, series: &Series) {
    let area = frame.area();
    let width = usize::from(area.width);
    let value = |line: &Curve| {
        let last = line.last.map_or_else(|| "-".into(), |last| line.with_unit(last));
        clipped(&format!("{last} {}", line.name), width)
    };
    let mut rows: Vec<String> = series.lines.iter().map(value).collect();
    rows.truncate(usize::from(area.height.saturating_sub(1)).max(1));
    rows.push(clipped(KEYS, width));
    let needs = format!("A chart needs {MIN_WIDTH} columns and {MIN_HEIGHT} rows.");
    rows.extend(wrapped(&needs, width, 0).lines().map(|line| clipped(line, width)));
    for (row, text) in area.rows().zip(rows) {
        frame.render_widget(Text::from(text), row);
    }
}

fn paint_charts(frame: &mut Frame<'_>, series: &Series, caption: &Caption, now: Instant) {
    let area = frame.area();
    let status = caption.status.as_deref().map(one_line).unwrap_or_default();
    // The status is beside the keys, or above them if it is long.
    let is_long = KEYS.len() + 3 + status.width() > usize::from(area.width);
    let most = usize::from(area.height - MIN_HEIGHT).min(3);
    let above = if is_long { in_rows(&status, usize::from(area.width), most) } else { Vec::new() };
    let rows = area.height - above.len() as u16 - TIME_AXIS - 1;
    let mut panels = series.panels();
    let left_out = panels.split_off(panels.len().min(usize::from(rows / (MIN_CHART + 1))));
    let count = panels.len() as u16;
    let (height, rest) = (rows / count, rows % count);
    let scale = |panel: &Panel, height: u16| {
        // One mark in three rows.
        Scale::new(panel.range, usize::from(height).div_ceil(3).clamp(1, 8))
    };
    let mut places = Vec::new();
    let mut top = area.y;
    for (number, panel) in panels.iter().enumerate() {
        let height = height + if number == 0 { rest } else { 0 };
        let named = panel.lines.len().min(LEGEND).min(usize::from(height - MIN_CHART));
        places.push((top, named, height - named as u16, scale(panel, height - named as u16)));
        top += height;
    }
    let labels = places.iter().flat_map(|(.., scale)| scale.labels());
    let widest = labels.map(|label| label.width()).max().unwrap_or_default() as u16;
    // Half of a narrow terminal is for the lines.
    let gutter = if widest <= area.width / 2 { widest } else { 0 };
    let mut unnamed = 0;
    for (panel, (top, named, height, scale)) in panels.iter().zip(&places) {
        for (row, index) in panel.lines.iter().take(*named).enumerate() {
            let row = Rect { y: top + row as u16, height: 1, ..area };
            frame.render_widget(legend_of(series, *index, caption.characters, row.width, now), row);
        }
        unnamed += panel.lines.len() - named;
        let place = Rect { y: top + *named as u16, height: *height, ..area };
        paint_chart(frame, (series, panel, scale), gutter, place, caption.characters, now);
    }
    paint_times(frame, series, gutter, Rect { y: top, height: TIME_AXIS, ..area }, now);
    for (row, text) in above.iter().enumerate() {
        let row = Rect { y: top + TIME_AXIS + row as u16, height: 1, ..area };
        frame.render_widget(Span::styled(text.as_str(), noticed()), row);
    }
    let mut foot = vec![Span::raw(KEYS)];
    if !is_long && !status.is_empty() {
        foot.push(Span::styled(format!("   {status}"), noticed()));
    }
    if !left_out.is_empty() {
        foot.push(Span::raw(format!("   {} on a taller terminal", plural(left_out.len() as u64, "more chart"))));
    }
    if unnamed > 0 {
        foot.push(Span::raw(format!("   {} not named", plural(unnamed as u64, "line"))));
    }
    frame.render_widget(Text::from(foot), Rect { y: area.bottom() - 1, height: 1, ..area });
}

fn colour(index: usize) -> Color {
    COLOURS[index % COLOURS.len()]
}

/// The style of axes and clocks.
fn dim() -> Style {
    Style::new().fg(Color::DarkGray)
}

fn noticed() -> Style {
    Style::new().fg(Color::Yellow)
}

/// The text in rows of this width, `most` of them.
fn in_rows(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut rows: Vec<String> = wrapped(text, width, 0).lines().map(|row| clipped(row, width)).collect();
    if rows.len() > most {
        let rest = rows.split_off(most.saturating_sub(1)).join(" ");
        rows.extend((most > 0).then(|| clipped(&rest, width)));
    }
    rows
}

/// The lines of a panel, right of the marks, for which there are `gutter` columns.
fn paint_chart(
    frame: &mut Frame<'_>,
    (series, panel, scale): (&Series, &Panel, &Scale),
    gutter: u16,
    area: Rect,
    characters: Characters,
    now: Instant,
) {
    let plot = Rect { x: area.x + gutter + 1, width: area.width - gutter - 1, ..area };
    let marker = |index: usize| match characters {
        Characters::Unicode => Marker::Braille,
        Characters::Ascii => Marker::Custom(GLYPHS[index % GLYPHS.len()]),
    };
    let length = series.length(now).as_secs_f64().max(1.0);
    let lines: Vec<(usize, Vec<(f64, f64)>)> =
        panel.lines.iter().map(|index| (*index, series.lines[*index].points())).collect();
    let canvas = Canvas::default().x_bounds([0.0, length]).y_bounds([scale.low, scale.high()]).paint(|context| {
        for (index, points) in &lines {
            context.marker(marker(*index));
            context.draw(&Points { coords: points, color: colour(*index) });
            for pair in points.windows(2) {
                context.draw(&Stroke::new(pair[0].0, pair[0].1, pair[1].0, pair[1].1, colour(*index)));
            }
        }
    });
    frame.render_widget(canvas, plot);
    let labels = scale.labels();
    // The ends come first: of two in the same row only one is visible.
    let last = labels.len() - 1;
    let mut marked = Vec::new();
    for mark in [0, last].into_iter().chain(1..last) {
        let below_top = usize::from(area.height - 1) * (last - mark);
        let row = area.y + ((below_top + last / 2) / last) as u16;
        if gutter > 0 && !marked.contains(&row) {
            marked.push(row);
            let label = Text::from(Span::styled(labels[mark].clone(), dim())).right_aligned();
            frame.render_widget(label, Rect { y: row, height: 1, width: gutter, ..area });
        }
    }
    for row in area.rows() {
        frame.render_widget(Span::styled("│", dim()), Rect { x: area.x + gutter, width: 1, ..row });
    }
}

/// The axis, and below it as many clock labels as there is room for.
fn paint_times(frame: &mut Frame<'_>, series: &Series, gutter: u16, area: Rect, now: Instant) {
    let length = series.length(now).as_secs_f64().max(1.0);
    let axis = format!("└{}", "─".repeat(usize::from(area.width - gutter - 1)));
    let row = Rect { height: 1, ..area };
    frame.render_widget(Span::styled(axis, dim()), Rect { x: area.x + gutter, width: area.width - gutter, ..row });
    let [first, middle, last] = [0.0, length / 2.0, length].map(|at| series.clock(at));
    let (width, clock) = (area.width, last.width() as u16);
    let room = width - gutter;
    let centre = gutter + (room - clock.min(room)) / 2;
    // In a short time span two of them may be the same.
    let is_first = 2 * clock < width && first != last;
    let is_middle = 3 * clock + 6 <= room && ![&first, &last].contains(&&middle);
    let places = [
        (first, if gutter + 2 * clock < width { gutter } else { 0 }, is_first),
        (middle, centre, is_middle),
        (last, width - clock.min(width), true),
    ];
    for (text, x, is_shown) in places {
        if is_shown {
            let place = Rect { x: area.x + x, y: area.y + 1, width: width - x, height: 1 };
            frame.render_widget(Span::styled(text, dim()), place);
        }
    }
}

/// The most important first: parts that do not fit on a narrow terminal are left out, and the beginning of the name.
fn legend_of(series: &Series, index: usize, characters: Characters, width: u16, now: Instant) -> Text<'static> {
    let (line, width, style) = (&series.lines[index], usize::from(width), Style::new().fg(colour(index)));
    let glyph = match characters {
        Characters::Unicode => "━━ ".to_owned(),
        Characters::Ascii => format!("{0}{0} ", GLYPHS[index % GLYPHS.len()]),
    };
    let last = match line.last {
        Some(last) if width < 40 => format!("  {}", line.with_unit(last)),
        Some(last) => format!("  last {}", line.with_unit(last)),
        None => "  nothing yet".into(),
    };
    let name = end_of(&line.name, width.saturating_sub(glyph.width() + last.width()));
    let mut text = vec![Span::styled(glyph, style), Span::raw(name), Span::styled(last, style)];
    let rate = format!("  {:.1}/s", series.rate(line, now));
    let without = line.why.as_ref().map(|why| format!("  {} without: {}", line.others, one_line(&why.to_string())));
    let range = line
        .range
        .map(|(low, high)| format!("  {} from {} to {}", plural(line.values, "value"), shown(low), shown(high)));
    let more = [(Some(rate), Style::new()), (without, noticed()), (range, Style::new())];
    for (part, style) in more.into_iter().filter_map(|(part, style)| Some((part?, style))) {
        if text.iter().map(Span::width).sum::<usize>() + part.width() <= width {
            text.push(Span::styled(part, style));
        }
    }
    Text::from(text)
}

/// Returns the text, or as much of its end as fits.
fn end_of(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.into();
    }
    let mut end = String::new();
    for c in text.chars().rev() {
        if end.width() + 2 > width {
            break;
        }
        end.insert(0, c);
    }
    if end.is_empty() { end } else { format!("…{end}") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Zoned;
    use ratatui_core::backend::TestBackend;
    use ratatui_core::terminal::Terminal;

    use super::*;
    use crate::commands::subscribe::series::Quantity;
    use crate::json_field::NoField;

    const SIXTY: Duration = Duration::from_secs(60);

    fn series_of(topics: &[&str], began: Instant) -> Series {
        let quantity = Quantity { field: ".free".parse().unwrap(), unit: String::new() };
        Series::new(topics.iter().map(ToString::to_string), &[quantity], (began, Zoned::now()))
    }

    fn frame_of(size: (u16, u16), series: &Series, status: Option<&str>, now: Instant) -> String {
        painted(size, series, &Caption { characters: Characters::Unicode, status: status.map(String::from) }, now)
    }

    fn painted((width, height): (u16, u16), series: &Series, caption: &Caption, now: Instant) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| paint(frame, series, caption, now)).unwrap();
        let rows = terminal.backend().buffer().content.chunks(usize::from(width));
        rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n").collect()
    }

    #[test]
    fn a_frame_shows_values_marks_and_what_is_wrong() {
        let began = Instant::now();
        let mut series = series_of(&["a/hub/one", "a/hub/two"], began);
        for n in 0..60_u32 {
            series.take("a/hub/one", vec![Ok(f64::from(n % 20))], began + Duration::from_secs(n.into()));
        }
        series.take("a/hub/two", vec![Err(NoField::Missing(".free".into()).into())], began);
        let shown = frame_of((80, 24), &series, Some("the connection is gone"), began + SIXTY);
        for part in [
            "a/hub/one .free  last 19  1.0/s  60 values from 0 to 19",
            "a/hub/two .free  nothing yet  0.0/s  1 without: there is no field .free",
            "q ends   the connection is gone",
            "20│",
            "⡠",
        ] {
            assert!(shown.contains(part), "'{part}' is not in\n{shown}");
        }
    }

    #[test]
    fn each_scale_has_a_chart() {
        let began = Instant::now();
        let mut series = series_of(&["a/hub/free", "a/hub/celsius"], began);
        for n in 0..60_u32 {
            let at = began + Duration::from_secs(n.into());
            series.take("a/hub/free", vec![Ok(f64::from(n) * 10.0)], at);
            series.take("a/hub/celsius", vec![Ok(20.0 + f64::from(n) / 60.0)], at);
        }
        let shown = frame_of((60, 24), &series, None, began + SIXTY);
        let (upper, lower) = shown.split_at(shown.find("a/hub/celsius").unwrap());
        assert!(upper.contains("600│") && upper.contains("  0│"), "{shown}");
        assert!(lower.contains("21.0│") && lower.contains("20.0│") && !lower.contains("600│"), "{shown}");
        // Both lines go from the lowest row of their chart to the highest.
        let is_drawn = |row: &&str| row.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
        for chart in [upper, lower] {
            assert!(chart.lines().filter(is_drawn).count() >= 7, "{shown}");
        }
        // A low terminal shows what fits, and says so.
        let low = frame_of((60, 10), &series, None, began + SIXTY);
        assert!(low.contains("q ends   1 more chart on a taller terminal"), "{low}");
        assert!(low.contains("a/hub/free") && !low.contains("a/hub/celsius"), "{low}");
    }

    #[test]
    fn ascii_is_drawn_where_there_is_nothing_else() {
        let began = Instant::now();
        let mut series = series_of(&["a/hub/one", "a/hub/zwölf"], began);
        for n in 0..60_u32 {
            series.take("a/hub/one", vec![Ok(f64::from(n))], began + Duration::from_secs(n.into()));
            series.take("a/hub/zwölf", vec![Ok(f64::from(60 - n))], began + Duration::from_secs(n.into()));
        }
        let caption = Caption { characters: Characters::Ascii, status: Some("…".into()) };
        for size in [(80, 24), (20, 7), (12, 5)] {
            let shown = painted(size, &series, &caption, began + SIXTY);
            assert!(shown.is_ascii(), "{shown}");
        }
        let shown = painted((80, 24), &series, &caption, began + SIXTY);
        for part in ["** a/hub/one", "++ a/hub/zw?lf", "60|", " +------", "q ends   ~"] {
            assert!(shown.contains(part), "'{part}' is not in\n{shown}");
        }
        assert!(shown.matches('*').count() > 15 && shown.matches('+').count() > 15, "{shown}");
    }

    #[test]
    fn a_narrow_terminal_shows_what_counts() {
        let began = Instant::now();
        let mut series = series_of(&["alice/parking/occupancy"], began);
        for n in 0..60_u32 {
            series.take("alice/parking/occupancy", vec![Ok(f64::from(n) * -1e-12)], began);
        }
        let shown = frame_of((20, 9), &series, Some("the connection is lost; trying again"), began + SIXTY);
        let rows: Vec<&str> = shown.lines().map(str::trim_end).collect();
        assert_eq!(rows[0], "━━ …free  -5.900e-11");
        assert!(rows[3].starts_with("-1.000e-10│"), "{shown}");
        assert_eq!(rows[6..], ["the connection is", "lost; trying again", "q ends"]);
        assert_eq!(shown.lines().nth(5).unwrap().matches(':').count(), 4, "two clocks:\n{shown}");
        let few = frame_of((19, 5), &series, None, began + SIXTY);
        let rows: Vec<&str> = few.lines().map(str::trim_end).collect();
        assert_eq!(rows, ["-5.900e-11 alice/p…", "q ends", "A chart needs 20", "columns and 7 rows.", ""]);
    }

    #[test]
    fn no_time_stands_twice_at_the_axis() {
        let began = Instant::now();
        let mut series = series_of(&["a/hub/one"], began);
        series.take("a/hub/one", vec![Ok(1.0)], began);
        for (seconds, clocks) in [(0, 2), (1, 2), (60, 3)] {
            let shown = frame_of((60, 16), &series, None, began + Duration::from_secs(seconds));
            let axis = shown.lines().map(str::trim).find(|row| row.matches(':').count() >= 4).unwrap();
            let all: Vec<&str> = axis.split_whitespace().collect();
            let different: std::collections::BTreeSet<&str> = all.iter().copied().collect();
            assert_eq!((all.len(), different.len()), (clocks, clocks), "{shown}");
        }
    }

    #[test]
    fn every_size_is_painted() {
        let began = Instant::now();
        let topics: Vec<String> = (0..9).map(|n| format!("a/hub/t{n}")).collect();
        let mut series = series_of(&topics.iter().map(String::as_str).collect::<Vec<_>>(), began);
        for (topic, n) in topics.iter().zip(0..) {
            series.take(topic, vec![Ok(1.0)], began);
            series.take(topic, vec![Ok(10_f64.powi(n * 2))], began);
        }
        for width in (1..60).chain([300]) {
            for height in (1..30).chain([100]) {
                frame_of((width, height), &series, Some("the broker has gone"), began);
            }
        }
    }
}
