//! Errors of a system that grants no more open files, threads or memory.

use std::any::Any;
use std::io;

/// `EAGAIN` (a thread), `ENOMEM`, `ENFILE`, `EMFILE`.
#[cfg(target_vendor = "apple")]
const CODES: [i32; 4] = [35, 12, 23, 24];
#[cfg(not(target_vendor = "apple"))]
const CODES: [i32; 4] = [11, 12, 23, 24];

/// Returns whether the system refuses a resource that this process has too many of.
pub fn is_exhaustion(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| CODES.contains(&code))
}

/// Returns the error that caused a panic: the runtimes of Rust and tokio panic if they get no thread or no socket.
pub fn of_panic(payload: &(dyn Any + Send)) -> Option<io::Error> {
    let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref().copied())?;
    // In an error's own format, and in that of `expect`.
    let code = CODES
        .iter()
        .find(|code| text.contains(&format!("(os error {code})")) || text.contains(&format!("Os {{ code: {code},")))?;
    Some(io::Error::from_raw_os_error(*code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_for_want_of_a_thread_is_told_from_others() {
        let of = |text: &str| of_panic(&text.to_owned()).map(|error| error.raw_os_error());
        let thread = io::Error::from_raw_os_error(CODES[0]);
        assert_eq!(of(&format!("failed to spawn thread: {thread:?}")), Some(Some(CODES[0])));
        assert_eq!(of(&format!("OS can't spawn worker thread: {thread}")), Some(Some(CODES[0])));
        let file = io::Error::from_raw_os_error(24);
        assert_eq!(of(&format!("failed to create UnixStream: {file:?}")), Some(Some(24)));
        assert_eq!(of("index out of bounds: the len is 24 but the index is 24"), None);
        assert_eq!(of(&format!("x: {:?}", io::Error::from_raw_os_error(2))), None);
        assert!(of_panic(&24).is_none());
    }
}
