//! The terminal while it shows a chart.

use std::io::{self, IsTerminal, Read as _, Stdout};
use std::time::Instant;

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui_core::terminal::Terminal;
use ratatui_crossterm::CrosstermBackend;

use super::chart::{self, Caption};
use super::series::Series;
use crate::cli::signals::Interrupter;

/// The terminal while it shows a chart: the alternate screen, without echo; restored when dropped.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes over the terminal. `q`, Ctrl-C and Ctrl-D end the command.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    pub fn enter(ender: Interrupter) -> io::Result<Screen> {
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        // A panic ends the process at once; its message must be readable, and the terminal usable.
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
        self.terminal.draw(|frame| chart::paint(frame, series, caption, Instant::now()))?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Restores the terminal.
pub fn restore() {
    // A terminal that is gone needs nothing more.
    let _ = disable_raw_mode();
    let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
}
