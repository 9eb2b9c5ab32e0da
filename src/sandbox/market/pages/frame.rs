//! The common parts of all pages: navigation, comments, unbalanced tags (I3 facts §6.2).

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::HeaderValue;
use hyper::{StatusCode, header};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::sandbox::db::{Database, NotificationRecord, RequestRecord, UserType};

/// A response with a complete body.
pub(in crate::sandbox::market) type Response = hyper::Response<Full<Bytes>>;

/// Returns `text` escaped for HTML, between tags or in an attribute.
pub(in crate::sandbox::market) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Returns a moment in seconds since 1970 as the pages write it: `Thu, 26 Nov 2026 00:08:29 -0800`.
pub(in crate::sandbox::market) fn moment(seconds: i64) -> String {
    let zone = TimeZone::get("America/Los_Angeles").unwrap_or_else(|_| TimeZone::fixed(Offset::constant(-8)));
    let moment = Timestamp::from_second(seconds).unwrap_or_default();
    moment.to_zoned(zone).strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

pub(in crate::sandbox::market) fn response(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Returns a page without navigation: `body` is HTML.
pub(in crate::sandbox::market) fn bare(status: StatusCode, title: &str, body: &str) -> Response {
    let page = format!(
        "\n<!DOCTYPE html>\n<html>\n<head>\n  <!-- Styles -->\n  <link rel=\"stylesheet\" href=\"/static/css/base.css\"/>\n\n  \
         <title>{}</title>\n\n</head>\n<body>\n\n  {body}\n\n  <!-- Scripts -->\n  <script src=\"/static/js/csrf.js\"></script>\n\n\
         </body>\n\n</html>",
        escaped(title)
    );
    response(status, "text/html; charset=utf-8", page)
}

/// Returns a page with the parts of every page, for one reader; `content` is HTML.
pub(in crate::sandbox::market) fn framed(db: &Database, user: Option<&str>, title: &str, content: &str) -> Response {
    let body = format!(
        "{}\n  <!-- Page Content -->\n  \n{content}\n\n\n  <!-- Footer -->\n  <footer class=\"footer\">\n    <div class=\"container\">\n      \
         <div class=\"row\">\n        <div class=\"col-lg-12\">\n          <p>Copyright &copy; I3 Sandbox.</p>\n        </div>\n      \
         </div>\n    </div>\n  </footer>\n",
        navigation(db, user)
    );
    bare(StatusCode::OK, title, &body)
}

/// Links, pending requests, all notifications that are not archived, and the reader's name.
fn navigation(db: &Database, user: Option<&str>) -> String {
    let account = user.and_then(|name| db.user(name));
    let requests = match account.filter(|account| account.kind != UserType::Buyer) {
        Some(seller) => request_menu(db.pending_requests(&seller.name)),
        None => String::new(),
    };
    let name = account.map_or("", |account| account.name.as_str());
    let notifications = notification_menu(db.shown_notifications(name));
    let cart = db.cart.iter().filter(|item| item.user == name).count();
    format!(
        "\n  <!-- Navigation -->\n  <nav class=\"navbar navbar-default navbar-fixed-top\" role=\"navigation\">\n    \
         <div class=\"container-fluid\">\n      <!-- Brand -->\n      <div class=\"navbar-header\">\n        \
         <a class=\"navbar-brand\" href=\"#\">\n          <img alt=\"I3 Marketplace\" src=\"/media/logo.png\"/>\n        </a>\n      \
         </div>\n      <!-- Links -->\n      <div class=\"collapse navbar-collapse\">\n        <ul class=\"nav navbar-nav\">\n          \
         <li>\n            <a href=\"/\">I3 Marketplace</a>\n          </li>\n          <li>\n            \
         <a href=\"/products/\">Products</a>\n          </li>\n          <li>\n            <a href=\"/hubs/\">Hubs</a>\n          \
         </li>\n          <li>\n            <a href=\"/dashboard/transactions/\">Transactions</a>\n          </li>\n          <li>\n            \
         <a href=\"/docs/\" target=\"_blank\"}}\">Documentation</a>\n          </li>\n        </ul>\n        \
         <ul class=\"nav navbar-nav navbar-right\">\n          {requests}\n          {notifications}\n          <li>\n            \
         <a href=\"/cart/\">\n              <i data-count=\"{cart}\" id=\"cart_count\"\n                 \
         class=\"glyphicon glyphicon-shopping-cart \"></i>\n            </a>\n          </li>\n          <li>\n            \
         <a href=\"#\" class=\"dropdown-toggle\" data-toggle=\"dropdown\" role=\"button\">\n              \
         <span class=\"glyphicon glyphicon-user\"></span> Hello {} <span class=\"caret\"></span>\n            </a>\n            \
         <ul class=\"dropdown-menu\">\n              <li><a href=\"/key/\">API</a></li>\n              \
         <li role=\"separator\" class=\"divider\"></li>\n              <li><a href=\"/accounts/logout/\">Logout</a></li>\n            \
         </ul>\n          </li>\n        </ul>\n      </div>\n      <!-- /.navbar-collapse -->\n    </div>\n    \
         <!-- /.container -->\n  </nav>\n",
        escaped(name)
    )
}

fn request_menu<'a>(requests: impl Iterator<Item = &'a RequestRecord>) -> String {
    let rows: Vec<String> = requests
        .map(|request| {
            let id = request.id;
            format!(
                "\n          <li class=\"notification\">\n  <div class=\"media\">\n    <div class=\"media-body\">\n      \
                 <strong class=\"notification-title\">\n        {} requested access for Product object ({})\n      </strong>\n      \
                 <p class=\"notification-desc\">{}</p>\n      <div class=\"notification-meta request-tasks\">\n\n        \
                 <button data-id=\"{id}\" data-task=\"approve\" class=\"btn btn-primary\">Approve</button>\n        \
                 <button data-id=\"{id}\" data-task=\"decline\" class=\"btn btn-warning\">Decline</button>\n      </div>\n    \
                 </div>\n  </div>\n</li>",
                escaped(&request.buyer),
                request.product,
                escaped(&request.message)
            )
        })
        .collect();
    let none = "\n          <li class=\"notification\">\n            <div class=\"media\">\n              \
                <div class=\"media-body\">\n                <em class=\"notification-title\">No pending requests.</em>\n              \
                </div>\n            </div>\n          </li>";
    let list = if rows.is_empty() { none.to_owned() } else { rows.concat() };
    menu("requests", "envelope", "Requests", rows.len(), &list, "")
}

fn notification_menu<'a>(notifications: impl Iterator<Item = &'a NotificationRecord>) -> String {
    let mut unread = 0;
    let rows: Vec<String> = notifications
        .map(|row| {
            unread += usize::from(!row.read);
            format!(
                "\n                <li class=\"notification notification-{}\">\n  <div class=\"media\">\n    \
                 <div class=\"media-body\">\n      <strong class=\"notification-title\">{}</strong>\n      \
                 <p class=\"notification-desc\">{}</p>\n      <div class=\"notification-meta\">\n        \
                 <small class=\"timestamp\">{}</small>\n      </div>\n    </div>\n  </div>\n</li>\n                ",
                if row.read { "read" } else { "unread" },
                escaped(&row.subject),
                escaped(&row.body),
                moment(row.at)
            )
        })
        .collect();
    let none = "\n                <li class=\"notification\">\n                    <div class=\"media\">\n                      \
                <div class=\"media-body\">\n                        \
                <strong class=\"notification-title\">No notifications</strong>\n                      </div>\n                    \
                </div>\n                  </li>";
    let list = if rows.is_empty() { none.to_owned() } else { rows.concat() };
    let all = "\n      <div class=\"dropdown-footer text-center\">\n        <a href=\"/notifications/\">View All</a>\n      </div>";
    menu("notifications", "bell", "Notifications", unread, &list, all)
}

/// Both menus have the same class; only the id distinguishes them.
fn menu(id: &str, icon: &str, title: &str, count: usize, list: &str, foot: &str) -> String {
    let icon = match count {
        0 => format!("<i class=\"glyphicon glyphicon-{icon}\"></i>"),
        count => format!("<i data-count=\"{count}\" class=\"glyphicon glyphicon-{icon} notification-icon\"></i>"),
    };
    format!(
        "<li class=\"dropdown dropdown-notifications\" id=\"dropdown-{id}\">\n    \
         <a class=\"dropdown-toggle\" data-toggle=\"dropdown\" role=\"button\">\n        {icon}\n    </a>\n    \
         <div class=\"dropdown-container\">\n\n      <div class=\"dropdown-toolbar\">\n        \
         <h3 class=\"dropdown-toolbar-title\">{title}</h3>\n      </div><!-- /dropdown-toolbar -->\n\n      \
         <ul class=\"dropdown-menu\">{list}\n      </ul>\n{foot}\n    </div><!-- /dropdown-container -->\n  </li>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_los_angeles() {
        assert_eq!(moment(1_795_680_509), "Thu, 26 Nov 2026 00:08:29 -0800");
        assert!(moment(1_783_000_000).ends_with("-0700"));
    }
}
