//! The page of one hub: its devices and products, by the headings before them (I3 facts §6.2).

use std::collections::HashSet;

use super::dom::{Dom, Element};
use super::error::{Page, PageError};
use crate::market::model::{DeviceRow, HubPage, ProductRow};
use crate::market::text::{number, segments};
use crate::name::DeviceName;

const DEVICES: &str = "Devices in this hub";
const PRODUCTS: &str = "Products in this hub";
const NO_DEVICE: &str = "No Device in This Hub";
const NO_PRODUCT: &str = "No Product in This Hub";
/// Elements that an entry's heading may contain besides the name.
const CONTROLS: [&str; 3] = ["a", "button", "form"];

/// Reads the page of a hub. It does not name the hub, and if hubs differ only in case or accents, the page of each
/// shows the devices and products of all: assign the rows by their names (I3 facts §6.1).
///
/// # Errors
/// [`PageError`] without the heading of the devices, or for an entry without a name, or without exactly one
/// number.
pub fn hub(html: &[u8]) -> Result<HubPage, PageError> {
    let dom = Dom::read(html);
    let content: Vec<Element<'_>> = dom.content().collect();
    let mut page = HubPage::default();
    let mut section = Section::Other;
    let mut entries: Vec<HubEntry<'_>> = Vec::new();
    let mut is_hub = false;
    for element in &content {
        match element.tag() {
            "h3" => section = Section::under(&element.text()),
            "h4" => entries.push(HubEntry { section, heading: *element, links: Vec::new() }),
            _ => {}
        }
        is_hub |= section == Section::Devices;
    }
    if !is_hub {
        return fault(format!("the heading '{DEVICES}'"));
    }
    let breaks: Vec<usize> = content.iter().filter(|e| e.tag() == "h3").map(|e| e.position()).collect();
    for link in content.iter().filter(|e| e.tag() == "a") {
        let Some(target) = link.attribute("href").and_then(Target::read) else { continue };
        if let Some(at) = owner(&entries, &breaks, *link) {
            entries[at].links.push((target, *link));
        }
    }
    let mut seen = SeenNumbers::default();
    for entry in &entries {
        entry.conclude(&mut page, &mut seen)?;
    }
    Ok(page)
}

fn fault<T>(expected: String) -> Result<T, PageError> {
    Err(PageError::new(Page::Hub, expected))
}

/// Returns the entry of a link: the one inside the link, otherwise the last one before it under the same `<h3>`.
fn owner(entries: &[HubEntry<'_>], breaks: &[usize], link: Element<'_>) -> Option<usize> {
    let next = entries.partition_point(|entry| entry.heading.position() < link.position());
    if entries.get(next).is_some_and(|entry| link.contains(entry.heading)) {
        return Some(next);
    }
    let before = next.checked_sub(1)?;
    let between = entries[before].heading.position()..link.position();
    let parted = breaks.partition_point(|at| *at < between.start) < breaks.partition_point(|at| *at < between.end);
    (!parted).then_some(before)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Devices,
    Products,
    Other,
}

impl Section {
    fn under(heading: &str) -> Section {
        if heading.eq_ignore_ascii_case(DEVICES) {
            Section::Devices
        } else if heading.eq_ignore_ascii_case(PRODUCTS) {
            Section::Products
        } else {
            Section::Other
        }
    }
}

/// The target of a link of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Device(u64),
    Product(u64),
    /// A device or product without a number, which entries do not link to.
    Unnumbered,
}

impl Target {
    fn read(href: &str) -> Option<Target> {
        let numbered = |id: &str, target: fn(u64) -> Target| number(id).map_or(Target::Unnumbered, target);
        match segments(href)?.as_slice() {
            [.., "devices", "edit" | "delete", id] => Some(numbered(id, Target::Device)),
            [.., "products", "create" | "search"] => None,
            [.., "products", "edit" | "delete", id] | [.., "products", id] | [.., "products", id, "edit"] => {
                Some(numbered(id, Target::Product))
            }
            _ => None,
        }
    }
}

/// The numbers of the entries so far.
#[derive(Default)]
struct SeenNumbers {
    devices: HashSet<u64>,
    products: HashSet<u64>,
}

struct HubEntry<'a> {
    section: Section,
    heading: Element<'a>,
    links: Vec<(Target, Element<'a>)>,
}

impl HubEntry<'_> {
    fn conclude(&self, page: &mut HubPage, seen: &mut SeenNumbers) -> Result<(), PageError> {
        let name = self.name();
        match self.section {
            Section::Devices if self.links.is_empty() && name.eq_ignore_ascii_case(NO_DEVICE) => Ok(()),
            Section::Devices => {
                let Ok(name) = name.parse::<DeviceName>() else {
                    return fault("the full names of devices under their heading".into());
                };
                // Another user's public hub shows the names without links.
                if self.links.is_empty() {
                    page.unlinked.push(name);
                    return Ok(());
                }
                let id = self.id(|target| if let Target::Device(id) = target { Some(id) } else { None });
                let Some(id) = id else { return fault(format!("links to one device for {name}")) };
                if !seen.devices.insert(id) {
                    return fault(format!("one device of the number {id}"));
                }
                page.devices.push(DeviceRow { id, name });
                Ok(())
            }
            Section::Products if self.links.is_empty() && name.eq_ignore_ascii_case(NO_PRODUCT) => Ok(()),
            Section::Products => {
                let id = self.id(|target| if let Target::Product(id) = target { Some(id) } else { None });
                match id {
                    Some(id) if !name.is_empty() && seen.products.insert(id) => {
                        page.products.push(ProductRow { id, title: name });
                        Ok(())
                    }
                    _ => fault("a title and links to one product for each product".into()),
                }
            }
            Section::Other => Ok(()),
        }
    }

    /// Returns the only number in the links, if all of them are of the wanted kind.
    fn id(&self, wanted: impl Fn(Target) -> Option<u64>) -> Option<u64> {
        let mut ids = self.links.iter().map(|(target, _)| wanted(*target));
        let first = ids.next()??;
        ids.all(|id| id == Some(first)).then_some(first)
    }

    /// Returns the heading's text without its buttons; a title that is itself a link to its product is not a button.
    fn name(&self) -> String {
        let name = self.heading.text_without(|e| CONTROLS.contains(&e.tag()));
        if name.is_empty() { self.heading.text() } else { name }
    }
}
