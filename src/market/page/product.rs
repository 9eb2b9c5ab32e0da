//! The edit form of a product: all its fields, and the reasons why it refused what was sent (I3 facts §6.2, §6.3).

use std::borrow::Cow;
use std::collections::HashSet;

use super::dom::{Dom, Element};
use super::error::{Page, PageError};
use crate::market::model::{ProductForm, field};
use crate::market::text::message;

/// Fields that must be sent, or a saved product would lose something or not be saved (I3 facts §6.3).
const NEEDED: [&str; 10] = [
    field::TITLE,
    field::HUB,
    field::SENSOR_TYPE,
    field::RESTRICTED,
    field::DESCRIPTION,
    field::PRICE,
    field::SALE_ACTIVE,
    field::SALE_PRICE,
    field::LONGITUDE,
    field::LATITUDE,
];

/// Most fields of a form; I3's has eleven. A form with more is not a product's, and each is searched for among all of them.
const FIELDS_MAX: usize = 256;

/// Most items of a list of reasons that are checked: lists that are never closed contain all that follow.
const ITEMS_MAX: usize = 16;

/// Most refused fields that are reported, and most reasons for each.
const REASONS_MAX: usize = 8;

/// Reads `/products/<id>/edit/`. The page contains the form twice: as shown, and in a comment, which alone
/// has the position. Fields missing in one are taken from the other.
///
/// # Errors
/// [`PageError`] unless every known field is there: saving the form without one would lose its value.
pub fn product_form(html: &[u8]) -> Result<ProductForm, PageError> {
    let html = keep_returns(html);
    let page = Dom::read(&html);
    let hidden = hidden_forms(&page);
    let mut read = Reading::default();
    page.content().for_each(|element| read.control(element));
    hidden.iter().flat_map(Dom::elements).for_each(|element| read.control(element));
    if read.seen.len() > FIELDS_MAX {
        return Err(PageError::new(Page::ProductForm, format!("no more than {FIELDS_MAX} fields")));
    }
    match NEEDED.iter().find(|name| !read.seen.contains(*name)) {
        Some(name) => Err(PageError::new(Page::ProductForm, format!("a field named {name}"))),
        None => Ok(read.form),
    }
}

/// Returns the reasons why the form refused what was sent, by field, or under `form` if they concern none. Only the texts of
/// `<ul class="errorlist">`, each limited in length.
pub fn product_refusals(html: &[u8]) -> Vec<(String, Vec<String>)> {
    let page = Dom::read(html);
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (field, reasons) in hidden_forms(&page).iter().flat_map(|dom| refusals(dom.elements().collect())) {
        push_new(&mut found, field, reasons);
    }
    for (field, reasons) in refusals(page.content().collect()) {
        push_new(&mut found, field, reasons);
    }
    found
}

fn push_new(found: &mut Vec<(String, Vec<String>)>, field: String, reasons: Vec<String>) {
    if found.len() < REASONS_MAX && !reasons.is_empty() && !found.iter().any(|(known, _)| *known == field) {
        found.push((field, reasons));
    }
}

/// Returns the comments that hold a form of a product.
fn hidden_forms(page: &Dom) -> Vec<Dom> {
    let comments = page.comments().filter(|(_, text)| text.contains(field::LONGITUDE));
    let forms = comments.map(|(_, text)| Dom::read(text.as_bytes()));
    forms.filter(|dom| dom.elements().any(|e| e.attribute("name") == Some(field::LONGITUDE))).collect()
}

/// Returns the reasons by field: a list of errors concerns the field after it (Django's `as_p`).
fn refusals(elements: Vec<Element<'_>>) -> Vec<(String, Vec<String>)> {
    let mut told = Vec::new();
    // From the end, so that the field after each list is known.
    let mut named = None;
    for element in elements.into_iter().rev() {
        if is_control(element) {
            named = element.attribute("name").filter(|name| *name != field::CSRF).or(named);
        }
        if element.tag() == "ul" && element.has_class("errorlist") {
            let items = element.descendants().filter(|e| e.tag() == "li").take(ITEMS_MAX);
            let reasons =
                items.map(|item| message(&item.text())).filter(|text| !text.is_empty()).take(REASONS_MAX).collect();
            let of_field = named.filter(|_| !element.has_class("nonfield"));
            told.push((of_field.map_or_else(|| "form".into(), message), reasons));
        }
    }
    told.reverse();
    told
}

fn is_control(element: Element<'_>) -> bool {
    matches!(element.tag(), "input" | "select" | "textarea")
}

/// The values that a browser would send (HTML §4.10.22.4), and the fields that the form has.
#[derive(Default)]
struct Reading<'a> {
    form: ProductForm,
    seen: HashSet<&'a str>,
}

impl<'a> Reading<'a> {
    fn control(&mut self, element: Element<'a>) {
        let Some(name) = element.attribute("name").filter(|_| is_control(element)) else { return };
        let kind = element.attribute("type").unwrap_or_default().to_ascii_lowercase();
        let is_sent = !matches!(kind.as_str(), "file" | "submit" | "button" | "image" | "reset");
        if name == field::CSRF || !is_sent || self.seen.contains(name) || self.seen.len() > FIELDS_MAX {
            return;
        }
        let value = match (element.tag(), kind.as_str()) {
            ("select", _) => match selected(element) {
                Some(value) => Some(value.to_owned()),
                // It is unclear which one is meant; a missing field is an error.
                None => return,
            },
            ("textarea", _) => Some(text_of(element)),
            (_, "checkbox" | "radio") => {
                let value = element.attribute("value").unwrap_or("on");
                element.attribute("checked").map(|_| value.to_owned())
            }
            _ => Some(element.attribute("value").unwrap_or_default().to_owned()),
        };
        self.seen.insert(name);
        if let Some(value) = value {
            self.form.set(name, value);
        }
    }
}

/// Returns the value of the option that is selected. Options are not closed, so they are nested.
fn selected(select: Element<'_>) -> Option<&str> {
    let options = select.descendants().filter(|e| e.tag() == "option" && e.attribute("selected").is_some());
    options.filter_map(|option| option.attribute("value")).last()
}

/// Returns the value of a `<textarea>`: the first line feed in it is not part of the text (HTML §4.10.11).
fn text_of(area: Element<'_>) -> String {
    let text = area.raw_text();
    let text = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')).unwrap_or(&text);
    text.to_owned()
}

/// Returns the page with the carriage returns of its text fields as references: an HTML parser turns `\r\n` into `\n`, and a
/// description would be changed by saving it.
fn keep_returns(html: &[u8]) -> Cow<'_, [u8]> {
    const START: &[u8] = b"<textarea";
    const END: &[u8] = b"</textarea";
    if !html.contains(&b'\r') {
        return Cow::Borrowed(html);
    }
    let find = |from: usize, what: &[u8]| {
        let at = html[from..].windows(what.len()).position(|part| part.eq_ignore_ascii_case(what));
        at.map_or(html.len(), |at| from + at)
    };
    let mut out = Vec::with_capacity(html.len());
    let mut from = 0;
    while from < html.len() {
        let tag = find(from, START);
        let text = find(tag, b">");
        let end = find(text, END);
        out.extend_from_slice(&html[from..text]);
        for byte in &html[text..end] {
            match byte {
                b'\r' => out.extend_from_slice(b"&#13;"),
                other => out.push(*other),
            }
        }
        from = end;
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The edit page as a marketplace builds it: `errors` stand before a field in the comment, where Django's `as_p` puts
    /// them.
    fn page(description: &str, errors: &str) -> String {
        format!(
            "<!-- Navigation --><p class=notification-desc>Your password to I3  is: hunter2secret</p><input name=q value=nav>\n\
             <!-- Page Content --><div><!-- Page Content -->\n\
             <!-- <form method=\"POST\" action=\"\">{errors}<p><label>Longitude:</label>\n\
             <input name=\"longitude\" value=\"-118.2851\" step=\"0.0001\"></p><p><input name=\"latitude\" value=\"34.0224\"></p>\n\
             <p><input type=\"number\" name=\"price\" value=\"1.50\"></p><p><textarea name=\"description\">\r\n{description}</textarea>\n\
             </form> -->\n\
             <form method=\"POST\" action=\"\" enctype=\"multipart/form-data\">\n\
             <input type='hidden' name='csrfmiddlewaretoken' value='token'></div>\n\
             <input type=\"text\" value=\"alice/parking/occupancy\" readonly><input type=\"hidden\" name=\"title\" value=\"alice/parking/occupancy\">\n\
             <input type=\"text\" value=\"alice/parking\" readonly><input type=\"hidden\" name=\"hub\" value=\"alice/parking\"\">\n\
             <input type=\"file\" name=\"media\"> <select name=\"sensor_type\"><option value=\"3\">Both<option value=\"2\">Actuactor\n\
             <option value=\"1\" selected>Sensor</select><br></br>\n\
             <input type=\"checkbox\" name=\"restricted_active\" checked> <textarea name=\"description\" rows=10>\r\n{description}</textarea>\n\
             <input type=\"number\" name=\"price\" value=\"1.50\"> <input type=\"checkbox\" name=\"sale_active\">\n\
             <input type=\"number\" name=\"sale_price\" value=\"1.20\"> <input name=theirs value=kept> <button name=go>Save</button></form>\n\
             <!-- Footer --><form><input name=mail value=footer></form>"
        )
    }

    #[test]
    fn everything_that_the_form_holds_is_read_once() {
        let html = page("Free places\r\n  &lt;now&gt; &amp; later -- always\n", "");
        let form = product_form(html.as_bytes()).unwrap();
        let expected = [
            ("title", "alice/parking/occupancy"),
            ("hub", "alice/parking"),
            ("sensor_type", "1"),
            ("restricted_active", "on"),
            ("description", "Free places\r\n  <now> & later -- always\n"),
            ("price", "1.50"),
            ("sale_price", "1.20"),
            ("theirs", "kept"),
            ("longitude", "-118.2851"),
            ("latitude", "34.0224"),
        ];
        assert_eq!(form.fields(), expected);
        assert!(form.is_ticked(field::RESTRICTED) && !form.is_ticked(field::SALE_ACTIVE));
    }

    #[test]
    fn only_the_first_line_feed_is_not_part_of_a_description() {
        for description in ["", "a", "\n a", "a\r\n\r\nb\rc\nd", "\r\na"] {
            let form = product_form(page(description, "").as_bytes()).unwrap();
            assert_eq!(form.value(field::DESCRIPTION), description);
        }
    }

    #[test]
    fn a_form_without_one_of_its_fields_is_refused() {
        let whole = page("d", "");
        for name in NEEDED {
            let html = whole.replace(&format!("name=\"{name}\""), "name=\"other\"");
            let error = product_form(html.as_bytes()).unwrap_err();
            assert_eq!(error.expected, format!("a field named {name}"));
        }
        let unselected = whole.replace(" selected", "");
        assert!(product_form(unselected.as_bytes()).unwrap_err().expected.contains("sensor_type"));
        assert!(product_form(b"").is_err() && product_form(b"<textarea").is_err());
    }

    #[test]
    fn refusals_are_told_by_field_and_nothing_else_of_the_page_is() {
        let errors = "<ul class=\"errorlist nonfield\"><li>Not so.</li></ul><ul class=\"errorlist\"><li>Ensure that there are\n \
             no more than 4 decimal places.</li><li>No.</li></ul>";
        let told = product_refusals(page("d", errors).as_bytes());
        let expected = [
            ("form".to_owned(), vec!["Not so.".to_owned()]),
            (
                "longitude".to_owned(),
                vec!["Ensure that there are no more than 4 decimal places.".to_owned(), "No.".to_owned()],
            ),
        ];
        assert_eq!(told, expected);
        assert_eq!(product_refusals(page("d", "").as_bytes()), []);
        let long = format!("<ul class=\"errorlist\"><li>{}</li></ul>", "x ".repeat(5_000));
        assert!(product_refusals(page("d", &long).as_bytes())[0].1[0].chars().count() <= 301);
    }

    #[test]
    fn ticks_and_values_are_set_in_place() {
        let mut form = product_form(page("d", "").as_bytes()).unwrap();
        form.tick(field::RESTRICTED, false);
        form.tick(field::SALE_ACTIVE, true);
        form.set(field::PRICE, "2.00");
        assert!(!form.is_ticked(field::RESTRICTED) && form.is_ticked(field::SALE_ACTIVE));
        assert_eq!((form.value(field::PRICE), form.value(field::RESTRICTED)), ("2.00", ""));
    }
}
