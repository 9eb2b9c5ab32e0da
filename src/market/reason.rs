//! Why the marketplace answered 5xx, in i3's own words: the text of its error page is never repeated.
//!
//! A debug page quotes its data: the SQL around a new password, rows of the database, the user's input. Only the class of
//! the exception and its number are read, and only known numbers are explained.

use std::fmt;

/// The exception behind a 5xx answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerReason {
    /// The class of the exception, such as `OperationalError`.
    exception: Option<String>,
    code: Option<Code>,
}

/// The number of an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    /// MySQL's, of the server (1000 and up) or of the client's library (2000 and up).
    MySql(u16),
    /// The operating system's, or the name service's, which is negative.
    Os(i16),
}

/// The cause of a 5xx answer, as far as it changes what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerFault {
    /// The marketplace cannot reach its database, or the database does not serve it.
    DatabaseDown,
    /// Another change holds the table: I3 facts §6.5.
    Locked,
    /// A character that the database cannot store or compare: I3 facts §6.1.
    Character,
    /// A quote in a text that the marketplace pastes into its SQL: I3 facts §6.5.
    Syntax,
    /// A text that is longer than its column.
    TooLong,
    /// The row already exists.
    Duplicate,
    /// The requested row does not exist.
    Missing,
    /// The mail could not be sent: I3 facts §6.1 says what was nevertheless done.
    MailDown,
}

impl ServerFault {
    fn meaning(self) -> &'static str {
        match self {
            ServerFault::DatabaseDown => "its database cannot be reached",
            ServerFault::Locked => "its database is locked by another change",
            ServerFault::Character => "its database cannot store or compare one of the characters",
            ServerFault::Syntax => "its database did not understand the statement, as happens with a quote in a value",
            ServerFault::TooLong => "a value is too long for its database",
            ServerFault::Duplicate => "its database already has it",
            ServerFault::Missing => "the requested object does not exist",
            ServerFault::MailDown => "its mail server cannot be reached",
        }
    }
}

/// Endings of the names of exception classes. Anything else before `at` in a title is not treated as one.
const CLASS_ENDINGS: [&str; 10] = [
    "Error",
    "Exception",
    "DoesNotExist",
    "Warning",
    "MultipleObjectsReturned",
    "Disconnected",
    "Refused",
    "Denied",
    "DataTooBig",
    "DisallowedHost",
];
const CLASSES: [&str; 5] = ["timeout", "error", "gaierror", "herror", "Http404"];
/// Longest name of an exception in Django.
const CLASS_MAX: usize = 40;

impl ServerReason {
    /// Reads `title`, `<Type> at <path>`, and `value`, the exception's text, of which only the number is used. None if
    /// neither is known.
    pub fn read(title: &str, value: &str) -> Option<ServerReason> {
        let mut words = title.split_whitespace();
        let class = words.next().filter(|_| words.next() == Some("at"));
        let exception = class.filter(|class| is_class(class)).map(String::from);
        let code = code(value).or_else(|| unreachable_database(value).then_some(Code::MySql(2003)));
        (exception.is_some() || code.is_some()).then_some(ServerReason { exception, code })
    }

    /// Reads the plain text that `/api/` and calls with the AJAX header get: `<Type> at <path>`, then the value in the same
    /// line or the next (I3 facts §2, §6.5).
    pub fn read_text(text: &str) -> Option<ServerReason> {
        let mut lines = text.lines();
        let title = lines.next()?;
        let same_line = title.split_once(": ").map_or("", |(_, value)| value);
        let value = if same_line.is_empty() { lines.next().unwrap_or_default() } else { same_line };
        ServerReason::read(title, value)
    }

    /// Returns the cause, if known.
    pub fn fault(&self) -> Option<ServerFault> {
        match self.code {
            Some(Code::MySql(1040 | 1042 | 1044 | 1045 | 1049 | 1053 | 1129 | 1203 | 1290 | 2000..=2999)) => {
                Some(ServerFault::DatabaseDown)
            }
            Some(Code::MySql(1205 | 1213)) => Some(ServerFault::Locked),
            Some(Code::MySql(1267 | 1366)) => Some(ServerFault::Character),
            Some(Code::MySql(1064)) => Some(ServerFault::Syntax),
            Some(Code::MySql(1406)) => Some(ServerFault::TooLong),
            Some(Code::MySql(1062)) => Some(ServerFault::Duplicate),
            Some(Code::MySql(_)) => None,
            // Failed connections. The database's library has its own numbers, so these concern the mail.
            Some(Code::Os(32 | 99 | 101 | 104 | 110 | 111 | 113 | -5..=-1)) => Some(ServerFault::MailDown),
            Some(Code::Os(_)) => None,
            None => match self.exception.as_deref()? {
                "DoesNotExist" => Some(ServerFault::Missing),
                "ConnectionRefusedError" | "gaierror" | "timeout" => Some(ServerFault::MailDown),
                class if class.starts_with("SMTP") => Some(ServerFault::MailDown),
                _ => None,
            },
        }
    }

    /// Returns whether the marketplace's database is down.
    pub fn is_database_down(&self) -> bool {
        self.fault() == Some(ServerFault::DatabaseDown)
    }
}

impl fmt::Display for ServerReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.exception.as_deref().unwrap_or("error"))?;
        match self.code {
            Some(Code::MySql(number)) => write!(f, " {number}")?,
            Some(Code::Os(number)) => write!(f, " [Errno {number}]")?,
            None => {}
        }
        self.fault().map_or(Ok(()), |fault| write!(f, ": {}", fault.meaning()))
    }
}

fn is_class(word: &str) -> bool {
    let is_name = word.len() <= CLASS_MAX && word.bytes().all(|b| b.is_ascii_alphabetic());
    CLASSES.contains(&word) || (is_name && CLASS_ENDINGS.iter().any(|ending| word.ends_with(ending)))
}

/// `(1366, "…")` of mysqlclient, `1366 (HY000): …` of MySQL's own connector, `[Errno 111] …` of the system.
fn code(value: &str) -> Option<Code> {
    let value = value.trim_start();
    if let Some(rest) = value.strip_prefix("[Errno ") {
        return Some(Code::Os(rest.split_once(']')?.0.parse().ok()?));
    }
    let value = value.strip_prefix('(').unwrap_or(value);
    let end = value.find(|c: char| !c.is_ascii_digit())?;
    let is_code = end == 4 && [",", ":", " ("].iter().any(|after| value[end..].starts_with(after));
    is_code.then(|| value[..end].parse().ok())?.map(Code::MySql)
}

/// Returns whether the text is the only sentence that says it without a number.
fn unreachable_database(value: &str) -> bool {
    value.contains("Can't connect to") && value.contains("MySQL server")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(title: &str, value: &str) -> String {
        ServerReason::read(title, value).map(|reason| reason.to_string()).unwrap_or_default()
    }

    #[test]
    fn class_and_number_are_told_and_nothing_else_of_the_page() {
        for (title, value, told) in [
            (
                "OperationalError\n          at /hubs/",
                "(2003, \"Can't connect to MySQL server on 'mysql' (111)\")",
                "OperationalError 2003: its database cannot be reached",
            ),
            (
                "OperationalError at /hubs/",
                "Can't connect to MySQL server on 'mysql'",
                "OperationalError 2003: its database cannot be reached",
            ),
            (
                "ProgrammingError at /devices/edit/1/",
                "(1064, \"You have an error in your SQL syntax near 'it's hunter2secret'\")",
                "ProgrammingError 1064: its database did not understand the statement, as happens with a quote in a value",
            ),
            (
                "DatabaseError at /devices/edit/1/",
                "1366 (HY000): Incorrect string value: 'hunter2secret'",
                "DatabaseError 1366: its database cannot store or compare one of the characters",
            ),
            (
                "ConnectionRefusedError at /devices/create/",
                "[Errno 111] Connection refused",
                "ConnectionRefusedError [Errno 111]: its mail server cannot be reached",
            ),
            ("gaierror at /x/", "[Errno -2] hunter2", "gaierror [Errno -2]: its mail server cannot be reached"),
            (
                "SMTPAuthenticationError at /x/",
                "(535, b'hunter2')",
                "SMTPAuthenticationError: its mail server cannot be reached",
            ),
            ("KeyError at /accounts/signup/", "'hunter2secret'", "KeyError"),
            ("IntegrityError at /x/", "(1452, 'hunter2secret')", "IntegrityError 1452"),
            ("hunter2secret at /x/", "(1205, 'x')", "error 1205: its database is locked by another change"),
            ("hunter2secret", "(12345, 'x')", ""),
            ("MyPasswordError is here", "hunter2secret", ""),
            ("Server Error (500)", "", ""),
        ] {
            assert_eq!(read(title, value), told, "{title} {value}");
        }
        assert!(ServerReason::read("X", "(2006, 'gone away')").unwrap().is_database_down());
    }

    #[test]
    fn plain_text_is_read_in_one_line_or_two() {
        let told = |text: &str| ServerReason::read_text(text).map(|reason| reason.to_string()).unwrap_or_default();
        assert_eq!(
            told("DoesNotExist at /requests/ajax/9/approve/\nhunter2\n"),
            "DoesNotExist: the requested object does not exist"
        );
        assert_eq!(told("OSError at /api/product/: [Errno 5] hunter2"), "OSError [Errno 5]");
        assert_eq!(told("hunter2secret\nhunter2secret"), "");
        assert_eq!(told(""), "");
    }
}
