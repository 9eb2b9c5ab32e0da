//! Whether a message was accepted.

/// The answer to a message that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    Accepted,
    /// Something else must happen first.
    NotYet,
    /// Its topic was refused, so it is not sent.
    Refused,
}
