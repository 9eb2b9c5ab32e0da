//! A product's page and the list of other sellers' products.

use super::frame::{Response, escaped, framed};
use crate::sandbox::db::{Database, ProductRecord, SensorType};
use crate::sandbox::market::product_form::decimal;

/// Its page content begins twice; restriction, position and hub are not shown.
pub(in crate::sandbox::market) fn one(db: &Database, user: &str, csrf: &str, product: &ProductRecord) -> Response {
    let (id, title, csrf) = (product.id, escaped(&product.title), escaped(csrf));
    let picture = match &product.thumbnail {
        Some(path) => format!("/media/{}", escaped(path)),
        None => "None".into(),
    };
    let price = match product.sale_active {
        true => format!(
            "<div>${}</div>\n                    <span class=\"price-old\"><del>${}</del></span>",
            product.sale_price.map_or_else(|| "None".into(), |cents| decimal(cents, 2)),
            decimal(product.price, 2)
        ),
        false => format!("<div>${}</div>", decimal(product.price, 2)),
    };
    let kind = match product.sensor_type {
        SensorType::Sensor => "Sensor ",
        SensorType::Actuator => "Actuactor ",
        SensorType::Both => "Both",
    };
    let buy = match product.owner == user {
        true => String::new(),
        false => {
            let message = match product.restricted_active {
                true => {
                    "\n                  <h4 class=\"modal-title\">Request Access Message</h4>\n                  \
                         <textarea class=\"form-control\" name=\"request_message\" required></textarea>"
                }
                false => "",
            };
            format!(
                "<tr>\n                <td>Quantity</td>\n                <td>\n                  \
                 <input title=\"Quantity\" name=\"qty\" type=\"number\" value=\"1\" class=\"form-control\" min=\"1\">{message}\n                  \
                 <button type=\"submit\" class=\"btn btn-primary\">Add to Cart</button>\n                </td>\n              </tr>"
            )
        }
    };
    let content = format!(
        "\n  <!-- Page Content -->\n  <div class=\"container\">\n    <div class=\"row\">\n      <h2>Product Details</h2>\n      \
         <div class=\"col-sm-4\">\n        <div class=\"image-detail\">\n          \
         <img class=\"img-responsive\" src=\"{picture}\" alt=\"\">\n        </div>\n      </div>\n      <div class=\"col-sm-8\">\n        \
         <div class=\"title-detail\">\n          {title} <em><small>by {}</small></em>\n        </div>\n        \
         <form method=\"post\" action=\"/cart/\" enctype=\"multipart/form-data\">\n          \
         <input type='hidden' name='csrfmiddlewaretoken' value='{csrf}' />\n          \
         <input type=\"hidden\" name=\"item\" value=\"{id}\">\n          <table class=\"table table-detail\">\n            <tbody>\n            \
         <tr>\n              <td>Price</td>\n              <td>\n                <div class=\"price\">\n                  {price}\n                \
         </div>\n              </td>\n\n            </tr>\n\n            <tr>\n                <td>Sensor Type</td>\n                <td>\n                \
         <div class=\"sensor type\">\n                    \n                        <div> {kind}</div>\n                    \n\n                \
         </div>\n                </td>\n\n            </tr>\n            {buy}\n            <tr>\n                <td>Rating</td>\n                <td>\n                    \
         <span class=\"glyphicon glyphicon-star-empty\"></span>\n                </td>\n            </tr>\n            </tbody>\n          \
         </table>\n        </form>\n      </div>\n      <div class=\"col-md-8\">\n\n        <div class=\"panel panel-default\">\n          \
         <div class=\"panel-heading\">Description</div>\n          <div class=\"panel-body\">\n            <p>{}</p>\n          </div>\n        \
         </div>\n\n      </div>\n    </div>\n  </div>\n  <!-- /.container -->\n",
        escaped(&product.owner),
        escaped(&product.description),
    );
    framed(db, Some(user), &format!("I3 Marketplace | Product | {}", product.title), &content)
}

/// Returns the products of others.
pub(in crate::sandbox::market) fn list(db: &Database, user: &str) -> Response {
    let rows: String = db
        .products
        .iter()
        .filter(|product| product.owner != user)
        .map(|product| {
            format!(
                "\n      <div class=\"thumbnail\"><h4><a href=\"/products/{}/\">{}</a></h4></div>",
                product.slug,
                escaped(&product.title)
            )
        })
        .collect();
    framed(db, Some(user), "I3 Marketplace | Products", &format!("  <div class=\"container\">{rows}\n  </div>\n"))
}
