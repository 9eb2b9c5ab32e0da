//! One run of the doctor: the request, the host, and the findings so far.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;

use super::finding::{Check, Finding, Fix, Status};
use crate::broker_url::BrokerUrl;
use crate::config::{Config, Selection};
use crate::login::secret::read_key;
use crate::login::{Candidate, ConnectionSettings, MarketLogin};
use crate::market::Market;
use crate::name::{DeviceName, Topic};
use crate::pkcs11::{HardwareKey, KeyUri, Pin};
use crate::secret::Secret;
use crate::signer::Signer;

/// Why the checks that need a topic are not tried.
pub(super) const NO_TOPIC: &str = "the topic is not valid";

/// How much the doctor may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only checks that need no network.
    Offline,
    Everything,
}

/// What to check, from the options.
#[derive(Debug, Clone)]
pub struct DoctorRequest {
    /// The configuration to check.
    pub selection: Selection,
    pub device: Option<String>,
    pub topic: Option<String>,
    /// The client id that the seller's own client uses.
    pub client_id: Option<String>,
    pub key: Option<PathBuf>,
    pub password_file: Option<PathBuf>,
    pub market: Option<String>,
    pub user: Option<String>,
    pub broker: Option<String>,
    /// How to connect to the broker.
    pub connection: ConnectionSettings,
    /// The time limit for each connection.
    pub timeout: Duration,
    pub reach: Reach,
    /// Whether a message is requested, not only allowed.
    pub publish: bool,
    /// The fixes before this run: faults that remain have another cause.
    pub fixed: Vec<Fix>,
    /// The buyer of the topic, with the broker password, which differs from the marketplace's (I3 facts §6.4).
    pub buyer: Option<(String, Secret)>,
}

/// Receives the findings, and answers for the person.
pub trait DoctorHost {
    /// Receives a finding as soon as it is known.
    fn report(&mut self, finding: &Finding);

    /// Returns the passphrase of the key in `path`; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be read.
    fn passphrase(&mut self, path: &Path) -> anyhow::Result<Option<Secret>>;

    /// Returns the PIN of the token with this key; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be read.
    fn pin(&mut self, uri: &KeyUri) -> anyhow::Result<Option<Pin>>;

    /// Returns the password that is typed at the terminal in `path`; `None` if nobody can be asked.
    ///
    /// # Errors
    /// It cannot be read, or the guard refuses it.
    fn password(&mut self, path: &Path) -> anyhow::Result<Option<Secret>>;

    /// Returns the client of the marketplace.
    ///
    /// # Errors
    /// An invalid address, certificates that cannot be read.
    fn market(&mut self, config: &Config) -> anyhow::Result<Market>;

    /// Returns the log-in for the marketplace.
    ///
    /// # Errors
    /// A secret that cannot be read, or that the guard refuses.
    fn market_login(&mut self, config: &Config, market: &Market) -> anyhow::Result<MarketLogin>;

    /// Returns the message that may be published to `topic`, where its buyers see it; `None` if none may.
    ///
    /// # Errors
    /// The person cannot be asked.
    fn probe(&mut self, topic: &Topic) -> anyhow::Result<Option<Bytes>>;
}

/// Opens the private key in `path`, or on a token.
pub(super) fn signer(host: &mut dyn DoctorHost, path: &Path) -> anyhow::Result<Signer> {
    match KeyUri::of(path).transpose()? {
        Some(uri) => HardwareKey::open(&uri, || host.pin(&uri)).map(Signer::from),
        None => read_key(path, || host.passphrase(path)).map(Signer::from),
    }
}

/// The results so far.
pub(super) struct DoctorRun<'a> {
    pub request: &'a DoctorRequest,
    pub host: &'a mut dyn DoctorHost,
    pub findings: Vec<Finding>,
    pub config: Option<Config>,
    pub device: Option<DeviceName>,
    pub topic: Option<Topic>,
    pub broker: Option<BrokerUrl>,
    /// The credentials that may log the device in.
    pub candidates: Vec<Candidate>,
}

impl<'a> DoctorRun<'a> {
    pub fn new(request: &'a DoctorRequest, host: &'a mut dyn DoctorHost) -> DoctorRun<'a> {
        DoctorRun {
            request,
            host,
            findings: Vec::new(),
            config: None,
            device: None,
            topic: None,
            broker: None,
            candidates: Vec::new(),
        }
    }

    pub fn add(&mut self, finding: Finding) {
        self.host.report(&finding);
        self.findings.push(finding);
    }

    pub fn status(&self, check: Check) -> Option<Status> {
        self.findings.iter().find(|finding| finding.check == check).map(|finding| finding.status)
    }
}

/// Returns a length of time in whole seconds.
pub(super) fn length(time: Duration) -> humantime::FormattedDuration {
    humantime::format_duration(Duration::from_secs(time.as_secs()))
}
