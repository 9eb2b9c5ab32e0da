//! The host of a stream on the command line: logs in, checks topics, sets lines aside and tells what happens.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use super::no_echo::{self, PublishedBy};
use super::rejects::Rejects;
use super::topic::{self, Outside};
use crate::cli::broker::{self, BrokerArgs, CleanStart, Identity};
use crate::cli::broker_log_in;
use crate::cli::credential::CredentialArgs;
use crate::cli::recent_names::RecentNames;
use crate::cli::ui::{Ui, capitalised};
use crate::config;
use crate::mqtt::connection::{Connection, Endpoint};
use crate::mqtt::packet::Reason;
use crate::mqtt::reconnect::RetryClass;
use crate::name::{DeviceName, Topic};
use crate::publisher::stream::{Event, KeptIn, LinePiece, Refusal, StreamError, StreamFailure, StreamHost};

/// The host of one stream.
pub struct CliStreamHost<'a> {
    ui: &'a Ui,
    /// For log-ins after the first: their warnings have already been given, and they do not prompt.
    later: Ui,
    broker: &'a BrokerArgs,
    credential: &'a CredentialArgs,
    endpoint: Endpoint,
    client_id: &'a str,
    /// Renewed for each log-in after the first.
    identity: RefCell<Rc<Identity>>,
    device: Option<DeviceName>,
    outside: Outside,
    /// Where bad lines are kept.
    rejects: Option<Rejects>,
    logged_in: Cell<bool>,
}

impl<'a> CliStreamHost<'a> {
    /// Returns the host of a stream by `identity`; topics are checked against `device`.
    pub fn new(
        ui: &'a Ui,
        broker: &'a BrokerArgs,
        credential: &'a CredentialArgs,
        endpoint: Endpoint,
        client_id: &'a str,
        identity: Identity,
        device: Option<DeviceName>,
    ) -> CliStreamHost<'a> {
        CliStreamHost {
            ui,
            later: ui.muted(),
            broker,
            credential,
            endpoint,
            client_id,
            identity: RefCell::new(Rc::new(identity)),
            device,
            outside: Outside::Offered,
            rejects: None,
            logged_in: Cell::new(false),
        }
    }

    fn identity(&self) -> Rc<Identity> {
        Rc::clone(&self.identity.borrow())
    }

    pub fn with_rejects(self, rejects: Option<Rejects>) -> CliStreamHost<'a> {
        CliStreamHost { rejects, ..self }
    }

    /// Says what becomes of topics outside the device's hub.
    pub fn with_outside(self, outside: Outside) -> CliStreamHost<'a> {
        CliStreamHost { outside, ..self }
    }

    /// Returns why a stream failed, with what is known about its identity.
    pub fn explained(&self, failure: StreamFailure<anyhow::Error>) -> anyhow::Error {
        match failure {
            StreamFailure::LogIn(e) => e,
            StreamFailure::Stream(e) => match &e {
                StreamError::Refused {
                    topic,
                    refusal: Refusal::NoEcho(_) | Refusal::Denied(Reason::NOT_AUTHORIZED),
                    ..
                } => {
                    let Identity { user_name, device, .. } = &*self.identity();
                    let by = PublishedBy { user_name, device: device.as_ref(), own_id: self.broker.chooses_id() };
                    no_echo::explain(e.to_string(), &by, topic, &RecentNames::of(&self.ui.selection)).into()
                }
                _ => e.into(),
            },
        }
    }
}

impl StreamHost for CliStreamHost<'_> {
    type Error = anyhow::Error;

    async fn log_in(&self, session: CleanStart) -> anyhow::Result<Connection> {
        let again = self.logged_in.get();
        if again && let Some(found) = self.credential.renewed(&self.later, &self.identity(), config::env::PASSWORD) {
            self.identity.replace(Rc::new(found));
        }
        let ui = if again { &self.later } else { self.ui };
        let result = self.broker.log_in(ui, &self.endpoint, self.client_id, &self.identity(), session).await;
        self.logged_in.set(again || result.is_ok());
        result
    }

    fn judge(&self, error: &anyhow::Error) -> RetryClass {
        broker_log_in::retry_class_of(&self.identity(), error)
    }

    fn topic(&self, text: &str) -> Result<Topic, String> {
        topic::parse(text, self.device.as_ref(), self.outside).map_err(|e| format!("{e:#}"))
    }

    fn is_device(&self, name: &str) -> bool {
        self.device.as_ref().is_none_or(|device| device.as_str() == name)
    }

    fn put_aside(&self, bytes: &[u8], piece: LinePiece) -> io::Result<()> {
        self.rejects.as_ref().map_or(Ok(()), |rejects| rejects.append(bytes, piece))
    }

    fn put_message_aside(&self, line: &[u8]) -> io::Result<KeptIn> {
        let Some(rejects) = &self.rejects else { return Ok(KeptIn::Source) };
        rejects.append(line, LinePiece::Last)?;
        rejects.sync()?;
        Ok(KeptIn::Rejects)
    }

    fn tell(&self, event: &Event<'_, anyhow::Error>) {
        let again = |pause: &Duration| format!("trying again in {:.1} s", pause.as_secs_f64());
        match event {
            Event::BadLine { line, why } => self.ui.warn(&format!("line {line} is not published: {why}.")),
            Event::Unsendable { origin, topic, why, place } => {
                let place = match place {
                    KeptIn::Rejects => "is put aside",
                    KeptIn::Source => "stays there",
                };
                self.ui.warn(&format!("{origin}, to {topic}, {place}: {why}."));
            }
            Event::TopicRefused { topic, from, pause } => {
                let pause = humantime::format_duration(*pause);
                let other = at_least(*from);
                self.ui.warn(&format!("{topic} was refused; no other message to it{other} is sent for {pause}."));
            }
            Event::IdIsShared(sign) => self.ui.warn(&broker::id_is_shared(self.client_id, *sign)),
            Event::ClockJumped { seconds } => {
                let by = humantime::format_duration(Duration::from_secs(seconds.unsigned_abs()));
                let direction = if *seconds < 0 { "back" } else { "forward" };
                self.ui.warn(&format!(
                    "the clock was set {direction} by {by}; this does not change how old the lines in the spool are."
                ));
            }
            Event::Burst { messages } => {
                if self.device.is_some() {
                    self.ui.note(&format!(
                        "{messages} messages were sent within a second. I3's broker keeps 200 for a subscriber that is slower, \
                         and drops the rest; --rate 100/s spreads them."
                    ));
                }
            }
            Event::NotTaken { reason, pause, patience } => {
                let patience = humantime::format_duration(*patience);
                self.ui.note(&format!(
                    "The broker cannot accept messages now ({reason}); {}, and each for at most {patience}.",
                    again(pause)
                ));
            }
            Event::Held { first, records } => {
                let (held, they, them) = match records {
                    1 => (format!("record {first} of the spool is held"), "it", "it"),
                    _ => (format!("{records} records of the spool are held, from record {first} on"), "they", "them"),
                };
                let program = &self.ui.program;
                self.ui.warn(&format!(
                    "{held}: {they} could not be published, and `{program} spool drain` tries {them} again."
                ));
            }
            Event::Lost { why, waiting, pause } => {
                let cause = std::error::Error::source(why).map(|e| format!(" ({e})")).unwrap_or_default();
                let wait = if *waiting == 1 { "line waits" } else { "lines wait" };
                let note = format!("{why}{cause}, {waiting} {wait}; {}.", again(pause));
                self.ui.note(&capitalised(&note));
            }
            Event::NoLogIn { why, pause } => self.ui.note(&capitalised(&format!("{why:#}; {}.", again(pause)))),
            Event::Back => self.ui.note("Logged in again."),
            Event::AnotherDrains => {
                self.ui.note("Another run sends what is in the spool; this one adds to it.");
                if self.broker.extras.is_some() {
                    self.ui.warn("the other run's connection has neither the will nor the properties of this one.");
                }
            }
            Event::SpoolFull => {
                self.ui.warn("the spool is full; the producer is held back until it has room.");
            }
            Event::Dropped { records: 1 } => self.ui.warn("1 line was dropped from the spool."),
            Event::Dropped { records } => self.ui.warn(&format!("{records} lines were dropped from the spool.")),
            Event::Draining { waiting } => {
                let lines = if *waiting == 1 { "1 line".into() } else { format!("{waiting} lines") };
                self.ui
                    .note(&format!("Stopping: sending the remaining {lines}. A second signal ends the run at once."));
            }
        }
    }
}

/// Names the messages of a topic that are no longer sent: those from this length on.
pub fn at_least(length: usize) -> String {
    match length {
        0 => String::new(),
        1 => " of 1 byte or more".into(),
        _ => format!(" of {length} bytes or more"),
    }
}
