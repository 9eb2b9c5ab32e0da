//! State shared by all devices and sources of a gateway.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use super::host::{Event, GatewayHost, Rejected};
use super::metrics::Metrics;
use super::pacer::Pacer;
use super::receipt::Receipt;
use super::sessions::{Sessions, SessionsPlace};
use crate::publisher::Confirm;

/// Most reasons that are reported, once each; any more are not reported.
const TOLD: usize = 1000;

/// How a gateway publishes.
#[derive(Debug, Clone)]
pub struct Options {
    /// Time between two log-ins at I3's broker, over all devices.
    pub log_in_interval: Duration,
    /// A device's connection is closed when nothing was published over it for this time.
    pub idle: Duration,
    pub confirm: Confirm,
    /// Timeout for the acknowledgement of a message, its echo, or an answer of a source.
    pub timeout: Duration,
    /// Time for the messages in flight when the gateway ends.
    pub grace: Duration,
    /// How long credentials that have worked are tried again when they are refused (I3 facts §4), and how long a topic that was
    /// refused is not tried again.
    pub retry_refused: Duration,
    /// Where the sessions are noted that brokers keep for it.
    pub sessions: SessionsPlace,
}

/// The owner, and its request.
pub struct Shared<H> {
    pub host: H,
    pub options: Options,
    pub metrics: Rc<Metrics>,
    pub pacer: Pacer,
    pub sessions: Sessions,
    told: RefCell<HashSet<String>>,
}

impl<H: GatewayHost> Shared<H> {
    pub fn new(host: H, options: Options, metrics: Rc<Metrics>) -> Shared<H> {
        let pacer = Pacer::new(options.log_in_interval);
        let sessions = Sessions::load(options.sessions.clone());
        Shared { host, options, metrics, pacer, sessions, told: RefCell::default() }
    }

    /// Keeps a message that can never be delivered, unless its source keeps it itself, and reports each reason once.
    ///
    /// # Errors
    /// It cannot be kept.
    pub fn reject(&self, rejected: &Rejected<'_>, receipt: Option<&Receipt>) -> io::Result<()> {
        if !receipt.is_some_and(|receipt| receipt.rejects(rejected)) {
            self.host.reject(rejected)?;
        }
        self.metrics.device(rejected.device.as_str()).rejected.inc();
        if self.is_news(format!("{}\n{}\n{}", rejected.device, rejected.topic, rejected.why)) {
            self.host.tell(&Event::Rejected(rejected));
        }
        Ok(())
    }

    /// Reports, once, a topic that no route takes.
    pub fn unrouted(&self, source: &str, from: &str) {
        self.metrics.source(source).unrouted.inc();
        if self.is_news(format!("{source}\n{from}")) {
            self.host.tell(&Event::Unrouted { source, from });
        }
    }

    fn is_news(&self, what: String) -> bool {
        let mut told = self.told.borrow_mut();
        told.len() < TOLD && told.insert(what)
    }
}
