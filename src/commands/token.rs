//! `i3 token`: prints a time-limited RS256 JWT, keeps one in a file, or inspects one.

mod file;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use serde_json::json;

use crate::catalogue::entry;
use crate::cli::credential;
use crate::cli::device_argument::OptionalDevice;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::keys::KeyArgs;
use crate::cli::log::LogFormatArgs;
use crate::cli::prompt;
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::guard::source::Content;
use crate::key::KeyError;
use crate::name::DeviceName;
use crate::pkcs11;
use crate::signer::Signer;
use crate::token::{self, FoundToken, LIFETIME_LONG, Lifetime};
use file::{Fresh, TokenFile};

/// Print a time-limited token that logs the device in
///
/// The token is a JSON Web Token signed with RS256, with only the claims iss, iat and exp, as I3's broker
/// accepts it. Any MQTT client sends it as the password. The broker checks it only when a client connects: an open
/// connection outlives it, but the next log-in needs a new one.
///
/// With --out and --renew it keeps a file up to date for MQTT clients that make no tokens themselves, until a signal ends it:
/// it writes another token when half of the time is over, when the clock was set, and after the machine slept. It writes a line
/// on stderr for each. If a renewal fails it says why and tries again; once the token in the file has expired, it ends with
/// that error.
///
/// With --json {"token", "issuer", "expires_at", "key"}; with --out "file" instead of "token".
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 token lot1
  i3 token --key lot1.pem --expires-in 15m
  mosquitto_pub -u 'alice$parking$lot1' -P \"$(i3 token lot1)\" -t alice/parking/occupancy -m 678
  i3 token lot1 --out /run/lot1/token --renew
  i3 token lot1 --key 'pkcs11:token=i3;object=lot1?pin-source=file:/etc/i3/pin'
  i3 token lot1 | i3 token --inspect --key lot1.pem")]
pub struct Token {
    #[command(flatten)]
    device: OptionalDevice,
    #[command(flatten)]
    key: KeyArgs,
    /// Make the token valid for TIME: 90s, 15m, 1h, 1d
    #[arg(long, value_name = "TIME", default_value = "1h", allow_hyphen_values = true)]
    expires_in: String,
    /// Write this issuer (iss) into it instead of the device's name
    #[arg(long, value_name = "TEXT")]
    issuer: Option<String>,
    /// Print no newline after it
    #[arg(short = 'n')]
    no_newline: bool,
    /// Write it to FILE, which only you can read, instead of stdout; replaces an existing token
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Keep a valid token in the file until a signal ends this
    #[arg(long, requires = "out")]
    renew: bool,
    #[command(flatten)]
    log: LogFormatArgs,
    /// Read a token from stdin and show its claims, the time left, and whether the key signed it
    ///
    /// Anything around it is reported and ignored: "Bearer", quotes, line breaks within it, and invisible characters.
    #[arg(long, conflicts_with_all = ["expires_in", "issuer", "no_newline", "out", "renew"])]
    inspect: bool,
}

impl Token {
    /// Whether stderr is a log that a program reads.
    pub fn logs(&self) -> bool {
        self.log.is_json()
    }

    /// Runs the command.
    ///
    /// # Errors
    /// No key file, one that is open to others, a lifetime out of range, a file that cannot be written; with `--inspect` a
    /// token that I3 refuses.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        if self.inspect {
            return self.inspect(ui);
        }
        let lifetime: Lifetime = self.expires_in.parse()?;
        let config = settings::load(ui)?;
        let device = match (&self.key.key, &self.device.name()) {
            // A key that is given needs a device only for the issuer, which I3 ignores.
            (Some(_), name) => config.find_device(name.clone()).ok().map(|d| d.value),
            (None, name) => Some(config.find_device(name.clone())?.value),
        };
        let path =
            self.key.find(&config, device.as_ref()).ok_or_else(|| no_key(device.as_ref().map(|d| d.as_str())))?;
        let key = self.key.read(ui, &path)?;
        if let Some(device) = device.as_ref().filter(|_| self.key.key.is_none()) {
            credential::warn_of_rotation(ui, &config, device);
        }
        if lifetime.duration() > LIFETIME_LONG {
            ui.warn(&format!(
                "anyone who has a token for {lifetime} can log in for as long; only a new key for the device prevents it."
            ));
        }
        let of_device = device.as_ref().map(ToString::to_string);
        let issuer = self.issuer.clone().or(of_device).or(self.device.name()).unwrap_or_else(|| "i3".into());
        let fresh = |key: &Signer| {
            let made = SystemTime::now();
            let token = token::mint(key, &issuer, lifetime, made)?;
            anyhow::Ok(Fresh { token, made, lifetime: lifetime.duration() })
        };
        let end = if self.no_newline { "" } else { "\n" };
        let file = self.out.clone().map(|out| TokenFile::new(out, end)).transpose()?;
        if let Some(file) = file.as_ref().filter(|_| self.renew) {
            let mut key = key;
            return file.keep(ui, || {
                key = self.current(ui, device.as_ref(), &path)?.unwrap_or_else(|| key.clone());
                fresh(&key)
            });
        }
        self.give(ui, &fresh(&key)?, &issuer, &path, file)
    }

    /// Prints the token, or writes it into its file.
    fn give(&self, ui: &Ui, fresh: &Fresh, issuer: &str, key: &Path, file: Option<TokenFile>) -> anyhow::Result<()> {
        let (key, end) = (key.display().to_string(), fresh.end());
        let object = |name: &str, value: &str| {
            let expires = end.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
            let expires_at = humantime::format_rfc3339_seconds(end).to_string();
            // `expires` is the old name of `expires_at`.
            json!({ name: value, "issuer": issuer, "expires_at": expires_at, "expires": expires, "key": key })
        };
        let Some(file) = file else {
            let text = fresh.token.expose();
            if ui.json {
                return ui.object(object("token", text));
            }
            return if self.no_newline { ui.raw(text.as_bytes()) } else { ui.line(text) };
        };
        file.write(&fresh.token)?;
        let file = file.path().display().to_string();
        if ui.json {
            return ui.object(object("file", &file));
        }
        let until = humantime::format_rfc3339_seconds(end);
        ui.remark(&format!("The token in {file} is valid until {until}."));
        Ok(())
    }

    /// Opens the current key, which may have been rotated. `None` if it stays as opened: its passphrase was typed, or it
    /// is not in a file.
    fn current(&self, ui: &Ui, device: Option<&DeviceName>, path: &Path) -> anyhow::Result<Option<Signer>> {
        let config = Config::load(&ui.selection)?;
        let path = self.key.find(&config, device).unwrap_or_else(|| path.into());
        // A pipe cannot be read twice.
        if !pkcs11::is_uri(&path) && path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Ok(None);
        }
        match self.key.read(&ui.muted(), &path) {
            Err(e) if matches!(e.downcast_ref(), Some(KeyError::NeedsPassphrase)) => Ok(None),
            key => key.map(Some),
        }
    }

    fn inspect(self, ui: &Ui) -> anyhow::Result<()> {
        if self.device.name().is_some_and(|name| token::find(&name).is_some()) {
            let message = "a token stands where the device's name belongs: it is read from stdin";
            return Err(CliError::new(ExitKind::Refused, message)
                .because("every user of this machine can see what stands on a command line")
                .hint_of(
                    entry!("private-key-on-command-line"),
                    "give it with `printf %s \"$TOKEN\" | {i3} token --inspect`",
                )
                .into());
        }
        let text = prompt::secret_on_stdin(ui, Content::Text, || prompt::secret(ui, "Token"))?;
        let FoundToken { token, around } = token::find(text.expose()).ok_or_else(|| {
            CliError::new(ExitKind::Data, "stdin holds no JSON Web Token").hint_of(
                entry!("token-claims"),
                "pipe the token itself, as `{i3} token lot1 | {i3} token --inspect` does",
            )
        })?;
        if !around.is_empty() {
            ui.warn(&format!(
                "stdin holds more than the token: {}. The following is about the token only, as a client must send it.",
                around.join(", ")
            ));
        }
        let config = settings::load(ui)?;
        let device = self.device.name().map(|name| config.find_device(Some(name))).transpose()?.map(|d| d.value);
        let key = match self.key.find(&config, device.as_ref()) {
            Some(path) => Some(self.key.read_public_half(ui, &path)?),
            None => None,
        };
        let now = SystemTime::now();
        let signed = key.as_ref().map(|key| token.signed_by(key));
        let faults = token.faults(now);
        print(ui, &token, now, signed, &faults)?;
        let refused = faults.iter().find(|f| f.is_refused()).map(ToString::to_string);
        match refused.or((signed == Some(false)).then(|| "another key signed the token".to_string())) {
            None => Ok(()),
            Some(why) => Err(CliError::new(ExitKind::Refused, "I3's broker would refuse this token")
                .because(why)
                .hint_of(entry!("token-claims"), "make a new one with `{i3} token DEVICE`")
                .into()),
        }
    }
}

/// Prints what a token says, and what is wrong with it.
fn print(
    ui: &Ui,
    token: &token::Token,
    now: SystemTime,
    signed: Option<bool>,
    faults: &[token::Fault],
) -> anyhow::Result<()> {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
    let left = token.expiry().map(|exp| exp.saturating_sub(seconds));
    if ui.json {
        let faults: Vec<_> =
            faults.iter().map(|f| json!({"fault": f.to_string(), "refused": f.is_refused()})).collect();
        return ui.object(json!({
            "header": token.header, "claims": token.claims, "seconds_left": left,
            "signed_by_key": signed, "faults": faults,
        }));
    }
    for (name, value) in token.header.iter().chain(&token.claims) {
        ui.line(&format!("{name:<10} {}", shown(name, value)))?;
    }
    let left = match left {
        None => "valid forever: it has no expiry".into(),
        Some(left) if left > 0 => format!("{} left", length(left)),
        Some(left) => format!("expired {} ago", length(left)),
    };
    ui.line(&format!("{:<10} {left}", "time"))?;
    let signed = match signed {
        None => "not checked: no key was given",
        Some(true) => "by this key",
        Some(false) => "NOT by this key",
    };
    ui.line(&format!("{:<10} {signed}", "signature"))?;
    for fault in faults {
        ui.line(&format!("{:<10} {fault}", if fault.is_refused() { "refused" } else { "note" }))?;
    }
    Ok(())
}

/// Builds the error that there is no key file for `device`.
pub fn no_key(device: Option<&str>) -> CliError {
    let who = device.unwrap_or("this device");
    CliError::new(ExitKind::NoInput, format!("no key file is known for {who}")).hint_of(
        entry!("no-credentials"),
        "give it with --key FILE; a device that was registered by password needs no token",
    )
}

fn shown(name: &str, value: &serde_json::Value) -> String {
    match (name, value.as_i64()) {
        ("exp" | "iat" | "nbf", Some(at)) if (0..=253_402_300_799).contains(&at) => {
            let time = UNIX_EPOCH + std::time::Duration::from_secs(at.unsigned_abs());
            format!("{at}  {}", humantime::format_rfc3339_seconds(time))
        }
        _ => value.to_string(),
    }
}

fn length(seconds: i64) -> humantime::FormattedDuration {
    humantime::format_duration(std::time::Duration::from_secs(seconds.unsigned_abs()))
}
