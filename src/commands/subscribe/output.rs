//! Where messages go: lines to stdout, or values to a chart, each on a separate thread.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;

use super::lines::Lines;
use super::notice::Notice;
use super::notice_output::NoticeOutput;
use super::plot::{Job, Plot, Sample};
use super::reader::Reader;
use super::series::Quantity;
use super::worker::{Mark, Worker};
use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::ui::{BrokenPipe, Ui};
use crate::gateway::filter::Filter;
use crate::mqtt::incoming::{IncomingPublish, Oversized};
use crate::subscriber::Output;

/// Bytes that wait to be written before no more messages are taken.
const LINES_WAITING: u64 = 256 * 1024;
/// Values that wait to be drawn before no more messages are taken.
const VALUES_WAITING: u64 = 1024;
/// Most left-out messages that are reported individually.
const LEFT_OUT_TOLD: u64 = 10;

/// Time for a writer to report what it wrote to a reader that is gone.
const LAST_WRITE: Duration = Duration::from_secs(1);

/// Bytes to be written; then all messages up to the mark are.
pub struct Chunk {
    pieces: Vec<Bytes>,
    mark: Mark,
}

/// Messages waiting to be written.
pub struct Messages {
    sink: Sink,
    reader: Reader,
    notices: NoticeOutput,
    /// What was taken, and how much of it the thread has.
    taken: Mark,
    handed: Mark,
    /// What was settled at the last check.
    settled: Mark,
    max_message: usize,
    left_out: u64,
    /// Topic and length of the longest that was left out.
    longest: Option<(String, usize)>,
    sieve: OutputFilter,
}

/// Which messages are printed, and which are removed at the broker.
#[derive(Default)]
pub struct OutputFilter {
    /// Messages to these topics do not count at all.
    pub left_out: Vec<Filter>,
    /// The probability that a message is printed, from 0 to 1; without it, all are.
    pub chance: Option<f64>,
    /// Takes the topics of retained messages.
    pub removals: Option<UnboundedSender<String>>,
}

enum Sink {
    Lines { lines: Lines, worker: Worker<Chunk> },
    Plot { quantities: Vec<Quantity>, values: Vec<Sample>, worker: Worker<Job> },
}

impl Sink {
    /// Waits until more is done. May be cancelled.
    ///
    /// # Errors
    /// Why the thread that does it has ended.
    async fn progress(&mut self) -> anyhow::Result<()> {
        match self {
            Sink::Lines { worker, .. } => worker.progress().await,
            Sink::Plot { worker, .. } => worker.progress().await,
        }
    }

    fn settled(&self) -> Mark {
        match self {
            Sink::Lines { worker, .. } => worker.settled(),
            Sink::Plot { worker, .. } => worker.settled(),
        }
    }
}

impl Messages {
    /// Messages as lines on stdout, those with a payload of at most `max_message` bytes; with `reader`, only as long as it
    /// exists.
    ///
    /// # Errors
    /// The system has no thread.
    pub fn as_lines(ui: &Ui, lines: Lines, reader: Reader, max_message: usize) -> anyhow::Result<Messages> {
        let out = ui.clone();
        let worker = Worker::start("stdout", move |chunks: std::sync::mpsc::Receiver<Chunk>, settled| {
            for Chunk { pieces, mark } in chunks {
                for piece in pieces {
                    out.raw(&piece)?;
                }
                settled.send_replace(mark);
            }
            Ok(())
        })?;
        Ok(Messages::new(Sink::Lines { lines, worker }, reader, NoticeOutput::Notes(ui.clone()), max_message))
    }

    /// Messages as values of a chart.
    ///
    /// # Errors
    /// As [`Messages::as_lines`].
    pub fn as_plot(ui: &Ui, plot: Plot, max_message: usize) -> anyhow::Result<Messages> {
        let reader = if plot.wants_terminal() { Reader::of_stdout() } else { Reader::none() };
        let (own, quantities) = (ui.clone(), plot.quantities());
        let worker = Worker::start("chart", move |jobs, settled| plot.run(&own, &jobs, &settled))?;
        let notices = worker.jobs().map_or_else(|| NoticeOutput::Notes(ui.clone()), NoticeOutput::Chart);
        Ok(Messages::new(Sink::Plot { quantities, values: Vec::new(), worker }, reader, notices, max_message))
    }

    fn new(sink: Sink, reader: Reader, notices: NoticeOutput, max_message: usize) -> Messages {
        let nothing = Mark::default();
        let (taken, handed, settled) = (nothing, nothing, nothing);
        Messages {
            sink,
            reader,
            notices,
            taken,
            handed,
            settled,
            max_message,
            left_out: 0,
            longest: None,
            sieve: OutputFilter::default(),
        }
    }

    /// Filters messages with this sieve.
    pub fn sift(&mut self, sieve: OutputFilter) {
        self.sieve = sieve;
    }

    /// Returns where to report events to the person. It must be dropped before [`Messages::end`].
    pub fn notices(&self) -> NoticeOutput {
        self.notices.clone()
    }

    /// Finishes as much as possible within `limit`.
    ///
    /// # Errors
    /// Messages that were taken cannot be written.
    pub async fn end(self, limit: Duration) -> anyhow::Result<()> {
        drop(self.notices);
        match self.sink {
            Sink::Lines { mut worker, .. } => worker.end(limit).await?,
            Sink::Plot { mut worker, .. } => worker.end(limit).await?,
        };
        Ok(())
    }

    /// Returns an error if messages were left out.
    pub fn missing(&self) -> Option<CliError> {
        let (topic, length) = self.longest.as_ref()?;
        let (count, max) = (self.left_out, self.max_message);
        let were = if count == 1 { "message was" } else { "messages were" };
        Some(
            CliError::new(ExitKind::Data, format!("{count} {were} longer than {max} bytes and left out"))
                .because(format!("the longest, to {topic}, had {length} bytes"))
                .hint(entry!("message-too-long")),
        )
    }
}

impl Output for Messages {
    type Error = anyhow::Error;

    fn wants(&self, topic: &str) -> bool {
        !self.sieve.left_out.iter().any(|filter| filter.captures(topic).is_some())
    }

    fn take(&mut self, message: &IncomingPublish) -> anyhow::Result<()> {
        self.taken.messages += 1;
        if let Some(removals) = self.sieve.removals.as_ref().filter(|_| message.retain) {
            // The remover exists until the end of the run.
            let _ = removals.send(message.topic().into());
        }
        if self.sieve.chance.is_some_and(|chance| rand::random::<f64>() >= chance) {
            return Ok(());
        }
        match &mut self.sink {
            Sink::Lines { lines, .. } => {
                if let Err(problem) = lines.take(message) {
                    self.notices.tell(Notice::warning(format!("{problem}.")));
                }
                self.taken.weight = lines.length();
            }
            Sink::Plot { quantities, values, .. } => {
                let numbers = quantities.iter().map(|quantity| quantity.field.number(&message.payload)).collect();
                values.push(Sample { topic: message.topic().into(), numbers, at: Instant::now() });
                self.taken.weight += 1;
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, message: &Oversized) {
        let Oversized { topic, length, .. } = message;
        self.left_out += 1;
        if self.longest.as_ref().is_none_or(|(_, longest)| longest < length) {
            self.longest = Some((topic.clone(), *length));
        }
        let max = self.max_message;
        if self.left_out <= LEFT_OUT_TOLD {
            self.notices.tell(Notice::warning(format!(
                "a message of {length} bytes to {topic} is left out: it is longer than {max} bytes (--max-message)."
            )));
        }
    }

    fn is_full(&self) -> bool {
        let most = match &self.sink {
            Sink::Lines { .. } => LINES_WAITING,
            Sink::Plot { .. } => VALUES_WAITING,
        };
        // Another check takes longer than a message.
        let is_over = |settled: Mark| self.taken.weight - settled.weight >= most;
        is_over(self.settled) && is_over(self.sink.settled())
    }

    fn settle(&mut self) -> anyhow::Result<()> {
        self.settled = self.sink.settled();
        if self.handed == self.taken {
            return Ok(());
        }
        let mark = self.taken;
        let is_handed = match &mut self.sink {
            Sink::Lines { lines, worker } => match worker.offer(Chunk { pieces: lines.pieces(), mark })? {
                Some(chunk) => {
                    lines.put_back(chunk.pieces);
                    false
                }
                None => true,
            },
            Sink::Plot { values, worker, .. } => match worker.offer(Job::Values(std::mem::take(values), mark))? {
                Some(Job::Values(back, _)) => {
                    *values = back;
                    false
                }
                _ => true,
            },
        };
        if is_handed {
            self.handed = mark;
        }
        Ok(())
    }

    fn settled(&self) -> u64 {
        self.sink.settled().messages
    }

    async fn progress(&mut self) -> anyhow::Result<()> {
        tokio::select! {
            biased;
            result = self.sink.progress() => return result,
            () = self.reader.gone() => {}
        }
        // Messages that the reader received before it left are settled, even if the writer has not reported so yet. The
        // next write fails.
        while self.sink.settled() != self.handed
            && matches!(timeout(LAST_WRITE, self.sink.progress()).await, Ok(Ok(())))
        {}
        Err(BrokenPipe.into())
    }
}
