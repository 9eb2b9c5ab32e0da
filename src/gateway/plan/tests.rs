//! Valid files, and the errors about others.

use std::fs;
use std::time::Duration;

use super::*;

fn configured() -> Vec<DeviceName> {
    ["alice$parking$bay1", "alice$parking$bay2", "alice$parking$lot1", "alice$roof$bay2"]
        .map(|name| name.parse().unwrap())
        .into()
}

fn device(name: &str) -> Result<DeviceName, String> {
    match name {
        "lot1" => Ok("alice$parking$lot1".parse().unwrap()),
        "bay2" => Err("'bay2' matches more than one device".into()),
        other => Err(format!("no device '{other}' is configured")),
    }
}

fn read(text: &str) -> Result<Plan, PlanError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    fs::write(&file, text).unwrap();
    Plan::read(&file, &configured(), device)
}

const HOUSE: &str = "[[source]]\nname = 'house'\nurl = 'mqtt://h'\n";
const ROUTE: &str = "[[route]]\nfrom = 'house'\nmatch = 'a/+'\ndevice = 'lot1'\ntopic = 'alice/parking/{1}'\n";

#[test]
fn a_plan_has_its_defaults() {
    let plan = read(&format!("{HOUSE}{ROUTE}max_rate = '30/m'\nstamp = 'json:at'\npayload = '.v'")).unwrap();
    let SourceKind::Mqtt(house) = &plan.sources[0].kind else { panic!("{plan:?}") };
    assert_eq!((house.url.port, house.qos, house.version), (1883, QoS::AtLeastOnce, Version::V311));
    assert_eq!((house.client_id.as_str(), house.retained), (CLIENT_ID, false));
    let route = &plan.routes[0];
    assert_eq!(route.interval, Some(Duration::from_secs(2)));
    assert_eq!((route.stamp.as_deref(), route.retain), (Some("at"), false));
    assert!(plan.rejects.is_none());
    assert!(matches!(&plan.doubts[..], [doubt] if doubt.contains("only where that is a JSON object")), "{plan:?}");
    let shared = read(&format!("{HOUSE}share = 'i3'\nclient_id = 'east'\n{ROUTE}")).unwrap();
    assert!(matches!(&shared.sources[0].kind, SourceKind::Mqtt(mqtt) if mqtt.version == Version::V5));
}

#[test]
fn paths_stand_against_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    fs::write(&file, format!("rejects = 'r.jsonl'\n{HOUSE}user = 'u'\npassword_file = 'pw'\ncafile = '/ca'\ncert = 'c'\nproxy = 'socks5h://p'\n{ROUTE}"))
        .unwrap();
    let plan = Plan::read(&file, &configured(), device).unwrap();
    assert_eq!(plan.rejects, Some(folder.path().join("r.jsonl")));
    let SourceKind::Mqtt(house) = &plan.sources[0].kind else { panic!("{plan:?}") };
    assert_eq!(house.login.password_file, Some(folder.path().join("pw")));
    assert_eq!(house.login.cafile.as_deref(), Some(Path::new("/ca")));
    assert_eq!(house.login.cert, Some(folder.path().join("c")));
    assert_eq!(house.route.proxy.as_ref().map(ToString::to_string).as_deref(), Some("socks5h://p:1080"));
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let source = |more: &str| format!("{HOUSE}{more}\n{ROUTE}");
    let route = |key: &str, value: &str| {
        let line = ROUTE.lines().find(|line| line.starts_with(key)).unwrap();
        format!("{HOUSE}{}", ROUTE.replace(line, &format!("{key} = '{value}'")))
    };
    for (text, says) in [
        (String::new(), "it has no [[source]]; it has no [[route]]"),
        (format!("{HOUSE}{HOUSE}{ROUTE}"), "source 'house' is given twice"),
        (source("cert_key = 'k'"), "it has a cert_key and no cert"),
        (source("proxy = 'socks5://p'"), "only socks5h:// leaves the look-up"),
        (source("proxy = 'socks5h://ann:hunter2@p'"), "its proxy holds a user or a password"),
        (source("qos = 3"), "source 'house': qos is 0, 1 or 2"),
        (source("share = 'i3'"), "source 'house': with share it needs a client_id of its own"),
        (source("share = 'a/b'\nclient_id = 'x'"), "share is the name of a group"),
        (source("client_id = 'a/b'"), "client_id is not an id"),
        (source("stream = 's'"), "'stream' is a key of a NATS server"),
        (source("password_file = 'x'"), "it has a password_file and no user"),
        (source("token_file = 'x'"), "'token_file' is a key of a NATS server"),
        (
            format!("[[source]]\nname = 'house'\nurl = 'mqtt://ann:hunter2@h'\n{ROUTE}"),
            "source 'house': its url holds a user or a password; give user and password_file instead",
        ),
        (
            format!("[[source]]\nname = 'house'\nurl = 'http://h'\n{ROUTE}"),
            "source 'house': a broker's address must begin with",
        ),
        (route("from", "plant"), "route 1 (a/+ from plant): there is no such source"),
        (route("match", "a/b+"), "match is not a valid filter: a wildcard must be a whole level"),
        (
            route("match", "$share/g/a/+"),
            "messages come without its first part; to share them, write share = \"GROUP\"",
        ),
        (route("device", "lot9"), "no device 'lot9' is configured"),
        (route("device", "bay{2}"), "device: the filter has no wildcard {2} for a single level"),
        (route("device", "lot{1"), "device: only one number may stand in braces"),
        (route("device", "gate{1}"), "no device 'gate{1}' is configured"),
        (route("device", "bay{1}"), "'bay2' matches more than one device"),
        (route("topic", "alice/parking/{2}"), "topic: it has {2}, and the filter has no wildcard with this number"),
        (route("topic", "alice/{x"), "topic: only a number may stand in braces"),
        (route("topic", "bob/garden/x"), "publishes to topics of its own hub only, alice/parking/PRODUCT"),
        (format!("{HOUSE}{ROUTE}max_rate = 'fast'"), "max_rate: write a rate such as 100/s"),
        (format!("{HOUSE}{ROUTE}payload = '..'"), "payload: '..' does not name a field; write \".value\""),
        (format!("{HOUSE}{ROUTE}stamp = 'v5'"), "stamp: write \"json:FIELD\""),
    ] {
        let said = read(&text).unwrap_err().to_string();
        assert!(said.contains(says), "{says}: {said}");
    }
    let unknown = format!("{:#}", anyhow::Error::new(read(&format!("{HOUSE}{ROUTE}colour = 'red'")).unwrap_err()));
    assert!(unknown.contains("line 9") && !unknown.contains("red"), "{unknown}");
    let syntax = |more: &str| match read(&format!("{HOUSE}{more}\n{ROUTE}")) {
        Err(PlanError::Syntax { source, .. }) => source.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(syntax("version = 5"), "line 4, column 11, key version: invalid value (expected a text in quotes)");
    assert_eq!(syntax("version = "), "line 4, column 11, key version: this is not TOML");
    let missing = format!("{:#}", anyhow::Error::new(read("[[source]]\nname = 'house'").unwrap_err()));
    assert!(missing.contains("the key url is missing"), "{missing}");
}

#[test]
fn a_route_for_each_device_that_fits() {
    let of = |device: &str, more: &str| {
        let route = ROUTE.replace("{1}", "{1}-{2}").replace("a/+", "a/+/+").replace("lot1", device);
        read(&format!("{HOUSE}{route}{more}")).unwrap()
    };
    let plan = of("alice$parking$bay{1}", "max_rate = '1/s'");
    let routes: Vec<_> = plan.routes.iter().map(|route| (route.filter.as_str(), route.device.as_str())).collect();
    assert_eq!(routes, [("a/1/+", "alice$parking$bay1"), ("a/2/+", "alice$parking$bay2")]);
    assert_eq!(plan.routes[1].topic.to_string(), "alice/parking/2-{1}");
    assert!(plan.routes.iter().all(|route| route.interval.is_some()) && plan.doubts.is_empty());
    assert_eq!(of("lot{2}", "").routes[0].filter.as_str(), "a/+/1");
}

#[test]
fn doubts_are_told() {
    let other = ROUTE.replace("a/+", "a/b").replace("{1}", "x");
    let plan = read(&format!(
        "{HOUSE}qos = 0\n[[source]]\nname = 'idle'\nurl = 'mqtt://h'\n{ROUTE}{other}stamp = 'json:at'\npayload = '.v'"
    ))
    .unwrap();
    let told = plan.doubts.join("\n");
    for says in [
        "from the source 'idle'",
        "routes 1 and 2 of alice$parking$lot1 overlap",
        "at QoS 0 the source 'house'",
        "route 2 puts the time into the field .v, which works only where that is a JSON object",
    ] {
        assert!(told.contains(says), "{told}");
    }
}

/// `I3_RENEW=1 cargo test rendered` renews it.
#[test]
fn the_rendered_schema_is_in_step() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/i3-gateway.schema.json");
    let schema = schemars::schema_for!(PlanFile);
    let rendered = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("I3_RENEW").is_some() {
        fs::write(&path, &rendered).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == rendered, "{} is not what is rendered; renew with I3_RENEW=1", path.display());
}

#[test]
fn a_nats_source_needs_the_feature_and_is_checked() {
    let source = |url: &str, more: &str| {
        let table = format!("[[source]]\nname = 'plant'\nurl = '{url}'\nstream = 'SENSORS'\ndurable = 'i3'\n{more}\n");
        let file: PlanFile = toml_edit::de::from_str(&table).unwrap();
        file.source.into_iter().next().unwrap()
    };
    let read = |speaks_nats: bool, url: &str, more: &str| {
        Reader { folder: Path::new("/f"), speaks_nats, problems: Vec::new() }.source(source(url, more))
    };
    let without = read(false, "nats://h", "").unwrap_err();
    assert_eq!(without, "this i3 was built without NATS; build it with --features nats");
    let kind = |url: &str, more: &str| match read(true, url, more).unwrap().kind {
        SourceKind::Nats(nats) => nats,
        SourceKind::Mqtt(mqtt) => panic!("{mqtt:?}"),
    };
    let plant = kind("nats://n1:4222, n2,nats://[::1]:4", "rejects = 'a.b'");
    assert_eq!((&plant.servers[1], plant.servers.len(), plant.tls), (&"n2".to_owned(), 3, false));
    assert!(kind("nats://n1,tls://n2", "").tls && kind("nats://n1", "cafile = 'ca.pem'").tls);
    for (url, more, says) in [
        ("nats://u:p@h", "", "its url holds a user or a password"),
        ("nats://h:x", "", "has an invalid port"),
        ("nats://h,,g", "", "has no host"),
        ("nats://h/x", "", "is not the address of a NATS server"),
        ("nats://h", "qos = 1", "'qos' is a key of an MQTT broker"),
        ("nats://h", "rejects = 'a.*'", "rejects is not a subject"),
        ("nats://h", "user = 'u'\ntoken_file = 't'", "it has both a user and a token_file"),
        ("nats://h", "cert_key = 'k'", "it has a cert_key and no cert"),
    ] {
        let said = read(true, url, more).unwrap_err();
        assert!(said.contains(says) && !said.contains("u:p"), "{url}: {said}");
    }
    assert!(kind("nats://n1", "cert = 'c.pem'").tls);
    let routed = |rejects: &str| {
        let source = read(true, "nats://h", &format!("rejects = '{rejects}'")).unwrap();
        let route =
            toml_edit::de::from_str("from = 'plant'\nmatch = 'plant.>'\ndevice = 'lot1'\ntopic = 'alice/parking/x'");
        routes(&[Rc::new(source)], route.unwrap(), &[], device).map(|_| ()).map_err(|e| e.to_string())
    };
    assert!(routed("plant.rejects").unwrap_err().contains("it takes plant.rejects, "));
    assert_eq!(routed("rejects.plant"), Ok(()));
    let doubts = |url: &str| {
        let source = read(true, url, "user = 'u'").unwrap();
        doubts(&Plan { sources: vec![Rc::new(source)], ..Plan::default() }, &[]).join("\n")
    };
    assert!(doubts("nats://localhost,n2").contains("the connection to n2 is not encrypted"));
    assert!(!doubts("nats://127.0.0.1").contains("encrypted") && !doubts("tls://n2").contains("encrypted"));
}
