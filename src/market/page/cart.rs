//! The cart: the items that the next check-out would book (I3 facts §6.1).

use std::collections::HashSet;

use super::dom::{Dom, Element};
use crate::market::model::CartItem;
use crate::market::text::{number, quote, segments};

/// Reads the cart, in the page's order: every number by which an item can be removed. No item means an empty cart.
pub fn cart(html: &[u8]) -> Vec<CartItem> {
    let dom = Dom::read(html);
    let links: Vec<Element<'_>> = dom.content().filter(|e| product(*e).is_some()).collect();
    let mut seen = HashSet::new();
    let mut items: Vec<CartItem> = Vec::new();
    for element in dom.content() {
        let Some(id) = element.attribute("data-id").and_then(|id| number(id.trim())) else { continue };
        if seen.insert(id) {
            items.push(CartItem { id, product: nearest(element, &links) });
        }
    }
    items
}

/// Returns the product that an element links to.
fn product(element: Element<'_>) -> Option<String> {
    match segments(element.attribute("href")?)?.as_slice() {
        [.., "products", product] => Some(quote(product)),
        _ => None,
    }
}

/// Returns the product linked in the nearest enclosing element, up to the row.
fn nearest(element: Element<'_>, links: &[Element<'_>]) -> Option<String> {
    for around in std::iter::once(element).chain(element.ancestors()) {
        let next = links.get(links.partition_point(|link| link.position() <= around.position()));
        let found = next.filter(|link| around.contains(**link)).and_then(|link| product(*link));
        if found.is_some() || ["tr", "li", "table", "body"].contains(&around.tag()) {
            return found;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_what_can_be_taken_out() {
        let html = br#"<nav><button data-id="2" data-task="approve"></button></nav><!-- Page Content --><table>
            <tr><td><a href="/products/25">alice/parking/free</a></td><td><button class="x" data-id="7">Remove</button>
              <select data-id="7"></select></td></tr>
            <tr><td>another</td><td><button data-id="9">Remove</button></td></tr></table><a href="/products/1">x</a>
            <!-- Footer --><a data-id="10"></a>"#;
        let items = cart(html);
        assert_eq!(items, [CartItem { id: 7, product: Some("25".into()) }, CartItem { id: 9, product: None }]);
        assert!(cart(b"<!-- Page Content --><p>Your cart is empty</p>").is_empty());
    }
}
