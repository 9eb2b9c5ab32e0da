//! Cart and check-out: the purchase is booked first, and anything is granted only at the end.

use crate::collation::same;
use crate::sandbox::credential_check;
use crate::sandbox::db::{
    CartRecord, Database, LogInRecord, PermissionRecord, RequestRecord, RequestState, Table, TransactionRecord,
};
use crate::sandbox::exception::{Exception, storable};
use crate::sandbox::mail::{Mail, notify_by_mail, now};
use crate::secret::Secret;

/// The beginning of the notification with a buyer's broker password; the two blanks are I3's.
pub(in crate::sandbox) const PASSWORD_NOTE: &str = "Your password to I3  is: ";

/// Puts a product into the user's cart, in addition to its content.
pub(in crate::sandbox) fn put_into_cart(
    db: &mut Database,
    user: &str,
    product: u64,
    quantity: u32,
    message: &str,
) -> Result<(), Exception> {
    storable("intention", message)?;
    let price = db.product(product).ok_or_else(|| Exception::no_row("Product"))?.asked_price();
    let id = db.next_id(Table::CartItems);
    db.cart.push(CartRecord { id, user: user.into(), product, quantity, message: message.into(), price });
    Ok(())
}

/// Books everything in the cart and grants what can be granted: the slugs of the products that left the cart. `None`:
/// the cart is empty. Items that could not be granted stay in it, booked, and are booked again the next time.
pub(in crate::sandbox) fn check_out(db: &mut Database, mail: Mail, buyer: &str) -> Option<Vec<String>> {
    let items: Vec<CartRecord> = db.cart.iter().filter(|item| item.user == buyer).cloned().collect();
    if items.is_empty() {
        return None;
    }
    let mut gone = Vec::new();
    let mut links = Vec::new();
    for item in items {
        // Deleting a product empties the carts of it.
        let Some(product) = db.product(item.product).cloned() else { continue };
        db.transactions.push(TransactionRecord {
            buyer: buyer.into(),
            seller: product.owner.clone(),
            product: product.id,
            quantity: item.quantity,
            price: product.asked_price().saturating_mul(i64::from(item.quantity)),
            at: now(),
        });
        // The server ignores any error in there.
        if grant(db, mail, buyer, &item).is_ok() {
            gone.push(item.id);
            links.push(product.slug);
        }
    }
    db.cart.retain(|item| !gone.contains(&item.id));
    Some(links)
}

/// Rows of the broker's tables are written at the end, when nothing can fail; requests and notifications stay regardless
/// of what follows.
fn grant(db: &mut Database, mail: Mail, buyer: &str, item: &CartRecord) -> Result<(), Exception> {
    let product = db.product(item.product).cloned().ok_or_else(|| Exception::no_row("Product"))?;
    let log_in = first_log_in(db, mail, buyer)?;
    let (seller, topic) = (product.owner.as_str(), product.title.as_str());
    if product.restricted_active {
        let id = db.next_id(Table::Requests);
        db.requests.push(RequestRecord {
            id,
            buyer: buyer.into(),
            seller: seller.into(),
            product: product.id,
            message: item.message.clone(),
            decision: RequestState::Pending,
        });
        notify_by_mail(
            db,
            mail,
            buyer,
            "Product requested",
            &format!("The seller has to approve your purchase of {topic}"),
        )?;
        notify_by_mail(
            db,
            mail,
            seller,
            "New request",
            &format!("{buyer} bought {topic} and waits for your approval"),
        )?;
    } else {
        notify_by_mail(db, mail, buyer, "Product purchased", &format!("You may now subscribe to {topic}"))?;
        notify_by_mail(db, mail, seller, "Product sold", &format!("{buyer} bought {topic}"))?;
        db.permissions.push(PermissionRecord {
            name: buyer.into(),
            user: buyer.into(),
            topic: topic.into(),
            level: product.sensor_type.level(),
            product: product.id,
        });
    }
    db.log_ins.extend(log_in);
    Ok(())
}

/// Returns the buyer's log-in at the broker, to be written, if there is none; its password is mailed and kept as a
/// notification.
fn first_log_in(db: &mut Database, mail: Mail, buyer: &str) -> Result<Option<LogInRecord>, Exception> {
    if db.log_ins.iter().any(|row| same(&row.name, buyer)) {
        return Ok(None);
    }
    let password = random_password();
    notify_by_mail(db, mail, buyer, "Your new password", &format!("{PASSWORD_NOTE}{password}"))?;
    Ok(Some(LogInRecord { name: buyer.into(), stored: Secret::new(credential_check::hash(&password)) }))
}

/// Twelve small letters and digits.
fn random_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";
    rand::random::<[u8; 12]>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// Returns the broker password in a user's newest notification of one, archived or not.
pub(in crate::sandbox) fn broker_password(db: &Database, user: &str) -> Option<Secret> {
    let mut own = db.notifications.iter().rev().filter(|row| row.user == user);
    own.find_map(|row| row.body.strip_prefix(PASSWORD_NOTE)).map(Secret::new)
}
