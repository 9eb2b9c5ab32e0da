//! An I3 in one process, on loopback: marketplace and broker as unkind as the real ones, seeded and ready to be used.
//!
//! It follows the observed behaviour of an unmodified I3-Core (I3 facts §1–§6), silent failures included: forms that
//! come back blank, acknowledged publishes that reach nobody, permissions that are cached for minutes.
//!
//! What it does not do, and so proves nothing about:
//! - payment;
//! - TLS, WebSocket and MQTT 3.1 (protocol level 3 gets CONNACK 1);
//! - MQTT 5's properties: no topic aliases, no expiry of sessions or messages, no shared subscriptions. A session is kept
//!   if its client connected without the clean flag, and for as long as the process runs;
//! - the 170 kB that the broker loses with each log-in by token;
//! - the shell behind password fields: what it would have run is recorded, never run ([`Controls::shell_commands`]);
//! - pictures: whether a file is an image is seen from its first bytes, thumbnails are the picture itself, and neither is
//!   kept in the state file.
//!
//! Where the observations leave a gap it is filled in the most plausible way: the log-ins are locked for whoever writes
//! them, not for edits alone; the two databases can be taken down one by one.

mod broker;
mod controls;
mod market;
mod shared;
mod state;
mod stored;

use std::io;
use std::net::Ipv4Addr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::broker_url::BrokerUrl;
use crate::secret::Secret;

pub use controls::{Controls, Counts, NotificationRow, PermissionRow, ProductRow, RequestRow, TransactionRow};
pub use shared::Fault;
pub use state::{Level, UserType};

use market::actions::{Mail, hub, product, purchase};
use market::product_form::ProductForm;
use shared::Shared;
use state::State;

const SELLER: &str = "alice";
const BUYER: &str = "bob";
const HUB: &str = "parking";
const PRODUCT: &str = "occupancy";

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
    /// and lets clients without credentials in, to nothing.
    pub mqtt5: bool,
    /// Starts with the marketplace's mail down ([`Controls::set_mail_down`]).
    pub mail_down: bool,
    /// How long the broker remembers a permission, or that there is none (I3 facts §4: 300 s).
    pub permission_cache: Duration,
    /// Time between the check of a new device and its row, in which another equal request passes the check as well.
    pub device_race: Duration,
    /// How long a log-in by token keeps the broker from everybody else (I3 facts §3: 45 to 80 ms; a password costs
    /// nothing here). Zero for tests that are not about it.
    pub token_cost: Duration,
    /// How long the log-ins stay locked after an edit that the database could not store (I3 facts §6.5: minutes).
    pub log_in_lock: Duration,
    /// How long a change of the log-ins waits for that lock before it fails (I3 facts §6.5: 50 s).
    pub lock_wait: Duration,
    /// File that keeps accounts, hubs, products and devices from one start to the next. It holds passwords (0600).
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
            permission_cache: Duration::from_secs(300),
            device_race: Duration::from_millis(20),
            token_cost: Duration::from_millis(60),
            log_in_lock: Duration::from_secs(180),
            lock_wait: Duration::from_secs(50),
            state: None,
        }
    }
}

/// Who and what is there from the start.
#[derive(Debug, Clone)]
pub struct Seed {
    /// `alice`
    pub seller: String,
    /// The seller's log-in password at the marketplace. He has no account at the broker.
    pub seller_password: Secret,
    /// The seller's REST key, 40 hexadecimal digits.
    pub api_key: Secret,
    /// `bob`, who bought the seeded product.
    pub buyer: String,
    /// The buyer's log-in password at the marketplace. It never lets anyone in at the broker.
    pub buyer_password: Secret,
    /// The password of the buyer's account at the broker, which his first purchase made.
    pub buyer_broker_password: Secret,
    /// `alice/parking`
    pub hub: String,
    /// `alice/parking/occupancy`, a sensor.
    pub topic: String,
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The port is taken, or not ours to take.
    #[error("the sandbox cannot listen on 127.0.0.1:{port}")]
    Listen { port: u16, source: io::Error },
    /// The state file cannot be read or written, or is no state file.
    #[error("the sandbox's state cannot be kept in {}", path.display())]
    State { path: PathBuf, source: io::Error },
    /// The state file holds no account of this name, which is there from the start.
    #[error("the sandbox's state in {} has lost the account '{name}'", path.display())]
    Unseeded { path: PathBuf, name: &'static str },
    /// No thread or event loop could be had.
    #[error("the sandbox cannot be started")]
    Start(#[source] io::Error),
}

/// A sandbox on the current tokio runtime, which must have I/O and time enabled. Dropping it ends it.
pub struct Sandbox {
    controls: Controls,
    _tasks: JoinSet<()>,
}

impl Sandbox {
    /// Starts marketplace and broker; both answer once this returns.
    ///
    /// # Errors
    /// [`SandboxError`] if a port or the state file cannot be had.
    pub async fn start(options: Options) -> Result<Sandbox, SandboxError> {
        let (state, seed) = open_state(options.state.clone())?;
        let market = listen(options.market_port).await?;
        let broker = listen(options.broker_port).await?;
        let market_port = market.local_addr().map_err(SandboxError::Start)?.port();
        let broker_port = broker.local_addr().map_err(SandboxError::Start)?.port();
        let shared = Arc::new(Shared::new(state, &options));
        let controls = Controls {
            shared: Arc::clone(&shared),
            seed,
            market_url: format!("http://127.0.0.1:{market_port}"),
            broker_url: BrokerUrl { tls: false, host: Ipv4Addr::LOCALHOST.to_string(), port: broker_port },
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(market::serve(market, Arc::clone(&shared)));
        tasks.spawn(broker::serve(broker, shared));
        Ok(Sandbox { controls, _tasks: tasks })
    }

    /// Starts a sandbox on a thread of its own, with a runtime of its own; returns once it answers.
    ///
    /// # Errors
    /// As [`Sandbox::start`], and [`SandboxError::Start`] if there is no thread to be had.
    pub fn spawn(options: Options) -> Result<RunningSandbox, SandboxError> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(SandboxError::Start)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (report, started) = std::sync::mpsc::sync_channel(1);
        // Started over there, for a caller that is in a runtime itself could not wait for another one here.
        let life = async move {
            match Sandbox::start(options).await {
                Ok(sandbox) => {
                    let _ = report.send(Ok(sandbox.controls.clone()));
                    // A word or a dropped sender: either is the end.
                    let _ = stopped.await;
                }
                Err(e) => drop(report.send(Err(e))),
            }
        };
        let thread = std::thread::Builder::new()
            .name("i3-sandbox".into())
            .spawn(move || runtime.block_on(life))
            .map_err(SandboxError::Start)?;
        let controls = started.recv().map_err(|e| SandboxError::Start(io::Error::other(e)))??;
        Ok(RunningSandbox { controls, stop: Some(stop), thread: Some(thread) })
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
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Deref for RunningSandbox {
    type Target = Controls;

    fn deref(&self) -> &Controls {
        &self.controls
    }
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn listen(port: u16) -> Result<TcpListener, SandboxError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| SandboxError::Listen { port, source })
}

/// The state of the last run, or a freshly seeded one.
fn open_state(path: Option<PathBuf>) -> Result<(State, Seed), SandboxError> {
    let failed = |source| SandboxError::State { path: path.clone().unwrap_or_default(), source };
    let kept = match &path {
        Some(path) => State::load(path).map_err(failed)?,
        None => None,
    };
    let state = match kept {
        Some(state) => state,
        None => {
            let state = seeded();
            if let Some(path) = &path {
                state.save(path).map_err(failed)?;
            }
            state
        }
    };
    let account = |name: &'static str| {
        state.user(name).ok_or_else(|| SandboxError::Unseeded { path: path.clone().unwrap_or_default(), name })
    };
    let (seller, buyer) = (account(SELLER)?, account(BUYER)?);
    let seed = Seed {
        seller: SELLER.into(),
        seller_password: seller.password.clone(),
        api_key: seller.api_key.clone(),
        buyer: BUYER.into(),
        buyer_password: buyer.password.clone(),
        buyer_broker_password: purchase::broker_password(&state, BUYER)
            .ok_or_else(|| SandboxError::Unseeded { path: path.clone().unwrap_or_default(), name: BUYER })?,
        hub: format!("{SELLER}/{HUB}"),
        topic: format!("{SELLER}/{HUB}/{PRODUCT}"),
    };
    Ok((state, seed))
}

fn seeded() -> State {
    let mut state = State::new();
    let form = ProductForm {
        title: Some(PRODUCT.into()),
        hub: Some(HUB.into()),
        description: Some("Free places, one message a minute".into()),
        price: Some("1.50".into()),
        sensor_type: Some("1".into()),
        sale_price: Some(String::new()),
        ..ProductForm::default()
    };
    // None of this can fail: the state is empty and the names keep every rule; a test starts it.
    state.add_user(SELLER, UserType::Seller);
    state.add_user(BUYER, UserType::Buyer);
    let _ = hub::create(&mut state, SELLER, Some(HUB), Some("False"));
    if let Ok(product) = product::create(&mut state, Mail::Up, SELLER, &form) {
        let _ = purchase::put_into_cart(&mut state, BUYER, product.id, 1, "");
        purchase::check_out(&mut state, Mail::Up, BUYER);
    }
    state.changes = 0;
    state.mails.clear();
    state
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
        assert!(!crate::fsio::is_group_or_world_accessible(&std::fs::metadata(&path).unwrap()));
        // A file of the first layout, and one that is none at all.
        for broken in [r#"{"last_id":[1,1,0],"users":[],"hubs":[],"products":[],"devices":[],"purchases":[]}"#, "{"] {
            std::fs::write(&path, broken).unwrap();
            assert!(matches!(Sandbox::spawn(options.clone()), Err(SandboxError::State { .. })));
        }
        std::fs::remove_file(&path).unwrap();
    }
}
