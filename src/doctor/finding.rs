//! The result of one check of the doctor: ok, wrong, or unknown, with evidence, a cause and a fix.

use std::fmt;
use std::path::PathBuf;

use crate::catalogue::{Entry, entry};
use crate::name::Topic;

/// A check, in the order in which they run.
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
    /// All checks, in the order in which they run.
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

    /// Returns the name of the check, in one word.
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

    /// Whether a fault here can cause what a later check found.
    fn can_cause(self, later: Check) -> bool {
        match self {
            // Checks that need an unreadable setting are skipped.
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

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Ok,
    /// It works, but can harm the seller.
    Risk,
    Wrong,
    /// It could not be found out.
    Unknown,
    /// Not tried: an earlier check failed, or it was not requested.
    Skipped,
}

impl Status {
    /// Returns the status as shown in JSON, in one word.
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "well",
            Status::Risk => "risk",
            Status::Wrong => "wrong",
            Status::Unknown => "unknown",
            Status::Skipped => "skipped",
        }
    }
}

/// Why a finding is not ok.
#[derive(Debug)]
pub enum FindingCause {
    /// An entry of the catalogue; `remedy` is its remedy with values filled in, if it has any.
    Known { entry: &'static Entry, remedy: Option<String> },
    /// An error of another part of the toolkit, which has its own hint.
    Said(anyhow::Error),
    /// Not in the catalogue: only a remedy.
    Advised(String),
}

/// A fix that the doctor can apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Makes a file readable only by its owner.
    Rights(PathBuf),
    /// Lets only the owner write to a file; read permissions stay.
    Writers(PathBuf),
    /// Replaces the token in this file by a new one that the device's key signs.
    Token(PathBuf),
    /// Saves the product again, which gives it the permissions that it lacks. Changes the marketplace.
    Product(Topic),
}

impl Fix {
    /// Whether it changes something outside this machine, which needs a person's confirmation.
    pub fn changes_the_marketplace(&self) -> bool {
        matches!(self, Fix::Product(_))
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fix::Rights(path) => write!(f, "make {} readable only by its owner", path.display()),
            Fix::Writers(path) => write!(f, "let only the owner write to {}", path.display()),
            Fix::Token(path) => write!(f, "put a new token into {}", path.display()),
            Fix::Product(topic) => write!(f, "save the product {topic} again on the marketplace"),
        }
    }
}

/// The finding of a check.
#[derive(Debug)]
pub struct Finding {
    pub check: Check,
    pub status: Status,
    /// The result in one clause, with values, without a full stop.
    pub summary: String,
    /// What was observed, one line each.
    pub evidence: Vec<String>,
    pub cause: Option<FindingCause>,
    /// Other possible causes, which cannot be told apart from outside.
    pub remains: Vec<&'static Entry>,
    pub fix: Option<Fix>,
}

impl Finding {
    fn new(check: Check, status: Status, summary: impl Into<String>) -> Finding {
        let summary = summary.into();
        Finding { check, status, summary, evidence: Vec::new(), cause: None, remains: Vec::new(), fix: None }
    }

    pub(super) fn ok(check: Check, summary: impl Into<String>) -> Finding {
        Finding::new(check, Status::Ok, summary)
    }

    pub(super) fn unknown(check: Check, summary: impl Into<String>) -> Finding {
        Finding::new(check, Status::Unknown, summary)
    }

    pub(super) fn skipped(check: Check, summary: impl Into<String>) -> Finding {
        Finding::new(check, Status::Skipped, summary)
    }

    pub(super) fn wrong(check: Check, entry: &'static Entry, summary: impl Into<String>) -> Finding {
        let cause = Some(FindingCause::Known { entry, remedy: None });
        Finding { cause, ..Finding::new(check, Status::Wrong, summary) }
    }

    pub(super) fn risk(check: Check, entry: &'static Entry, summary: impl Into<String>) -> Finding {
        Finding { status: Status::Risk, ..Finding::wrong(check, entry, summary) }
    }

    pub(super) fn said(check: Check, error: impl Into<anyhow::Error>) -> Finding {
        let error = error.into();
        let evidence = error.chain().skip(1).map(ToString::to_string).collect();
        let summary = error.to_string();
        Finding { evidence, cause: Some(FindingCause::Said(error)), ..Finding::new(check, Status::Wrong, summary) }
    }

    pub(super) fn seen(mut self, evidence: impl IntoIterator<Item = String>) -> Finding {
        self.evidence.extend(evidence);
        self
    }

    pub(super) fn remedy(mut self, text: impl Into<String>) -> Finding {
        match &mut self.cause {
            Some(FindingCause::Known { remedy, .. }) => *remedy = Some(text.into()),
            _ => self.cause = Some(FindingCause::Advised(text.into())),
        }
        self
    }

    pub(super) fn or(mut self, remains: &[&'static Entry]) -> Finding {
        self.remains.extend(remains);
        self
    }

    pub(super) fn with_fix(mut self, fix: Fix) -> Finding {
        self.fix = Some(fix);
        self
    }

    /// Whether the database that marketplace and broker share is down.
    pub(super) fn is_database_down(&self) -> bool {
        matches!(&self.cause, Some(FindingCause::Known { entry, .. }) if *entry == entry!("database-down"))
    }

    /// Whether a fault here can cause what a later check found.
    pub(super) fn can_cause(&self, later: Check) -> bool {
        let needs_database = matches!(later, Check::LogIn | Check::Publish | Check::Read);
        self.check.can_cause(later) || (self.is_database_down() && needs_database)
    }
}
