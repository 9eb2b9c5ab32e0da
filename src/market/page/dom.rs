//! A page as a flat list of elements and texts with their parents: as much of a tree as reading links requires.
//!
//! A page costs its own length again, and some thirty bytes for each tag, text and attribute.

use std::convert::Infallible;
use std::ops::Range;

use crate::market::text::collapse;
use html5gum::{DefaultEmitter, Token, Tokenizer};

/// Deeper elements become children of the deepest allowed one, so that no page can make a lookup slow.
const DEPTH_MAX: usize = 256;
/// Longest text of an element that is collected, in bytes. What is shown is far shorter; an unclosed element contains the
/// whole rest of the page, and so may hundreds of others.
const TEXT_MAX: usize = 16 * 1024;

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
    attributes: Vec<Attribute>,
    /// Every name, value and text, concatenated.
    texts: String,
}

#[derive(Debug)]
struct Node {
    /// `u32::MAX` for none.
    parent: u32,
    /// One past the last node inside this one.
    end: u32,
    kind: NodeKind,
}

/// A part of [`Dom::texts`].
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

#[derive(Debug)]
struct Attribute {
    name: Span,
    value: Span,
}

#[derive(Debug)]
enum NodeKind {
    /// With the places of its attributes.
    Element {
        tag: Span,
        attributes: Span,
        flow: Flow,
    },
    Text(Span),
    Comment(Span),
}

/// How an element separates the words of its text.
#[derive(Debug, Clone, Copy)]
enum Flow {
    WithinWords,
    BetweenWords,
    /// Its content is not text.
    Hidden,
}

impl Flow {
    fn of(tag: &str) -> Flow {
        match tag {
            "script" | "style" => Flow::Hidden,
            tag if WITHIN_WORDS.contains(&tag) => Flow::WithinWords,
            _ => Flow::BetweenWords,
        }
    }
}

impl Span {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Dom {
    pub fn read(html: &[u8]) -> Dom {
        let text = String::from_utf8_lossy(html);
        let mut emitter: DefaultEmitter<()> = DefaultEmitter::default();
        // Without it the content of <script>, <style> and <title> would be read as tags.
        emitter.naively_switch_states(true);
        // A tag, and a text after it. Reserved but unused memory costs nothing.
        let most = 2 * memchr::memchr_iter(b'<', html).count() + 1;
        let mut dom =
            Dom { nodes: Vec::with_capacity(most), attributes: Vec::new(), texts: String::with_capacity(text.len()) };
        let mut open: Vec<usize> = Vec::new();
        for token in Tokenizer::new_with_emitter(text.as_ref(), emitter) {
            let token = token.unwrap_or_else(|never: Infallible| match never {});
            match token {
                Token::StartTag(tag) => {
                    let name = String::from_utf8_lossy(&tag.name);
                    // A link ends where the next one begins (HTML §13.2.6.4.7).
                    if name == "a" {
                        _ = dom.close(&mut open, &name);
                    }
                    let leaf = VOID.contains(&name.as_ref()) || open.len() >= DEPTH_MAX;
                    let first = index(dom.attributes.len());
                    for (name, value) in &tag.attributes {
                        let attribute = Attribute { name: dom.keep(name), value: dom.keep(&value.value) };
                        dom.attributes.push(attribute);
                    }
                    let attributes = Span { start: first, end: index(dom.attributes.len()) };
                    let tag = dom.keep(&tag.name);
                    let at = dom.push(&open, NodeKind::Element { tag, attributes, flow: Flow::of(&name) });
                    if !leaf {
                        open.push(at);
                    }
                }
                Token::EndTag(tag) => {
                    let name = String::from_utf8_lossy(&tag.name);
                    if !dom.close(&mut open, &name) && !WITHIN_WORDS.contains(&name.as_ref()) {
                        let blank = dom.keep(b" ");
                        dom.push(&open, NodeKind::Text(blank));
                    }
                }
                Token::String(text) => {
                    let text = dom.keep(&text.value);
                    dom.push(&open, NodeKind::Text(text));
                }
                Token::Comment(text) => {
                    let text = dom.keep(&text.value);
                    dom.push(&open, NodeKind::Comment(text));
                }
                Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        let end = index(dom.nodes.len());
        for at in open {
            dom.nodes[at].end = end;
        }
        dom
    }

    fn keep(&mut self, bytes: &[u8]) -> Span {
        let start = index(self.texts.len());
        self.texts += &String::from_utf8_lossy(bytes);
        Span { start, end: index(self.texts.len()) }
    }

    fn shown(&self, span: Span) -> &str {
        &self.texts[span.range()]
    }

    fn push(&mut self, open: &[usize], kind: NodeKind) -> usize {
        let at = self.nodes.len();
        let parent = open.last().map_or(u32::MAX, |at| index(*at));
        self.nodes.push(Node { parent, end: index(at + 1), kind });
        at
    }

    /// Closes the innermost open element of this name, and everything open in it; returns whether there is one.
    fn close(&mut self, open: &mut Vec<usize>, name: &str) -> bool {
        let Some(depth) = open.iter().rposition(|at| self.tag(*at) == Some(name)) else { return false };
        for at in open.drain(depth..) {
            self.nodes[at].end = index(self.nodes.len());
        }
        true
    }

    fn tag(&self, at: usize) -> Option<&str> {
        match self.nodes[at].kind {
            NodeKind::Element { tag, .. } => Some(self.shown(tag)),
            NodeKind::Text(_) | NodeKind::Comment(_) => None,
        }
    }

    fn parent(&self, at: usize) -> Option<usize> {
        Some(self.nodes[at].parent).filter(|parent| *parent != u32::MAX).map(|parent| parent as usize)
    }

    fn end(&self, at: usize) -> usize {
        self.nodes[at].end as usize
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
        self.nodes.iter().enumerate().filter_map(|(at, node)| match node.kind {
            NodeKind::Comment(text) => Some((at, self.shown(text))),
            NodeKind::Element { .. } | NodeKind::Text(_) => None,
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

    /// Returns the texts of `range` in one line, apart from the elements that are `skipped`, and cut after [`TEXT_MAX`]:
    /// white space as one blank, no control characters, no scripts and styles.
    fn collect(&self, range: Range<usize>, skipped: impl Fn(Element<'_>) -> bool) -> String {
        let mut out = String::new();
        let mut at = range.start;
        // Ends of the open elements that separate words.
        let mut ends = Vec::new();
        while at < range.end && out.len() < TEXT_MAX {
            while ends.pop_if(|end| *end <= at).is_some() {
                out.push(' ');
            }
            match self.nodes[at].kind {
                NodeKind::Element { flow, .. } => {
                    let is_inner = at > range.start;
                    if matches!(flow, Flow::Hidden) || (is_inner && skipped(Element { dom: self, at })) {
                        at = self.end(at);
                        continue;
                    }
                    if matches!(flow, Flow::BetweenWords) {
                        out.push(' ');
                        ends.push(self.end(at));
                    }
                }
                NodeKind::Text(text) => out.extend(self.shown(text).chars().take(TEXT_MAX)),
                // No name contains one.
                NodeKind::Comment(_) => out.push(' '),
            }
            at += 1;
        }
        collapse(&out)
    }
}

/// Returns a place in its stored form: the page's filter rejects pages with too many.
fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
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
        let NodeKind::Element { attributes, .. } = self.dom.nodes[self.at].kind else { return None };
        let found = self.dom.attributes[attributes.range()].iter().find(|a| self.dom.shown(a.name) == name);
        found.map(|attribute| self.dom.shown(attribute.value))
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
        self.at < other.at && other.at < self.dom.end(self.at)
    }

    /// Returns the elements inside this one, in the page's order.
    pub fn descendants(self) -> impl Iterator<Item = Element<'a>> {
        let dom = self.dom;
        let inside = self.at + 1..dom.end(self.at);
        inside.filter(move |at| dom.tag(*at).is_some()).map(move |at| Element { dom, at })
    }

    /// Returns the elements that contain this one, nearest first.
    pub fn ancestors(self) -> impl Iterator<Item = Element<'a>> {
        let dom = self.dom;
        std::iter::successors(dom.parent(self.at), |at| dom.parent(*at)).map(|at| Element { dom, at })
    }

    /// Its text in one line.
    pub fn text(self) -> String {
        self.text_without(|_| false)
    }

    /// Its text with all white space: the value of a `<textarea>`.
    pub fn raw_text(self) -> String {
        let text = |node: &'a Node| match node.kind {
            NodeKind::Text(text) => Some(self.dom.shown(text)),
            NodeKind::Element { .. } | NodeKind::Comment(_) => None,
        };
        self.dom.nodes[self.at..self.dom.end(self.at)].iter().filter_map(text).collect()
    }

    /// Its text in one line, apart from the elements in it that are `skipped`.
    pub fn text_without(self, skipped: impl Fn(Element<'_>) -> bool) -> String {
        self.dom.collect(self.at..self.dom.end(self.at), skipped)
    }
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
    fn the_text_of_elements_that_are_never_closed_is_read_in_time() {
        // Each of the outer ones contains the whole page.
        let dom = Dom::read("<h4>a title".repeat(200_000).as_bytes());
        let texts: usize = dom.all("h4").map(|heading| heading.text().len()).sum();
        assert!(texts < 2 * DEPTH_MAX * TEXT_MAX, "{texts}");
    }

    #[test]
    fn a_page_of_open_elements_alone_is_read_in_time() {
        let dom = Dom::read("<div>".repeat(200_000).as_bytes());
        assert_eq!(dom.elements().count(), 200_000);
        assert!(dom.elements().all(|e| e.ancestors().count() <= DEPTH_MAX));
    }
}
