//! A page as a flat list of elements and texts with their parents: as much of a tree as reading links needs.

use std::convert::Infallible;

use crate::market::text::collapse;
use html5gum::{DefaultEmitter, Token, Tokenizer};

/// Deeper elements become children of the last one that is allowed, so that no page can make a lookup slow.
const DEPTH_MAX: usize = 256;
/// Elements that never have content (HTML §13.1.2).
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements that may be within a word (HTML §4.5). Any other separates the text before, in and after it.
const WITHIN_WORDS: [&str; 17] = [
    "a", "abbr", "b", "bdi", "bdo", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup",
    "u",
];

#[derive(Debug)]
pub(super) struct Dom {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    parent: Option<usize>,
    /// One past the last node inside this one.
    end: usize,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Element { tag: String, attributes: Vec<(String, String)> },
    Text(String),
    Comment(String),
}

impl Dom {
    pub fn read(html: &[u8]) -> Dom {
        let text = String::from_utf8_lossy(html);
        let mut emitter: DefaultEmitter<()> = DefaultEmitter::default();
        // Without it the content of <script>, <style> and <title> would be read as tags.
        emitter.naively_switch_states(true);
        let mut dom = Dom { nodes: Vec::new() };
        let mut open: Vec<usize> = Vec::new();
        for token in Tokenizer::new_with_emitter(text.as_ref(), emitter) {
            let token = token.unwrap_or_else(|never: Infallible| match never {});
            match token {
                Token::StartTag(tag) => {
                    let name = lossy(&tag.name);
                    let attributes = tag.attributes.iter().map(|(k, v)| (lossy(k), lossy(&v.value))).collect();
                    // A link ends where the next one begins (HTML §13.2.6.4.7).
                    if name == "a" {
                        _ = dom.close(&mut open, &name);
                    }
                    let leaf = VOID.contains(&name.as_str()) || open.len() >= DEPTH_MAX;
                    let at = dom.push(&open, Kind::Element { tag: name, attributes });
                    if !leaf {
                        open.push(at);
                    }
                }
                Token::EndTag(tag) => {
                    let name = lossy(&tag.name);
                    if !dom.close(&mut open, &name) && !WITHIN_WORDS.contains(&name.as_str()) {
                        dom.push(&open, Kind::Text(" ".into()));
                    }
                }
                Token::String(text) => _ = dom.push(&open, Kind::Text(lossy(&text.value))),
                Token::Comment(text) => _ = dom.push(&open, Kind::Comment(lossy(&text.value))),
                Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        let end = dom.nodes.len();
        for at in open {
            dom.nodes[at].end = end;
        }
        dom
    }

    fn push(&mut self, open: &[usize], kind: Kind) -> usize {
        let at = self.nodes.len();
        self.nodes.push(Node { parent: open.last().copied(), end: at + 1, kind });
        at
    }

    /// Closes the innermost open element of this name, with all that is open in it; returns whether there is one.
    fn close(&mut self, open: &mut Vec<usize>, name: &str) -> bool {
        let Some(depth) = open.iter().rposition(|at| self.tag(*at) == Some(name)) else { return false };
        for at in open.drain(depth..) {
            self.nodes[at].end = self.nodes.len();
        }
        true
    }

    fn tag(&self, at: usize) -> Option<&str> {
        match &self.nodes[at].kind {
            Kind::Element { tag, .. } => Some(tag),
            Kind::Text(_) | Kind::Comment(_) => None,
        }
    }

    /// Returns every element, in the page's order.
    pub fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        (0..self.nodes.len()).filter(|at| self.tag(*at).is_some()).map(|at| Element { dom: self, at })
    }

    /// Returns the elements of the page's own content: between the last comment that says "Page Content" and the next that
    /// says "Footer" (I3 facts §6.2). All elements of a page without these comments, as log-in and sign-up pages are.
    pub fn content(&self) -> impl Iterator<Item = Element<'_>> {
        let start = self.comments().filter(|(_, text)| text.contains("Page Content")).map(|(at, _)| at).last();
        let start = start.unwrap_or(0);
        let end = self.comments().find(|(at, text)| *at > start && text.contains("Footer")).map(|(at, _)| at);
        self.elements().filter(move |e| (start..end.unwrap_or(usize::MAX)).contains(&e.position()))
    }

    /// Returns the comments with their positions, in the page's order.
    pub fn comments(&self) -> impl Iterator<Item = (usize, &str)> {
        self.nodes.iter().enumerate().filter_map(|(at, node)| match &node.kind {
            Kind::Comment(text) => Some((at, text.as_str())),
            Kind::Element { .. } | Kind::Text(_) => None,
        })
    }

    /// Returns the element with this `id`, the first of several.
    pub fn by_id(&self, id: &str) -> Option<Element<'_>> {
        self.elements().find(|e| e.attribute("id") == Some(id))
    }

    /// Returns every `<tag>`, in the page's order.
    pub fn all<'a>(&'a self, tag: &'a str) -> impl Iterator<Item = Element<'a>> {
        self.elements().filter(move |e| e.tag() == tag)
    }

    /// Returns the texts of `range` in one line: white space as one blank, no control characters, no scripts and styles.
    fn collect(&self, range: std::ops::Range<usize>, without: &[std::ops::Range<usize>]) -> String {
        let mut out = String::new();
        let mut at = range.start;
        // Ends of the open elements that separate words.
        let mut ends = Vec::new();
        while at < range.end {
            while ends.pop_if(|end| *end <= at).is_some() {
                out.push(' ');
            }
            if let Some(skipped) = without.iter().find(|r| r.start == at) {
                at = skipped.end;
                continue;
            }
            match &self.nodes[at].kind {
                Kind::Element { tag, .. } if tag == "script" || tag == "style" => {
                    at = self.nodes[at].end;
                    continue;
                }
                Kind::Element { tag, .. } if WITHIN_WORDS.contains(&tag.as_str()) => {}
                Kind::Element { .. } => {
                    out.push(' ');
                    ends.push(self.nodes[at].end);
                }
                Kind::Text(text) => out.push_str(text),
                // No name contains one.
                Kind::Comment(_) => out.push(' '),
            }
            at += 1;
        }
        collapse(&out)
    }
}

/// One element of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    dom: &'a Dom,
    at: usize,
}

impl<'a> Element<'a> {
    pub fn tag(self) -> &'a str {
        // An `Element` always refers to an element.
        self.dom.tag(self.at).unwrap_or_default()
    }

    /// Returns an attribute's value; its name in lower case.
    pub fn attribute(self, name: &str) -> Option<&'a str> {
        match &self.dom.nodes[self.at].kind {
            Kind::Element { attributes, .. } => attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()),
            Kind::Text(_) | Kind::Comment(_) => None,
        }
    }

    /// Returns whether `class` is one of the element's classes.
    pub fn has_class(self, class: &str) -> bool {
        self.attribute("class").is_some_and(|list| list.split_ascii_whitespace().any(|c| c == class))
    }

    /// Place in the page's order.
    pub fn position(self) -> usize {
        self.at
    }

    /// Returns whether `other` lies inside this element.
    pub fn contains(self, other: Element<'_>) -> bool {
        self.at < other.at && other.at < self.dom.nodes[self.at].end
    }

    /// Returns the elements inside this one, in the page's order.
    pub fn descendants(self) -> impl Iterator<Item = Element<'a>> {
        let dom = self.dom;
        let inside = self.at + 1..dom.nodes[self.at].end;
        inside.filter(move |at| dom.tag(*at).is_some()).map(move |at| Element { dom, at })
    }

    /// Returns the elements that contain this one, nearest first.
    pub fn ancestors(self) -> impl Iterator<Item = Element<'a>> {
        let dom = self.dom;
        std::iter::successors(dom.nodes[self.at].parent, |at| dom.nodes[*at].parent).map(|at| Element { dom, at })
    }

    /// Its text in one line.
    pub fn text(self) -> String {
        self.text_without(&[])
    }

    /// Its text with all white space: the value of a `<textarea>`.
    pub fn raw_text(self) -> String {
        let text = |node: &'a Node| match &node.kind {
            Kind::Text(text) => Some(text.as_str()),
            Kind::Element { .. } | Kind::Comment(_) => None,
        };
        self.dom.nodes[self.at..self.dom.nodes[self.at].end].iter().filter_map(text).collect()
    }

    /// Its text apart from the elements `without`.
    pub fn text_without(self, without: &[Element<'_>]) -> String {
        let ranges: Vec<_> = without.iter().map(|e| e.at..self.dom.nodes[e.at].end).collect();
        self.dom.collect(self.at..self.dom.nodes[self.at].end, &ranges)
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_entities_scripts_and_unclosed_elements() {
        let dom = Dom::read(
            b"<title>a &lt; b</title><script>'<h4>no</h4>'</script><P CLASS='x  y'>it&#39;s<br>so &amp;\x1b[1m on<h4>n",
        );
        assert_eq!(dom.all("h4").count(), 1);
        let p = dom.all("p").next().unwrap();
        assert!(p.has_class("y") && !p.has_class("x y"));
        assert_eq!(p.text(), "it's so & [1m on n");
        assert!(p.contains(dom.all("h4").next().unwrap()));
        assert_eq!(dom.all("title").next().unwrap().text(), "a < b");
    }

    #[test]
    fn a_link_ends_at_the_next_and_blocks_are_words_apart() {
        let dom = Dom::read(b"<a>al<b>ice</b><a>x<h4>y</h4>z<!-- -->u</td>v</b>w</a>");
        let texts: Vec<_> = dom.all("a").map(Element::text).collect();
        assert_eq!(texts, ["alice", "x y z u vw"]);
    }

    #[test]
    fn content_stands_between_the_comments() {
        let tags = |html: &str| Dom::read(html.as_bytes()).content().map(|e| e.tag().to_owned()).collect::<Vec<_>>();
        assert_eq!(tags("<nav></nav><!-- Page Content --><h3></h3><!-- Footer --><p></p>"), ["h3"]);
        assert_eq!(tags("<i><!-- Page Content --><b><!-- Page Content --><u></i><!-- Footer --><p>"), ["u"]);
        assert_eq!(tags("<form></form><!-- a form -->"), ["form"]);
        let dom = Dom::read(b"<p id=x>a<!-- <b>hidden</b> -->b</p>");
        assert_eq!(dom.comments().map(|(_, text)| text).collect::<Vec<_>>(), [" <b>hidden</b> "]);
        assert_eq!(dom.by_id("x").unwrap().text(), "a b");
    }

    #[test]
    fn a_page_of_open_elements_alone_is_read_in_time() {
        let dom = Dom::read("<div>".repeat(200_000).as_bytes());
        assert_eq!(dom.elements().count(), 200_000);
        assert!(dom.elements().all(|e| e.ancestors().count() <= DEPTH_MAX));
    }
}
