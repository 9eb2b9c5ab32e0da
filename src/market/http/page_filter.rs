//! Reads a page as it arrives and keeps everything except the notifications in its navigation, whose number has no limit.
//!
//! Every page for a signed-in user lists all notifications that are not archived, some 460 bytes each; pages of 11 MB have been
//! seen (I3 facts §6.2). No reader needs them there, and they contain passwords.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use html5gum::{DefaultEmitter, IoReader, Reader, Token, Tokenizer};
use memchr::memmem;

/// The list item that holds them.
const NOTIFICATIONS: &[u8] = b"dropdown-notifications";
/// The comment after which a page's own content begins.
const CONTENT: &[u8] = b"Page Content";

/// The comment after which it ends.
const FOOTER: &[u8] = b"Footer";
/// Most tags and comments that are kept: each takes some sixty bytes of a page that is read.
const TAGS_MAX: usize = 3_000_000;

/// Gets a row of a table.
type TakeRow<'t> = &'t mut dyn FnMut(&[u8]);

/// More than the limit would have to be kept.
#[derive(Debug, thiserror::Error)]
#[error("over {0} bytes would have to be kept")]
pub(super) struct TooMuch(pub usize);

/// Reads the page without its notifications: their list item remains, empty.
///
/// # Errors
/// Those of `from`, and [`TooMuch`] as the inner error once over `most` bytes would be kept.
pub(super) fn read(from: impl Read, most: usize) -> io::Result<Vec<u8>> {
    filtered(from, most, None)
}

/// As [`read`], but hands on each row of a table in the page's content, from its tag to the next row's or to the end of the
/// content; the page is returned without them.
///
/// # Errors
/// As [`read`]; no more than `most` bytes are kept of one row either.
pub(super) fn read_rows(from: impl Read, most: usize, take: TakeRow<'_>) -> io::Result<Vec<u8>> {
    filtered(from, most, Some(take))
}

fn filtered(from: impl Read, most: usize, mut take: Option<TakeRow<'_>>) -> io::Result<Vec<u8>> {
    let kept = Rc::new(RefCell::new(Vec::new()));
    let mut emitter: DefaultEmitter<()> = DefaultEmitter::default();
    // Without it the content of <script>, <style> and <title> would be read as tags.
    emitter.naively_switch_states(true);
    let recorder = Recorder { reader: IoReader::new(from), kept: Rc::clone(&kept), most };
    let mut skip: Option<Skip> = None;
    let mut rows = Rows::default();
    // Tags and comments that are kept.
    let mut tags = 0;
    // Start of what was consumed after the last tag or comment.
    let mut after = 0;
    for token in Tokenizer::new_with_emitter(recorder, emitter) {
        let token = token?;
        // A text is emitted only after the tag that follows it was consumed, so the cut must be at that tag.
        if !matches!(token, Token::StartTag(_) | Token::EndTag(_) | Token::Comment(_)) {
            continue;
        }
        let mut kept = kept.borrow_mut();
        skip = match skip.take() {
            None => is_notifications(&token).then(|| Skip { from: kept.len(), open: vec![OpenElement::Item] }),
            Some(mut inside) => {
                let is_over = inside.is_ended_by(&token);
                let end = if is_over { start_of(&token, &kept, after) } else { kept.len() };
                kept.drain(inside.from..end);
                (!is_over).then_some(inside)
            }
        };
        if skip.is_none() {
            tags += 1;
            if let Some(take) = &mut take
                && rows.turn_at(&token)
            {
                let mut from = start_of(&token, &kept, after);
                if let Some(open) = rows.open.take() {
                    take(&kept[open.from..from]);
                    kept.drain(open.from..from);
                    (from, tags) = (open.from, open.tags);
                }
                rows.open = rows.in_content.then_some(Row { from, tags });
            }
            if tags > TAGS_MAX {
                return Err(io::Error::other(TooMuch(most)));
            }
        }
        after = kept.len();
    }
    let mut kept = kept.take();
    if let (Some(take), Some(open)) = (take, rows.open) {
        take(&kept[open.from..]);
        kept.truncate(open.from);
    }
    if let Some(inside) = skip {
        kept.truncate(inside.from);
    }
    Ok(kept)
}

/// Passes the bytes on and keeps them.
struct Recorder<R: Read> {
    reader: IoReader<R>,
    kept: Rc<RefCell<Vec<u8>>>,
    most: usize,
}

fn keep(kept: &RefCell<Vec<u8>>, bytes: &[u8], most: usize) -> io::Result<()> {
    let mut kept = kept.borrow_mut();
    if kept.len() + bytes.len() > most {
        return Err(io::Error::other(TooMuch(most)));
    }
    kept.extend_from_slice(bytes);
    Ok(())
}

impl<R: Read> Reader for Recorder<R> {
    type Error = io::Error;

    fn read_byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.reader.read_byte()?;
        if let Some(byte) = byte {
            keep(&self.kept, &[byte], self.most)?;
        }
        Ok(byte)
    }

    fn try_read_string(&mut self, text: &[u8], case_sensitive: bool) -> io::Result<bool> {
        let is_next = self.reader.try_read_string(text, case_sensitive)?;
        if is_next {
            keep(&self.kept, text, self.most)?;
        }
        Ok(is_next)
    }

    fn read_until<'b>(&'b mut self, needle: &[u8], buffer: &'b mut [u8; 4]) -> io::Result<Option<&'b [u8]>> {
        let Recorder { reader, kept, most } = self;
        let chunk = reader.read_until(needle, buffer)?;
        if let Some(bytes) = chunk {
            keep(kept, bytes, *most)?;
        }
        Ok(chunk)
    }
}

fn is_notifications(token: &Token) -> bool {
    let Token::StartTag(tag) = token else { return false };
    let id = tag.attributes.iter().find(|(name, _)| name.as_slice() == b"id");
    tag.name.as_slice() == b"li" && id.is_some_and(|(_, value)| value.value.trim_ascii() == NOTIFICATIONS)
}

/// The rows of the content's tables.
#[derive(Default)]
struct Rows {
    in_content: bool,
    open: Option<Row>,
}

struct Row {
    /// Number of bytes kept before.
    from: usize,
    /// Number of tags kept before.
    tags: usize,
}

impl Rows {
    /// Returns whether a row begins or the content ends here.
    fn turn_at(&mut self, token: &Token) -> bool {
        match token {
            Token::StartTag(tag) => self.in_content && tag.name.as_slice() == b"tr",
            Token::Comment(text) if memmem::find(text, CONTENT).is_some() => {
                self.in_content = true;
                false
            }
            Token::Comment(text) if self.in_content && memmem::find(text, FOOTER).is_some() => {
                self.in_content = false;
                true
            }
            _ => false,
        }
    }
}

/// The open elements that decide where skipped notifications end.
enum OpenElement {
    List,
    Item,
}

struct Skip {
    /// Number of bytes kept before.
    from: usize,
    /// Outermost first: the item that is skipped.
    open: Vec<OpenElement>,
}

impl Skip {
    /// Returns whether the item ends here. End tags may be missing, so browsers' rules for lists apply (HTML §13.2.6.4.7);
    /// it ends at the latest with the navigation.
    fn is_ended_by(&mut self, token: &Token) -> bool {
        match token {
            Token::Comment(text) => memmem::find(text, CONTENT).is_some(),
            Token::StartTag(tag) => match tag.name.as_slice() {
                b"li" => {
                    self.close_item();
                    let is_sibling = self.open.is_empty();
                    self.open.push(OpenElement::Item);
                    is_sibling
                }
                b"ul" | b"ol" => {
                    self.open.push(OpenElement::List);
                    false
                }
                _ => false,
            },
            Token::EndTag(tag) => {
                match tag.name.as_slice() {
                    b"li" => self.close_item(),
                    b"ul" | b"ol" => while self.open.pop().is_some_and(|open| matches!(open, OpenElement::Item)) {},
                    b"nav" | b"body" | b"html" => self.open.clear(),
                    _ => {}
                }
                self.open.is_empty()
            }
            _ => false,
        }
    }

    fn close_item(&mut self) {
        self.open.pop_if(|open| matches!(open, OpenElement::Item));
    }
}

/// Returns the start of the last consumed tag or comment: there is only text between `after` and it.
fn start_of(token: &Token, kept: &[u8], after: usize) -> usize {
    let is_start = |at: &usize| match (token, kept.get(at + 1), kept.get(at + 2)) {
        (Token::StartTag(_), Some(next), _) => next.is_ascii_alphabetic(),
        (Token::EndTag(_), Some(b'/'), Some(next)) => next.is_ascii_alphabetic(),
        (Token::Comment(_), Some(b'!' | b'?' | b'/'), _) => true,
        _ => false,
    };
    memchr::memchr_iter(b'<', &kept[after..]).map(|at| after + at).find(is_start).unwrap_or(kept.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MOST: usize = 1 << 20;

    fn kept(html: &str) -> String {
        String::from_utf8(read(html.as_bytes(), MOST).unwrap()).unwrap()
    }

    /// A page with these notifications, and the part of it that is kept.
    fn page(notifications: &str) -> (String, String) {
        let page = |inside: &str| {
            format!(
                "<ul class='nav'><li id=\"dropdown-requests\"><ul><li>hank</li></ul></li>\r\n\
                 <LI class=x ID='dropdown-notifications'>{inside}</li><li><a>Hello alice</a></ul>\
                 <!-- Page Content --><h3>a &amp; b</h3><ul><li>1</ul><!-- Footer -->"
            )
        };
        (page(notifications), page(""))
    }

    #[test]
    fn notifications_are_passed_over_and_nothing_else() {
        for inside in [
            "",
            "text",
            "<ul class=\"dropdown-menu\"><li class='notification'><p>Your password to I3  is: hunter2</p></li></ul>",
            "<ul><li>a<li>b<ul><li>c</ul><br></br></ul> a < b </ x> <!-- </li> --><script>'</li>'</script>",
            "<ul><li></li></li></ul>",
            "<p title='</li><li>'>x</p>",
        ] {
            let (whole, short) = page(inside);
            assert_eq!(kept(&whole), short, "{inside}");
        }
    }

    #[test]
    fn an_item_that_is_not_closed_ends_with_the_next_or_with_the_navigation() {
        for end in ["<li>next</li></ul>", "</ul>x", "</NAV>x", "<!-- Page Content -->x", "</body>"] {
            let open = "<nav><ul><li id=dropdown-notifications>";
            assert_eq!(kept(&format!("{open}<b>secret<ul><li>secret</ul>secret{end}")), format!("{open}{end}"));
        }
        assert_eq!(kept("<li id=dropdown-notifications>secret<p>secret"), "<li id=dropdown-notifications>");
        assert_eq!(kept("<p>no navigation"), "<p>no navigation");
    }

    #[test]
    fn what_is_passed_over_does_not_count_and_what_is_kept_does() {
        let notification = "<li class=notification><p class=notification-desc>Somebody bought something.</p></li>";
        let (whole, short) = page(&format!("<ul>{}</ul>", notification.repeat(20_000)));
        assert!(whole.len() > MOST && kept(&whole) == short);
        for rest in ["x".repeat(MOST), "<p>".repeat(MOST), format!("<!-- {}", "x".repeat(MOST))] {
            let error = read(format!("{short}{rest}").as_bytes(), MOST).unwrap_err();
            assert!(error.get_ref().is_some_and(|inner| inner.is::<TooMuch>()), "{error}");
        }
        // No notification of any length gets past.
        let (whole, _) = page(&"x".repeat(MOST));
        assert!(read(whole.as_bytes(), MOST).is_err());
    }

    #[test]
    fn rows_of_the_content_are_handed_on_and_the_rest_is_kept() {
        let page = "<nav><table><tr><td>nav</table></nav><!-- Page Content --><h3>N</h3><table><thead><tr><th>a</tr></thead>\
                    <TR class=info><td>1</td></tr>\n<tr><td>2<td>b</tr></table><!-- Footer --><p>foot<tr>";
        let mut rows = Vec::new();
        let rest = read_rows(page.as_bytes(), MOST, &mut |row| rows.push(String::from_utf8(row.to_vec()).unwrap()));
        assert_eq!(rows, ["<tr><th>a</tr></thead>", "<TR class=info><td>1</td></tr>\n", "<tr><td>2<td>b</tr></table>"]);
        let rest = String::from_utf8(rest.unwrap()).unwrap();
        assert_eq!(
            rest,
            "<nav><table><tr><td>nav</table></nav><!-- Page Content --><h3>N</h3><table><thead><!-- Footer --><p>foot<tr>"
        );
        // Far more than may be kept; only a row at a time is kept.
        let long = format!("<!-- Page Content --><table>{}", "<tr><td>x".repeat(MOST));
        let mut count = 0;
        read_rows(long.as_bytes(), 100, &mut |row| count += usize::from(row == b"<tr><td>x")).unwrap();
        assert_eq!(count, MOST);
    }

    #[test]
    fn a_page_of_more_tags_than_can_be_read_is_refused() {
        let error = read("<p>".repeat(TAGS_MAX + 1).as_bytes(), usize::MAX).unwrap_err();
        assert!(error.get_ref().is_some_and(|inner| inner.is::<TooMuch>()), "{error}");
    }

    proptest! {
        /// Bytes without the item come out unchanged, in whatever pieces they arrive.
        #[test]
        fn other_pages_are_kept_as_they_are(html in "(<[a-z/!]{1,3}|[-<>\"'= &;\r\né]|[a-z]{1,9}){0,60}") {
            prop_assert_eq!(kept(&html), html);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let start = b"<li id=dropdown-notifications>";
            prop_assert_eq!(read(&bytes[..], MOST).unwrap(), &bytes[..]);
            prop_assert!(read(&[start, &bytes[..]].concat()[..], MOST).unwrap().starts_with(start));
        }
    }
}
