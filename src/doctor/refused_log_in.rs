//! Why the broker refuses a log-in: what further log-ins show, and what they cannot exclude.

use std::time::SystemTime;

use super::finding::{Check, Finding, Status};
use super::run::DoctorRun;
use super::try_login::try_login;
use crate::catalogue::{Entry, entry};
use crate::clock;
use crate::config::{Config, Device};
use crate::guard::PasswordKind;
use crate::guard::source::{self, Content};
use crate::login::origin::signer_unasked;
use crate::login::secret::check_password;
use crate::login::{Candidate, LoginSecret, SecretOrigin, configured_broker};
use crate::mqtt::connection::Endpoint;
use crate::mqtt::packet::Version;
use crate::name::DeviceName;
use crate::secret::Secret;
use crate::shell::{self, quoted};

/// How many other devices are tried, to see whether the broker accepts anyone.
const OTHERS: usize = 2;

/// Finds the cause of a refusal by further log-ins: the broker has one code for all of them (I3 facts §4). Causes that
/// cannot be excluded remain.
pub(super) async fn why_refused(
    run: &DoctorRun<'_>,
    endpoint: &Endpoint,
    device: &DeviceName,
    mut evidence: Vec<String>,
) -> Finding {
    if let Some(finding) = known_already(run, device, &mut evidence) {
        return finding.seen(evidence);
    }
    let serves_others = serves_others(run, endpoint, &mut evidence).await;
    let mut remains: Vec<&'static Entry> = Vec::new();
    for candidate in &run.candidates {
        match other_form(run, endpoint, device, candidate, &mut evidence).await {
            OtherForm::Proved(entry, summary) => {
                let finding = Finding::wrong(Check::LogIn, entry, summary);
                return finding.remedy(register_again(device, candidate)).seen(evidence);
            }
            OtherForm::Possible(entries) => remains.extend(entries),
            OtherForm::Neither => {}
        }
    }
    remains.extend(not_excluded(run, serves_others, &mut evidence));
    verdict(run, device, serves_others, remains).seen(evidence)
}

/// Returns the cause if an earlier check has found it: the broker's database is down, or this machine's clock is wrong.
fn known_already(run: &DoctorRun<'_>, device: &DeviceName, evidence: &mut Vec<String>) -> Option<Finding> {
    if let Some(down) = run.findings.iter().find(|finding| finding.is_database_down()) {
        let summary =
            format!("the broker refuses the log-in of {device}, as it refuses everyone while its database is down");
        evidence.push(format!("{}: {}", down.check.name(), down.summary));
        return Some(Finding::wrong(Check::LogIn, entry!("database-down"), summary));
    }
    let doubt = clock::doubt(SystemTime::now()).filter(|_| by_token(run))?;
    let summary = format!("the broker refuses the log-in of {device} with a token: {doubt}");
    Some(Finding::wrong(Check::LogIn, entry!("clock"), summary))
}

fn by_token(run: &DoctorRun<'_>) -> bool {
    run.candidates.iter().any(|candidate| candidate.secret.is_token())
}

/// Returns the causes other than the credential and its form that no check has excluded.
fn not_excluded(run: &DoctorRun<'_>, serves_others: bool, evidence: &mut Vec<String>) -> Vec<&'static Entry> {
    let mut remains = Vec::new();
    if !serves_others {
        remains.push(entry!("database-down"));
    }
    if run.status(Check::Device).is_none_or(|status| matches!(status, Status::Unknown | Status::Skipped)) {
        evidence.push("the marketplace's data about the device is unknown".into());
        remains.extend([entry!("device-missing"), entry!("device-doubled"), entry!("device-case-twins")]);
    }
    if run.device.as_ref().is_some_and(|device| !device.as_str().is_ascii()) {
        remains.push(entry!("device-not-ascii"));
    }
    if by_token(run) && run.status(Check::Clock) != Some(Status::Ok) {
        remains.push(entry!("clock"));
    }
    // A device that the hub shows may have lost its log-in (I3 facts §6.1).
    if run.status(Check::Device) != Some(Status::Wrong) {
        remains.push(entry!("device-dead"));
    }
    remains
}

/// Returns the finding once all log-ins are tried: only the credential can be wrong, or it is one of several causes.
fn verdict(run: &DoctorRun<'_>, device: &DeviceName, serves_others: bool, mut remains: Vec<&'static Entry>) -> Finding {
    let first = run.candidates.first();
    let credential = first.map_or("the credential".into(), |candidate| candidate.origin.to_string());
    let device_is_fine = run.status(Check::Device) == Some(Status::Ok);
    if device_is_fine && serves_others && !device.as_str().is_ascii() {
        remains.retain(|entry| *entry != entry!("device-not-ascii"));
        remains.insert(0, entry!("credential-wrong"));
        let summary = format!("the broker refuses {device}, whose name is not ASCII, and accepts others");
        return Finding::wrong(Check::LogIn, entry!("device-not-ascii"), summary).or(&remains);
    }
    if !(device_is_fine && serves_others) {
        remains.insert(0, entry!("credential-wrong"));
        let summary = format!("the broker refuses the log-in of {device} with {credential}");
        let remedy = narrowed(run, device, &remains);
        return Finding::wrong(Check::LogIn, entry!("log-in-refused"), summary).or(&remains).remedy(remedy);
    }
    let summary = format!(
        "the broker refuses {credential} and accepts others: {device} has another credential there, or none any more"
    );
    let finding = Finding::wrong(Check::LogIn, entry!("credential-wrong"), summary).or(&remains);
    match first {
        Some(candidate) => finding.remedy(format!(
            "{}; if the broker does not accept it then, run `{{i3}} device repair '{device}'`",
            register_again(device, candidate)
        )),
        None => finding,
    }
}

/// Returns the command that registers the current credential.
fn register_again(device: &DeviceName, candidate: &Candidate) -> String {
    let option = match &candidate.origin {
        SecretOrigin::KeyFile(path) => format!(" --key {}", quoted(&path.display().to_string())),
        SecretOrigin::PasswordFile(path) => format!(" --password-file {}", quoted(&path.display().to_string())),
        _ => String::new(),
    };
    format!("register it again with `{{i3}} device passwd '{device}'{option}`")
}

/// Returns what to do next if several causes remain.
fn narrowed(run: &DoctorRun<'_>, device: &DeviceName, remains: &[&'static Entry]) -> String {
    match run.status(Check::Device) {
        Some(Status::Wrong) => "correct what the earlier checks found, and run `{i3} doctor` again".into(),
        Some(Status::Ok) if remains.contains(&entry!("database-down")) => format!(
            "run `{{i3}} doctor '{device}' --buyer NAME --buyer-pw-file FILE` with the broker password of an account that \
             has bought something, or on a machine where another device is configured: if the broker accepts that one, its \
             database is up, and only this device is refused"
        ),
        _ => format!("run `{{i3}} doctor '{device}'` with the marketplace's log-in, which tells these causes apart"),
    }
}

/// Whether the broker accepts anyone: the buyer's account, other configured devices. The log-in at the marketplace is not
/// tried: its password never logs in at the broker (I3 facts §6.4), and is never sent there.
async fn serves_others(run: &DoctorRun<'_>, endpoint: &Endpoint, evidence: &mut Vec<String>) -> bool {
    let mut tried = false;
    let mut others: Vec<(String, Secret)> = run.request.buyer.iter().cloned().collect();
    if let (Some(config), Some(own)) = (&run.config, &run.device) {
        let known = config.devices().into_iter().filter(|(name, _)| name != own && on(config, name, endpoint));
        others.extend(
            known.filter_map(|(name, device)| Some((name.to_string(), secret_of(config, &name, device)?))).take(OTHERS),
        );
    }
    for (user, password) in others {
        match try_login(run, endpoint, Version::V311, &user, &password).await {
            Ok(connection) => {
                let _ = connection.close().await;
                evidence.push(format!("the broker accepts {user}: it refuses only the device"));
                return true;
            }
            Err(error) => {
                evidence.push(format!("{user}: {error}"));
                tried = true;
            }
        }
    }
    evidence.push(match tried {
        true => "the others that were tried are refused too".into(),
        false => "there is no other user of the broker to try".into(),
    });
    false
}

/// Whether a configured device belongs to this broker: an option or a variable that names another broker must not send the credentials
/// of other devices there.
fn on(config: &Config, name: &DeviceName, endpoint: &Endpoint) -> bool {
    configured_broker(config, name).is_some_and(|url| url == endpoint.url)
}

/// Returns the credential of another device, if it is available without asking the person.
fn secret_of(config: &Config, name: &DeviceName, device: &Device) -> Option<Secret> {
    let secret = match &device.password_file {
        Some(file) => {
            LoginSecret::Password(check_password(source::file(file, Content::Password).ok()?.secret, None).ok()?)
        }
        None => signer_unasked::<anyhow::Error>(&config.key_file(name)?).ok()?.into(),
    };
    secret.connect_password(name.as_str()).ok()
}

/// Whether the marketplace stores this credential in another form.
enum OtherForm {
    Proved(&'static Entry, String),
    Possible(Vec<&'static Entry>),
    Neither,
}

async fn other_form(
    run: &DoctorRun<'_>,
    endpoint: &Endpoint,
    device: &DeviceName,
    candidate: &Candidate,
    evidence: &mut Vec<String>,
) -> OtherForm {
    match &candidate.secret {
        LoginSecret::Key(key) => {
            // Not a secret: it is the public half.
            let body = Secret::new(key.public().body());
            let accepted = accepts(run, endpoint, device, &body, evidence).await;
            if accepted == Some(true) {
                evidence.push("the text of the public key logs the device in as a password".into());
                let summary = "the key was registered as a password (type 1), so its text has become the password";
                return OtherForm::Proved(entry!("credential-type"), summary.into());
            }
            if accepted.is_none() {
                return OtherForm::Possible(vec![entry!("credential-type"), entry!("key-unusable")]);
            }
            evidence
                .push("the text of the public key is not its password: the key is not registered under type 1".into());
            OtherForm::Possible(vec![entry!("key-unusable")])
        }
        LoginSecret::Password(password) if password.kind() == PasswordKind::Password => {
            let shelled = shell::simulate_shell(password.expose()).password;
            if shelled == password.expose() {
                return OtherForm::Possible(vec![entry!("credential-type")]);
            }
            if !shelled.is_empty()
                && accepts(run, endpoint, device, &Secret::new(shelled), evidence).await == Some(true)
            {
                evidence.push("the password as a shell changes it logs the device in".into());
                let summary = "the password was registered through the marketplace's shell, which changed it";
                return OtherForm::Proved(entry!("password-mangled"), summary.into());
            }
            evidence.push("the password has characters that the marketplace's shell changes".into());
            OtherForm::Possible(vec![entry!("password-mangled"), entry!("credential-type")])
        }
        LoginSecret::Password(_) => OtherForm::Neither,
    }
}

/// Whether the broker accepts the credential in this other form; `None`, with the reason, if it did not answer.
async fn accepts(
    run: &DoctorRun<'_>,
    endpoint: &Endpoint,
    device: &DeviceName,
    password: &Secret,
    evidence: &mut Vec<String>,
) -> Option<bool> {
    match try_login(run, endpoint, Version::V311, device.as_str(), password).await {
        Ok(connection) => {
            let _ = connection.close().await;
            Some(true)
        }
        Err(error) if error.refuses_credential() => Some(false),
        Err(error) => {
            evidence.push(format!("another form of the credential could not be tried: {error}"));
            None
        }
    }
}
