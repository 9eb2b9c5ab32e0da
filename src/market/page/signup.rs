//! The sign-up form, and the reasons why it refused what was sent (I3 facts §6.3).

use super::dom::{Dom, Element};
use crate::market::text::message;

/// Returns the reasons of a form that came back, by field: `<ul class="errorlist"><li>username<ul class="errorlist"><li>…`.
/// A reason without a field has the field ''.
pub fn form_reasons(html: &[u8]) -> Vec<(String, Vec<String>)> {
    let dom = Dom::read(html);
    let is_list = |e: &Element<'_>| e.tag() == "ul" && e.has_class("errorlist");
    let lists: Vec<Element<'_>> = dom.content().filter(is_list).collect();
    let holds_list = |item: &Element<'_>| {
        let next = lists.get(lists.partition_point(|list| list.position() <= item.position()));
        next.is_some_and(|list| item.contains(*list))
    };
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for item in dom.content().filter(|e| e.tag() == "li") {
        let Some(list) = item.ancestors().find(is_list) else { continue };
        if holds_list(&item) {
            reasons.push((message(&item.text_without(|e| is_list(&e))), Vec::new()));
            continue;
        }
        let reason = message(&item.text());
        match reasons.last_mut().filter(|_| list.ancestors().any(|e| is_list(&e))) {
            Some((_, of_field)) => of_field.push(reason),
            None => reasons.push((String::new(), vec![reason])),
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stand_under_their_fields() {
        let html = br#"<form><ul class="errorlist"><li>username<ul class="errorlist"><li>Username is already taken.</li></ul></li>
            <li>email<ul class="errorlist"><li>Enter a valid email address.</li><li>Too &lt;odd&gt;.</li></ul></li></ul>
            <ul><li>no error</li></ul><input name="username" value="hunter2"></form>"#;
        let expected = [
            ("username".to_string(), vec!["Username is already taken.".to_string()]),
            ("email".into(), vec!["Enter a valid email address.".into(), "Too <odd>.".into()]),
        ];
        assert_eq!(form_reasons(html), expected);
        let flat = form_reasons(br#"<ul class="errorlist nonfield"><li>They differ.</li></ul>"#);
        assert_eq!(flat, [(String::new(), vec!["They differ.".to_string()])]);
        assert!(form_reasons(b"<form><p>username</p></form>").is_empty());
    }
}
