//! Lines by way of the spool: each stays there until it is acknowledged, and one that cannot be sent is held or put aside.

use super::admission::Admission;
use super::error::StreamError;
use super::host::{Event, Place, StreamHost};
use super::options::Options;
use super::send_window::SendWindow;
use super::source::{Delivered, LogIn, Refusal, Refused, Retries, Source, Stop};
use super::spool_reader::{Offered, SpoolReader};
use crate::name::Topic;
use crate::publisher::format::{BadLine, Format, json_line};
use crate::publisher::lines::Stopper;
use crate::publisher::shutdown::Cause;
use crate::publisher::stats::Stats;
use crate::publisher::window::Qos0;
use crate::spool::Record;

/// The spool of a run, with the input that fills it meanwhile.
pub struct Spooled<'a, H> {
    options: &'a Options,
    host: &'a H,
    pub reader: SpoolReader,
    /// Stops the input, if there is one.
    input: Option<Stopper>,
    /// Records that cannot be sent and were put aside.
    rejected: u64,
    /// The first record that cannot be sent and stays in the spool, and how many there are.
    unsendable: Option<StreamError>,
}

impl<'a, H: StreamHost> Spooled<'a, H> {
    pub fn new(options: &'a Options, host: &'a H, reader: SpoolReader, input: Option<Stopper>) -> Self {
        Spooled { options, host, reader, input, rejected: 0, unsendable: None }
    }
}

impl<H: StreamHost> Source for Spooled<'_, H> {
    type Host = H;

    /// The spool needs memory as well. This is room for some 10,000 lines of 100 bytes, or for as many short ones as keep
    /// the queue of them, which grows by doubling, below 2 MB.
    const WINDOW_BYTES: usize = 3 * 512 * 1024;
    const QOS_0: Qos0 = Qos0::Keep;

    fn start(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn fill(&mut self, window: &mut SendWindow<'_, H>) -> Result<bool, StreamError> {
        self.reader.read_ahead()?;
        if !self.reader.has_records() || !window.window.has_room() {
            return Ok(false);
        }
        let Spooled { options, host, reader, rejected, unsendable, .. } = self;
        reader.offer(|number, taken, record| {
            let why = match window.admit(number, taken, record) {
                Ok(Admission::Accepted) => return Ok(Offered::Accepted),
                Ok(Admission::NotYet) => return Ok(Offered::NotYet),
                Err(why) => why,
            };
            let place = put_aside(options, *host, record)?;
            host.tell(&Event::BadRecord { record: number, why: &why, place });
            match place {
                Place::Rejects => *rejected += 1,
                Place::Spool => note_unsendable(unsendable, number, record, why),
            }
            Ok(Offered::Rejected(place))
        })
    }

    fn has_messages(&self) -> bool {
        self.reader.has_records()
    }

    async fn more(&mut self, _: bool) -> Result<(), StreamError> {
        self.reader.more().await
    }

    fn acknowledged(&mut self, so_far: Delivered) {
        self.reader.note(so_far);
    }

    fn disconnected(&mut self, so_far: Delivered) {
        self.reader.note_all(so_far);
    }

    fn refused(&mut self, message: &Refused<'_>, refusal: Refusal) -> Result<(), StreamError> {
        Err(message.error(refusal))
    }

    fn is_finished(&self) -> bool {
        self.reader.is_finished()
    }

    fn may_end_early(&self) -> bool {
        false
    }

    fn stop(&mut self) -> Stop {
        self.input.iter().for_each(Stopper::stop);
        Stop::Drain
    }

    async fn input_ended(&mut self) {
        self.reader.input_ended().await;
    }

    /// The lines are safe: once the input has ended, nobody has to wait for a broker that cannot be reached.
    fn retries(&self, _: LogIn) -> Retries {
        if self.reader.input_has_ended() { Retries::AtMost(self.options.retry_first) } else { Retries::Unlimited }
    }

    fn unfinished(&self, cause: Cause, _: &Stats) -> StreamError {
        StreamError::NotDrained { cause }
    }

    fn count(&self, sent: &Stats) -> Stats {
        Stats { rejected: self.rejected, ..*sent }
    }

    fn finish(&mut self) -> Result<(), StreamError> {
        self.unsendable.take().map_or(Ok(()), Err)
    }
}

fn note_unsendable(first: &mut Option<StreamError>, number: u64, record: &Record<'_>, source: BadLine) {
    match first {
        Some(StreamError::Unsendable { more, .. }) => *more += 1,
        first => {
            *first = Some(StreamError::Unsendable { record: number, topic: record.topic.into(), more: 0, source });
        }
    }
}

/// Puts a record aside if the lines of this run can say all of it.
fn put_aside<H: StreamHost>(options: &Options, host: &H, record: &Record<'_>) -> Result<Place, StreamError> {
    let Options { format, splitting, topic, qos, retain, .. } = options;
    let by_default = record.qos == *qos && record.retain == *retain;
    let fits = by_default && !record.payload.contains(&splitting.separator);
    let is_default_topic = topic.as_ref().map(Topic::as_str) == Some(record.topic);
    let line = match format {
        Format::Json => json_line(record).into_bytes(),
        Format::TopicPerLine if fits => [record.topic.as_bytes(), b"\t", record.payload].concat(),
        Format::Payload if fits && is_default_topic => record.payload.into(),
        _ => return Ok(Place::Spool),
    };
    host.put_record_aside(&line).map_err(StreamError::Aside)
}
