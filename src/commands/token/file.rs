//! `i3 token --out`: the file that a token is written to and renewed in.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};

use crate::cli::error::{CliError, ExitKind};
use crate::cli::log::Log;
use crate::cli::runtime::block_on;
use crate::cli::signals;
use crate::cli::ui::Ui;
use crate::cli::{error, service};
use crate::clock;
use crate::fsio::{self, Existing, FileAccess};
use crate::secret::Secret;
use crate::token::Token;

/// How often the clock is checked: it may be set, and it continues while the machine sleeps, which timers do not notice.
const LOOK: Duration = Duration::from_secs(1);
/// The pauses between attempts while a renewal fails.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// An adjustment by less does not count as setting the clock.
const ADJUSTED: Duration = Duration::from_secs(1);
/// More than the longest token.
const MOST: u64 = 64 * 1024;

/// A file that holds a token.
pub struct TokenFile {
    path: PathBuf,
    /// The text after the token.
    end: &'static str,
}

/// A token, and when it is valid.
pub struct Fresh {
    pub token: Secret,
    pub made: SystemTime,
    pub lifetime: Duration,
}

impl Fresh {
    /// When it expires.
    pub fn end(&self) -> SystemTime {
        self.made + self.lifetime
    }

    /// Whether to make another: half of its time is over, or the clock was set back, so that it was made in the future.
    fn is_due(&self, now: SystemTime) -> bool {
        now + ADJUSTED < self.made || now >= self.made + self.lifetime / 2
    }
}

impl TokenFile {
    /// Checks that the file may be replaced: it holds a token, or nothing, or does not exist.
    ///
    /// # Errors
    /// It holds something else, such as a key, or is not a file.
    pub fn new(path: PathBuf, end: &'static str) -> anyhow::Result<TokenFile> {
        let is_token = |text: &str| text.trim().is_empty() || Token::parse(text.trim()).is_some();
        let holds = match std::fs::metadata(&path) {
            _ if fsio::check_replaceable(&path).is_err() => Some("is not a regular file"),
            // Problems are reported when it is written.
            Err(_) => None,
            Ok(metadata) if metadata.len() > MOST => Some("holds something else than a token"),
            Ok(_) => match std::fs::read_to_string(&path) {
                Ok(text) if is_token(&text) => None,
                _ => Some("holds something else than a token"),
            },
        };
        match holds {
            None => Ok(TokenFile { path, end }),
            Some(what) => {
                let message = format!("{} {what}, and is not replaced", path.display());
                let hint = "name another file, or leave --out out to have the token on stdout";
                Err(CliError::new(ExitKind::CannotCreate, message).hint(hint).into())
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a token to the file atomically, readable only by its owner.
    ///
    /// # Errors
    /// The file cannot be written; the old one is then unchanged.
    pub fn write(&self, token: &Secret) -> anyhow::Result<()> {
        let text = zeroize::Zeroizing::new([token.expose(), self.end].concat());
        fsio::write_whole(&self.path, text.as_bytes(), FileAccess::Owner, Existing::Replace).map_err(|e| {
            let message = format!("{} cannot be written", self.path.display());
            anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message))
        })
    }

    /// Keeps a valid token in the file until a signal arrives.
    ///
    /// # Errors
    /// The first token cannot be made or written, or none before the one in the file has expired, or a PIN is refused.
    pub fn keep(&self, ui: &Ui, mut make: impl FnMut() -> anyhow::Result<Fresh>) -> anyhow::Result<()> {
        let log = Log::new(ui);
        let mut renew = || {
            let fresh = make()?;
            self.write(&fresh.token)?;
            self.tell(&log, &fresh);
            anyhow::Ok(fresh)
        };
        block_on(async {
            let (_own, mut ending) = signals::ending()?;
            let mut fresh = renew()?;
            service::is_ready();
            let look = LOOK.min(fresh.lifetime / 4);
            let mut again = RenewalRetry::default();
            loop {
                tokio::select! {
                    biased;
                    _ = ending.recv() => break,
                    () = sleep(look) => {}
                }
                let now = SystemTime::now();
                let is_over = now >= fresh.end();
                if !fresh.is_due(now) || !(is_over || again.is_due()) {
                    continue;
                }
                match renew() {
                    Ok(renewed) => (fresh, again) = (renewed, RenewalRetry::default()),
                    Err(e) if is_over || error::kind(&e) == ExitKind::Refused => return Err(e),
                    Err(e) => {
                        let pause = again.failed();
                        let line = log.warn("not-renewed").with("file", self.path.display().to_string()).error(&e);
                        let until = humantime::format_rfc3339_seconds(fresh.end());
                        let seconds = pause.as_secs();
                        line.say(format!(
                            "the token, valid until {until}, is not renewed; trying again in {seconds} s"
                        ));
                    }
                }
            }
            log.info("stopping").say(format!("the token is still in {}", self.path.display()));
            Ok(())
        })?;
        service::is_stopping();
        log.flush();
        Ok(())
    }

    fn tell(&self, log: &Log, fresh: &Fresh) {
        let (file, expires) = (self.path.display().to_string(), humantime::format_rfc3339_seconds(fresh.end()));
        if let Some(doubt) = clock::doubt(fresh.made) {
            log.warn("doubt").say(format!("{doubt}; the times in a token are taken from it"));
        }
        let line = log.info("renewed").with("expires_at", expires.to_string());
        // `expires` is the old name of `expires_at`.
        let line = line.with("expires", expires.to_string());
        line.with("file", &*file).say(format!("a token in {file} is valid until {expires}"));
    }
}

/// When a renewal that has failed is tried again.
#[derive(Default)]
struct RenewalRetry {
    at: Option<Instant>,
    pause: Duration,
}

impl RenewalRetry {
    fn is_due(&self) -> bool {
        self.at.is_none_or(|at| Instant::now() >= at)
    }

    fn failed(&mut self) -> Duration {
        self.pause = (2 * self.pause).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        self.at = Some(Instant::now() + self.pause);
        self.pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_due_at_half_its_time_and_when_the_clock_was_set() {
        let (made, lifetime) = (SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000), Duration::from_secs(100));
        let fresh = Fresh { token: Secret::default(), made, lifetime };
        let second = Duration::from_secs(1);
        for (now, due) in [
            (made, false),
            (made + 49 * second, false),
            (made + 50 * second, true),
            (made + 5000 * second, true),
            (made - second, false),
            (made - 2 * second, true),
            (SystemTime::UNIX_EPOCH, true),
        ] {
            assert_eq!(fresh.is_due(now), due, "{now:?}");
        }
    }

    #[test]
    fn attempts_come_further_apart_up_to_a_minute() {
        let mut again = RenewalRetry::default();
        assert!(again.is_due());
        let pauses: Vec<u64> = (0..9).map(|_| again.failed().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!(!again.is_due());
    }
}
