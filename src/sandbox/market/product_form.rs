//! The product form's fields as Django reads them: which values are accepted or refused, and the meaning of missing ones
//! (I3 facts §6.3, §6.5).

use super::request::{Fields, Upload};
use crate::sandbox::db::{ProductRecord, SensorType};
use crate::sandbox::exception::{FormFieldError, REQUIRED, wrong};

/// The fields as sent; `None` if one was left out.
#[derive(Clone, Default)]
pub(in crate::sandbox) struct ProductForm {
    pub title: Option<String>,
    pub hub: Option<String>,
    pub description: Option<String>,
    pub price: Option<String>,
    pub sensor_type: Option<String>,
    pub sale_price: Option<String>,
    pub sale_active: bool,
    pub restricted_active: bool,
    pub longitude: Option<String>,
    pub latitude: Option<String>,
    pub media: Option<Upload>,
}

/// Fields that passed the form.
pub(in crate::sandbox) struct Cleaned {
    pub title: String,
    pub hub: String,
    pub description: String,
    pub price: i64,
    pub sale_price: Option<i64>,
    pub sale_active: bool,
    pub restricted_active: bool,
    pub sensor_type: SensorType,
    pub longitude: Option<i64>,
    pub latitude: Option<i64>,
    /// Name of the picture's file.
    pub media: Option<String>,
}

impl ProductForm {
    pub fn of(form: &Fields) -> ProductForm {
        ProductForm {
            title: form.owned("title"),
            hub: form.owned("hub"),
            description: form.owned("description"),
            price: form.owned("price"),
            sensor_type: form.owned("sensor_type"),
            sale_price: form.owned("sale_price"),
            sale_active: form.ticked("sale_active"),
            restricted_active: form.ticked("restricted_active"),
            longitude: form.owned("longitude"),
            latitude: form.owned("latitude"),
            media: form.file("media").filter(|upload| !upload.name.is_empty()).cloned(),
        }
    }

    /// Returns the form filled in with a product's own values.
    pub fn filled(product: &ProductRecord) -> ProductForm {
        ProductForm {
            title: Some(product.title.clone()),
            hub: Some(product.hub.clone()),
            description: Some(product.description.clone()),
            price: Some(decimal(product.price, 2)),
            sensor_type: Some(product.sensor_type.number().into()),
            sale_price: product.sale_price.map(|cents| decimal(cents, 2)),
            sale_active: product.sale_active,
            restricted_active: product.restricted_active,
            longitude: product.longitude.map(|degrees| decimal(degrees, 4)),
            latitude: product.latitude.map(|degrees| decimal(degrees, 4)),
            media: None,
        }
    }

    /// Checks the fields. `old` is the product that is saved again: a sale price left out stays; of a new one its default
    /// is 6.99 as a binary fraction, which the form's own check of decimals refuses.
    pub fn clean(&self, old: Option<&ProductRecord>) -> Result<Cleaned, Vec<FormFieldError>> {
        let mut errors = Vec::new();
        let title = keep(
            &mut errors,
            text(&self.title, "title", 30).and_then(|title| match title.chars().count() {
                4.. => Ok(title),
                _ => Err(wrong("title", "Title must be greater than 3 characters long.")),
            }),
        );
        let description = keep(&mut errors, text(&self.description, "description", usize::MAX));
        let price = keep(
            &mut errors,
            required(number(&self.price, "price", 2), "price").and_then(|cents| match cents {
                ..=100 => Err(wrong("price", "Price must be greater than $1.00")),
                101..10_000 => Ok(cents),
                _ => Err(wrong("price", "Price must be less than $100.00")),
            }),
        );
        let sale_price = keep(
            &mut errors,
            match (&self.sale_price, old) {
                (None, Some(old)) => Ok(old.sale_price),
                (None, None) => Err(wrong("sale_price", "Ensure that there are no more than 2 decimal places.")),
                (sent, _) => number(sent, "sale_price", 2),
            },
        );
        let media = keep(&mut errors, self.media.as_ref().map(picture).transpose());
        let sensor_type = keep(
            &mut errors,
            match self.sensor_type.as_deref().map(str::trim) {
                None | Some("") => Err(wrong("sensor_type", REQUIRED)),
                Some(sent) => SensorType::from_form(sent)
                    .ok_or_else(|| wrong("sensor_type", "Select a valid choice, one of 1, 2 and 3.")),
            },
        );
        let hub = keep(&mut errors, text(&self.hub, "hub", 80));
        let longitude = keep(&mut errors, position(&self.longitude, "longitude", 180));
        let latitude = keep(&mut errors, position(&self.latitude, "latitude", 90));
        let all = (|| {
            Some(Cleaned {
                title: title?,
                hub: hub?,
                description: description?,
                price: price?,
                sale_price: sale_price?,
                sale_active: self.sale_active,
                restricted_active: self.restricted_active,
                sensor_type: sensor_type?,
                longitude: longitude?,
                latitude: latitude?,
                media: media?,
            })
        })();
        all.ok_or(errors)
    }
}

fn keep<T>(errors: &mut Vec<FormFieldError>, result: Result<T, FormFieldError>) -> Option<T> {
    result.map_err(|e| errors.push(e)).ok()
}

/// Returns a text, trimmed at both ends; only blanks count as empty, and NUL is refused.
fn text(sent: &Option<String>, field: &'static str, most: usize) -> Result<String, FormFieldError> {
    let text = sent.as_deref().unwrap_or_default().trim();
    let length = text.chars().count();
    if text.is_empty() {
        Err(wrong(field, REQUIRED))
    } else if text.contains('\0') {
        Err(wrong(field, "Null characters are not allowed."))
    } else if length > most {
        Err(wrong(field, format!("Ensure this value has at most {most} characters (it has {length}).")))
    } else {
        Ok(text.into())
    }
}

fn required(number: Result<Option<i64>, FormFieldError>, field: &'static str) -> Result<i64, FormFieldError> {
    number?.ok_or_else(|| wrong(field, REQUIRED))
}

/// Returns a decimal number with at most `places` decimals, zeros counted, in units of its last place.
fn number(sent: &Option<String>, field: &'static str, places: usize) -> Result<Option<i64>, FormFieldError> {
    let text = sent.as_deref().unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + part.len() == 0 || !all_digits(whole) || !all_digits(part) {
        return Err(wrong(field, "Enter a number."));
    }
    if part.len() > places {
        return Err(wrong(field, format!("Ensure that there are no more than {places} decimal places.")));
    }
    let units = format!("{whole}{part:0<places$}").parse::<i64>();
    // I3 accepts 65 digits; nobody sells at such a price.
    let units = units.map_err(|_| wrong(field, "Ensure that there are no more than 18 digits in total."))?;
    Ok(Some(sign * units))
}

fn position(sent: &Option<String>, field: &'static str, most: i64) -> Result<Option<i64>, FormFieldError> {
    match number(sent, field, 4)? {
        Some(units) if units.abs() > most * 10_000 => {
            Err(wrong(field, format!("Value must be between -{most} and {most}")))
        }
        units => Ok(units),
    }
}

/// Returns the name that a picture is kept under, if its first bytes are those of an image.
fn picture(upload: &Upload) -> Result<String, FormFieldError> {
    const STARTS: &[&[u8]] = &[b"\x89PNG\r\n\x1a\n", b"\xFF\xD8\xFF", b"GIF87a", b"GIF89a", b"BM", b"RIFF"];
    if upload.bytes.is_empty() {
        return Err(wrong("media", "The submitted file is empty."));
    }
    if !STARTS.iter().any(|start| upload.bytes.starts_with(start)) {
        return Err(wrong("media", "Upload a valid image."));
    }
    let name = upload.name.rsplit(['/', '\\']).next().unwrap_or_default();
    Ok(name.chars().map(|c| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect())
}

/// Returns `units` of the last of `places` decimals as a displayed number.
pub(in crate::sandbox) fn decimal(units: i64, places: u32) -> String {
    let scale = 10_u64.pow(places);
    let sign = if units < 0 { "-" } else { "" };
    let (whole, part) = (units.unsigned_abs() / scale, units.unsigned_abs() % scale);
    format!("{sign}{whole}.{part:0width$}", width = places as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_shown_as_decimals() {
        let cents = |text: &str| number(&Some(text.into()), "price", 2).ok().flatten();
        for (text, units) in [("1.5", 150), ("99.99", 9999), ("-5", -500), ("+2.", 200), (".5", 50), (" 3 ", 300)] {
            assert_eq!(cents(text), Some(units), "{text}");
        }
        for bad in ["1,50", "1.5000", "1.500", "abc", ".", "-", "1e1", "NaN", "99999999999999999999"] {
            assert_eq!(cents(bad), None, "{bad}");
        }
        assert_eq!(decimal(150, 2), "1.50");
        assert_eq!(decimal(-5, 2), "-0.05");
        assert_eq!(decimal(-1_182_851, 4), "-118.2851");
    }
}
