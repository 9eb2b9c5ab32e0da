//! Creating, saving and deleting products: the row first, then mail and notification, the permissions last.

use crate::collation::same;
use crate::name::TOPIC_MAX_CHARS;
use crate::sandbox::db::{Database, PermissionRecord, ProductRecord, Table};
use crate::sandbox::exception::{ActionError, Exception, storable, wrong};
use crate::sandbox::mail::{Mail, notify_by_mail};
use crate::sandbox::market::product_form::{Cleaned, ProductForm};

/// Longest slug, in characters.
const SLUG_MAX_CHARS: usize = 50;

/// Creates a product of `owner` from the form's short names.
pub(in crate::sandbox) fn create(
    db: &mut Database,
    mail: Mail,
    owner: &str,
    form: &ProductForm,
) -> Result<ProductRecord, ActionError> {
    let cleaned = form.clean(None).map_err(ActionError::Invalid)?;
    let hub = format!("{owner}/{}", cleaned.hub);
    if !db.hubs.iter().any(|row| row.name == hub) {
        return Err(ActionError::HubOrDuplicate(wrong("hub", "You have no hub with that name.")));
    }
    let title = format!("{hub}/{}", cleaned.title);
    if db.products.iter().any(|other| other.title == title) {
        return Err(ActionError::HubOrDuplicate(wrong("title", "A product with that title already exists.")));
    }
    if title.chars().count() > TOPIC_MAX_CHARS {
        return Err(Exception::too_long("title").into());
    }
    storable("title", &title)?;
    storable("description", &cleaned.description)?;
    storable("media", cleaned.media.as_deref().unwrap_or_default())?;
    let slug = free_slug(db, &title);
    if slug.chars().count() > SLUG_MAX_CHARS {
        return Err(Exception::too_long("slug").into());
    }
    let mut product = ProductRecord {
        id: db.next_id(Table::Products),
        owner: owner.into(),
        hub: String::new(),
        title: String::new(),
        slug,
        description: String::new(),
        price: 0,
        sale_price: None,
        sale_active: false,
        restricted_active: false,
        sensor_type: cleaned.sensor_type,
        longitude: None,
        latitude: None,
        media: None,
        thumbnail: None,
    };
    fill(&mut product, Cleaned { title, hub, ..cleaned });
    db.changes += 1;
    db.products.push(product.clone());
    announce(db, mail, &product)?;
    Ok(product)
}

/// Saves the fields as sent, `hub` and `title` unchecked; the slug stays, and permissions are only added.
/// `None`: there is no such product.
pub(in crate::sandbox) fn edit(
    db: &mut Database,
    mail: Mail,
    id: u64,
    form: &ProductForm,
) -> Result<Option<ProductRecord>, ActionError> {
    let Some(old) = db.product(id) else { return Ok(None) };
    let cleaned = form.clean(Some(old)).map_err(ActionError::Invalid)?;
    for (column, text) in [("title", &cleaned.title), ("hub", &cleaned.hub), ("description", &cleaned.description)] {
        storable(column, text)?;
    }
    storable("media", cleaned.media.as_deref().unwrap_or_default())?;
    let Some(row) = db.products.iter_mut().find(|row| row.id == id) else { return Ok(None) };
    fill(row, cleaned);
    let product = row.clone();
    db.changes += 1;
    announce(db, mail, &product)?;
    Ok(Some(product))
}

fn fill(product: &mut ProductRecord, cleaned: Cleaned) {
    if let Some(file) = cleaned.media {
        let path = format!("{}/{file}", product.slug);
        product.thumbnail.get_or_insert_with(|| path.clone());
        product.media = Some(path);
    }
    *product = ProductRecord {
        title: cleaned.title,
        hub: cleaned.hub,
        description: cleaned.description,
        price: cleaned.price,
        sale_price: cleaned.sale_price,
        sale_active: cleaned.sale_active,
        restricted_active: cleaned.restricted_active,
        sensor_type: cleaned.sensor_type,
        longitude: cleaned.longitude,
        latitude: cleaned.latitude,
        ..product.clone()
    };
}

/// After every save: mail and notification to the seller, then one more permission for each device of the hub.
fn announce(db: &mut Database, mail: Mail, product: &ProductRecord) -> Result<(), Exception> {
    let body = format!("{} is now in {}", product.title, product.hub);
    notify_by_mail(db, mail, &product.owner, "New product added", &body)?;
    let in_hub = db.devices.iter().filter(|device| same(&device.hub, &product.hub));
    let granted = in_hub.map(|device| PermissionRecord::of_device(&device.name, &product.owner, product));
    db.permissions.extend(granted);
    Ok(())
}

/// Deletes a product and everything that belongs to it, including the sales. Its buyers are notified first.
pub(in crate::sandbox) fn delete(db: &mut Database, mail: Mail, product: &ProductRecord) -> Result<(), ActionError> {
    let buyers: Vec<String> = db
        .permissions
        .iter()
        .filter(|row| row.product == product.id && row.user != product.owner)
        .map(|row| row.user.clone())
        .collect();
    for buyer in buyers {
        let body = format!("{} was deleted by {}", product.title, product.owner);
        notify_by_mail(db, mail, &buyer, "A product that you bought was deleted", &body)?;
    }
    db.permissions.retain(|row| row.product != product.id);
    let body = format!("{} is no longer in {}", product.title, product.hub);
    notify_by_mail(db, mail, &product.owner, "Product deleted", &body)?;
    let before = db.products.len();
    db.products.retain(|row| row.id != product.id);
    db.changes += (before - db.products.len()) as u64;
    db.transactions.retain(|row| row.product != product.id);
    db.requests.retain(|row| row.product != product.id);
    db.cart.retain(|row| row.product != product.id);
    db.ratings.retain(|row| row.product != product.id);
    Ok(())
}

/// Returns the slug of a title; while it is taken, the id of the first product that has it is appended.
fn free_slug(db: &Database, title: &str) -> String {
    let mut slug = slugified(title);
    while let Some(first) = db.products.iter().find(|other| same(&other.slug, &slug)) {
        slug = format!("{slug}-{}", first.id);
    }
    slug
}

/// As Django's `slugify`: lower case without accents and signs; runs of blanks and hyphens become one hyphen.
fn slugified(title: &str) -> String {
    let plain: String = title.chars().filter_map(without_accent).collect();
    let kept: String =
        plain.to_ascii_lowercase().chars().filter(|c| c.is_ascii_alphanumeric() || "_- \t".contains(*c)).collect();
    let mut slug = String::new();
    for c in kept.trim().chars() {
        match c {
            '-' | ' ' | '\t' if slug.ends_with('-') => {}
            '-' | ' ' | '\t' => slug.push('-'),
            c => slug.push(c),
        }
    }
    slug
}

/// Returns the ASCII base of a Windows-1252 letter, if it has one.
fn without_accent(c: char) -> Option<char> {
    Some(match c {
        c if c.is_ascii() => c,
        'À'..='Å' => 'A',
        'Ç' => 'C',
        'È'..='Ë' => 'E',
        'Ì'..='Ï' => 'I',
        'Ñ' => 'N',
        'Ò'..='Ö' => 'O',
        'Ù'..='Ü' => 'U',
        'Ý' | 'Ÿ' => 'Y',
        'Š' => 'S',
        'Ž' => 'Z',
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        'š' => 's',
        'ž' => 'z',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_titles_without_signs_and_accents() {
        for (title, slug) in [
            ("alice/parking/occupancy", "aliceparkingoccupancy"),
            ("alice/parking/Free. Places!", "aliceparkingfree-places"),
            ("alice/café/größe", "alicecafegroe"),
            ("a - b", "a-b"),
        ] {
            assert_eq!(slugified(title), slug, "{title}");
        }
    }
}
