//! What `--json` prints is what `docs/schemas/` describes, of every command and down to the last member.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use i3::cli::ui::SCHEMA;
use i3::mqtt::packet::QoS;
use i3::spool::{Block, Commit, Record, Spool};
use serde_json::{Value, json};

use crate::import::script;
use crate::program::{LONG, LOT1, Outcome, Run, SHORT, TOPIC, TestEnv, key_pem};
use crate::support::gateway::{house, route, write};
use crate::support::http_server::{HttpServer, Reply};
use crate::support::schema::{self, Schema};

/// Commands that print no JSON on stdout.
const SILENT: &[&str] = &["i3 agent stop", "i3 config set", "i3 config unset", "i3 completions"];
/// Schemas of what other tests print.
const ELSEWHERE: &[&str] = &["log"];

/// A command without its options.
fn plain(command: &str) -> String {
    command.split(' ').take_while(|word| !word.starts_with('-')).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_command_has_a_schema() {
    fn walk(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        let path = format!("{path} {}", command.get_name()).trim_start().to_owned();
        command.get_subcommands().for_each(|command| walk(command, &path, found));
        if !command.is_subcommand_required_set() {
            found.insert(path);
        }
    }
    let mut commands = BTreeSet::new();
    walk(&i3::commands::command(), "", &mut commands);
    let schemas = schema::all();
    let described = schemas.iter().flat_map(Schema::commands).filter(|command| command.starts_with("i3 ")).map(plain);
    let mut described: BTreeSet<String> = described.chain(SILENT.iter().map(|command| command.to_string())).collect();
    // Without a command, the program has only one option that prints JSON.
    assert!(described.remove("i3"));
    assert_eq!(described, commands);
}

#[test]
fn members_are_described_with_their_units_and_old_names() {
    for schema in schema::all() {
        assert!(!schema.examples().is_empty() && schema.text("description").ends_with('.'), "{}", schema.name);
        for example in schema.examples() {
            schema.check(example);
        }
        for (path, member) in &schema.members {
            let place = format!("{}: {path}", schema.name);
            let text = member.get("description").and_then(Value::as_str).unwrap_or_default();
            assert!(text.ends_with('.'), "{place}: '{text}'");
            let (before, name) = path.rsplit_once('.').map_or(("", path.as_str()), |(before, name)| (before, name));
            if member.get("deprecated") == Some(&Value::Bool(true)) {
                let new = text.strip_prefix("Old name of ").or_else(|| text.strip_prefix("Old form of ")).unwrap();
                let new = new.split([',', '.']).next().unwrap();
                let new = if before.is_empty() { new.to_owned() } else { format!("{before}.{new}") };
                assert!(schema.members.contains_key(&new), "{place}: there is no {new}");
                continue;
            }
            assert!(!text.starts_with("Old "), "{place} is deprecated");
            let kind = member.get("type").map(Value::to_string).unwrap_or_default();
            let has = |units: &[&str], text: &str| units.iter().any(|unit| text.to_lowercase().contains(unit));
            if kind.contains("integer") || kind.contains("number") {
                let units = ["second", "minute", "hour", "bytes", " bits", "how long", "length"];
                let is_named = has(&["seconds", "bytes", "bits"], name);
                assert!(!has(&units, text) || is_named, "{place} has no unit in its name: '{text}'");
            }
            if kind.contains("string") {
                let is_moment = ["at", "time"].contains(&name) || name.ends_with("_at");
                assert_eq!(member.get("format").is_some(), is_moment, "{place}");
            }
        }
    }
}

/// What was printed so far.
struct Printed {
    schemas: BTreeMap<String, Schema>,
    /// Which members, by the schema.
    members: BTreeMap<String, BTreeSet<String>>,
    /// By which commands.
    commands: BTreeSet<String>,
    /// Which kinds of errors.
    kinds: BTreeSet<String>,
}

impl Printed {
    fn new() -> Printed {
        let schemas = schema::all().into_iter().map(|schema| (schema.name.clone(), schema)).collect();
        Printed { schemas, members: BTreeMap::new(), commands: BTreeSet::new(), kinds: BTreeSet::new() }
    }

    /// A value must be as the schema describes it.
    fn is(&mut self, name: &str, value: &Value) {
        let seen = self.schemas[name].check(value);
        self.members.entry(name.into()).or_default().extend(seen);
    }

    /// The command must succeed with this on stdout, on one line or several. Returns the first.
    fn by(&mut self, name: &str, run: Run) -> Value {
        self.of(name, 0, &run.arg("--json").run())
    }

    /// The command must end with this exit code, and print this, if anything.
    fn of(&mut self, name: &str, code: i32, outcome: &Outcome) -> Value {
        assert_eq!(outcome.code, code, "{outcome}");
        self.stderr(outcome);
        let lines: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        if name.is_empty() {
            assert!(lines.is_empty(), "{outcome}");
            return Value::Null;
        }
        assert!(!lines.is_empty(), "{outcome}");
        lines.iter().for_each(|line| self.is(name, line));
        self.ran(name, &outcome.shown);
        lines[0].clone()
    }

    /// Notes that one of the schema's commands was run, by the words of its command line.
    fn ran(&mut self, name: &str, shown: &str) {
        let is_run = |command: &&str| command.split(' ').skip(1).all(|word| shown.contains(&format!("\"{word}\"")));
        let commands: Vec<String> =
            self.schemas[name].commands().into_iter().filter(is_run).map(String::from).collect();
        assert!(!commands.is_empty(), "{name} is not described as printed by {shown}");
        self.commands.extend(commands);
    }

    fn stderr(&mut self, outcome: &Outcome) {
        for line in outcome.stderr.lines() {
            let said: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {outcome}"));
            match said["error"]["kind"].as_str() {
                Some(kind) => {
                    self.kinds.insert(kind.into());
                    self.is("error", &said);
                }
                None => {
                    assert_eq!(said.as_object().unwrap().len(), 1, "{line}");
                    self.is("note", &said);
                }
            }
        }
        let ends = outcome.stderr.lines().last().is_some_and(|line| line.starts_with("{\"error\":"));
        assert_eq!(ends, outcome.code != 0, "{outcome}");
    }
}

#[test]
fn what_is_printed_is_what_is_described() {
    let mut printed = Printed::new();
    let env = TestEnv::new();
    // They take a while, and most of that they wait.
    let demos = ["demo", "demo gateway"].map(|line| env.i3(line).arg("--json").start());
    keys_and_accounts(&mut printed, &env);
    products(&mut printed, &env);
    trade(&mut printed, &env);
    messages(&mut printed, &env);
    spools(&mut printed, &env);
    long_runs(&mut printed, &env);
    configuration(&mut printed, &env);
    devices(&mut printed, &env);
    errors(&mut printed, &env);
    for demo in demos {
        let outcome = demo.finish();
        // Its commands speak to people.
        printed.of("demo", 0, &outcome);
    }

    for (name, schema) in &printed.schemas {
        if ELSEWHERE.contains(&name.as_str()) {
            continue;
        }
        let seen = printed.members.get(name).unwrap_or_else(|| panic!("{name} was not printed"));
        let unseen: Vec<_> = schema.members.keys().filter(|path| !seen.contains(*path)).collect();
        assert!(unseen.is_empty(), "{name} describes what was not printed: {unseen:?}");
        let shown = schema.commands().into_iter().filter(|command| command.starts_with("i3 "));
        let not_run: Vec<_> = shown.filter(|command| !printed.commands.contains(*command)).collect();
        assert!(not_run.is_empty(), "{name}: {not_run:?} were not run");
        // An object has the number of its shape, or says in its description why not.
        let number = schema.members.get("schema").map(|number| number["const"].as_u64().unwrap());
        let has_none =
            ["on each line", "per line", "names are data"].iter().any(|why| schema.text("description").contains(why));
        let is_array = schema.examples()[0].is_array();
        assert!(number == Some(SCHEMA) || number.is_none() && (has_none || is_array), "{name}");
    }
    let kinds = &printed.schemas["error"].members["error.kind"]["enum"];
    assert_eq!(json!(printed.kinds).as_array().unwrap().len(), kinds.as_array().unwrap().len(), "{:?}", printed.kinds);
    assert!(!printed.members.contains_key("log"));
}

fn keys_and_accounts(printed: &mut Printed, env: &TestEnv) {
    env.secret("lot1.pem", key_pem());
    printed.by("version", env.i3("--version"));
    printed.by("keygen", env.i3("keygen --out lot9.pem"));
    printed.by("pubkey", env.i3("pubkey --key lot1.pem"));
    let elsewhere = |line: &str| env.i3(line).env("I3_HOME", env.path("carol")).without("I3_API_KEY");
    let signup = elsewhere("signup --login-password-stdin --user carol --email carol@example.org --type seller");
    printed.by("signup", signup.without("I3_LOGIN_PASSWORD").input("Carol's own 7 words\n"));
    printed.by("login", elsewhere("login --user alice"));
    printed.by("logout", elsewhere("logout"));
    printed.by("whoami", env.i3("whoami"));
    printed.by("hub-list", env.i3("hub list"));
    printed.by("hub-create", env.i3("hub create garden"));
    let registered = printed.by("register", env.i3("register lot1 --hub parking --key lot1.pem"));
    assert_eq!(registered["device"], LOT1);
}

fn products(printed: &mut Printed, env: &TestEnv) {
    let create = "product create gate --hub parking --description d --price 2 --type sensor --restricted --sale-price 1.50 \
                  --latitude 34.0224 --longitude -118.2851";
    let gate = printed.by("product-create", env.i3(create));
    printed.by("product-list", env.i3("product list"));
    printed.by("product-list", env.i3("product search --seller alice"));
    env.sandbox.add_rating("bob", gate["id"].as_u64().unwrap(), 4).unwrap();
    let shown = printed.by("product-show", env.i3("product show alice/parking/gate"));
    assert_eq!((&shown["price"], &shown["sale_price"]), (&json!("2.00"), &json!("1.50")));
    printed.by("product-edit", env.i3("product edit alice/parking/gate --price 3"));
    printed.by("product-repair", env.i3("product repair alice/parking/gate"));
    env.i3("product create door --hub parking --description d --price 2 --type sensor --restricted").done();
}

fn trade(printed: &mut Printed, env: &TestEnv) {
    let password = env.sandbox.seed().buyer_password.expose().to_owned();
    let bob = |line: &str| env.i3(line).env("I3_USER", "bob").env("I3_LOGIN_PASSWORD", &password).without("I3_API_KEY");
    printed.by("buy", bob(&format!("buy {TOPIC} --quantity 3 --yes")));
    printed.by("buy-clear-cart", bob("buy --clear-cart"));
    for (product, decision) in [("gate", "approve"), ("door", "decline")] {
        printed.by("buy", bob(&format!("buy alice/parking/{product} --yes")));
        let waiting = printed.by("request-list", env.i3("request list"));
        printed.by("request-decide", env.i3(&format!("request {decision} {} --yes", waiting[0]["id"])));
    }
    printed.by("sales", env.i3("sales"));
    printed.by("purchases", bob("purchases"));
    printed.by("notifications-broker-password", bob("notifications broker-password"));
    printed.by("notifications-broker-password", bob("notifications broker-password --out bob.pw"));
    printed.by("notifications", bob("notifications"));
    printed.by("notifications", bob("notifications list"));
    printed.by("notifications-read", bob("notifications read --all"));
    printed.by("notifications-archive", bob("notifications archive --all --yes"));
    printed.by("product-delete", env.i3("product delete alice/parking/gate --yes"));
}

fn messages(printed: &mut Printed, env: &TestEnv) {
    let listener = env.i3(&format!("sub --json -v -t {TOPIC} -C 2 -W {LONG}")).start().says("Subscribed to");
    let publish = format!("pub --device lot1 -t {TOPIC} --timeout {LONG}");
    printed.by("pub", env.i3(&format!("{publish} -v -m 678")));
    printed.by("pub", env.i3(&format!("{publish} -s")).input(b"\0\xff"));
    let heard = printed.of("sub", 0, &listener.finish());
    assert_eq!(heard["payload"], "678");
    printed.by("pub-lines", env.i3(&format!("{publish} -l")).input("1\n2\n"));
    let token = printed.by("token", env.i3("token lot1 --expires-in 30d"));
    printed.by("token", env.i3("token lot1 --out lot1.jwt"));
    let inspect = |token: &str| env.i3("token --inspect --key lot1.pem --json").input(token).run();
    printed.of("token-inspect", 0, &inspect(token["token"].as_str().unwrap()));
    printed.of("token-inspect", 77, &inspect("eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjF9.AAAA"));
}

fn spools(printed: &mut Printed, env: &TestEnv) {
    let mut spool = Spool::open(&env.path("spool")).unwrap();
    let mut block = Block::default();
    for payload in [b"678".as_slice(), b"\0\xff", b"679"] {
        block.push(&Record { topic: TOPIC, payload, qos: QoS::AtLeastOnce, retain: false }).unwrap();
    }
    spool.commit(&Commit { blocks: &[(std::time::SystemTime::now(), block)], ..Commit::default() }).unwrap();
    drop(spool);
    let status = printed.by("spool-status", env.i3("spool status --spool spool"));
    assert_eq!(status["lines"], 3);
    printed.by("spool-export", env.i3("spool export --spool spool"));
    printed.by("spool-export-out", env.i3("spool export --spool spool --out waiting.jsonl"));
    printed.by("spool-purge", env.i3("spool purge --spool spool --record 3 --yes"));
    let drained = printed.by("pub-lines", env.i3(&format!("spool drain lot1 --spool spool --timeout {LONG}")));
    assert_eq!(drained["acknowledged"], 2);
}

fn long_runs(printed: &mut Printed, env: &TestEnv) {
    let mut agent = env.i3("agent --json").start();
    let variables = serde_json::from_str(&agent.line()).unwrap();
    printed.is("agent", &variables);
    printed.ran("agent", "\"agent\"");
    printed.by("pub", env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")));
    printed.by("agent-status", env.i3("agent status"));
    printed.by("", env.i3("agent stop"));
    let outcome = agent.finish();
    printed.of("", 0, &outcome);
    let started = env.i3("sandbox --json --house").env("I3_CONFIG", env.path("other.toml")).env("I3_PROFILE", "other");
    let mut sandbox = started.start();
    let variables = serde_json::from_str(&sandbox.line()).unwrap();
    printed.is("sandbox", &variables);
    printed.ran("sandbox", "\"sandbox\"");
    write(env, &[house(1883, ""), route("a/+", "lot1", TOPIC, "")]);
    printed.by("gateway-check", env.i3("gateway check gateway.toml"));
}

fn configuration(printed: &mut Printed, env: &TestEnv) {
    printed.by("config-path", env.i3("config path"));
    printed.by("", env.i3("config set broker mqtt://127.0.0.1"));
    printed.by("config-get", env.i3("config get broker"));
    printed.by("", env.i3("config unset broker"));
    printed.by("config-list", env.i3("config list"));
    printed.by("config-check", env.i3("config check"));
    printed.by("explain", env.i3("explain"));
    printed.by("explain", env.i3("explain 77"));
    let doctor = |topic: &str| env.i3(&format!("doctor lot1 --timeout {SHORT} --topic {topic} --json")).run();
    printed.of("doctor", 0, &doctor(TOPIC));
    printed.of("doctor", 1, &doctor("alice/parking/Occupancy"));
    let port = env.sandbox.broker_url().port;
    fs::write(env.path("lot8.py"), script("alice$parking$lot8", "xgnd7w220kwuh", TOPIC, "127.0.0.1", port)).unwrap();
    printed.by("import", env.i3("import lot8.py"));
}

fn devices(printed: &mut Printed, env: &TestEnv) {
    printed.by("device-list", env.i3("device list"));
    printed.by("device-add", env.i3("device add alice$parking$lot7 --key lot1.pem"));
    printed.by("device-export", env.i3("device export lot1"));
    printed.by("device-export-out", env.i3("device export lot1 --with-secrets --out lot1.toml"));
    printed.by("device-import", env.i3("device import lot1.toml").env("I3_HOME", env.path("other")));
    printed.by("register", env.i3("register lot2 --hub parking --generate-password"));
    printed.by("device-passwd", env.i3("device passwd lot2 --generate-password"));
    printed.by("device-rotate", env.i3("device rotate lot2"));
    assert!(env.sandbox.insert_device("alice$parking$LOT1", "hunter2secret").unwrap());
    printed.by("device-show", env.i3("device show lot1"));
    printed.by("device-repair", env.i3("device repair lot1 --yes"));
    printed.by("device-delete", env.i3("device delete lot1 --yes"));
}

fn errors(printed: &mut Printed, env: &TestEnv) {
    let busy = HttpServer::start(|_| Reply::json(429, "{}").with("Retry-After", "7"));
    for (code, run) in [
        (2, env.i3("hub list --nope")),
        (2, env.i3("pub --quux")),
        (65, env.i3("product show alice/parking/none")),
        (66, env.i3("token --key gone.pem")),
        (73, env.i3("keygen --out lot9.pem")),
        (75, env.i3("hub list --via rest").env("I3_MARKET", busy.url())),
        (77, env.i3(&format!("pub -u {LOT1} --pw-file lot9.pem -t {TOPIC} -m 678"))),
        (78, env.i3("token lot99")),
    ] {
        printed.of("", code, &run.arg("--json").run());
    }
}
