//! What the program says where a seller would otherwise look in the wrong place. `Outcome::is_explained` in program.rs
//! checks, for every run, that an error names its entry.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::program::{LONG, LOT1, TOPIC, TestEnv};
use crate::support::http_server::{HttpServer, Reply};

#[test]
fn explain_takes_its_options_behind_the_text() {
    let env = TestEnv::new();
    let five = env.i3("--json explain 5").done().stdout;
    assert_eq!(env.i3("explain 5 --json").done().stdout, five);
    assert_eq!(env.i3("explain 5 -v").done().stdout, env.i3("explain 5").done().stdout);
    assert!(env.i3("explain 5 --help").done().stdout.contains("Usage: i3 explain"));
    for (text, id) in [("502", "gateway"), ("HTTP 503", "gateway"), ("Error: Connection refused", "broker-unreachable")]
    {
        let told = env.i3_with("explain", &[text]).done().stdout;
        assert!(told.lines().any(|line| line == id), "{text}: {told}");
    }
}

#[test]
fn a_host_that_nobody_knows_is_called_so() {
    let env = TestEnv::new();
    let run = env.i3("hub list --market http://nosuch.invalid:8000");
    run.fails(75, &["the host nosuch.invalid is not found", "check the host's name"]);
}

#[test]
fn what_cannot_be_used_is_named_with_its_file() {
    let env = TestEnv::new();
    env.secret("empty.pem", "");
    env.i3("token --key empty.pem").arg(LOT1).fails(78, &["the key in empty.pem cannot be used", "an empty file"]);
    let config = env.config_file();
    std::fs::create_dir_all(&config).unwrap();
    let says = [config.to_str().unwrap(), "cannot be read", "hint: ", "a text file in UTF-8"];
    env.i3("whoami").fails(78, &says);
    std::fs::remove_dir(&config).unwrap();
    std::fs::write(&config, b"market = \"\xFF\"").unwrap();
    env.i3("whoami").fails(78, &says);
}

#[test]
fn a_page_of_the_network_is_not_taken_for_the_marketplace() {
    let env = TestEnv::new();
    let portal = HttpServer::start(|_| {
        let headers = vec![("Location", "http://login.hotel.example/".to_string())];
        Reply::Answer { status: 302, headers, body: String::new() }
    });
    for line in ["login", "product list", "hub list --via web"] {
        env.i3(line)
            .arg("--market")
            .arg(portal.url())
            .fails(78, &["redirects to another place, http://login.hotel.example (302)", "hint: check that --market"]);
    }
}

#[test]
fn an_empty_log_in_password_is_called_so() {
    let env = TestEnv::new();
    let run = env.i3("login --login-password-stdin").input("");
    run.fails(77, &["the log-in password is empty", "--login-password-file"]).does_not_say(&["broker", "--key"]);
}

#[test]
fn a_key_that_is_there_is_not_told_to_be_forced() {
    let env = TestEnv::new();
    env.i3("keygen lot1").done();
    let run = env.i3("register lot1 --hub parking --new-key");
    run.fails(73, &["already exists", "use it with --key FILE"]).does_not_say(&["--force"]);
    env.i3("keygen lot1").fails(73, &["already exists", "--force"]);
}

#[test]
fn a_subscription_that_can_bring_nothing_is_refused_and_silence_is_not_blamed_where_something_came() {
    let env = TestEnv::with_lot1();
    let run = env.i3("sub --device lot1 -t alice/garden/moxu -C 1 -W 1s");
    run.fails(77, &["alice/garden/moxu is not a topic of", "--any-hub", "its own hub, alice/parking", "-u NAME"]);
    env.i3("sub -t a/b/c -C 0").fails(2, &["--count <COUNT>", "a whole number, at least 1"]).does_not_say(&["'0'"]);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --retain --timeout {LONG}")).done();
    let one = env.i3(&format!("sub --device lot1 -t {TOPIC} -C 2 -W 4s")).run();
    assert_eq!((one.code, one.stdout.as_str()), (75, "1\n"), "{one}");
    one.says(&["only 1 of 2 messages", "-W more time"]).does_not_say(&["not bought"]);
}

#[test]
fn a_short_hub_is_not_searched_for() {
    let env = TestEnv::new();
    env.i3("product search --hub parking").fails(65, &["incomplete hub name", "alice/parking"]);
    assert!(env.i3("product search --hub alice/parking").done().stdout.starts_with(TOPIC));
}

#[test]
fn a_web_server_at_the_brokers_port_is_called_none() {
    let env = TestEnv::with_lot1();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let broker = format!("mqtt://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        assert!(socket.read(&mut [0; 1024]).unwrap() > 0);
        socket.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").unwrap();
    });
    let run = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --broker {broker}"));
    run.fails(78, &["does not speak MQTT", "the answer is HTTP"]).does_not_say(&["mqtts"]);
    server.join().unwrap();
}

#[test]
fn a_number_that_an_option_does_not_take_is_answered_with_those_that_it_takes() {
    let env = TestEnv::new();
    for (line, says) in [
        ("buy a/b/cdef --quantity 0", "'--quantity <N>': write a whole number, at least 1"),
        ("buy a/b/cdef --quantity 12x", "'--quantity <N>': write a whole number"),
        ("sandbox --devices 10001", "'--devices <N>': write a whole number from 1 to 10000"),
        ("pub -t a/b/cdef -m 1 -p 99999", "write a whole number from "),
    ] {
        let said = env.i3(line).fails(2, &[says]);
        said.does_not_say(&["99999", "12x", "10001", "digit found"]);
        let json = env.i3(&format!("{line} --json")).run();
        assert!(json.stderr.contains("write a whole number"), "{json}");
    }
}
