//! Options of `i3 pub` and `i3 sub` about the whole connection: its will, its properties of MQTT 5, and what is reported
//! about it.

use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::arguments::{FreeText, Message};
use super::broker::{self, BrokerArgs};
use super::duration;
use super::error::{CliError, ExitKind};
use super::mosquitto::expand::ExpandedArgs;
use super::stream::topic::{self, Outside};
use super::ui::Ui;
use super::usage::Reason;
use crate::catalogue::entry;
use crate::mqtt::extras::Extras;
use crate::mqtt::packet::{Publish, QoS};
use crate::mqtt::properties::{Carrier, MAX_PACKET_SIZE, Properties, is_pair};
use crate::name::DeviceName;

/// The session that never expires (MQTT 5 §3.1.2.11.2).
const NEVER: u32 = u32::MAX;

/// Options about the connection, as mosquitto's programs have them.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct SessionArgs {
    #[command(flatten)]
    pub expanded: ExpandedArgs,
    /// Also log every packet to standard error
    #[arg(short, long, help_heading = "Output")]
    pub debug: bool,
    /// Accepted for compatibility with mosquitto's programs: small packets are always sent at once
    #[arg(long)]
    pub nodelay: bool,
    /// With MQTT 5, have the broker keep the session for this long after the end: 3600, 2d; -1 forever, which needs --id
    #[arg(short = 'x', long, value_name = "TIME", value_parser = expiry, allow_negative_numbers = true)]
    session_expiry_interval: Option<u32>,
    /// Have the broker publish to this topic, in full, if the connection is lost
    ///
    /// The broker looks at it only when it publishes it, so its arrival cannot be proved.
    #[arg(long, value_name = "TOPIC", allow_hyphen_values = true)]
    will_topic: Option<String>,
    /// Publish this text as the will, instead of an empty message
    #[arg(long, value_name = "TEXT", requires = "will_topic", allow_hyphen_values = true)]
    will_payload: Option<Message>,
    /// Publish the will with this quality of service
    #[arg(long, value_name = "0|1|2", hide_possible_values = true, requires = "will_topic",
          value_parser = broker::qos())]
    will_qos: Option<QoS>,
    /// Have the broker retain the will
    #[arg(long, requires = "will_topic")]
    will_retain: bool,
    #[command(flatten)]
    properties: PropertyArgs,
}

/// Properties of MQTT 5, each as the words that were given.
#[derive(Clone, Debug, Default)]
pub struct PropertyArgs(Vec<Vec<FreeText>>);

impl Args for PropertyArgs {
    fn augment_args(command: Command) -> Command {
        command.arg(
            Arg::new("property")
                .short('D')
                .long("property")
                .num_args(3..=4)
                .value_names(["COMMAND", "NAME", "VALUE"])
                .value_parser(clap::value_parser!(FreeText))
                .action(ArgAction::Append)
                .allow_negative_numbers(true)
                .help_heading("Connection")
                .help("Send this property with CONNECT, PUBLISH, WILL or another packet; selects MQTT 5; may be repeated")
                .long_help(
                    "Send this property with CONNECT, PUBLISH, WILL or another packet; selects MQTT 5; may be repeated\n\n\
                     A user property has two values: -D PUBLISH user-property NAME VALUE. MQTT 5 §2.2.2.2 lists the \
                     properties, and which packets may have them; their names are written in lower case with hyphens, such as \
                     content-type.",
                ),
        )
    }

    fn augment_args_for_update(command: Command) -> Command {
        PropertyArgs::augment_args(command)
    }
}

impl FromArgMatches for PropertyArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = matches.get_occurrences::<FreeText>("property").into_iter().flatten();
        Ok(PropertyArgs(given.map(|words| words.cloned().collect()).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = PropertyArgs::from_arg_matches(matches)?;
        Ok(())
    }
}

impl SessionArgs {
    /// Returns `ui` with details of every packet, if that is requested.
    pub fn ui(&self, ui: &Ui) -> Ui {
        Ui { debug: self.debug, ..ui.clone() }
    }

    /// Returns whether `carrier` is given any property.
    pub fn has_properties(&self, carrier: Carrier) -> bool {
        self.properties.0.iter().any(|words| words.first().is_some_and(|word| word.0.parse() == Ok(carrier)))
    }

    /// Adds what these options say to every connection of `broker`. `sends` lists what this command sends that may have
    /// properties; the will is that of `device`, if a device logs in. `retain_as_published` as in [`Extras`].
    ///
    /// # Errors
    /// A property or a will that cannot be sent, or one that MQTT 3.1.1 does not have.
    pub fn apply(
        &self,
        broker: &mut BrokerArgs,
        sends: &[Carrier],
        retain_as_published: bool,
        device: Option<&DeviceName>,
    ) -> anyhow::Result<()> {
        let mut properties = self.properties(sends)?;
        if !properties.is_empty() && !broker.select_v5() {
            return Err(needs_v5("--property", "leave -V out, or give -V 5").into());
        }
        let only_v5 = [(self.session_expiry_interval.is_some(), "-x"), (retain_as_published, "--retain-as-published")];
        if let Some((_, option)) = only_v5.iter().find(|(is_given, _)| *is_given && !broker.speaks_v5()) {
            return Err(needs_v5(option, "give -V 5").into());
        }
        if let Some(seconds) = self.session_expiry_interval {
            if seconds == NEVER && broker.id.is_none() {
                return Err(CliError::new(ExitKind::Usage, "a session that never expires needs a client id")
                    .hint("name it with --id, or give -x a time")
                    .into());
            }
            let added = properties.add(Carrier::Connect, "session-expiry-interval", &seconds.to_string(), None);
            added.map_err(|e| unusable(&e.to_string()))?;
        }
        if let Some(bytes) = properties.number_of(Carrier::Connect, MAX_PACKET_SIZE) {
            broker.max_packet = broker.max_packet.min(bytes as usize);
        }
        let will = self.will(device)?;
        if will.is_none() && properties.has(Carrier::Will) {
            return Err(unusable("WILL has properties, and there is no will").hint("give --will-topic as well").into());
        }
        if will.is_some() || !properties.is_empty() || retain_as_published || self.debug {
            broker.extras = Some(Arc::new(Extras { will, properties, retain_as_published, trace: None }));
        }
        Ok(())
    }

    fn properties(&self, sends: &[Carrier]) -> Result<Properties, CliError> {
        let mut properties = Properties::default();
        for words in &self.properties.0 {
            let words: Vec<&str> = words.iter().map(|word| word.0.as_str()).collect();
            // The parser checks the number of words.
            let [carrier, name, value, more @ ..] = &words[..] else { continue };
            let carrier: Carrier = carrier.parse().map_err(|e| unusable(&format!("{e}")))?;
            if !sends.contains(&carrier) {
                return Err(unusable(&format!("this command sends no {carrier} that could have any")));
            }
            properties.add(carrier, name, value, more.first().copied()).map_err(|e| match is_pair(name) {
                true => unusable(&e.to_string()).hint(format!("write -D {carrier} user-property NAME VALUE")),
                false => unusable(&e.to_string()),
            })?;
        }
        Ok(properties)
    }

    fn will(&self, device: Option<&DeviceName>) -> anyhow::Result<Option<Publish>> {
        let Some(text) = &self.will_topic else { return Ok(None) };
        let topic = topic::parse(text, device, Outside::Refused)?.as_str().to_owned();
        let payload: Vec<u8> = self.will_payload.as_ref().map(|text| text.0.clone().into_bytes()).unwrap_or_default();
        if payload.len() > usize::from(u16::MAX) {
            return Err(CliError::new(ExitKind::Data, "the will is longer than MQTT can carry (65,535 bytes)")
                .hint(entry!("message-unsendable"))
                .into());
        }
        let qos = self.will_qos.unwrap_or(QoS::AtMostOnce);
        Ok(Some(Publish { topic, payload: payload.into(), qos, retain: self.will_retain, dup: false, id: 0 }))
    }
}

fn unusable(why: &str) -> CliError {
    CliError::new(ExitKind::Usage, "a property cannot be sent")
        .because(why)
        .hint("write -D COMMAND NAME VALUE, such as -D PUBLISH content-type application/json")
}

fn needs_v5(option: &str, hint: &str) -> CliError {
    CliError::new(ExitKind::Usage, format!("{option} needs MQTT 5")).hint(hint)
}

fn expiry(text: &str) -> Result<u32, Reason> {
    if ["-1", "∞"].contains(&text) {
        return Ok(NEVER);
    }
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    let wrong = Reason("write seconds from 0 to 4294967295, a time such as 30s or 2d, or -1 forever");
    let time: Duration = duration::parse(text).map_err(|_| wrong)?;
    u32::try_from(time.as_secs()).map_err(|_| wrong)
}
