//! From a new key to a message that the buyer has, over each way into the marketplace; and the demo, which tells it.

use std::fs;
use std::os::unix::fs::symlink;

use i3::sandbox::Options;
use serde_json::Value;

use super::{bob, publish};
use crate::program::{LOT1, PROGRAM, TOPIC, TestEnv, quick};
use crate::support::folder::Folder;

/// The story, on this sandbox by this way.
fn story(options: Options, via: &str) {
    let env = TestEnv::with(options);
    let made = env.i3("keygen --out lot1.pem -v").done();
    made.says(&["The private key is in lot1.pem, its public half in lot1.pem.pub."]);
    let body = made.stdout.trim_end();
    assert_eq!((body.len(), made.stdout.lines().count()), (392, 1), "{made}");
    env.i3(&format!("register lot1 --hub parking --key lot1.pem --via {via} --quiet"))
        .succeeds(&format!("{LOT1}\n"))
        .is_silent();
    assert_eq!(env.sandbox.devices(), [LOT1]);
    assert_eq!(env.sandbox.counts().broker_log_ins, 1, "the proof");
    let token = env.i3("token lot1").done();
    token.is_silent();
    assert_eq!(token.stdout.matches('.').count(), 2);
    assert_eq!(token.stdout.lines().count(), 1);
    let bob = bob(&env, "-C 2");
    publish(&env, "").is_silent();
    // The token is a plain password to any client: here to this one.
    env.secret("token", &token.stdout);
    let run = env.i3(&format!("pub --pw-file token -t {TOPIC} -m")).arg("{\"free\":678}").arg("-u").arg(LOT1);
    run.succeeds("").is_silent();
    let seen = bob.finish();
    assert_eq!((seen.code, seen.stdout), (0, format!("{TOPIC} 678\n{TOPIC} {{\"free\":678}}\n")));
}

#[test]
fn the_story_over_rest() {
    story(quick(), "rest");
}

#[test]
fn the_story_over_the_form() {
    story(quick(), "web");
}

#[test]
fn the_story_on_the_released_marketplace() {
    story(Options { rest: false, mqtt5: false, ..quick() }, "auto");
}

/// The commands in the README from sign-up to the buyer's screen, each with its output.
fn walk() -> Vec<(String, Vec<String>)> {
    let readme = include_str!("../../../README.md");
    let (_, walk) = readme.split_once("From sign-up to the buyer's screen").unwrap();
    let (walk, _) = walk.split_once("In a script:").unwrap();
    let mut steps: Vec<(String, Vec<String>)> = Vec::new();
    for line in walk.split("```console\n").skip(1).flat_map(|block| block.split("```").next().unwrap().lines()) {
        match line.strip_prefix("$ ") {
            Some(command) => steps.push((command.split("  #").next().unwrap().trim().into(), Vec::new())),
            None => steps.last_mut().unwrap().1.push(line.into()),
        }
    }
    steps
}

#[test]
fn the_readmes_walk_works_in_the_order_in_which_it_stands_there() {
    let env = TestEnv::released();
    env.secret("pw", "Seven words of their own, each");
    let mut in_background = Vec::new();
    for (command, prints) in walk() {
        // What a person is asked for is given, and what keeps running ends with the message.
        let options = match &command {
            command if command.contains(" signup ") => " --login-password-file pw",
            command if command.contains(" buy ") => " --yes",
            command if command.ends_with('&') => " -C 1 -W 60s -v",
            _ => "",
        };
        let run = env.shell(&format!("{}{options}", command.trim_end_matches('&')));
        let mine = ["I3_USER", "I3_LOGIN_PASSWORD", "I3_API_KEY", "I3_BUYER", "I3_BUYER_PASSWORD"];
        let run = mine.iter().fold(run, |run, name| run.without(name));
        if command.ends_with('&') {
            in_background.push((run.start().says("Subscribed to"), prints));
            continue;
        }
        let told = run.done();
        if command.starts_with("i3 pub ") {
            // On a terminal.
            assert!(prints[0].starts_with("Delivered, echo after "), "{command}");
            continue;
        }
        let without_time = |line: &str| line.split_once("Z\t").map_or(line, |(_, rest)| rest).to_owned();
        let printed: Vec<String> = told.stdout.lines().map(without_time).collect();
        assert_eq!(printed, prints.iter().map(|line| without_time(line)).collect::<Vec<_>>(), "{command}");
    }
    for (running, prints) in in_background {
        let heard = running.finish();
        let printed: Vec<&str> = heard.stdout.lines().map(|line| line.split_once(' ').unwrap().1).collect();
        assert_eq!(printed, prints, "{heard}");
    }
}

#[test]
fn the_demo_tells_the_story_and_leaves_nothing() {
    let env = TestEnv::new();
    // What is set for the real marketplace does not reach it.
    let demo = env.i3("demo").env("I3_BROKER", "mqtt://127.0.0.1:1").env("I3_DEVICE", "nobody").done();
    demo.is_silent();
    for part in [
        "$ i3 keygen --out lot1.pem",
        "$ i3 register lot1 --hub parking --key lot1.pem",
        LOT1,
        "alice/parking/occupancy {\"free\":678}",
        "did not come back within 1s",
        "hint: use -t alice/parking/occupancy",
        "this is a private key",
        "(exit code 77)",
        "(exit code 65)",
    ] {
        assert!(demo.stdout.contains(part), "{part} in {demo}");
    }
    let json = env.i3("demo --json").done();
    let steps: Vec<Value> = json.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let exits: Vec<i64> = steps.iter().map(|step| step["exit"].as_i64().unwrap()).collect();
    assert_eq!(exits, [0, 0, 0, 0, 0, 77, 65, 77]);
    for folder in [env.tmp(), env.home(), env.cwd()] {
        let left: Vec<_> = fs::read_dir(&folder).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
    assert_eq!(env.sandbox.counts().device_posts, 0);
    let bin = Folder::new();
    symlink(PROGRAM, bin.path().join("i3-seller")).unwrap();
    let renamed = env.command(bin.path().join("i3-seller")).arg("demo").done();
    assert!(!renamed.stdout.contains("i3 token") && renamed.stdout.contains("$ i3-seller token lot1"), "{renamed}");
}

#[test]
fn the_demo_of_the_gateway_goes_from_a_sensor_to_the_buyer_and_leaves_nothing() {
    let env = TestEnv::new();
    let demo = env.i3("demo gateway").env("I3_BROKER", "mqtt://127.0.0.1:1").env("I3_DEVICE", "nobody").done();
    demo.is_silent();
    for part in [
        "$ i3 register lot1 --hub parking --new-key",
        "match = \"sensors/+/free\"",
        "$ i3 gateway check house.toml",
        "# A sensor publishes 21 to sensors/lot1/celsius",
        "alice/parking/occupancy 678\nalice/parking/occupancy 677\n",
        "a message to sensors/lot1/celsius at 'house' cannot be published to alice/parking/celsius and is set aside",
        "\"topic\":\"alice/parking/celsius\"",
    ] {
        assert!(demo.stdout.contains(part), "{part} in {demo}");
    }
    let json = env.i3("demo gateway --json").done();
    let steps: Vec<Value> = json.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(steps.len(), 6, "{json}");
    assert!(steps.iter().all(|step| step["exit"] == 0), "{json}");
    for folder in [env.tmp(), env.home(), env.cwd()] {
        let left: Vec<_> = fs::read_dir(&folder).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
