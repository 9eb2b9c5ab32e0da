//! Plotting of messages: a live chart, a picture in a file, or both, drawn by a separate thread.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use jiff::Zoned;
use tokio::sync::watch;

use super::characters::Characters;
use super::chart::Caption;
use super::notice::Notice;
use super::picture::{self, Size};
use super::screen::Screen;
use super::series::{Quantity, Series, plural};
use super::worker::Mark;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::signals::Interrupter;
use crate::cli::ui::Ui;
use crate::fsio::{self, Existing, FileAccess};
use crate::json_field::NoNumber;
use crate::name::Topic;

/// Time between two frames on the screen.
const FRAME: Duration = Duration::from_millis(250);
/// Time between two pictures in the file.
const PICTURE: Duration = Duration::from_secs(5);

/// A request to the thread of a plot.
pub enum Job {
    /// Takes over the terminal, if the chart is shown there.
    Begin(Interrupter),
    /// Adds values; then all messages up to the mark are settled.
    Values(Vec<Sample>, Mark),
    /// Tells the person.
    Tell(Notice),
}

/// The values of a message, one for each quantity.
pub struct Sample {
    pub topic: String,
    pub numbers: Vec<Result<f64, NoNumber>>,
    pub at: Instant,
}

/// A picture that is redrawn regularly.
pub struct Picture {
    pub path: PathBuf,
    pub title: String,
    pub size: Size,
}

/// Values that are drawn on a screen and in a file.
pub struct Plot {
    series: Series,
    quantities: Vec<Quantity>,
    caption: Caption,
    picture: Option<Picture>,
    /// `None` without a terminal, and before [`Plot::begin`].
    screen: Option<Screen>,
    next_frame: Option<Instant>,
    next_picture: Option<Instant>,
}

impl Plot {
    /// Prepares a plot on the terminal, if `on_screen`, and as `picture`.
    ///
    /// # Errors
    /// There is neither a terminal nor a file, or the file cannot be written, which is checked now rather than after an hour.
    pub fn new(
        topics: &[Topic],
        quantities: Vec<Quantity>,
        on_screen: bool,
        picture: Option<Picture>,
    ) -> anyhow::Result<Plot> {
        let is_png = |path: &PathBuf| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("png"));
        if let Some(path) = picture.as_ref().map(|picture| &picture.path).filter(|path| !is_png(path)) {
            let message = format!("{} does not end with .png, and the picture is a PNG", path.display());
            return Err(CliError::new(ExitKind::Usage, message).hint("name a file such as chart.png").into());
        }
        let now = Instant::now();
        let terminal = on_screen && io::stdout().is_terminal();
        if !terminal && picture.is_none() {
            return Err(CliError::new(
                ExitKind::Usage,
                "stdout is not a terminal, so there is nothing to draw the chart on",
            )
            .hint("give --plot-png FILE to get a picture of it")
            .into());
        }
        let plot = Plot {
            series: Series::new(topics.iter().map(ToString::to_string), &quantities, (now, Zoned::now())),
            quantities,
            caption: Caption { characters: Characters::of_locale(), status: None },
            next_picture: picture.as_ref().map(|_| now + PICTURE),
            picture,
            screen: None,
            next_frame: terminal.then_some(now),
        };
        plot.save()?;
        Ok(plot)
    }

    /// Returns whether the chart is shown on the terminal.
    pub fn wants_terminal(&self) -> bool {
        self.next_frame.is_some()
    }

    /// The value read from each message.
    pub fn quantities(&self) -> Vec<Quantity> {
        self.quantities.clone()
    }

    /// Does the jobs until there are no more; then restores the terminal, saves the last picture, and reports what was
    /// plotted.
    ///
    /// # Errors
    /// Terminal or file cannot be written.
    pub fn run(mut self, ui: &Ui, jobs: &Receiver<Job>, settled: &watch::Sender<Mark>) -> anyhow::Result<()> {
        loop {
            let due = self.next_frame.into_iter().chain(self.next_picture).min();
            let job = match due {
                Some(due) => jobs.recv_timeout(due.saturating_duration_since(Instant::now())),
                None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match job {
                Ok(Job::Begin(ender)) => {
                    if let Err(e) = self.begin(ender) {
                        ui.warn(&format!("the chart cannot be shown: {e:#}."));
                    }
                }
                Ok(Job::Values(values, mark)) => {
                    for Sample { topic, numbers, at } in values {
                        self.series.take(&topic, numbers, at);
                    }
                    settled.send_replace(mark);
                }
                Ok(Job::Tell(said)) => self.tell(ui, said),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.finish(ui),
            }
            self.tick()?;
        }
    }

    fn begin(&mut self, ender: Interrupter) -> anyhow::Result<()> {
        if self.wants_terminal() && self.screen.is_none() {
            self.screen = Some(Screen::enter(ender)?);
        }
        Ok(())
    }

    /// Nothing else may be written to a terminal that holds the chart: messages are shown below the chart.
    fn tell(&mut self, ui: &Ui, said: Notice) {
        match self.screen {
            Some(_) => {
                self.caption.status = said.status;
                self.next_frame = self.next_frame.map(|_| Instant::now());
            }
            None => said.print(ui),
        }
    }

    /// Draws what is due.
    fn tick(&mut self) -> anyhow::Result<()> {
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
        let Some(Picture { path, title, size }) = &self.picture else { return Ok(()) };
        let png = picture::png(&self.series, title, *size, Instant::now());
        let written = png.and_then(|png| fsio::write_whole(path, &png, FileAccess::Everyone, Existing::Replace));
        written.map_err(|e| {
            let message = format!("the picture {} cannot be written", path.display());
            anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message))
        })
    }

    fn finish(&mut self, ui: &Ui) -> anyhow::Result<()> {
        self.screen = None;
        self.save()?;
        for line in &self.series.lines {
            let mut text = format!("{}: {}", line.name, plural(line.values, "value"));
            if let Some(last) = line.last {
                text += &format!(", last {}", format!("{last} {}", line.unit).trim_end());
            }
            if let Some(why) = &line.why {
                text += &format!("; {} without a number ({why})", plural(line.others, "message"));
            }
            ui.remark(&format!("{text}."));
        }
        if let Some(Picture { path, .. }) = &self.picture {
            ui.remark(&format!("The picture is in {}.", path.display()));
        }
        Ok(())
    }
}
