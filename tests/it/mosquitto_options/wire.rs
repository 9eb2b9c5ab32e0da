//! What is on the wire and on standard output, with each option given to both programs.

use super::{Apart, Both, Done, KEPT, OTHER, levelled, same, side_by_side};
use crate::program::{LOT1, TOPIC};

#[test]
fn pub_sends_what_mosquitto_pub_sends() {
    let Some(both) = Both::new() else { return };
    let plain = Apart { ours: "--confirm none", ..Apart::default() };
    // They ask to keep a session forever, this program for a day.
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
    // 2.0.11 prints a tenth of the requested share: this program prints all.
    let all = Apart { prints: Some("1\n"), ..plain };
    // The answer to a ping shows that the broker has sent its retained messages.
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
