//! The headers of a rejected message, and a message that has them already: it is never published as rejected again.

use std::io;

use async_nats::{HeaderMap, HeaderValue, Message};

use crate::gateway::host::{GatewayHost, Rejected};
use crate::gateway::shared::Shared;
use crate::name::DeviceName;

const DEVICE: &str = "I3-Device";
const TOPIC: &str = "I3-Topic";
const SUBJECT: &str = "I3-Subject";
const ERROR: &str = "I3-Error";

/// Returns the headers of a message that is rejected.
pub fn headers_of(from: &str, device: &DeviceName, topic: &str, why: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [(DEVICE, device.as_str()), (TOPIC, topic), (SUBJECT, from), (ERROR, why)] {
        let line = value.replace(char::is_control, " ");
        // Only a line end is not allowed in a value.
        headers.insert(name, line.parse::<HeaderValue>().unwrap_or_else(|_| HeaderValue::new()));
    }
    headers
}

/// Returns whether a gateway has rejected the message before.
pub fn is_returned(message: &Message) -> bool {
    message.headers.as_ref().is_some_and(|headers| headers.get(ERROR).is_some())
}

/// A rejected message, as it comes from the stream that took it.
pub struct Returned {
    from: String,
    device: DeviceName,
    topic: String,
    why: String,
}

impl Returned {
    /// Returns the values of the headers, if the message has all of them.
    pub fn of(message: &Message) -> Option<Returned> {
        let headers = message.headers.as_ref()?;
        let text = |name| headers.get(name).map(|value| value.as_str().to_owned());
        let device = text(DEVICE)?.parse().ok()?;
        Some(Returned { from: text(SUBJECT)?, device, topic: text(TOPIC)?, why: text(ERROR)? })
    }

    /// Keeps the message, which has no route, with the rejected ones. It was counted before.
    ///
    /// # Errors
    /// It cannot be kept.
    pub fn keep<H: GatewayHost>(self, shared: &Shared<H>, source: &str, message: &Message) -> io::Result<()> {
        let Returned { from, device, topic, why } = &self;
        let payload = &message.payload;
        let rejected = Rejected { source, from, device, topic, payload, is_original: true, retain: false, why };
        shared.host.reject(&rejected)
    }
}
