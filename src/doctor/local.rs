//! The checks that need no network: configuration, names, credential, token.

use std::fmt::Display;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::str::FromStr;
use std::time::SystemTime;

use super::finding::{Check, Finding, Fix, Status};
use super::run::{DoctorRun, length, signer};
use crate::access;
use crate::agent::{client, socket};
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::config::{Config, File, Setting, env};
use crate::fsio;
use crate::guard::source::{Given, SourceError};
use crate::guard::{Password, PasswordKind, Refusal};
use crate::key::{self, FORM_MAX_CHARS, KeyError, PublicKey};
use crate::login::secret::check_password;
use crate::login::{Candidate, CredentialFile, LoginSecret, SecretOrigin, default_broker};
use crate::market::hub::USER_MAX_CHARS;
use crate::market_url::MarketUrl;
use crate::name::{DeviceName, TOPIC_MAX_CHARS, Topic};
use crate::rotation;
use crate::shell::quoted;
use crate::signer::{Signer, SignerError};
use crate::token::{Lifetime, Token};

pub(super) fn examine(run: &mut DoctorRun<'_>) {
    let finding = configuration(run);
    run.add(finding);
    let finding = names(run);
    run.add(finding);
    let finding = credential(run);
    run.add(finding);
    let finding = token(run);
    run.add(finding);
}

fn shown<T: Display>(what: &str, setting: Option<&Setting<T>>) -> String {
    match setting {
        Some(setting) => format!("{what} {} ({})", setting.value, setting.origin),
        None => format!("no {what} is given"),
    }
}

/// Parses an address, and shows it only if it is valid: an invalid one may hold a password.
fn address<T: FromStr + Display>(
    what: &str,
    setting: Option<Setting<String>>,
    evidence: &mut Vec<String>,
) -> Result<Option<T>, T::Err> {
    let Some(Setting { value, origin }) = setting else {
        evidence.push(shown::<T>(what, None));
        return Ok(None);
    };
    let read = value.parse::<T>();
    evidence.push(match &read {
        Ok(address) => format!("{what} {address} ({origin})"),
        Err(_) => format!("the {what}'s address cannot be read ({origin})"),
    });
    read.map(Some)
}

fn configuration(run: &mut DoctorRun<'_>) -> Finding {
    const CHECK: Check = Check::Configuration;
    let config = match Config::load(&run.request.selection) {
        Ok(config) => config,
        Err(error) => return Finding::said(CHECK, error),
    };
    let file = config.places.config_file().to_path_buf();
    let mut evidence = vec![match file.exists() {
        true => format!("configuration {}", file.display()),
        false => format!("configuration {}, which does not exist", file.display()),
    }];
    let device = config.find_device(run.request.device.clone());
    run.device = device.as_ref().ok().map(|setting| setting.value.clone());
    let market = config.market(run.request.market.clone());
    let broker = config.broker(run.request.broker.clone(), run.device.as_ref());
    let market = address::<MarketUrl>("marketplace", market, &mut evidence);
    let broker = address::<BrokerUrl>("broker", broker, &mut evidence);
    evidence.push(shown("user", config.user(run.request.user.clone(), run.request.market.as_deref()).as_ref()));
    // A device of another marketplace has its broker there.
    let home = config.market_of(run.device.as_ref()).filter(|_| run.request.market.is_none());
    let home = home.and_then(|home| home.value.parse().ok());
    run.broker = match (&market, &broker) {
        (_, Ok(Some(url))) => Some(url.clone()),
        (Ok(Some(url)), Ok(None)) => Some(default_broker(home.as_ref().unwrap_or(url))),
        _ => None,
    };
    evidence.push(agent(&config));
    let held_in_vain = held_in_vain(&config);
    run.config = Some(config);
    let finding = match (device, market, broker) {
        (Err(error), ..) => Finding::said(CHECK, error),
        (_, Err(error), _) => Finding::said(CHECK, error),
        (_, _, Err(error)) => Finding::said(CHECK, error),
        (Ok(_), Ok(None), Ok(None)) => {
            Finding::wrong(CHECK, entry!("no-broker"), "neither a broker nor a marketplace is known")
        }
        (Ok(device), ..) => {
            let origin = if run.request.device.is_some() { "as given".into() } else { device.origin.to_string() };
            let summary = format!("device {} ({origin})", device.value);
            match open_for_writing(&file).or(held_in_vain) {
                Some(finding) => finding.seen([summary]),
                None => Finding::ok(CHECK, summary),
            }
        }
    };
    finding.seen(evidence)
}

/// Reports whether an agent is running, and which devices it is logged in as: a message through it needs no log-in.
fn agent(config: &Config) -> String {
    match client::status(&socket::place(&config.places)) {
        Ok(status) => {
            let connected = status.devices.iter().filter(|device| device.connected);
            let names: Vec<&str> = connected.map(|device| device.device.as_str()).collect();
            let held = if names.is_empty() {
                "logged in as no device".into()
            } else {
                format!("logged in as {}", names.join(", "))
            };
            format!("an agent is running (process {}), {held}", status.pid)
        }
        Err(why) => why.to_string(),
    }
}

/// Returns the risk of unknown keys: something else was probably meant.
fn held_in_vain(config: &Config) -> Option<Finding> {
    let told = |file: &File| {
        let file_name = file.path.display().to_string();
        file.unused_settings.iter().map(|unused_setting| format!("{file_name}, {unused_setting}")).collect::<Vec<_>>()
    };
    let mut told = config.files().into_iter().flat_map(told);
    let first = told.next()?;
    Some(Finding::risk(Check::Configuration, entry!("setting-unknown"), first).seen(told))
}

/// Returns the risk of a configuration that others can write to.
fn open_for_writing(file: &Path) -> Option<Finding> {
    let metadata = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file)?;
    let mode = metadata.permissions().mode() & 0o7777;
    let summary = format!(
        "others can write to {} (mode {mode:04o}), and so redirect the passwords to another broker",
        file.display()
    );
    let finding = Finding::risk(Check::Configuration, entry!("file-open-to-others"), summary);
    let finding = match access::may_be_changed(file) {
        true => finding
            .remedy(format!("run `chmod go-w {}`", quoted(&file.display().to_string())))
            .with_fix(Fix::Writers(file.into())),
        false => finding.remedy("name a configuration that only you can write to with --config FILE"),
    };
    (mode & 0o022 != 0).then_some(finding)
}

fn names(run: &mut DoctorRun<'_>) -> Finding {
    let finding = device_and_topic(run);
    let Some(id) = &run.request.client_id else { return finding };
    match client_id(id) {
        None => finding.seen([format!("client id {id}")]),
        Some(wrong) if finding.status == Status::Wrong => finding.seen([wrong.summary]),
        Some(wrong) => wrong.seen(finding.evidence),
    }
}

/// Returns what is wrong with a client id, if anything.
pub(super) fn client_id(id: &str) -> Option<Finding> {
    const CHECK: Check = Check::Names;
    if id.is_empty() {
        return Some(Finding::wrong(CHECK, entry!("client-id-empty"), "the client id is empty"));
    }
    let is_dropped = id.contains(['+', '#', '/', '\0']);
    is_dropped.then(|| Finding::wrong(CHECK, entry!("client-id"), format!("invalid client id '{id}'")))
}

fn device_and_topic(run: &mut DoctorRun<'_>) -> Finding {
    const CHECK: Check = Check::Names;
    let mut evidence = Vec::new();
    let Some(device) = &run.device else {
        return match run.request.topic.as_ref().map(|topic| topic.parse::<Topic>()) {
            Some(Err(error)) => Finding::said(CHECK, error),
            _ => Finding::skipped(CHECK, "no device is given"),
        };
    };
    evidence.push(format!("user {}, hub {}, device {}", device.user(), device.hub(), device.short()));
    if let Some(finding) = long_user(run, device) {
        return finding.seen(evidence);
    }
    let Some(text) = &run.request.topic else {
        return Finding::ok(CHECK, format!("{device} is a full device name; no topic is given")).seen(evidence);
    };
    let topic = match device.topic(text) {
        Ok(topic) => topic,
        Err(error) => return Finding::said(CHECK, error).seen(evidence),
    };
    let chars = topic.as_str().chars().count();
    evidence.push(format!("the topic has {chars} of at most {TOPIC_MAX_CHARS} characters"));
    let finding = if topic.hub() != device.hub().as_str() {
        outside(device, &topic)
    } else if let Some(why) = topic.impossible_as_product() {
        let entry = if chars > TOPIC_MAX_CHARS { entry!("topic-too-long") } else { entry!("topic-placeholder") };
        Finding::wrong(CHECK, entry, why)
    } else {
        Finding::ok(CHECK, format!("{device} may use the topic {topic}"))
    };
    run.topic = Some(topic);
    finding.seen(evidence)
}

/// Returns the finding if the name of the device's user, or of the log-in's, is too long for hubs.
fn long_user(run: &DoctorRun<'_>, device: &DeviceName) -> Option<Finding> {
    let named = |config: &Config| config.user(run.request.user.clone(), run.request.market.as_deref());
    let account = run.config.as_ref().and_then(named).map(|setting| setting.value);
    let users = [Some(device.user().to_string()), account];
    let length =
        users.into_iter().flatten().map(|user| user.chars().count()).find(|length| *length > USER_MAX_CHARS)?;
    let summary = format!("the user name has {length} characters: I3 creates no hubs for names over {USER_MAX_CHARS}");
    Some(Finding::wrong(Check::Names, entry!("user-name-too-long"), summary))
}

/// The topic is not in the hub of the device's name: it may still be permitted, which the product's form or a
/// message shows.
fn outside(device: &DeviceName, topic: &Topic) -> Finding {
    let hub = device.hub();
    if device.may_use(topic) {
        let summary = format!("the topic {topic} has the hub {hub} in another spelling");
        return Finding::risk(Check::Names, entry!("topic-case"), summary).remedy(format!(
            "publish to {hub}/{}, or see in `{{i3}} product list` that {topic} exists in this spelling",
            topic.product()
        ));
    }
    let summary = format!(
        "{topic} is not a topic of {device}'s hub, {hub}: it is permitted only if an edited product of the hub has it as \
         its title"
    );
    Finding::risk(Check::Names, entry!("topic-outside-hub"), summary).remedy(outside_remedy(device, topic))
}

pub(super) fn outside_remedy(device: &DeviceName, topic: &Topic) -> String {
    format!("use a device of {}, or publish to a topic of {}", topic.hub(), device.hub())
}

fn credential(run: &mut DoctorRun<'_>) -> Finding {
    const CHECK: Check = Check::Credential;
    let Some(config) = run.config.clone() else { return Finding::skipped(CHECK, "there is no configuration") };
    let Some(device) = run.device.clone() else { return Finding::skipped(CHECK, "no device is given") };
    let mut evidence = Vec::new();
    let key = run.request.key.clone().or_else(|| config.key_file(&device));
    let named = run.request.password_file.clone().map(SecretOrigin::PasswordFile);
    let named = named.or_else(|| run.request.key.clone().map(SecretOrigin::KeyFile));
    let origins = named.map_or_else(
        || {
            let pending = pending(&config, &device, &mut evidence);
            SecretOrigin::list(env::PASSWORD, &config, Some(&device), key.clone(), pending)
        },
        |named| vec![named],
    );
    let mut unusable = None;
    for origin in origins {
        match candidate(run, origin, key.as_deref(), &mut evidence) {
            Ok(found) => run.candidates.extend(found),
            // The first is the one that the seller means; later ones are only skipped.
            Err(finding) if run.candidates.is_empty() && unusable.is_none() => unusable = Some(*finding),
            Err(finding) => evidence.push(format!("skipped: {}", finding.summary)),
        }
    }
    let finding = match (unusable, run.candidates.split_first()) {
        (Some(finding), _) => finding,
        (None, Some((first, others))) => {
            let what = match &first.secret {
                LoginSecret::Key(_) => "a key, for tokens",
                LoginSecret::Password(_) if first.secret.is_token() => "a token",
                LoginSecret::Password(_) => "a password",
            };
            evidence.extend(others.iter().map(|other| format!("tried next: {}", other.origin)));
            Finding::ok(CHECK, format!("{}: {what}", first.origin))
        }
        (None, None) => Finding::wrong(CHECK, entry!("no-credentials"), format!("no credential is known for {device}")),
    };
    finding.seen(evidence)
}

/// Returns the credential that an unfinished rotation of the device has made.
fn pending(config: &Config, device: &DeviceName, evidence: &mut Vec<String>) -> Option<CredentialFile> {
    match rotation::pending(&config.places, device) {
        Ok(pending) => {
            let pending = pending?;
            evidence.push(format!("a rotation is not finished: {} is tried as well", pending.path.display()));
            Some(pending)
        }
        Err(error) => {
            evidence.push(format!("{error}; a rotation may be unfinished"));
            None
        }
    }
}

/// Reads and checks the credential of one origin; the error says why it cannot be used.
fn candidate(
    run: &mut DoctorRun<'_>,
    origin: SecretOrigin,
    key: Option<&Path>,
    evidence: &mut Vec<String>,
) -> Result<Option<Candidate>, Box<Finding>> {
    let secret = match &origin {
        SecretOrigin::KeyFile(path) => Some(key_in(run, path, evidence)?.into()),
        _ => password_of(run, &origin, key, evidence)?.map(LoginSecret::Password),
    };
    Ok(secret.map(|secret| Candidate { secret, origin }))
}

fn key_in(run: &mut DoctorRun<'_>, path: &Path, evidence: &mut Vec<String>) -> Result<Signer, Box<Finding>> {
    const CHECK: Check = Check::Credential;
    let key = signer(&mut *run.host, path).map_err(|error| {
        let is_exposed =
            matches!(error.downcast_ref(), Some(KeyError::OpenToOthers { .. })) && access::may_be_changed(path);
        let finding = Finding::said(CHECK, error);
        Box::new(if is_exposed { finding.with_fix(Fix::Rights(path.into())) } else { finding })
    })?;
    let said = |error: SignerError| Box::new(Finding::said(CHECK, error));
    let public = key.public();
    let (kind, body) = (format!("RSA, {} bits", public.bits()), public.body().len());
    // The mode of standard input means nothing, and there is no file beside it.
    let is_file = path != Path::new(key::STDIN);
    match &key {
        Signer::Key(_) => {
            let mode = std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode() & 0o7777);
            let mode = if is_file { format!("mode {mode:04o}, ") } else { String::new() };
            evidence.push(format!("key {}: {kind}, {mode}{}", path.display(), public.fingerprint()));
        }
        Signer::Hardware(hardware) => {
            key.check().map_err(said)?;
            evidence.push(format!("{}: {kind}, signs, {}", hardware.name(), public.fingerprint()));
            evidence.extend_from_slice(hardware.facts());
        }
    }
    evidence.push(format!("its public half has {body} of at most {FORM_MAX_CHARS} characters"));
    if body > FORM_MAX_CHARS {
        let summary = format!(
            "the public half of the key ({} bits) has {body} characters: the marketplace stores at most {FORM_MAX_CHARS}",
            public.bits()
        );
        return Err(Box::new(Finding::wrong(CHECK, entry!("key-too-long"), summary)));
    }
    let device = run.device.as_ref().map_or("DEVICE", DeviceName::as_str);
    if is_file {
        check_public_half(path, public, device, evidence)?;
    }
    Ok(key)
}

/// Checks that the file beside the key holds its public half, if there is one.
fn check_public_half(
    path: &Path,
    public: &PublicKey,
    device: &str,
    evidence: &mut Vec<String>,
) -> Result<(), Box<Finding>> {
    let beside = key::public_path(path);
    let other = match std::fs::read(&beside).ok().map(|bytes| PublicKey::from_text(&bytes)) {
        None => return Ok(()),
        Some(Ok(other)) if other == *public => {
            evidence.push(format!("{} is its public half", beside.display()));
            return Ok(());
        }
        Some(other) => other.map_or_else(|error| error.to_string(), |other| other.fingerprint()),
    };
    let summary = format!("{} is not the public half of {}", beside.display(), path.display());
    let (key, half) = (quoted(&path.display().to_string()), quoted(&beside.display().to_string()));
    let finding = Finding::wrong(Check::Credential, entry!("key-pair-apart"), summary).remedy(format!(
        "write the public half again with `{{i3}} pubkey --key {key} --format pem > {half}`; if the device was \
         registered with the other key, register this one with `{{i3}} device passwd '{device}' --key {key}`"
    ));
    Err(Box::new(finding.seen([format!("{}: {other}", beside.display())])))
}

fn password_of(
    run: &mut DoctorRun<'_>,
    origin: &SecretOrigin,
    key: Option<&Path>,
    evidence: &mut Vec<String>,
) -> Result<Option<Password>, Box<Finding>> {
    let unusable = |finding: Finding| Box::new(finding.seen([origin.to_string()]));
    let typed = match origin.file().filter(|path| fsio::is_terminal(path)) {
        Some(terminal) => {
            run.host.password(terminal).map_err(|error| unusable(Finding::said(Check::Credential, error)))?
        }
        None => None,
    };
    let typed = typed.map(|secret| Given { secret, notes: Vec::new() });
    let given = typed.map_or_else(|| origin.read(), |typed| Ok(Some(typed))).map_err(|error| {
        match (&error, origin.file()) {
            (SourceError::OpenToOthers { .. }, Some(file)) if access::may_be_changed(file) => {
                let fix = Fix::Rights(file.into());
                unusable(Finding::said(Check::Credential, error).with_fix(fix))
            }
            _ => unusable(Finding::said(Check::Credential, error)),
        }
    })?;
    evidence.extend(given.iter().flat_map(|given| given.notes.clone()));
    let password = given.map(|given| check_password(given.secret, key)).transpose();
    password.map_err(|refusal| {
        let is_token = matches!(
            refusal,
            Refusal::Token(_) | Refusal::ForeignToken | Refusal::TokenWithExtraText | Refusal::BrokenToken
        );
        let finding = Finding::said(Check::Credential, refusal);
        match (origin.file(), key) {
            // A new token can be written there only if the key that signs it is available.
            (Some(file), Some(_)) if is_token && access::may_be_changed(file) => {
                unusable(finding.with_fix(Fix::Token(file.into())))
            }
            _ => unusable(finding),
        }
    })
}

fn token(run: &DoctorRun<'_>) -> Finding {
    const CHECK: Check = Check::Token;
    let Some(first) = run.candidates.first() else { return Finding::skipped(CHECK, "there is no credential") };
    let password = match &first.secret {
        LoginSecret::Key(_) => {
            let now = humantime::format_rfc3339_seconds(SystemTime::now());
            let lifetime = Lifetime::DEFAULT;
            let summary = format!("a new one is made for each log-in: iss, iat, exp, valid for {lifetime}");
            return Finding::ok(CHECK, summary).seen([format!("this machine's time is {now}")]);
        }
        LoginSecret::Password(password) if password.kind() == PasswordKind::Password => {
            return Finding::ok(CHECK, "not needed: the device has a password");
        }
        LoginSecret::Password(password) => password,
    };
    let Some(token) = Token::parse(password.expose()) else { return Finding::unknown(CHECK, "there is no token") };
    let claims: Vec<String> = token.claims.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let evidence = [format!("claims: {}", claims.join(", "))];
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs() as i64);
    let left = token.expiry().map(|exp| std::time::Duration::from_secs(exp.saturating_sub(now).max(0) as u64));
    let finding = match password.notes().first() {
        None => Finding::ok(CHECK, format!("{} left", length(left.unwrap_or_default()))),
        Some(fault) => {
            use crate::token::Fault;
            let entry = match fault {
                Fault::IssuedInFuture(_) => entry!("clock"),
                Fault::ExtraClaims(_) => entry!("token-claims"),
                _ => entry!("token-without-end"),
            };
            let finding = Finding::risk(CHECK, entry, fault.to_string());
            // Claims that I3 ignores do no harm.
            if matches!(fault, Fault::ExtraClaims(_)) {
                Finding { status: Status::Ok, cause: None, ..finding }
            } else {
                finding
            }
        }
    };
    finding.seen(evidence)
}
