//! Lines of an input, read in large pieces by a separate thread and handed over as soon as they are complete.
//!
//! The lines of one read are handed over at once, so a slow stream is never held up, and a fast one is handed over in
//! batches. A bounded channel holds the reader back, and with it the producer.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::sleep;

use crate::guard::payload;
use crate::text::{BYTE_ORDER_MARK, without_byte_order_mark};

/// Bytes requested from the input at a time: the capacity of a pipe on Linux (pipe(7)).
const CHUNK: usize = 64 * 1024;
/// Batches that may wait.
const WAITING: usize = 2;
/// Pause between two checks whether a stopped reader has handed over what it had read.
const READER_PAUSE: Duration = Duration::from_millis(5);

/// How the input is split.
#[derive(Debug, Clone, Copy)]
pub struct Splitting {
    /// The byte that ends a line. If it is a line feed, the input is text: a byte order mark at its very beginning is removed.
    pub separator: u8,
    /// Longest line without its separator, in bytes.
    pub max_line: usize,
}

/// A piece of the input.
#[derive(Debug)]
pub enum Input {
    /// Complete lines; the last one may lack its separator.
    Lines(Batch),
    /// A piece of a line that is longer than allowed; `last` marks its end.
    TooLong { bytes: Vec<u8>, last: bool },
    /// The input cannot be read any further.
    Failed(io::Error),
}

/// Lines, removed one by one.
#[derive(Debug)]
pub struct Batch {
    bytes: Vec<u8>,
    at: usize,
    separator: u8,
    may_hold_key: bool,
}

impl Batch {
    /// On the reader's thread, and for all lines at once: that is cheapest.
    fn new(bytes: Vec<u8>, separator: u8) -> Batch {
        let may_hold_key = payload::may_hold(&bytes);
        Batch { bytes, at: 0, separator, may_hold_key }
    }

    /// Returns whether a line may hold a private key ([`payload::may_hold`]).
    pub fn may_hold_key(&self) -> bool {
        self.may_hold_key
    }

    /// Returns the next line without its separator, and how much to [`skip`](Self::skip) once it is accepted.
    pub fn peek(&self) -> Option<(&[u8], usize)> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        Some(match memchr::memchr(self.separator, rest) {
            Some(end) => (&rest[..end], end + 1),
            None => (rest, rest.len()),
        })
    }

    /// Advances to the next line.
    pub fn skip(&mut self, length: usize) {
        self.at += length;
    }
}

#[derive(Debug, Default)]
struct Flags {
    /// Nothing more is to be read.
    stop: AtomicBool,
    /// Wakes the receiver when that is set.
    stopped: Notify,
    /// The reader is waiting for the input and holds nothing.
    reading: AtomicBool,
}

/// The receiving end.
#[derive(Debug)]
pub struct Lines {
    receiver: mpsc::Receiver<Input>,
    flags: Arc<Flags>,
}

impl Lines {
    /// Starts a thread that reads `input` to its end.
    ///
    /// # Errors
    /// The system refuses to start a thread.
    pub fn start(input: impl Read + Send + 'static, splitting: Splitting) -> io::Result<Lines> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let flags = Arc::new(Flags::default());
        let mut reader = Reader { input, splitting, sender, flags: Arc::clone(&flags) };
        std::thread::Builder::new().name("i3-lines".into()).spawn(move || {
            // If nobody receives any more, the rest is useless.
            let _ = reader.run();
        })?;
        Ok(Lines { receiver, flags })
    }

    /// Waits for the next piece; returns `None` at the end of the input, or once it is stopped and everything that had been
    /// read is handed over. May be cancelled without losing anything.
    pub async fn next(&mut self) -> Option<Input> {
        loop {
            if self.flags.stop.load(Ordering::Acquire) {
                match self.rest() {
                    Ok(input) => return input,
                    Err(StillReading) => sleep(READER_PAUSE).await,
                }
            } else {
                tokio::select! {
                    biased;
                    input = self.receiver.recv() => return input,
                    () = self.flags.stopped.notified() => {}
                }
            }
        }
    }

    /// Returns a handle that stops the reading.
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.flags))
    }

    /// After [`Stopper::stop`], returns a piece that had been read already, or `Ok(None)` if there is none, or `Err` if the
    /// reader still holds one.
    fn rest(&mut self) -> Result<Option<Input>, StillReading> {
        // In this order: whatever the reader held before it began to wait is in the channel by now.
        let holds_nothing = self.flags.reading.load(Ordering::Acquire);
        match self.receiver.try_recv() {
            Ok(input) => Ok(Some(input)),
            Err(mpsc::error::TryRecvError::Disconnected) => Ok(None),
            Err(mpsc::error::TryRecvError::Empty) if holds_nothing => Ok(None),
            Err(mpsc::error::TryRecvError::Empty) => Err(StillReading),
        }
    }
}

/// The reader holds something that it has not handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StillReading;

/// Stops the reading. What has been read already is still handed over.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<Flags>);

impl Stopper {
    /// Stops it.
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::Release);
        self.0.stopped.notify_one();
    }
}

/// Nobody receives any more.
struct Unheard;

struct Reader<R> {
    input: R,
    splitting: Splitting,
    sender: mpsc::Sender<Input>,
    flags: Arc<Flags>,
}

impl<R: Read> Reader<R> {
    fn send(&self, input: Input) -> Result<(), Unheard> {
        self.sender.blocking_send(input).map_err(|_| Unheard)
    }

    /// Reads once and appends to `buffer`. Returns the number of bytes, 0 at the end of the input.
    fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let before = buffer.len();
        // No more than that: these buffers are most of the memory for long lines.
        buffer.reserve_exact(CHUNK);
        buffer.resize(before + CHUNK, 0);
        self.flags.reading.store(true, Ordering::Release);
        let result = loop {
            match self.input.read(&mut buffer[before..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.flags.reading.store(false, Ordering::Release);
        buffer.truncate(before + result.as_ref().copied().unwrap_or(0));
        result
    }

    fn run(&mut self) -> Result<(), Unheard> {
        let Splitting { separator, max_line } = self.splitting;
        // The beginning of a line whose end has not arrived yet.
        let mut partial = Vec::new();
        let mut too_long = false;
        let mut is_start = separator == b'\n';
        while !self.flags.stop.load(Ordering::Acquire) {
            let mut buffer = std::mem::take(&mut partial);
            let mut before = buffer.len();
            match self.read(&mut buffer) {
                Err(e) => return self.send(Input::Failed(e)),
                Ok(0) if too_long => return self.send(Input::TooLong { bytes: Vec::new(), last: true }),
                Ok(0) if buffer.is_empty() => return Ok(()),
                Ok(0) => return self.send(Input::Lines(Batch::new(buffer, separator))),
                Ok(_) => {}
            }
            if is_start {
                if buffer.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&buffer) {
                    partial = buffer;
                    continue;
                }
                buffer.drain(..buffer.len() - without_byte_order_mark(&buffer).len());
                (is_start, before) = (false, 0);
            }
            if too_long {
                let end = memchr::memchr(separator, &buffer);
                let rest = end.map_or_else(Vec::new, |end| buffer.split_off(end + 1));
                buffer.truncate(end.unwrap_or(buffer.len()));
                self.send(Input::TooLong { bytes: buffer, last: end.is_some() })?;
                too_long = end.is_none();
                buffer = rest;
                if buffer.is_empty() {
                    continue;
                }
                if let Some(end) = memchr::memrchr(separator, &buffer) {
                    partial = buffer.split_off(end + 1);
                    self.send(Input::Lines(Batch::new(buffer, separator)))?;
                } else {
                    partial = buffer;
                }
                continue;
            }
            match memchr::memrchr(separator, &buffer[before..]) {
                Some(end) => {
                    partial = buffer[before + end + 1..].to_vec();
                    buffer.truncate(before + end + 1);
                    self.send(Input::Lines(Batch::new(buffer, separator)))?;
                }
                None => partial = buffer,
            }
            if partial.len() > max_line {
                self.send(Input::TooLong { bytes: std::mem::take(&mut partial), last: false })?;
                too_long = true;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out its pieces one read at a time.
    struct Pieces(std::collections::VecDeque<Vec<u8>>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(mut piece) = self.0.pop_front() else { return Ok(0) };
            let n = piece.len().min(buffer.len());
            buffer[..n].copy_from_slice(&piece[..n]);
            if n < piece.len() {
                self.0.push_front(piece.split_off(n));
            }
            Ok(n)
        }
    }

    /// All lines; one that is too long as its length in `Err`.
    fn split(pieces: &[&[u8]], separator: u8, max_line: usize) -> Vec<Result<Vec<u8>, usize>> {
        let input = Pieces(pieces.iter().map(|p| p.to_vec()).collect());
        let mut lines = Lines::start(input, Splitting { separator, max_line }).unwrap();
        let (mut all, mut long) = (Vec::new(), 0);
        while let Some(input) = lines.receiver.blocking_recv() {
            match input {
                Input::Lines(mut batch) => {
                    while let Some((line, length)) = batch.peek() {
                        all.push(Ok(line.to_vec()));
                        batch.skip(length);
                    }
                }
                Input::TooLong { bytes, last } => {
                    long += bytes.len();
                    if last {
                        all.push(Err(std::mem::take(&mut long)));
                    }
                }
                Input::Failed(e) => panic!("{e}"),
            }
        }
        all
    }

    fn text(lines: &[Result<Vec<u8>, usize>]) -> Vec<String> {
        let show = |l: &Result<Vec<u8>, usize>| match l {
            Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Err(length) => format!("<{length}>"),
        };
        lines.iter().map(show).collect()
    }

    #[test]
    fn lines_are_what_stands_between_separators() {
        assert_eq!(text(&split(&[], b'\n', 99)), Vec::<String>::new());
        assert_eq!(text(&split(&[b"\n"], b'\n', 99)), [""]);
        assert_eq!(text(&split(&[b"a\n\nb"], b'\n', 99)), ["a", "", "b"]);
        assert_eq!(text(&split(&[b"a", b"b", b"\nc", b"\n", b"d"], b'\n', 99)), ["ab", "c", "d"]);
        assert_eq!(text(&split(&[b"a\nb\0c\0"], 0, 99)), ["a\nb", "c"]);
        assert_eq!(split(&[b"\0\xff\n\xfe\0"], b'\n', 99), [Ok(b"\0\xff".to_vec()), Ok(b"\xfe\0".to_vec())]);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_text() {
        for pieces in
            [&[&b"\xef\xbb\xbfa\nb"[..]][..], &[b"\xef", b"\xbb", b"\xbf", b"a\n", b"b"], &[b"\xef\xbb", b"\xbfa\nb"]]
        {
            assert_eq!(text(&split(pieces, b'\n', 99)), ["a", "b"], "{pieces:?}");
        }
        assert_eq!(text(&split(&[b"\xef\xbb\xbf"], b'\n', 99)), Vec::<String>::new());
        assert_eq!(text(&split(&[b"\xef\xbb\xbf\n"], b'\n', 99)), [""]);
        assert_eq!(split(&[b"\xef\xbb"], b'\n', 99), [Ok(b"\xef\xbb".to_vec())], "it is none");
        // Only at the very beginning, and not of pieces that may be anything.
        assert_eq!(text(&split(&[b"a\n\xef\xbb\xbfb"], b'\n', 99)), ["a", "\u{feff}b"]);
        assert_eq!(text(&split(&[b"\xef\xbb\xbfa\0b"], 0, 99)), ["\u{feff}a", "b"]);
    }

    #[test]
    fn a_long_line_is_given_in_pieces_and_the_next_one_is_whole() {
        assert_eq!(text(&split(&[b"1234", b"5678", b"9\nab\nc", b"d\n"], b'\n', 5)), ["<9>", "ab", "cd"]);
        assert_eq!(text(&split(&[b"123456", b"78"], b'\n', 5)), ["<8>"]);
        assert_eq!(text(&split(&[b"123456", b"\n\n", b"x"], b'\n', 5)), ["<6>", "", "x"]);
        let long = vec![b'x'; 1_000_000];
        assert_eq!(text(&split(&[&long, b"\ny"], b'\n', 1000)), ["<1000000>", "y"]);
    }

    #[test]
    fn what_one_read_gave_is_there_before_the_next() {
        let (mut write, read) = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let write = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            (write, listener.accept().unwrap().0)
        };
        let mut lines = Lines::start(read, Splitting { separator: b'\n', max_line: 99 }).unwrap();
        io::Write::write_all(&mut write, b"now\nla").unwrap();
        let Some(Input::Lines(batch)) = lines.receiver.blocking_recv() else { panic!("no lines") };
        assert_eq!(batch.peek(), Some((&b"now"[..], 4)));
        lines.stopper().stop();
        while matches!(lines.rest(), Err(StillReading)) {
            std::thread::yield_now();
        }
        assert!(matches!(lines.rest(), Ok(None)), "the unfinished line stays unread");
    }
}
