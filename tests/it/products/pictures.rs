//! The picture of a product.

use i3::sandbox::ProductRecord;
use serde_json::json;

use super::{DECK, deck, with_deck};
use crate::program::TestEnv;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest \xFF\x00\r\n--";

#[test]
fn a_picture_is_sent_and_seen() {
    for env in [TestEnv::new(), TestEnv::released()] {
        let before = with_deck(&env);
        std::fs::write(env.path("deck.png"), PNG).unwrap();
        let told = env.i3(&format!("product edit {DECK} --picture deck.png --price 3 --json")).json();
        assert_eq!(told["changed"], json!(["price", "picture"]));
        let after = deck(&env);
        assert!(after.media.as_ref().is_some_and(|media| media.contains("/picture-") && media.ends_with(".png")));
        assert_eq!(ProductRecord { media: None, thumbnail: None, price: before.price, ..after.clone() }, before);
        let shown = env.i3(&format!("product show {DECK} --json")).json();
        assert!(shown["picture"].as_str().unwrap().contains(&after.media.unwrap()));
        // The page continues showing the first one's thumbnail.
        std::fs::write(env.path("new.gif"), b"GIF89a").unwrap();
        env.i3(&format!("product edit {DECK} --picture new.gif")).done().says(&["still show that one"]);
        assert!(deck(&env).media.unwrap().ends_with(".gif"));
        // Nothing but a picture takes it away, and a repair does not.
        env.i3(&format!("product repair {DECK}")).done();
        assert!(deck(&env).media.unwrap().ends_with(".gif"));
    }
}

#[test]
fn a_product_is_created_with_its_picture() {
    for env in [TestEnv::new(), TestEnv::released()] {
        env.register_lot1();
        std::fs::write(env.path("deck.png"), PNG).unwrap();
        let create = "product create deck --hub parking --description d --price 2 --type sensor --picture";
        env.i3(&format!("{create} lot1.pem")).fails(65, &["not a PNG, JPEG or GIF"]);
        assert_eq!(env.sandbox.product_rows().len(), 1);
        env.i3(&format!("{create} deck.png")).succeeds(&format!("{DECK}\n"));
        assert!(deck(&env).media.unwrap().ends_with(".png"));
        env.i3(&format!("pub --device lot1 -t {DECK} -m 7")).succeeds("");
    }
}
