//! Cart and check-out: the purchase is booked first, and whether anything is granted is known at the end.

use super::{Mail, now, tell};
use crate::collation::same;
use crate::sandbox::market::crash::{Crash, storable};
use crate::sandbox::state::{CartItem, Decision, LogIn, Permission, Request, State, Table, Transaction};
use crate::sandbox::stored;
use crate::secret::Secret;

/// What the notification with a buyer's broker password begins with; the two blanks are I3's.
pub(in crate::sandbox) const PASSWORD_NOTE: &str = "Your password to I3  is: ";

/// Puts a product into the user's cart, beside what is there already.
pub(in crate::sandbox) fn put_into_cart(
    state: &mut State,
    user: &str,
    product: u64,
    quantity: u32,
    message: &str,
) -> Result<(), Crash> {
    storable("intention", message)?;
    let price = state.product(product).ok_or_else(|| Crash::no_row("Product"))?.asked_price();
    let id = state.next_id(Table::CartItems);
    state.cart.push(CartItem { id, user: user.into(), product, quantity, message: message.into(), price });
    Ok(())
}

/// Books everything in the cart and grants what can be granted: the slugs of the products that left the cart. `None`:
/// the cart is empty. What could not be granted stays in it, booked, and is booked again the next time.
pub(in crate::sandbox) fn check_out(state: &mut State, way: Mail, buyer: &str) -> Option<Vec<String>> {
    let items: Vec<CartItem> = state.cart.iter().filter(|item| item.user == buyer).cloned().collect();
    if items.is_empty() {
        return None;
    }
    let mut gone = Vec::new();
    let mut links = Vec::new();
    for item in items {
        // Deleting a product empties the carts of it.
        let Some(product) = state.product(item.product).cloned() else { continue };
        state.transactions.push(Transaction {
            buyer: buyer.into(),
            seller: product.owner.clone(),
            product: product.id,
            quantity: item.quantity,
            price: product.asked_price().saturating_mul(i64::from(item.quantity)),
            at: now(),
        });
        // Whatever goes wrong in there, the server passes over it.
        if grant(state, way, buyer, &item).is_ok() {
            gone.push(item.id);
            links.push(product.slug);
        }
    }
    state.cart.retain(|item| !gone.contains(&item.id));
    Some(links)
}

/// Rows of the broker's tables are written at the end, when nothing can fail any more; requests and notifications stay
/// whatever follows.
fn grant(state: &mut State, way: Mail, buyer: &str, item: &CartItem) -> Result<(), Crash> {
    let product = state.product(item.product).cloned().ok_or_else(|| Crash::no_row("Product"))?;
    let log_in = first_log_in(state, way, buyer)?;
    let (seller, topic) = (product.owner.as_str(), product.title.as_str());
    if product.restricted_active {
        let id = state.next_id(Table::Requests);
        state.requests.push(Request {
            id,
            buyer: buyer.into(),
            seller: seller.into(),
            product: product.id,
            message: item.message.clone(),
            decision: Decision::Pending,
        });
        tell(state, way, buyer, "Product requested", &format!("The seller has to approve your purchase of {topic}"))?;
        tell(state, way, seller, "New request", &format!("{buyer} bought {topic} and waits for your approval"))?;
    } else {
        tell(state, way, buyer, "Product purchased", &format!("You may now subscribe to {topic}"))?;
        tell(state, way, seller, "Product sold", &format!("{buyer} bought {topic}"))?;
        state.permissions.push(Permission {
            name: buyer.into(),
            user: buyer.into(),
            topic: topic.into(),
            level: product.sensor_type.level(),
            product: product.id,
        });
    }
    state.log_ins.extend(log_in);
    Ok(())
}

/// The buyer's log-in at the broker, to be written, if there is none; its password is mailed and kept as a notification.
fn first_log_in(state: &mut State, way: Mail, buyer: &str) -> Result<Option<LogIn>, Crash> {
    if state.log_ins.iter().any(|row| same(&row.name, buyer)) {
        return Ok(None);
    }
    let password = random_password();
    tell(state, way, buyer, "Your new password", &format!("{PASSWORD_NOTE}{password}"))?;
    Ok(Some(LogIn { name: buyer.into(), stored: Secret::new(stored::hash(&password)) }))
}

/// Twelve small letters and digits.
fn random_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";
    rand::random::<[u8; 12]>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// The broker password in a user's newest notification of one, archived or not.
pub(in crate::sandbox) fn broker_password(state: &State, user: &str) -> Option<Secret> {
    let mut own = state.notifications.iter().rev().filter(|row| row.user == user);
    own.find_map(|row| row.body.strip_prefix(PASSWORD_NOTE)).map(Secret::new)
}
