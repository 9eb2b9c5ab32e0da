//! The page of a path.

use super::actions::notice::Mark;

/// A page or call outside `/api/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page<'a> {
    Home,
    LogIn,
    LogOut,
    SignUp,
    Key,
    Hubs,
    Hub(u64),
    NewHub,
    Products,
    /// By id or slug.
    Product(&'a str),
    NewProduct,
    /// By id or slug.
    EditProduct(&'a str),
    DeleteProduct(u64),
    Rating,
    NewDevice,
    EditDevice(u64),
    DeleteDevice(u64),
    Cart,
    CartItem,
    CheckOut,
    Request {
        id: u64,
        approve: bool,
    },
    Notifications,
    /// Without an id: all of them.
    Notification {
        id: Option<u64>,
        mark: Mark,
    },
    Transactions,
}

impl<'a> Page<'a> {
    /// Returns the page of a path, with or without its slash at the end.
    pub fn of(path: &'a str) -> Option<Page<'a>> {
        let id = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?;
        let is_key = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
        let path = path.strip_prefix('/')?;
        let parts: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
        Some(match parts.as_slice() {
            [""] => Page::Home,
            ["accounts", "login"] => Page::LogIn,
            ["accounts", "logout"] => Page::LogOut,
            ["accounts", "signup"] => Page::SignUp,
            ["key"] => Page::Key,
            ["hubs"] => Page::Hubs,
            ["hubs", "create"] => Page::NewHub,
            ["hubs", hub] => Page::Hub(id(hub)?),
            ["products"] => Page::Products,
            // Whatever comes after it: the redirect to the relative `products/create` ends here, too.
            ["products", "create", ..] => Page::NewProduct,
            ["products", "ajax", "rating"] => Page::Rating,
            ["products", "delete", product] => Page::DeleteProduct(id(product)?),
            ["products", product, "edit"] if is_key(product) => Page::EditProduct(product),
            ["products", product] if is_key(product) => Page::Product(product),
            ["devices", "create", ..] => Page::NewDevice,
            ["devices", "edit", device] => Page::EditDevice(id(device)?),
            ["devices", "delete", device] => Page::DeleteDevice(id(device)?),
            ["cart"] => Page::Cart,
            ["cart", "ajax"] => Page::CartItem,
            ["checkout"] => Page::CheckOut,
            ["requests", "ajax", request, task @ ("approve" | "decline")] => {
                Page::Request { id: id(request)?, approve: *task == "approve" }
            }
            ["notifications"] => Page::Notifications,
            ["notifications", "ajax", "all", mark] => Page::Notification { id: None, mark: Mark::from_path(mark)? },
            ["notifications", "ajax", row, mark] => {
                Page::Notification { id: Some(id(row)?), mark: Mark::from_path(mark)? }
            }
            ["dashboard", "transactions"] => Page::Transactions,
            _ => return None,
        })
    }

    /// Returns whether a user who is not logged in sees more than the redirect to the log-in page.
    pub fn is_public(self) -> bool {
        matches!(self, Page::LogIn | Page::LogOut | Page::SignUp | Page::Key | Page::EditProduct(_) | Page::Rating)
    }

    /// Returns whether only scripts get an answer: without their header it is a 404.
    pub fn is_for_scripts(self) -> bool {
        matches!(
            self,
            Page::Rating | Page::CartItem | Page::CheckOut | Page::Request { .. } | Page::Notification { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_they_do_on_the_real_one() {
        for (path, page) in [
            ("/", Some(Page::Home)),
            ("/products/7/edit/", Some(Page::EditProduct("7"))),
            ("/products/aliceparkingfree/edit", Some(Page::EditProduct("aliceparkingfree"))),
            ("/products/edit/7/", None),
            ("/products/create/products/create", Some(Page::NewProduct)),
            ("/products/delete/7/", Some(Page::DeleteProduct(7))),
            ("/products/a.b/", None),
            ("/hubs/x/", None),
            ("/notifications/ajax/all/archive/", Some(Page::Notification { id: None, mark: Mark::Archive })),
            ("/notifications/ajax/7/delete/", None),
            ("/requests/ajax/2/decline/", Some(Page::Request { id: 2, approve: false })),
            ("/hubs//", None),
        ] {
            assert_eq!(Page::of(path), page, "{path}");
        }
    }
}
