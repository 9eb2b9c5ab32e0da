//! Pages with lists: transactions, notifications, the cart.

use super::frame::{Response, escaped, framed, moment};
use crate::sandbox::db::{Database, TransactionRecord};
use crate::sandbox::market::product_form::decimal;

/// Sales, purchases and metering: the headings always, a table only if there are rows.
pub(in crate::sandbox::market) fn transactions(db: &Database, user: &str) -> Response {
    let rows = |wanted: &dyn Fn(&TransactionRecord) -> bool,
                cells: &dyn Fn(&TransactionRecord) -> Vec<String>|
     -> Vec<String> {
        let row = |row: &TransactionRecord| {
            let cells: String =
                cells(row).iter().map(|cell| format!("\n                  <td>{}</td>", escaped(cell))).collect();
            format!("\n                <tr>{cells}\n                </tr>\n              ")
        };
        db.transactions.iter().filter(|row| wanted(row)).map(row).collect()
    };
    let sale = |other: &str, row: &TransactionRecord| {
        let product = format!("Product object ({})", row.product);
        vec![product, other.to_owned(), row.quantity.to_string(), decimal(row.price, 2), moment(row.at)]
    };
    let metered = |row: &TransactionRecord| {
        let product = format!("Product object ({})", row.product);
        vec![product, row.quantity.to_string(), row.quantity.to_string(), String::new(), moment(row.at)]
    };
    let sales = rows(&|row| row.seller == user, &|row| sale(&row.buyer, row));
    let purchases = rows(&|row| row.buyer == user, &|row| sale(&row.seller, row));
    let metering = rows(&|row| row.buyer == user, &metered);
    let content = format!(
        "  <div class=\"container\">\n    <h2>Transactions</h2>\n    {}{}{}\n  </div>\n",
        section("Sales", &["Product", "Buyer", "Quantity", "Price", "Timestamp"], &sales),
        section("Purchases", &["Product", "Seller", "Quantity", "Price", "Timestamp"], &purchases),
        section("Metering", &["Product", "Quantity Left", "Order", "Last Received Date", "Order Date"], &metering),
    );
    framed(db, Some(user), "I3 Marketplace | Transactions", &content)
}

fn section(title: &str, columns: &[&str], rows: &[String]) -> String {
    let columns: String = columns.iter().map(|column| format!("\n                <th>{column}</th>")).collect();
    let table = match rows {
        [] => String::new(),
        rows => format!(
            "\n            <table class=\"table table-striped\">\n              <thead>\n              <tr>{columns}\n              </tr>\n              \
             </thead>\n              <tbody>\n              {}</tbody>\n            </table>",
            rows.concat()
        ),
    };
    format!(
        "\n        <div class=\"row\">\n          <div class=\"col-sm-10 col-sm-offset-1\">\n            <h3>{title}</h3>{table}\n          \
         </div>\n        </div>\n      "
    )
}

/// Returns all that are not archived; they are in the navigation as well.
pub(in crate::sandbox::market) fn notifications(db: &Database, user: &str, csrf: &str) -> Response {
    let rows: String = db
        .shown_notifications(user)
        .map(|row| {
            let (class, task, caption) = match row.read {
                true => ("", "unread", "Mark Unread"),
                false => ("class=\"info\"", "read", "Mark Read"),
            };
            let id = row.id;
            format!(
                "\n        <tr {class}>\n          <td>{}</td>\n          <td>{}</td>\n          <td>{}</td>\n          <td>\n            \n            \
                 <button class=\"btn btn-link\" data-notification-id=\"{id}\" data-task=\"{task}\">{caption}</button>\n            \n            \
                 &middot;&nbsp;\n            \
                 <button class=\"btn btn-link\" data-notification-id=\"{id}\" data-task=\"delete\">Delete</button>\n          </td>\n        \
                 </tr>\n      ",
                escaped(&row.subject),
                escaped(&row.body),
                moment(row.at)
            )
        })
        .collect();
    let none = "\n        <tr>\n          <td colspan=\"4\">\n            <i>You don't have any notifications.</i>\n          </td>\n        \
                </tr>\n      ";
    let rows = if rows.is_empty() { none.to_owned() } else { rows };
    let content = format!(
        "\n<div class=\"container\">\n<div class=\"row\">\n  <h1>Notifications</h1>\n  <div class=\"col-sm-10 col-sm-offset-1\">\n    \
         <input type='hidden' name='csrfmiddlewaretoken' value='{}' />\n    \
         <table class=\"table table-striped notification-box\">\n      <thead>\n      <tr>\n        <th>Subject</th>\n        \
         <th>Body</th>\n        <th>Date</th>\n        <th>Actions</th>\n      </tr>\n      </thead>\n      <tbody>\n      {rows}</tbody>\n    \
         </table>\n  </div>\n</div>\n</div>\n",
        escaped(csrf)
    );
    framed(db, Some(user), "I3 Marketplace | Notifications", &content)
}

pub(in crate::sandbox::market) fn cart(db: &Database, user: &str, csrf: &str) -> Response {
    let rows: String = db
        .cart
        .iter()
        .filter(|item| item.user == user)
        .map(|item| {
            let message = match item.message.as_str() {
                "" => "<em>No message provided.</em>".to_owned(),
                message => escaped(message),
            };
            format!(
                "\n              <tr>\n                <td><a href=\"/products/{}/\">Product object ({})</a></td>\n                \
                 <td>{message}</td>\n                <td>{}</td>\n                <td>{}</td>\n                \
                 <td class=\"price\">{}</td>\n                <td>\n                  \
                 <button class=\"btn btn-sm btn-danger\" data-id=\"{}\">\n                    \
                 <span class=\"glyphicon glyphicon-trash\"></span>\n                  </button>\n                </td>\n              </tr>\n            ",
                item.product,
                item.product,
                decimal(item.price, 2),
                item.quantity,
                decimal(item.price.saturating_mul(i64::from(item.quantity)), 2),
                item.id
            )
        })
        .collect();
    let none = "\n              <tr>\n                \
                <td colspan=\"6\"><span style=\"font-style: italic;\">Your cart is empty.</span></td>\n              </tr>\n            ";
    let rows = if rows.is_empty() { none.to_owned() } else { rows };
    let content = format!(
        "  <div class=\"container\">\n    <div class=\"row\">\n      <div class=\"col-sm-10 col-sm-offset-1\">\n        <h3>My Cart</h3>\n        \
         <form name=\"checkout\">\n          <input type='hidden' name='csrfmiddlewaretoken' value='{}' />\n          \
         <table class=\"table table-striped cart\">\n            <thead>\n            <tr>\n              <th>Product</th>\n              \
         <th>Message</th>\n              <th>Price</th>\n              <th>Quantity</th>\n              <th>Total</th>\n              \
         <th></th>\n            </tr>\n            </thead>\n            {rows}\n          </table>\n        </form>\n      </div>\n    \
         </div>\n  </div>\n",
        escaped(csrf)
    );
    framed(db, Some(user), "I3 Marketplace | Cart", &content)
}
