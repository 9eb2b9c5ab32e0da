//! A run with a spool in between: lines go to disk as they arrive, and from there to the broker when possible.

use std::cell::Cell;
use std::convert::Infallible;
use std::io::Read;
use std::ops::Range;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::error::{StreamError, StreamFailure};
use super::host::{Event, StreamHost};
use super::line_input::LineInput;
use super::options::Options;
use super::session::StreamSession;
use super::source::Source;
use super::spool_reader::{DrainEnd, SpoolReader};
use super::spool_writer::SpoolWriter;
use super::spooled::Spooled;
use crate::mqtt::reconnect::CleanStart;
use crate::publisher::shutdown::{Shutdown, Signal};
use crate::publisher::stats::Stats;
use crate::spool::worker::{OTHERS_PAUSE, Progress, SpoolHandle};

/// Time between two reports of dropped records: while the spool is full, every block drops another one.
const DROPPED_PAUSE: Duration = Duration::from_secs(60);

/// Smaller steps of the clock are not reported, in ms.
const CLOCK_JUMP: i64 = 24 * 3_600_000;

/// The result of a run with a spool.
#[derive(Debug)]
pub struct SpoolRun<E> {
    /// The sent lines may be other runs', and lines that were read may have been sent by another run.
    pub stats: Stats,
    /// Why some lines were not stored in the spool.
    pub taking: Result<(), StreamError>,
    /// Why the spool was not drained.
    pub draining: Result<(), StreamFailure<E>>,
    /// Records that are still in the spool.
    pub left: u64,
    /// How many of the stored lines were dropped again, or more if this run dropped others.
    pub dropped: u64,
}

/// Stores the lines of `input`, if there is any, in the spool at once and publishes what is in it, oldest first, until
/// everything that came before the end of the input is delivered. Records that are held are tried again only if there is
/// no input. If another run drains the spool, waits for it and takes
/// over from it. `signals` has one item for each signal to end.
///
/// # Errors
/// Only if the input cannot be read at all. All other failures are in [`SpoolRun`].
pub async fn run_spooled<H: StreamHost>(
    options: &Options,
    input: Option<impl Read + Send + 'static>,
    signals: UnboundedReceiver<()>,
    host: &H,
    spool: &SpoolHandle,
) -> Result<SpoolRun<H::Error>, StreamError> {
    let began = Instant::now();
    let is_drain_only = input.is_none();
    let mut writer = match input {
        Some(input) => Some(SpoolWriter::new(options, host, spool, LineInput::start(options, host, input)?)),
        None => None,
    };
    let stopper = writer.as_ref().map(|writer| writer.input.stopper());
    let (end_sender, end) = watch::channel(DrainEnd::Open);
    let reader = SpoolReader::new(spool, end, options.window_limit());
    let shutdown = Shutdown::new(signals, options.grace, options.deadline);
    let source = Spooled::new(options, host, reader, stopper.clone());
    let mut session = StreamSession::new(options, host, shutdown, source);

    let take = async {
        let result = match &mut writer {
            Some(writer) => writer.run().await,
            None => Ok(()),
        };
        let _ = end_sender.send(DrainEnd::Before(spool.progress().borrow().next));
        result
    };
    let drain = async {
        let result = drain(&mut session, host, spool, is_drain_only).await;
        // Nothing will make room any more, so lines must not wait.
        stopper.iter().for_each(|stopper| stopper.stop());
        spool.no_more_room();
        result
    };
    let notices = Notices::default();
    let (taking, draining) = tokio::select! {
        biased;
        both = async { tokio::join!(take, drain) } => both,
        never = notices.go_on(host, spool) => match never {},
    };
    notices.report(host, *spool.progress().borrow(), Duration::ZERO);

    let (stats, logged_in) = (session.stats(), session.logged_in);
    let mut run = SpoolRun { stats, taking, draining, left: 0, dropped: 0 };
    let own = writer.and_then(|writer| run.count_input(writer));
    run.count_left(spool).await;
    if let Some(own) = own {
        run.count_dropped(spool, own.clone()).await;
        if !logged_in {
            run.credit_other_run(spool, own).await;
        }
    }
    run.dropped = run.dropped.max(spool.progress().borrow().dropped);
    run.stats.took = began.elapsed();
    Ok(run)
}

/// Publishes the records in the spool, oldest first, until all that `end` names are delivered. Others add records meanwhile.
/// `signals` has one item for each signal to end.
///
/// # Errors
/// Why it was not drained, beside the accounting.
pub async fn drain_spool<H: StreamHost>(
    options: &Options,
    signals: UnboundedReceiver<()>,
    host: &H,
    spool: &SpoolHandle,
    end: watch::Receiver<DrainEnd>,
) -> (Stats, Result<(), StreamFailure<H::Error>>) {
    let began = Instant::now();
    let source = Spooled::new(options, host, SpoolReader::new(spool, end, options.window_limit()), None);
    let mut session =
        StreamSession::new(options, host, Shutdown::new(signals, options.grace, options.deadline), source);
    let result = drain(&mut session, host, spool, true).await;
    (Stats { took: began.elapsed(), ..session.stats() }, result)
}

impl<E> SpoolRun<E> {
    /// Adds what was read and stored. Returns the numbers between which the stored records are.
    fn count_input<H: StreamHost>(&mut self, mut writer: SpoolWriter<'_, H>) -> Option<Range<u64>> {
        self.stats.read = writer.input.read;
        self.stats.spooled = writer.spooled;
        self.stats.rejected += writer.input.rejected;
        self.stats.refused += writer.input.refused;
        if let (Ok(()), Some(failure)) = (&self.taking, writer.input.failure.take()) {
            self.taking = Err(failure);
        }
        writer.own
    }

    async fn count_left(&mut self, spool: &SpoolHandle) {
        match spool.status().get().await {
            Ok(status) => self.left = status.records,
            // Regardless of other failures, nothing is known about the contents of the spool.
            Err(why)
                if self.taking.is_ok()
                    && !matches!(self.draining, Err(StreamFailure::Stream(StreamError::Spool(_)))) =>
            {
                self.draining = Err(StreamError::Spool(why).into());
            }
            Err(_) => {}
        }
    }

    async fn count_dropped(&mut self, spool: &SpoolHandle, own: Range<u64>) {
        self.dropped = spool.dropped(own).get().await.unwrap_or_default().min(self.stats.spooled);
    }

    /// If another run has sent everything, its records count as acknowledged, except those that it could not send.
    async fn credit_other_run(&mut self, spool: &SpoolHandle, own: Range<u64>) {
        if self.draining.is_err() || spool.progress().borrow().head < own.end {
            return;
        }
        let held = spool.held(own).get().await.unwrap_or_default();
        self.stats.acknowledged = (self.stats.spooled - self.dropped).saturating_sub(held.len() as u64);
        if let Some(first) = held.first() {
            self.draining = Err(StreamError::Held { first: *first, more: held.len() as u64 - 1 }.into());
        }
    }
}

/// Drains the spool as soon as no other run does.
async fn drain<H: StreamHost>(
    session: &mut StreamSession<'_, Spooled<'_, H>>,
    host: &H,
    spool: &SpoolHandle,
    retries_held: bool,
) -> Result<(), StreamFailure<H::Error>> {
    let mut told = false;
    let mut progress = spool.progress();
    let _lock = loop {
        match spool.lock().get().await.map_err(StreamError::Spool)? {
            Some(lock) => break lock,
            None if !told => host.tell(&Event::AnotherDrains),
            None => {}
        }
        told = true;
        let exchange = &mut session.exchange;
        if exchange.source.is_finished() {
            return Ok(());
        }
        tokio::select! {
            biased;
            signal = exchange.shutdown.alarm() => match signal {
                Signal::Drain => _ = exchange.source.stop(),
                Signal::Over(cause) => return Err(StreamError::NotDrained { cause }.into()),
            },
            () = exchange.source.input_ended() => {}
            _ = progress.changed() => {}
            () = sleep(OTHERS_PAUSE) => {}
        }
    };
    let held = spool.held(0..u64::MAX).get().await.map_err(StreamError::Spool)?;
    let retried = if retries_held { held.as_slice() } else { &[] };
    session.exchange.source.reader.begin(retried);
    if let (false, Some(first)) = (retries_held, held.first()) {
        host.tell(&Event::Held { first: *first, records: held.len() });
    }
    if session.exchange.source.is_finished() {
        return Ok(());
    }
    if spool.status().get().await.map_err(StreamError::Spool)?.qos2 {
        session.clean_start = CleanStart::No;
    }
    let drained = session.run().await;
    // The next run begins where the spool says, so progress is on disk before the lock is given up: an answer comes after
    // everything that was noted before.
    let _ = spool.dropped(0..0).get().await;
    drained
}

/// What was reported about the spool.
#[derive(Default)]
struct Notices {
    full: Cell<bool>,
    clock_jump: Cell<i64>,
    dropped: Cell<u64>,
    /// When dropped records were reported last.
    at: Cell<Option<Instant>>,
}

impl Notices {
    /// Reports what has happened since the last time; dropped records only if the last report is older than `pause`.
    fn report<H: StreamHost>(&self, host: &H, now: Progress, pause: Duration) {
        if now.full && !self.full.replace(true) {
            host.tell(&Event::SpoolFull);
        }
        let jump = now.clock_jump - self.clock_jump.replace(now.clock_jump);
        if jump.abs() > CLOCK_JUMP {
            host.tell(&Event::ClockJumped { seconds: jump / 1000 });
        }
        let before = self.dropped.get();
        if now.dropped > before && self.at.get().is_none_or(|at| at.elapsed() >= pause) {
            self.at.set(Some(Instant::now()));
            self.dropped.set(now.dropped);
            host.tell(&Event::Dropped { records: now.dropped - before });
        }
    }

    /// Reports what happens, forever.
    async fn go_on<H: StreamHost>(&self, host: &H, spool: &SpoolHandle) -> Infallible {
        let mut progress = spool.progress();
        while progress.changed().await.is_ok() {
            self.report(host, *progress.borrow_and_update(), DROPPED_PAUSE);
        }
        std::future::pending().await
    }
}
