//! The hub page: which `<h4>` name belongs to which device or product link.

use std::collections::BTreeSet;

use super::dom::{Dom, Element};
use super::{DeviceRow, HubPage, Page, PageError, ProductRow, number, quote, segments};
use crate::name::{DeviceName, HubName, ShortName};

/// Reads the page of hub `name`: names in `<h4>`, with `/devices/edit/<id>`, `/devices/delete/<id>`, `/products/<id>` links.
///
/// A link belongs to the `<h4>` that holds it or that it holds; else to the only one in the nearest element around both;
/// else, where that element holds several, to the one before it. An `<h4>` without such a link is a heading.
///
/// # Errors
/// [`PageError`] if a link belongs to no name, a name to two ids or to both kinds, a device's name is none of this hub,
/// or the page shows neither a device or product nor the hub's name and so is another page.
pub fn hub(html: &[u8], name: &HubName) -> Result<HubPage, PageError> {
    let dom = Dom::read(html);
    let mut entries: Vec<Entry<'_>> = dom.all("h4").map(Entry::new).collect();
    for element in dom.elements() {
        let Some(link) = element.attribute("href").or_else(|| element.attribute("action")).and_then(Link::read) else {
            continue;
        };
        match (owner(&entries, element), link) {
            (Some(at), Ok(link)) => entries[at].add(link, element),
            (_, Err(path)) => return fault(format!("a number as the id in '{}'", quote(&path))),
            (None, Ok(Link::Device { id, .. })) => return fault(format!("a name in <h4> for the device {id}")),
            // A product may be linked from anywhere, a menu or a footer; nothing is concluded from that.
            (None, Ok(Link::Product { .. })) => {}
        }
    }
    let mut page = HubPage { devices: Vec::new(), products: Vec::new() };
    for entry in &entries {
        entry.conclude(name, &mut page)?;
    }
    if page.devices.is_empty() && page.products.is_empty() && !shows(&dom, name) {
        return fault(format!("the page of {name}, but it says '{}'", quote(&dom.text())));
    }
    Ok(page)
}

fn fault<T>(expected: String) -> Result<T, PageError> {
    Err(PageError::new(Page::Hub, expected))
}

/// Whether the page names the hub, in full or by its short name as a word.
fn shows(dom: &Dom, name: &HubName) -> bool {
    let text = dom.text();
    text.split(|c: char| !c.is_alphanumeric()).any(|word| word == name.short())
}

/// Which entry a link belongs to.
fn owner(entries: &[Entry<'_>], link: Element<'_>) -> Option<usize> {
    let touching = |e: &Entry<'_>| e.heading.contains(link) || link.contains(e.heading);
    if let Some(at) = entries.iter().position(touching) {
        return Some(at);
    }
    for around in link.ancestors() {
        // In the page's order, so what lies inside one element is one run.
        let first = entries.partition_point(|e| e.heading.position() <= around.position());
        let inside = entries[first..].iter().take_while(|e| around.contains(e.heading)).count();
        match inside {
            0 => continue,
            1 => return Some(first),
            _ => {
                let before = entries[first..first + inside].partition_point(|e| e.heading.position() < link.position());
                return before.checked_sub(1).map(|nth| first + nth);
            }
        }
    }
    // Not even a common element around: a page without <html> and <body>.
    entries.partition_point(|e| e.heading.position() < link.position()).checked_sub(1)
}

enum Link {
    Device { id: u64, acts: bool },
    Product { id: Option<u64>, slug: Option<String>, acts: bool },
}

impl Link {
    /// None for any other link; `Err` with the path for a device link without a number.
    fn read(href: &str) -> Option<Result<Link, String>> {
        Some(match segments(href)?.as_slice() {
            ["devices", "edit" | "delete", id] => {
                number(id).map(|id| Link::Device { id, acts: true }).ok_or_else(|| href.to_owned())
            }
            ["products", "edit" | "delete", id] => match number(id) {
                Some(id) => Ok(Link::Product { id: Some(id), slug: None, acts: true }),
                None => Ok(Link::Product { id: None, slug: Some((*id).to_owned()), acts: true }),
            },
            ["products", "create" | "edit" | "delete" | "search"] => return None,
            ["products", id] => match number(id) {
                Some(id) => Ok(Link::Product { id: Some(id), slug: None, acts: false }),
                None => Ok(Link::Product { id: None, slug: Some((*id).to_owned()), acts: false }),
            },
            _ => return None,
        })
    }
}

struct Entry<'a> {
    heading: Element<'a>,
    devices: BTreeSet<u64>,
    products: BTreeSet<u64>,
    slugs: BTreeSet<String>,
    /// Edit and delete buttons inside the heading, whose captions are no part of the name.
    buttons: Vec<Element<'a>>,
}

impl<'a> Entry<'a> {
    fn new(heading: Element<'a>) -> Entry<'a> {
        Entry {
            heading,
            devices: BTreeSet::new(),
            products: BTreeSet::new(),
            slugs: BTreeSet::new(),
            buttons: Vec::new(),
        }
    }

    fn add(&mut self, link: Link, element: Element<'a>) {
        let acts = match link {
            Link::Device { id, acts } => {
                self.devices.insert(id);
                acts
            }
            Link::Product { id, slug, acts } => {
                self.products.extend(id);
                self.slugs.extend(slug);
                acts
            }
        };
        if acts && self.heading.contains(element) {
            self.buttons.push(element);
        }
    }

    fn shown(&self) -> String {
        let name = self.heading.text_without(&self.buttons);
        // A name that is itself the link to its edit page.
        if name.is_empty() { self.heading.text() } else { name }
    }

    fn conclude(&self, hub: &HubName, page: &mut HubPage) -> Result<(), PageError> {
        let shown = self.shown();
        let is_product = !self.products.is_empty() || !self.slugs.is_empty();
        match (self.devices.len(), is_product) {
            (0, false) => match shown.parse::<DeviceName>() {
                Ok(device) if device.hub() == *hub => fault(format!("a link to edit or delete the device '{device}'")),
                _ => Ok(()),
            },
            (0, true) if self.products.len() <= 1 && self.slugs.len() <= 1 && !shown.is_empty() => {
                let (id, slug) = (self.products.first().copied(), self.slugs.first().cloned());
                page.products.push(ProductRow { id, slug, title: shown });
                Ok(())
            }
            (1, false) => {
                let name = device_name(&shown, hub)?;
                page.devices.extend(self.devices.first().map(|id| DeviceRow { id: *id, name }));
                Ok(())
            }
            _ => fault(format!("links to one device or one product for '{}'", quote(&shown))),
        }
    }
}

/// The full name of a device from the name shown, which is the full one or the short one.
fn device_name(shown: &str, hub: &HubName) -> Result<DeviceName, PageError> {
    let name = match shown.contains('$') {
        true => shown.parse::<DeviceName>().ok().filter(|device| device.hub() == *hub),
        false => ShortName::device(shown).ok().map(|short| hub.device(&short)),
    };
    name.map_or_else(|| fault(format!("the name of a device of {hub}, not '{}'", quote(shown))), Ok)
}
