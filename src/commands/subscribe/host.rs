//! The command line as the caller of a subscriber: it logs in, and reports events to the person.

use std::rc::Rc;
use std::time::Duration;

use super::notice::Notice;
use super::notice_output::NoticeOutput;
use super::plot::Job;
use crate::cli::broker::{self, BrokerArgs, CleanStart, Identity};
use crate::cli::broker_log_in;
use crate::cli::credential::CredentialArgs;
use crate::cli::signals::Interrupter;
use crate::cli::ui::Ui;
use crate::mqtt::connection::{Connection, Endpoint};
use crate::mqtt::packet::Reason;
use crate::mqtt::reconnect::RetryClass;
use crate::name::Topic;
use crate::subscriber::{Event, SubscriberHost};
use crate::text::similar::few;

/// Explains what silence may mean (I3 facts §5, 21).
pub fn silence_means(topics: &[Topic]) -> String {
    let sub_topic = topics.iter().find(|topic| topic.parent().is_some());
    let not_sold = sub_topic.map(|topic| format!("that {topic} is a sub-topic, which are not sold yet, "));
    format!(
        "I3 grants every subscription; silence can mean that the topic was not bought, {}that its name or case differs, \
         or that nobody publishes",
        not_sold.unwrap_or_default()
    )
}

/// The host of a subscriber on the command line.
pub struct CliSubscriberHost<'a> {
    pub broker: &'a BrokerArgs,
    pub credential: &'a CredentialArgs,
    pub topics: &'a [Topic],
    pub ui: &'a Ui,
    pub endpoint: Endpoint,
    pub client_id: &'a str,
    pub identity: Rc<Identity>,
    /// The environment variable that may hold the password.
    pub variable: &'static str,
    pub logged_in: bool,
    pub subscribed: bool,
    /// Topics that the broker refuses.
    pub not_granted: Vec<String>,
    pub notices: NoticeOutput,
    pub ender: Interrupter,
}

impl CliSubscriberHost<'_> {
    fn begin(&mut self) {
        self.subscribed = true;
        let is_granted = |topic: &&str| !self.not_granted.iter().any(|not_granted| not_granted == topic);
        let topics: Vec<&str> = self.topics.iter().map(Topic::as_str).filter(is_granted).collect();
        let told = format!("Subscribed to {} as {}.", few(topics.iter(), "none"), self.identity.user_name);
        if !matches!(self.notices, NoticeOutput::Chart(_)) {
            self.ui.done(&told);
        } else {
            self.ui.detail(&told);
        }
        if let NoticeOutput::Chart(jobs) = &self.notices {
            // Nothing was sent to it before.
            let _ = jobs.try_send(Job::Begin(self.ender.clone()));
        }
    }
}

impl SubscriberHost for CliSubscriberHost<'_> {
    type Error = anyhow::Error;

    async fn log_in(&mut self, session: CleanStart) -> anyhow::Result<Connection> {
        let ui = if self.logged_in { self.ui.muted() } else { self.ui.clone() };
        if self.logged_in
            && let Some(found) = self.credential.renewed(&ui, &self.identity, self.variable)
        {
            self.identity = Rc::new(found);
        }
        let result = self.broker.log_in(&ui, &self.endpoint, self.client_id, &self.identity, session).await;
        self.logged_in |= result.is_ok();
        result
    }

    fn judge(&self, error: &anyhow::Error) -> RetryClass {
        broker_log_in::retry_class_of(&self.identity, error)
    }

    fn tell(&mut self, event: &Event<'_, anyhow::Error>) {
        let again = |pause: &Duration| format!("trying again in {:.1} s", pause.as_secs_f64());
        let id = self.client_id;
        let said = match event {
            Event::Subscribed => return self.begin(),
            Event::NotGranted { filter, reason } => {
                self.not_granted.push((*filter).to_owned());
                Notice::warning(format!(
                    "the broker refused the subscription to {filter} ({reason}). The run continues with the others, and ends with \
                     exit code 77."
                ))
            }
            Event::Unsubscribed { filter, reason: Reason::NO_SUBSCRIPTION } => {
                Notice::note(format!("There was no subscription to {filter}."))
            }
            Event::Unsubscribed { filter, .. } => Notice::note(format!("Unsubscribed from {filter}.")),
            Event::NoSession => Notice::warning(format!(
                "the broker keeps no session of the client id {id}, so there is no subscription to end."
            )),
            Event::Silence => Notice::note(format!("Nothing has arrived yet. {}.", silence_means(self.topics)))
                .on_chart(Some(
                    "nothing has arrived yet: not bought, another name or case, or nobody publishes".into(),
                )),
            Event::Unrequested { topic } => Notice::note(format!(
                "Messages to {topic} arrive, which this run did not ask for: an earlier subscription of the client id {id}. \
                 --unsubscribe ends it."
            )),
            Event::Lost { why, pause } => {
                let cause = why.source().map(|e| format!(" ({e})")).unwrap_or_default();
                Notice::note(format!("{why}{cause}; {}.", again(pause)))
            }
            Event::IdIsShared(sign) => Notice::warning(broker::id_is_shared(id, *sign)),
            Event::NoLogIn { why, pause } => Notice::note(format!("{why:#}; {}.", again(pause))),
            Event::Back => Notice::note("Logged in and subscribed again.").on_chart(None),
        };
        self.notices.tell(said);
    }
}
