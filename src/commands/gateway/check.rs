//! `i3 gateway check`: what a gateway would do, without doing it.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::file;
use super::host::rejects_file;
use crate::catalogue::entry;
use crate::cli::agent::{broker_defaults, route};
use crate::cli::broker::CredentialArgs;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::gateway::plan::{Plan, Route, SourceKind};
use crate::text;

/// Explain what a gateway would do with FILE, without connecting to anything
///
/// Checks the file and says, for each route, which messages the device publishes, to which topic, and with which credential. With
/// --topic only the routes are shown that take a message of this topic. With --json {"sources", "routes", "rejects"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 gateway check house.toml
  i3 gateway check house.toml --topic zigbee2mqtt/bed1/soil")]
pub struct Check {
    /// The file [default: gateway.toml beside the configuration]
    file: Option<PathBuf>,
    /// Show what becomes of a message with this topic, or NATS subject, at its source
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
}

impl Check {
    /// Runs the command.
    ///
    /// # Errors
    /// The file is not a plan, or a device of it has no credential.
    pub fn run(&self, ui: &Ui) -> anyhow::Result<()> {
        let config = settings::load(ui)?;
        let plan = file::read(&file::place(self.file.as_deref(), &config.places), &config)?;
        for doubt in &plan.doubts {
            ui.warn(&format!("{doubt}."));
        }
        let routes: Vec<Explained<'_>> =
            plan.routes.iter().filter_map(|route| self.explain(ui, &config, route)).collect();
        if let Some(topic) = self.topic.as_ref().filter(|_| routes.is_empty()) {
            ui.note(&format!("No route takes {topic}."));
        }
        let rejects = rejects_file(&plan, &config.places);
        if ui.json {
            let sources: Vec<Value> =
                plan.sources.iter().map(|s| json!({ "name": *s.name, "url": url(&s.kind) })).collect();
            let routes: Vec<Value> = routes.iter().map(|route| route.to_json()).collect();
            ui.object(json!({ "sources": sources, "routes": routes, "rejects": rejects }))?;
        } else {
            let lines: Vec<String> = routes.iter().map(|route| route.to_row(&plan)).collect();
            ui.table(&["MATCH", "SOURCE", "DEVICE", "TOPIC", "BROKER", "LIMITS"], &lines, Vec::new)?;
            ui.line(&format!("What can never be published goes to {}.", rejects.display()))?;
        }
        let unusable: Vec<&Explained<'_>> = routes.iter().filter(|route| route.credential.is_err()).collect();
        match unusable.as_slice() {
            [] => Ok(()),
            [first, ..] => Err(first.unusable()),
        }
    }

    /// Returns what a route does; `None` if it does not take the topic that is asked for.
    fn explain<'p>(&self, ui: &Ui, config: &Config, taken: &'p Route) -> Option<Explained<'p>> {
        let wildcards = (1..=taken.filter.wildcards()).map(|number| format!("{{{number}}}")).collect::<Vec<_>>();
        let captures: Vec<&str> = match &self.topic {
            Some(topic) => taken.filter.captures(topic)?,
            None => wildcards.iter().map(String::as_str).collect(),
        };
        let topic = taken.topic.fill(&captures);
        let credential = route(ui, config, &taken.device, &CredentialArgs::default(), &broker_defaults())
            .map(|route| (route.broker, route.credentials));
        Some(Explained { route: taken, topic, credential })
    }
}

/// A route, and what it comes to.
struct Explained<'p> {
    route: &'p Route,
    topic: String,
    /// The device's broker, and the files that it would log in with.
    credential: Result<(String, Vec<PathBuf>), String>,
}

impl Explained<'_> {
    fn to_row(&self, plan: &Plan) -> String {
        let Route { source, filter, device, interval, field, stamp, .. } = self.route;
        let from =
            plan.sources.iter().find(|known| known.name == *source).map(|known| url(&known.kind)).unwrap_or_default();
        let broker = match &self.credential {
            Ok((broker, files)) => {
                let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                format!("at {broker} with {}", files.join(" or "))
            }
            Err(why) => format!("cannot publish: {why}"),
        };
        let rate = interval.map(|interval| format!("one message in {} at most", humantime::format_duration(interval)));
        let field = field.as_ref().map(|field| format!("the field {field} alone"));
        let stamp = stamp.as_ref().map(|stamp| format!("with the time in {stamp}"));
        let more: Vec<String> = [rate, field, stamp].into_iter().flatten().collect();
        text::row([
            filter.as_str(),
            &format!("from {source} ({from})"),
            &format!("as {device}"),
            &format!("to {}", self.topic),
            &broker,
            &more.join(", "),
        ])
    }

    fn to_json(&self) -> Value {
        let Route { source, filter, device, interval, field, stamp, retain, .. } = self.route;
        let (broker, credentials, problem) = match &self.credential {
            Ok((broker, files)) => (Some(broker), Some(files), None),
            Err(why) => (None, None, Some(why)),
        };
        json!({
            "from": **source, "match": filter.as_str(), "device": device.as_str(), "topic": self.topic,
            "seconds_between": interval.map(|interval| interval.as_secs_f64()),
            "payload": field.as_ref().map(ToString::to_string), "stamp": stamp, "retain": retain,
            "broker": broker, "credentials": credentials, "problem": problem,
        })
    }

    fn unusable(&self) -> anyhow::Error {
        let why = self.credential.as_ref().err().cloned().unwrap_or_default();
        let message = format!("{} cannot publish", self.route.device);
        CliError::new(ExitKind::Config, message).because(why).hint(entry!("gateway-file")).into()
    }
}

fn url(kind: &SourceKind) -> String {
    match kind {
        SourceKind::Mqtt(mqtt) => mqtt.url.to_string(),
        SourceKind::Nats(nats) => nats.servers.join(","),
    }
}
