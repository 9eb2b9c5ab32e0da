//! A program at its own terminal, with somebody who types.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Only something broken takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process with its own terminal, in its own session; it is ended when dropped.
pub struct AtTerminal {
    keyboard_and_screen: File,
    child: Child,
    shown: String,
    /// The beginning of a character whose rest has not come yet.
    begun: Vec<u8>,
    /// What was on the screen before this was waited for already.
    seen: usize,
}

/// Has `command` (no process group may be set) started at a terminal; its streams that are not set are that terminal.
pub fn at_terminal(command: &Command) -> AtTerminal {
    at_terminal_with(command, None)
}

/// The same at a terminal of this size.
pub fn at_terminal_of(command: &Command, columns: u16, rows: u16) -> AtTerminal {
    start(command, None, Some((columns, rows)))
}

/// All that is on the screen of such a terminal, whose lines end as in a file, once the process has ended.
pub fn screen_of(command: &Command, columns: u16, rows: u16) -> String {
    at_terminal_of(command, columns, rows).ends().replace('\r', "")
}

/// The same with data on stdin.
pub fn at_terminal_with(command: &Command, input: Option<&Path>) -> AtTerminal {
    start(command, input, None)
}

fn start(command: &Command, input: Option<&Path>, size: Option<(u16, u16)>) -> AtTerminal {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let slave: OwnedFd = File::options().read(true).write(true).open(name).unwrap().into();
    if let Some((ws_col, ws_row)) = size {
        tcsetwinsize(&slave, Winsize { ws_row, ws_col, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    }
    // `setsid --ctty` takes the terminal at its stdin; a shell then puts the data there.
    let mut at = Command::new("setsid");
    at.arg("--ctty");
    if let Some(input) = input {
        at.args(["sh", "-c", "data=$1; shift; exec \"$@\" <\"$data\"", "sh"]).arg(input);
    }
    at.arg(command.get_program()).args(command.get_args()).env_clear();
    at.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    at.current_dir(command.get_current_dir().unwrap());
    at.env("TERM", "xterm");
    at.stdin(Stdio::from(slave.try_clone().unwrap())).stdout(Stdio::from(slave.try_clone().unwrap())).stderr(slave);
    let child = at.spawn().unwrap();
    AtTerminal { keyboard_and_screen: File::from(master), child, shown: String::new(), begun: Vec::new(), seen: 0 }
}

impl AtTerminal {
    /// Waits until `marker` is shown, after the previous marker.
    pub fn shows(&mut self, marker: &str) -> &mut AtTerminal {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.shown[self.seen..].find(marker) {
                self.seen += at + marker.len();
                return self;
            }
            assert!(self.reads(until), "it ended without '{marker}':\n{}", self.shown);
        }
    }

    /// Waits until all that was shown is as it should be.
    pub fn until(&mut self, is_reached: impl Fn(&str) -> bool) -> &mut AtTerminal {
        let until = Instant::now() + PATIENCE;
        while !is_reached(&self.shown) {
            assert!(self.reads(until), "it ended too early:\n{}", self.shown);
        }
        self
    }

    /// Waits until no process has the terminal open any more. Returns everything that was shown.
    pub fn ends(&mut self) -> String {
        let until = Instant::now() + PATIENCE;
        while self.reads(until) {}
        self.shown.clone()
    }

    /// Types this; only the program sees it.
    pub fn types(&mut self, keys: &str) -> &mut AtTerminal {
        self.keyboard_and_screen.write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Gives the terminal another size, of which the program gets a signal.
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut AtTerminal {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.keyboard_and_screen, size).unwrap();
        self
    }

    /// All that was shown so far.
    pub fn screen(&self) -> &str {
        &self.shown
    }

    /// Reads the terminal's output; `false` at the end.
    fn reads(&mut self, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        let mut waiting = [PollFd::from_borrowed_fd(self.keyboard_and_screen.as_fd(), PollFlags::IN)];
        let ready = poll(&mut waiting, Some(&Timespec { tv_sec: left.as_secs() as i64, tv_nsec: 0 })).unwrap();
        assert!(ready > 0, "nothing more is shown after:\n{}", self.shown);
        let mut bytes = [0; 4096];
        // Reading a terminal that no process has open fails.
        let Ok(read @ 1..) = self.keyboard_and_screen.read(&mut bytes) else { return false };
        self.begun.extend_from_slice(&bytes[..read]);
        let whole = match std::str::from_utf8(&self.begun) {
            Err(e) if e.error_len().is_none() => e.valid_up_to(),
            _ => self.begun.len(),
        };
        let rest = self.begun.split_off(whole);
        self.shown += &String::from_utf8_lossy(&std::mem::replace(&mut self.begun, rest));
        true
    }
}

impl Drop for AtTerminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
