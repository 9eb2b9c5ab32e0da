//! A canvas of pixels for plotters, whose letters need no system font.

use std::convert::Infallible;

use embedded_graphics::Drawable as _;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle, iso_8859_15};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::text::{Baseline, Text};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// The size of labels, the legend and everything else.
pub const PLAIN: &MonoFont<'_> = &iso_8859_15::FONT_8X13;
/// The size of the title.
pub const LARGE: &MonoFont<'_> = &iso_8859_15::FONT_9X18_BOLD;

/// Pixels of three bytes, row by row from the top.
pub struct Canvas<'a> {
    pub pixels: &'a mut [u8],
    /// Width and height.
    pub size: (u32, u32),
}

impl Canvas<'_> {
    fn pixel(&mut self, x: i32, y: i32, colour: [u8; 3], alpha: f64) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
        let (width, height) = self.size;
        if x >= width || y >= height {
            return;
        }
        let at = ((y * width + x) * 3) as usize;
        for (old, new) in self.pixels[at..at + 3].iter_mut().zip(colour) {
            *old = (f64::from(*old) * (1.0 - alpha) + f64::from(new) * alpha).round() as u8;
        }
    }

    /// Writes a text whose upper left corner is `at`.
    pub fn write(&mut self, text: &str, (x, y): BackendCoord, font: &MonoFont<'_>, (red, green, blue): (u8, u8, u8)) {
        let style = MonoTextStyle::new(font, Rgb888::new(red, green, blue));
        // Drawing here cannot fail.
        let Ok(_) = Text::with_baseline(text, Point::new(x, y), style, Baseline::Top).draw(self);
    }

    /// Fills a rectangle whose upper left corner is `at`.
    pub fn fill(&mut self, (x, y): BackendCoord, (width, height): (i32, i32), (red, green, blue): (u8, u8, u8)) {
        for row in y..y + height {
            for column in x..x + width {
                self.pixel(column, row, [red, green, blue], 1.0);
            }
        }
    }
}

impl OriginDimensions for Canvas<'_> {
    fn size(&self) -> Size {
        Size::new(self.size.0, self.size.1)
    }
}

impl DrawTarget for Canvas<'_> {
    type Color = Rgb888;
    type Error = Infallible;

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

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
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
        self.write(text, (x, y), PLAIN, style.color().rgb);
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Self::ErrorType>> {
        Ok((width_of(text, PLAIN) as u32, PLAIN.character_size.height))
    }
}

/// The width of a text, in pixels.
pub fn width_of(text: &str, font: &MonoFont<'_>) -> i32 {
    (font.character_size.width as usize * text.chars().count()) as i32
}
