//! What others have written reaches a terminal without its control characters, and a pipe as it came.

use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use i3::sandbox::UserType;

use crate::http::{Browser, product};
use crate::program::{LONG, TOPIC, TestEnv};
use crate::support::pty::screen_of;
use crate::support::skipped::skipped;

/// It sets a window's title, by C0 and by C1 controls, and turns the direction of writing.
const TITLE: &str = "\u{1b}]0;pwned\u{7}\u{9d}0;pwned\u{9c}\u{202e}";
/// How [`TITLE`] is shown.
const SHOWN: &str = r"\u{1b}]0;pwned\u{7}\u{9d}0;pwned\u{9c}\u{202e}";

/// Whatever this line of a shell prints on a terminal, stdout and stderr alike; `None` without `script`.
pub fn on_terminal(env: &TestEnv, line: &str) -> Option<String> {
    typed_on_terminal(env, line, "")
}

/// As [`on_terminal`], where somebody types this.
pub fn typed_on_terminal(env: &TestEnv, line: &str, typed: &str) -> Option<String> {
    if !std::path::Path::new("/usr/bin/script").exists() {
        skipped("script is not installed; nothing was printed on a terminal");
        return None;
    }
    let mut run = env.shell("exec script -qec \"$LINE\" /dev/null").env("LINE", line).env("TERM", "xterm");
    if typed.is_empty() {
        let output = run.command.stdin(Stdio::null()).output().unwrap();
        return Some(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Some(run.input(typed).run().stdout)
}

/// Neither the escape sequence of [`TITLE`] nor any other that names a window.
fn is_harmless(screen: &str) {
    for sequence in ["\u{1b}]", "\u{9d}", "\u{202e}", "\u{7}"] {
        assert!(!screen.contains(sequence), "{screen:?}");
    }
}

#[test]
fn a_products_title_names_no_window() {
    let env = TestEnv::new();
    let mut alice = Browser::of_seller(&env.sandbox);
    // The marketplace stores no characters but those of Windows-1252.
    let title = "free\u{1b}]0;pwned\u{7}";
    assert_eq!(alice.post("/products/1/edit/", &product(title, "alice/parking", "1")).status, 302);
    for line in ["product search --hub alice/parking", "product list", "product search"] {
        let told = env.i3(line).done();
        assert!(told.stdout.contains("free") || told.stderr.contains("free"), "{told}");
        is_harmless(&told.stdout);
        is_harmless(&told.stderr);
    }
    let Some(screen) = on_terminal(&env, "i3 product search --hub alice/parking; i3 product list") else { return };
    assert!(screen.contains("has lost its prefix"), "{screen:?}");
    is_harmless(&screen);
    // A program gets the text that the marketplace stores.
    assert_eq!(env.i3("product list --json").json()[0]["topic"], title);
}

#[test]
fn a_buyers_message_keeps_the_columns() {
    let env = TestEnv::new();
    let mut alice = Browser::of_seller(&env.sandbox);
    let restricted = [product("gate", "parking", "2").as_slice(), &[("restricted_active", "on")]].concat();
    assert_eq!(alice.post("/products/create/", &restricted).status, 302);
    let (password, _) = env.sandbox.add_user_of_type("hank", UserType::Buyer).unwrap().unwrap();
    let buy = env.i3("buy alice/parking/gate --yes --request-message").arg("let\tme\nin\u{1b}]0;pwned\u{7}");
    buy.env("I3_USER", "hank").env("I3_LOGIN_PASSWORD", password.expose()).without("I3_API_KEY").run();
    let listed = env.i3("request list").done().stdout;
    assert_eq!(listed.lines().map(|line| line.split('\t').count()).collect::<Vec<_>>(), [4], "{listed:?}");
    assert!(listed.contains("hank"), "{listed:?}");
    is_harmless(&listed);
}

#[test]
fn a_token_names_no_window() {
    let env = TestEnv::new();
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let claims = serde_json::json!({ format!("iss{TITLE}"): TITLE, "iat": 1, "exp": 2 }).to_string();
    let token = format!("{}.{}.{}", part(r#"{"typ":"JWT","alg":"RS256"}"#), part(&claims), part("signature"));
    let told = env.i3("token --inspect").input(&token).run();
    assert!(told.stdout.contains(&format!("iss{SHOWN}")), "{told}");
    is_harmless(&told.stdout);
    is_harmless(&told.stderr);
    let json = env.i3("token --inspect --json").input(&token).run().stdout;
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["claims"][format!("iss{TITLE}")], TITLE);
    assert!(json.is_ascii(), "{json}");
}

#[test]
fn a_json_key_names_no_window() {
    let env = TestEnv::with_lot1();
    let key = serde_json::json!({ format!("free{TITLE}"): 1, "taken": 2 }).to_string();
    env.i3(&format!("pub --device lot1 -t {TOPIC} --retain --timeout {LONG} -m")).arg(&key).done();
    // Not by script(1): at the end of its input it types Ctrl-D, which ends a chart.
    let line = format!("sub --device lot1 -t {TOPIC} --plot -C 1 -W {LONG}");
    let screen = screen_of(&env.i3(&line).command, 120, 24);
    assert!(screen.contains(SHOWN), "{screen:?}");
    is_harmless(&screen);
    let picture = env.i3(&format!("sub --device lot1 -t {TOPIC} --plot --plot-png plot.png -C 1 -W {LONG} -v")).done();
    picture.says(&[SHOWN]);
    is_harmless(&picture.stderr);
}

#[test]
fn a_payload_is_raw_in_a_pipe_and_visible_on_a_terminal() {
    let env = TestEnv::with_lot1();
    let payload = format!("a\tb{TITLE}");
    env.i3(&format!("pub --device lot1 -t {TOPIC} --retain --timeout {LONG} -m")).arg(&payload).done();
    let sub = format!("sub --device lot1 -t {TOPIC} -C 1 -W {LONG}");
    env.i3(&sub).succeeds(&format!("{payload}\n"));
    assert_eq!(env.i3(&format!("{sub} --json")).json()["payload"], payload);
    assert!(env.i3(&format!("{sub} --json")).done().stdout.is_ascii());
    let Some(screen) = on_terminal(&env, &format!("i3 {sub}; i3 {sub} -v; i3 {sub} -F '\\e[1m%p\\e[0m %l'")) else {
        return;
    };
    assert_eq!(screen.matches(SHOWN).count(), 3, "{screen:?}");
    assert!(screen.contains(&format!("\u{1b}[1ma\tb{SHOWN}\u{1b}[0m {}", payload.len())), "{screen:?}");
    is_harmless(&screen);
    let raw = on_terminal(&env, &format!("i3 {sub} --raw")).unwrap();
    assert!(raw.contains(&payload), "{raw:?}");
}

#[test]
fn an_answer_of_the_marketplace_puts_no_words_into_an_error() {
    let env = TestEnv::new();
    let run = env.i3("product show").arg(format!("alice/parking/x{TITLE}\nhint: run `rm -rf /`")).run();
    assert_ne!(run.code, 0, "{run}");
    is_harmless(&run.stderr);
    assert!(!run.stderr.contains("\nhint: run `rm"), "{run}");
}
