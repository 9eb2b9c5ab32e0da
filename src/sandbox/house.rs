//! A plain MQTT broker on loopback, which plays the one that a seller's sensors already speak to in the house.
//!
//! It is the sandbox's broker without I3's rules: everyone may log in, with or without credentials, and use every topic.
//! It supports wildcards, all three QoS, retained messages, wills, and kept sessions with all messages of an absence, as long
//! as the process runs.
//!
//! Shared subscriptions are refused. The Receive Maximum of a client is not read: at most 20 unacknowledged messages of
//! QoS 1 and 2 are in flight to each.

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::broker;
use super::broker::rules::{Limits, Rules};
use super::error::SandboxError;
use super::loopback::listen;
use super::own_thread::OwnThread;
use crate::broker_url::BrokerUrl;

/// The broker of a house on the current tokio runtime, which must have I/O and time enabled. Dropping it ends it.
pub struct House {
    url: BrokerUrl,
    _task: JoinSet<()>,
}

impl House {
    /// Starts the broker on a port of 127.0.0.1, 0 being any free one; it answers once this returns.
    ///
    /// # Errors
    /// [`SandboxError::Listen`] if the port cannot be used.
    pub async fn start(port: u16) -> Result<House, SandboxError> {
        let (listener, port) = listen(port).await?;
        let mut task = JoinSet::new();
        task.spawn(broker::serve(listener, Arc::new(AllowAll)));
        Ok(House { url: BrokerUrl::plain(Ipv4Addr::LOCALHOST.to_string(), port), _task: task })
    }

    /// Starts the broker on its own thread with its own runtime; returns once it answers.
    ///
    /// # Errors
    /// As [`House::start`], and [`SandboxError::Start`] if no thread can be started.
    pub fn spawn(port: u16) -> Result<RunningHouse, SandboxError> {
        let (url, thread) = OwnThread::start(House::start(port), |house| house.url.clone())?;
        Ok(RunningHouse { url, _thread: thread })
    }

    /// `mqtt://127.0.0.1:PORT`
    pub fn url(&self) -> &BrokerUrl {
        &self.url
    }
}

/// The broker of a house on its own thread. Dropping it ends it and waits until its port is free.
pub struct RunningHouse {
    url: BrokerUrl,
    _thread: OwnThread,
}

impl RunningHouse {
    /// `mqtt://127.0.0.1:PORT`
    pub fn url(&self) -> &BrokerUrl {
        &self.url
    }
}

/// Everyone may do everything.
struct AllowAll;

impl Rules for AllowAll {
    /// Mosquitto's default for messages in flight, and no limit for waiting ones: a burst or an absence loses nothing.
    fn limits(&self) -> Limits {
        Limits { in_flight: 20, queued: usize::MAX }
    }

    /// A shared subscription would be granted and never get a message.
    fn grants(&self, filter: &str) -> bool {
        !filter.starts_with("$share/")
    }
}
