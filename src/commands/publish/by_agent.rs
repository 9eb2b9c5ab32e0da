//! `i3 pub` through the agent, if one is running that publishes as this command would.

use std::path::PathBuf;
use std::time::Instant;

use super::args::Publish;
use crate::agent::client::{self, NoAgent};
use crate::agent::protocol::{MAX_PAYLOAD, Publication};
use crate::agent::route::Route;
use crate::agent::socket;
use crate::cli::agent::route;
use crate::cli::broker::{verification, warn_of_connection};
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::name::DeviceName;
use crate::publisher::{Evidence, Message, PublishError};

/// An agent that may publish the message.
pub struct RunningAgent {
    path: PathBuf,
    route: Route,
}

impl RunningAgent {
    /// Returns the agent, if its socket exists and the options leave everything to it.
    pub fn find(args: &Publish, ui: &Ui, config: &Config, device: Option<&DeviceName>) -> Option<RunningAgent> {
        let path = socket::place(&config.places);
        if args.no_agent || !path.exists() {
            return None;
        }
        let route = match device {
            _ if args.repeat.is_some() || args.disable_clean_session => Err("--repeat or -c is given".into()),
            Some(device) => route(ui, config, device, &args.credential, &args.broker),
            None => Err("it publishes as devices only".into()),
        };
        match route {
            Ok(route) => Some(RunningAgent { path, route }),
            Err(why) => {
                ui.detail(&format!("Not by the agent: {why}."));
                None
            }
        }
    }

    /// Publishes the message, by `end` if that is given. Returns `None` if nothing of it was sent.
    pub fn publish(
        self,
        args: &Publish,
        ui: &Ui,
        config: &Config,
        message: &Message,
        end: Option<Instant>,
    ) -> Option<Result<Evidence, PublishError>> {
        if message.payload.len() > MAX_PAYLOAD {
            ui.detail("Not by the agent: the message is too long for it.");
            return None;
        }
        let url = self.route.broker.parse().ok()?;
        let insecure = self.route.insecure;
        let publication = Publication {
            route: self.route,
            topic: message.topic.as_str().into(),
            size: message.payload.len(),
            qos: message.qos as u8,
            retain: message.retain,
            confirm: args.confirm.into(),
            timeout: args.broker.timeout,
            deadline: end.map(|end| end.saturating_duration_since(Instant::now())),
            allow_secret: args.allow_secret,
        };
        match client::publish(&self.path, publication, &url, &message.topic, &message.payload) {
            Ok(result) => {
                warn_of_connection(ui, config, &url, verification(insecure));
                ui.detail("By the agent.");
                Some(result)
            }
            Err(why) => {
                match why {
                    NoAgent::OtherVersion => ui.note(&format!("Not by the agent: {why}.")),
                    _ => ui.detail(&format!("Not by the agent: {why}.")),
                }
                None
            }
        }
    }
}
