//! A stream with a spool in between: lines go to disk as they come, and from there to the broker when they can.

use std::cell::Cell;
use std::convert::Infallible;
use std::io::Read;
use std::ops::Range;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::spool::worker::{OTHERS_PAUSE, Progress, SpoolHandle};
use super::super::shutdown::Signal;
use super::super::stats::Stats;
use super::feed::SpoolReader;
use super::intake::LineInput;
use super::source::Source;
use super::taker::SpoolWriter;
use super::{Event, Failed, Options, Stream, StreamError, StreamHost};

/// Where every block drops another one, it is told so often and no more.
const DROPPED_PAUSE: Duration = Duration::from_secs(60);

/// What came of it.
#[derive(Debug)]
pub struct Spooled<E> {
    /// What was sent may be other runs' lines, and what was read may have been sent by another run.
    pub stats: Stats,
    /// Why lines did not get into the spool, if some did not.
    pub taking: Result<(), StreamError>,
    /// Why the spool was not drained, if it was not.
    pub draining: Result<(), Failed<E>>,
    /// Records that are still in the spool.
    pub left: u64,
    /// Of the lines that were taken, those that were dropped again.
    pub dropped: u64,
}

/// Takes the lines of `input`, if there is any, into the spool at once and publishes what is in it, oldest first, until
/// all that came before the end of the input is out. If another run drains the spool, that one is waited for, and taken
/// over from. `signals` has one item for each signal to end.
///
/// # Errors
/// Only if the input cannot even be begun to be read. All else is in [`Spooled`].
pub async fn run_spooled<S: StreamHost>(
    options: &Options,
    input: Option<impl Read + Send + 'static>,
    signals: UnboundedReceiver<()>,
    surroundings: &S,
    queue: &SpoolHandle,
) -> Result<Spooled<S::Error>, StreamError> {
    let began = Instant::now();
    let mut taker = match input {
        Some(input) => {
            Some(SpoolWriter::new(options, surroundings, queue, LineInput::start(options, surroundings, input)?))
        }
        None => None,
    };
    let stopper = taker.as_ref().map(|taker| taker.intake.stopper());
    let (ended, end) = watch::channel(None);
    let feed = SpoolReader::new(queue, end, options.window_limit());
    let mut stream = Stream::new(options, surroundings, signals, Source::Spool(feed, stopper.clone()));
    let taking = async {
        let result = match &mut taker {
            Some(taker) => taker.run().await,
            None => Ok(()),
        };
        let last = queue.progress().borrow().next;
        let _ = ended.send(Some(last));
        result
    };
    let draining = async {
        let result = drain(&mut stream, queue).await;
        // Without anybody to make room, what is read could wait for ever.
        stopper.iter().for_each(|stopper| stopper.stop());
        queue.no_more_room();
        result
    };
    let told = Told::default();
    let (mut taking, mut draining) = tokio::select! {
        biased;
        both = async { tokio::join!(taking, draining) } => both,
        never = told.go_on(surroundings, queue) => match never {},
    };
    told.look(surroundings, *queue.progress().borrow(), Duration::ZERO);
    let mut stats = stream.stats;
    if let Source::Spool(feed, _) = &stream.source {
        stats.rejected = feed.rejected;
    }
    let mut own = None;
    if let Some(taker) = &mut taker {
        (stats.read, stats.spooled) = (taker.intake.read, taker.spooled);
        stats.rejected += taker.intake.rejected;
        own = taker.own.clone();
        if let (Ok(()), Some(trouble)) = (&taking, taker.intake.trouble.take()) {
            taking = Err(trouble);
        }
    }
    let left = match queue.status().get().await {
        Ok(status) => status.records,
        Err(why) => {
            // Whatever else was in the way: nothing can be said of what is in it.
            if taking.is_ok() && !matches!(draining, Err(Failed::Stream(StreamError::Spool(_)))) {
                draining = Err(StreamError::Spool(why).into());
            }
            0
        }
    };
    let dropped = fate(queue, own.clone()).await.min(stats.spooled);
    if let (Ok(()), false, Some(own)) = (&draining, stream.logged_in, own)
        && queue.progress().borrow().head >= own.end
    {
        // The other run has sent them, but for what it could not.
        let held = queue.held(own).get().await.unwrap_or_default();
        stats.acknowledged = (stats.spooled - dropped).saturating_sub(held.len() as u64);
        if let Some(first) = held.first() {
            draining = Err(StreamError::Held { first: *first, more: held.len() as u64 - 1 }.into());
        }
    }
    stats.took = began.elapsed();
    Ok(Spooled { stats, taking, draining, left, dropped })
}

async fn fate(queue: &SpoolHandle, own: Option<Range<u64>>) -> u64 {
    match own {
        Some(own) => queue.fate(own).get().await.unwrap_or_default(),
        None => 0,
    }
}

/// Drains the spool as soon as no other run does.
async fn drain<S: StreamHost>(stream: &mut Stream<'_, S>, queue: &SpoolHandle) -> Result<(), Failed<S::Error>> {
    let mut told = false;
    let mut progress = queue.progress();
    let _lock = loop {
        match queue.lock().get().await.map_err(StreamError::Spool)? {
            Some(lock) => break lock,
            None if !told => stream.surroundings.tell(&Event::AnotherDrains),
            None => {}
        }
        told = true;
        let Source::Spool(feed, _) = &mut stream.source else { return Ok(()) };
        if feed.is_finished() {
            return Ok(());
        }
        tokio::select! {
            biased;
            alarm = stream.stop.alarm() => match alarm {
                Signal::Drain => _ = stream.source.stop(),
                Signal::Over(cause) => return Err(StreamError::NotDrained { cause }.into()),
            },
            () = feed.input_ends() => {}
            _ = progress.changed() => {}
            () = sleep(OTHERS_PAUSE) => {}
        }
    };
    if let Source::Spool(feed, _) = &mut stream.source {
        feed.begin(&queue.held(0..u64::MAX).get().await.map_err(StreamError::Spool)?);
        if feed.is_finished() {
            return Ok(());
        }
    }
    let exact = queue.status().get().await.map_err(StreamError::Spool)?.qos2;
    stream.exact |= exact;
    let drained = stream.run(None::<std::io::Empty>).await;
    // Whoever drains next begins where the spool says, so what is done is on disk before the lock is given up: the answer
    // comes after all that was said before.
    let _ = queue.fate(0..0).get().await;
    drained?;
    match &mut stream.source {
        Source::Spool(feed, _) => feed.stuck().map_or(Ok(()), |stuck| Err(stuck.into())),
        _ => Ok(()),
    }
}

/// What was told of the spool.
#[derive(Default)]
struct Told {
    full: Cell<bool>,
    dropped: Cell<u64>,
    /// When it was told last that something was dropped.
    at: Cell<Option<Instant>>,
}

impl Told {
    /// Tells what has happened since the last time; what was dropped, if that is longer ago than `pause`.
    fn look<S: StreamHost>(&self, surroundings: &S, now: Progress, pause: Duration) {
        if now.full && !self.full.replace(true) {
            surroundings.tell(&Event::SpoolFull);
        }
        let before = self.dropped.get();
        if now.dropped > before && self.at.get().is_none_or(|at| at.elapsed() >= pause) {
            self.at.set(Some(Instant::now()));
            self.dropped.set(now.dropped);
            surroundings.tell(&Event::Dropped { records: now.dropped - before });
        }
    }

    /// Tells what happens, for ever.
    async fn go_on<S: StreamHost>(&self, surroundings: &S, queue: &SpoolHandle) -> Infallible {
        let mut progress = queue.progress();
        while progress.changed().await.is_ok() {
            self.look(surroundings, *progress.borrow_and_update(), DROPPED_PAUSE);
        }
        std::future::pending().await
    }
}
