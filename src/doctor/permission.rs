//! Whether a message arrives: permission to write and to read the topic, proved by an echo and by what the buyer receives.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::broker::LoggedInDevice;
use super::finding::{Check, Finding, Fix, Status};
use super::local::{client_id, outside_remedy};
use super::run::{DoctorRun, NO_TOPIC};
use super::try_login::{try_login, try_login_as};
use crate::catalogue::entry;
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::packet::{Filter, Packet, QoS, Version};
use crate::name::Topic;
use crate::publisher::{self, Confirm, Message, Patience, PublishError, Reached};
use crate::shell::quoted;

/// The longest wait for an echo, which usually arrives within milliseconds.
const ECHO: Duration = Duration::from_secs(5);
/// The wait for a retained message, or one of another device of the hub.
const LISTEN: Duration = Duration::from_secs(1);

pub(super) async fn examine(run: &mut DoctorRun<'_>, session: LoggedInDevice) {
    let Some(topic) = run.topic.clone() else {
        let _ = session.connection.close().await;
        let why = if run.request.topic.is_some() { NO_TOPIC } else { "no topic is given" };
        run.add(if run.request.publish {
            let finding =
                Finding::wrong(Check::Publish, entry!("command-line"), format!("nothing was published: {why}"));
            finding.remedy(format!("give the topic: --topic {}/PRODUCT", session.device.hub()))
        } else {
            Finding::skipped(Check::Publish, format!("{why}: use --topic"))
        });
        return run.add(Finding::skipped(Check::Read, why));
    };
    let message = match run.host.probe(&topic) {
        Ok(message) => message,
        Err(error) => {
            run.add(Finding::said(Check::Publish, error));
            None
        }
    };
    match message {
        Some(payload) => publish(run, session, topic, payload).await,
        None => listen(run, session, topic).await,
    }
}

/// Without a message of our own: a retained message, or one of another device, proves the permissions as well.
async fn listen(run: &mut DoctorRun<'_>, session: LoggedInDevice, topic: Topic) {
    let mut connection = session.connection;
    let request = connection.queue(subscription(&topic)).is_ok();
    let heard = request && hears(&mut connection, &topic, LISTEN.min(run.request.timeout), |_| true).await;
    let _ = connection.close().await;
    if heard {
        if run.status(Check::Publish).is_none() {
            let evidence = "a message arrived on the topic: a device may write what it may read";
            run.add(Finding::ok(Check::Publish, format!("{topic} is permitted")).seen([evidence.into()]));
        }
        run.add(Finding::ok(Check::Read, format!("the device reads {topic}")));
        return;
    }
    let untried = "not tried: it needs a message that the topic's buyers see; --publish sends one";
    if run.status(Check::Publish).is_none() {
        run.add(Finding::unknown(Check::Publish, untried));
    }
    run.add(Finding::unknown(Check::Read, "nothing arrived: only a test message would show it"));
}

async fn publish(run: &mut DoctorRun<'_>, mut session: LoggedInDevice, topic: Topic, payload: Bytes) {
    let wait = ECHO.min(run.request.timeout);
    let patience = Patience { timeout: wait, end: None };
    let buyer = buyer(run, &session, &topic, wait).await;
    let message =
        Message { topic: topic.clone(), payload: payload.clone(), qos: QoS::AtLeastOnce, retain: false, time: 0 };
    let began = Instant::now();
    let result = publisher::publish(&mut session.connection, &message, Confirm::All, patience).await;
    let finding = match result {
        Ok(_) => match remembered(run, &session, &message, patience).await {
            Some(finding) => finding,
            None => Finding::ok(Check::Publish, format!("{topic} is permitted"))
                .seen([format!("the message came back after {} ms", began.elapsed().as_millis())]),
        },
        Err(error) => dropped(run, &topic, error),
    };
    let arrived = finding.status == Status::Ok;
    run.add(finding);
    let finding = match buyer {
        _ if !arrived => Finding::skipped(Check::Read, "no message of the device arrives"),
        None => Finding::ok(Check::Read, "the device reads its own message; no buyer is given"),
        Some(Err(finding)) => *finding,
        Some(Ok((name, mut connection))) => {
            let reads = hears(&mut connection, &topic, wait, |message| *message == payload).await;
            let _ = connection.close().await;
            match reads {
                true => Finding::ok(Check::Read, format!("{name} received the message")),
                false => {
                    let summary = format!("the subscription of {name} to {topic} was granted, but nothing arrived");
                    Finding::wrong(Check::Read, entry!("not-bought"), summary)
                        .remedy(format!("buy {topic} with the account {name} on the marketplace"))
                }
            }
        }
    };
    run.add(finding);
    let _ = session.connection.close().await;
}

/// Subscribes the buyer before the message is sent.
async fn buyer(
    run: &DoctorRun<'_>,
    session: &LoggedInDevice,
    topic: &Topic,
    wait: Duration,
) -> Option<Result<(String, Connection), Box<Finding>>> {
    let (name, password) = run.request.buyer.as_ref()?;
    let connection = try_login(run, &session.endpoint, Version::V311, name, password).await;
    let subscribed = match connection {
        Ok(mut connection) => match subscribe(&mut connection, topic, wait).await {
            Ok(()) => Ok((name.clone(), connection)),
            Err(error) => Err(Box::new(Finding::said(Check::Read, error))),
        },
        Err(error) if error.refuses_credential() => {
            let summary = format!("the broker refuses the log-in of the buyer {name}");
            let finding = Finding::wrong(Check::Read, entry!("account-refused"), summary).seen([error.to_string()]);
            Err(Box::new(finding.remedy(
                "give --buyer-pw-file the broker password, which `{i3} notifications broker-password` prints for the \
                 buyer; the password of the marketplace's log-in is a different one",
            )))
        }
        Err(error) => Err(Box::new(Finding::said(Check::Read, error))),
    };
    Some(subscribed)
}

/// Returns the finding if the broker remembers a refusal for the seller's client id that does not affect a new id.
async fn remembered(
    run: &DoctorRun<'_>,
    session: &LoggedInDevice,
    message: &Message,
    patience: Patience,
) -> Option<Finding> {
    let id = run.request.client_id.as_ref().filter(|id| client_id(id).is_none())?;
    let user_name = session.device.as_str();
    let opened = try_login_as(run, &session.endpoint, Version::V311, id, user_name, &session.password).await;
    let mut connection = match opened {
        Ok(connection) => connection,
        Err(error) => return Some(Finding::said(Check::Publish, error)),
    };
    let result = publisher::publish(&mut connection, message, Confirm::All, patience).await;
    let _ = connection.close().await;
    match result {
        Ok(_) => None,
        Err(PublishError::NoEcho { .. }) => {
            let summary = format!("a message under the client id {id} is dropped, but one under a new id arrives");
            Some(Finding::wrong(Check::Publish, entry!("permission-cache"), summary))
        }
        Err(error) => Some(Finding::said(Check::Publish, error)),
    }
}

/// Finds out why a message did not come back. The client id was new, so it is not a refusal that the broker remembers.
fn dropped(run: &DoctorRun<'_>, topic: &Topic, error: PublishError) -> Finding {
    const CHECK: Check = Check::Publish;
    match &error {
        PublishError::NoEcho { .. } | PublishError::Refused { .. } => {}
        PublishError::Closed { source: ConnectionError::Closed, .. }
        | PublishError::Link {
            source: ConnectionError::Closed, reached: Reached::Sent | Reached::Acknowledged, ..
        } => {
            let summary = "the broker accepted the log-in and closed the connection when it received the message";
            return Finding::wrong(CHECK, entry!("database-down"), summary)
                .seen(["it does so if it cannot look up the topic".to_string()])
                .or(&[entry!("broker-unreachable")]);
        }
        _ => return Finding::said(CHECK, error),
    }
    let evidence = [error.to_string(), "the client id was new, so the broker remembered no refusal".to_string()];
    not_permitted(run, topic).seen(evidence)
}

/// Finds out why the broker drops what it acknowledges.
fn not_permitted(run: &DoctorRun<'_>, topic: &Topic) -> Finding {
    const CHECK: Check = Check::Publish;
    let dropped = || format!("messages to {topic} are acknowledged and dropped");
    let product = run.status(Check::Product);
    if let Some(device) = run.device.as_ref().filter(|device| !device.may_use(topic))
        && product != Some(Status::Ok)
    {
        let summary = format!("{}: it is not permitted to {device}", dropped());
        return Finding::wrong(CHECK, entry!("topic-outside-hub"), summary).remedy(outside_remedy(device, topic));
    }
    let shown = quoted(topic.as_str());
    match product {
        // A save gives the devices of the product's hub their permissions (I3 facts §6.3).
        Some(Status::Ok) if run.request.fixed.contains(&Fix::Product(topic.clone())) => {
            let summary = format!("the product {topic} was saved again, but messages to it are still dropped");
            Finding::wrong(CHECK, entry!("publish-dropped"), summary)
                .remedy(format!(
                    "check with `{{i3}} product show {shown}` that the product is in the hub {}",
                    topic.hub()
                ))
                .or(&[entry!("product-prefix-lost")])
        }
        Some(Status::Ok) => {
            let summary = format!("the product {topic} exists, but the device has no permission for it");
            Finding::wrong(CHECK, entry!("product-without-permissions"), summary)
                .remedy(format!(
                    "save the product again with `{{i3}} product repair {shown}` when the marketplace's mail works"
                ))
                .with_fix(Fix::Product(topic.clone()))
        }
        Some(Status::Wrong) => Finding::wrong(CHECK, entry!("publish-dropped"), dropped()),
        _ => Finding::wrong(CHECK, entry!("publish-dropped"), dropped()).or(&[
            entry!("product-missing"),
            entry!("topic-case"),
            entry!("product-prefix-lost"),
            entry!("product-without-permissions"),
        ]),
    }
}

fn subscription(topic: &Topic) -> Packet {
    let filter = Filter { filter: topic.as_str().into(), qos: QoS::AtMostOnce, no_local: false };
    Packet::Subscribe { id: 1, filters: vec![filter] }
}

async fn subscribe(connection: &mut Connection, topic: &Topic, wait: Duration) -> Result<(), ConnectionError> {
    connection.queue(subscription(topic))?;
    let deadline = Instant::now() + wait;
    loop {
        match timeout_at(deadline, connection.recv()).await {
            Ok(Ok(Packet::SubAck { .. })) => return Ok(()),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(error),
            Err(_) => return Err(ConnectionError::Silent(wait)),
        }
    }
}

/// Whether a message for which `fits` is true arrives on the subscribed topic, retained ones included.
async fn hears(connection: &mut Connection, topic: &Topic, wait: Duration, fits: impl Fn(&Bytes) -> bool) -> bool {
    let deadline = Instant::now() + wait;
    while let Ok(Ok(packet)) = timeout_at(deadline, connection.recv()).await {
        if let Packet::Publish(publish) = packet
            && publish.topic == topic.as_str()
            && fits(&publish.payload)
        {
            return true;
        }
    }
    false
}
