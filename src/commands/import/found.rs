//! The log-in settings in a file of the I3-SDK: a `config.ini`, or the constants and calls of a script.

use super::python::{self, Literal, Script};
use crate::secret::Secret;

/// The placeholder for missing values in the SDK's files.
const PLACEHOLDER: &str = "Default";

/// The settings of a file. Missing ones are [`None`] or empty.
#[derive(Debug, Default)]
pub struct ScriptLogin {
    /// The user name: a full device name, or an account's.
    pub account: Option<String>,
    pub password: Option<Secret>,
    pub host: Option<String>,
    pub port: Option<i64>,
    /// Whether it speaks TLS, and WebSocket.
    pub tls: bool,
    pub websocket: bool,
    /// The path of the authorities' certificates, as in the file.
    pub cafile: Option<String>,
    pub topics: Vec<String>,
    pub qos: i64,
    pub retain: bool,
    /// Whether it publishes, rather than only subscribes.
    pub publishes: bool,
    /// Whether the script takes the host from `config.ini`, where there is one.
    pub reads_ini: bool,
    pub unused: Vec<Unused>,
}

/// Something that `i3` does not take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// Its name in the file.
    pub what: String,
    /// The reason, and the alternative, as the end of a sentence.
    pub why: String,
}

impl Unused {
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Unused {
        Unused { what: what.into(), why: why.into() }
    }
}

/// A setting by its names in the SDK's files and their descendants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Account,
    Password,
    Host,
    Port,
    Topic,
    ClientId,
    CaFile,
}

const NAMES: &[(&str, Field)] = &[
    ("account", Field::Account),
    ("user", Field::Account),
    ("username", Field::Account),
    ("device", Field::Account),
    ("pw", Field::Password),
    ("password", Field::Password),
    ("passwd", Field::Password),
    ("host", Field::Host),
    ("hostname", Field::Host),
    ("server", Field::Host),
    ("broker", Field::Host),
    ("port", Field::Port),
    ("topic", Field::Topic),
    ("topics", Field::Topic),
    ("clientid", Field::ClientId),
    ("client_id", Field::ClientId),
    ("cafile", Field::CaFile),
    ("ca_certs", Field::CaFile),
];

fn field(name: &str) -> Option<Field> {
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, field)| *field)
}

/// Reads a `config.ini`: `NAME=VALUE` lines, with or without sections.
pub fn in_ini(text: &str) -> ScriptLogin {
    let mut found = ScriptLogin::default();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';', '[']) {
            continue;
        }
        let Some((name, value)) = line.split_once(['=', ':']) else {
            // It is not repeated: it may be a password.
            found.unused.push(Unused::new("a line", "it has no '='"));
            continue;
        };
        let (name, value) = (name.trim(), value.trim().trim_matches(['"', '\'']));
        match field(name) {
            Some(field) => found.take(field, &number_or_text(value)),
            None => found.unused.push(Unused::new(shown(name), "i3 has no setting for it")),
        }
    }
    found
}

fn number_or_text(value: &str) -> Literal {
    value.parse().map_or_else(|_| Literal::Text(value.into()), Literal::Number)
}

/// Returns a displayable name, which is not a secret in the wrong place.
fn shown(name: &str) -> String {
    let is_plain = name.len() <= 24 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if is_plain { name.into() } else { "a setting".into() }
}

/// Reads a script: the arguments of its calls, or if there are none, its constants by their names.
pub fn in_script(source: &str) -> ScriptLogin {
    let script = python::read(source);
    let mut found =
        ScriptLogin { reads_ini: script.texts.iter().any(|text| text == "config.ini"), ..ScriptLogin::default() };
    found.take_calls(&script);
    let mut names: Vec<&&str> = script.constants.keys().collect();
    names.sort();
    for name in names {
        let Some(field) = field(name) else { continue };
        if !found.has(field) {
            found.take(field, &script.constants[name]);
        }
    }
    found
}

impl ScriptLogin {
    fn has(&self, field: Field) -> bool {
        match field {
            Field::Account => self.account.is_some(),
            Field::Password => self.password.is_some(),
            Field::Host => self.host.is_some(),
            Field::Port => self.port.is_some(),
            Field::Topic => !self.topics.is_empty(),
            Field::ClientId => self.unused.iter().any(|unused| unused.what == CLIENT_ID),
            Field::CaFile => self.cafile.is_some(),
        }
    }

    /// Takes over a value, unless it is a placeholder.
    fn take(&mut self, field: Field, value: &Literal) {
        let texts: Vec<String> = value
            .texts()
            .into_iter()
            .filter(|text| *text != PLACEHOLDER && !text.is_empty())
            .map(str::to_owned)
            .collect();
        let text = texts.first().cloned();
        match (field, value) {
            (Field::Port, Literal::Number(port)) => self.port = Some(*port),
            (Field::Port, _) => {}
            // A number may be a password.
            (Field::Password, Literal::Number(number)) => self.password = Some(Secret::new(number.to_string())),
            (Field::Password, _) => self.password = text.map(Secret::new),
            (Field::Account, _) => self.account = text,
            (Field::Host, _) => self.host = text,
            (Field::Topic, _) => self.topics.extend(texts),
            (Field::CaFile, _) => self.cafile = text,
            (Field::ClientId, _) if text.is_some() => {
                self.unused.push(Unused::new(CLIENT_ID, "i3 makes one for each connection; -i ID sets one"));
            }
            (Field::ClientId, _) => {}
        }
    }

    fn take_calls(&mut self, script: &Script<'_>) {
        for call in &script.calls {
            let text = |position, name| call.argument(position, name).cloned().unwrap_or(Literal::Computed);
            match call.name {
                "username_pw_set" => {
                    self.take(Field::Account, &text(0, "username"));
                    self.take(Field::Password, &text(1, "password"));
                }
                "connect" | "connect_async" => {
                    self.take(Field::Host, &text(0, "host"));
                    self.take(Field::Port, &text(1, "port"));
                }
                "Client" => {
                    self.websocket |= text(usize::MAX, "transport").text() == Some("websockets");
                    // Paho 2 has the version of its callbacks before it.
                    let id = [text(usize::MAX, "client_id"), text(0, "client_id"), text(1, "client_id")];
                    if let Some(id) = id.iter().find(|id| id.text().is_some()) {
                        self.take(Field::ClientId, id);
                    }
                }
                "tls_set" => {
                    self.tls = true;
                    self.take(Field::CaFile, &text(0, "ca_certs"));
                    if text(1, "certfile") != Literal::Computed {
                        let why = "a client certificate is given with --cert FILE and --cert-key FILE";
                        self.unused.push(Unused::new("tls_set: certfile", why));
                    }
                }
                "tls_insecure_set" if text(0, "value") == Literal::Flag(true) => {
                    let why = "the broker's certificate is checked; --insecure leaves that out for one command";
                    self.unused.push(Unused::new("tls_insecure_set", why));
                }
                "publish" => {
                    self.publishes = true;
                    self.add_topics(&text(0, "topic"));
                    if let Literal::Number(qos) = text(2, "qos") {
                        self.qos = qos;
                    }
                    self.retain |= text(3, "retain") == Literal::Flag(true);
                }
                "subscribe" => self.add_topics(&text(0, "topic")),
                "will_set" => {
                    let why = "i3 pub has --will-topic and --will-payload";
                    self.unused.push(Unused::new("will_set", why));
                }
                _ => {}
            }
        }
    }

    fn add_topics(&mut self, value: &Literal) {
        for topic in value.texts() {
            if topic != PLACEHOLDER && !self.topics.iter().any(|known| known == topic) {
                self.topics.push(topic.into());
            }
        }
    }
}

const CLIENT_ID: &str = "the client id";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ini_has_the_host_and_what_people_added() {
        let found = in_ini("host=18.219.158.199");
        assert_eq!(found.host.as_deref(), Some("18.219.158.199"));
        let found = in_ini(
            "; test server\n[broker]\r\nhost = broker.example.org\r\nport: 8883\nPW='12'\ninterval=60\nnonsense\n",
        );
        assert_eq!((found.host.as_deref(), found.port), (Some("broker.example.org"), Some(8883)));
        assert_eq!(found.password.unwrap().expose(), "12");
        let unused: Vec<&str> = found.unused.iter().map(|unused| unused.what.as_str()).collect();
        assert_eq!(unused, ["interval", "a line"]);
    }

    #[test]
    fn of_a_script_the_calls_count_before_the_names() {
        let found = in_script(
            "me = 'alice$parking$lot1'\nuser = 'bob'\npw = 'Default'\nclientId='x'\n\
             c = mqtt.Client(clientId)\nc.username_pw_set(me, 'z1')\nc.tls_set('ca.crt')\nc.connect('localhost', 8883)\n",
        );
        assert_eq!(found.account.as_deref(), Some("alice$parking$lot1"));
        assert_eq!(found.password.unwrap().expose(), "z1");
        assert_eq!((found.host.as_deref(), found.port, found.tls), (Some("localhost"), Some(8883), true));
        assert_eq!(found.cafile.as_deref(), Some("ca.crt"));
        assert_eq!(found.unused.len(), 1);
        // The class of the SDK's gateways, which has the calls in another file.
        let found = in_script("account = 'CCI'\npw = 'azbpqe'\nI3_Publisher(account, pw)\n");
        assert_eq!((found.account.as_deref(), found.host), (Some("CCI"), None));
    }
}
