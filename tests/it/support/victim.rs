//! A process that kills itself at one of its steps, and what it needs: its own log-in at the broker.

use std::process::Command;
use std::time::Duration;

use i3::mqtt::connection::{ConnectError, ConnectOptions, Connection, Endpoint};
use i3::mqtt::packet::{MAX_PACKET, Version};
use i3::rotation::Proof;
use i3::secret::Secret;

/// Kills a process, so that it does nothing more.
pub fn kill(process: u32) {
    assert!(Command::new("kill").args(["-KILL", &process.to_string()]).status().unwrap().success());
}

/// Counts a step of this process, which kills itself when none is left.
pub fn step(left: &mut usize) {
    *left = left.saturating_sub(1);
    if *left == 0 {
        kill(std::process::id());
        std::thread::sleep(Duration::from_secs(60));
    }
}

/// Logs in at the broker once.
pub fn prove(endpoint: &Endpoint, user_name: &str, password: &Secret) -> Proof<String> {
    let client_id = format!("{:x}", rand::random::<u64>());
    let login = ConnectOptions {
        version: Version::V311,
        client_id: &client_id,
        clean: true,
        keep_alive: Duration::from_secs(60),
        user_name,
        password,
        max_packet: MAX_PACKET,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let deadline = Duration::from_secs(30);
    let opened = runtime
        .block_on(async { Connection::open(endpoint, &login, tokio::time::Instant::now() + deadline).await.map(drop) });
    match opened {
        Ok(()) => Proof::Accepted,
        Err(e @ ConnectError::Refused { .. }) => Proof::Refused(e.to_string()),
        Err(e) => Proof::Unanswered(e.to_string()),
    }
}
