//! Buys a product. That costs money, so the cart is checked first, and the booking afterwards.

use std::fmt;

use super::auth::ClientError;
use super::change::{POLL_INTERVAL, poll_until};
use super::client::MarketClient;
use super::model::{Amount, CartItem, Product, ProductQuery, Transaction};
use super::text::number;
use super::web::{CallFailure, CallReply, WebError};
use crate::collation;
use crate::text::similar::few;

/// An order: a product and how many.
#[derive(Debug, Clone)]
pub struct Order {
    pub product: Product,
    /// Its seller decides on each purchase.
    pub restricted: bool,
    pub quantity: u32,
    /// For the seller of a restricted product; may be empty.
    message: String,
}

/// Why a purchase was not made, or did not grant access.
#[derive(Debug, thiserror::Error)]
pub enum PurchaseError {
    /// The request failed before anything was booked.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Nothing was sent.
    #[error("the request message contains '{character}' (character {position}), which the marketplace cannot store")]
    MessageUnstorable { position: usize, character: char },
    /// Usually left over from a purchase that was booked but not granted: a check-out books all of them again (I3 facts §6.1).
    /// Nothing was sent.
    #[error("the cart is not empty, and a check-out would also book its contents: {}", few_items(.0))]
    CartNotEmpty(Vec<CartItem>),
    /// Something else came into the cart beside the product. Nothing was booked.
    #[error("the cart holds more than this purchase, and a check-out would book all of it: {}; nothing was booked; {cart}", few_items(.items))]
    CartShared { items: Vec<CartItem>, cart: Cart },
    /// Nothing was booked.
    #[error("the cart does not show the product that was put into it; nothing was booked")]
    NotInCart,
    /// The answer did not report success, and nothing is booked.
    #[error("nothing was booked{}", match cart { Cart::Empty => String::new(), cart => format!("; {cart}") })]
    NothingBooked { cart: Cart, source: Option<Box<CallFailure>> },
    /// The transaction is booked, and the buyer has neither permission nor request (I3 facts §6.1): mail is down.
    #[error(
        "the purchase of {topic} was booked{}, and nothing was granted, as happens when the marketplace's mail is \
         down; {cart}",
        for_amount(*total)
    )]
    NotGranted { topic: String, total: Option<Amount>, cart: Cart, source: Option<Box<CallFailure>> },
    /// The transaction is booked, and it is unknown whether it was granted.
    #[error("the purchase of {topic} was booked{}, and it is unknown whether it was granted", for_amount(*total))]
    GrantUnknown { topic: String, total: Option<Amount>, source: Option<Box<CallFailure>> },
    /// Another check-out of the account has booked what this purchase had put into the cart.
    #[error(
        "the purchase of {topic} was booked{} by another check-out of this account at the same moment, and it is unknown whether \
         it was granted",
        for_amount(Some(*total))
    )]
    BookedElsewhere { topic: String, total: Amount },
    /// The answer reported success, but the transactions do not show it.
    #[error("the marketplace said that it sold {topic}, but the transactions do not show it")]
    AcceptedButMissing { topic: String },
    /// It was sent, and its outcome is **unknown**. Check before trying again: each check-out books again.
    #[error("the purchase of {topic} was sent, but it could not be checked whether it was booked")]
    Unknown { topic: String, source: Box<ClientError> },
    /// An item could not be removed from the cart.
    #[error("the cart could not be emptied; still in it: {}", few_items(left))]
    CartStuck { left: Vec<CartItem>, source: Option<Box<CallFailure>> },
}

/// What is in the cart of a purchase that was not granted, or not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cart {
    Empty,
    Holds(Vec<CartItem>),
    Unknown,
}

impl fmt::Display for Cart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cart::Empty => f.write_str("the item was removed from the cart, so that no later check-out books it again"),
            Cart::Holds(left) => {
                write!(f, "a later check-out books it again, because it is still in the cart: {}", few_items(left))
            }
            Cart::Unknown => f.write_str(
                "a later check-out may book it again: it could not be checked whether it is still in the cart",
            ),
        }
    }
}

impl PurchaseError {
    /// Returns whether the cause is an expired log-in session.
    pub fn is_expiry(&self) -> bool {
        match self {
            PurchaseError::Client(e) => e.is_expiry(),
            PurchaseError::Unknown { source, .. } => source.is_expiry(),
            PurchaseError::NothingBooked { source: Some(why), .. } => {
                matches!(**why, CallFailure::Web(WebError::SessionExpired(_)))
            }
            _ => false,
        }
    }
}

/// Whether an item in the cart may be of this product: not every page shows that.
fn may_be(item: &CartItem, product: u64) -> bool {
    item.product.as_deref().and_then(number).is_none_or(|own| own == product)
}

fn few_items(items: &[CartItem]) -> String {
    let shown = |item: &CartItem| match &item.product {
        Some(product) => format!("item {} (product {product})", item.id),
        None => format!("item {}", item.id),
    };
    few(items.iter().map(shown), "none")
}

fn for_amount(total: Option<Amount>) -> String {
    total.map(|total| format!(" for {total}")).unwrap_or_default()
}

/// The access that a purchase granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// The buyer may use the topic.
    Granted,
    /// The product is restricted: its seller has a request to approve.
    Requested,
}

/// A purchase that was made.
#[derive(Debug)]
pub struct Bought {
    pub grant: Grant,
    /// The transaction as booked.
    pub transaction: Transaction,
    /// Whether this was the account's first purchase, for which the marketplace created its account at the broker.
    pub first: bool,
}

impl Order {
    /// Looks up whether the product is restricted, and checks the message for its seller.
    ///
    /// # Errors
    /// [`PurchaseError::MessageUnstorable`] and errors of the transport.
    pub fn new(
        client: &mut MarketClient<'_>,
        product: Product,
        quantity: u32,
        message: &str,
    ) -> Result<Order, PurchaseError> {
        let cannot_be_stored = collation::unstorable(message).or_else(|| {
            let at = message.chars().position(|c| c == '\0')?;
            Some((at + 1, '\0'))
        });
        if let Some((position, character)) = cannot_be_stored {
            return Err(PurchaseError::MessageUnstorable { position, character });
        }
        let query = ProductQuery { pk: Some(product.id), restricted: Some(true), ..ProductQuery::default() };
        let restricted = client.products(&query)?.iter().any(|other| other.id == product.id);
        Ok(Order { product, restricted, quantity, message: message.into() })
    }

    /// Returns the amount that the marketplace will book, by the listed price: a sale price of 0 has no effect (I3 facts
    /// §6.5).
    pub fn price(&self) -> Option<Amount> {
        let sale = self.product.sale_price.parse().ok().filter(|sale: &Amount| *sale != Amount::default());
        let unit: Amount = sale.filter(|_| self.product.sale_active).or_else(|| self.product.price.parse().ok())?;
        Some(unit.times(self.quantity))
    }
}

/// Returns the items in the cart, which a check-out would book.
///
/// # Errors
/// [`ClientError`].
pub fn cart(client: &mut MarketClient<'_>) -> Result<Vec<CartItem>, ClientError> {
    Ok(client.session()?.cart()?)
}

/// Empties the cart and returns what was in it.
///
/// # Errors
/// [`PurchaseError::CartStuck`] and errors of the transport.
pub fn clear_cart(client: &mut MarketClient<'_>) -> Result<Vec<CartItem>, PurchaseError> {
    let before = cart(client)?;
    let mut source = None;
    for item in &before {
        source = client.session()?.take_out_of_cart(item.id).map_err(ClientError::from)?.failure().map(Box::new);
        if source.is_some() {
            break;
        }
    }
    let left = cart(client)?;
    if left.is_empty() { Ok(before) } else { Err(PurchaseError::CartStuck { left, source }) }
}

/// Buys: the cart must be empty before, the check-out is sent once, and its booking is checked afterwards. An item that was not
/// granted is removed from the cart, because each later check-out would book it again.
///
/// # Errors
/// [`PurchaseError`]. [`PurchaseError::NotGranted`] and [`PurchaseError::GrantUnknown`] cost money as well;
/// [`PurchaseError::Unknown`] may.
pub fn buy(client: &mut MarketClient<'_>, order: &Order) -> Result<Bought, PurchaseError> {
    let leftover = cart(client)?;
    if !leftover.is_empty() {
        return Err(PurchaseError::CartNotEmpty(leftover));
    }
    let before = client.transactions()?.purchases;
    fill_cart(client, order, &before)?;
    let answer = match client.session()?.check_out() {
        Ok(answer) => answer,
        Err(e) => return Err(nothing_booked(client, order, Some(Box::new(CallFailure::Web(e))))),
    };
    let topic = || order.product.title.clone();
    let booked =
        |client: &mut MarketClient<'_>| Ok(new_purchase(&before, client.transactions()?.purchases, order.product.id));
    let transaction = poll_until(client, booked, |row| row.is_none() && answer.is_lost(), POLL_INTERVAL)
        .map_err(|source| PurchaseError::Unknown { topic: topic(), source: source.into() })?;
    let total = transaction.as_ref().map(|row| row.total);
    // If the cart cannot be read, the item that was not granted may be in it.
    let in_cart = cart(client).map_or(true, |items| items.iter().any(|item| may_be(item, order.product.id)));
    let links = match &answer {
        CallReply::Accepted(fields) => fields.get("links").and_then(|links| links.as_array()).map(Vec::len),
        _ => None,
    };
    let is_taken = matches!(answer, CallReply::Accepted(_));
    let source = answer.failure().map(Box::new);
    match transaction {
        None if is_taken && !in_cart => Err(PurchaseError::AcceptedButMissing { topic: topic() }),
        None => Err(nothing_booked(client, order, source)),
        Some(_) if in_cart => {
            let cart = taken_out(client, order.product.id);
            Err(PurchaseError::NotGranted { topic: topic(), total, cart, source })
        }
        Some(transaction) if is_taken && (order.restricted || links.is_some_and(|links| links > 0)) => {
            let grant = if order.restricted { Grant::Requested } else { Grant::Granted };
            Ok(Bought { grant, transaction, first: before.is_empty() })
        }
        Some(_) => Err(PurchaseError::GrantUnknown { topic: topic(), total, source }),
    }
}

/// Puts the product into the cart, and checks that nothing else is in it: another program or the browser may use the same cart.
fn fill_cart(client: &mut MarketClient<'_>, order: &Order, before: &[Transaction]) -> Result<(), PurchaseError> {
    let product = order.product.id;
    let put = client.session()?.put_into_cart(product, order.quantity, &order.message);
    let lost = match put {
        Ok(()) => None,
        Err(WebError::Http(e)) if !e.nothing_was_sent() => Some(e),
        Err(e) => return Err(nothing_booked(client, order, Some(Box::new(CallFailure::Web(e))))),
    };
    let items = cart(client)?;
    if let [only] = items.as_slice()
        && may_be(only, product)
    {
        return Ok(());
    }
    let cart = taken_out(client, product);
    let topic = || order.product.title.clone();
    let unknown = |source: ClientError| PurchaseError::Unknown { topic: topic(), source: source.into() };
    let rows = client.transactions().map_err(unknown)?.purchases;
    if let Some(row) = new_purchase(before, rows, product) {
        return Err(PurchaseError::BookedElsewhere { topic: topic(), total: row.total });
    }
    match lost {
        _ if !items.is_empty() => Err(PurchaseError::CartShared { items, cart }),
        Some(e) => Err(ClientError::from(WebError::Http(e)).into()),
        None => Err(PurchaseError::NotInCart),
    }
}

fn nothing_booked(client: &mut MarketClient<'_>, order: &Order, source: Option<Box<CallFailure>>) -> PurchaseError {
    PurchaseError::NothingBooked { cart: taken_out(client, order.product.id), source }
}

/// Takes the product out of the cart, so that no later check-out books it; what else is in there is another purchase's.
fn taken_out(client: &mut MarketClient<'_>, product: u64) -> Cart {
    let own = |client: &mut MarketClient<'_>| -> Option<Vec<CartItem>> {
        Some(cart(client).ok()?.into_iter().filter(|item| may_be(item, product)).collect())
    };
    for item in own(client).unwrap_or_default() {
        // What it did is checked below.
        _ = client.session().map(|session| session.take_out_of_cart(item.id));
    }
    match own(client) {
        Some(left) if left.is_empty() => Cart::Empty,
        Some(left) => Cart::Holds(left),
        None => Cart::Unknown,
    }
}

/// Returns the new purchase of a product, the newest of several.
fn new_purchase(before: &[Transaction], after: Vec<Transaction>, product: u64) -> Option<Transaction> {
    let of_product = |rows: &[Transaction]| rows.iter().filter(|row| row.product == product).count();
    let is_new = of_product(&after) > of_product(before);
    after.into_iter().filter(|row| is_new && row.product == product).max_by_key(|row| row.at)
}
