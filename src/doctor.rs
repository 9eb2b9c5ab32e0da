//! Walks the chain from the configuration to a message's arrival: what was seen at each step, and the first cause.
//!
//! It prints nothing: [`DoctorHost`] hears each step as it is done, and answers what only a person can. Nothing is
//! changed and nothing is published unless the surroundings allow it; the broker sees a handful of log-ins with random
//! client ids, of which each by token holds it up for 45 to 80 ms (I3 facts §3).

mod broker;
mod fix;
mod local;
mod market;
mod permission;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::broker_url::BrokerUrl;
use crate::catalogue::{Entry, entry};
use crate::config::Config;
use crate::guard::Password;
use crate::key::{KeyError, PrivateKey};
use crate::market::Market;
use crate::market::auth::MarketAuth;
use crate::name::{DeviceName, Topic};
use crate::secret::Secret;
use crate::tls::{Roots, Verification};
use crate::token::{self, Lifetime, TokenError};

pub use fix::mend;

/// Why what needs a topic is not tried.
const NO_TOPIC: &str = "the topic that is named can be none";

/// One step of the way, in the order in which they are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    Configuration,
    Names,
    Credential,
    Token,
    Marketplace,
    Clock,
    Account,
    Hub,
    Device,
    Product,
    Broker,
    Mqtt,
    LogIn,
    Publish,
    Read,
}

impl Check {
    /// Every step, in the order in which they are walked.
    pub const ALL: [Check; 15] = [
        Check::Configuration,
        Check::Names,
        Check::Credential,
        Check::Token,
        Check::Marketplace,
        Check::Clock,
        Check::Account,
        Check::Hub,
        Check::Device,
        Check::Product,
        Check::Broker,
        Check::Mqtt,
        Check::LogIn,
        Check::Publish,
        Check::Read,
    ];

    /// The name of the step, in one word.
    pub fn name(self) -> &'static str {
        match self {
            Check::Configuration => "configuration",
            Check::Names => "names",
            Check::Credential => "credential",
            Check::Token => "token",
            Check::Marketplace => "marketplace",
            Check::Clock => "clock",
            Check::Account => "account",
            Check::Hub => "hub",
            Check::Device => "device",
            Check::Product => "product",
            Check::Broker => "broker",
            Check::Mqtt => "mqtt",
            Check::LogIn => "log-in",
            Check::Publish => "publish",
            Check::Read => "read",
        }
    }

    /// Whether what is wrong here can be why a later step went wrong.
    fn can_cause(self, later: Check) -> bool {
        match self {
            // A setting that cannot be read leaves out what needs it.
            Check::Configuration | Check::Read => false,
            Check::Names | Check::Hub => {
                matches!(later, Check::Hub | Check::Device | Check::Product) || Check::Device.can_cause(later)
            }
            Check::Marketplace | Check::Account => {
                matches!(later, Check::Account | Check::Hub | Check::Device | Check::Product)
            }
            Check::Credential | Check::Token | Check::Clock | Check::Device | Check::Broker | Check::Mqtt => {
                matches!(later, Check::Token | Check::Mqtt | Check::LogIn | Check::Publish | Check::Read)
            }
            Check::Product | Check::LogIn | Check::Publish => matches!(later, Check::Publish | Check::Read),
        }
    }
}

/// How a step came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Well,
    /// It works, to the seller's harm.
    Risk,
    Wrong,
    /// It could not be told.
    Unknown,
    /// Not tried: an earlier step is in the way, or it was not asked for.
    Skipped,
}

impl Status {
    /// The status in one word.
    pub fn name(self) -> &'static str {
        match self {
            Status::Well => "well",
            Status::Risk => "risk",
            Status::Wrong => "wrong",
            Status::Unknown => "unknown",
            Status::Skipped => "skipped",
        }
    }
}

/// What is behind a step that is not well.
#[derive(Debug)]
pub enum FindingCause {
    /// An entry of the catalogue; `remedy` is its remedy with values filled in, where there are any.
    Known { entry: &'static Entry, remedy: Option<String> },
    /// What another part of the toolkit says, which knows its own way out.
    Said(anyhow::Error),
    /// Nothing that the catalogue has: the way out alone.
    Advised(String),
}

/// What can be mended from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Takes a file's rights away from all but its owner.
    Rights(PathBuf),
    /// Replaces the token in this file by a fresh one that the device's key signs.
    Token(PathBuf),
    /// Saves the product once more, which gives it the permissions that it lacks. Changes the marketplace.
    Product(Topic),
}

impl Fix {
    /// Whether something is changed outside this machine, which a person is asked about first.
    pub fn changes_the_marketplace(&self) -> bool {
        matches!(self, Fix::Product(_))
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fix::Rights(path) => write!(f, "make {} readable by its owner alone", path.display()),
            Fix::Token(path) => write!(f, "put a new token into {}", path.display()),
            Fix::Product(topic) => write!(f, "save the product {topic} once more on the marketplace"),
        }
    }
}

/// A step that was walked.
#[derive(Debug)]
pub struct Finding {
    pub check: Check,
    pub status: Status,
    /// What it came to, with values, without a full stop.
    pub summary: String,
    /// What was seen, a line each.
    pub evidence: Vec<String>,
    pub trouble: Option<FindingCause>,
    /// What else it may be, where that cannot be told from outside.
    pub remains: Vec<&'static Entry>,
    pub fix: Option<Fix>,
}

impl Finding {
    fn new(check: Check, status: Status, summary: impl Into<String>) -> Finding {
        let summary = summary.into();
        Finding { check, status, summary, evidence: Vec::new(), trouble: None, remains: Vec::new(), fix: None }
    }

    fn well(check: Check, summary: impl Into<String>) -> Finding {
        Finding::new(check, Status::Well, summary)
    }

    fn unknown(check: Check, summary: impl Into<String>) -> Finding {
        Finding::new(check, Status::Unknown, summary)
    }

    fn skipped(check: Check, summary: impl Into<String>) -> Finding {
        Finding::new(check, Status::Skipped, summary)
    }

    fn wrong(check: Check, entry: &'static Entry, summary: impl Into<String>) -> Finding {
        let trouble = Some(FindingCause::Known { entry, remedy: None });
        Finding { trouble, ..Finding::new(check, Status::Wrong, summary) }
    }

    fn risk(check: Check, entry: &'static Entry, summary: impl Into<String>) -> Finding {
        Finding { status: Status::Risk, ..Finding::wrong(check, entry, summary) }
    }

    fn said(check: Check, error: impl Into<anyhow::Error>) -> Finding {
        let error = error.into();
        Finding { trouble: None, ..Finding::new(check, Status::Wrong, error.to_string()) }.because(error)
    }

    fn because(mut self, error: anyhow::Error) -> Finding {
        self.evidence.extend(error.chain().skip(1).map(ToString::to_string));
        self.trouble = Some(FindingCause::Said(error));
        self
    }

    fn seen(mut self, evidence: impl IntoIterator<Item = String>) -> Finding {
        self.evidence.extend(evidence);
        self
    }

    fn remedy(mut self, text: impl Into<String>) -> Finding {
        match &mut self.trouble {
            Some(FindingCause::Known { remedy, .. }) => *remedy = Some(text.into()),
            _ => self.trouble = Some(FindingCause::Advised(text.into())),
        }
        self
    }

    fn or(mut self, remains: &[&'static Entry]) -> Finding {
        self.remains.extend(remains);
        self
    }

    fn with_fix(mut self, fix: Fix) -> Finding {
        self.fix = Some(fix);
        self
    }

    /// Whether it says that the database is down, which is the marketplace's and the broker's.
    fn is_database_down(&self) -> bool {
        matches!(&self.trouble, Some(FindingCause::Known { entry, .. }) if *entry == entry!("database-down"))
    }

    /// Whether what is wrong here can be why a later step went wrong.
    fn can_cause(&self, later: Check) -> bool {
        let needs_database = matches!(later, Check::LogIn | Check::Publish | Check::Read);
        self.check.can_cause(later) || (self.is_database_down() && needs_database)
    }
}

/// Every step, and what they come to.
#[derive(Debug)]
pub struct Report {
    pub device: Option<DeviceName>,
    pub topic: Option<Topic>,
    pub steps: Vec<Finding>,
}

impl Report {
    /// The first cause: the first step that is wrong, else the first that is a risk.
    pub fn cause(&self) -> Option<&Finding> {
        let first = |status| self.steps.iter().find(|step| step.status == status);
        first(Status::Wrong).or_else(|| first(Status::Risk))
    }

    /// What may follow from the first cause: the later steps that rest on it and went wrong as well.
    pub fn follows(&self) -> impl Iterator<Item = &Finding> {
        self.after().filter(|step| self.cause().is_some_and(|cause| cause.can_cause(step.check)))
    }

    /// What is wrong as well, and has nothing to do with the first cause.
    pub fn besides(&self) -> impl Iterator<Item = &Finding> {
        self.after().filter(|step| self.cause().is_some_and(|cause| !cause.can_cause(step.check)))
    }

    /// What went wrong after the first cause.
    fn after(&self) -> impl Iterator<Item = &Finding> {
        let after = self.steps.iter().skip_while(|step| self.cause().is_none_or(|cause| cause.check != step.check));
        after.skip(1).filter(|step| step.status == Status::Wrong)
    }

    /// What nothing is known about, though it was to be looked at.
    pub fn unproved(&self) -> impl Iterator<Item = &Finding> {
        self.steps.iter().filter(|step| matches!(step.status, Status::Unknown | Status::Skipped))
    }

    /// What was not looked at, because it takes the network.
    pub fn not_looked_at(&self) -> impl Iterator<Item = Check> {
        Check::ALL.into_iter().filter(|check| !self.steps.iter().any(|step| step.check == *check))
    }
}

/// How much may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// What needs no network.
    Offline,
    Everything,
}

/// What is to be examined, as options give it.
#[derive(Debug, Clone)]
pub struct DoctorRequest {
    pub device: Option<String>,
    pub topic: Option<String>,
    /// The client id that the seller's own client uses.
    pub client_id: Option<String>,
    pub key: Option<PathBuf>,
    pub password_file: Option<PathBuf>,
    pub market: Option<String>,
    pub user: Option<String>,
    pub broker: Option<String>,
    pub roots: Roots,
    pub verification: Verification,
    /// For each connection.
    pub timeout: Duration,
    pub reach: Reach,
    /// Whether a message is wanted, and not only allowed.
    pub publish: bool,
    /// What was mended before this examination: what is wrong still has another cause.
    pub mended: Vec<Fix>,
    /// Who bought the topic, with the broker password, which is another than the marketplace's (I3 facts §6.4).
    pub buyer: Option<(String, Secret)>,
}

/// What opens the marketplace, for as long as the examination takes.
pub trait Entrance {
    /// As the marketplace's client takes it.
    fn access(&self) -> MarketAuth<'_>;
}

/// What the doctor has to be told, or to ask.
pub trait DoctorHost {
    /// Hears a step as soon as it is done.
    fn step(&mut self, step: &Finding);

    /// The passphrase of the key file at `path`; None if nobody has it.
    ///
    /// # Errors
    /// If it cannot be read.
    fn passphrase(&mut self, path: &Path) -> anyhow::Result<Option<Secret>>;

    /// The client of the marketplace that is meant, where one is known.
    ///
    /// # Errors
    /// A bad address, certificates that cannot be read.
    fn market(&mut self, config: &Config) -> anyhow::Result<Market>;

    /// What opens it.
    ///
    /// # Errors
    /// A secret that cannot be read or is none.
    fn entrance(&mut self, config: &Config, market: &Market) -> anyhow::Result<Box<dyn Entrance>>;

    /// The message that may be published to `topic`, where its buyers see it; None if none may.
    ///
    /// # Errors
    /// If the person cannot be asked.
    fn probe(&mut self, topic: &Topic) -> anyhow::Result<Option<Bytes>>;
}

/// Reads the private key at `path`, with its passphrase if it needs one.
///
/// # Errors
/// [`KeyError`], or that of having the passphrase.
fn read_key(around: &mut dyn DoctorHost, path: &Path) -> anyhow::Result<PrivateKey> {
    let mut asking = Ok(());
    let key = PrivateKey::read(path, || {
        around.passphrase(path).map_err(|error| asking = Err(error)).map_err(|()| KeyError::NeedsPassphrase)
    });
    asking?;
    Ok(key?)
}

/// A credential that may log the device in.
struct Candidate {
    origin: String,
    held: Held,
}

enum Held {
    Key(Box<PrivateKey>),
    Password(Password),
}

impl Candidate {
    fn secret(&self, user_name: &str) -> Result<Secret, TokenError> {
        match &self.held {
            Held::Key(key) => token::mint(key, user_name, Lifetime::DEFAULT, SystemTime::now()),
            Held::Password(password) => Ok(password.secret().clone()),
        }
    }

    fn is_token(&self) -> bool {
        match &self.held {
            Held::Key(_) => true,
            Held::Password(password) => password.kind() == crate::guard::PasswordKind::Token,
        }
    }
}

/// What has been found out so far.
struct DoctorRun<'a> {
    asked: &'a DoctorRequest,
    around: &'a mut dyn DoctorHost,
    steps: Vec<Finding>,
    config: Option<Config>,
    device: Option<DeviceName>,
    topic: Option<Topic>,
    broker: Option<BrokerUrl>,
    candidates: Vec<Candidate>,
}

impl DoctorRun<'_> {
    fn add(&mut self, step: Finding) {
        self.around.step(&step);
        self.steps.push(step);
    }

    fn status(&self, check: Check) -> Option<Status> {
        self.steps.iter().find(|step| step.check == check).map(|step| step.status)
    }
}

/// Walks all steps.
pub async fn examine(asked: &DoctorRequest, around: &mut dyn DoctorHost) -> Report {
    let mut examination = DoctorRun {
        asked,
        around,
        steps: Vec::new(),
        config: None,
        device: None,
        topic: None,
        broker: None,
        candidates: Vec::new(),
    };
    let e = &mut examination;
    local::examine(e);
    if asked.reach == Reach::Everything {
        // The marketplace's client blocks, and nothing else is under way meanwhile.
        market::examine(e);
        if let Some(connection) = broker::examine(e).await {
            permission::examine(e, connection).await;
        }
    }
    Report { device: examination.device, topic: examination.topic, steps: examination.steps }
}

/// A length of time, in whole seconds.
fn length(time: Duration) -> humantime::FormattedDuration {
    humantime::format_duration(Duration::from_secs(time.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(steps: Vec<Finding>) -> Report {
        Report { device: None, topic: None, steps }
    }

    #[test]
    fn the_first_cause_is_what_is_wrong_before_what_is_a_risk() {
        let steps = || {
            vec![
                Finding::well(Check::Configuration, "fine"),
                Finding::risk(Check::Hub, entry!("hub-case-twins"), "twins"),
                Finding::wrong(Check::Device, entry!("device-doubled"), "twice"),
                Finding::wrong(Check::Product, entry!("product-missing"), "missing"),
                Finding::unknown(Check::Mqtt, "unknown"),
                Finding::wrong(Check::LogIn, entry!("log-in-refused"), "refused"),
                Finding::skipped(Check::Publish, "skipped"),
            ]
        };
        let all = report(steps());
        assert_eq!(all.cause().unwrap().check, Check::Device);
        assert_eq!(all.follows().map(|step| step.check).collect::<Vec<_>>(), [Check::LogIn]);
        assert_eq!(all.besides().map(|step| step.check).collect::<Vec<_>>(), [Check::Product]);
        assert_eq!(all.unproved().count(), 2);
        let risk = report(steps().into_iter().filter(|step| step.status != Status::Wrong).collect());
        assert_eq!(risk.cause().unwrap().check, Check::Hub);
        assert_eq!((risk.follows().count(), risk.besides().count()), (0, 0));
        assert!(report(vec![Finding::well(Check::Names, "fine")]).cause().is_none());
        let down = report(vec![
            Finding::wrong(Check::Account, entry!("database-down"), "down"),
            Finding::wrong(Check::LogIn, entry!("log-in-refused"), "refused"),
        ]);
        assert_eq!((down.follows().count(), down.besides().count()), (1, 0));
        assert_eq!(down.not_looked_at().count(), Check::ALL.len() - 2);
    }
}
