//! The live chart in the terminal: the drawing of a frame, and the screen that shows it.

use std::io::{self, IsTerminal, Read as _, Stdout};
use std::time::Instant;

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui_core::layout::{Alignment, Constraint, Layout, Rect};
use ratatui_core::style::{Color, Style};
use ratatui_core::symbols::Marker;
use ratatui_core::terminal::{Frame, Terminal};
use ratatui_core::text::{Line as Text, Span};
use ratatui_crossterm::CrosstermBackend;
use ratatui_widgets::chart::{Axis, Chart, Dataset, GraphType};

use super::series::{Line, Series, shown};
use crate::cli::signals::Ender;
use crate::text::one_line;

const COLOURS: [Color; 6] = [Color::Cyan, Color::Yellow, Color::Magenta, Color::Green, Color::Red, Color::Blue];
/// Topics that have a line of text below the chart; the chart shows all.
const LEGEND: usize = 6;

/// What is shown beside the values.
#[derive(Debug, Clone, Default)]
pub struct Caption {
    /// The field, if one is named.
    pub field: String,
    /// What the connection does, unless it simply stands.
    pub status: Option<String>,
}

/// Paints one frame.
pub fn paint(frame: &mut Frame<'_>, series: &Series, caption: &Caption, now: Instant) {
    let legend = series.lines.len().min(LEGEND) as u16;
    let rows = [Constraint::Min(3), Constraint::Length(legend), Constraint::Length(1)];
    let [chart, lines, foot] = Layout::vertical(rows).areas(frame.area());
    paint_chart(frame, series, now, chart);
    for (index, line) in series.lines.iter().take(LEGEND).enumerate() {
        let row = Rect { y: lines.y + index as u16, height: 1, ..lines };
        if row.bottom() <= lines.bottom() {
            frame.render_widget(legend_of(series, line, caption, colour(index), now), row);
        }
    }
    let more = series.lines.len().saturating_sub(LEGEND);
    let mut text = vec![Span::raw("q ends")];
    if more > 0 {
        text.push(Span::raw(format!("   and {more} more topics")));
    }
    if let Some(status) = &caption.status {
        text.push(Span::styled(format!("   {}", one_line(status)), Style::new().fg(Color::Yellow)));
    }
    frame.render_widget(Text::from(text), foot);
}

fn colour(index: usize) -> Color {
    COLOURS[index % COLOURS.len()]
}

fn paint_chart(frame: &mut Frame<'_>, series: &Series, now: Instant, area: Rect) {
    // One mark in four rows; the lowest row is that of the clock.
    let (first, step, count) = series.marks((usize::from(area.height) / 4).clamp(1, 8));
    let marks: Vec<String> = (0..=count).map(|n| shown(step.mul_add(n as f64, first))).collect();
    let points: Vec<Vec<(f64, f64)>> = series.lines.iter().map(Line::points).collect();
    let dataset = |(index, data)| {
        Dataset::default()
            .marker(Marker::Braille)
            .graph_type(GraphType::Line)
            .style(Style::new().fg(colour(index)))
            .data(data)
    };
    let length = series.length(now).as_secs_f64().max(1.0);
    let dim = Style::new().fg(Color::DarkGray);
    let clock = [0.0, length / 2.0, length].map(|at| series.clock(at));
    let x = Axis::default().style(dim).bounds([0.0, length]).labels(clock).labels_alignment(Alignment::Right);
    let y = Axis::default().style(dim).bounds([first, step.mul_add(count as f64, first)]).labels(marks);
    let datasets = points.iter().map(Vec::as_slice).enumerate().map(dataset).collect();
    frame.render_widget(Chart::new(datasets).x_axis(x).y_axis(y).legend_position(None), area);
}

/// The most important first: a narrow terminal cuts off the rest.
fn legend_of(series: &Series, line: &Line, caption: &Caption, colour: Color, now: Instant) -> Text<'static> {
    let last = line.last.map_or_else(|| "nothing yet".into(), |last| format!("last {}", shown(last)));
    let mut text = vec![
        Span::styled("━━ ", Style::new().fg(colour)),
        Span::raw(format!("{} {}", line.topic, caption.field).trim_end().to_owned()),
        Span::styled(format!("  {last}"), Style::new().fg(colour)),
        Span::raw(format!("  {:.1}/s", series.rate(line, now))),
    ];
    if let Some(why) = &line.why {
        text.push(Span::styled(
            format!("  {} without: {}", line.others, one_line(&why.to_string())),
            Style::new().fg(Color::Yellow),
        ));
    }
    if let Some((low, high)) = line.range {
        text.push(Span::raw(format!("  {} from {} to {}", plural(line.values, "value"), shown(low), shown(high))));
    }
    Text::from(text)
}

/// Returns `1 value`, `2 values`.
pub fn plural(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The terminal while it shows a chart: the alternate screen, without echo; restored when dropped.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes over the terminal. `q`, Ctrl-C and Ctrl-D end the command.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    pub fn enter(ender: Ender) -> io::Result<Screen> {
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        // A panic ends the process at once; its message has to be readable, and the terminal usable.
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            told(panic);
        }));
        let screen = Screen { terminal };
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        if io::stdin().is_terminal() && enable_raw_mode().is_ok() {
            // The thread waits for a key until the process ends, and holds nothing.
            std::thread::spawn(move || {
                for key in io::stdin().lock().bytes().map_while(Result::ok) {
                    if matches!(key, b'q' | b'Q' | 3 | 4) {
                        ender.end();
                    }
                }
            });
        }
        Ok(screen)
    }

    /// Shows a frame in the current size of the terminal.
    ///
    /// # Errors
    /// As [`Screen::enter`].
    pub fn show(&mut self, series: &Series, caption: &Caption) -> io::Result<()> {
        self.terminal.draw(|frame| paint(frame, series, caption, Instant::now()))?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back.
pub fn restore() {
    // A terminal that is gone needs nothing more.
    let _ = disable_raw_mode();
    let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ratatui_core::backend::TestBackend;

    use super::*;
    use crate::json_field::NoField;

    fn frame(width: u16, height: u16, series: &Series, status: Option<&str>, now: Instant) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let caption = Caption { field: ".free".into(), status: status.map(String::from) };
        terminal.draw(|frame| paint(frame, series, &caption, now)).unwrap();
        let buffer = terminal.backend().buffer();
        let rows = buffer.content.chunks(usize::from(width));
        rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n").collect()
    }

    #[test]
    fn a_frame_shows_values_marks_and_what_is_wrong() {
        let began = Instant::now();
        let mut series = Series::new(["a/hub/one", "a/hub/two"].map(String::from).into_iter(), began);
        for n in 0..60_u32 {
            series.take("a/hub/one", Ok(f64::from(n % 20)), began + Duration::from_secs(n.into()));
        }
        series.take("a/hub/two", Err(NoField::Missing(".free".into()).into()), began);
        let shown = frame(80, 24, &series, Some("the connection is gone"), began + Duration::from_secs(60));
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
    fn every_size_is_painted() {
        let began = Instant::now();
        let mut series = Series::new((0..9).map(|n| format!("a/hub/t{n}")), began);
        series.take("a/hub/t3", Ok(1.0), began);
        for (width, height) in [(1, 1), (5, 3), (10, 2), (80, 8), (300, 100)] {
            frame(width, height, &series, None, began);
        }
    }
}
