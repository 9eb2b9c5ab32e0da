//! The chart as a PNG picture: title, a chart for each scale over the same time, date and time zone, legend.

mod canvas;

use std::io;
use std::ops::Range;
use std::time::Instant;

use embedded_graphics::mono_font::MonoFont;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::drawing::DrawingArea;
use plotters::prelude::{ChartBuilder, IntoDrawingArea, LineSeries, RGBColor, WHITE};
use plotters::style::{Color as _, IntoFont as _, TextStyle};

use super::scale::{Panel, Scale, shown};
use super::series::{Curve, Series, plural};
use super::times::Times;
use crate::text::one_line;
use canvas::{Canvas, LARGE, PLAIN, width_of};

/// Width and height in pixels.
pub type Size = (u32, u32);

pub const USUAL: Size = (960, 540);
pub const SMALLEST: Size = (320, 240);
pub const LARGEST: Size = (4096, 4096);

const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];
const INK: RGBColor = RGBColor(50, 50, 50);
const GRID: RGBColor = RGBColor(225, 225, 225);

/// Most lines in the legend; the charts show all.
const LEGEND: usize = 6;
/// Heights in pixels: of a text in the legend, of title and foot, of the row above a chart with its unit, of the clock labels.
const LEGEND_ROW: i32 = 20;
const TITLE: i32 = 34;
const FOOT: i32 = 22;
const UNIT: i32 = 22;
const CLOCKS: i32 = 24;
/// Least height of a chart.
const CHART: i32 = 60;
/// Left of the legend.
const MARGIN: i32 = 24;
/// Right of the charts, with room for half a label of the last mark.
const RIGHT: i32 = 48;
/// Between the axis of values and its labels, with the labels' own margin.
const LABELS: i32 = 22;

/// The picture as a PNG file.
///
/// # Errors
/// It cannot be encoded.
pub fn png(series: &Series, title: &str, (width, height): Size, now: Instant) -> io::Result<Vec<u8>> {
    let mut pixels = vec![255; (width * height * 3) as usize];
    draw(&mut pixels, (width, height), series, title, now).map_err(io::Error::other)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

fn draw(pixels: &mut [u8], size: Size, series: &Series, title: &str, now: Instant) -> Result<(), String> {
    let (width, height) = (size.0 as i32, size.1 as i32);
    let legend = legend_of(series, height);
    let charts = height - TITLE - FOOT - CLOCKS - legend.len() as i32 * LEGEND_ROW;
    let panels = series.panels();
    // Lines that are left out are nevertheless named in the legend.
    let panels = &panels[..panels.len().min((charts / (CHART + UNIT)).max(1) as usize)];
    let each = charts / panels.len() as i32;
    let scales: Vec<Scale> =
        panels.iter().map(|panel| Scale::new(panel.range, ((each - UNIT) / 60).clamp(1, 8) as usize)).collect();
    let labels = scales.iter().flat_map(Scale::labels).map(|label| width_of(&label, PLAIN));
    let gutter = labels.max().unwrap_or_default() + LABELS;
    let seconds = series.length(now).as_secs_f64().max(1.0);
    let columns = (width - gutter - RIGHT) / PLAIN.character_size.width as i32;
    let times = Times::new(&series.began_at, seconds, columns as usize);
    let mut top = TITLE;
    let mut units = Vec::new();
    for (number, (panel, scale)) in panels.iter().zip(&scales).enumerate() {
        let is_last = number + 1 == panels.len();
        let clocks = if is_last { CLOCKS } else { 0 };
        let area = Canvas { pixels: &mut *pixels, size }.into_drawing_area();
        let area = area.shrink((0, top + UNIT), (size.0, (each - UNIT + clocks) as u32));
        draw_chart(&area, series, (panel, scale), (gutter, clocks), (&times, seconds)).map_err(|e| e.to_string())?;
        units.push((unit_of(series, panel), top));
        top += each;
    }
    let mut canvas = Canvas { pixels, size };
    let ink = rgb(INK);
    let title = cut(title, width - 2 * MARGIN, LARGE);
    canvas.write(&title, ((width - width_of(&title, LARGE)) / 2, 10), LARGE, ink);
    for (unit, top) in units {
        let unit = cut(&unit, width - 2 * MARGIN, PLAIN);
        canvas.write(&unit, ((gutter - width_of(&unit, PLAIN) / 2).max(MARGIN / 2), top + 4), PLAIN, ink);
    }
    let foot = cut(&times.caption, width - MARGIN - RIGHT, PLAIN);
    canvas.write(&foot, (width - RIGHT - width_of(&foot, PLAIN), top + CLOCKS + 2), PLAIN, ink);
    for (row, (colour, text)) in legend.iter().enumerate() {
        let y = top + CLOCKS + FOOT + row as i32 * LEGEND_ROW;
        if let Some(colour) = colour {
            canvas.fill((MARGIN, y + 5), (18, 3), rgb(*colour));
        }
        canvas.write(&cut(text, width - 2 * MARGIN - 26, PLAIN), (MARGIN + 26, y), PLAIN, ink);
    }
    Ok(())
}

/// A chart with room for the labels of its values on the left and, if requested, for the clock labels below.
fn draw_chart(
    area: &DrawingArea<Canvas<'_>, Shift>,
    series: &Series,
    (panel, scale): (&Panel, &Scale),
    (gutter, clocks): (i32, i32),
    (times, seconds): (&Times, f64),
) -> Result<(), plotters::drawing::DrawingAreaErrorKind<std::convert::Infallible>> {
    let times = times.marks.iter().cloned().map(|(at, clock)| (at, if clocks > 0 { clock } else { String::new() }));
    let x = Axis { low: 0.0, high: seconds, marks: times.collect() };
    let y = Axis { low: scale.low, high: scale.high(), marks: scale.marks().into_iter().zip(scale.labels()).collect() };
    let mut chart = ChartBuilder::on(area)
        .margin_right(RIGHT)
        .x_label_area_size(clocks.max(6))
        .y_label_area_size(gutter)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(GRID)
        .axis_style(INK)
        .label_style(TextStyle::from(("monospace", 13).into_font()).color(&INK))
        .draw()?;
    for index in &panel.lines {
        let line = &series.lines[*index];
        chart.draw_series(LineSeries::new(line.points(), colour(*index).stroke_width(2)).point_size(single(line)))?;
    }
    Ok(())
}

/// An axis with marks at these values, each with its label.
struct Axis {
    low: f64,
    high: f64,
    marks: Vec<(f64, String)>,
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let mark = self.marks.iter().find(|(mark, _)| mark == value);
        mark.map(|(_, label)| label.clone()).unwrap_or_default()
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (begin, end): (i32, i32)) -> i32 {
        // The halves are finite if the extent is not.
        let part = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        begin + (part * f64::from(end - begin)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.marks.iter().map(|(mark, _)| *mark).collect() }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

fn rgb(RGBColor(red, green, blue): RGBColor) -> (u8, u8, u8) {
    (red, green, blue)
}

/// A line of one point would be invisible.
fn single(line: &Curve) -> u32 {
    if line.values == 1 { 3 } else { 0 }
}

/// The unit of a panel's values.
fn unit_of(series: &Series, panel: &Panel) -> String {
    let mut units: Vec<&str> = Vec::new();
    for unit in panel.lines.iter().map(|index| series.lines[*index].unit.as_str()) {
        if !unit.is_empty() && !units.contains(&unit) {
            units.push(unit);
        }
    }
    units.join(", ")
}

/// The texts below the charts, as many as a third of the picture holds, with the colours of their lines.
fn legend_of(series: &Series, height: i32) -> Vec<(Option<RGBColor>, String)> {
    let most = LEGEND.min((height / 3 / LEGEND_ROW) as usize);
    let count = series.lines.len();
    let named = if count <= most { count } else { most - 1 };
    let lines = series.lines.iter().take(named).enumerate();
    let mut legend: Vec<_> = lines.map(|(index, line)| (Some(colour(index)), description(line))).collect();
    if count > named {
        legend.push((None, format!("and {} more", count - named)));
    }
    legend
}

fn description(line: &Curve) -> String {
    let mut text = line.name.clone();
    if let (Some(last), Some((low, high))) = (line.last, line.range) {
        let values = plural(line.values, "value");
        text += &format!("   last {}   {values} from {} to {}", line.with_unit(last), shown(low), shown(high));
    }
    if let Some(why) = &line.why {
        text += &format!("   {} without: {}", line.others, one_line(&why.to_string()));
    }
    text
}

/// Returns the text, or as much of it as fits.
fn cut(text: &str, width: i32, font: &MonoFont<'_>) -> String {
    if width_of(text, font) <= width {
        return text.into();
    }
    let most = (width / font.character_size.width as i32).max(3) as usize;
    text.chars().take(most - 3).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::commands::subscribe::series::Quantity;

    /// The series of two minutes of two fields, whose values are far apart, and when it ends.
    fn series(unit: &str) -> (Series, Instant) {
        let began = Instant::now();
        let quantity = |field: &str| Quantity { field: field.parse().unwrap(), unit: unit.into() };
        let at = "2026-11-27T12:00:00+01:00[+01:00]".parse().unwrap();
        let quantities = [quantity(".free"), quantity(".temp")];
        let mut series = Series::new(["alice/parking/occupancy".to_owned()].into_iter(), &quantities, (began, at));
        for n in 0..120_u32 {
            let slow = f64::from(n) / 20.0;
            let values = vec![Ok(400.0 + (300.0 * slow.sin()).round()), Ok(21.0 + slow.cos())];
            series.take("alice/parking/occupancy", values, began + Duration::from_secs(n.into()));
        }
        (series, began + Duration::from_secs(120))
    }

    fn pixels(size: Size, series: &(Series, Instant), title: &str) -> Vec<u8> {
        let mut pixels = vec![255; (size.0 * size.1 * 3) as usize];
        draw(&mut pixels, size, &series.0, title, series.1).unwrap();
        pixels
    }

    /// The rows in which two pictures of this size differ, first and last.
    fn differing(a: &[u8], b: &[u8], size: Size) -> Option<(usize, usize)> {
        let row = size.0 as usize * 3;
        let mut rows = a.chunks(row).zip(b.chunks(row)).enumerate().filter(|(_, (a, b))| a != b).map(|(row, _)| row);
        let first = rows.next()?;
        Some((first, rows.next_back().unwrap_or(first)))
    }

    #[test]
    fn title_unit_and_zone_are_drawn_each_in_its_place() {
        let plain = series("");
        let bare = pixels(USUAL, &plain, "");
        assert_eq!(differing(&bare, &pixels(USUAL, &plain, ""), USUAL), None);
        let (first, last) = differing(&bare, &pixels(USUAL, &plain, "Parking"), USUAL).unwrap();
        assert!(first >= 8 && last < TITLE as usize, "{first} {last}");
        // Above each of the two charts, and in the legend.
        let (first, last) = differing(&bare, &pixels(USUAL, &series("°C"), ""), USUAL).unwrap();
        assert!((TITLE as usize..(TITLE + UNIT) as usize).contains(&first) && last > 500, "{first} {last}");
        let mut elsewhere = series("");
        elsewhere.0.began_at = "2026-11-27T12:00:00+02:00[+02:00]".parse().unwrap();
        let (first, last) = differing(&bare, &pixels(USUAL, &elsewhere, ""), USUAL).unwrap();
        let foot = 540 - FOOT as usize - 2 * LEGEND_ROW as usize;
        assert!(first >= foot && last < foot + FOOT as usize, "{first} {last}");
    }

    #[test]
    fn a_chart_fills_its_part_whatever_the_other_values_are() {
        let pixels = pixels(USUAL, &series(""), "");
        let rows = |colour: RGBColor| {
            let (red, green, blue) = rgb(colour);
            let is_there = |row: &[u8]| row.chunks(3).filter(|pixel| *pixel == [red, green, blue]).count();
            // The mark in the legend is 18 pixels wide.
            pixels.chunks(960 * 3).take(460).filter(|row| is_there(row) > 0).count()
        };
        assert!(rows(COLOURS[0]) > 100 && rows(COLOURS[1]) > 100, "{} {}", rows(COLOURS[0]), rows(COLOURS[1]));
    }

    #[test]
    fn every_size_is_drawn() {
        let mut series = series("µg/m³");
        let topics = (0..40).map(|n| format!("alice/parking/t{n}"));
        let quantity = Quantity { field: ".".parse().unwrap(), unit: "€".into() };
        let mut many = Series::new(topics, &[quantity], (Instant::now(), series.0.began_at.clone()));
        for n in 0..40 {
            let topic = format!("alice/parking/t{n}");
            many.take(&topic, vec![Ok(10_f64.powi(n * 7 - 140))], Instant::now());
            many.take(&topic, vec![Ok(-10_f64.powi(n * 7 - 140))], Instant::now());
        }
        for size in [SMALLEST, (320, 2000), (2000, 240), (333, 333)] {
            pixels(size, &series, &"title ".repeat(100));
            png(&many, "", size, Instant::now()).unwrap();
        }
        series.1 += Duration::from_secs(40 * 86_400);
        pixels(SMALLEST, &series, "");
    }
}
