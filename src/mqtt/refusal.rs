//! The meaning of a refused log-in's code for the client: whether it may try again, and what it would have to change.

/// The subject of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogInRefusal {
    /// The broker's state: the same log-in may be accepted later.
    Passing,
    /// The permission to log in, which I3's broker denies for every fault, even of its own database (I3 facts §4).
    NotAuthorized,
    /// The user name or the password, explicitly.
    Credential,
    /// The client as such.
    Client,
    /// Something else in the log-in: the client id, the will, the packet's form.
    Request,
    /// The broker: it speaks another version, or another one serves this client.
    Broker,
}

/// MQTT 3.1.1 §3.2.2.3 and MQTT 5 §3.2.2.2; a broker may also end the connection with one of these before it answers.
const MEANINGS: &[(LogInRefusal, &[u8])] = &[
    (LogInRefusal::Passing, &[3, 0x80, 0x83, 0x88, 0x89, 0x97, 0x9F]),
    (LogInRefusal::NotAuthorized, &[5, 0x87]),
    (LogInRefusal::Credential, &[4, 0x86]),
    (LogInRefusal::Client, &[0x8A, 0x8C]),
    (LogInRefusal::Request, &[2, 0x81, 0x82, 0x85, 0x90, 0x95, 0x99, 0x9A, 0x9B]),
    (LogInRefusal::Broker, &[1, 0x84, 0x9C, 0x9D]),
];

impl LogInRefusal {
    /// Returns the subject of this code. A code that the standard does not know for a log-in says no more than 0x80,
    /// unspecified error.
    pub fn of(code: u8) -> LogInRefusal {
        let known = MEANINGS.iter().find(|(_, codes)| codes.contains(&code));
        known.map_or(LogInRefusal::Passing, |(meaning, _)| *meaning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_meaning() {
        let mut codes: Vec<u8> = MEANINGS.iter().flat_map(|(_, codes)| *codes).copied().collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        // MQTT 5's 21 refusals, and the five of 3.1.1.
        assert_eq!((codes.len(), count), (26, 26));
        assert_eq!(LogInRefusal::of(0x8B), LogInRefusal::Passing);
    }
}
