//! The switches, counters and tables of a running sandbox, for tests and the command line.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use hyper::Method;

use super::db::{
    NotificationRecord, PermissionRecord, ProductRecord, RatingRecord, RequestRecord, TransactionRecord, UserType,
};
use super::error::SandboxError;
use super::mail::notify;
use super::market::actions::{device, purchase};
use super::seed::Seed;
use super::shared::{ArmedFault, Fault, Shared};
use crate::broker_url::BrokerUrl;
use crate::collation::same;
use crate::key::PublicKey;
use crate::name::DeviceName;
use crate::secret::Secret;

/// Counts since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// POSTs to `/devices/create/` and `/api/device/`, regardless of the result.
    pub device_posts: u64,
    /// POSTs to `/accounts/login/`, regardless of the result.
    pub market_log_ins: u64,
    /// Hubs, products and devices that were written, changed or deleted at the marketplace.
    pub changes: u64,
    /// CONNECT packets at the broker, regardless of the result.
    pub broker_log_ins: u64,
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

    /// Returns the accounts, hub and product that existed from the start.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// With its mail down the marketplace stops in the middle of almost every action (I3 facts §6.1).
    pub fn set_mail_down(&self, down: bool) {
        self.shared.mail_down.store(down, Relaxed);
    }

    /// Without its database the broker refuses log-ins, and closes connections that use an uncached topic (I3 facts §4).
    /// The marketplace continues, see [`Controls::set_web_database_down`].
    pub fn set_database_down(&self, down: bool) {
        self.shared.database_down.store(down, Relaxed);
    }

    /// Without its database the marketplace answers 500 to everything but the empty log-in and sign-up forms.
    pub fn set_web_database_down(&self, down: bool) {
        self.shared.web_database_down.store(down, Relaxed);
    }

    /// Locks the broker's log-ins, as an edit with an unstorable value does: see `Options::log_in_lock`.
    pub fn lock_log_ins(&self) {
        self.shared.lock_log_ins();
    }

    /// Ends that lock; requests that already wait for it keep waiting.
    pub fn unlock_log_ins(&self) {
        self.shared.unlock_log_ins();
    }

    /// Empties the broker's permission cache.
    pub fn forget_permissions(&self) {
        self.shared.permissions().forget();
    }

    /// Ages the permission cache by `by`, as if the time had passed.
    pub fn age_permissions(&self, by: Duration) {
        self.shared.permissions().age(by);
    }

    /// Ends every log-in session at the marketplace, as their 14 days would.
    pub fn expire_sessions(&self) {
        self.shared.sessions().clear();
    }

    /// Drops the connection at the next POST whose path begins with `path` (`/devices/create/`, `/api/device/`, `/`).
    pub fn drop_next_post(&self, path: &str, fault: Fault) {
        self.shared.set_trap(ArmedFault { method: Some(Method::POST), path: path.into(), fault });
    }

    /// Drops the connection at the next request of any method whose path begins with `path`.
    pub fn drop_next_request(&self, path: &str, fault: Fault) {
        self.shared.set_trap(ArmedFault { method: None, path: path.into(), fault });
    }

    /// Counts since the start.
    pub fn counts(&self) -> Counts {
        let counters = &self.shared.counters;
        Counts {
            device_posts: counters.device_posts.load(Relaxed),
            market_log_ins: counters.market_log_ins.load(Relaxed),
            changes: self.shared.db().changes,
            broker_log_ins: counters.broker_log_ins.load(Relaxed),
        }
    }

    /// Full names of the devices in the order of their rows, dead ones included.
    pub fn devices(&self) -> Vec<String> {
        self.shared.db().devices.iter().map(|device| device.name.clone()).collect()
    }

    /// Full names of the hubs in the order of their rows.
    pub fn hubs(&self) -> Vec<String> {
        self.shared.db().hubs.iter().map(|hub| hub.name.clone()).collect()
    }

    /// Titles of the products in the order of their rows, each with a topic that the broker permits to someone for it.
    pub fn products(&self) -> Vec<(String, Option<String>)> {
        let db = self.shared.db();
        let granted = |id| db.permissions.iter().find(|row| row.product == id).map(|row| row.topic.clone());
        db.products.iter().map(|product| (product.title.clone(), granted(product.id))).collect()
    }

    /// Returns the products in the order of their rows.
    pub fn product_rows(&self) -> Vec<ProductRecord> {
        self.shared.db().products.clone()
    }

    /// Names in the broker's table of log-ins, in the order of its rows; a name that occurs twice cannot log in.
    pub fn log_ins(&self) -> Vec<String> {
        self.shared.db().log_ins.iter().map(|row| row.name.clone()).collect()
    }

    /// Returns the broker's permissions in the order of their rows, doubles included.
    pub fn permissions(&self) -> Vec<PermissionRecord> {
        self.shared.db().permissions.clone()
    }

    /// Returns a user's notifications, the oldest first, archived ones included.
    pub fn notifications(&self, user: &str) -> Vec<NotificationRecord> {
        self.shared.db().notifications.iter().filter(|row| row.user == user).cloned().collect()
    }

    /// Returns every purchase in the order it was booked.
    pub fn transactions(&self) -> Vec<TransactionRecord> {
        self.shared.db().transactions.clone()
    }

    /// Returns every request for a restricted product.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.shared.db().requests.clone()
    }

    /// Ids of the products in a user's cart.
    pub fn cart(&self, user: &str) -> Vec<u64> {
        self.shared.db().cart.iter().filter(|item| item.user == user).map(|item| item.product).collect()
    }

    /// Recipient and subject of every mail sent since the start.
    pub fn mails(&self) -> Vec<(String, String)> {
        self.shared.db().mails.clone()
    }

    /// Returns the commands that passwords under type 1 would have run on the server, in order.
    pub fn shell_commands(&self) -> Vec<String> {
        self.shared.db().shell_commands.clone()
    }

    /// Signs up a user who sells and buys: the site's password and the API key. `None` if the name is not
    /// `[A-Za-z0-9_]+` or taken.
    ///
    /// # Errors
    /// As for writing the state file.
    pub fn add_user(&self, name: &str) -> io::Result<Option<(Secret, Secret)>> {
        self.add_user_of_type(name, UserType::Both)
    }

    /// As [`Controls::add_user`], for a type of account.
    ///
    /// # Errors
    /// As for writing the state file.
    pub fn add_user_of_type(&self, name: &str, kind: UserType) -> io::Result<Option<(Secret, Secret)>> {
        self.shared.change(|db| db.add_user(name, kind).map(|user| (user.password.clone(), user.api_key.clone())))
    }

    /// Sets or removes a user's e-mail address; without one, the user's own actions need no mail.
    ///
    /// # Errors
    /// As for writing the state file.
    pub fn set_email(&self, user: &str, email: Option<&str>) -> io::Result<()> {
        self.shared.change(|db| {
            if let Some(user) = db.user_mut(user) {
                user.email = email.map(String::from);
            }
        })
    }

    /// Buys the product with this topic as `buyer` does on the site: cart, check-out. `false` if one is unknown or
    /// nothing was granted or requested (mail is down).
    ///
    /// # Errors
    /// As for writing the state file.
    pub fn add_purchase(&self, buyer: &str, topic: &str) -> io::Result<bool> {
        let mail = self.shared.mail();
        self.shared.change(|db| {
            let buyer = db.user(buyer).map(|user| user.name.clone());
            let product =
                db.products.iter().find(|product| product.title == topic).map(|row| (row.id, row.slug.clone()));
            let (Some(buyer), Some((id, slug))) = (buyer, product) else { return false };
            purchase::put_into_cart(db, &buyer, id, 1, "").is_ok()
                && purchase::check_out(db, mail, &buyer).is_some_and(|links| links.contains(&slug))
        })
    }

    /// Returns the password of a user's account at the broker, if the user has bought anything.
    pub fn broker_password(&self, user: &str) -> Option<Secret> {
        purchase::broker_password(&self.shared.db(), user)
    }

    /// Writes a device's rows without any check, even if they exist, as simultaneous requests do.
    /// `full_name` is `user$hub$device`; `false` if it is not.
    ///
    /// # Errors
    /// As for writing the state file.
    pub fn insert_device(&self, full_name: &str, password: &str) -> io::Result<bool> {
        self.shared.change(|db| device::insert(db, full_name, password).is_some())
    }

    /// Registers devices with a key, with permissions for every product of their hubs; existing ones get this key. No mail
    /// is sent, and no notification written.
    ///
    /// # Errors
    /// [`SandboxError::State`] if the state file cannot be written.
    pub fn register_devices(&self, names: &[DeviceName], key: &PublicKey) -> Result<(), SandboxError> {
        let failed = |source| SandboxError::State { path: self.shared.path.clone().unwrap_or_default(), source };
        self.shared.change(|db| device::replace(db, names, &key.body())).map_err(failed)
    }

    /// Removes the log-ins and permissions of a name in any spelling but leaves the web's rows, which are then dead.
    ///
    /// # Errors
    /// As for writing the state file.
    pub fn kill_log_ins(&self, name: &str) -> io::Result<()> {
        self.shared.change(|db| {
            db.log_ins.retain(|row| !same(&row.name, name));
            db.permissions.retain(|row| !same(&row.name, name));
        })
    }

    /// Gives a user `count` more notifications, about 460 bytes each on every page.
    ///
    /// # Errors
    /// As for writing the state file.
    pub fn add_notifications(&self, user: &str, count: usize) -> io::Result<()> {
        self.shared.change(|db| {
            for _ in 0..count {
                notify(db, user, "New product added", "alice/parking/occupancy is now in alice/parking");
            }
        })
    }

    /// Rates a product; values are not limited.
    ///
    /// # Errors
    /// As for writing the state file.
    pub fn add_rating(&self, user: &str, product: u64, value: i64) -> io::Result<()> {
        self.shared.change(|db| db.ratings.push(RatingRecord { user: user.into(), product, value }))
    }
}
