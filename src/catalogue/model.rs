//! The structure of an entry of the catalogue.

use std::fmt;

/// One failure.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, in kebab case; it never changes once released.
    pub id: &'static str,
    /// Its numbers in I3 facts §5, among the failures that I3 does not report.
    pub numbers: &'static [u8],
    /// The codes that it can cause.
    pub codes: &'static [Code],
    /// Parts of other programs' messages about it, in lower case: the marketplace's, MQTT clients', the system's.
    /// A line feed means the end of a line. This program's own messages name the entry by its id.
    pub texts: &'static [&'static str],
    /// The symptom that the seller sees.
    pub symptom: &'static str,
    /// The cause.
    pub cause: &'static str,
    /// The evidence for this cause.
    pub evidence: &'static str,
    /// The remedy: an imperative sentence without a full stop, which can be a hint.
    pub remedy: &'static str,
}

/// A number that a broker, a marketplace or this program answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A return code in the CONNACK of MQTT 3.1.1 (§3.2.2.3).
    ConnAck(u8),
    /// A reason code of MQTT 5 (§2.4).
    Reason(u8),
    /// A status of the marketplace.
    Http(u16),
    /// An exit code of this program.
    Exit(u8),
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Code::ConnAck(code) => write!(f, "CONNACK {code}"),
            Code::Reason(code) => write!(f, "reason 0x{code:02x}"),
            Code::Http(status) => write!(f, "HTTP {status}"),
            Code::Exit(code) => write!(f, "exit code {code}"),
        }
    }
}

impl Entry {
    /// Returns the remedy for a program that is called `program`.
    pub fn remedy(&self, program: &str) -> String {
        self.remedy.replace("{i3}", program)
    }
}
