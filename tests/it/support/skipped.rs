//! What is said where a test cannot be made because a program is missing.

use std::io::Write as _;
use std::path::PathBuf;

/// Prints it past the test harness, which hides the output of a passing test.
pub fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
}

/// The same for Mosquitto, which is a failure where `I3_REQUIRE_MOSQUITTO=1` is set.
pub fn without_mosquitto(program: &str) {
    without("I3_REQUIRE_MOSQUITTO", program, "this was not tried on a real Mosquitto");
}

/// Returns the path of one of Mosquitto's clients; if it is missing, prints so.
pub fn mosquitto_client(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from("/usr/bin").join(name);
    if !path.exists() {
        without_mosquitto(name);
    }
    path.exists().then_some(path)
}

/// The same for a shell, and `I3_REQUIRE_SHELLS=1`.
pub fn without_shell(shell: &str) {
    without("I3_REQUIRE_SHELLS", shell, &format!("this was not tried with {shell}"));
}

/// Prints that a program is not installed and what was not tested without it; fails if this variable is `1`.
pub fn without(variable: &str, program: &str, what: &str) {
    let required = std::env::var(variable).is_ok_and(|value| value == "1");
    assert!(!required, "{program} is required and not installed");
    skipped(&format!("{program} is not installed; {what}"));
}
