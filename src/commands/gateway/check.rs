//! `i3 gateway check`: explains what a gateway would do.

use std::collections::HashSet;
use std::path::PathBuf;
use std::rc::Rc;

use clap::Args;
use serde_json::{Value, json};

use super::file;
use super::host::{read_files, rejects_file};
use crate::catalogue::entry;
use crate::cli::agent::{broker_defaults, route};
use crate::cli::credential::CredentialArgs;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::gateway::filter::{Dialect, Filter};
use crate::gateway::plan::{Plan, Route, Source, SourceKind};
use crate::text;

/// Explain what a gateway would do with FILE, without connecting to anything
///
/// Checks the file and the files that its sources name, and says for each route which messages the device publishes, to which
/// topic, and with which credential. With --topic it shows only the routes that publish a message of this topic. With
/// --json {"sources", "routes", "rejects"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 gateway check house.toml
  i3 gateway check house.toml --topic zigbee2mqtt/bed1/soil")]
pub struct Check {
    /// The file [default: gateway.toml beside the configuration]
    file: Option<PathBuf>,
    /// Show what happens to a message with this topic, or NATS subject, at its source
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
}

impl Check {
    /// Runs the command.
    ///
    /// # Errors
    /// The file is not a plan, a device of it has no credential, or a file that a source names cannot be used.
    pub fn run(&self, ui: &Ui) -> anyhow::Result<()> {
        let config = settings::load(ui)?;
        let plan = file::read(&file::place(self.file.as_deref(), &config.places), &config)?;
        for doubt in &plan.doubts {
            ui.warn(&format!("{doubt}."));
        }
        if let Some(topic) = self.topic.as_ref().filter(|topic| !plan.sources.iter().any(|s| is_topic(topic, s))) {
            return Err(CliError::new(ExitKind::Usage, format!("{topic} is not the topic of a message"))
                .because("it has wildcards, or a character that no topic has")
                .hint("give the topic of one message, such as zigbee2mqtt/bed1/soil")
                .into());
        }
        let mut taken = HashSet::new();
        let routes: Vec<Explained<'_>> =
            plan.routes.iter().filter_map(|route| self.explain(ui, &config, &plan, route, &mut taken)).collect();
        let muted = ui.muted();
        let unread: Vec<Option<anyhow::Error>> =
            plan.sources.iter().map(|source| read_files(&muted, source).err()).collect();
        if let Some(topic) = self.topic.as_ref().filter(|_| routes.is_empty()) {
            ui.remark(&format!("No route takes {topic}."));
        }
        let rejects = rejects_file(&plan, &config.places);
        if ui.json {
            let source = |(source, problem): (&Rc<Source>, &Option<anyhow::Error>)| {
                let problem = problem.as_ref().map(|e| format!("{e:#}"));
                json!({ "name": *source.name, "url": url(&source.kind), "rejects": source.rejects(), "problem": problem })
            };
            let sources: Vec<Value> = plan.sources.iter().zip(&unread).map(source).collect();
            let routes: Vec<Value> = routes.iter().map(|route| route.to_json()).collect();
            ui.object(json!({ "sources": sources, "routes": routes, "rejects": rejects }))?;
        } else {
            let lines: Vec<String> = routes.iter().map(|route| route.to_row(&plan)).collect();
            ui.table(&["MATCH", "SOURCE", "DEVICE", "TOPIC", "BROKER", "LIMITS"], &lines, Vec::new)?;
            let mut what = "What can never be published";
            for source in &plan.sources {
                if let Some(subject) = source.rejects() {
                    ui.line(&format!(
                        "What can never be published from '{}' goes to the subject {subject}.",
                        source.name
                    ))?;
                    what = "What can never be published from another source";
                }
            }
            if plan.sources.iter().any(|source| source.rejects().is_none()) {
                ui.line(&format!("{what} goes to {}.", rejects.display()))?;
            }
        }
        let unusable = routes.iter().find(|route| route.credential.is_err()).map(Explained::unusable);
        let mut errors: Vec<anyhow::Error> = unusable.into_iter().collect();
        for (source, error) in plan.sources.iter().zip(unread) {
            errors.extend(error.map(|e| e.context(format!("the source '{}' cannot be used", source.name))));
        }
        // The first one ends the command.
        let mut errors = errors.into_iter();
        let first = errors.next();
        errors.for_each(|e| ui.warn(&format!("{e:#}.")));
        first.map_or(Ok(()), Err)
    }

    /// Returns what a route does; `None` if it does not publish the requested topic: it does not match, or an earlier
    /// route, listed in `before`, does.
    fn explain<'p>(
        &self,
        ui: &Ui,
        config: &Config,
        plan: &Plan,
        taken: &'p Route,
        before: &mut HashSet<(&'p str, Option<&'p str>)>,
    ) -> Option<Explained<'p>> {
        let wildcards = (1..=taken.filter.wildcards()).map(|number| format!("{{{number}}}")).collect::<Vec<_>>();
        let captures: Vec<&str> = match &self.topic {
            Some(topic) => {
                let source = plan.source(taken).filter(|source| is_topic(topic, source))?;
                let captures = taken.filter.captures(topic)?;
                let device = (source.dialect() == Dialect::Mqtt).then(|| taken.device.as_str());
                before.insert((&taken.source, device)).then_some(captures)?
            }
            None => wildcards.iter().map(String::as_str).collect(),
        };
        let topic = taken.topic.fill(&captures);
        let credential = route(ui, config, &taken.device, &CredentialArgs::default(), &broker_defaults())
            .map(|route| (route.broker, route.credentials));
        Some(Explained { route: taken, topic, credential })
    }
}

/// A route, and its effect.
struct Explained<'p> {
    route: &'p Route,
    topic: String,
    /// The device's broker, and the files that it would log in with.
    credential: Result<(String, Vec<PathBuf>), String>,
}

impl Explained<'_> {
    fn to_row(&self, plan: &Plan) -> String {
        let Route { source, filter, device, interval, field, stamp, retain, .. } = self.route;
        let from = plan.source(self.route).map(|known| url(&known.kind)).unwrap_or_default();
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
        let retain = retain.then(|| "retained by I3's broker".to_owned());
        let more: Vec<String> = [rate, field, stamp, retain].into_iter().flatten().collect();
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

/// Returns whether a message of the source can have this topic or subject.
fn is_topic(text: &str, source: &Source) -> bool {
    Filter::is_topic(text, source.dialect())
}

fn url(kind: &SourceKind) -> String {
    match kind {
        SourceKind::Mqtt(mqtt) => mqtt.url.to_string(),
        SourceKind::Nats(nats) => nats.servers.join(","),
    }
}
