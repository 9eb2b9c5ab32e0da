//! The accounts, hub and product of a new sandbox.

use std::path::PathBuf;

use super::db::{Database, UserType};
use super::error::SandboxError;
use super::mail::Mail;
use super::market::actions::{hub, product, purchase};
use super::market::product_form::ProductForm;
use crate::secret::Secret;

const SELLER: &str = "alice";
const BUYER: &str = "bob";
const HUB: &str = "parking";
const PRODUCT: &str = "occupancy";

/// The accounts, hub and product that exist from the start.
#[derive(Debug, Clone)]
pub struct Seed {
    /// `alice`
    pub seller: String,
    /// The seller's log-in password at the marketplace. The seller has no account at the broker.
    pub seller_password: Secret,
    /// The seller's REST key, 40 hexadecimal digits.
    pub api_key: Secret,
    /// `bob`, who bought the seeded product.
    pub buyer: String,
    /// The buyer's log-in password at the marketplace. It never lets anyone in at the broker.
    pub buyer_password: Secret,
    /// The password of the buyer's account at the broker, which the first purchase created.
    pub buyer_broker_password: Secret,
    /// `alice/parking`
    pub hub: String,
    /// `alice/parking/occupancy`, a sensor.
    pub topic: String,
}

/// Returns the database of the last run, or a freshly seeded one.
pub(super) fn open_database(path: Option<PathBuf>) -> Result<(Database, Seed), SandboxError> {
    let failed = |source| SandboxError::State { path: path.clone().unwrap_or_default(), source };
    let kept = match &path {
        Some(path) => Database::load(path).map_err(failed)?,
        None => None,
    };
    let db = match kept {
        Some(db) => db,
        None => {
            let db = seeded();
            if let Some(path) = &path {
                db.save(path).map_err(failed)?;
            }
            db
        }
    };
    let account = |name: &'static str| {
        db.user(name).ok_or_else(|| SandboxError::Unseeded { path: path.clone().unwrap_or_default(), name })
    };
    let (seller, buyer) = (account(SELLER)?, account(BUYER)?);
    let seed = Seed {
        seller: SELLER.into(),
        seller_password: seller.password.clone(),
        api_key: seller.api_key.clone(),
        buyer: BUYER.into(),
        buyer_password: buyer.password.clone(),
        buyer_broker_password: purchase::broker_password(&db, BUYER)
            .ok_or_else(|| SandboxError::Unseeded { path: path.clone().unwrap_or_default(), name: BUYER })?,
        hub: format!("{SELLER}/{HUB}"),
        topic: format!("{SELLER}/{HUB}/{PRODUCT}"),
    };
    Ok((db, seed))
}

fn seeded() -> Database {
    let mut db = Database::new();
    let form = ProductForm {
        title: Some(PRODUCT.into()),
        hub: Some(HUB.into()),
        description: Some("Free places, one message a minute".into()),
        price: Some("1.50".into()),
        sensor_type: Some("1".into()),
        sale_price: Some(String::new()),
        ..ProductForm::default()
    };
    // None of this can fail: the database is empty and the names are valid; a test runs it.
    db.add_user(SELLER, UserType::Seller);
    db.add_user(BUYER, UserType::Buyer);
    let _ = hub::create(&mut db, SELLER, Some(HUB), Some("False"));
    if let Ok(product) = product::create(&mut db, Mail::Up, SELLER, &form) {
        let _ = purchase::put_into_cart(&mut db, BUYER, product.id, 1, "");
        purchase::check_out(&mut db, Mail::Up, BUYER);
    }
    db.changes = 0;
    db.mails.clear();
    db
}
