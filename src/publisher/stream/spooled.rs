//! Lines through the spool: each stays there until it is acknowledged, and one that cannot be sent is held or set aside.

use std::sync::Arc;

use super::admission::Admission;
use super::aside::put_aside;
use super::error::StreamError;
use super::host::{Event, KeptIn, StreamHost};
use super::options::Options;
use super::refusal::{MessageNumber, Refusal, Refused, Unsendable};
use super::send_window::SendWindow;
use super::source::{Delivered, LogIn, Retries, Source, Stop};
use super::spool_reader::{Offered, SpoolReader};
use crate::publisher::format::Format;
use crate::publisher::lines::Stopper;
use crate::publisher::shutdown::Cause;
use crate::publisher::stats::Stats;
use crate::publisher::window::{Qos0, Tracked};
use crate::spool::Record;

/// The spool of a run, with the input that fills it meanwhile.
pub struct Spooled<'a, H> {
    options: &'a Options,
    host: &'a H,
    pub reader: SpoolReader,
    /// Stops the input, if there is one.
    input: Option<Stopper>,
    aside: HeldRecords,
}

/// The records that were set aside, or must stay in the spool.
#[derive(Default)]
struct HeldRecords {
    /// How many cannot be sent.
    rejected: u64,
    /// How many were refused, and the first of them.
    refused: u64,
    refusal: Option<StreamError>,
    /// The first that stays in the spool, and how many more do. Refused records of an earlier run, those below this number,
    /// are not counted: the result of a run depends on its own lines.
    unsendable: Option<StreamError>,
    own_from: u64,
}

impl HeldRecords {
    /// Sets a record aside, or notes that it stays in the spool.
    fn put<H: StreamHost>(
        &mut self,
        options: &Options,
        host: &H,
        number: u64,
        record: &Record<'_>,
        why: Unsendable,
    ) -> Result<KeptIn, StreamError> {
        let place = put_aside(options, host, record)?;
        let Record { topic, .. } = *record;
        host.tell(&Event::Unsendable { origin: MessageNumber::Record(number), topic, why: &why, place });
        let is_earlier = number < self.own_from && matches!(why, Unsendable::Refused { .. });
        match &mut self.unsendable {
            _ if place == KeptIn::Rejects || is_earlier => {}
            Some(StreamError::Unsendable { more, .. }) => *more += 1,
            first => {
                *first = Some(StreamError::Unsendable { record: number, topic: topic.into(), more: 0, source: why })
            }
        }
        Ok(place)
    }
}

impl<'a, H: StreamHost> Spooled<'a, H> {
    pub fn new(options: &'a Options, host: &'a H, reader: SpoolReader, input: Option<Stopper>) -> Self {
        let own_from = if input.is_some() { reader.own_from } else { 0 };
        Spooled { options, host, reader, input, aside: HeldRecords { own_from, ..HeldRecords::default() } }
    }
}

impl<H: StreamHost> Source for Spooled<'_, H> {
    type Host = H;

    /// The spool needs memory as well. This has room for some 10,000 lines of 100 bytes, or for as many short ones as
    /// keep their queue, which grows by doubling, below 2 MB.
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
        let Spooled { options, host, reader, aside, .. } = self;
        reader.offer(|number, taken, record| {
            Ok(match window.admit(number, taken, record) {
                Ok(Admission::Accepted) => Offered::Accepted,
                Ok(Admission::NotYet) => Offered::NotYet,
                Ok(Admission::Refused) => {
                    aside.refused += 1;
                    Offered::Refused(put_aside(options, *host, record)?)
                }
                Err(why) => {
                    aside.rejected += 1;
                    Offered::Rejected(aside.put(options, *host, number, record, why.into())?)
                }
            })
        })
    }

    fn has_messages(&self) -> bool {
        self.reader.has_records()
    }

    async fn more(&mut self, _: bool) -> Result<(), StreamError> {
        self.reader.more().await
    }

    fn acknowledged(&mut self, so_far: Delivered, _: &Stats) {
        self.reader.note(so_far);
    }

    fn disconnected(&mut self, so_far: Delivered) {
        self.reader.note_all(so_far);
    }

    fn origin(number: u64) -> MessageNumber {
        MessageNumber::Record(number)
    }

    fn delivered(&mut self) {
        self.reader.delivered();
    }

    fn refused(
        &mut self,
        Refused { broker, topic, message }: &Refused<'_>,
        refusal: Refusal,
    ) -> Result<(), StreamError> {
        let Tracked { line: number, payload, qos, retain, .. } = *message;
        let record = Record { topic: topic.as_str(), payload, qos, retain };
        let place = self.aside.put(
            self.options,
            self.host,
            number,
            &record,
            Unsendable::Refused { refusal, broker: Arc::clone(broker) },
        )?;
        self.reader.refused(number, place);
        self.aside.refused += 1;
        let origin = MessageNumber::Record(number);
        self.aside.refusal.get_or_insert_with(|| {
            let (topic, broker) = ((*topic).clone(), Arc::clone(broker));
            StreamError::Refused { origin, topic, refusal, broker }
        });
        Ok(())
    }

    /// A run whose lines have one topic ends when that is refused and nothing in the spool has another.
    fn is_finished(&self) -> bool {
        self.reader.is_finished() || self.reader.has_only_refused(self.options.format == Format::Payload)
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

    /// The lines are safe: once the input has ended, there is no need to wait for an unreachable broker.
    fn retries(&self, _: LogIn) -> Retries {
        if self.reader.input_has_ended() { Retries::AtMost(self.options.retry_first) } else { Retries::Unlimited }
    }

    fn unfinished(&self, cause: Cause, _: &Stats) -> StreamError {
        StreamError::NotDrained { cause }
    }

    fn count(&self, sent: &Stats) -> Stats {
        Stats { rejected: self.aside.rejected, refused: self.aside.refused, ..*sent }
    }

    fn finish(&mut self) -> Result<(), StreamError> {
        let nothing_delivered = self.aside.refusal.take_if(|_| !self.reader.has_delivered());
        nothing_delivered.or(self.aside.unsendable.take()).map_or(Ok(()), Err)
    }
}
