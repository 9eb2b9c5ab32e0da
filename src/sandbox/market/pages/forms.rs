//! The forms for hubs, devices and products.

use super::frame::{Response, escaped, framed};
use crate::sandbox::db::Database;
use crate::sandbox::exception::FormFieldError;
use crate::sandbox::market::product_form::ProductForm;

/// Returns an empty form, which is also the answer to anything that it refuses.
pub(in crate::sandbox::market) fn blank(
    db: &Database,
    user: &str,
    csrf: &str,
    title: &str,
    fields: &[&str],
) -> Response {
    let input = |name: &&str| {
        match *name {
        "rgs_type" => "\n    <h4>Registration Type:</h4>\n    <select name=\"rgs_type\" required id=\"id_rgs_type\">\n  \
                       <option value=\"1\">API_Key</option>\n\n  <option value=\"2\">Asymmetric_Key_Pairs</option>\n\n</select>"
            .to_owned(),
        "private" => "\n    <h4>Private or Public?</h4>\n    <select name=\"private\" required id=\"id_private\">\n  \
                      <option value=\"True\">Private</option>\n\n  <option value=\"False\">Public</option>\n\n</select>"
            .to_owned(),
        name => format!("\n    <h4>{name}:</h4>\n    <input type=\"text\" name=\"{name}\" required id=\"id_{name}\" />"),
    }
    };
    let inputs: String = fields.iter().map(input).collect();
    let content = format!(
        "\n<div class=\"container\">\n  <form method=\"POST\" action=\"\" enctype='multipart/form-data'>\n    <h1>{title}</h1>\n    \
         <h3>Invalid Input Will Lead To Redirection To This Page</h3>\n    \
         <input type='hidden' name='csrfmiddlewaretoken' value='{}' />{inputs}\n    \n    <br></br>\n    \
         <button type=\"submit\" value='OK' class=\"btn btn-primary\">Send</button>\n  </form>\n</div>\n<!-- /.container -->\n",
        escaped(csrf)
    );
    framed(db, Some(user), "", &content)
}

/// Returns the form for a new product, with the sent values but without the reasons for the refusal.
pub(in crate::sandbox::market) fn new_product(db: &Database, user: &str, csrf: &str, form: &ProductForm) -> Response {
    let row = |name: &str, field: String| row(&format!("<label for=\"id_{name}\">{name}</label>"), &field);
    let rows: String = [
        row("title", text_input("title", &form.title)),
        row("hub", text_input("hub", &form.hub)),
        row("media", MEDIA.into()),
        row("sensor_type", sensor_types(form)),
        row("restricted_active", check_box("restricted_active", form.restricted_active)),
        row("description", text_area(form)),
        row("price", number_input("price", &form.price)),
        row("sale_price", check_box("sale_active", form.sale_active) + &number_input("sale_price", &form.sale_price)),
        row("longitude", number_input("longitude", &form.longitude)),
        row("latitude", number_input("latitude", &form.latitude)),
    ]
    .concat();
    let content = format!(
        "  <div class=\"container\">\n    <form method=\"POST\" action=\"\" enctype='multipart/form-data'>\n      \
         <h1>Create new Product</h1>\n      <input type='hidden' name='csrfmiddlewaretoken' value='{}' />{rows}\n      \
         <button type=\"submit\" class=\"btn btn-primary pull-right\">Create</button>\n    </form>\n  </div>\n",
        escaped(csrf)
    );
    framed(db, Some(user), "I3 Marketplace | Create Product", &content)
}

/// Returns the form that saves a product: once within a comment, with every field and its errors, and once as
/// shown.
pub(in crate::sandbox::market) fn edit_product(
    db: &Database,
    user: Option<&str>,
    csrf: &str,
    form: &ProductForm,
    errors: &[FormFieldError],
) -> Response {
    let csrf = format!("<input type='hidden' name='csrfmiddlewaretoken' value='{}' />", escaped(csrf));
    let paragraph = |name: &str, label: &str, field: String| {
        let reasons: String = errors
            .iter()
            .filter(|error| error.field == name)
            .map(|error| format!("<li>{}</li>", escaped(&error.reason)))
            .collect();
        let reasons = if reasons.is_empty() { reasons } else { format!("<ul class=\"errorlist\">{reasons}</ul>\n") };
        format!("{reasons}<p><label for=\"id_{name}\">{label}:</label> {field}</p>\n")
    };
    let hidden = [
        paragraph("title", "Title", text_input("title", &form.title)),
        paragraph("description", "Description", text_area(form)),
        paragraph("price", "Price", number_input("price", &form.price)),
        paragraph("sale_price", "Sale price", number_input("sale_price", &form.sale_price)),
        paragraph("sale_active", "Sale active", check_box("sale_active", form.sale_active)),
        paragraph("media", "Media", MEDIA.into()),
        paragraph("restricted_active", "Restricted active", check_box("restricted_active", form.restricted_active)),
        paragraph("sensor_type", "Sensor type", sensor_types(form)),
        paragraph("hub", "Hub", text_input("hub", &form.hub)),
        paragraph("longitude", "Longitude", number_input("longitude", &form.longitude)),
        paragraph("latitude", "Latitude", number_input("latitude", &form.latitude)),
    ]
    .concat();
    let fixed = |name: &str, value: &Option<String>| {
        let value = escaped(value.as_deref().unwrap_or_default());
        format!(
            "<input type=\"text\" value=\"{value}\" readonly><br>\n            \
             <input type=\"hidden\" name=\"{name}\" value=\"{value}\" id=\"id_{name}\" />"
        )
    };
    let row = |label: &str, field: String| row(&format!("<label>{label}</label>"), &field);
    let shown = [
        row("Topic", fixed("title", &form.title)),
        row("Hub", fixed("hub", &form.hub)),
        row("Media", MEDIA.into()),
        row("<font color=\"#ff0000\">Sensor Type</font>", sensor_types(form)),
        row("<font color=\"#ff0000\">Restricted</font>", check_box("restricted_active", form.restricted_active)),
        row("Description", text_area(form)),
        row("Price", number_input("price", &form.price)),
        row("Sale Price", check_box("sale_active", form.sale_active) + &number_input("sale_price", &form.sale_price)),
    ]
    .concat();
    let content = format!(
        "\n\n<!--\n<form method=\"POST\" action=\"\" enctype='multipart/form-data'>\n{csrf}\n{hidden}\
         <input type='submit' value='Update Product' />\n</form>\n-->\n<div class=\"container\">\n    \
         <form method=\"POST\" action=\"\" enctype='multipart/form-data'>\n      <h1>Update Product</h1>\n      \
         <h3>Invalid Input Will Lead To Redirection To This Page</h3>\n      {csrf}{shown}\n      \
         <input type='submit' value='Update Product' />\n    </form>\n  </div>\n"
    );
    framed(db, user, "I3 Marketplace | Edit Product", &content)
}

const MEDIA: &str = "<input type=\"file\" name=\"media\" class=\"form-control\" id=\"id_media\" />";

/// A row of a form: its label, and its field.
fn row(label: &str, field: &str) -> String {
    format!(
        "\n      <div class=\"row\">\n        <div class=\"col-sm-8\">\n          <div class=\"form-group\">\n            \
         {label}\n            {field}\n          </div>\n        </div>\n      </div>"
    )
}

fn valued(kind: &str, name: &str, value: &Option<String>, more: &str) -> String {
    let value = match value.as_deref() {
        None | Some("") => String::new(),
        Some(value) => format!(" value=\"{}\"", escaped(value)),
    };
    format!("<input type=\"{kind}\" name=\"{name}\"{value} class=\"form-control\"{more} id=\"id_{name}\" />")
}

fn text_input(name: &str, value: &Option<String>) -> String {
    valued("text", name, value, " required")
}

fn number_input(name: &str, value: &Option<String>) -> String {
    valued("number", name, value, " step=\"any\"")
}

fn check_box(name: &str, ticked: bool) -> String {
    let checked = if ticked { " checked" } else { "" };
    format!("<input type=\"checkbox\" name=\"{name}\" id=\"id_{name}\"{checked} />")
}

/// Returns the field for the description; the newline after the tag is not part of the text.
fn text_area(form: &ProductForm) -> String {
    format!(
        "<textarea name=\"description\" cols=\"40\" rows=\"10\" placeholder=\"New Description\" class=\"form-control\" required \
         id=\"id_description\">\n{}</textarea>",
        escaped(form.description.as_deref().unwrap_or_default())
    )
}

fn sensor_types(form: &ProductForm) -> String {
    let chosen = form.sensor_type.as_deref().unwrap_or("1").trim();
    let option = |value: &str, caption: &str| {
        let selected = if value == chosen { " selected" } else { "" };
        format!("\n  <option value=\"{value}\"{selected}>{caption}</option>\n")
    };
    format!(
        "<select name=\"sensor_type\" id=\"id_sensor_type\">{}{}{}\n</select>",
        option("3", "Both"),
        option("2", "Actuactor"),
        option("1", "Sensor")
    )
}
