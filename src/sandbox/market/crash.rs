//! Why a view did not do what it was asked: a form refuses, or the server crashes with the database's or mail's own words.

use crate::collation::unstorable;

/// An exception that nobody caught: a 500.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sandbox) struct Crash {
    /// Its class, such as `OperationalError`.
    pub kind: &'static str,
    pub reason: String,
}

impl Crash {
    pub fn new(kind: &'static str, reason: impl Into<String>) -> Crash {
        Crash { kind, reason: reason.into() }
    }

    /// What a server says whose mail is down.
    pub fn no_mail() -> Crash {
        Crash::new("ConnectionRefusedError", "[Errno 111] Connection refused")
    }

    /// What a server says whose database is down.
    pub fn no_database() -> Crash {
        Crash::new("OperationalError", "(2003, \"Can't connect to MySQL server on 'mysql' (111)\")")
    }

    /// A stored text is too long for its column.
    pub fn too_long(column: &str) -> Crash {
        Crash::new("DataError", format!("(1406, \"Data too long for column '{column}' at row 1\")"))
    }

    /// An update of the log-ins whose text is not SQL.
    pub fn bad_sql() -> Crash {
        let reason = "(1064, \"You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version\")";
        Crash::new("ProgrammingError", reason)
    }

    /// The log-ins stayed locked for longer than the database waits.
    pub fn locked() -> Crash {
        Crash::new("OperationalError", "(1205, 'Lock wait timeout exceeded; try restarting transaction')")
    }

    /// A row that is looked up by its id and is not there.
    pub fn no_row(table: &str) -> Crash {
        Crash::new("DoesNotExist", format!("{table} matching query does not exist."))
    }
}

/// # Errors
/// The 1366 of a text that is to be stored and holds a character outside Windows-1252 (I3 facts §6.1).
pub(in crate::sandbox) fn storable(column: &str, text: &str) -> Result<(), Crash> {
    match unstorable(text) {
        None => Ok(()),
        Some((_, c)) => {
            let bytes: String = c.to_string().bytes().map(|byte| format!("\\\\x{byte:02X}")).collect();
            let reason = format!("(1366, \"Incorrect string value: '{bytes}' for column '{column}' at row 1\")");
            Err(Crash::new("OperationalError", reason))
        }
    }
}

/// # Errors
/// The 1267 of a text that is compared with a column and holds a character outside Windows-1252 (I3 facts §6.1).
pub(in crate::sandbox) fn comparable(text: &str) -> Result<(), Crash> {
    match unstorable(text) {
        None => Ok(()),
        Some(_) => Err(Crash::new(
            "OperationalError",
            "(1267, \"Illegal mix of collations (latin1_swedish_ci,IMPLICIT) and (utf8_general_ci,COERCIBLE) for operation '='\")",
        )),
    }
}

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sandbox) struct FieldError {
    pub field: &'static str,
    pub reason: String,
}

pub(in crate::sandbox) const REQUIRED: &str = "This field is required.";

pub(in crate::sandbox) fn wrong(field: &'static str, reason: impl Into<String>) -> FieldError {
    FieldError { field, reason: reason.into() }
}

/// Why an action ended before its end.
#[derive(Debug)]
pub(in crate::sandbox) enum Stop {
    /// The form does not take the fields.
    Refused(Vec<FieldError>),
    /// A product for a hub that is not there, or with a title that is: the form answers with a redirect to nowhere.
    HubOrDuplicate(FieldError),
    Crashed(Crash),
}

impl From<Crash> for Stop {
    fn from(crash: Crash) -> Stop {
        Stop::Crashed(crash)
    }
}

impl From<FieldError> for Stop {
    fn from(error: FieldError) -> Stop {
        Stop::Refused(vec![error])
    }
}
