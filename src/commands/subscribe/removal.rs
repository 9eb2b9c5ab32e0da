//! `--remove-retained`: removes retained messages once they were printed, on a separate connection, and proves each removal.

use std::rc::Rc;

use anyhow::Context as _;
use bytes::Bytes;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::catalogue::entry;
use crate::cli::broker::{BrokerArgs, CleanStart, Identity, random_client_id};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::ui::Ui;
use crate::mqtt::connection::Endpoint;
use crate::mqtt::packet::QoS;
use crate::name::Topic;
use crate::publisher::{Confirm, Message, Patience, PublishError, Publisher};

/// The user that removes messages, and the broker.
pub struct Remover<'a> {
    pub ui: &'a Ui,
    pub broker: BrokerArgs,
    pub endpoint: Endpoint,
    pub identity: Rc<Identity>,
}

impl Remover<'_> {
    /// Removes the retained message of each of these topics, until there are no more.
    ///
    /// # Errors
    /// At least one was not removed; the others were tried.
    pub async fn run(self, mut topics: UnboundedReceiver<String>) -> anyhow::Result<()> {
        let mut publisher = None;
        let (mut removed, mut failed) = (0_usize, None);
        while let Some(topic) = topics.recv().await {
            match self.remove(&mut publisher, &topic).await {
                Ok(()) => {
                    self.ui.detail(&format!("Removed the retained message of {topic}."));
                    removed += 1;
                }
                Err(e) => {
                    self.ui
                        .warn(&format!("it is not known whether the retained message of {topic} was removed: {e:#}."));
                    failed.get_or_insert(e);
                }
            }
        }
        if let Some(publisher) = publisher {
            publisher.close().await;
        }
        let Some(error) = failed else { return Ok(()) };
        self.ui.note(&format!("{removed} retained messages were removed, and others were not."));
        Err(match error.downcast_ref::<PublishError>() {
            Some(PublishError::NoEcho { .. }) => CliError::new(
                ExitKind::Refused,
                "a retained message is not removed: the broker dropped the message that removes it",
            )
            .because(format!("{error:#}"))
            .hint_of(entry!("topic-outside-hub"), "log in as a device of the topic's hub, which may write it")
            .into(),
            _ => error,
        })
    }

    async fn remove(&self, held: &mut Option<Publisher>, topic: &str) -> anyhow::Result<()> {
        let topic: Topic = topic.parse().context(CliError::new(ExitKind::Data, "the topic is not one of I3's"))?;
        let mut publisher = match held.take() {
            Some(publisher) => publisher,
            None => {
                let (ui, id) = (self.ui.muted(), random_client_id());
                let log_in = self.broker.log_in(&ui, &self.endpoint, &id, &self.identity, CleanStart::Yes);
                Publisher::new(log_in.await?)
            }
        };
        // At QoS 1, as mosquitto_sub does.
        let message = Message { topic, payload: Bytes::new(), qos: QoS::AtLeastOnce, retain: true, time: 0 };
        let patience = Patience { timeout: self.broker.timeout, end: None };
        match publisher.publish(&message, Confirm::All, patience).await {
            Ok(_) => {
                *held = Some(publisher);
                Ok(())
            }
            Err(e) => {
                publisher.close().await;
                Err(e.into())
            }
        }
    }
}
