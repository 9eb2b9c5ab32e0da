//! Topics from the command line and from the lines of a stream.

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::name::{DeviceName, Topic};

/// How a topic outside the device's hub is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// It is refused; nothing would show whether its message arrives.
    Refused,
    /// It is refused, but --any-hub allows it.
    Offered,
    /// It is accepted: the echo shows whether the broker permits it.
    Tried,
}

/// Parses a topic. Usually the broker acknowledges and drops what a device publishes outside its hub.
///
/// # Errors
/// The topic is incomplete, or of another hub and must not be tried.
pub fn parse(text: &str, device: Option<&DeviceName>, outside: Outside) -> anyhow::Result<Topic> {
    let Some(device) = device else { return Ok(text.parse()?) };
    let topic = device.topic(text)?;
    if outside == Outside::Tried || device.may_use(&topic) {
        return Ok(topic);
    }
    let message = format!("{topic} is not a topic of {device}'s hub");
    let remedy = match outside {
        Outside::Offered => "; if an edited product permits it, give --any-hub, and the echo shows whether it does",
        _ => "",
    };
    Err(explain(CliError::new(ExitKind::Refused, message), device, &topic, remedy).into())
}

/// Adds why `device` may not be able to write `topic`, which is not in its hub, and what may have been meant.
pub fn explain(failure: CliError, device: &DeviceName, topic: &Topic, remedy: &str) -> CliError {
    let hub = device.hub();
    let failure = failure.because(format!(
        "I3 permits a device only the products of its own hub, {hub}, regardless of their titles; all other messages are acknowledged and dropped \
         by the broker"
    ));
    // Either the user of the hub's name was left out, or only the product was given.
    let from_hub = topic.as_str().strip_prefix(hub.short()).is_some_and(|rest| rest.starts_with('/'));
    let own = match from_hub {
        true => format!("{}/{topic}", hub.user()),
        false => format!("{hub}/{}", topic.product()),
    };
    failure.hint_of(
        entry!("topic-outside-hub"),
        format!("publish to {own}, or name a device of {} with --device{remedy}", topic.hub()),
    )
}
