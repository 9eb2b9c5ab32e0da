//! Pages in the shape of I3 facts §2, tidy and untidy, right and wrong.

use proptest::prelude::*;

use super::*;

fn parking() -> HubName {
    "alice/parking".parse().unwrap()
}

fn devices(html: &str) -> Vec<(u64, String)> {
    hub(html.as_bytes(), &parking()).unwrap().devices.iter().map(|d| (d.id, d.name.to_string())).collect()
}

fn fault(html: &str) -> String {
    hub(html.as_bytes(), &parking()).unwrap_err().to_string()
}

#[test]
fn a_log_in_page_gives_its_token_and_its_complaint() {
    let html = br#"<form method="post"><INPUT value='tok&amp;en' type=hidden name=csrfmiddlewaretoken>
        <p class="small text-danger">
            Invalid username/password!&nbsp;It&#39;s wrong
        </p><input name=username><input type="password" name="password"/></form>"#;
    let form = log_in_form(html).unwrap();
    assert_eq!(form.csrf.unwrap().expose(), "tok&en");
    assert_eq!(form.complaint.unwrap(), "Invalid username/password! It's wrong");
    assert!(is_log_in_form(html));
    assert!(log_in_form(b"<h1>Welcome</h1>").unwrap_err().to_string().contains("username and password"));
}

#[test]
fn the_api_key_is_forty_hexadecimal_digits_or_nothing() {
    let key = "0123456789abcdef0123456789abcdef01234567";
    let page = |input: &str| api_key(format!("<label>Key</label>{input}").as_bytes()).map(|k| k.expose().to_owned());
    assert_eq!(page(&format!(r#"<input id="foo" value="{key}">"#)).unwrap(), key);
    assert_eq!(page(&format!("<input readonly VALUE='{key}' type=text ID=foo />")).unwrap(), key);
    for bad in [
        String::new(),
        r#"<input id="foo">"#.into(),
        r#"<input id="foo" value="short">"#.into(),
        format!(r#"<input id="bar" value="{key}">"#),
        format!(r#"<input id="foo" value="{}g">"#, &key[1..]),
        format!(r#"<input id="foo" value="{key}"><input id="foo" value="{key}">"#),
    ] {
        let error = page(&bad).unwrap_err();
        assert_eq!(error.page, Page::ApiKey);
        assert!(!error.to_string().contains("abcdef"));
    }
}

#[test]
fn hubs_are_listed_once_each_under_their_full_names() {
    let html = br#"<nav><a href="/hubs/">Hubs</a> <a href="/hubs/create/">New hub</a></nav>
        <ul><li><a class=btn href='/hubs/12/'>Open</a><a href="/hubs/12/">
            alice/parking </a></li>
        <li><a title="x" href="http://host:8000/hubs/3?tab=1"><b>alice</b>/meteo</a></ul>
        <!-- <a href="/hubs/4/">alice/gone</a> -->"#;
    let rows: Vec<_> = hub_list(html).unwrap().into_iter().map(|h| (h.id, h.name.to_string())).collect();
    assert_eq!(rows, [(12, "alice/parking".to_owned()), (3, "alice/meteo".to_owned())]);
    assert!(hub_list(b"<p>No hubs yet</p>").unwrap().is_empty());
}

#[test]
fn a_hub_list_of_another_shape_is_refused() {
    for bad in [
        r#"<a href="/hubs/1/">parking</a>"#,
        r#"<a href="/hubs/1/">alice/parking/occupancy</a>"#,
        r#"<a href="/hubs/1/">alice/parking</a><a href="/hubs/1/">alice/meteo</a>"#,
    ] {
        let error = hub_list(bad.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("the marketplace's list of hubs has not the expected shape"), "{error}");
    }
}

#[test]
fn devices_and_products_of_a_hub_are_told_apart() {
    let html = r#"<h2>alice/parking</h2><h4>Devices</h4>
        <div><h4>alice$parking$lot1</h4><a href="/devices/edit/5">Edit</a> <a href="/devices/delete/5">Delete</a></div>
        <div><h4>alice$parking$lot2</h4><a href="/devices/delete/6/">Delete</a><a href="/devices/edit/6/">Edit</a></div>
        <h4>Products</h4>
        <div><h4>alice/parking/occ &amp; more</h4><a href="/products/9">Show</a></div>
        <div><h4><a href="/products/alice-parking-free/">alice/parking/free</a></h4>
             <a href="/products/delete/10/">Delete</a></div>
        <a href="/products/create/">New product</a><a href="/devices/create/">New device</a>"#;
    let page = hub(html.as_bytes(), &parking()).unwrap();
    assert_eq!(devices(html), [(5, "alice$parking$lot1".into()), (6, "alice$parking$lot2".into())]);
    let slug = Some("alice-parking-free".to_owned());
    assert_eq!(
        page.products,
        [
            ProductRow { id: Some(9), slug: None, title: "alice/parking/occ & more".into() },
            ProductRow { id: Some(10), slug, title: "alice/parking/free".into() },
        ]
    );
}

#[test]
fn names_and_links_may_stand_in_many_ways() {
    let one = [(5, "alice$parking$lot1".to_owned())];
    for html in [
        // Flat, without anything around.
        "<h4>alice$parking$lot1</h4><a href=/devices/edit/5/>Edit</a>",
        // The link first, in a card of its own.
        "<body><div><a href=/devices/edit/5/>E</a><h4>alice$parking$lot1</h4></div><h4>Other</h4></body>",
        // The link around the name, the buttons inside it, the name its own link.
        "<a href='/devices/edit/5/'><h4>alice$parking$lot1</h4></a>",
        "<h4>alice$parking$lot1 <small><a href='/devices/edit/5/'>Edit</a> <a href='/devices/delete/5/'>X</a></small></h4>",
        "<h4><a href='/devices/edit/5/'>alice$parking$lot1</a></h4>",
        // A table, with cells left open.
        "<table><tr><td><h4>\n alice&#36;parking&#x24;lot1\n</h4><td><a href='/devices/delete/5/'>X</a></table>",
        // Deleting by a form, an absolute link, the short name.
        "<H4 CLASS=t>alice$parking$lot1</H4><form method=get action='/devices/delete/5/'><button>X</button></form>",
        "<h4>alice$parking$lot1</h4><a href='http://h/devices/edit/5/?next=/'>Edit</a>",
        "<h4>lot1</h4><a href='/devices/edit/5/'>Edit</a>",
        // A menu that links to a product before any name.
        "<nav><a href='/products/3/'>News</a></nav><div><h4>lot1</h4><a href='/devices/edit/5/'>E</a></div>",
    ] {
        assert_eq!(devices(html), one, "{html}");
    }
}

#[test]
fn two_flat_rows_keep_their_own_links() {
    let html = "<body><h3>Devices</h3><h4>lot1</h4><a href='/devices/edit/5/'>E</a><hr><h4>lot2</h4>\
                <a href='/devices/edit/6/'>E</a></body>";
    assert_eq!(devices(html), [(5, "alice$parking$lot1".into()), (6, "alice$parking$lot2".into())]);
}

#[test]
fn an_empty_hub_is_known_by_its_name_and_another_page_is_not_a_hub() {
    assert!(devices("<h2>alice/parking</h2><p>No devices yet.</p>").is_empty());
    assert!(devices("<title>Hub parking</title>").is_empty());
    assert!(fault("<p>You may not see this hub.</p>").contains("You may not see this hub."));
    assert!(fault("").contains("the page of alice/parking"));
}

#[test]
fn a_hub_page_of_another_shape_is_refused() {
    for (bad, expected) in [
        ("<h4>alice$parking$lot1</h4>", "a link to edit or delete"),
        ("<a href='/devices/edit/5/'>Edit</a>", "a name in <h4> for the device 5"),
        // Cards whose links stand before the names, all in one element: nobody can say which belongs to which.
        (
            "<div><a href='/devices/edit/5/'>E</a><h4>lot1</h4><a href='/devices/edit/6/'>E</a><h4>lot2</h4></div>",
            "a name in <h4>",
        ),
        (
            "<h4>lot1</h4><a href='/devices/edit/5/'>E</a><a href='/devices/delete/6/'>X</a>",
            "one device or one product",
        ),
        ("<h4>lot1</h4><a href='/devices/edit/5/'>E</a><a href='/products/6/'>P</a>", "one device or one product"),
        ("<h4>bob$parking$lot1</h4><a href='/devices/edit/5/'>E</a>", "a device of alice/parking"),
        ("<h4>Device lot1</h4><a href='/devices/edit/5/'>E</a>", "not 'Device lot1'"),
        ("<h4>lot1</h4><a href='/devices/edit/lot1/'>E</a>", "a number as the id"),
        ("<h4>lot1</h4><a href='/devices/edit/99999999999999999999/'>E</a>", "a number as the id"),
    ] {
        let said = fault(bad);
        assert!(said.contains(expected), "{bad}: {said}");
    }
}

#[test]
fn of_a_breakdown_only_class_and_number_are_told() {
    let html = br#"<title>OSError
          at /devices/create/</title><style>h4{}</style>
        <pre class="exception_value">[Errno 111] hunter2secret</pre><p>hunter2secret"#;
    let told = |body: &[u8]| server_reason(body).map(|reason| reason.to_string());
    assert_eq!(told(html).unwrap(), "OSError [Errno 111]: its mail server cannot be reached");
    assert_eq!(told(b"ValueError at /api/product/\nhunter2secret").unwrap(), "ValueError");
    for page in ["<title>Server Error (500)</title>", "oops", "", "hunter2secret", "<title>hunter2secret</title>"] {
        assert_eq!(told(page.as_bytes()), None, "{page}");
    }
}

#[test]
fn a_message_is_one_line_without_keys_in_it() {
    let key = "0123456789abcdef0123456789abcdef01234567";
    assert_eq!(message(&format!("  No {key},\nplease. ")), "No … please.");
    assert_eq!(message(&format!("No {key} please.")), "No … please.");
    assert_eq!(message("alice/parking/occupancy is taken"), "alice/parking/occupancy is taken");
    assert_eq!(message(&"é ".repeat(1_000)).chars().count(), QUOTE_MAX + 1);
}

#[test]
fn inputs_are_read_with_their_values_and_a_refusal_in_its_words() {
    let html = b"<form><input type=hidden name=csrf value=x><input name='latitude' value=\"34.0224\">\
        <INPUT VALUE='a &amp; b' TYPE=text NAME=title><input type=CheckBox name=sale_active value=on><input value=lone></form>";
    let expected = [("latitude", "34.0224"), ("title", "a & b")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    assert_eq!(inputs(html), expected);
    assert_eq!(refusal(html), None);
    assert_eq!(refusal(b"<form></form><p class=text-danger>Taken.</p>").unwrap(), "Taken.");
    assert_eq!(refusal(b"<p>You may not edit this.</p>"), None);
    // Somebody else's words stand in the navigation, in whatever colour.
    let page = "<nav><p class=text-danger>Your password is hunter2secret</nav><!-- Page Content --><form></form><!-- Footer -->";
    assert_eq!(refusal(page.as_bytes()), None);
    assert_eq!(refusal(b""), None);
}

fn read_everything(html: &[u8]) {
    let _ = (log_in_form(html), is_log_in_form(html), csrf(html), refusal(html), inputs(html), server_reason(html));
    let _ = (api_key(html), hub_list(html), hub(html, &parking()));
}

/// Pieces that the pages are made of, and what tears them.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<h4>",
        "</h4>",
        "lot1",
        "alice$parking$lot1",
        "alice/parking",
        "<a href='/devices/edit/5/'>",
        "<a href=/devices/delete/6>",
        "<a href=/products/7/>",
        "<a href=/hubs/1/>",
        "</a>",
        "<div>",
        "</div>",
        "<tr><td>",
        "</table>",
        "<input id=foo value=",
        "<pre class=exception_value>",
        "<title>",
        "</title>",
        "<script>",
        "&#36;",
        "&",
        "<",
        ">",
        "\"",
        "'",
        "\0",
        "é",
        " ",
        "<!--",
        "-->",
        "<form action='//h/devices/edit/8'>",
        "://",
    ])
}

/// Whether `html` links to `path` followed by this number and nothing that would make it another.
fn links(html: &str, path: &str, id: u64) -> bool {
    let wanted = format!("{path}{id}");
    html.match_indices(&wanted).any(|(at, _)| !html[at + wanted.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

/// A tag with its attributes in the order that `turn` gives, with more of them, and with other white space.
fn tag(name: &str, attributes: &[(&str, &str)], turn: usize, blank: &str, quote: char) -> String {
    let mut shown: Vec<String> =
        attributes.iter().map(|(name, value)| format!("{name}{blank}={blank}{quote}{value}{quote}")).collect();
    shown.push("class='btn btn-sm'".into());
    shown.push("data-href=/devices/edit/99/".into());
    let turns = turn % shown.len();
    shown.rotate_left(turns);
    format!("<{name} {}{blank}>", shown.join("\n "))
}

proptest! {
    /// What is read was there: no id without its link, no name that the page does not say.
    #[test]
    fn nothing_is_invented(pieces in prop::collection::vec(piece(), 0..60)) {
        let html = pieces.concat();
        let said = html.replace("&#36;", "$");
        if let Ok(page) = hub(html.as_bytes(), &parking()) {
            for device in page.devices {
                prop_assert!(links(&html, "/devices/edit/", device.id) || links(&html, "/devices/delete/", device.id));
                prop_assert!(said.contains(device.name.short()) && device.name.hub() == parking());
            }
            for product in page.products {
                let id = product.id.is_none_or(|id| html.contains("/products/") && links(&html, "/", id));
                prop_assert!(id && product.slug.is_none_or(|slug| html.contains(&slug)) && !product.title.is_empty());
            }
        }
        for row in hub_list(html.as_bytes()).unwrap_or_default() {
            prop_assert!(links(&html, "/hubs/", row.id) && said.contains(row.name.as_str()));
        }
        if let Ok(key) = api_key(html.as_bytes()) {
            prop_assert!(html.contains(key.expose()));
        }
    }

    /// Attributes in any order, in either quotes, with more of them and any white space, say the same.
    #[test]
    fn attributes_stand_in_any_order(
        turns in (0usize..8, 0usize..8, 0usize..8),
        blank in prop::sample::select(vec!["", " ", "\n", "\t "]),
        quote in prop::sample::select(vec!['\'', '"']),
        id in 1u64..1_000_000,
    ) {
        let tag = |name: &str, attributes: &[(&str, &str)], turn| tag(name, attributes, turn, blank, quote);
        let key = "0123456789abcdef0123456789abcdef01234567";
        let page = tag("input", &[("id", "foo"), ("readonly", ""), ("value", key), ("type", "text")], turns.0);
        prop_assert_eq!(api_key(page.as_bytes()).unwrap().expose().to_owned(), key);

        let form = [
            tag("input", &[("type", "hidden"), ("name", "csrfmiddlewaretoken"), ("value", "tok")], turns.0),
            tag("input", &[("name", "username"), ("maxlength", "30")], turns.1),
            tag("input", &[("type", "password"), ("name", "password")], turns.2),
        ];
        prop_assert_eq!(log_in_form(form.concat().as_bytes()).unwrap().csrf.unwrap().expose().to_owned(), "tok");

        let link = tag("a", &[("href", &format!("/hubs/{id}/")), ("title", "Open")], turns.1);
        let list = format!("<ul><li>{link}{blank}alice/parking{blank}</a></ul>");
        prop_assert_eq!(hub_list(list.as_bytes()).unwrap(), [HubRow { id, name: parking() }]);

        let button = |what: &str, turn| tag("a", &[("href", &format!("/devices/{what}/{id}")), ("role", "button")], turn);
        let more = tag("button", &[("onclick", "copy('lot1')")], turns.2);
        let card = format!(
            "<div>{more}Copy</button><h4>{blank}alice$parking$lot1{blank}</h4>{}Delete</a>{}Edit</a></div>",
            button("delete", turns.0), button("edit", turns.2)
        );
        prop_assert_eq!(devices(&card), [(id, "alice$parking$lot1".to_owned())]);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_everything(&bytes);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        read_everything(text.as_bytes());
    }

    #[test]
    fn no_torn_page_makes_it_panic(pieces in prop::collection::vec(piece(), 0..60)) {
        read_everything(pieces.concat().as_bytes());
    }

    /// Whatever is around and inside the rows, a page that is accepted shows all devices, each with its own number.
    #[test]
    fn a_decorated_page_is_read_right(
        rows in prop::collection::vec((any::<bool>(), any::<bool>(), "[ \n\t]{0,3}"), 0..8),
        extra in prop::sample::select(vec!["<a href='/devices/create/'>New</a>", "<p>text</p>", "<img src=x>", "<!-- -->"]),
    ) {
        let mut html = "<html><body><h2>alice/parking</h2><h4>Devices</h4>".to_owned();
        for (at, (edit_first, full, blank)) in rows.iter().enumerate() {
            let id = at + 1;
            let (edit, delete) = (format!("<a href='/devices/edit/{id}/'>E</a>"), format!("<a href='/devices/delete/{id}/'>X</a>"));
            let name = if *full { format!("alice$parking$lot{id}") } else { format!("lot{id}") };
            let links = if *edit_first { edit + extra + &delete } else { delete + &edit };
            html += &format!("<div>{blank}{extra}<h4>{blank}{name}{blank}</h4>{blank}{links}</div>{extra}");
        }
        let expected: Vec<_> = (1..=rows.len() as u64).map(|id| (id, format!("alice$parking$lot{id}"))).collect();
        prop_assert_eq!(devices(&html), expected);
    }
}
