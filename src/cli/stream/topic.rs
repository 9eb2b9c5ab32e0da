//! Topics as the command line and the lines of a stream give them.

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::name::{DeviceName, Topic};

/// Parses a topic, and refuses one that `device` may not write: the broker would acknowledge the message and drop it.
///
/// # Errors
/// The topic is incomplete, or of another hub.
pub fn parse(text: &str, device: Option<&DeviceName>) -> anyhow::Result<Topic> {
    let Some(device) = device else { return Ok(text.parse()?) };
    let topic = device.topic(text)?;
    if device.may_use(&topic) {
        return Ok(topic);
    }
    let hub = device.hub();
    let message = format!("{device} may not publish to {topic}");
    let mut failure = CliError::new(ExitKind::Refused, message).because(format!(
        "a device writes only the topics of its own hub, {hub}; the broker would acknowledge and drop it"
    ));
    // Either the user of the hub's name was left out, or only the product was given.
    let from_hub = topic.as_str().strip_prefix(hub.short()).is_some_and(|rest| rest.starts_with('/'));
    let own = match from_hub {
        true => Some(format!("{}/{topic}", hub.user())),
        false => topic.as_str().splitn(3, '/').nth(2).map(|product| format!("{hub}/{product}")),
    };
    if topic.hub().eq_ignore_ascii_case(hub.as_str()) {
        failure = failure.because("the topic's case differs from the hub's, and topics are compared with case");
    }
    failure = match own {
        Some(own) => failure.hint_of(
            entry!("topic-outside-hub"),
            format!("publish to {own}, or name a device of {} with --device", topic.hub()),
        ),
        None => failure.hint(entry!("topic-outside-hub")),
    };
    Err(failure.into())
}
