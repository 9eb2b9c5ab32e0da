//! The policy for things on this machine: names, keys, tokens, secrets, files.

use crate::access::{self, ForeignFolder};
use crate::account::AccountError;
use crate::agent::client::NoAgent;
use crate::agent::socket::{self, SocketError};
use crate::broker_url::BrokerUrlError;
use crate::catalogue::entry;
use crate::cli::error::cli_error::{Policy, filled, quoted, with};
use crate::cli::error::kind::ExitKind;
use crate::cli::error::policy::pkcs11::pkcs11;
use crate::cli::ui::Unwritten;
use crate::config::{ConfigError, with_home};
use crate::gateway::metrics::server::ListenError;
use crate::gateway::plan::PlanError;
use crate::guard::Refusal;
use crate::guard::source::{Origin, SourceError};
use crate::key::{KeyError, public_path};
use crate::login::client_certificate::ClientCertificateError;
use crate::market_url::MarketUrlError;
use crate::name::{NameError, PRODUCT_MIN_CHARS, SELLER_MAX_CHARS, TOPIC_MAX_CHARS};
use crate::shell;
use crate::signer::SignerError;
use crate::tls::TlsError;
use crate::token::{Fault, TokenError};

pub fn name(error: &NameError) -> Policy {
    match error {
        NameError::ShortTopic { suggestion: Some(full), .. } => {
            filled(ExitKind::Data, entry!("short-topic"), format!("use -t {}", shell::quoted(full)))
        }
        NameError::ShortTopic { .. } | NameError::TopicLevel { .. } | NameError::OfBroker(_) => {
            with(ExitKind::Data, entry!("short-topic"))
        }
        NameError::Shared { topic, .. } => {
            let remedy = topic.as_ref().map(|topic| format!("use -t {}", shell::quoted(topic.as_str())));
            filled(ExitKind::Data, entry!("short-topic"), remedy.as_deref().unwrap_or(entry!("short-topic").remedy))
        }
        NameError::Wildcard(_) => with(ExitKind::Data, entry!("topic-wildcard")),
        NameError::Device(_) => with(ExitKind::Data, entry!("short-device-name")),
        NameError::Product { .. } => {
            filled(ExitKind::Data, entry!("names"), "choose a plain name of 4 letters or more, such as occupancy")
        }
        NameError::LongTopic { topic } => {
            let room = topic.rsplit('/').next().map_or(0, |name| name.chars().count());
            let over = topic.chars().count().saturating_sub(TOPIC_MAX_CHARS);
            let remedy = match room.saturating_sub(over) {
                0..PRODUCT_MIN_CHARS => "use a hub with a shorter name: this one leaves no room for a product".into(),
                left => format!("choose a name of at most {left} characters"),
            };
            filled(ExitKind::Data, entry!("topic-too-long"), remedy)
        }
        NameError::NoRoom { .. } => {
            let remedy = format!("sign up with a user name of at most {SELLER_MAX_CHARS} characters");
            filled(ExitKind::Data, entry!("topic-too-long"), remedy)
        }
        NameError::NotAscii { .. } => {
            filled(ExitKind::Data, entry!("names"), "choose a name without accents and other special letters")
        }
        NameError::NewShort(_, what) => filled(
            ExitKind::Data,
            entry!("names"),
            format!("choose another {what} name: 3 to 30 ASCII letters and digits, without blanks, '-' and '_'"),
        ),
        NameError::Hub(_) => {
            filled(ExitKind::Data, entry!("names"), "give the hub as the marketplace shows it, such as alice/parking")
        }
        NameError::Unsendable => with(ExitKind::Data, entry!("message-unsendable")),
        NameError::User(_) | NameError::Short(..) => with(ExitKind::Data, entry!("names")),
    }
}

pub fn key(error: &KeyError) -> Policy {
    match error {
        KeyError::Read { source, path } if source.kind() == std::io::ErrorKind::NotFound => {
            let (path_shown, at_home) = (quoted(path), with_home(path));
            let remedy = match public_path(path).symlink_metadata() {
                _ if at_home != *path => {
                    format!("write {}: a shell replaces ~ only where an unquoted word begins with it", quoted(&at_home))
                }
                // Half a pair: the key was registered, and the file would prevent another from being made.
                Ok(_) => format!(
                    "name the key that the device was registered with, or make another pair with `{{i3}} keygen --out \
                     {path_shown} --force` and register it with `{{i3}} device passwd DEVICE --key {path_shown}`"
                ),
                Err(_) => format!(
                    "name the key that the device was registered with, or make a pair with `{{i3}} keygen --out \
                     {path_shown}`"
                ),
            };
            filled(ExitKind::NoInput, entry!("key-file-missing"), remedy)
        }
        KeyError::Read { .. } => with(ExitKind::NoInput, entry!("file-unusable")),
        KeyError::OpenToOthers { path, .. } => open_to_others(path),
        KeyError::NeedsPassphrase => with(ExitKind::Config, entry!("key-passphrase")),
        KeyError::WrongPassphrase => {
            filled(ExitKind::Config, entry!("key-passphrase"), "check what --passphrase-file holds")
        }
        KeyError::Costly { convert, .. } => {
            let remedy = format!("encrypt it again at a usual cost with `{convert}`");
            filled(ExitKind::Config, entry!("key-file-unusable"), remedy)
        }
        KeyError::Form { convert, .. } => {
            filled(ExitKind::Config, entry!("key-file-unusable"), format!("convert it with `{convert}`"))
        }
        KeyError::Short(_) => filled(
            ExitKind::Config,
            entry!("key-file-unusable"),
            "make another of 2048 bits, as `{i3} keygen` does, and register that",
        ),
        KeyError::Several(_) => {
            filled(ExitKind::Config, entry!("key-file-unusable"), "put the right one into a file of its own")
        }
        KeyError::Unsupported(_) => filled(
            ExitKind::Config,
            entry!("key-file-unusable"),
            "make a key of 2048 bits, as `{i3} keygen` does, and register that",
        ),
        KeyError::Bits(_) => with(ExitKind::Data, entry!("key-bits")),
        KeyError::Damaged(_) => {
            let remedy = "copy the file again, or make another pair with `{i3} keygen` and register that";
            filled(ExitKind::Config, entry!("key-file-unusable"), remedy)
        }
        _ => with(ExitKind::Config, entry!("key-file-unusable")),
    }
}

pub fn token(error: &TokenError) -> Policy {
    match error {
        TokenError::Lifetime(_) | TokenError::LifetimeRange(_) => with(ExitKind::Data, entry!("token-lifetime")),
        TokenError::Clock => with(ExitKind::TryAgain, entry!("clock")),
        TokenError::Sign(e) => signer(e),
    }
}

pub fn signer(error: &SignerError) -> Policy {
    match error {
        SignerError::Key(e) => key(e),
        SignerError::Pkcs11(e) => pkcs11(e),
    }
}

pub fn refusal(error: &Refusal) -> Policy {
    match error {
        Refusal::Token(Fault::NotYetValid(_)) => {
            let remedy =
                format!("{}. If this one should be valid by now, check this machine's clock", error.entry().remedy);
            filled(ExitKind::Refused, error.entry(), remedy)
        }
        _ => with(ExitKind::Refused, error.entry()),
    }
}

pub fn agent_socket(error: &SocketError) -> Policy {
    match error {
        SocketError::Taken { .. } => {
            filled(ExitKind::CannotCreate, entry!("agent"), "use that one, or end it first with `{i3} agent stop`")
        }
        SocketError::Open(folder) if access::may_be_closed(folder, socket::is_folder) => {
            filled(ExitKind::CannotCreate, entry!("agent"), format!("run `chmod 700 {}`", quoted(folder)))
        }
        SocketError::Open(_) | SocketError::Occupied(_) => {
            let own = std::env::home_dir().map(|home| home.join(".i3-agent/agent.sock"));
            let such = own.map(|path| format!(", such as {}", quoted(&path))).unwrap_or_default();
            let remedy =
                format!("set I3_AGENT to a socket in a folder of your own, which is made if it is missing{such}");
            filled(ExitKind::CannotCreate, entry!("agent"), remedy)
        }
        SocketError::Lost(_) => filled(ExitKind::TryAgain, entry!("agent"), "start another one with `{i3} agent`"),
        SocketError::Io { .. } => with(ExitKind::CannotCreate, entry!("agent")),
    }
}

pub fn agent(error: &NoAgent) -> Policy {
    match error {
        NoAgent::None => filled(ExitKind::TryAgain, entry!("agent"), "start one with `{i3} agent`"),
        NoAgent::Unfound { pid } => {
            let kill = pid.map(|pid| format!("; if it does not, `kill {pid}`")).unwrap_or_default();
            let remedy = format!("it ends by itself once what is on its way is done{kill}");
            filled(ExitKind::TryAgain, entry!("agent"), remedy)
        }
        NoAgent::OtherVersion => {
            filled(ExitKind::TryAgain, entry!("agent"), "end its process, and start one with `{i3} agent`")
        }
        NoAgent::Unreachable(_) | NoAgent::Declined(_) | NoAgent::Silent => with(ExitKind::TryAgain, entry!("agent")),
    }
}

pub fn gateway_file(error: &PlanError) -> Policy {
    match error {
        PlanError::File(e) => config(e),
        PlanError::Missing(_) => filled(
            ExitKind::NoInput,
            entry!("gateway-file"),
            "name the file, as in `{i3} gateway house.toml`; i3-gateway(5) has an example",
        ),
        PlanError::Syntax { .. } | PlanError::Wrong { .. } => with(ExitKind::Config, entry!("gateway-file")),
    }
}

pub fn metrics(_: &ListenError) -> Policy {
    with(ExitKind::CannotCreate, entry!("metrics-address"))
}

pub fn open_to_others(path: &std::path::Path) -> Policy {
    let remedy = if access::may_be_changed(path) {
        format!("run `chmod 600 {}`, or use it anyway with --allow-loose-permissions", quoted(path))
    } else {
        // The system's file, or one that a service reads, too: what reads it now must not lose it.
        "name the file that holds the secret; if it is this one, name a copy of your own that only you can read".into()
    };
    filled(ExitKind::Config, entry!("file-open-to-others"), remedy)
}

pub fn foreign_folder(_: &ForeignFolder) -> Policy {
    with(ExitKind::CannotCreate, entry!("foreign-folder"))
}

pub fn source(error: &SourceError) -> Policy {
    match error {
        SourceError::Read { .. } => with(ExitKind::NoInput, entry!("file-unusable")),
        SourceError::OpenToOthers { path, .. } => open_to_others(path),
        SourceError::Refused(what) => refusal(what),
        SourceError::SecretAsName => filled(
            ExitKind::Refused,
            entry!("private-key-on-command-line"),
            "give the name of a file that holds it, or use --key FILE",
        ),
        SourceError::Hidden { origin: Origin::Environment(_), .. } => filled(
            ExitKind::Data,
            entry!("setting-blanks"),
            "set the variable again without that character; a password that really has it is read from a file or from stdin",
        ),
        SourceError::Hidden { .. } | SourceError::Unusable { origin: Origin::Argument(_), .. } => {
            with(ExitKind::Data, entry!("setting-blanks"))
        }
        SourceError::Unusable { .. } => with(ExitKind::Config, entry!("setting-blanks")),
        SourceError::Utf16(_) => filled(
            ExitKind::Data,
            entry!("file-unusable"),
            "write it again in UTF-8: in PowerShell with `Set-Content -Encoding ascii -NoNewline`, elsewhere with `iconv -f UTF-16`",
        ),
        SourceError::TooLong(_) | SourceError::NotUtf8(_) => with(ExitKind::Data, entry!("file-unusable")),
    }
}

pub fn config(error: &ConfigError) -> Policy {
    match error {
        ConfigError::Hidden(..) | ConfigError::Stray { .. } => with(ExitKind::Config, entry!("setting-blanks")),
        ConfigError::Utf16(path) => {
            filled(ExitKind::Config, entry!("config-invalid"), format!("write {} again in UTF-8", quoted(path)))
        }
        ConfigError::Refused(what @ Refusal::PrivateKeyIn(..)) => filled(
            ExitKind::Refused,
            what.entry(),
            "name a file with settings there, which holds no key; a private key's file is for --key",
        ),
        ConfigError::Refused(what) => refusal(what),
        ConfigError::Pin { source, .. } => pkcs11(source),
        ConfigError::NoHome => with(ExitKind::Config, entry!("home-missing")),
        ConfigError::UnknownDevice { .. } => with(ExitKind::Config, entry!("short-device-name")),
        ConfigError::Ambiguous { .. } => {
            filled(ExitKind::Config, entry!("device-unnamed"), "give the full name in single quotes")
        }
        ConfigError::NoDevice(_) => with(ExitKind::Config, entry!("device-unnamed")),
        ConfigError::Write { path, .. } if path.exists() && !path.is_file() => filled(
            ExitKind::CannotCreate,
            entry!("file-unusable"),
            "name a file to keep the configuration in with --config FILE",
        ),
        ConfigError::Write { .. } => with(ExitKind::CannotCreate, entry!("file-unusable")),
        ConfigError::Parse { .. } => with(ExitKind::Config, entry!("config-invalid")),
        ConfigError::Missing { .. } => {
            let remedy = "check the path, or begin the file with `{i3} config set market URL`";
            filled(ExitKind::NoInput, entry!("file-unusable"), remedy)
        }
        ConfigError::Two(..) => filled(
            ExitKind::Usage,
            entry!("command-line"),
            "name one of them: a profile has a configuration of its own",
        ),
        ConfigError::ProfileName(_) => filled(ExitKind::Usage, entry!("command-line"), "choose a name such as work"),
        ConfigError::UnknownProfile { .. } => {
            let remedy = "use an existing profile, or create this one with `{i3} login --market URL`";
            filled(ExitKind::Config, entry!("profile-unknown"), remedy)
        }
        ConfigError::UnknownKey(_) => {
            let remedy = "`{i3} config list` shows what is set; i3-config(5) lists all keys";
            filled(ExitKind::Usage, entry!("setting-unknown"), remedy)
        }
        ConfigError::SecretKey(_) => with(ExitKind::Refused, entry!("setting-secret")),
        ConfigError::Read { path, .. } => {
            let remedy = match access::may_be_changed(path) {
                true => format!("make {} a text file in UTF-8 that you can read, or move it away", quoted(path)),
                false if path.is_file() => "ask its owner for a text file in UTF-8 that you can read".into(),
                false => "name a text file in UTF-8 with --config FILE".into(),
            };
            filled(ExitKind::Config, entry!("config-invalid"), remedy)
        }
    }
}

pub fn kept_account(error: &AccountError) -> Policy {
    match error {
        AccountError::OpenToOthers { path, .. } => open_to_others(path),
        AccountError::Damaged { .. } | AccountError::Version { .. } => with(ExitKind::Config, entry!("kept-log-in")),
        AccountError::Write { .. } => with(ExitKind::CannotCreate, entry!("kept-log-in")),
        AccountError::Read { .. } => with(ExitKind::NoInput, entry!("kept-log-in")),
    }
}

pub fn unwritten(_: &Unwritten) -> Policy {
    with(ExitKind::Other, entry!("output-unwritable"))
}

pub fn broker_url(_: &BrokerUrlError) -> Policy {
    filled(
        ExitKind::Data,
        entry!("bad-address"),
        "write mqtt://HOST:PORT, mqtts://HOST:PORT for TLS, or ws://HOST:PORT/PATH or wss://HOST:PORT/PATH for WebSocket, and nothing \
         else",
    )
}

pub fn tls(error: &TlsError) -> Policy {
    match error {
        TlsError::NoneInSystem => filled(
            ExitKind::Config,
            entry!("roots-unusable"),
            "install ca-certificates, or name a file with --cafile FILE",
        ),
        TlsError::Read { path, .. }
        | TlsError::Pem { path, .. }
        | TlsError::NoneInFile(path)
        | TlsError::NoneInFolder(path) => {
            let path = quoted(path);
            let remedy = format!(
                "check {path}: --cafile names a file of certificates in PEM or DER, --capath a folder of such files"
            );
            filled(ExitKind::Config, entry!("roots-unusable"), remedy)
        }
        TlsError::Config(_) => with(ExitKind::Config, entry!("roots-unusable")),
    }
}

pub fn client_certificate(error: &ClientCertificateError) -> Policy {
    use ClientCertificateError as Error;
    let entry = entry!("client-certificate-unusable");
    match error {
        Error::OpenToOthers { path, .. } => open_to_others(path),
        Error::Read { .. } => with(ExitKind::NoInput, entry),
        Error::Encrypted { source: KeyError::NeedsPassphrase | KeyError::WrongPassphrase, .. } => {
            let remedy = "give the passphrase with --cert-key-passphrase-file FILE, or decrypt the key with `openssl pkey -in KEY \
                          -out NEW.pem`";
            filled(ExitKind::Config, entry, remedy)
        }
        Error::Encrypted { path, .. } => {
            filled(ExitKind::Config, entry, format!("decrypt it with `openssl pkey -in {} -out NEW.pem`", quoted(path)))
        }
        Error::OfDevice { .. } => {
            let remedy = "make another key for the client certificate, with `openssl genpkey -algorithm EC -pkeyopt \
                          ec_paramgen_curve:P-256 -out NEW.pem`";
            filled(ExitKind::Refused, entry, remedy)
        }
        Error::Mismatch { .. } => {
            filled(ExitKind::Config, entry, "name the key that the certificate was made for with --cert-key FILE")
        }
        Error::Certificate(_) | Error::NoKey(_) | Error::Kind(_) => with(ExitKind::Config, entry),
    }
}

pub fn market_url(error: &MarketUrlError) -> Policy {
    let remedy = match error {
        MarketUrlError::Page => {
            "leave the page's path out: write http://HOST:PORT, or https://HOST/PATH for a marketplace below a path"
        }
        _ => "write http://HOST:PORT or https://HOST; the log-in goes into --user and --login-password-file",
    };
    filled(ExitKind::Data, entry!("bad-address"), remedy)
}
