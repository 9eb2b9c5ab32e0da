//! Why an action failed: a form refuses, or the server crashes with the message of its database or mail.

use crate::collation::unstorable;

/// An uncaught exception: a 500.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception {
    /// Its class, such as `OperationalError`.
    pub kind: &'static str,
    pub reason: String,
}

impl Exception {
    pub fn new(kind: &'static str, reason: impl Into<String>) -> Exception {
        Exception { kind, reason: reason.into() }
    }

    /// Returns the exception while the mail server is down.
    pub fn no_mail() -> Exception {
        Exception::new("ConnectionRefusedError", "[Errno 111] Connection refused")
    }

    /// Returns the exception while the database is down.
    pub fn no_database() -> Exception {
        Exception::new("OperationalError", "(2003, \"Can't connect to MySQL server on 'mysql' (111)\")")
    }

    /// Returns the exception for a text that is too long for its column.
    pub fn too_long(column: &str) -> Exception {
        Exception::new("DataError", format!("(1406, \"Data too long for column '{column}' at row 1\")"))
    }

    /// Returns the exception for an update of the log-ins whose text is not SQL.
    pub fn bad_sql() -> Exception {
        let reason = "(1064, \"You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version\")";
        Exception::new("ProgrammingError", reason)
    }

    /// Returns the exception for log-ins that stay locked for longer than the database waits.
    pub fn locked() -> Exception {
        Exception::new("OperationalError", "(1205, 'Lock wait timeout exceeded; try restarting transaction')")
    }

    /// Returns the exception for a row that is looked up by its id and does not exist.
    pub fn no_row(table: &str) -> Exception {
        Exception::new("DoesNotExist", format!("{table} matching query does not exist."))
    }
}

/// # Errors
/// The 1366 of a text to be stored that contains a character outside Windows-1252 (I3 facts §6.1).
pub(super) fn storable(column: &str, text: &str) -> Result<(), Exception> {
    match unstorable(text) {
        None => Ok(()),
        Some((_, c)) => {
            let bytes: String = c.to_string().bytes().map(|byte| format!("\\\\x{byte:02X}")).collect();
            let reason = format!("(1366, \"Incorrect string value: '{bytes}' for column '{column}' at row 1\")");
            Err(Exception::new("OperationalError", reason))
        }
    }
}

/// # Errors
/// The 1267 of a text to be compared that contains a character outside Windows-1252 (I3 facts §6.1).
pub(super) fn comparable(text: &str) -> Result<(), Exception> {
    match unstorable(text) {
        None => Ok(()),
        Some(_) => Err(Exception::new(
            "OperationalError",
            "(1267, \"Illegal mix of collations (latin1_swedish_ci,IMPLICIT) and (utf8_general_ci,COERCIBLE) for operation '='\")",
        )),
    }
}

/// A fault of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FormFieldError {
    pub field: &'static str,
    pub reason: String,
}

pub(super) const REQUIRED: &str = "This field is required.";

pub(super) fn wrong(field: &'static str, reason: impl Into<String>) -> FormFieldError {
    FormFieldError { field, reason: reason.into() }
}

/// Why an action was not completed.
#[derive(Debug)]
pub(super) enum ActionError {
    /// The form refuses the fields.
    Invalid(Vec<FormFieldError>),
    /// A product for a missing hub or with an existing title: the form answers with a redirect to nowhere.
    HubOrDuplicate(FormFieldError),
    Exception(Exception),
}

impl From<Exception> for ActionError {
    fn from(exception: Exception) -> ActionError {
        ActionError::Exception(exception)
    }
}

impl From<FormFieldError> for ActionError {
    fn from(error: FormFieldError) -> ActionError {
        ActionError::Invalid(vec![error])
    }
}
