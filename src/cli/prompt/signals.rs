//! Holds signals until the terminal is restored: they are noted, and take effect afterwards.

use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

use libc::c_int;

/// The signals that end, stop or continue a process at the terminal. Stopping comes last, because those that end it
/// should come first.
const HELD: [c_int; 9] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGALRM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGTSTP,
    libc::SIGCONT,
];

/// The signals that have arrived, a bit each.
static ARRIVED: AtomicU32 = AtomicU32::new(0);

/// Notes a signal: an atomic operation, which a handler may do at any time (signal-safety(7)).
extern "C" fn note(signal: c_int) {
    ARRIVED.fetch_or(bit(signal), Ordering::SeqCst);
}

fn bit(signal: c_int) -> u32 {
    1 << signal
}

/// Signals are held while this exists. When dropped, it restores the process's handlers and sends it the signals that have
/// arrived; one that ends the process does so there.
pub struct HeldSignals(Vec<(c_int, libc::sigaction)>);

/// Holds the signals. One that the process ignores, as with `nohup`, stays ignored. It interrupts system calls.
#[expect(
    unsafe_code,
    reason = "the libraries that have safe calls leave their handler behind, and the signal without its effect"
)]
pub fn hold() -> HeldSignals {
    let mut former = Vec::with_capacity(HELD.len());
    for signal in HELD {
        // SAFETY: all zero is a valid value of this plain struct: no flags, an empty mask.
        let (mut before, mut noting): (libc::sigaction, libc::sigaction) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        noting.sa_sigaction = note as extern "C" fn(c_int) as libc::sighandler_t;
        // SAFETY: both structs live through the calls; the handler only does an atomic operation.
        unsafe {
            if libc::sigaction(signal, ptr::null(), &raw mut before) == 0
                && before.sa_sigaction != libc::SIG_IGN
                && libc::sigaction(signal, &raw const noting, ptr::null_mut()) == 0
            {
                former.push((signal, before));
            }
        }
    }
    HeldSignals(former)
}

/// The signals that have arrived while they are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrived {
    Nothing,
    /// Only signals that stop the process, or continue it after it was stopped.
    Pause,
    /// A signal that ends the process, unless the program handles it.
    End,
}

/// Returns what has arrived.
pub fn arrived() -> Arrived {
    match ARRIVED.load(Ordering::SeqCst) {
        0 => Arrived::Nothing,
        pause if pause & !(bit(libc::SIGTSTP) | bit(libc::SIGCONT)) == 0 => Arrived::Pause,
        _ => Arrived::End,
    }
}

impl Drop for HeldSignals {
    #[expect(unsafe_code, reason = "as for hold()")]
    fn drop(&mut self) {
        for (signal, before) in &self.0 {
            // SAFETY: the struct is one that sigaction(2) has filled.
            unsafe { libc::sigaction(*signal, before, ptr::null_mut()) };
        }
        let arrived = ARRIVED.swap(0, Ordering::SeqCst);
        // SIGCONT has had its effect.
        for signal in HELD.into_iter().filter(|signal| *signal != libc::SIGCONT && arrived & bit(*signal) != 0) {
            // SAFETY: a call with a plain number.
            unsafe { libc::raise(signal) };
        }
    }
}
