//! The terminal during a question: no echo, key by key, and restored afterwards.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;

use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcgetpgrp, tcsetattr,
};

use super::signals::{self, Arrived, HeldSignals};

/// Tenths of a second until a read gives up: how soon a signal that another thread got is noticed, and what distinguishes
/// the key Escape from a sequence that begins with its character.
const READ_TENTHS: u8 = 1;

/// A key that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPress {
    Char(char),
    Enter,
    /// Backspace.
    Erase,
    /// Ctrl-W.
    EraseWord,
    /// Ctrl-U.
    EraseLine,
    Escape,
    /// Ctrl-D.
    EndOfInput,
}

/// The terminal, taken for a question; it is restored when dropped.
pub struct Terminal {
    input: File,
    output: File,
    before: Termios,
    held: Option<HeldSignals>,
}

impl Terminal {
    /// Takes the terminal that the process belongs to, otherwise the one at stdin and stderr. Input typed before the
    /// question is discarded. Returns `None` without a terminal, and in the background, where a question would stop the
    /// process.
    ///
    /// # Errors
    /// The terminal's mode cannot be set.
    pub fn take() -> io::Result<Option<Terminal>> {
        let Some((input, output)) = files() else { return Ok(None) };
        if !in_foreground(&input) {
            return Ok(None);
        }
        let before = tcgetattr(&input)?;
        let mut terminal = Terminal { input, output, before, held: None };
        terminal.enter()?;
        Ok(Some(terminal))
    }

    /// Writes text.
    ///
    /// # Errors
    /// As the terminal.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())
    }

    /// Waits for the next key. After a stop, as by Ctrl-Z, the text that `shown` returns is written again.
    ///
    /// # Errors
    /// The terminal cannot be read or is gone, what it sends is not UTF-8, or a signal has ended the question.
    pub fn key(&mut self, shown: impl Fn() -> String) -> io::Result<KeyPress> {
        loop {
            match signals::arrived() {
                Arrived::Nothing => {}
                Arrived::Pause => {
                    self.leave_line();
                    self.enter()?;
                    self.write(&shown())?;
                }
                Arrived::End => {
                    self.leave_line();
                    // The process has its own handler, and continues.
                    return Err(io::ErrorKind::Interrupted.into());
                }
            }
            let Some(first) = self.byte()? else { continue };
            return Ok(match first {
                b'\r' | b'\n' => KeyPress::Enter,
                0x08 | 0x7f => KeyPress::Erase,
                0x04 => KeyPress::EndOfInput,
                0x15 => KeyPress::EraseLine,
                0x17 => KeyPress::EraseWord,
                0x1b => match self.byte()? {
                    Some(next) if !next.is_ascii_control() => {
                        self.skip_sequence(next)?;
                        continue;
                    }
                    _ => KeyPress::Escape,
                },
                _ => KeyPress::Char(self.character(first)?),
            });
        }
    }

    /// Skips the rest of a key's sequence, such as an arrow's, after Escape (ECMA-48 §5.4): `[`, parameters and a final
    /// byte; `O` and one byte; or one byte, as Alt with a letter does.
    fn skip_sequence(&mut self, first: u8) -> io::Result<()> {
        let is_final: fn(u8) -> bool = match first {
            b'[' => |byte| (0x40..=0x7e).contains(&byte),
            b'O' => |_| true,
            _ => return Ok(()),
        };
        while self.byte()?.is_some_and(|byte| !is_final(byte)) {}
        Ok(())
    }

    /// Reads what is left of a character in UTF-8.
    fn character(&mut self, first: u8) -> io::Result<char> {
        let not_utf8 = || io::Error::new(io::ErrorKind::InvalidData, "what was typed is not UTF-8");
        let length = if first.is_ascii() { 1 } else { first.leading_ones() as usize };
        let mut bytes = [first, 0, 0, 0];
        for byte in bytes.get_mut(1..length).ok_or_else(not_utf8)? {
            *byte = self.byte()?.ok_or_else(not_utf8)?;
        }
        let text = std::str::from_utf8(&bytes[..length]).map_err(|_| not_utf8())?;
        text.chars().next().ok_or_else(not_utf8)
    }

    /// Reads a byte; `None` if none comes for a while, or a signal has arrived.
    fn byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        match self.input.read(&mut byte) {
            // A terminal that is gone no longer has a mode.
            Ok(0) => Ok(tcgetattr(&self.input).map(|_| None)?),
            Ok(_) => Ok(Some(byte[0])),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Holds signals, then switches echo and line editing off. The keys for signals, such as Ctrl-C, keep their function.
    fn enter(&mut self) -> io::Result<()> {
        self.held.get_or_insert_with(signals::hold);
        let mut mode = self.before.clone();
        mode.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON);
        mode.special_codes[SpecialCodeIndex::VMIN] = 0;
        mode.special_codes[SpecialCodeIndex::VTIME] = READ_TENTHS;
        self.set(&mode)?;
        Ok(())
    }

    /// Restores the terminal on a new line; then signals that have arrived take effect.
    fn leave_line(&mut self) {
        // A terminal that accepts no output is restored all the same.
        let _ = self.write("\n");
        self.leave();
    }

    /// Restores the terminal. Unread input is discarded: the rest of a pasted key must not become a line for a
    /// shell.
    fn leave(&mut self) {
        // A terminal that is gone has no mode; in the background it belongs to another process, which gets it in a good mode.
        if self.held.is_some() && in_foreground(&self.input) {
            let _ = self.set(&self.before);
        }
        self.held = None;
    }

    /// Sets the mode at once: waiting until everything is written could take forever if the person has stopped the output.
    fn set(&self, mode: &Termios) -> rustix::io::Result<()> {
        tcsetattr(&self.input, OptionalActions::Now, mode)?;
        tcflush(&self.input, QueueSelector::IFlush)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Opens the terminal to read and to write.
fn files() -> Option<(File, File)> {
    if let Ok(terminal) = File::options().read(true).write(true).open("/dev/tty") {
        return Some((terminal.try_clone().ok()?, terminal));
    }
    let (stdin, stderr) = (io::stdin(), io::stderr());
    if !stdin.is_terminal() || !stderr.is_terminal() {
        return None;
    }
    let file = |stream: std::os::fd::BorrowedFd<'_>| stream.try_clone_to_owned().map(File::from).ok();
    Some((file(stdin.as_fd())?, file(stderr.as_fd())?))
}

/// Whether the terminal listens to this process: always, if it is not the terminal that the process belongs to.
fn in_foreground(terminal: &File) -> bool {
    tcgetpgrp(terminal).map_or(true, |foreground| foreground == getpgrp())
}
