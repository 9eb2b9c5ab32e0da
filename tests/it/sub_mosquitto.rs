//! `i3 sub` beside mosquitto_sub on a real Mosquitto: byte for byte the same output of the same messages.

use std::path::PathBuf;

use crate::program::{LOT1, Run, TestEnv};
use crate::stream_mosquitto::Mosquitto;
use crate::support::skipped::mosquitto_client;

const TOPIC: &str = "alice/parking/occupancy";
/// A retained message shows that the subscriptions are active.
const READY: &str = "alice/parking/ready";

/// The messages: special characters of JSON, bytes that are not text, and empty payloads.
const PAYLOADS: [&[u8]; 12] = [
    b"678",
    b" {\"t\": 27.0, \"s\":\"a\\/b\\u00e4\\n\", \"x\":[1,2e3,-0.5, 0.1, 1e-7,-0,true ,null,{}, 123456789012345]}",
    b"",
    b"a\x80\xff",
    "zwei \"w\" ä\\".as_bytes(),
    b"tab\tnew line\n\x01\x1f\x7f\x08\x0c\r",
    b" 12 ",
    b"\"x\"",
    b"{\"a\":1}}",
    b"[",
    b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    b"0",
];

/// Every letter, with flags, widths and precisions that do and that do not matter.
const MESSAGE: &str = "[%p][%5p][%05p][%-8p][%-08p][%.2p][%x][%X][%10x][%-10X][%011x][%l][%4l][%04l][%-4l][%-04l]\
    [%m][%3m][%q%r%5q%05r][%t][%40t][%-40t][%.3t][%10.3t][%-10.3t][%040t]\
    [%A][%3A][%03A][%E][%5E][%05E][%-5E][%F][%3F][%C][%6C][%-6C][%.2C][%6.2C][%R][%5R][%-5R][%.1R][%S][%4S][%04S][%D][%5D][%P][%9P]\
    [%%][%5%][@@][\\\\\\0\\a\\e\\n\\r\\t\\v][%j][%J][\u{e4}]";

/// Everything that strftime makes of the time, and some that it does not, but for what changes within a second.
const TIME: &str = "[@a][@A][@b][@B][@C][@d][@D][@e][@E][@F][@g][@G][@h][@j][@m][@n][@O][@t][@u][@U][@V][@w][@W][@x]\
    [@y][@Y][@z][@Z][@Q][@i][@f][@q][@1][@%][@-][@P][@p][@I][@l][@H][@k]";

struct Both {
    env: TestEnv,
    broker: Mosquitto,
    mosquitto_pub: PathBuf,
    mosquitto_sub: PathBuf,
}

impl Both {
    fn new() -> Option<Both> {
        let (mosquitto_pub, mosquitto_sub) = (mosquitto_client("mosquitto_pub")?, mosquitto_client("mosquitto_sub")?);
        Some(Both { env: TestEnv::new(), broker: Mosquitto::start()?, mosquitto_pub, mosquitto_sub })
    }

    fn port(&self) -> String {
        self.broker.port.to_string()
    }

    fn publish(&self, topic: &str, payload: &[u8], more: &[&str]) {
        let mut run = self.env.command(&self.mosquitto_pub).input(payload);
        let how = if payload.is_empty() { "-n" } else { "-s" };
        run.command.args(["-p", &self.port(), "-t", topic, how]).args(more);
        run.done();
    }

    /// Both programs with the same options.
    fn start(&self, version: &str, options: &[&str]) -> [Run; 2] {
        let mut ours = self.env.i3("sub").env("I3_PASSWORD", "any");
        ours.command.args(["-u", LOT1, "-p", &self.port()]);
        let mut theirs = self.env.command("stdbuf").arg("-oL").arg(&self.mosquitto_sub);
        theirs.command.args(["-p", &self.port()]);
        [ours, theirs].map(|mut run| {
            run.command.args(["-V", version, "-W", "30"]).args(options);
            // A zone whose offset is not a whole hour.
            run.env("TZ", "Asia/Kolkata")
        })
    }

    /// What both print of all the messages after both have subscribed.
    fn compare(&self, version: &str, qos: &str, options: &[&str], properties: &[&str]) -> [Vec<u8>; 2] {
        self.publish(READY, b"ready", &["-r", "-q", "1", "-V", version]);
        let count = (PAYLOADS.len() + 2).to_string();
        let with = [options, &["-q", qos, "-t", TOPIC, "-t", READY, "-C", &count]].concat();
        let running = self.start(version, &with).map(|run| run.start());
        let running = running.map(|mut run| {
            run.until("ready");
            run
        });
        for (number, payload) in PAYLOADS.iter().enumerate() {
            let more = if number % 3 == 0 { properties } else { &[] };
            self.publish(TOPIC, payload, &[&["-V", version, "-q", qos], more].concat());
        }
        self.publish(TOPIC, b"end", &["-V", version, "-q", qos]);
        running.map(|run| run.finish_bytes())
    }
}

/// The output without what differs from one moment to the next.
fn timeless(output: &[u8]) -> Vec<u8> {
    let text: String = output.iter().map(|byte| char::from(*byte)).collect();
    let mut parts = text.split("\"tst\":\"");
    let mut timeless = parts.next().unwrap().to_owned();
    for part in parts {
        let (time, rest) = part.split_once('"').unwrap();
        let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        timeless += &format!("\"tst\":\"{shape}\"{rest}");
    }
    timeless.chars().map(|c| c as u8).collect()
}

#[test]
fn formats_print_what_mosquitto_sub_prints() {
    let Some(both) = Both::new() else { return };
    let property = |name, value| vec!["-D", "publish", name, value];
    let mut properties = ["-D", "publish", "user-property", "a", "b"].to_vec();
    properties.extend(property("content-type", "text/plain"));
    properties.extend(property("response-topic", "r/t"));
    properties.extend(["-D", "publish", "user-property", "c \"d\"", "e"]);
    properties.extend(property("correlation-data", "x\"yz"));
    properties.extend(property("message-expiry-interval", "77"));
    properties.extend(property("payload-format-indicator", "1"));
    for (version, properties) in [("311", &[][..]), ("5", &properties[..])] {
        for (qos, options) in [
            ("0", &["-F", MESSAGE][..]),
            ("1", &["-F", MESSAGE]),
            ("2", &["-F", MESSAGE, "-N"]),
            ("1", &["-F", "%t\\0%p"]),
            ("1", &["-v"]),
            ("1", &[]),
        ] {
            let [ours, theirs] = both.compare(version, qos, options, properties).map(|output| timeless(&output));
            assert!(ours.len() > 100);
            let differ = ours.iter().zip(&theirs).position(|(a, b)| a != b).unwrap_or(ours.len().min(theirs.len()));
            let [ours_there, theirs_there] =
                [&ours, &theirs].map(|o| o[differ.saturating_sub(40)..].escape_ascii().to_string());
            assert!(ours == theirs, "{version} {qos} {options:?}\n{ours_there:.200}\n{theirs_there:.200}");
        }
    }
}

#[test]
fn times_print_what_mosquitto_sub_prints() {
    let Some(both) = Both::new() else { return };
    both.publish(READY, b"ready", &["-r"]);
    // Begins anew if the hour changes in between.
    let same = (0..3).any(|_| {
        let options = ["-F", TIME, "-t", READY, "-C", "1"];
        let [ours, theirs] = both.start("311", &options).map(|run| run.done().stdout);
        assert!(ours.contains("[+0530][IST][%Q]"), "{ours}");
        ours == theirs
    });
    assert!(same, "they differ");
    // What changes faster has the same shape.
    let options = ["-F", "%I %U @N @H:@M:@S @s @T @r @R @X @c", "-t", READY, "-C", "1"];
    let shape = |text: String| -> String { text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect() };
    let [ours, theirs] = both.start("311", &options).map(|run| shape(run.done().stdout));
    assert_eq!(ours, theirs);
}

#[test]
fn retained_messages_are_left_out_or_all_there_is() {
    let Some(both) = Both::new() else { return };
    both.publish(TOPIC, b"kept", &["-r", "-q", "1"]);
    for qos in ["0", "1", "2"] {
        let [ours, theirs] = both.start("311", &["-t", TOPIC, "-t", READY, "-q", qos, "-F", "%t %p %r", "-C", "1"]);
        let expected = format!("{TOPIC} kept 1\n");
        theirs.succeeds(&expected);
        ours.succeeds(&expected);
        for options in [&["-N"][..], &["-v", "-N"]] {
            let options = [options, &["-t", TOPIC, "-C", "1"]].concat();
            let [ours, theirs] = both.start("311", &options).map(|run| run.done().stdout);
            assert_eq!(ours, theirs, "{options:?}");
        }
        let [only, _] = both.start("5", &["-t", TOPIC, "-t", READY, "-q", qos, "--retained-only"]);
        only.succeeds("kept\n");
    }
    // If there is nothing, it ends, and says so.
    let [nothing, _] = both.start("311", &["-t", READY, "--retained-only"]);
    nothing.succeeds("").says(&["keeps no message"]);
    let [too_few, _] = both.start("311", &["-t", TOPIC, "--retained-only", "-C", "2"]);
    let too_few = too_few.run();
    assert_eq!((too_few.code, too_few.stdout.as_str()), (75, "kept\n"), "{too_few}");
    too_few.says(&["the broker keeps only 1 of 2"]);
    let [fresh, _] = both.start("311", &["-t", TOPIC, "-R", "-C", "1", "-v"]);
    let fresh = fresh.start().says("Subscribed to");
    both.publish(TOPIC, b"fresh", &[]);
    assert_eq!(fresh.finish().succeeded(), format!("{TOPIC} fresh\n"));
}

#[test]
fn a_kept_session_misses_nothing() {
    let Some(both) = Both::new() else { return };
    for (version, qos) in [("311", "1"), ("311", "2"), ("5", "1"), ("5", "2")] {
        let id = format!("buyer{version}{qos}");
        let options = ["-t", TOPIC, "-q", qos, "-i", &id, "-c"];
        let [begin, _] = both.start(version, &[&options[..], &["-E"]].concat());
        begin.succeeds("");
        for payload in [b"one", b"two"] {
            both.publish(TOPIC, payload, &["-q", qos]);
        }
        let [first, _] = both.start(version, &[&options[..], &["-C", "1"]].concat());
        first.succeeds("one\n");
        // What was not printed was not acknowledged, and comes again.
        let [second, _] = both.start(version, &[&options[..], &["-C", "1"]].concat());
        second.succeeds("two\n");
    }
    let [unkept, _] = both.start("311", &["-t", TOPIC, "-i", "x", "-c"]);
    unkept.fails(2, &["at QoS 0 a broker keeps nothing", "-q 1"]);
    let [nameless, _] = both.start("311", &["-t", TOPIC, "-c", "-q", "1"]);
    nameless.fails(2, &["--id"]);
}
