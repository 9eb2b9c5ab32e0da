//! Line mode on the sandbox: proof of delivery, forms of lines, and what cannot be published.

use i3::sandbox::{Options, RunningSandbox, Sandbox};

use crate::http::Browser;
use crate::program::{NO_PRODUCT, SHORT, TestEnv};
use crate::support::folder::Folder;
use crate::support::line_mode::{SECRET, TOPIC, numbers, start};
use crate::wire::Client;

fn sandbox() -> RunningSandbox {
    let sandbox = Sandbox::spawn(Options::default()).unwrap();
    assert_eq!(Browser::of_seller(&sandbox).create_device("lot1", "1", SECRET).status, 302);
    sandbox
}

fn run(sandbox: &RunningSandbox, args: &[&str], input: &[u8]) -> crate::support::line_mode::Done {
    let mut run = start(sandbox.broker_url().port, args);
    run.feed(input.to_vec());
    run.end()
}

#[test]
fn every_quality_of_service_and_version_is_confirmed() {
    let sandbox = sandbox();
    for version in ["311", "5"] {
        for qos in ["0", "1", "2"] {
            let done = run(&sandbox, &["-l", "-t", TOPIC, "-q", qos, "-V", version], &numbers(500));
            assert_eq!((done.code, done.count("acknowledged")), (Some(0), 500), "{done:?}");
            let expected = if version == "5" && qos != "0" { 500 } else { 1 };
            assert_eq!(done.count("confirmed"), expected, "{version} {qos}");
            let done = run(&sandbox, &["-l", "-t", TOPIC, "-q", qos, "-V", version, "--confirm", "all"], &numbers(500));
            assert_eq!(
                (done.code, done.count("confirmed"), done.count("acknowledged")),
                (Some(0), 500, 500),
                "{done:?}"
            );
        }
    }
}

#[test]
fn a_denied_topic_stops_at_its_first_line_and_names_it() {
    let sandbox = sandbox();
    let args = ["--topic-per-line", "-q", "1", "--timeout", SHORT];
    let input = format!("{TOPIC}\t1\n{TOPIC}\t2\nalice/parking/nowhere\t3\nalice/parking/nowhere\t4\n");
    let done = run(&sandbox, &args, input.as_bytes());
    assert_eq!(done.code, Some(77), "{done:?}");
    assert!(done.stderr.contains("line 3 to alice/parking/nowhere did not come back"), "{}", done.stderr);
    let counts = ["read", "sent", "confirmed", "refused"].map(|name| done.count(name));
    assert_eq!(counts, [4, 3, 1, 2], "the fourth line waited for the third, and was not sent");

    let done = run(&sandbox, &[&args[..], &["-V", "5"]].concat(), input.as_bytes());
    assert_eq!(done.code, Some(77), "{done:?}");
    assert!(done.stderr.contains(" refused line 3 to alice/parking/nowhere (reason 0x87"), "{}", done.stderr);
}

#[test]
fn lines_with_topics_and_json_go_where_they_say() {
    let sandbox = sandbox();
    let mut buyer = Client::new(&sandbox, "c", "bob", sandbox.seed().buyer_broker_password.expose());
    buyer.subscribe(TOPIC, i3::mqtt::packet::QoS::AtMostOnce);
    let done = run(&sandbox, &["--topic-per-line"], format!("{TOPIC}\ta\tb\n{TOPIC}\t").as_bytes());
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 2), "{done:?}");
    let json = format!(
        "{{\"topic\":\"{TOPIC}\",\"payload\":\"c\\nd\",\"qos\":1}}\n{{\"payload_base64\":\"ZQ==\",\"qos\":2,\"retain\":false}}\n"
    );
    let done = run(&sandbox, &["--jsonl", "-t", TOPIC], json.as_bytes());
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 2), "{done:?}");
    let done = run(&sandbox, &["-0", "-t", TOPIC], b"f\ng\0h");
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 2), "{done:?}");
    let got: Vec<String> = (0..6).map(|_| buyer.message()).collect();
    assert_eq!(got, ["a\tb", "", "c\nd", "e", "f\ng", "h"]);
}

#[test]
fn bad_lines_are_named_put_aside_and_do_not_stop_the_rest() {
    let sandbox = sandbox();
    let folder = Folder::new();
    let rejects = folder.join("bad.txt");
    let long = "x".repeat(200_000);
    let input = format!("{TOPIC}\t1\nno tab\nbob/parking/occupancy\t2\n{TOPIC}/+\t3\n{TOPIC}\t{long}\n{TOPIC}\t4\n");
    let args = ["--topic-per-line", "-q", "1", "--max-line", "1K"];
    let done = run(&sandbox, &args, input.as_bytes());
    assert_eq!(done.code, Some(65), "{done:?}");
    assert_eq!((done.count("read"), done.count("acknowledged"), done.count("rejected")), (6, 2, 4));
    for told in
        ["line 2 is not published: there is no tab", "line 3 is", "line 4 is", "line 5 is not published: it is longer"]
    {
        assert!(done.stderr.contains(told), "{told} in {}", done.stderr);
    }
    let done = run(&sandbox, &[&args[..], &["--rejects", rejects.to_str().unwrap()]].concat(), input.as_bytes());
    assert_eq!((done.code, done.count("rejected")), (Some(0), 4), "{done:?}");
    let kept = std::fs::read_to_string(&rejects).unwrap();
    assert_eq!(kept, format!("no tab\nbob/parking/occupancy\t2\n{TOPIC}/+\t3\n{TOPIC}\t{long}\n"));
    let done = run(&sandbox, &[&args[..], &["--strict"]].concat(), input.as_bytes());
    assert_eq!((done.code, done.count("read"), done.count("acknowledged")), (Some(65), 2, 1), "{done:?}");
}

#[test]
fn an_empty_input_is_nothing_and_a_producer_that_ends_early_is_heard_out() {
    let sandbox = sandbox();
    let done = run(&sandbox, &["-l", "-t", TOPIC], b"");
    assert_eq!((done.code, done.count("read")), (Some(0), 0), "{done:?}");
    let done = run(&sandbox, &["-l", "-t", TOPIC, "--quiet"], b"last");
    assert_eq!((done.code, done.count("acknowledged"), done.stderr.as_str()), (Some(0), 1, ""), "{done:?}");
}

#[test]
fn a_single_message_is_stamped_as_a_line_is() {
    let env = TestEnv::with_lot1();
    let mut buyer = Client::new(&env.sandbox, "c", "bob", env.sandbox.seed().buyer_broker_password.expose());
    buyer.subscribe(TOPIC, i3::mqtt::packet::QoS::AtMostOnce);
    let publish = |more: &[&str]| env.i3_with(&format!("pub --device lot1 -t {TOPIC} --stamp json:at -m"), more);
    publish(&[r#"{"free":1}"#]).succeeds("");
    let first = buyer.message();
    assert!(first.starts_with(r#"{"free":1,"at":"2"#), "{first}");
    publish(&[r#"{"free":2}"#, "--spool", "s"]).done();
    let second = buyer.message();
    assert!(second.starts_with(r#"{"free":2,"at":"2"#) && second.matches("at").count() == 1, "{second}");
    for more in [&["678"][..], &["678", "--spool", "s"]] {
        publish(more).fails(65, &["the message is not published", "it is a number"]);
    }
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --stamp v5")).fails(2, &["needs MQTT 5", "-V 5"]);
    env.i3("spool drain --device lot1 --stamp").fails(2, &["needs MQTT 5", "-V 5"]);
}

#[test]
fn options_of_lines_are_refused_without_lines_and_say_what_they_need() {
    let env = TestEnv::with_lot1();
    let message = format!("pub --device lot1 -t {TOPIC} -m 678");
    for option in ["--strict", "--rejects f", "--max-line 10"] {
        env.i3(&format!("{message} {option}")).fails(2, &["required", "--lines", "--jsonl"]);
        env.i3(&format!("{message} {option} --spool s")).fails(2, &["required", "--lines", "--jsonl"]);
    }
    for option in ["--grace 1s", "--retry-refused 1s"] {
        env.i3(&format!("{message} {option}")).fails(2, &["required", "--lines", "--spool"]);
        env.i3(&format!("{message} {option} --spool s")).done();
    }
    for more in ["", "--spool s"] {
        env.i3(&format!("{message} --deadline 1m {more}")).done();
    }
}

#[test]
fn a_value_that_is_wrong_is_told_why() {
    let env = TestEnv::with_lot1();
    for (option, why) in [
        ("--window 0", "a number from 1 to 65535"),
        ("--max-line 300M", "MQTT carries at most 256 MB"),
        ("--max-line many", "such as 1000, 64K"),
        ("--spool-age 2y", "longer than a year"),
        ("--deadline 5", "with its unit, such as 90s"),
        ("--stamp xx", "json:FIELD or v5"),
        ("--retry x", "write a whole number"),
    ] {
        env.i3(&format!("pub --device lot1 -t {TOPIC} -l --spool s {option}")).fails(2, &[why]);
    }
}

#[test]
fn a_line_that_does_not_come_back_is_explained_as_a_message_is() {
    let env = TestEnv::with_lot1();
    env.secret("bob.pw", env.sandbox.seed().buyer_broker_password.expose());
    for spool in ["", "--spool s"] {
        let bob = format!("pub -u bob --pw-file bob.pw -t {TOPIC} -l --timeout 1s {spool}");
        env.i3(&bob).input("1\n").fails(77, &["bob may not write this topic", "--device NAME"]);
    }
    let named = format!("pub --device lot1 -t {NO_PRODUCT} -l --timeout 1s -i gateway7");
    env.i3(&named).input("1\n").fails(77, &["line 1 to", "for 300 s", "without --id"]);
}

#[test]
fn rejects_are_not_read_again() {
    let env = TestEnv::with_lot1();
    env.secret("f", "no tab\n");
    env.shell("i3 pub --device lot1 --topic-per-line --rejects f < f").fails(2, &["f is the input", "another file"]);
    assert_eq!(env.read("f"), "no tab\n");
}
