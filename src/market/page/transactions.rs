//! The page of transactions: sales, purchases, and metering (I3 facts §6.2).

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::dom::{Dom, Element};
use super::error::{Page, PageError};
use super::table;
use crate::market::model::{Metered, Transaction, Transactions};
use crate::market::text::{number, quote};

/// Reads the page of transactions.
///
/// # Errors
/// [`PageError`] unless the three headings are there, and every row under them can be read.
pub fn transactions(html: &[u8]) -> Result<Transactions, PageError> {
    let dom = Dom::read(html);
    let rows = |title| rows(&dom, title);
    Ok(Transactions {
        sales: rows("Sales")?.iter().map(|row| transaction(row)).collect::<Result<_, _>>()?,
        purchases: rows("Purchases")?.iter().map(|row| transaction(row)).collect::<Result<_, _>>()?,
        metering: rows("Metering")?.iter().map(|row| metered(row)).collect::<Result<_, _>>()?,
    })
}

/// Returns the cells of each row of the table under a heading; there is no table where there is no row.
fn rows(dom: &Dom, title: &'static str) -> Result<Vec<Vec<String>>, PageError> {
    let mut under = dom.content().skip_while(|e| !(e.tag() == "h3" && e.text() == title));
    if under.next().is_none() {
        return Err(fault("the headings Sales, Purchases and Metering"));
    }
    let under: Vec<Element<'_>> = under.take_while(|e| e.tag() != "h3").collect();
    Ok(table::rows(&under).into_iter().map(|row| row.cells).collect())
}

fn transaction(cells: &[String]) -> Result<Transaction, PageError> {
    let read = || {
        let [product, party, quantity, total, at] = cells else { return None };
        Some(Transaction {
            product: product_number(product)?,
            party: quote(party),
            quantity: number(quantity)?,
            total: total.parse().ok()?,
            at: moment(at)?,
        })
    };
    read().ok_or_else(|| fault("a product's number, a user, a quantity, an amount and a date in each row"))
}

fn metered(cells: &[String]) -> Result<Metered, PageError> {
    let read = || Some(Metered { product: product_number(cells.first()?)?, left: quote(cells.get(1)?) });
    read().ok_or_else(|| fault("a product's number and a quantity in each row of metering"))
}

fn fault(expected: &'static str) -> PageError {
    PageError::new(Page::Transactions, expected)
}

/// Returns the number in `Product object (25)`, which is all that some pages show of a product.
pub(super) fn product_number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("Product object (")?.strip_suffix(')')?;
    number(digits)
}

/// Returns a date as the pages write it: `Thu, 26 Nov 2026 00:08:29 -0800`.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    const PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    PARSER.parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::model::Amount;

    const NAVIGATION: &str = "<nav><h3>Requests</h3><h3>Sales</h3><td>nothing</td></nav><!-- Page Content -->";

    fn read(content: &str) -> Result<Transactions, PageError> {
        transactions(format!("{NAVIGATION}{content}<!-- Footer --><h3>Sales</h3>").as_bytes())
    }

    fn table(row: &str) -> String {
        format!(
            "<h3>Sales</h3> <table><thead><tr><th>Product</th><th>Buyer</th></tr></thead><tbody><tr>{row}</tr></tbody></table>
             <h3>Purchases</h3><h3>Metering</h3>"
        )
    }

    #[test]
    fn sales_purchases_and_metering_are_told_apart() {
        let page = read(
            "<h3>Sales</h3> <table> <thead><tr><th>Product<th>Buyer<th>Quantity<th>Price<th>Timestamp</tr></thead> <tbody>
               <tr><td>Product object (3)</td><td>hank</td><td>1</td><td>1.20</td><td>Thu, 26 Nov 2026 00:09:53 -0800</td></tr>
               <!-- --><tr><td>Product object (4)<td>bob<td> 12 <td>-60.5<td>Thu, 26 Nov 2026 09:10:00 +0000
             </tbody></table>
             <h3>Purchases</h3>
             <h3>Metering</h3><table><tr><td>Product object (9)</td><td>5</td><td>Order object (1)</td><td>None</td>
               <td>Thu, 26 Nov 2026 00:09:53 -0800</td></tr></table>",
        )
        .unwrap();
        let shown: Vec<_> = page
            .sales
            .iter()
            .map(|sale| format!("{} {} {} {} {}", sale.product, sale.party, sale.quantity, sale.total, sale.at))
            .collect();
        assert_eq!(shown, ["3 hank 1 1.20 2026-11-26T08:09:53Z", "4 bob 12 -60.50 2026-11-26T09:10:00Z"]);
        assert!(page.purchases.is_empty());
        assert_eq!(page.metering, [Metered { product: 9, left: "5".into() }]);
        assert_eq!(Amount::sum(page.sales.iter().map(|sale| sale.total)).to_string(), "-59.30");
    }

    #[test]
    fn no_table_is_no_row_and_anything_else_is_refused_without_a_quotation() {
        assert_eq!(read("<h3>Sales</h3><h3>Purchases</h3><h3>Metering</h3>").unwrap(), Transactions::default());
        let date = "<td>Thu, 26 Nov 2026 00:09:53 -0800</td>";
        assert!(read(&table(&format!("<td>Product object (3)</td><td>b</td><td>1</td><td>1</td>{date}"))).is_ok());
        for bad in [
            "<td>Product object (3)</td><td>secret</td><td>1</td><td>1.20</td>".to_string(),
            "<td>Product object (3)</td><td>secret</td><td>1</td><td>1.20</td><td>yesterday</td>".to_string(),
            format!("<td>secret</td><td>b</td><td>1</td><td>1.20</td>{date}"),
            format!("<td>Product object (3)</td><td>b</td><td>secret</td><td>1.20</td>{date}"),
            format!("<td>Product object (3)</td><td>b</td><td>1</td><td>1.234</td>{date}"),
        ] {
            let error = read(&table(&bad)).unwrap_err().to_string();
            assert!(error.contains("transactions") && !error.contains("secret"), "{error}");
        }
        assert!(read("<h3>Sales</h3><h3>Metering</h3>").unwrap_err().to_string().contains("headings"));
    }
}
