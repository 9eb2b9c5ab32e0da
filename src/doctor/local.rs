//! What needs no network: configuration, names, credential, token.

use std::fmt::Display;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::str::FromStr;
use std::time::SystemTime;

use super::{Candidate, Check, DoctorRun, Finding, Fix, Held, Status, length, read_key};
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::config::{Config, Setting, env};
use crate::guard::source::{self, SourceError};
use crate::guard::{CheckContext, Password, PasswordKind, Refusal};
use crate::key::{self, FORM_MAX_CHARS, KeyError, PrivateKey, PublicKey};
use crate::market::hub::USER_MAX_CHARS;
use crate::market::url::MarketUrl;
use crate::name::{DeviceName, TOPIC_MAX_CHARS, Topic};
use crate::rotation;
use crate::secret::Secret;
use crate::shell::quoted;
use crate::token::{Lifetime, Token};

pub(super) fn examine(e: &mut DoctorRun<'_>) {
    let step = configuration(e);
    e.add(step);
    let step = names(e);
    e.add(step);
    let step = credential(e);
    e.add(step);
    let step = token(e);
    e.add(step);
}

fn shown<T: Display>(what: &str, setting: Option<&Setting<T>>) -> String {
    match setting {
        Some(setting) => format!("{what} {} ({})", setting.value, setting.origin),
        None => format!("no {what} is named"),
    }
}

/// Reads an address, and shows what was read: what cannot be read may hold a password.
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

fn configuration(e: &mut DoctorRun<'_>) -> Finding {
    const CHECK: Check = Check::Configuration;
    let config = match Config::load() {
        Ok(config) => config,
        Err(error) => return Finding::said(CHECK, error),
    };
    let file = config.places.config_file();
    let mut evidence = vec![match file.exists() {
        true => format!("configuration {}", file.display()),
        false => format!("configuration {}, which is not there", file.display()),
    }];
    let device = config.find_device(e.asked.device.clone());
    e.device = device.as_ref().ok().map(|setting| setting.value.clone());
    let market = config.market(e.asked.market.clone());
    let broker = config.broker(e.asked.broker.clone(), e.device.as_ref());
    let market = address::<MarketUrl>("marketplace", market, &mut evidence);
    let broker = address::<BrokerUrl>("broker", broker, &mut evidence);
    evidence.push(shown("user", config.user(e.asked.user.clone()).as_ref()));
    e.config = Some(config);
    e.broker = match (&market, &broker) {
        (_, Ok(Some(url))) => Some(url.clone()),
        (Ok(Some(url)), Ok(None)) => Some(at_market(url)),
        _ => None,
    };
    let step = match (device, market, broker) {
        (Err(error), ..) => Finding::said(CHECK, error),
        (_, Err(error), _) => Finding::said(CHECK, error),
        (_, _, Err(error)) => Finding::said(CHECK, error),
        (Ok(_), Ok(None), Ok(None)) => {
            Finding::wrong(CHECK, entry!("no-broker"), "neither a broker nor a marketplace is known")
        }
        (Ok(device), ..) => {
            let origin = if e.asked.device.is_some() { "as named".into() } else { device.origin.to_string() };
            let summary = format!("device {} ({origin})", device.value);
            match open_for_writing(&file) {
                Some(step) => step.seen([summary]),
                None => Finding::well(CHECK, summary),
            }
        }
    };
    step.seen(evidence)
}

/// A configuration that others can write to.
fn open_for_writing(file: &Path) -> Option<Finding> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o7777;
    let summary = format!(
        "others can write to {} (mode {mode:04o}), and so name another broker, which is sent the passwords",
        file.display()
    );
    let step = Finding {
        status: Status::Risk,
        ..Finding::wrong(Check::Configuration, entry!("file-open-to-others"), summary)
    };
    let step = step.remedy(format!("run `chmod 600 {}`", quoted(&file.display().to_string())));
    (mode & 0o022 != 0).then(|| step.with_fix(Fix::Rights(file.into())))
}

/// The broker where none is named: the marketplace's host, as everywhere.
pub(super) fn at_market(market: &MarketUrl) -> BrokerUrl {
    BrokerUrl { tls: false, host: market.host().into(), port: BrokerUrl::PLAIN_PORT }
}

fn names(e: &mut DoctorRun<'_>) -> Finding {
    let step = device_and_topic(e);
    let Some(id) = &e.asked.client_id else { return step };
    match client_id(id) {
        None => step.seen([format!("client id {id}")]),
        Some(wrong) if step.status == Status::Wrong => step.seen([wrong.summary]),
        Some(wrong) => wrong.seen(step.evidence),
    }
}

/// What is wrong with a client id, if anything is.
pub(super) fn client_id(id: &str) -> Option<Finding> {
    const CHECK: Check = Check::Names;
    if id.is_empty() {
        return Some(Finding::wrong(CHECK, entry!("client-id-empty"), "the client id is empty"));
    }
    let is_dropped = id.contains(['+', '#', '/', '\0']);
    is_dropped.then(|| Finding::wrong(CHECK, entry!("client-id"), format!("'{id}' cannot be a client id")))
}

fn device_and_topic(e: &mut DoctorRun<'_>) -> Finding {
    const CHECK: Check = Check::Names;
    let mut evidence = Vec::new();
    let Some(device) = &e.device else {
        return match e.asked.topic.as_ref().map(|topic| topic.parse::<Topic>()) {
            Some(Err(error)) => Finding::said(CHECK, error),
            _ => Finding::skipped(CHECK, "no device is known"),
        };
    };
    evidence.push(format!("user {}, hub {}, device {}", device.user(), device.hub(), device.short()));
    if let Some(step) = long_user(e, device) {
        return step.seen(evidence);
    }
    let Some(text) = &e.asked.topic else {
        return Finding::well(CHECK, format!("{device} is a full device name; no topic is named")).seen(evidence);
    };
    let topic = match device.topic(text) {
        Ok(topic) => topic,
        Err(error) => return Finding::said(CHECK, error).seen(evidence),
    };
    let chars = topic.as_str().chars().count();
    evidence.push(format!("the topic has {chars} of at most {TOPIC_MAX_CHARS} characters"));
    let step = if !device.may_use(&topic) {
        outside(device, &topic)
    } else if let Some(why) = topic.impossible_as_product() {
        let entry = if chars > TOPIC_MAX_CHARS { entry!("topic-too-long") } else { entry!("topic-placeholder") };
        Finding::wrong(CHECK, entry, why)
    } else {
        Finding::well(CHECK, format!("{device} may have the topic {topic}"))
    };
    e.topic = Some(topic);
    step.seen(evidence)
}

/// The user of the device, or of the log-in, for whom I3 makes no hubs.
fn long_user(e: &DoctorRun<'_>, device: &DeviceName) -> Option<Finding> {
    let account = e.config.as_ref().and_then(|config| config.user(e.asked.user.clone())).map(|setting| setting.value);
    let users = [Some(device.user().to_string()), account];
    let length =
        users.into_iter().flatten().map(|user| user.chars().count()).find(|length| *length > USER_MAX_CHARS)?;
    let summary = format!("the user name has {length} characters: I3 makes no hubs for one over {USER_MAX_CHARS}");
    Some(Finding::wrong(Check::Names, entry!("user-name-too-long"), summary))
}

fn outside(device: &DeviceName, topic: &Topic) -> Finding {
    let hub = device.hub();
    if topic.hub().eq_ignore_ascii_case(hub.as_str()) {
        let summary = format!("the topic {topic} writes the hub {hub} in another case");
        let product = topic.as_str().splitn(3, '/').nth(2).unwrap_or_default();
        return Finding::wrong(Check::Names, entry!("topic-case"), summary)
            .remedy(format!("publish to {hub}/{product}"));
    }
    let summary = format!("{device} may use the topics of its own hub {hub} alone, not {topic}");
    let remedy = format!("name a device of {}, or publish to a topic of {hub}", topic.hub());
    Finding::wrong(Check::Names, entry!("topic-outside-hub"), summary).remedy(remedy)
}

/// What keeps a credential from being used.
struct Unusable(Box<Finding>);

fn credential(e: &mut DoctorRun<'_>) -> Finding {
    const CHECK: Check = Check::Credential;
    let Some(config) = e.config.clone() else { return Finding::skipped(CHECK, "there is no configuration") };
    let Some(device) = e.device.clone() else { return Finding::skipped(CHECK, "no device is known") };
    let mut evidence = Vec::new();
    let key = e.asked.key.clone().or_else(|| config.key_file(&device));
    let password_file = config.device(&device).and_then(|known| known.password_file.clone());
    let mut found = Vec::new();
    // As `pub` takes them: what is named comes alone; else the environment, the key, the password's file.
    if let Some(file) = &e.asked.password_file {
        found.push(password(source::file(file), format!("file {}", file.display()), Some(file), key.as_deref()));
    } else if let Some(file) = &e.asked.key {
        found.push(by_key(e, file, &mut evidence));
    } else {
        let variable = || format!("environment variable {}", env::PASSWORD);
        match source::environment(env::PASSWORD) {
            Ok(None) => {}
            Ok(Some(secret)) => found.push(password(Ok(secret), variable(), None, key.as_deref())),
            Err(error) => found.push(password(Err(error), variable(), None, None)),
        }
        if let Some(file) = &key {
            found.push(by_key(e, file, &mut evidence));
        }
        if let Some(file) = &password_file {
            found.push(password(source::file(file), format!("file {}", file.display()), Some(file), None));
        }
        match rotation::pending(&config.places, &device) {
            Ok(Some((kind, file))) if ![&key, &password_file].contains(&&Some(file.clone())) => {
                evidence.push(format!("a rotation is not finished: {} is tried as well", file.display()));
                found.push(match kind {
                    rotation::SecretKind::Key => by_key(e, &file, &mut evidence),
                    rotation::SecretKind::Password => {
                        password(source::file(&file), format!("file {}", file.display()), Some(&file), None)
                    }
                });
            }
            Ok(_) => {}
            Err(error) => evidence.push(format!("{error}; a rotation may be unfinished")),
        }
    }
    let mut unusable = None;
    for candidate in found {
        match candidate {
            Ok(candidate) => e.candidates.push(candidate),
            // The first that is named is the one that is meant; a later one is only left out.
            Err(Unusable(step)) if e.candidates.is_empty() && unusable.is_none() => unusable = Some(*step),
            Err(Unusable(step)) => evidence.push(format!("left out: {}", step.summary)),
        }
    }
    match (unusable, e.candidates.first()) {
        (Some(step), _) => step.seen(evidence),
        (None, Some(first)) => {
            let what = match (&first.held, first.is_token()) {
                (Held::Key(_), _) => "a key, for tokens",
                (_, true) => "a token",
                _ => "a password",
            };
            let summary = format!("{}: {what}", first.origin);
            let others = e.candidates[1..].iter().map(|other| format!("tried next: {}", other.origin));
            Finding::well(CHECK, summary).seen(evidence).seen(others)
        }
        (None, None) => Finding::wrong(CHECK, entry!("no-credentials"), format!("no credential is known for {device}")),
    }
}

fn by_key(e: &mut DoctorRun<'_>, path: &Path, evidence: &mut Vec<String>) -> Result<Candidate, Unusable> {
    const CHECK: Check = Check::Credential;
    let unusable = |step: Finding| Unusable(Box::new(step));
    let key = read_key(e.around, path).map_err(|error| {
        let rights = matches!(error.downcast_ref(), Some(KeyError::OpenToOthers { .. }));
        let step = Finding::said(CHECK, error);
        unusable(if rights { step.with_fix(Fix::Rights(path.into())) } else { step })
    })?;
    key::check_numbers(&key).map_err(|error| unusable(Finding::said(CHECK, error)))?;
    let public = key.public();
    let body = public.body().len();
    let mode = std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode() & 0o7777);
    evidence.push(format!(
        "key {}: RSA, {} bits, mode {mode:04o}, {}",
        path.display(),
        public.bits(),
        public.fingerprint()
    ));
    evidence.push(format!("its public half has {body} of at most {FORM_MAX_CHARS} characters"));
    if body > FORM_MAX_CHARS {
        let summary =
            format!("the key of {} bits has {body} characters: the marketplace stores {FORM_MAX_CHARS}", public.bits());
        return Err(unusable(Finding::wrong(CHECK, entry!("key-too-long"), summary)));
    }
    let beside = key::public_path(path);
    match std::fs::read_to_string(&beside).ok().map(|text| PublicKey::from_pem(&text)) {
        None => {}
        Some(Ok(other)) if other == *public => evidence.push(format!("{} is its public half", beside.display())),
        Some(other) => {
            let summary = format!("{} is not the public half of {}", beside.display(), path.display());
            let theirs = other.map_or_else(|error| error.to_string(), |other| other.fingerprint());
            let (key, half) = (quoted(&path.display().to_string()), quoted(&beside.display().to_string()));
            let device = e.device.as_ref().map_or("DEVICE", DeviceName::as_str);
            let step = Finding::wrong(CHECK, entry!("key-pair-apart"), summary).remedy(format!(
                "write the public half anew with `{{i3}} pubkey --key {key} --format pem > {half}`; if the device was \
                 registered with the other key, register this one with `{{i3}} device passwd '{device}' --key {key}`"
            ));
            return Err(unusable(step.seen([format!("{}: {theirs}", beside.display())])));
        }
    }
    Ok(Candidate { origin: format!("key {}", path.display()), held: Held::Key(Box::new(key)) })
}

fn password(
    secret: Result<Secret, SourceError>,
    origin: String,
    file: Option<&Path>,
    key: Option<&Path>,
) -> Result<Candidate, Unusable> {
    let unusable = |step: Finding| Unusable(Box::new(step.seen([origin.clone()])));
    let secret = secret.map_err(|error| match (&error, file) {
        (SourceError::OpenToOthers { .. }, Some(file)) => {
            let fix = Fix::Rights(file.into());
            unusable(Finding::said(Check::Credential, error).with_fix(fix))
        }
        _ => unusable(Finding::said(Check::Credential, error)),
    })?;
    // The key matters for tokens alone.
    let is_token = Token::parse(secret.expose()).is_some();
    let signer = key.filter(|_| is_token).and_then(|path| PrivateKey::read(path, || Ok(None)).ok());
    let device_key = signer.as_ref().map(PrivateKey::public);
    let password =
        Password::check(secret, &CheckContext { device_key, now: SystemTime::now() }).map_err(|refusal| {
            let is_token = matches!(
                refusal,
                Refusal::Token(_) | Refusal::ForeignToken | Refusal::TokenWithExtraText | Refusal::BrokenToken
            );
            let step = Finding::said(Check::Credential, refusal);
            match (file, key) {
                // A fresh one takes its place only where the key that signs it is at hand.
                (Some(file), Some(_)) if is_token => unusable(step.with_fix(Fix::Token(file.into()))),
                _ => unusable(step),
            }
        })?;
    Ok(Candidate { origin, held: Held::Password(password) })
}

fn token(e: &DoctorRun<'_>) -> Finding {
    const CHECK: Check = Check::Token;
    let Some(first) = e.candidates.first() else { return Finding::skipped(CHECK, "there is no credential") };
    let password = match &first.held {
        Held::Key(_) => {
            let now = humantime::format_rfc3339_seconds(SystemTime::now());
            let lifetime = Lifetime::DEFAULT;
            let summary = format!("made anew for each log-in: iss, iat, exp, valid for {lifetime}");
            return Finding::well(CHECK, summary).seen([format!("this machine's time is {now}")]);
        }
        Held::Password(password) if password.kind() == PasswordKind::Password => {
            return Finding::well(CHECK, "none is needed: the device has a password");
        }
        Held::Password(password) => password,
    };
    let Some(token) = Token::parse(password.expose()) else { return Finding::unknown(CHECK, "no token") };
    let claims: Vec<String> = token.claims.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let evidence = [format!("claims: {}", claims.join(", "))];
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs() as i64);
    let left = token.expiry().map(|exp| std::time::Duration::from_secs(exp.saturating_sub(now).max(0) as u64));
    let step = match password.notes().first() {
        None => Finding::well(CHECK, format!("{} left", length(left.unwrap_or_default()))),
        Some(fault) => {
            use crate::token::Fault;
            let entry = match fault {
                Fault::IssuedInFuture(_) => entry!("clock"),
                Fault::ExtraClaims(_) => entry!("token-claims"),
                _ => entry!("token-without-end"),
            };
            let step = Finding::risk(CHECK, entry, fault.to_string());
            // Claims that mean nothing to I3 do no harm.
            if matches!(fault, Fault::ExtraClaims(_)) {
                Finding { status: Status::Well, trouble: None, ..step }
            } else {
                step
            }
        }
    };
    step.seen(evidence)
}
