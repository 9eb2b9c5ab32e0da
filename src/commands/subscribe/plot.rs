//! Plotting of messages: a live chart, a picture in a file, or both.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::chart::{Caption, Screen, plural};
use super::field::Field;
use super::picture;
use super::series::Series;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::ui::Ui;
use crate::fsio::{self, Existing, FileAccess};
use crate::mqtt::incoming::IncomingPublish;
use crate::name::Topic;

/// Time between two frames on the screen.
const FRAME: Duration = Duration::from_millis(250);
/// Time between two pictures in the file.
const PICTURE: Duration = Duration::from_secs(5);

/// Values that are drawn on a screen and in a file.
pub struct Plot {
    series: Series,
    field: Field,
    caption: Caption,
    png: Option<PathBuf>,
    /// `None` without a terminal, and before [`Plot::begin`].
    screen: Option<Screen>,
    next_frame: Option<Instant>,
    next_picture: Option<Instant>,
}

impl Plot {
    /// Prepares a plot on the terminal, if `on_screen`, and in the file `png`.
    ///
    /// # Errors
    /// There is neither a terminal nor a file, or the file cannot be written, which is checked now and not after an hour.
    pub fn new(topics: &[Topic], field: Field, on_screen: bool, png: Option<PathBuf>) -> anyhow::Result<Plot> {
        let now = Instant::now();
        let terminal = on_screen && io::stdout().is_terminal();
        if !terminal && png.is_none() {
            return Err(CliError::new(
                ExitKind::Usage,
                "stdout is not a terminal, so there is nothing to draw the chart on",
            )
            .hint("give --plot-png FILE to have a picture of it")
            .into());
        }
        let caption = Caption { field: field.to_string(), status: None };
        let plot = Plot {
            series: Series::new(topics.iter().map(ToString::to_string), now),
            field,
            caption,
            next_picture: png.as_ref().map(|_| now + PICTURE),
            png,
            screen: None,
            next_frame: terminal.then_some(now),
        };
        plot.save()?;
        Ok(plot)
    }

    /// Takes over the terminal, if the chart is to be shown there.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    pub fn begin(&mut self, ending: UnboundedSender<()>) -> anyhow::Result<()> {
        if self.next_frame.is_some() && self.screen.is_none() {
            self.screen = Some(Screen::enter(ending)?);
            self.tick()?;
        }
        Ok(())
    }

    /// Returns whether the terminal is taken: nothing else may be written to it.
    pub fn holds_terminal(&self) -> bool {
        self.screen.is_some()
    }

    /// Shows below the chart what the connection does; `None` if it simply stands.
    pub fn status(&mut self, status: Option<String>) {
        self.caption.status = status;
        self.next_frame = self.next_frame.map(|_| Instant::now());
    }

    /// Takes a message.
    pub fn take(&mut self, message: &IncomingPublish) {
        self.series.take(message.topic(), self.field.number(&message.payload), Instant::now());
    }

    /// Returns when [`Plot::tick`] has something to do.
    pub fn due(&self) -> Option<Instant> {
        self.next_frame.into_iter().chain(self.next_picture).min()
    }

    /// Draws what is due.
    ///
    /// # Errors
    /// Terminal or file cannot be written.
    pub fn tick(&mut self) -> anyhow::Result<()> {
        let now = Instant::now();
        if self.next_frame.is_some_and(|due| due <= now) {
            if let Some(screen) = &mut self.screen {
                screen.show(&self.series, &self.caption)?;
            }
            self.next_frame = Some(now + FRAME);
        }
        if self.next_picture.is_some_and(|due| due <= now) {
            self.save()?;
            self.next_picture = Some(Instant::now() + PICTURE);
        }
        Ok(())
    }

    fn save(&self) -> anyhow::Result<()> {
        let Some(path) = &self.png else { return Ok(()) };
        let png = picture::png(&self.series, &self.caption.field, Instant::now());
        let written = png.and_then(|png| fsio::write_whole(path, &png, FileAccess::Everyone, Existing::Replace));
        written.map_err(|e| {
            let message = format!("the picture {} cannot be written", path.display());
            anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message))
        })
    }

    /// Restores the terminal, saves the last picture, and reports what was plotted.
    ///
    /// # Errors
    /// The picture cannot be written.
    pub fn finish(&mut self, ui: &Ui) -> anyhow::Result<()> {
        self.screen = None;
        self.save()?;
        for line in &self.series.lines {
            let mut text = format!("{}: {}", line.topic, plural(line.values, "value"));
            if let Some(last) = line.last {
                text += &format!(", last {last}");
            }
            if let Some(why) = &line.why {
                text += &format!("; {} without a number ({why})", plural(line.others, "message"));
            }
            ui.note(&format!("{text}."));
        }
        if let Some(path) = &self.png {
            ui.note(&format!("The picture is in {}.", path.display()));
        }
        Ok(())
    }
}
