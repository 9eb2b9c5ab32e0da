//! Hubs, products and devices.

use std::io;

use hyper::StatusCode;

use super::context::RequestContext;
use crate::sandbox::db::{Database, DeviceRecord, ProductRecord};
use crate::sandbox::exception::ActionError;
use crate::sandbox::market::actions::{device, hub, product};
use crate::sandbox::market::pages::{self, Response};
use crate::sandbox::market::product_form::ProductForm;
use crate::sandbox::shared::Shared;

const HUB_FIELDS: &[&str] = &["name", "private"];
const DEVICE_FIELDS: &[&str] = &["hub_name", "name", "rgs_type", "password"];
const CREDENTIAL_FIELDS: &[&str] = &["rgs_type", "password"];

/// The sentence for a page that belongs to another user.
const NOT_YOURS: &str = "You do not have permission to do this.";

impl RequestContext<'_> {
    fn blank(&self, user: &str, title: &str, fields: &[&str]) -> Response {
        self.page(|db, csrf| pages::forms::blank(db, user, csrf, title, fields))
    }

    pub(super) fn hub(&self, user: &str, id: u64) -> Response {
        let db = self.shared.db();
        match db.hubs.iter().find(|hub| hub.id == id) {
            Some(hub) => pages::hub::one(&db, user, hub),
            None => pages::not_found(),
        }
    }

    pub(super) fn new_hub(&self, user: &str) -> io::Result<Response> {
        if !self.posted() {
            return Ok(self.blank(user, "Create new Hub", HUB_FIELDS));
        }
        let (name, private) = (self.form.one("name"), self.form.one("private"));
        Ok(match self.shared.change(|db| hub::create(db, user, name, private))? {
            Ok(_) => pages::redirect(StatusCode::FOUND, "/hubs/"),
            Err(ActionError::Exception(exception)) => self.crashed(&exception),
            Err(_) => self.blank(user, "Create new Hub", HUB_FIELDS),
        })
    }

    fn keep_picture(&self, product: &ProductRecord, form: &ProductForm) {
        if let (Some(path), Some(upload)) = (&product.media, &form.media) {
            self.shared.keep_picture(path, upload.bytes.clone());
        }
    }

    pub(super) fn product(&self, user: &str, key: &str) -> Response {
        let Some(product) = find_product(&self.shared.db(), key) else { return pages::not_found() };
        self.page(|db, csrf| pages::product::one(db, user, csrf, &product))
    }

    pub(super) fn new_product(&self, user: &str) -> io::Result<Response> {
        let form = ProductForm::of(&self.form);
        let again = || self.page(|db, csrf| pages::forms::new_product(db, user, csrf, &form));
        if !self.posted() {
            return Ok(again());
        }
        let mail = self.shared.mail();
        Ok(match self.shared.change(|db| product::create(db, mail, user, &form))? {
            Ok(product) => {
                self.keep_picture(&product, &form);
                pages::redirect(StatusCode::FOUND, &format!("/products/{}/", product.slug))
            }
            Err(ActionError::Invalid(_)) => again(),
            // Relative to a path that ends in a slash, this leads to the form.
            Err(ActionError::HubOrDuplicate(_)) => pages::redirect(StatusCode::FOUND, "products/create"),
            Err(ActionError::Exception(exception)) => self.crashed(&exception),
        })
    }

    /// Open to anyone, logged in or not, as on the real marketplace.
    pub(super) fn edit_product(&self, key: &str) -> io::Result<Response> {
        let Some(product) = find_product(&self.shared.db(), key) else { return Ok(pages::not_found()) };
        let show = |form: &ProductForm, errors: &[_]| {
            self.page(|db, csrf| pages::forms::edit_product(db, self.user.as_deref(), csrf, form, errors))
        };
        if !self.posted() {
            return Ok(show(&ProductForm::filled(&product), &[]));
        }
        let (form, mail) = (ProductForm::of(&self.form), self.shared.mail());
        Ok(match self.shared.change(|db| product::edit(db, mail, product.id, &form))? {
            Ok(Some(product)) => {
                self.keep_picture(&product, &form);
                pages::redirect(StatusCode::FOUND, &format!("/products/{}/", product.slug))
            }
            Ok(None) => pages::not_found(),
            Err(ActionError::Invalid(errors)) => show(&form, &errors),
            Err(ActionError::HubOrDuplicate(error)) => show(&form, &[error]),
            Err(ActionError::Exception(exception)) => self.crashed(&exception),
        })
    }

    /// Acts on any method.
    pub(super) fn delete_product(&self, user: &str, id: u64) -> io::Result<Response> {
        let product = self.shared.db().product(id).cloned();
        let mail = self.shared.mail();
        Ok(match product {
            None => pages::not_found(),
            Some(product) if product.owner != user => self.sentence(NOT_YOURS),
            Some(product) => match self.shared.change(|db| product::delete(db, mail, &product))? {
                Err(ActionError::Exception(exception)) => self.crashed(&exception),
                _ => self.sentence("The product is deleted."),
            },
        })
    }

    pub(super) async fn new_device(&self, user: &str) -> io::Result<Response> {
        if !self.posted() {
            return Ok(self.blank(user, "Create new Device:", DEVICE_FIELDS));
        }
        let value = |name| self.form.one(name).unwrap_or("");
        let fields = [value("hub_name"), value("name"), value("rgs_type"), value("password")];
        Ok(match create_device(self.shared, user, fields).await? {
            Ok(_) => pages::redirect(StatusCode::FOUND, "/hubs/"),
            Err(ActionError::Exception(exception)) => self.crashed(&exception),
            Err(_) => self.blank(user, "Create new Device:", DEVICE_FIELDS),
        })
    }

    pub(super) async fn edit_device(&self, user: &str, id: u64) -> io::Result<Response> {
        let device = self.shared.db().device(id).cloned();
        let device = match device {
            None => return Ok(pages::not_found()),
            Some(device) if device.owner != user => return Ok(self.sentence(NOT_YOURS)),
            Some(device) => device,
        };
        if !self.posted() {
            return Ok(self.blank(user, "Edit Device", CREDENTIAL_FIELDS));
        }
        let value = |name| self.form.one(name).unwrap_or("");
        Ok(match edit_device(self.shared, &device, value("rgs_type"), value("password")).await? {
            Ok(_) => pages::redirect(StatusCode::FOUND, "/hubs/"),
            Err(ActionError::Exception(exception)) => self.crashed(&exception),
            Err(_) => self.blank(user, "Edit Device", CREDENTIAL_FIELDS),
        })
    }

    /// Acts on any method.
    pub(super) async fn delete_device(&self, user: &str, id: u64) -> io::Result<Response> {
        let device = self.shared.db().device(id).cloned();
        Ok(match device {
            None => pages::not_found(),
            Some(device) if device.owner != user => self.sentence(NOT_YOURS),
            Some(device) => match delete_device(self.shared, &device).await? {
                Err(ActionError::Exception(exception)) => self.crashed(&exception),
                _ => self.sentence("The device is deleted."),
            },
        })
    }
}

fn find_product(db: &Database, key: &str) -> Option<ProductRecord> {
    match key.parse::<u64>() {
        Ok(id) => db.product(id).cloned(),
        Err(_) => db.products.iter().find(|product| product.slug == key).cloned(),
    }
}

/// Creates a device from hub, name, type and value: a check, a pause, the rows. Requests during the pause pass the check
/// too.
pub(in crate::sandbox::market) async fn create_device(
    shared: &Shared,
    user: &str,
    fields: [&str; 4],
) -> io::Result<Result<DeviceRecord, ActionError>> {
    let new = match device::check(&shared.db(), user, fields) {
        Ok(new) => new,
        Err(e) => return Ok(Err(e.into())),
    };
    tokio::time::sleep(shared.device_race).await;
    if let Err(exception) = shared.log_ins_unlocked().await {
        return Ok(Err(exception.into()));
    }
    let mail = shared.mail();
    shared.change(|db| device::create(db, mail, new))
}

/// Replaces a device's credential. A value that the database cannot store leaves the log-ins locked.
pub(in crate::sandbox::market) async fn edit_device(
    shared: &Shared,
    device: &DeviceRecord,
    rgs_type: &str,
    value: &str,
) -> io::Result<Result<Option<DeviceRecord>, ActionError>> {
    let prepared = device::Credential::check(rgs_type, value)
        .map_err(ActionError::from)
        .and_then(|credential| device::prepare_edit(&mut shared.db(), device, &credential));
    let edit = match prepared {
        Ok(edit) => edit,
        Err(stop) => return Ok(Err(stop)),
    };
    if let Err(exception) = shared.log_ins_unlocked().await {
        return Ok(Err(exception.into()));
    }
    if let Err(exception) = edit.storable() {
        shared.lock_log_ins();
        return Ok(Err(exception.into()));
    }
    Ok(Ok(shared.change(|db| edit.apply(db))?))
}

/// Deletes a device with everything of its name.
pub(in crate::sandbox::market) async fn delete_device(
    shared: &Shared,
    device: &DeviceRecord,
) -> io::Result<Result<(), ActionError>> {
    if let Err(exception) = shared.log_ins_unlocked().await {
        return Ok(Err(exception.into()));
    }
    let mail = shared.mail();
    shared.change(|db| device::delete(db, mail, device))
}
