//! Deciding on requests for restricted products.

use crate::collation::same;
use crate::sandbox::db::{Database, PermissionRecord, RequestRecord, RequestState};
use crate::sandbox::exception::Exception;
use crate::sandbox::mail::{Mail, notify_by_mail};

/// Approves a request, regardless of earlier decisions: the buyer is notified, then permitted the product's current topic.
pub(in crate::sandbox) fn approve(db: &mut Database, mail: Mail, request: &RequestRecord) -> Result<(), Exception> {
    let product = db.product(request.product).cloned().ok_or_else(|| Exception::no_row("Product"))?;
    let buyer = request.buyer.as_str();
    notify_by_mail(db, mail, buyer, "Purchase approved", &format!("You may now subscribe to {}", product.title))?;
    if !db.log_ins.iter().any(|row| same(&row.name, buyer)) {
        // The server intends to create a new log-in here, and fails.
        return Err(Exception::new("NameError", "name 'user' is not defined"));
    }
    db.permissions.push(PermissionRecord {
        name: buyer.into(),
        user: buyer.into(),
        topic: product.title,
        level: product.sensor_type.level(),
        product: product.id,
    });
    decide(db, request.id, RequestState::Approved);
    Ok(())
}

/// Declines a request. Earlier permissions and bookings stay.
pub(in crate::sandbox) fn decline(db: &mut Database, mail: Mail, request: &RequestRecord) -> Result<(), Exception> {
    let title = db.product(request.product).map(|product| product.title.clone()).unwrap_or_default();
    notify_by_mail(db, mail, &request.buyer, "Purchase declined", &format!("Your purchase of {title} was declined"))?;
    decide(db, request.id, RequestState::Declined);
    Ok(())
}

fn decide(db: &mut Database, id: u64, decision: RequestState) {
    if let Some(row) = db.requests.iter_mut().find(|row| row.id == id) {
        row.decision = decision;
    }
}
