//! Why a message may not have come back, or was refused, the likeliest cause first (I3 facts §4, §5).

use super::topic;
use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::recent_names::{NameKind, RecentNames};
use crate::name::{DeviceName, TOPIC_MAX_CHARS, Topic};
use crate::text::similar::{did_you_mean, nearest};

/// Who published.
pub struct PublishedBy<'a> {
    pub user_name: &'a str,
    /// The user, if it is a device.
    pub device: Option<&'a DeviceName>,
    /// The client id was given, and is not a random one.
    pub own_id: bool,
}

/// Explains why a message to `topic` did not come back or was refused. `known` has products that were seen before, one of
/// which may have been meant.
pub fn explain(told: String, by: &PublishedBy<'_>, topic: &Topic, known: &RecentNames) -> CliError {
    let PublishedBy { user_name, device, own_id } = *by;
    let failure = CliError::new(ExitKind::Refused, told);
    if let Some(device) = device.filter(|device| !device.may_use(topic)) {
        return topic::explain(failure, device, topic, "");
    }
    if let Some(hub) = device.map(DeviceName::hub).filter(|hub| hub.as_str() != topic.hub()) {
        let own = format!("{hub}/{}", topic.product());
        return failure
            .because(format!("the hub of the device is {hub}, and topics are compared character by character"))
            .hint_of(
                entry!("topic-case"),
                format!("publish to {own}, or see in `{{i3}} product list` that {topic} exists in this spelling"),
            );
    }
    let may_use = |name: &&str| device.is_none_or(|device| name.parse().is_ok_and(|topic| device.may_use(&topic)));
    if let Some(parent) = topic.parent() {
        let is_known = known.names(NameKind::Product).any(|name| name == parent.as_str());
        let similar = || nearest(parent.as_str(), known.names(NameKind::Product).filter(may_use));
        let meant = if is_known { None } else { similar() };
        let sells = match meant {
            Some(meant) => format!("publish to {meant}; its sub-topics will come with it"),
            None if is_known => {
                format!("publish to {parent}, which the product sells; its sub-topics will come with it")
            }
            None => format!(
                "publish to {parent}, if `{{i3}} product list` shows such a product; its sub-topics will come with it"
            ),
        };
        return failure
            .because(format!(
                "sub-topics are not sold yet: I3 permits a product's topic and nothing below it, unless a product has this very name{}",
                did_you_mean(meant)
            ))
            .hint_of(entry!("sub-topic"), sells);
    }
    if let Some(why) = topic.impossible_as_product() {
        let is_long = topic.as_str().chars().count() > TOPIC_MAX_CHARS;
        let entry = if is_long { entry!("topic-too-long") } else { entry!("topic-placeholder") };
        return failure.because(why).hint(entry);
    }
    if device.is_none() {
        return failure
            .because(format!(
                "{} may not write this topic: the buyer of an actuator may, and the buyer of a sensor reads it only",
                user_name
            ))
            .hint_of(
                entry!("publish-dropped"),
                "check what this account has bought, or publish as a device of the topic's hub with --device NAME",
            );
    }
    let meant = nearest(topic.as_str(), known.names(NameKind::Product).filter(may_use));
    let failure = failure.because(format!(
        "there is no product {topic} (its case counts), or its permissions are missing{}",
        did_you_mean(meant)
    ));
    if !own_id {
        let remedy = entry!("publish-dropped").remedy;
        let remedy = meant.map_or(remedy.into(), |meant| format!("publish to {meant}, or {remedy}"));
        return failure.hint_of(entry!("publish-dropped"), remedy);
    }
    let remedy =
        "look at the hub's page on the marketplace; then publish without --id, which escapes the broker's memory";
    failure
        .because("the broker remembers a refusal for this client id for 300 s, also after the product was created")
        .hint_of(entry!("permission-cache"), remedy)
}
