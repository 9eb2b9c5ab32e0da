//! What the marketplace shows a user of the account: transactions, notifications, requests, cart.

use super::{Session, Step, WebError};
use crate::market::page::{self, Transactions};

const TRANSACTIONS: &str = "/dashboard/transactions/";

impl Session<'_> {
    /// What the user sold and bought, by the products' numbers.
    ///
    /// # Errors
    /// [`WebError::SessionExpired`], [`WebError::Page`] and the rest.
    pub fn transactions(&mut self) -> Result<Transactions, WebError> {
        let answer = self.get(TRANSACTIONS)?;
        Ok(page::transactions(self.page(Step::Transactions, &answer)?)?)
    }
}
