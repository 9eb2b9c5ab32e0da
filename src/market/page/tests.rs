//! Pages in the form of I3 facts §2, tidy and untidy, right and wrong.

use proptest::prelude::*;

use super::*;
use crate::name::DeviceName;

fn parking() -> HubName {
    "alice/parking".parse().unwrap()
}

fn devices(html: &str) -> Vec<(u64, String)> {
    hub(html.as_bytes()).unwrap().devices.iter().map(|d| (d.id, d.name.to_string())).collect()
}

fn products(html: &str) -> Vec<(u64, String)> {
    hub(html.as_bytes()).unwrap().products.into_iter().map(|p| (p.id, p.title)).collect()
}

fn fault(html: &str) -> String {
    hub(html.as_bytes()).unwrap_err().to_string()
}

/// A page for a signed-in user, whose navigation holds what must not be read as content.
fn page(content: &str) -> String {
    format!(
        "<html><body><ul class='nav'><li id=dropdown-requests><h3>Requests</h3><form action=/search/><input></form>
        <li id=dropdown-notifications><h3>Devices in this hub</h3><h4>alice$parking$lot9<a href='/devices/edit/9'></a></h4>
        <li class='notification'><p class='notification-desc text-danger'>Your password to I3  is: hunter2secret</p></ul>
        <!-- Page Content --><!-- Page Content -->{content}<!-- Footer --><h4>alice$parking$foot</h4></body></html>"
    )
}

/// The entry of a device as I3 writes it (I3 facts §6.2).
fn device(id: u64, name: &str) -> String {
    format!(
        "<h4>{name}  <a href=\"/devices/delete/{id}\"\"><button class='btn'>Delete Device</button></a>
        <a href=\"/devices/edit/{id}\"><button>Edit Device</button></a></h4>"
    )
}

/// The entry of a product: links inside a link.
fn product(id: u64, title: &str) -> String {
    format!(
        "<a href=\"/products/{id}\"><h4>{title}<a href=\"/products/delete/{id}\"><button>Delete</button></a>
        <a href=\"/products/{id}/edit\"><button>Edit</button></a></h4></a>"
    )
}

/// A hub's page with these entries, or with the text for none.
fn hub_page(devices: &[String], products: &[String]) -> String {
    let or = |entries: &[String], none: &str| match entries {
        [] => format!("<h4>{none}</h4>"),
        entries => entries.concat(),
    };
    page(&format!(
        "<h3>This is a public Hub, anybody can see it</h3><h3>Devices in this hub</h3>{}
        <a href=\"/devices/create\"><button>Create Device</button></a> <br></br><!-- x -->
        <h3>Products in this hub</h3>{}<a href=\"/products/create\"><button>Create Product</button></a>",
        or(devices, "No Device in This Hub"),
        or(products, "No Product in This Hub")
    ))
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
fn the_user_stands_in_the_navigation_as_stored() {
    let page = |name: &str| {
        format!(
            "<ul class='nav navbar-nav'><li id='dropdown-requests'><a class='dropdown-toggle'>Requests</a>\
             <ul class=dropdown-menu><li><a class='dropdown-toggle'>Hello mallory</a></ul></li>\
             <li><a href='/cart/'>Cart</a><li><a class='x dropdown-toggle' href='#'> <i></i>\n Hello {name} <span class=caret></span></a>\
             </ul><!-- Page Content --><a class=dropdown-toggle>Hello carol</a><!-- Footer -->"
        )
    };
    assert_eq!(user(page("Alice_1").as_bytes()).unwrap(), "Alice_1");
    for other in ["", "alice bob", "alice!"] {
        assert_eq!(user(page(other).as_bytes()), None, "{other}");
    }
    assert_eq!(
        user(b"<form><input name=username><input name=password></form><a class=dropdown-toggle>Hello x</a>"),
        None
    );
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
    let list = |hubs: &str| page(&format!("<h3>My Hubs</h3>{hubs}"));
    let html = list(
        "<h4><a href='/hubs/12/'>
            alice/parking </a></h4><a class=btn href='/hubs/12/'>Open</a>
        <h4><a title='x' href='http://host:8000/hubs/3?tab=1'>alice/meteo</a></h4>
        <!-- <a href='/hubs/4/'>alice/gone</a> --><a href='/hubs/create/'>Create Hub</a>",
    );
    let rows: Vec<_> = hub_list(html.as_bytes()).unwrap().into_iter().map(|h| (h.id, h.name.to_string())).collect();
    assert_eq!(rows, [(12, "alice/parking".to_owned()), (3, "alice/meteo".to_owned())]);
    assert!(hub_list(list("<h4>You Don't Have Any Hub</h4>").as_bytes()).unwrap().is_empty());
}

#[test]
fn a_hub_list_of_another_shape_is_refused() {
    for bad in [
        r#"<h3>My Hubs</h3><a href="/hubs/1/">parking</a>"#,
        r#"<h3>My Hubs</h3><a href="/hubs/1/">alice/parking/occupancy</a>"#,
        r#"<h3>My Hubs</h3><a href="/hubs/1/">alice/parking</a><a href="/hubs/1/">alice/meteo</a>"#,
        r#"<a href="/hubs/1/">alice/parking</a>"#,
        "<p>hunter2secret</p>",
        "",
    ] {
        let error = hub_list(page(bad).as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("the marketplace's list of hubs does not have the expected form"), "{error}");
        assert!(!error.contains("hunter2secret") && !error.contains("meteo"), "{error}");
    }
}

#[test]
fn devices_and_products_of_a_hub_are_told_apart() {
    let html = hub_page(
        &[device(5, "alice$parking$lot1"), device(6, "alice$parking$lot2")],
        &[product(9, "alice/parking/occ &amp; more"), product(10, "free")],
    );
    assert_eq!(devices(&html), [(5, "alice$parking$lot1".into()), (6, "alice$parking$lot2".into())]);
    assert_eq!(products(&html), [(9, "alice/parking/occ & more".into()), (10, "free".into())]);
}

#[test]
fn an_empty_hub_is_no_other_page() {
    for html in [
        hub_page(&[], &[]),
        hub_page(&[device(5, "alice$parking$lot1")], &[]),
        hub_page(&[], &[product(9, "alice/parking/free")]),
    ] {
        let shown = hub(html.as_bytes()).unwrap();
        assert_eq!(shown.devices.len(), html.matches("/devices/edit/5").count());
        assert_eq!(shown.products.len(), html.matches("/products/9/edit").count());
        assert!(shown.unlinked.is_empty());
    }
}

#[test]
fn twins_are_shown_on_each_others_pages_and_keep_their_names() {
    let html = hub_page(
        &[device(5, "carol$mill$lot1"), device(6, "carol$Mill$lot1"), device(7, "carol$Mill$café1")],
        &[product(9, "carol/Mill/grain")],
    );
    let names = ["carol$mill$lot1", "carol$Mill$lot1", "carol$Mill$café1"].map(String::from);
    assert_eq!(devices(&html).into_iter().map(|(_, name)| name).collect::<Vec<_>>(), names);
    assert_eq!(products(&html), [(9, "carol/Mill/grain".into())]);
}

#[test]
fn of_somebody_elses_public_hub_the_names_are_known() {
    let html = hub_page(
        &["<h4>bob$mill$lot1 </h4>".into(), "<h4>bob$mill$lot2</h4>".into()],
        &["<a href=\"/products/61\"><h4>bob/mill/grain</h4></a>".into()],
    );
    let shown = hub(html.as_bytes()).unwrap();
    assert!(shown.devices.is_empty());
    assert_eq!(shown.unlinked.iter().map(DeviceName::as_str).collect::<Vec<_>>(), ["bob$mill$lot1", "bob$mill$lot2"]);
    assert_eq!(products(&html), [(61, "bob/mill/grain".into())]);
}

#[test]
fn a_hub_page_of_another_shape_is_refused_and_never_quoted() {
    for (bad, expected) in [
        (page("<p>hunter2secret: you may not see this hub.</p>"), "the heading 'Devices in this hub'"),
        (String::new(), "the heading 'Devices in this hub'"),
        (hub_page(&["<h4>hunter2secret</h4>".into()], &[]), "the full names of devices"),
        (hub_page(&[device(5, "lot1")], &[]), "the full names of devices"),
        (hub_page(&["<h4>No Device in This Hub<a href='/devices/edit/5'></a></h4>".into()], &[]), "the full names"),
        (hub_page(&["<h4>alice$parking$lot1<a href='/devices/edit/lot1'>E</a></h4>".into()], &[]), "one device"),
        (
            hub_page(&["<h4>alice$parking$lot1<a href='/devices/edit/99999999999999999999'>E</a></h4>".into()], &[]),
            "one device",
        ),
        (
            hub_page(
                &["<h4>alice$parking$lot1<a href='/devices/edit/5'>E</a><a href='/devices/delete/6'>X</a></h4>".into()],
                &[],
            ),
            "one device",
        ),
        (hub_page(&[device(5, "alice$parking$lot1"), device(5, "alice$parking$lot2")], &[]), "the number 5"),
        (hub_page(&[product(5, "alice$parking$lot1")], &[]), "one device"),
        (hub_page(&[], &["<h4>hunter2secret</h4>".into()]), "one product for each"),
        (hub_page(&[], &[device(5, "hunter2secret")]), "one product for each"),
        (hub_page(&[], &[product(5, "")]), "one product for each"),
    ] {
        let said = fault(&bad);
        assert!(said.contains(expected), "{bad}: {said}");
        assert!(!said.contains("hunter2secret"), "{said}");
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
fn a_refusal_is_read_in_its_words() {
    assert_eq!(refusal(b"<form><input name=title value=x></form>"), None);
    assert_eq!(refusal(b"<form></form><p class=text-danger>Taken.</p>").unwrap(), "Taken.");
    let listed = page("<form><ul class=errorlist><li>name<ul class=errorlist><li>Taken.</li></ul></li></ul></form>");
    assert_eq!(refusal(listed.as_bytes()).unwrap(), "name Taken.");
    // A sentence without a form, and texts in the navigation, are not messages.
    for other in ["<p>You may not edit this.</p>", "<form></form>", ""] {
        assert_eq!(refusal(page(other).as_bytes()), None, "{other}");
        assert_eq!(is_sentence(page(other).as_bytes()), !other.contains("form"), "{other}");
    }
}

fn read_everything(html: &[u8]) {
    let _ = (log_in_form(html), is_log_in_form(html), csrf(html), refusal(html), server_reason(html));
    let _ = (product_form(html), product_refusals(html));
    let _ = (user(html), api_key(html), hub_list(html), hub(html), is_sentence(html));
}

/// Pieces that the pages are made of, and pieces that break them.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<h3>Devices in this hub</h3>",
        "<h3>Products in this hub</h3>",
        "<h3>My Hubs</h3>",
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

/// Whether `html` links to `path` followed by exactly this number.
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
    /// Everything that is read is on the page: no id without its link, no name that the page does not contain.
    #[test]
    fn nothing_is_invented(pieces in prop::collection::vec(piece(), 0..60)) {
        let html = pieces.concat();
        let said = html.replace("&#36;", "$");
        if let Ok(page) = hub(html.as_bytes()) {
            for device in page.devices {
                prop_assert!(links(&html, "/devices/edit/", device.id) || links(&html, "/devices/delete/", device.id));
                prop_assert!(said.contains(device.name.short()));
            }
            for product in page.products {
                prop_assert!(html.contains("/products/") && links(&html, "/", product.id) && !product.title.is_empty());
            }
        }
        for row in hub_list(html.as_bytes()).unwrap_or_default() {
            prop_assert!(links(&html, "/hubs/", row.id) && said.contains(row.name.as_str()));
        }
        if let Ok(key) = api_key(html.as_bytes()) {
            prop_assert!(html.contains(key.expose()));
        }
    }

    /// Attributes in any order, in either quotes, with additional ones and any white space, mean the same.
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
        let list = format!("<h3>My Hubs</h3><h4>{link}{blank}alice/parking{blank}</a></h4>");
        prop_assert_eq!(hub_list(list.as_bytes()).unwrap(), [HubRow { id, name: parking() }]);

        let button = |what: &str, turn| tag("a", &[("href", &format!("/devices/{what}/{id}")), ("role", "button")], turn);
        let more = tag("button", &[("onclick", "copy('lot1')")], turns.2);
        let card = format!(
            "<h3>Devices in this hub</h3><h4>{more}Copy</button>{blank}alice$parking$lot1{blank}{}Delete</a>{}Edit</a></h4>",
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

    /// Regardless of what is around and inside the rows, an accepted page shows all devices, each with its own number.
    #[test]
    fn a_decorated_page_is_read_right(
        rows in prop::collection::vec((any::<bool>(), any::<bool>(), "[ \n\t]{0,3}"), 0..8),
        extra in prop::sample::select(vec!["<a href='/devices/create/'>New</a>", "<button>text</button>", "<img src=x>", "<!-- -->"]),
    ) {
        let mut entries = Vec::new();
        for (at, (edit_first, linked, blank)) in rows.iter().enumerate() {
            let id = at + 1;
            let (edit, delete) = (format!("<a href='/devices/edit/{id}/'>E</a>"), format!("<a href='/devices/delete/{id}/'>X</a>"));
            let links = if *edit_first { edit + extra + &delete } else { delete + &edit };
            let name = format!("{blank}alice$parking$lot{id}{blank}");
            // Inside the heading or after it.
            entries.push(match linked {
                true => format!("{extra}<h4>{name}{links}</h4>{extra}"),
                false => format!("<h4>{name}</h4>{links}{extra}"),
            });
        }
        let html = hub_page(&entries, &[]);
        let expected: Vec<_> = (1..=rows.len() as u64).map(|id| (id, format!("alice$parking$lot{id}"))).collect();
        prop_assert_eq!(devices(&html), expected);
    }
}
