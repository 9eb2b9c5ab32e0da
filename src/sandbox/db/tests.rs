//! What the tables permit, and what the forms accept and refuse.

use super::*;
use crate::sandbox::exception::ActionError;
use crate::sandbox::mail::Mail;
use crate::sandbox::market::actions::{device, hub, product, purchase};
use crate::sandbox::market::product_form::ProductForm;

fn form(title: &str) -> ProductForm {
    ProductForm {
        title: Some(title.into()),
        hub: Some("parking".into()),
        description: Some("places".into()),
        price: Some("1.5".into()),
        sensor_type: Some("1".into()),
        sale_price: Some(String::new()),
        ..ProductForm::default()
    }
}

fn seeded() -> Database {
    let mut db = Database::new();
    for name in ["alice", "bob"] {
        assert!(db.add_user(name, UserType::Both).is_some());
    }
    hub::create(&mut db, "alice", Some("parking"), Some("False")).unwrap();
    add_product(&mut db, &form("occupancy"));
    db
}

fn add_product(db: &mut Database, form: &ProductForm) {
    product::create(db, Mail::Up, "alice", form).unwrap();
}

fn add_device(db: &mut Database, name: &str) {
    let new = device::check(db, "alice", ["parking", name, "1", "secret"]).map_err(|e| e.reason).unwrap();
    device::create(db, Mail::Up, new).unwrap();
}

#[test]
fn filters_match_by_level() {
    for (filter, topic, yes) in [
        ("a/b", "a/b", true),
        ("a/+", "a/b", true),
        ("a/+", "a/b/c", false),
        ("a/#", "a/b/c", true),
        ("a/#", "a", true),
        ("#", "a", true),
        ("#", "$SYS/x", false),
        ("a", "A", false),
    ] {
        assert_eq!(filter_matches(filter, topic), yes, "{filter} {topic}");
    }
}

#[test]
fn two_log_ins_of_one_name_let_nobody_in() {
    let mut db = seeded();
    add_device(&mut db, "lot1");
    add_device(&mut db, "cafe1");
    for spelling in ["ALICE$parking$Lot1", "alice$parking$lot1  ", "Àlice$parking$lot1"] {
        assert!(db.may_log_in(spelling, "secret", 0), "{spelling}");
    }
    add_device(&mut db, "LOT1");
    add_device(&mut db, "café1");
    for name in ["lot1", "LOT1", "cafe1", "café1"] {
        assert!(!db.may_log_in(&format!("alice$parking${name}"), "secret", 0), "{name}");
    }
}

#[test]
fn permissions_go_by_hub_and_purchase() {
    let mut db = seeded();
    add_device(&mut db, "lot1");
    let lot1 = "alice$parking$lot1";
    for access in [TopicAccess::Read, TopicAccess::Write] {
        assert!(db.may_use(lot1, "c", "alice/parking/occupancy", access));
        assert!(!db.may_use(lot1, "c", "alice/parking/occupancy/level2", access));
        assert!(!db.may_use(lot1, "c", "alice/parking/Occupancy", access));
        assert!(!db.may_use("bob", "c", "alice/parking/occupancy", access));
    }
    purchase::put_into_cart(&mut db, "bob", 1, 1, "").unwrap();
    assert_eq!(purchase::check_out(&mut db, Mail::Up, "bob").unwrap(), ["aliceparkingoccupancy"]);
    assert!(db.may_use("bob", "c", "alice/parking/occupancy", TopicAccess::Read));
    assert!(!db.may_use("bob", "c", "alice/parking/occupancy", TopicAccess::Write));
}

#[test]
fn odd_product_names_are_accepted_and_work_oddly() {
    let mut db = seeded();
    add_device(&mut db, "lot1");
    for title in ["lane/#", "u-%u"] {
        add_product(&mut db, &form(title));
    }
    let may = |topic: &str| db.may_use("alice$parking$lot1", "c", topic, TopicAccess::Write);
    assert!(may("alice/parking/lane/7"));
    assert!(!may("alice/parking/u-%u"));
    assert!(may("alice/parking/u-alice$parking$lot1"));
}

#[test]
fn hubs_that_differ_in_case_share_permissions() {
    let mut db = seeded();
    add_device(&mut db, "lot1");
    hub::create(&mut db, "alice", Some("Parking"), Some("False")).unwrap();
    assert!(hub::create(&mut db, "alice", Some("Parking"), Some("False")).is_err());
    add_product(&mut db, &ProductForm { hub: Some("Parking".into()), ..form("water") });
    assert!(db.may_use("alice$parking$lot1", "c", "alice/Parking/water", TopicAccess::Write));
    let new = device::check(&db, "alice", ["Parking", "lot2", "1", "secret"]).map_err(|e| e.reason).unwrap();
    device::create(&mut db, Mail::Up, new).unwrap();
    assert!(db.may_use("alice$Parking$lot2", "c", "alice/parking/occupancy", TopicAccess::Write));
}

#[test]
fn product_fields_are_refused_one_by_one() {
    let mut db = seeded();
    let bad = |change: &dyn Fn(&mut ProductForm)| {
        let mut form = form("water");
        change(&mut form);
        form
    };
    for (field, form) in [
        ("title", bad(&|f| f.title = Some("abc".into()))),
        ("title", bad(&|f| f.title = Some("x".repeat(31)))),
        ("description", bad(&|f| f.description = Some(" \r\n".into()))),
        ("description", bad(&|f| f.description = Some("a\0b".into()))),
        ("price", bad(&|f| f.price = Some("1".into()))),
        ("price", bad(&|f| f.price = Some("1.00".into()))),
        ("price", bad(&|f| f.price = Some("100".into()))),
        ("price", bad(&|f| f.price = Some("1.5000".into()))),
        ("price", bad(&|f| f.price = Some("1,50".into()))),
        ("price", bad(&|f| f.price = None)),
        ("sensor_type", bad(&|f| f.sensor_type = Some("4".into()))),
        ("sale_price", bad(&|f| f.sale_price = None)),
        ("sale_price", bad(&|f| f.sale_price = Some("1.234".into()))),
        ("latitude", bad(&|f| f.latitude = Some("34.12345".into()))),
        ("latitude", bad(&|f| f.latitude = Some("90.0001".into()))),
        ("longitude", bad(&|f| f.longitude = Some("-180.0001".into()))),
    ] {
        match product::create(&mut db, Mail::Up, "alice", &form) {
            Err(ActionError::Invalid(errors)) => assert_eq!(errors[0].field, field),
            _ => panic!("{field} was taken"),
        }
    }
    let good = ProductForm {
        price: Some("99.99".into()),
        sale_price: Some("-5".into()),
        longitude: Some("-180".into()),
        latitude: Some("90.0000".into()),
        ..form("good")
    };
    let made = product::create(&mut db, Mail::Up, "alice", &good).unwrap();
    assert_eq!((made.price, made.sale_price, made.longitude), (9999, Some(-500), Some(-1_800_000)));
    let long = form("seventeen-letters");
    assert!(matches!(product::create(&mut db, Mail::Up, "alice", &long), Err(ActionError::Exception(_))));
    let again = form("occupancy");
    assert!(matches!(product::create(&mut db, Mail::Up, "alice", &again), Err(ActionError::HubOrDuplicate(_))));
}

#[test]
fn a_sale_price_of_nothing_is_none() {
    let mut db = seeded();
    for (sale, active, asked) in
        [("-5", true, -500), ("0", true, 150), ("1.2", true, 120), ("1.2", false, 150), ("", true, 150)]
    {
        let form =
            ProductForm { sale_price: Some(sale.into()), sale_active: active, ..form("alice/parking/occupancy") };
        let saved = product::edit(&mut db, Mail::Up, 1, &form).unwrap().unwrap();
        assert_eq!(saved.asked_price(), asked, "{sale}");
    }
}

#[test]
fn an_edited_title_leaves_the_old_permission() {
    let mut db = seeded();
    add_device(&mut db, "lot1");
    product::edit(&mut db, Mail::Up, 1, &form("free")).unwrap();
    assert_eq!((db.products[0].title.as_str(), db.products[0].hub.as_str()), ("free", "parking"));
    assert!(db.may_use("alice$parking$lot1", "c", "alice/parking/occupancy", TopicAccess::Write));
    assert!(!db.may_use("alice$parking$lot1", "c", "free", TopicAccess::Write), "the short hub has no devices");
}
