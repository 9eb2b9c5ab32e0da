//! `i3 pub` beside mosquitto_pub, and `i3 sub` beside mosquitto_sub, on a real Mosquitto: each option given to both programs, and what is
//! on the wire, what is printed, and whether the exit code is 0 compared. What may differ stands in `i3::cli::mosquitto::OPTIONS`, from
//! which docs/mosquitto-options.md is rendered.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use i3::cli::mosquitto::{Here, OPTIONS};

use crate::program::{LONG, LOT1, Outcome, SHORT, TOPIC, TestEnv, key_pem};
use crate::stream_mosquitto::Mosquitto;
use crate::support::skipped::mosquitto_client;
use crate::support::tap::Tap;

/// What the broker keeps for all subscribers in here.
const KEPT: &str = "alice/parking/kept";
/// Another one that it keeps, which comes after it.
const OTHER: &str = "alice/parking/other";

/// Both programs, and a broker that lets everybody do everything.
struct Both {
    env: TestEnv,
    broker: Mosquitto,
}

/// What a program did.
struct Done {
    outcome: Outcome,
    /// Where each connection came from, and its packets.
    wire: Vec<(String, Vec<String>)>,
}

impl Both {
    fn new() -> Option<Both> {
        mosquitto_client("mosquitto_pub")?;
        mosquitto_client("mosquitto_sub")?;
        let mut env = TestEnv::new();
        for name in ["I3_BROKER", "I3_BUYER", "I3_BUYER_PASSWORD"] {
            env.unset(name);
        }
        fs::write(env.path("message"), "678\n9").unwrap();
        let both = Both { env, broker: Mosquitto::start()? };
        for topic in [KEPT, OTHER] {
            both.theirs("pub", &format!("-t {topic} -r -q 1 -m 1"), &[]).outcome.succeeded();
        }
        Some(both)
    }

    fn theirs(&self, command: &str, line: &str, more: &[&str]) -> Done {
        let tap = Tap::before(self.broker.port);
        let mut run = self.env.command(mosquitto_client(&format!("mosquitto_{command}")).unwrap());
        run.command.args(line.replace("PORT", &tap.port.to_string()).split_ascii_whitespace()).args(more);
        if !line.contains("PORT") {
            run.command.args(["-p", &tap.port.to_string()]);
        }
        Done { outcome: run.input("678\n9").run(), wire: tap.end() }
    }

    fn ours(&self, command: &str, line: &str, more: &[&str]) -> Done {
        let tap = Tap::before(self.broker.port);
        let mut run = self.env.i3(command).env("I3_PASSWORD", "any").env("I3_DEVICE", LOT1);
        run.command.args(line.replace("PORT", &tap.port.to_string()).split_ascii_whitespace()).args(more);
        if !line.contains("PORT") {
            run.command.args(["-p", &tap.port.to_string()]);
        }
        Done { outcome: run.input("678\n9").run(), wire: tap.end() }
    }
}

/// What may be different about a case.
#[derive(Clone, Copy, Default)]
struct Apart {
    /// Words of mosquitto's packets, and those of this program in their place.
    wire: &'static [(&'static str, &'static str)],
    /// Standard output is compared with nothing of theirs.
    prints: Option<&'static str>,
    /// Options of this program only.
    ours: &'static str,
}

/// Puts what is chosen by chance, and what is a process's own, into one form.
fn levelled(packets: &[String]) -> Vec<String> {
    let level = |packet: &String| {
        let (before, rest) = packet.split_once(" id \"").map_or((packet.as_str(), None), |(a, b)| (a, Some(b)));
        let Some((id, after)) = rest.and_then(|rest| rest.split_once('"')) else { return packet.clone() };
        let id = match id {
            "" => "ID".into(),
            id if id.starts_with("mosq-") || id.starts_with("i3") && id.len() == 22 => "ID".into(),
            id => id.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned(),
        };
        // They say how many messages they take at once, also where nobody has asked for that.
        let after = match after.strip_prefix(" [").and_then(|rest| rest.split_once(']')) {
            Some((properties, after)) => {
                let own = ["0x21=20", "0x21=1", "0x21=2"];
                let kept: Vec<&str> = properties.split(' ').filter(|word| !own.contains(word)).collect();
                let kept = kept.join(" ");
                if kept.is_empty() { after.to_owned() } else { format!(" [{kept}]{after}") }
            }
            None => after.to_owned(),
        };
        format!("{before} id {id}{after}")
    };
    packets.iter().map(level).collect()
}

fn same(both: &Both, command: &str, line: &str, more: &[&str], apart: Apart) {
    // A session of its own for each.
    let [for_them, for_us] = ["1", "2"].map(|own| line.replace("-sid", &format!("-sid{own}")));
    let theirs = both.theirs(command, &format!("-u {LOT1} -P any {for_them}"), more);
    let ours = both.ours(command, &format!("{for_us} {}", apart.ours), more);
    let shown = format!("{command} {line} {more:?}\n{}\n{}", theirs.outcome, ours.outcome);
    assert_eq!(theirs.outcome.code == 0, ours.outcome.code == 0, "{shown}");
    assert_eq!(ours.outcome.stdout, apart.prints.unwrap_or(&theirs.outcome.stdout), "{shown}");
    let theirs_sent: Vec<String> = theirs.wire.iter().flat_map(|(_, packets)| levelled(packets)).collect();
    let mut expected = theirs_sent.join("\n");
    for (theirs, ours) in apart.wire {
        assert!(expected.contains(theirs), "'{theirs}' is not there: {expected}\n{shown}");
        expected = expected.replace(theirs, ours);
    }
    let sent: Vec<String> = ours.wire.iter().flat_map(|(_, packets)| levelled(packets)).collect();
    assert_eq!(sent.join("\n"), expected, "{shown}");
}

/// Runs all of these on a few threads.
fn side_by_side<T: Sync>(cases: &[T], run: impl Fn(&T) + Sync) {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    // The others are told of as well.
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(case)));
                    failed.fetch_add(usize::from(result.is_err()), Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(failed.into_inner(), 0, "of {} cases", cases.len());
}

/// The options that a program's own help, and its texts, name.
fn known_to(program: &PathBuf) -> (BTreeSet<String>, BTreeSet<String>) {
    let help = std::process::Command::new(program).arg("--help").output().unwrap();
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let described = help.lines().filter_map(|line| line.strip_prefix(" -")?.split_once(" :"));
    let described = described.map(|(name, _)| format!("-{name}")).collect();
    let bytes = fs::read(program).unwrap();
    let texts = bytes.split(|byte| *byte == 0).filter_map(|text| std::str::from_utf8(text).ok());
    let is_option = |text: &&str| {
        let name = text.strip_prefix("--").or(text.strip_prefix('-')).unwrap_or_default();
        let is_long = text.starts_with("--");
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && (is_long || name.len() == 1)
    };
    (described, texts.filter(is_option).map(ToOwned::to_owned).collect())
}

#[test]
fn the_table_has_every_option_of_both_programs_and_no_other() {
    let (Some(mosquitto_pub), Some(mosquitto_sub)) =
        (mosquitto_client("mosquitto_pub"), mosquitto_client("mosquitto_sub"))
    else {
        return;
    };
    let mut all = BTreeSet::new();
    for (command, program) in [("pub", mosquitto_pub), ("sub", mosquitto_sub)] {
        let (described, texts) = known_to(&program);
        assert!(described.len() > 40, "{described:?}");
        let listed: BTreeSet<String> = OPTIONS
            .iter()
            .filter(|option| option.is_of(command))
            .flat_map(|option| option.names.iter().map(ToString::to_string))
            .collect();
        assert_eq!(described.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new(), "{command}");
        // Long names are in both programs, whichever of them takes them.
        all.extend(listed);
        // Both have the options of mosquitto_rr in them, which -e is one of.
        let unknown: Vec<_> = texts.iter().filter(|name| *name != "-e" && !is_in_table(name)).collect();
        assert_eq!(unknown, Vec::<&String>::new(), "{command}");
        // Of the manual, and of programs that were built with it.
        let elsewhere = ["-S", "--version"];
        let made_up: Vec<_> = all
            .iter()
            .filter(|name| !described.contains(*name) && !texts.contains(*name) && !elsewhere.contains(&name.as_str()))
            .filter(|name| name.starts_with("--"))
            .collect();
        assert_eq!(made_up, Vec::<&String>::new(), "{command}");
    }
}

fn is_in_table(name: &str) -> bool {
    OPTIONS.iter().any(|option| option.names.contains(&name))
}

#[test]
fn what_the_table_calls_an_option_is_one_and_nothing_else_is() {
    let program = i3::commands::command();
    for command in ["pub", "sub"] {
        let own = program.find_subcommand(command).unwrap();
        let has = |name: &str| {
            own.get_arguments().chain(program.get_arguments()).any(|argument| match name.strip_prefix("--") {
                Some(long) => {
                    let aliases = argument.get_all_aliases().unwrap_or_default();
                    argument.get_long() == Some(long) || aliases.contains(&long)
                }
                None => argument.get_short().is_some_and(|short| name == format!("-{short}")),
            })
        };
        for option in OPTIONS.iter().filter(|option| option.is_of(command)) {
            for name in option.names {
                assert_eq!(has(name), !matches!(option.here, Here::Missing(_)), "{command} {name}");
            }
        }
    }
}

#[test]
fn pub_sends_what_mosquitto_pub_sends() {
    let Some(both) = Both::new() else { return };
    let plain = Apart { ours: "--confirm none", ..Apart::default() };
    // They ask to keep a session for ever, this program for a day.
    let kept = Apart { wire: &[("0x11=4294967295", "0x11=86400")], ..plain };
    // They say on standard output what this program says on standard error.
    let silent = Apart { prints: Some(""), ..plain };
    let aliased = Apart { wire: &[("PUBLISH d0 q1 r0  ", "PUBLISH d0 q1 r0 alice/parking/occupancy ")], ..plain };
    // Of messages that are sent again and again it is known by pings that they are with the broker.
    let pings = Apart { wire: &[("\"678\"", "\"678\"\nPINGREQ")], ..plain };
    let host = "-h 127.0.0.1 -p PORT";
    let with_url = format!("-t x -m 678 -L mqtt://{LOT1}:any@127.0.0.1:PORT/{TOPIC}");
    let cases: Vec<(String, Apart)> = [
        ("-m 678", plain),
        ("--message 678 -q 1", plain),
        ("-m 678 --qos 2", plain),
        ("-m 678 -q 1 -q 2", plain),
        ("-m 678 -r", plain),
        ("-m 678 --retain -q 1", plain),
        ("-n -r", plain),
        ("--null-message -q 1", plain),
        ("-f message", plain),
        ("--file message -q 1", plain),
        ("-s", plain),
        ("--stdin-file -q 1", plain),
        ("-l -q 1", plain),
        ("--stdin-line -q 1", plain),
        ("-m 678 -i own", plain),
        ("-m 678 --id own-too", plain),
        ("-m 678 -I pre", plain),
        ("-m 678 --id-prefix pre -V 5", plain),
        ("-m 678 -k 30", plain),
        ("-m 678 --keepalive 30", plain),
        ("-m 678 -V 311", plain),
        ("-m 678 -V mqttv5", plain),
        ("-m 678 --protocol-version 5 -q 1", plain),
        ("-m 678 -V 5 -x 60", plain),
        ("-m 678 -V 5 -x -1 -i forever", plain),
        ("-m 678 -V 5 -x ∞ -i ever", plain),
        ("-m 678 -V 5 -x 0", Apart { wire: &[(" user", " [0x11=0] user")], ..plain }),
        ("-m 678 -c -i own-sid", pings),
        ("-m 678 -c -i own60-sid -V 5 -x 60 -q 1", plain),
        ("-m 678 --disable-clean-session -i own5-sid -V 5 -q 1", kept),
        ("-m 678 -A 127.0.0.1", plain),
        ("-m 678 -A localhost", plain),
        ("-m 678 --nodelay", plain),
        ("-m 678 --quiet", plain),
        ("-m 678 -d", silent),
        ("-m 678 --debug -q 2 -V 5", silent),
        ("-m 678 -M 5 -q 1", plain),
        ("-l -M 1 -q 1", plain),
        ("-m 678 --repeat 3 -q 1", plain),
        ("-m 678 --repeat 3 -q 2 --repeat-delay 0.05", plain),
        ("-m 678 --repeat 2", pings),
        ("-n --repeat 2 -q 1", plain),
        ("-m 678 --will-topic alice/parking/will", plain),
        ("-m 678 --will-topic alice/parking/will --will-payload gone --will-qos 1 --will-retain", plain),
        ("-m 678 --will-topic alice/parking/will --will-payload gone -V 5", plain),
        ("-m 678 -D publish user-property k v", plain),
        ("-m 678 -D PUBLISH user-property temp -4 -q 1", plain),
        ("-m 678 -D publish content-type text/plain -D publish payload-format-indicator 1", plain),
        ("-m 678 -D publish message-expiry-interval 60 -D publish response-topic alice/parking/answer", plain),
        ("-m 678 --property publish correlation-data 17 -q 1", plain),
        ("-l -D publish topic-alias 3 -q 1", aliased),
        ("-m 678 -D connect session-expiry-interval 60", plain),
        ("-m 678 -D connect receive-maximum 7 -D connect maximum-packet-size 4096", plain),
        ("-m 678 -D connect request-problem-information 1 -D connect request-response-information 0", plain),
        ("-m 678 -D connect user-property k v -D disconnect user-property bye v", plain),
        ("-m 678 -V 5 -x 60 -D disconnect session-expiry-interval 0 -i ends", plain),
        ("-m 678 --will-topic alice/parking/will -D will content-type t -D will will-delay-interval 5", plain),
        ("-m 678 --will-topic alice/parking/will -D will user-property k v -D will message-expiry-interval 9", plain),
    ]
    .into_iter()
    .map(|(line, apart)| (format!("-t {TOPIC} {line}"), apart))
    .chain([
        (format!("--topic {TOPIC} -m 678 --host 127.0.0.1 --port PORT"), plain),
        (format!("-t {TOPIC} -m 678 {host} --username {LOT1} --pw other"), plain),
        (format!("-t x -t {TOPIC} -m 678"), plain),
        (format!("-m 678 --url mqtt://127.0.0.1:PORT/{TOPIC}"), plain),
        (format!("-m 678 -L mqtt://127.0.0.1:PORT/x -t {TOPIC}"), plain),
        (format!("-m 678 -L mqtt://{LOT1}:p%40w:x@127.0.0.1:PORT/{TOPIC}"), plain),
        (with_url, plain),
    ])
    .collect();
    side_by_side(&cases, |(line, apart)| same(&both, "pub", line, &[], *apart));
}

#[test]
fn sub_does_what_mosquitto_sub_does() {
    let Some(both) = Both::new() else { return };
    let plain = Apart::default();
    let silent = Apart { prints: Some("1\n"), ..plain };
    let kept = Apart { wire: &[("0x11=4294967295", "0x11=86400")], ..plain };
    // 2.0.11 prints a tenth of what is asked for: this program prints all.
    let all = Apart { prints: Some("1\n"), ..plain };
    // A ping tells when the broker has sent what it keeps.
    let probed = Apart { wire: &[("kept 0x0", "kept 0x0\nPINGREQ")], ..plain };
    let cases: Vec<(String, Apart)> = [
        ("-C 1", plain),
        ("-C 1 -v", plain),
        ("-C 1 --verbose -q 1", plain),
        ("-C 1 -N", plain),
        ("-C 1 --qos 2", plain),
        ("-E", plain),
        ("-E -q 1", plain),
        ("-C 1 -F %t,%q,%r,%p", plain),
        ("-C 1 -F %J --pretty", Apart { prints: None, ..plain }),
        ("-C 1 --retained-only", probed),
        ("-C 1 -k 30 --nodelay --quiet", plain),
        ("-C 1 -i own", plain),
        ("-C 1 -I pre", plain),
        ("-C 1 -A 127.0.0.1", plain),
        ("-C 1 -d", silent),
        ("-C 1 -c -i sub-sid -q 1", plain),
        ("-E --disable-clean-session -i sub5-sid -q 1 -V 5", kept),
        ("-C 1 -c -i x-sid -q 2 -V 5 -x 60", plain),
        ("-C 1 -V 5 -x 60", plain),
        ("-C 1 -V 5 --retain-as-published", plain),
        ("-C 1 --random-filter 100", all),
        ("-C 1 -D subscribe subscription-identifier 7", plain),
        ("-C 1 -D subscribe user-property k v -D connect user-property a b", plain),
        ("-C 1 -D disconnect user-property k v", plain),
        ("-C 1 --will-topic alice/parking/will --will-payload gone --will-qos 2 --will-retain", plain),
        ("-C 1 -T alice/parking/kep", plain),
    ]
    .into_iter()
    .map(|(line, apart)| (format!("-W 30 -t {KEPT} {line}"), apart))
    .chain([
        (format!("-W 30 -C 1 -t {KEPT} -t {OTHER} -T {KEPT} -v"), plain),
        (format!("-W 30 -C 1 -t {KEPT} -t {OTHER} --filter-out alice/+/kept -v"), plain),
        (format!("-W 30 -C 2 -t {KEPT} -t {OTHER} -v"), plain),
        (format!("-W 30 -C 1 -L mqtt://{LOT1}:pw@127.0.0.1:PORT/{KEPT}"), plain),
        (format!("-W 30 -C 2 -L mqtt://127.0.0.1:PORT/{KEPT} -t {OTHER}"), plain),
        (format!("-W 1 -C 1 -R -t {KEPT}"), plain),
        (format!("-W 1 -C 1 -t {KEPT} -T alice/#"), plain),
    ])
    .collect();
    side_by_side(&cases, |(line, apart)| {
        let pretty = line.contains("--pretty");
        if pretty {
            // The time is in it.
            let [theirs, ours] = [both.theirs("sub", line, &[]), both.ours("sub", line, &[])];
            let without_time = |done: Done| {
                let out = done.outcome.succeeded();
                out.lines().filter(|line| !line.contains("\"tst\"")).map(|line| format!("{line}\n")).collect::<String>()
            };
            assert_eq!(without_time(ours), without_time(theirs));
        } else {
            same(&both, "sub", line, &[], *apart);
        }
    });
}

#[test]
fn sub_ends_subscriptions_as_mosquitto_sub_does() {
    let Some(both) = Both::new() else { return };
    let line = "-t alice/parking/silent -E -c -q 1 -V 5 -x 60 -W 30";
    let end = "-U alice/parking/gone -D unsubscribe user-property k v";
    both.theirs("sub", &format!("{line} -i ends1"), &[]).outcome.succeeded();
    both.ours("sub", &format!("{line} -i ends2"), &[]).outcome.succeeded();
    let theirs = both.theirs("sub", &format!("-u {LOT1} -P any {line} -i ends1 {end}"), &[]);
    let ours = both.ours("sub", &format!("{line} -i ends2 {end}"), &[]);
    let sorted = |done: Done| {
        assert_eq!(done.outcome.code, 0, "{}", done.outcome);
        let mut packets = levelled(&done.wire[0].1);
        // mosquitto_sub may end before it has read the UNSUBACK, which resets the connection: then its DISCONNECT is lost.
        packets.retain(|packet| !packet.starts_with("DISCONNECT"));
        // This program ends the old subscriptions before it asks for new ones.
        packets.sort();
        packets
    };
    assert_eq!(sorted(ours), sorted(theirs));
}

#[test]
fn a_share_of_the_messages_is_printed() {
    let Some(both) = Both::new() else { return };
    let port = both.broker.port;
    let topic = "alice/parking/share";
    let line = format!("sub -p {port} -t {topic} -C 2000 -W 60 --random-filter 50");
    let hearing = both.env.i3(&line).env("I3_PASSWORD", "any").env("I3_DEVICE", LOT1).arg("-v");
    let hearing = hearing.start().says("Subscribed to");
    let lines: String = (0..2000).map(|n| format!("{n}\n")).collect();
    let send = both.env.i3(&format!("pub -p {port} -t {topic} -l -q 1 --rate 20000/s")).env("I3_PASSWORD", "any");
    send.env("I3_DEVICE", LOT1).input(lines).done();
    let printed = hearing.finish().succeeded().lines().count();
    // All 2,000 counted; fewer than 800 or more than 1,200 are a matter of nine standard deviations.
    assert!((800..1200).contains(&printed), "{printed}");
}

#[test]
fn a_file_of_options_is_read_as_mosquittos_programs_read_theirs() {
    let Some(both) = Both::new() else { return };
    let files = [
        (format!("# comment\n-m hello world\n-t {TOPIC}\n"), ""),
        (format!("\n  -t {TOPIC}\n--message two  words \n\n-q 1\n"), ""),
        (format!("-t {TOPIC}\n-m x\n-q 1\n"), "-q 2"),
        (format!("-t nonsense\n-t {TOPIC}\n-m \"x y\"\n-r\n-V 5\n"), ""),
        ("-L mqtt://127.0.0.1:PORT/nonsense\n-m x\n-i own\n".into(), "-t alice/parking/occupancy"),
        ("-t nonsense\n-m #x\r\n-k 30\n".into(), "-L mqtt://127.0.0.1:PORT/alice/parking/occupancy"),
        (format!("-t {TOPIC}\n-m x\n"), "-m y"),
        (format!("-t {TOPIC}\n-m x\n-i a\n"), "-I b"),
        (format!("-t {TOPIC}\n-m x\n-r 1\n"), ""),
        (format!("-t {TOPIC}\n-m x\nfoo\n"), ""),
        (format!("-t {TOPIC}\n-m\n"), ""),
    ];
    let cases: Vec<_> = files.into_iter().enumerate().collect();
    side_by_side(&cases, |(at, (file, line))| {
        let folder = both.env.path(&format!("xdg{at}"));
        fs::create_dir(&folder).unwrap();
        let run = |tap: &Tap, mut run: crate::program::Run, line: String| {
            fs::write(folder.join("mosquitto_pub"), file.replace("PORT", &tap.port.to_string())).unwrap();
            run.command.args(line.replace("PORT", &tap.port.to_string()).split_ascii_whitespace());
            if !file.contains("PORT") && !line.contains("PORT") {
                run.command.args(["-p", &tap.port.to_string()]);
            }
            run.env("XDG_CONFIG_HOME", &folder).run()
        };
        let tap = Tap::before(both.broker.port);
        let theirs = both.env.command(mosquitto_client("mosquitto_pub").unwrap());
        let theirs = run(&tap, theirs, format!("-u {LOT1} -P any {line}"));
        let theirs_sent = tap.end();
        // Its own file of that name is not read unasked.
        let tap = Tap::before(both.broker.port);
        let ours = both.env.i3("pub").env("I3_PASSWORD", "any").env("I3_DEVICE", LOT1);
        let ours = run(&tap, ours, format!("--confirm none {line} -o {}/mosquitto_pub", folder.display()));
        let sent = tap.end();
        assert_eq!(theirs.code == 0, ours.code == 0, "{theirs}\n{ours}");
        let level = |wire: &[(String, Vec<String>)]| wire.iter().flat_map(|(_, p)| levelled(p)).collect::<Vec<_>>();
        assert_eq!(level(&sent), level(&theirs_sent), "{theirs}\n{ours}");
        let tap = Tap::before(both.broker.port);
        let unasked = both.env.i3("pub").env("I3_PASSWORD", "any").env("I3_DEVICE", LOT1);
        assert_eq!(run(&tap, unasked, String::new()).code, 2);
        assert!(tap.end().is_empty());
    });
}

#[test]
fn what_is_missing_is_answered_from_the_table() {
    let env = TestEnv::new();
    for command in ["pub", "sub"] {
        for option in OPTIONS.iter().filter(|option| option.is_of(command)) {
            let Here::Missing(instead) = option.here else { continue };
            for name in option.names {
                let run = env.i3(&format!("{command} -t {TOPIC} {name} x")).run();
                assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run}");
                run.says(&[
                    "error[command-line]",
                    &format!("{name} is an option of mosquitto_{command} only: {instead}"),
                ]);
                run.does_not_say(&["similar", "tip"]);
            }
        }
    }
    // Elsewhere they mean nothing.
    env.i3("doctor --psk x").fails(2, &["unexpected argument '--psk'"]);
}

#[test]
fn the_key_of_a_certificate_is_not_the_devices() {
    let env = TestEnv::new();
    env.secret("client.key", key_pem());
    fs::write(env.path("client.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    for command in ["pub -m 1", "sub"] {
        let line =
            format!("{command} -u {LOT1} -t {TOPIC} --broker mqtts://127.0.0.1:1 --cert client.pem --key client.key");
        env.i3(&line).fails(2, &["--key is not the key of the client certificate", "--cert-key FILE"]);
    }
}

#[test]
fn each_repetition_is_proved() {
    let env = TestEnv::with_lot1();
    let publish = |topic: &str, more: &str| env.i3(&format!("pub --device lot1 -t {topic} -m 678 {more}"));
    let unproved = publish(TOPIC, &format!("--repeat 3 --json --timeout {LONG} --confirm none")).done();
    assert_eq!(unproved.stdout.lines().count(), 3, "{unproved}");
    for more in ["", "-q 1", "-q 2", "-V 5 -q 1"] {
        let listening =
            env.i3(&format!("sub --device lot1 -t {TOPIC} -C 3 -W {LONG} -v")).start().says("Subscribed to");
        let done = publish(TOPIC, &format!("--repeat 3 --json --timeout {LONG} {more}")).done();
        assert_eq!(done.stdout.lines().count(), 3, "{done}");
        listening.finish().succeeded();
    }
    let refused = publish("alice/parking/occupency", &format!("--repeat 3 --timeout {SHORT}")).run();
    assert_eq!(refused.code, 77, "{refused}");
    refused.says(&["did not come back", "0 of 3 messages arrived before this one"]);
    publish(TOPIC, "--repeat 0").fails(2, &[]);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -l --repeat 2")).fails(2, &["cannot be used with"]);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --spool --repeat 2")).fails(2, &["cannot be used with"]);
}

#[test]
fn a_kept_session_is_proved_beside_and_stays_as_it_is() {
    let Some(both) = Both::new() else { return };
    let topic = "alice/parking/beside";
    let keep = format!("sub -t {topic} -c -i beside -q 1 -W 30");
    both.ours("sub", &format!("{} -E", &keep[4..]), &[]).outcome.succeeded();
    let done = both.ours("pub", &format!("-t {topic} -m proved -q 1 -c -i beside --json --timeout {LONG}"), &[]);
    assert!(done.outcome.stdout.contains(r#""proof":"echo""#), "{}", done.outcome);
    let [(_, own), (_, listener)] = &done.wire[..] else { panic!("{:?}", done.wire) };
    assert!(own[0].contains("clean 0") && own.iter().all(|packet| !packet.contains("SUBSCRIBE")), "{own:?}");
    assert!(listener[0].contains("clean 1") && listener[1].starts_with("SUBSCRIBE"), "{listener:?}");
    // The subscription of the session is as it was, with its quality of service.
    both.theirs("pub", &format!("-t {topic} -m later -q 1"), &[]).outcome.succeeded();
    let kept = both.ours("sub", &format!("{} -C 2 -F %q%p", &keep[4..]), &[]).outcome.succeeded();
    assert_eq!(kept, "1proved\n1later\n");
    both.ours("pub", &format!("-t {topic} -l -c -i beside"), &[]).outcome.says(&["cannot be used with"]);
    both.ours("pub", &format!("-t {topic} -m 1 -c"), &[]).outcome.says(&["--id"]);
}

#[test]
fn retained_messages_are_removed_and_that_is_proved() {
    let env = TestEnv::with_lot1();
    let keep = || env.i3(&format!("pub --device lot1 -t {TOPIC} -m kept -r -q 1")).succeeds("");
    let kept = || env.i3(&format!("sub --device lot1 -t {TOPIC} --retained-only -W {LONG}")).done().stdout;
    keep();
    env.i3(&format!("sub --device lot1 -t {TOPIC} --remove-retained --retained-only -W {LONG}")).succeeds("kept\n");
    assert_eq!(kept(), "");
    keep();
    // What is left out stays.
    let left = env.i3(&format!("sub --device lot1 -t {TOPIC} --remove-retained --retained-only -T alice/# -W {LONG}"));
    left.succeeds("");
    assert_eq!(kept(), "kept\n");
    // A buyer may read it, and not write it.
    env.secret("bob.pw", env.sandbox.seed().buyer_broker_password.expose());
    let line = format!("sub -u bob --pw-file bob.pw -t {TOPIC} --remove-retained -C 1 -W {LONG} --timeout {SHORT}");
    let refused = env.i3(&line).run();
    assert_eq!((refused.code, refused.stdout.as_str()), (77, "kept\n"), "{refused}");
    refused.says(&["a retained message is not removed"]);
    assert_eq!(kept(), "kept\n");
}

#[test]
fn a_will_is_checked_and_comes_when_the_connection_is_lost() {
    let env = TestEnv::with_lot1();
    let outside = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --will-topic alice/garden/x")).run();
    assert_eq!(outside.code, 77, "{outside}");
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --will-topic short")).fails(65, &[]);
    env.i3(&format!("sub --device lot1 -t {TOPIC} --will-payload x")).fails(2, &["--will-topic"]);
    let secret =
        env.i3_with(&format!("sub --device lot1 -t {TOPIC} --will-topic {TOPIC} --will-payload"), &[key_pem()]);
    secret.fails(77, &["private-key-on-command-line"]).keeps_secret(key_pem());
    let Some(both) = Both::new() else { return };
    let will = "alice/parking/will";
    let port = both.broker.port;
    let start = |line: &str| {
        let run = both.env.i3(&format!("sub -p {port} -v {line}")).env("I3_PASSWORD", "any").env("I3_DEVICE", LOT1);
        run.start().says("Subscribed to")
    };
    let hearing = start(&format!("-t {will} -C 1 -W 30"));
    // A run that ends well takes its will along.
    both.ours("pub", &format!("-t {TOPIC} -m 1 --will-topic {will} --will-payload no"), &[]).outcome.succeeded();
    let dies = start(&format!("-t {TOPIC} --will-topic {will} --will-payload gone"));
    drop(dies);
    assert_eq!(hearing.finish().succeeded(), format!("{will} gone\n"));
}

#[test]
fn properties_are_checked_before_anything_is_sent() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    for (line, says) in [
        ("pub -m 1 -D publish hunter2 x", "MQTT 5 has no property of that name"),
        ("pub -m 1 -D hunter2 user-property a b", "properties belong to CONNECT"),
        ("pub -m 1 -D publish receive-maximum 5", "PUBLISH has no property receive-maximum"),
        ("pub -m 1 -D connect receive-maximum hunter2", "receive-maximum takes a number from 1 to 65535"),
        ("pub -m 1 -D publish user-property hunter2", "user-property takes a name and a value"),
        ("pub -m 1 -D publish content-type hunter2 x", "content-type takes one value"),
        ("pub -m 1 -D publish content-type a -D publish content-type b", "content-type is given twice for PUBLISH"),
        ("pub -m 1 -D subscribe user-property a b", "this command sends no SUBSCRIBE that could have any"),
        ("sub -D publish user-property a b", "this command sends no PUBLISH that could have any"),
        ("pub -m 1 -D connect authentication-method x", "I3 knows users by name and password only"),
        ("pub -m 1 -D connect topic-alias-maximum 5", "aliases that a broker chooses"),
        ("pub -m 1 -D will content-type x", "there is no will"),
        ("pub -m 1 -V 311 -D publish content-type x", "--property needs MQTT 5"),
        ("pub -m 1 -x 60", "-x needs MQTT 5"),
        ("sub --retain-as-published", "--retain-as-published needs MQTT 5"),
        ("pub -m 1 -V 5 -x -1", "a session without an end needs a client id"),
        ("pub -m 1 --spool -D publish content-type x", "a spool keeps no properties of messages"),
        ("pub -m 1 -V 5 -x 60 -D connect session-expiry-interval 5", "session-expiry-interval is given twice"),
    ] {
        let refused = env.i3(&format!("{line} --device lot1 -t {TOPIC}")).run();
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{refused}");
        refused.says(&[says]).does_not_say(&["hunter2"]);
    }
    assert_eq!(env.sandbox.counts(), before);
}

#[test]
fn packets_are_told_on_standard_error_without_secrets() {
    let env = TestEnv::with_lot1();
    let told = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -q 1 -d -i own")).succeeds("");
    told.says(&[
        "Client own sending CONNECT.",
        "Client own received CONNACK (0).",
        "Client own sending SUBSCRIBE (Mid: 1, Topic: alice/parking/occupancy, QoS: 0).",
        "Client own sending PUBLISH (d0, q1, r0, m2, 'alice/parking/occupancy', ... (3 bytes)).",
        "Client own received PUBACK (Mid: 2, RC:0).",
        "Client own received PUBLISH (d0, q0, r0, m0, 'alice/parking/occupancy', ... (3 bytes)).",
        "Client own sending DISCONNECT.",
    ]);
    let stream = env.i3(&format!("pub --device lot1 -t {TOPIC} -l -q 1 -d -i own")).input("1\n2\n").done();
    stream.says(&["sending PUBLISH (d0, q1", "received PUBACK"]);
    let sub = env.i3(&format!("sub --device lot1 -t {TOPIC} -E -d -i own")).succeeds("");
    sub.says(&["Client own sending SUBSCRIBE", "Client own received SUBACK (Mid: 1: 0)."]);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -u x")).fails(2, &[]);
    env.secret("pw", "hunter2-is-secret");
    let refused = env.i3(&format!("pub -u {LOT1} --pw-file pw -t {TOPIC} -m 678 -d")).run();
    assert_eq!(refused.code, 77, "{refused}");
    refused.says(&["sending CONNECT"]).keeps_secret("hunter2-is-secret");
}

#[test]
fn a_password_in_a_file_of_options_is_kept_from_others() {
    let env = TestEnv::with_lot1();
    let options = format!("-u {LOT1}\n-P hunter2-is-secret\n-t {TOPIC}\n-m 678\n");
    env.secret("options", &options);
    let refused = env.i3("pub -o options").run();
    assert_eq!(refused.code, 77, "{refused}");
    refused.says(&["refused the log-in"]).does_not_say(&["on the command line"]).keeps_secret("hunter2-is-secret");
    // What the command line gives counts, and is told of.
    env.i3("pub -o options -P hunter3-is-secret").run().says(&["a password on the command line"]);
    let url = env.i3(&format!("pub -L mqtt://{LOT1}:hunter2-is-secret@127.0.0.1:1/{TOPIC} -m 678")).run();
    url.says(&["a password on the command line"]).keeps_secret("hunter2-is-secret");
    for line in ["-P hunter2-is-secret", "-L mqtt://u:hunter2-is-secret@h/t", "--proxy socks5h://u:hunter2-is-secret@h"]
    {
        fs::write(env.path("open"), format!("-t {TOPIC}\n{line}\n")).unwrap();
        let refused = env.i3("pub -m 1 -o open").run();
        assert_eq!(refused.code, 78, "{refused}");
        refused.says(&["can be read by others"]).keeps_secret("hunter2-is-secret");
    }
    fs::write(env.path("harmless"), format!("-t {TOPIC}\n--device lot1\n")).unwrap();
    env.i3("pub -m 1 -o harmless").succeeds("");
    env.i3("sub -E -o harmless").succeeds("");
    fs::write(env.path("nested"), "-o harmless\n").unwrap();
    env.i3("pub -m 1 -o nested").fails(2, &["names another file of options"]);
    env.i3("pub -m 1 -o nowhere").fails(66, &["nowhere cannot be read"]);
    env.i3("pub -m 1 -L hunter2").fails(2, &["the value of -L is not a URL"]).does_not_say(&["hunter2"]);
    // A message may be a key if that is meant, and nothing else may.
    env.secret("keys", format!("-t {TOPIC}\n--device lot1\n-m {{\"kty\":\"EC\",\"d\":\"{}\"}}\n", "uK3v".repeat(20)));
    env.i3("pub -o keys").fails(77, &["this is a private key"]);
    env.i3("pub -o keys --allow-secret").succeeds("");
}

#[test]
fn a_message_with_extras_does_not_go_by_the_agent() {
    let env = TestEnv::with_lot1();
    let socket = env.agent();
    fs::create_dir_all(socket.parent().unwrap()).unwrap();
    // Anything there is an agent to look at.
    fs::write(&socket, "").unwrap();
    for (more, why) in [
        ("-D publish content-type x", "-d, -D, -x or a will is given"),
        ("--will-topic alice/parking/will", "-d, -D, -x or a will is given"),
        ("-V 5 -x 60", "-d, -D, -x or a will is given"),
        ("--repeat 2", "--repeat or -c is given"),
        ("-c -i own", "--repeat or -c is given"),
        ("-I pre", "--id is given"),
        ("-A 127.0.0.1", "--bind-address is given"),
    ] {
        let line = format!("pub --device lot1 -t {TOPIC} -m 678 -v {more}");
        env.i3(&line).succeeds("").says(&[&format!("Not by the agent: {why}.")]);
    }
}
