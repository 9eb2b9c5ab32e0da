//! Rows of a table on a page, whose cells and rows may be left open.

use super::dom::Element;

/// One row of a table.
#[derive(Debug)]
pub(super) struct Row<'a> {
    element: Option<Element<'a>>,
    pub cells: Vec<String>,
    /// The elements of the row's cells, in the page's order.
    pub inside: Vec<Element<'a>>,
}

impl Row<'_> {
    /// Returns whether the row itself has this class.
    pub fn has_class(&self, class: &str) -> bool {
        self.element.is_some_and(|row| row.has_class(class))
    }
}

/// Returns the rows that have cells, of the tables among `elements`.
pub(super) fn rows<'a>(elements: &[Element<'a>]) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for (at, cell) in elements.iter().enumerate().filter(|(_, e)| e.tag() == "td") {
        // Everything after an open cell is inside it.
        let is_own = |e: &&Element<'_>| cell.contains(**e) && !is_cell_or_row(**e);
        let own = elements[at + 1..].iter().take_while(is_own).copied();
        let text = cell.text_without(is_cell_or_row);
        let element = cell.ancestors().find(|e| e.tag() == "tr");
        let is_same = |row: &&mut Row<'_>| row.element.map(Element::position) == element.map(Element::position);
        match rows.last_mut().filter(is_same) {
            Some(row) => {
                row.cells.push(text);
                row.inside.extend(own);
            }
            None => rows.push(Row { element, cells: vec![text], inside: own.collect() }),
        }
    }
    rows
}

fn is_cell_or_row(element: Element<'_>) -> bool {
    ["td", "tr"].contains(&element.tag())
}
