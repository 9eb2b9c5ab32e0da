//! An I3 in one process, on loopback: marketplace and broker with the faults of the real ones, seeded and ready to use.
//!
//! It follows the observed behaviour of an unmodified I3-Core (I3 facts §1–§6), silent failures included: forms that
//! come back blank, acknowledged publishes that reach nobody, permissions that are cached for minutes.
//!
//! Not implemented, so it proves nothing about:
//! - payment;
//! - TLS, WebSocket and MQTT 3.1 (protocol level 3 gets CONNACK 1);
//! - MQTT 5's properties: no topic aliases, no expiry of sessions or messages, no shared subscriptions. A session is kept
//!   if its client connected without the clean flag, and for as long as the process runs;
//! - the 170 kB that the broker loses with each log-in by token;
//! - the shell behind password fields: the commands are recorded, never run ([`Controls::shell_commands`]);
//! - pictures: whether a file is an image is seen from its first bytes, thumbnails are the picture itself, and neither is
//!   kept in the state file.
//!
//! Gaps in the observations are filled in the most plausible way: the log-ins are locked for every write, not only for
//! edits; the two databases can be taken down separately.

mod broker;
mod controls;
mod credential_check;
mod db;
mod error;
mod exception;
mod house;
mod loopback;
mod mail;
mod market;
mod options;
mod own_thread;
mod permissions;
mod plugin;
mod seed;
mod shared;

use std::net::Ipv4Addr;
use std::ops::Deref;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::broker_url::BrokerUrl;

pub use controls::{Controls, Counts};
pub use db::{
    AccessLevel, NotificationRecord, PermissionRecord, ProductRecord, RequestRecord, RequestState, SensorType,
    TransactionRecord, UserType,
};
pub use error::SandboxError;
pub use house::{House, RunningHouse};
pub use options::Options;
pub use seed::Seed;
pub use shared::Fault;

use loopback::listen;
use own_thread::OwnThread;
use shared::Shared;

/// A sandbox on the current tokio runtime, which must have I/O and time enabled. Dropping it ends it.
pub struct Sandbox {
    controls: Controls,
    _tasks: JoinSet<()>,
}

impl Sandbox {
    /// Starts marketplace and broker; both answer once this returns.
    ///
    /// # Errors
    /// [`SandboxError`] if a port or the state file cannot be used.
    pub async fn start(options: Options) -> Result<Sandbox, SandboxError> {
        let (db, seed) = seed::open_database(options.state.clone())?;
        let (market, market_port) = listen(options.market_port).await?;
        let (broker, broker_port) = listen(options.broker_port).await?;
        let shared = Arc::new(Shared::new(db, &options));
        let controls = Controls {
            shared: Arc::clone(&shared),
            seed,
            market_url: format!("http://127.0.0.1:{market_port}"),
            broker_url: BrokerUrl::plain(Ipv4Addr::LOCALHOST.to_string(), broker_port),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(market::serve(market, Arc::clone(&shared)));
        tasks.spawn(broker::serve(broker, shared));
        Ok(Sandbox { controls, _tasks: tasks })
    }

    /// Starts a sandbox on its own thread with its own runtime; returns once it answers.
    ///
    /// # Errors
    /// As [`Sandbox::start`], and [`SandboxError::Start`] if no thread can be started.
    pub fn spawn(options: Options) -> Result<RunningSandbox, SandboxError> {
        let (controls, thread) = OwnThread::start(Sandbox::start(options), |sandbox| sandbox.controls.clone())?;
        Ok(RunningSandbox { controls, _thread: thread })
    }
}

impl Deref for Sandbox {
    type Target = Controls;

    fn deref(&self) -> &Controls {
        &self.controls
    }
}

/// A sandbox on its own thread. Dropping it ends it and waits until its ports are free.
pub struct RunningSandbox {
    controls: Controls,
    _thread: OwnThread,
}

impl Deref for RunningSandbox {
    type Target = Controls;

    fn deref(&self) -> &Controls {
        &self.controls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_seeded_and_stops() {
        let sandbox = Sandbox::spawn(Options::default()).unwrap();
        assert_eq!(sandbox.seed().topic, "alice/parking/occupancy");
        assert_eq!(sandbox.seed().api_key.expose().len(), 40);
        assert!(sandbox.broker_url().is_loopback());
        let port = sandbox.broker_url().port;
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        drop(sandbox);
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    }

    #[tokio::test]
    async fn can_be_spawned_from_within_a_runtime() {
        let sandbox = Sandbox::spawn(Options::default()).unwrap();
        let other = Sandbox::start(Options::default()).await.unwrap();
        assert_ne!(sandbox.market_url(), other.market_url());
    }

    #[test]
    fn a_port_in_use_is_an_error() {
        let sandbox = Sandbox::spawn(Options::default()).unwrap();
        let taken = Options { broker_port: sandbox.broker_url().port, ..Options::default() };
        assert!(matches!(Sandbox::spawn(taken), Err(SandboxError::Listen { .. })));
    }

    #[test]
    fn the_state_file_keeps_accounts_and_is_private() {
        let path = std::env::temp_dir().join(format!("i3-state-{:x}.json", rand::random::<u64>()));
        let options = Options { state: Some(path.clone()), ..Options::default() };
        let first = Sandbox::spawn(options.clone()).unwrap().seed().clone();
        let second = Sandbox::spawn(options.clone()).unwrap().seed().clone();
        assert_eq!(first.api_key.expose(), second.api_key.expose());
        assert_eq!(first.buyer_password.expose(), second.buyer_password.expose());
        assert_eq!(first.buyer_broker_password.expose(), second.buyer_broker_password.expose());
        assert_ne!(first.buyer_broker_password.expose(), first.buyer_password.expose());
        assert!(!crate::access::is_group_or_world_accessible(&std::fs::metadata(&path).unwrap()));
        // A file of the first layout, and one that is not a state file.
        for broken in [r#"{"last_id":[1,1,0],"users":[],"hubs":[],"products":[],"devices":[],"purchases":[]}"#, "{"] {
            std::fs::write(&path, broken).unwrap();
            assert!(matches!(Sandbox::spawn(options.clone()), Err(SandboxError::State { .. })));
        }
        std::fs::remove_file(&path).unwrap();
    }
}
