//! What marketplace and broker share: the database, the switches that tests and the command line turn, the counters.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::broker::permissions::Permissions;
use super::state::State;
use super::{Options, Seed};
use crate::broker_url::BrokerUrl;
use crate::secret::Secret;

/// Where the marketplace drops the connection instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request is read and forgotten: nothing has happened.
    BeforeHandling,
    /// Everything has happened, and nobody is told.
    AfterHandling,
}

/// What was seen since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// POSTs to `/devices/create/` and `/api/device/`, whatever became of them.
    pub device_posts: u64,
    /// POSTs to `/accounts/login/`, whatever became of them.
    pub market_log_ins: u64,
    /// Hubs, products and devices that were written, changed or deleted at the marketplace.
    pub changes: u64,
    /// CONNECT packets at the broker, whatever became of them.
    pub broker_log_ins: u64,
}

#[derive(Default)]
pub(super) struct Counters {
    pub device_posts: AtomicU64,
    pub market_log_ins: AtomicU64,
    pub broker_log_ins: AtomicU64,
}

pub(super) struct Shared {
    state: Mutex<State>,
    path: Option<PathBuf>,
    /// Session cookie → account.
    sessions: Mutex<HashMap<String, String>>,
    permissions: Mutex<Permissions>,
    fault: Mutex<Option<(String, Fault)>>,
    pub rest: bool,
    pub mqtt5: bool,
    pub device_race: Duration,
    pub token_cost: Duration,
    pub mail_down: AtomicBool,
    pub database_down: AtomicBool,
    pub counters: Counters,
}

/// The state is whole between any two statements that hold the lock, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub fn new(state: State, options: &Options) -> Shared {
        Shared {
            state: Mutex::new(state),
            path: options.state.clone(),
            sessions: Mutex::default(),
            permissions: Mutex::new(Permissions::new(options.permission_cache)),
            fault: Mutex::default(),
            rest: options.rest,
            mqtt5: options.mqtt5,
            device_race: options.device_race,
            token_cost: options.token_cost,
            mail_down: AtomicBool::new(options.mail_down),
            database_down: AtomicBool::new(false),
            counters: Counters::default(),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub fn permissions(&self) -> MutexGuard<'_, Permissions> {
        lock(&self.permissions)
    }

    pub fn sessions(&self) -> MutexGuard<'_, HashMap<String, String>> {
        lock(&self.sessions)
    }

    /// Changes the database, and the state file with it.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> io::Result<T> {
        let mut state = self.state();
        let result = change(&mut state);
        if let Some(path) = &self.path {
            state.save(path)?;
        }
        Ok(result)
    }

    /// The fault that waits for a POST to `path`, once.
    pub fn take_fault(&self, path: &str) -> Option<Fault> {
        let mut fault = lock(&self.fault);
        if fault.as_ref().is_some_and(|(prefix, _)| path.starts_with(prefix.as_str())) {
            return fault.take().map(|(_, fault)| fault);
        }
        None
    }
}

/// The switches and counters of a sandbox, usable from any thread while it runs.
#[derive(Clone)]
pub struct Controls {
    pub(super) shared: Arc<Shared>,
    pub(super) seed: Seed,
    pub(super) market_url: String,
    pub(super) broker_url: BrokerUrl,
}

impl Controls {
    /// `http://127.0.0.1:PORT`, without a slash at its end.
    pub fn market_url(&self) -> String {
        self.market_url.clone()
    }

    /// `mqtt://127.0.0.1:PORT`
    pub fn broker_url(&self) -> BrokerUrl {
        self.broker_url.clone()
    }

    /// Who and what was there from the start.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// With its mail down the marketplace answers 500 to new devices and products, though they exist (I3 facts §2).
    pub fn set_mail_down(&self, down: bool) {
        self.shared.mail_down.store(down, Relaxed);
    }

    /// Without its database the broker refuses log-ins, and closes connections that use an uncached topic (I3 facts §4).
    /// The marketplace goes on.
    pub fn set_database_down(&self, down: bool) {
        self.shared.database_down.store(down, Relaxed);
    }

    /// Empties the broker's permission cache.
    pub fn forget_permissions(&self) {
        self.shared.permissions().forget();
    }

    /// Makes what is in the permission cache older by `by`, as if the time had passed.
    pub fn age_permissions(&self, by: Duration) {
        self.shared.permissions().age(by);
    }

    /// Ends every log-in session at the marketplace, as their 14 days would.
    pub fn expire_sessions(&self) {
        self.shared.sessions().clear();
    }

    /// Drops the connection at the next POST whose path begins with `path` (`/devices/create/`, `/api/device/`, `/`).
    pub fn drop_next_post(&self, path: &str, fault: Fault) {
        *lock(&self.shared.fault) = Some((path.into(), fault));
    }

    /// What was seen since the start.
    pub fn counts(&self) -> Counts {
        let counters = &self.shared.counters;
        Counts {
            device_posts: counters.device_posts.load(Relaxed),
            market_log_ins: counters.market_log_ins.load(Relaxed),
            changes: self.shared.state().changes,
            broker_log_ins: counters.broker_log_ins.load(Relaxed),
        }
    }

    /// Full names of the devices in the order of their rows; a name that stands there twice can never log in.
    pub fn devices(&self) -> Vec<String> {
        self.shared.state().devices.iter().map(|device| device.name.clone()).collect()
    }

    /// Full names of the hubs in the order of their rows.
    pub fn hubs(&self) -> Vec<String> {
        self.shared.state().hubs.iter().map(|hub| hub.name.clone()).collect()
    }

    /// Titles of the products in the order of their rows, each with the topic that the broker permits, if any.
    pub fn products(&self) -> Vec<(String, Option<String>)> {
        self.shared.state().products.iter().map(|product| (product.title.clone(), product.granted.clone())).collect()
    }

    /// The commands that passwords under type 1 would have run on the server's machine, in their order.
    pub fn shell_commands(&self) -> Vec<String> {
        self.shared.state().shell_commands.clone()
    }

    /// Signs a user up: his log-in password and API key. `None` if the name is no `[A-Za-z0-9_]+` or taken in any case.
    ///
    /// # Errors
    /// As for writing the state file.
    pub fn add_user(&self, name: &str) -> io::Result<Option<(Secret, Secret)>> {
        self.shared.change(|state| state.add_user(name).map(|user| (user.password.clone(), user.api_key.clone())))
    }

    /// Lets `buyer` use the product with this topic: read a sensor, read and write anything else. `false` if one is unknown.
    ///
    /// # Errors
    /// As for writing the state file.
    pub fn add_purchase(&self, buyer: &str, topic: &str) -> io::Result<bool> {
        self.shared.change(|state| state.add_purchase(buyer, topic))
    }
}
