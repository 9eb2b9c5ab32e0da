//! The list of hubs and a hub's page, which does not show the hub's name.

use super::frame::{Response, escaped, framed};
use crate::collation::same;
use crate::sandbox::db::{Database, HubRecord};

/// Returns the reader's own hubs.
pub(in crate::sandbox::market) fn list(db: &Database, user: &str) -> Response {
    let rows: String = db
        .hubs
        .iter()
        .filter(|hub| hub.owner == user)
        .map(|hub| format!("\n    <h4><a href=\"/hubs/{}/\">{}</a></h4>\n    ", hub.id, escaped(&hub.name)))
        .collect();
    let rows = if rows.is_empty() { "\n    <h4>You Don't Have Any Hub</h4>\n    ".into() } else { rows };
    let content = format!(
        "  <div class=\"container\">\n    <h3>My Hubs</h3>\n    <br>\n    {rows}\n    <br>\n    \
         <a href=\"/hubs/create\"> <button>Create Hub</button> </a>\n  </div>\n  <!-- /.container -->\n"
    );
    framed(db, Some(user), "\n  I3 Marketplace | Hubs\n", &content)
}

/// Devices and products of the hub, and of every hub whose name the database treats as the same.
pub(in crate::sandbox::market) fn one(db: &Database, user: &str, hub: &HubRecord) -> Response {
    if hub.owner != user && hub.private {
        let content = "\n  <div class=\"container\">\n    <h1>This is someone else's private hub</h1>\n  </div>\n";
        return framed(db, Some(user), "", content);
    }
    let own = hub.owner == user;
    let button = |href: String, colour: &str, caption: &str| {
        format!("<a href=\"{href}\">&nbsp&nbsp<button class=\"btn btn-{colour}\">{caption}</button></a>")
    };
    let devices: String = db
        .devices
        .iter()
        .filter(|device| same(&device.hub, &hub.name))
        .map(|device| {
            let (name, id) = (escaped(&device.name), device.id);
            if !own {
                return format!("\n    <h4>{name}</h4>\n    ");
            }
            let delete = button(format!("/devices/delete/{id}"), "danger", "Delete Device");
            let edit = button(format!("/devices/edit/{id}"), "warning", "Edit Device");
            format!("\n    <h4>{name}  {delete}{edit}</h4> \n    ")
        })
        .collect();
    let products: String = db
        .products
        .iter()
        .filter(|product| same(&product.hub, &hub.name))
        .map(|product| {
            let (title, id) = (escaped(&product.title), product.id);
            if !own {
                return format!("\n    <a href=\"/products/{id}\"><h4>{title}</h4></a>\n    ");
            }
            let delete = button(format!("/products/delete/{id}"), "danger", "Delete Product");
            let edit = button(format!("/products/{id}/edit"), "warning", "Edit Product");
            format!("\n    <a href=\"/products/{id}\"><h4>{title}{delete}{edit}</h4></a>\n    ")
        })
        .collect();
    let or_none =
        |rows: String, none: &str| if rows.is_empty() { format!("\n    <h4>{none}</h4>\n    ") } else { rows };
    let new = |path: &str, caption: &str| match own {
        true => format!("<a href=\"{path}\"><button class=\"btn btn-primary\">{caption}</button></a>"),
        false => String::new(),
    };
    let content = format!(
        "  <div class=\"container\">\n    \n    <h3>{}</h3>\n    \n    <h3>Devices in this hub</h3>\n    {}\n    {}\n\n    \
         <br></br><br></br>\n\n    <h3>Products in this hub</h3>\n    {}\n    {}\n  </div>\n  <!-- /.container -->\n",
        match hub.private {
            true => "This is a private Hub, this page is only viewable to you",
            false => "This is a public Hub, this page is viewable to everyone",
        },
        or_none(devices, "No Device in This Hub"),
        new("/devices/create", "Create Device"),
        or_none(products, "No Product in This Hub"),
        new("/products/create", "Create Product"),
    );
    framed(db, Some(user), "", &content)
}
