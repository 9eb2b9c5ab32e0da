//! How a sandbox is set up.

use std::path::PathBuf;
use std::time::Duration;

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port of the marketplace on 127.0.0.1; 0 takes any free one.
    pub market_port: u16,
    /// Port of the broker on 127.0.0.1; 0 takes any free one.
    pub broker_port: u16,
    /// Whether devices and hubs can be had over REST; the released I3-Core answers 404 there (405 to a new product).
    pub rest: bool,
    /// `true`: a Mosquitto 2.x that speaks MQTT 5 as well. `false`: the released 1.4.14, which answers it with CONNACK 1
    /// and lets clients without credentials in without any permission.
    pub mqtt5: bool,
    /// Starts with the marketplace's mail down (`Controls::set_mail_down`).
    pub mail_down: bool,
    /// The broker's database client speaks latin1, and finds no name outside ASCII (I3 facts §6.1).
    pub latin1: bool,
    /// How long the broker remembers a permission, or that there is none (I3 facts §4: 300 s).
    pub permission_cache: Duration,
    /// Time between the check of a new device and its row, in which another equal request passes the check as well.
    pub device_race: Duration,
    /// How long a log-in by token blocks the broker (I3 facts §3: 45 to 80 ms; a password costs nothing). Zero for tests
    /// that do not need it.
    pub token_cost: Duration,
    /// How long the log-ins stay locked after an edit that the database could not store (I3 facts §6.5: minutes).
    pub log_in_lock: Duration,
    /// How long a change of the log-ins waits for that lock before it fails (I3 facts §6.5: 50 s).
    pub lock_wait: Duration,
    /// File that keeps accounts, hubs, products and devices between runs. It contains passwords (0600).
    pub state: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            market_port: 0,
            broker_port: 0,
            rest: true,
            mqtt5: true,
            mail_down: false,
            latin1: false,
            permission_cache: Duration::from_secs(300),
            device_race: Duration::from_millis(20),
            token_cost: Duration::from_millis(60),
            log_in_lock: Duration::from_secs(180),
            lock_wait: Duration::from_secs(50),
            state: None,
        }
    }
}
