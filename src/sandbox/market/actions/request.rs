//! Deciding on requests for restricted products.

use super::{Mail, tell};
use crate::collation::same;
use crate::sandbox::market::crash::Crash;
use crate::sandbox::state::{Decision, Permission, Request, State};

/// Approves a request, whatever was decided before: the buyer is told, then permitted the product's present topic.
pub(in crate::sandbox) fn approve(state: &mut State, way: Mail, request: &Request) -> Result<(), Crash> {
    let product = state.product(request.product).cloned().ok_or_else(|| Crash::no_row("Product"))?;
    let buyer = request.buyer.as_str();
    tell(state, way, buyer, "Purchase approved", &format!("You may now subscribe to {}", product.title))?;
    if !state.log_ins.iter().any(|row| same(&row.name, buyer)) {
        // The server means to make a new log-in here, and stumbles.
        return Err(Crash::new("NameError", "name 'user' is not defined"));
    }
    state.permissions.push(Permission {
        name: buyer.into(),
        user: buyer.into(),
        topic: product.title,
        level: product.sensor_type.level(),
        product: product.id,
    });
    decide(state, request.id, Decision::Approved);
    Ok(())
}

/// Declines a request. What was given before stays given, and what was booked stays booked.
pub(in crate::sandbox) fn decline(state: &mut State, way: Mail, request: &Request) -> Result<(), Crash> {
    let title = state.product(request.product).map(|product| product.title.clone()).unwrap_or_default();
    tell(state, way, &request.buyer, "Purchase declined", &format!("Your purchase of {title} was declined"))?;
    decide(state, request.id, Decision::Declined);
    Ok(())
}

fn decide(state: &mut State, id: u64, decision: Decision) {
    if let Some(row) = state.requests.iter_mut().find(|row| row.id == id) {
        row.decision = decision;
    }
}
