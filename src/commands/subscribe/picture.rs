//! The chart as a PNG picture, drawn by plotters on a canvas whose letters need no system font.

use std::io;

use embedded_graphics::Drawable as _;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle, iso_8859_1};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::text::{Baseline, Text};
use plotters::prelude::{ChartBuilder, IntoDrawingArea, LineSeries, RGBColor, WHITE};
use plotters::style::{IntoFont as _, TextStyle};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use super::chart::plural;
use super::series::{Line, Series, shown};

const WIDTH: u32 = 960;
const HEIGHT: u32 = 540;
/// Height in pixels of a line of text below the chart.
const LEGEND_ROW: i32 = 22;
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];
/// Topics that have a line of text; the chart shows all.
const LEGEND: usize = 6;
const INK: RGBColor = RGBColor(50, 50, 50);
const GRID: RGBColor = RGBColor(225, 225, 225);

/// The picture as a PNG file.
///
/// # Errors
/// It cannot be encoded.
pub fn png(series: &Series, field: &str, now: std::time::Instant) -> io::Result<Vec<u8>> {
    let mut pixels = vec![255; (WIDTH * HEIGHT * 3) as usize];
    draw(&mut pixels, series, field, now).map_err(io::Error::other)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

fn draw(pixels: &mut [u8], series: &Series, field: &str, now: std::time::Instant) -> Result<(), String> {
    let shown_lines = series.lines.len().min(LEGEND) as i32;
    let length = series.length(now).as_secs_f64().max(1.0);
    let (first, step, count) = series.marks(6);
    let marks: Vec<f64> = (0..=count).map(|n| step.mul_add(n as f64, first)).collect();
    let widest = marks.iter().map(|mark| shown(*mark).len()).max().unwrap_or(1) as u32;
    {
        let area = Canvas { pixels: &mut *pixels }.into_drawing_area();
        let failed = |e: plotters::drawing::DrawingAreaErrorKind<_>| e.to_string();
        let mut chart = ChartBuilder::on(&area)
            .margin_top(18)
            .margin_right(40)
            .margin_bottom(shown_lines * LEGEND_ROW + 14)
            .margin_left(10)
            .x_label_area_size(30)
            .y_label_area_size(widest * 8 + 14)
            .build_cartesian_2d(0.0..length, first..step.mul_add(count as f64, first))
            .map_err(failed)?;
        let text = TextStyle::from(("monospace", 13).into_font()).color(&INK);
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(text)
            .x_labels(6)
            .y_labels(count + 1)
            .x_label_formatter(&|at| series.clock(*at))
            .y_label_formatter(&|value| shown(*value))
            .draw()
            .map_err(failed)?;
        for (index, line) in series.lines.iter().enumerate() {
            let style = plotters::style::Color::stroke_width(&colour(index), 2);
            chart.draw_series(LineSeries::new(line.points(), style).point_size(single(line))).map_err(failed)?;
        }
    }
    let mut canvas = Canvas { pixels };
    for (index, line) in series.lines.iter().take(LEGEND).enumerate() {
        let row = HEIGHT as i32 - (shown_lines - index as i32) * LEGEND_ROW - 6;
        let RGBColor(red, green, blue) = colour(index);
        canvas.write(
            &legend_of(line, field),
            Point::new(24, row),
            &iso_8859_1::FONT_8X13,
            Rgb888::new(red, green, blue),
        );
    }
    Ok(())
}

fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

/// A line of one point would not be seen.
fn single(line: &Line) -> u32 {
    if line.values == 1 { 3 } else { 0 }
}

fn legend_of(line: &Line, field: &str) -> String {
    let mut text = format!("{} {field}", line.topic).trim_end().to_owned();
    if let (Some(last), Some((low, high))) = (line.last, line.range) {
        let values = plural(line.values, "value");
        text += &format!("   last {}   {values} from {} to {}", shown(last), shown(low), shown(high));
    }
    if let Some(why) = &line.why {
        text += &format!("   {} without: {why}", line.others);
    }
    text
}

/// Pixels of three bytes, row by row from the top.
struct Canvas<'a> {
    pixels: &'a mut [u8],
}

impl Canvas<'_> {
    fn pixel(&mut self, x: i32, y: i32, colour: [u8; 3], alpha: f64) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
        if x >= WIDTH || y >= HEIGHT {
            return;
        }
        let at = ((y * WIDTH + x) * 3) as usize;
        for (old, new) in self.pixels[at..at + 3].iter_mut().zip(colour) {
            *old = (f64::from(*old) * (1.0 - alpha) + f64::from(new) * alpha).round() as u8;
        }
    }

    /// Writes a text whose upper left corner is `at`.
    fn write(&mut self, text: &str, at: Point, font: &MonoFont<'_>, colour: Rgb888) {
        // Nothing that is drawn here can fail.
        let Ok(_) = Text::with_baseline(text, at, MonoTextStyle::new(font, colour), Baseline::Top).draw(self);
    }
}

impl OriginDimensions for Canvas<'_> {
    fn size(&self) -> Size {
        Size::new(WIDTH, HEIGHT)
    }
}

impl DrawTarget for Canvas<'_> {
    type Color = Rgb888;
    type Error = std::convert::Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = embedded_graphics::Pixel<Rgb888>>,
    {
        for embedded_graphics::Pixel(at, colour) in pixels {
            self.pixel(at.x, at.y, [colour.r(), colour.g(), colour.b()], 1.0);
        }
        Ok(())
    }
}

type Drawn = Result<(), DrawingErrorKind<std::convert::Infallible>>;

impl DrawingBackend for Canvas<'_> {
    type ErrorType = std::convert::Infallible;

    fn get_size(&self) -> (u32, u32) {
        (WIDTH, HEIGHT)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, colour: BackendColor) -> Drawn {
        let (red, green, blue) = colour.rgb;
        self.pixel(at.0, at.1, [red, green, blue], colour.alpha);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let (width, height) = self.estimate_text_size(text, style)?;
        let anchor = style.anchor();
        let x = match anchor.h_pos {
            HPos::Left => at.0,
            HPos::Center => at.0 - width as i32 / 2,
            HPos::Right => at.0 - width as i32,
        };
        let y = match anchor.v_pos {
            VPos::Top => at.1,
            VPos::Center => at.1 - height as i32 / 2,
            VPos::Bottom => at.1 - height as i32,
        };
        let (red, green, blue) = style.color().rgb;
        self.write(text, Point::new(x, y), &iso_8859_1::FONT_8X13, Rgb888::new(red, green, blue));
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Self::ErrorType>> {
        let font = iso_8859_1::FONT_8X13.character_size;
        Ok((font.width * text.chars().count() as u32, font.height))
    }
}
