//! `i3 pub` and mosquitto_pub, `i3 sub` and mosquitto_sub, on a real Mosquitto: each option is given to both programs, and the
//! bytes on the wire, the output, and whether the exit code is 0 are compared. Permitted differences are in
//! `i3::cli::mosquitto::OPTIONS`, from which docs/mosquitto-options.md is rendered.

mod files;
mod messages;
mod table;
mod wire;

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::program::{LOT1, Outcome, TestEnv};
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

/// Replaces random and process-specific values by fixed ones.
fn levelled(packets: &[String]) -> Vec<String> {
    let level = |packet: &String| {
        let (before, rest) = packet.split_once(" id \"").map_or((packet.as_str(), None), |(a, b)| (a, Some(b)));
        let Some((id, after)) = rest.and_then(|rest| rest.split_once('"')) else { return packet.clone() };
        let id = match id {
            "" => "ID".into(),
            id if id.starts_with("mosq-") || id.starts_with("i3") && id.len() == 22 => "ID".into(),
            id => id.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned(),
        };
        // They announce how many messages they accept at once, even without the option.
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
    // Each has its own session.
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
    let sent = sent.join("\n");
    // Theirs is queued where the SUBACK comes, and the program may end before it has left.
    if sent.strip_suffix("\nDISCONNECT 0") != Some(expected.as_str()) {
        assert_eq!(sent, expected, "{shown}");
    }
}

/// Runs all of these on a few threads.
fn side_by_side<T: Sync>(cases: &[T], run: impl Fn(&T) + Sync) {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    // The others are reported as well.
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(case)));
                    failed.fetch_add(usize::from(result.is_err()), Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(failed.into_inner(), 0, "of {} cases", cases.len());
}
