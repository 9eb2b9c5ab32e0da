//! `i3 doctor`: checks the chain from the configuration to a message's arrival, and names the first cause and its fix.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use serde_json::{Value, json};

use crate::catalogue::Entry;
use crate::cli::arguments::Message;
use crate::cli::broker;
use crate::cli::broker_route::BrokerRouteArgs;
use crate::cli::device_argument::OptionalDevice;
use crate::cli::error::{self, CliError, ExitKind};
use crate::cli::keys::KeyArgs;
use crate::cli::market::{MarketArgs, MarketLogin};
use crate::cli::runtime::block_on;
use crate::cli::ui::Ui;
use crate::cli::{intake, prompt, settings};
use crate::config::{Config, env, from_env};
use crate::doctor::{self, Check, DoctorHost, DoctorRequest, Finding, FindingCause, Fix, Reach, Report, Status};
use crate::guard::source::Content;
use crate::login::ConnectionSettings;
use crate::login::secret::check_password;
use crate::market::Market;
use crate::name::Topic;
use crate::pkcs11::{KeyUri, Pin};
use crate::secret::Secret;

/// The message that is published if no text is given.
const MESSAGE: &str = "i3 doctor: a test message";
/// The indentation of a finding's evidence.
const INDENT: usize = 23;

/// Find out why a device's messages do not arrive, and how to fix it
///
/// Checks the whole chain: configuration, names, key or password, token, marketplace, clock, account, hub, device, product,
/// broker, MQTT versions, log-in, permission to publish and to read. Each check is shown with what was observed. It ends with
/// the first cause, what follows from it, what else is wrong, and the command that fixes the first cause. Exit code
/// 0 means that nothing is wrong in what was checked; what was not checked, or is unknown, is named.
///
/// It changes nothing without --fix, and publishes nothing unless it is allowed to. Only a message proves that
/// messages arrive, and the topic's buyers see it; so doctor asks first on a terminal, and needs --publish in a
/// script. The broker sees a handful of log-ins with random client ids. If it refuses the device, doctor tries what
/// distinguishes the causes: the buyer's account, other configured devices, the text of the public key, the password
/// as a shell changes it. The password of the marketplace's log-in is never sent to the broker.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 doctor
  i3 doctor lot1 --topic alice/parking/occupancy
  i3 doctor lot1 --topic alice/parking/occupancy --publish --probe-message '{\"free\":0}'
  i3 doctor lot1 --offline
  i3 doctor lot1 --fix --yes")]
pub struct Doctor {
    #[command(flatten)]
    device: OptionalDevice,
    /// Check whether the device can use this topic; by default, the only product of its hub
    #[arg(short, long, value_name = "TOPIC", allow_hyphen_values = true)]
    topic: Option<String>,
    /// Run only the checks that need no network
    #[arg(long, conflicts_with_all = ["publish", "probe_message", "buyer"])]
    offline: bool,
    /// Publish a message to the topic, which its buyers see
    #[arg(long)]
    publish: bool,
    /// Publish this message to the topic, which its buyers see
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    probe_message: Option<Message>,
    /// Try this client id as well; this disconnects a client that uses it
    #[arg(short, long, value_name = "ID", allow_hyphen_values = true)]
    id: Option<String>,
    /// Fix what can safely be fixed, and check again
    #[arg(long)]
    fix: bool,
    /// With --fix, change the marketplace without asking
    #[arg(long, requires = "fix")]
    yes: bool,
    #[command(flatten)]
    key: KeyArgs,
    /// Log in with the password or token in FILE
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pw_file: Option<PathBuf>,
    /// Check this broker: mqtt://HOST[:PORT], mqtts:// for TLS, ws:// or wss://HOST[:PORT][/PATH] for WebSocket [env:
    /// I3_BROKER]
    #[arg(long, value_name = "URL")]
    broker: Option<String>,
    #[command(flatten)]
    route: BrokerRouteArgs,
    /// Check that this account, which bought the topic, receives the message [env: I3_BUYER]
    #[arg(long, value_name = "NAME")]
    buyer: Option<String>,
    /// Read the buyer's broker password from FILE [env: I3_BUYER_PASSWORD]
    ///
    /// It is not the password of the marketplace's log-in: the marketplace makes it at the first purchase, and `i3
    /// notifications broker-password` prints it.
    #[arg(long, value_name = "FILE", requires = "buyer")]
    buyer_pw_file: Option<PathBuf>,
    #[command(flatten)]
    market: MarketArgs,
}

impl Doctor {
    /// Runs the command.
    ///
    /// # Errors
    /// The first cause, with exit code 1.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut request = self.request(ui)?;
        let mut host = CliDoctorHost { ui, doctor: &self, may_publish: None };
        let report = loop {
            let report = block_on(async { Ok(doctor::examine(&request, &mut host).await) })?;
            let fix = report.cause().and_then(|finding| finding.fix.clone()).filter(|fix| !request.fixed.contains(fix));
            match fix.filter(|_| self.fix) {
                Some(fix) if self.may_apply(ui, &fix)? => {
                    match doctor::apply(&fix, &request, &mut host) {
                        Ok(Some(note)) => ui.note(&format!("{}.", note.replace("{i3}", &ui.program))),
                        Ok(None) => {}
                        // The report is useful nevertheless.
                        Err(error) => {
                            ui.warn(&format!("cannot {fix}: {error:#}."));
                            break report;
                        }
                    }
                    tell(ui, &format!("{:<8} {fix}; checking again from the start", "fixed"))?;
                    request.fixed.push(fix);
                }
                _ => break report,
            }
        };
        let verdict = Verdict::of(&report, ui);
        if ui.json {
            ui.object(verdict.json(&report, &request.fixed, ui))?;
        } else if verdict.cause.is_none() {
            ui.line(&verdict.sentence(&report))?;
        }
        verdict.failure().map_or(Ok(()), |failure| Err(failure.into()))
    }

    fn request(&self, ui: &Ui) -> anyhow::Result<DoctorRequest> {
        let config = Config::load(&ui.selection).ok();
        // If the configuration cannot be read, the first check reports it.
        let config = config.as_ref();
        if let Some(config) = config {
            settings::warn_of_environment(ui, config);
        }
        let connection = config.map(|config| self.connection(ui, config)).transpose()?.unwrap_or_default();
        Ok(DoctorRequest {
            selection: ui.selection.clone(),
            device: self.device.name(),
            topic: self.topic.clone(),
            client_id: self.id.clone(),
            key: self.key.key.clone(),
            password_file: self.pw_file.clone(),
            market: self.market.place.market.clone(),
            user: self.market.log_in.user.clone(),
            broker: self.broker.clone(),
            connection,
            timeout: self.market.place.timeout,
            reach: if self.offline { Reach::Offline } else { Reach::Everything },
            publish: self.publish || self.probe_message.is_some(),
            fixed: Vec::new(),
            buyer: self.buyer(ui, config)?,
        })
    }

    fn connection(&self, ui: &Ui, config: &Config) -> anyhow::Result<ConnectionSettings> {
        let place = &self.market.place;
        let mut tls = place.tls.client(ui, config)?;
        tls.alpn.clone_from(&self.route.tls_alpn);
        let verification = broker::verification(place.insecure);
        Ok(ConnectionSettings { roots: place.roots(config), verification, tls, route: self.route.route(ui, config)? })
    }

    fn buyer(&self, ui: &Ui, config: Option<&Config>) -> anyhow::Result<Option<(String, Secret)>> {
        let of_environment = || match config {
            Some(config) => config.buyer(),
            None => from_env(env::BUYER),
        };
        let name = self.buyer.clone().or_else(|| of_environment().map(|setting| setting.value));
        let Some(name) = name.filter(|_| !self.offline) else { return Ok(None) };
        let password = match &self.buyer_pw_file {
            Some(file) => {
                let ask = || prompt::secret(ui, &format!("Broker password of {name}"));
                Some(intake::file(ui, file, Content::Password, ask)?)
            }
            None if config.is_some_and(|config| !config.heeds_environment(None)) => None,
            None => intake::variable(ui, env::BUYER_PASSWORD, Content::Password)?,
        };
        let Some(password) = password else {
            return Err(CliError::new(ExitKind::Usage, "the buyer's broker password is not given")
                .because(format!("the buyer {name} must log in, so that the arrival of the message can be checked"))
                .hint(format!(
                    "give --buyer-pw-file FILE, or set {}, with what `{{i3}} notifications broker-password` prints for the buyer",
                    env::BUYER_PASSWORD
                ))
                .into());
        };
        Ok(Some((name, check_password(password, None)?.secret().clone())))
    }

    fn may_apply(&self, ui: &Ui, fix: &Fix) -> anyhow::Result<bool> {
        if !fix.changes_the_marketplace() || self.yes {
            return Ok(true);
        }
        let answer = prompt::confirm(ui, &format!("Fix this: {fix}?"))?;
        if answer.is_none() {
            ui.note(&format!("Not fixed without --yes: {fix}."));
        }
        Ok(answer == Some(true))
    }
}

/// The terminal and the options, for the doctor.
struct CliDoctorHost<'a> {
    ui: &'a Ui,
    doctor: &'a Doctor,
    /// The answer, once the person was asked.
    may_publish: Option<bool>,
}

impl DoctorHost for CliDoctorHost<'_> {
    fn report(&mut self, finding: &Finding) {
        // A closed stdout is reported at the end.
        let _ = tell(self.ui, &lines(finding));
    }

    fn passphrase(&mut self, path: &Path) -> anyhow::Result<Option<Secret>> {
        self.doctor.key.passphrase(self.ui, path)
    }

    fn pin(&mut self, uri: &KeyUri) -> anyhow::Result<Option<Pin>> {
        self.doctor.key.pin(self.ui, uri)
    }

    fn password(&mut self, path: &Path) -> anyhow::Result<Option<Secret>> {
        prompt::secret_in(self.ui, path)
    }

    fn market(&mut self, config: &Config) -> anyhow::Result<Market> {
        self.doctor.market.open(self.ui, config)
    }

    fn market_login(&mut self, config: &Config, market: &Market) -> anyhow::Result<MarketLogin> {
        self.doctor.market.login(self.ui, config, market)
    }

    fn probe(&mut self, topic: &Topic) -> anyhow::Result<Option<Bytes>> {
        let text = self.doctor.probe_message.clone().map(|message| message.0);
        let allowed = text.is_some() || self.doctor.publish;
        let may = match self.may_publish {
            _ if allowed => true,
            Some(answer) => answer,
            None => {
                let question = format!("Publish a test message to {topic}? Its buyers will see it");
                prompt::confirm(self.ui, &question)?.unwrap_or(false)
            }
        };
        self.may_publish = Some(may);
        Ok(may.then(|| text.unwrap_or_else(|| MESSAGE.into()).into()))
    }
}

/// Prints text for a person at once; with --json everything comes at the end.
fn tell(ui: &Ui, text: &str) -> anyhow::Result<()> {
    if ui.json { Ok(()) } else { ui.line(text) }
}

fn lines(finding: &Finding) -> String {
    let status = match finding.status {
        Status::Ok => "ok",
        Status::Wrong => "WRONG",
        other => other.name(),
    };
    let mut text = format!("{status:<8} {:<13} {}", finding.check.name(), finding.summary);
    for line in &finding.evidence {
        text += &format!("\n{:INDENT$}- {line}", "");
    }
    text
}

/// The report as text.
struct Verdict<'a> {
    cause: Option<&'a Finding>,
    entry: Option<&'static Entry>,
    remedy: Option<String>,
    follows: Vec<String>,
    besides: Vec<String>,
    /// Whether messages arrive nevertheless.
    arrives: bool,
    program: &'a str,
}

impl<'a> Verdict<'a> {
    fn of(report: &'a Report, ui: &'a Ui) -> Verdict<'a> {
        let cause = report.cause();
        let (entry, remedy) = cause.and_then(|finding| finding.cause.as_ref()).map_or((None, None), |t| way_out(t, ui));
        let shown = |finding: &Finding| format!("{}: {}", finding.check.name(), finding.summary);
        let (follows, besides) = (report.follows().map(shown).collect(), report.besides().map(shown).collect());
        let arrives =
            report.findings.iter().any(|finding| finding.check == Check::Publish && finding.status == Status::Ok);
        Verdict { cause, entry, remedy, follows, besides, arrives, program: &ui.program }
    }

    fn sentence(&self, report: &Report) -> String {
        let unproved: Vec<&str> = report.unproved().map(|finding| finding.check.name()).collect();
        let not_looked_at: Vec<&str> = report.not_looked_at().map(Check::name).collect();
        let mut text = match (unproved.as_slice(), not_looked_at.as_slice()) {
            ([], []) => return "Everything is ok.".into(),
            (_, []) => format!("Found nothing wrong; unknown: {}.", unproved.join(", ")),
            ([], _) => format!("Found nothing wrong; not checked: {}.", not_looked_at.join(", ")),
            _ => format!(
                "Found nothing wrong; unknown: {}; not checked: {}.",
                unproved.join(", "),
                not_looked_at.join(", ")
            ),
        };
        if report.unproved().any(|finding| finding.check == Check::Publish && finding.status == Status::Unknown) {
            text += " Only a message shows whether the product lacks its permissions: --publish sends one.";
        }
        text
    }

    fn failure(&self) -> Option<CliError> {
        let finding = self.cause?;
        let mut failure = CliError::new(ExitKind::Other, finding.summary.clone());
        for line in &finding.evidence {
            failure = failure.because(line.clone());
        }
        for entry in &finding.remains {
            failure = failure.because(format!("not ruled out: {} ({})", entry.cause, entry.id));
        }
        for line in &self.follows {
            failure = failure.because(format!("what follows: {line}"));
        }
        if finding.check == Check::Product && self.arrives {
            failure =
                failure.because("messages arrive nevertheless: a permission that was given earlier is still valid");
        } else if let Some(entry) = self.entry.filter(|_| self.follows.is_empty()) {
            failure = failure.because(format!("what follows: {}", entry.symptom.replace("{i3}", self.program)));
        }
        for line in &self.besides {
            failure = failure.because(format!("also wrong: {line}"));
        }
        Some(match (self.entry, &self.remedy) {
            (Some(entry), Some(remedy)) => failure.hint_of(entry, remedy.clone()),
            (_, Some(remedy)) => failure.hint(remedy.clone()),
            _ => failure,
        })
    }

    fn json(&self, report: &Report, mended: &[Fix], ui: &Ui) -> Value {
        let steps: Vec<Value> = report.findings.iter().map(|finding| finding_json(finding, ui)).collect();
        let cause = self.cause.map(|finding| {
            json!({
                "check": finding.check.name(), "id": self.entry.map(|entry| entry.id), "summary": finding.summary,
                "follows": self.follows, "also": self.besides, "remedy": self.remedy,
                "remains": finding.remains.iter().map(|entry| entry.id).collect::<Vec<_>>(),
            })
        });
        json!({
            "device": report.device.as_ref().map(ToString::to_string),
            "topic": report.topic.as_ref().map(ToString::to_string),
            "steps": steps,
            "verdict": {
                "well": self.cause.is_none(), "cause": cause,
                "unproved": report.unproved().map(|finding| finding.check.name()).collect::<Vec<_>>(),
                "not_looked_at": report.not_looked_at().map(Check::name).collect::<Vec<_>>(),
            },
            "mended": mended.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

/// Returns the entry of a cause, and the command that fixes it.
fn way_out(cause: &FindingCause, ui: &Ui) -> (Option<&'static Entry>, Option<String>) {
    match cause {
        FindingCause::Known { entry, remedy } => {
            let remedy = remedy.as_deref().unwrap_or(entry.remedy).replace("{i3}", &ui.program);
            (Some(entry), Some(remedy))
        }
        FindingCause::Said(error) => {
            let hint = error::advice(error);
            (Some(hint.entry), Some(hint.text(&ui.program)))
        }
        FindingCause::Advised(remedy) => (None, Some(remedy.replace("{i3}", &ui.program))),
    }
}

fn finding_json(finding: &Finding, ui: &Ui) -> Value {
    let (entry, remedy) = finding.cause.as_ref().map_or((None, None), |cause| way_out(cause, ui));
    json!({
        "check": finding.check.name(), "status": finding.status.name(), "summary": finding.summary, "evidence": finding.evidence,
        "id": entry.map(|entry| entry.id), "remedy": remedy,
        "remains": finding.remains.iter().map(|entry| entry.id).collect::<Vec<_>>(),
    })
}
