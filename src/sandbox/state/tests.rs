//! What the database takes, refuses and permits.

use super::*;

fn fields(title: &str) -> ProductFields {
    ProductFields {
        title: Some(title.into()),
        hub: Some("parking".into()),
        description: Some("places".into()),
        price: Some("1.5".into()),
        sensor_type: Some("1".into()),
        sale_price: Some(String::new()),
        ..ProductFields::default()
    }
}

fn seeded() -> State {
    let mut state = State::default();
    for name in ["alice", "bob"] {
        assert!(state.add_user(name).is_some());
    }
    state.add_hub("alice", "parking", false).unwrap();
    state.add_product("alice", &fields("occupancy"), true).unwrap();
    state
}

fn add_device(state: &mut State, name: &str) {
    let new = state.check_device("alice", "parking", name, "1", "secret").map_err(|e| e.reason).unwrap();
    state.insert_device(new);
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
fn two_devices_of_one_name_in_any_case_let_nobody_in() {
    let mut state = seeded();
    add_device(&mut state, "lot1");
    assert!(state.may_log_in("ALICE$parking$Lot1", "secret", 0));
    add_device(&mut state, "LOT1");
    assert!(!state.may_log_in("alice$parking$lot1", "secret", 0));
    assert!(!state.may_log_in("alice$parking$LOT1", "secret", 0));
}

#[test]
fn permissions_go_by_hub_and_purchase() {
    let mut state = seeded();
    add_device(&mut state, "lot1");
    let lot1 = "alice$parking$lot1";
    for access in [Access::Read, Access::Write] {
        assert!(state.may_use(lot1, "c", "alice/parking/occupancy", access));
        assert!(!state.may_use(lot1, "c", "alice/parking/occupancy/level2", access));
        assert!(!state.may_use(lot1, "c", "alice/parking/Occupancy", access));
        assert!(!state.may_use("bob", "c", "alice/parking/occupancy", access));
    }
    assert!(state.add_purchase("bob", "alice/parking/occupancy"));
    assert!(state.may_use("bob", "c", "alice/parking/occupancy", Access::Read));
    assert!(!state.may_use("bob", "c", "alice/parking/occupancy", Access::Write));
}

#[test]
fn odd_product_names_are_accepted_and_work_oddly() {
    let mut state = seeded();
    add_device(&mut state, "lot1");
    for title in ["lane/#", "u-%u"] {
        state.add_product("alice", &fields(title), true).unwrap();
    }
    let may = |topic: &str| state.may_use("alice$parking$lot1", "c", topic, Access::Write);
    assert!(may("alice/parking/lane/7"));
    assert!(!may("alice/parking/u-%u"));
    assert!(may("alice/parking/u-alice$parking$lot1"));
}

#[test]
fn hubs_that_differ_in_case_share_permissions() {
    let mut state = seeded();
    add_device(&mut state, "lot1");
    state.add_hub("alice", "Parking", false).unwrap();
    assert!(state.add_hub("alice", "Parking", false).is_err());
    let other = ProductFields { hub: Some("Parking".into()), ..fields("water") };
    state.add_product("alice", &other, true).unwrap();
    assert!(state.may_use("alice$parking$lot1", "c", "alice/Parking/water", Access::Write));
}

#[test]
fn product_fields_are_refused_one_by_one() {
    let mut state = seeded();
    let bad = |change: &dyn Fn(&mut ProductFields)| {
        let mut fields = fields("water");
        change(&mut fields);
        fields
    };
    for (field, fields) in [
        ("title", bad(&|f| f.title = Some("abc".into()))),
        ("price", bad(&|f| f.price = Some("1".into()))),
        ("price", bad(&|f| f.price = Some("100".into()))),
        ("price", bad(&|f| f.price = Some("1.555".into()))),
        ("sensor_type", bad(&|f| f.sensor_type = Some("4".into()))),
        ("sale_price", bad(&|f| f.sale_price = None)),
        ("latitude", bad(&|f| f.latitude = Some("34.12345".into()))),
    ] {
        match state.add_product("alice", &fields, true) {
            Err(ProductError::Field(e)) => assert_eq!(e.field, field),
            _ => panic!("{field} was taken"),
        }
    }
    let long = fields("seventeen-letters");
    assert!(matches!(state.add_product("alice", &long, true), Err(ProductError::TooLong)));
    let again = fields("occupancy");
    assert!(matches!(state.add_product("alice", &again, true), Err(ProductError::HubOrDuplicate(_))));
}

#[test]
fn an_edited_title_leaves_the_old_permission() {
    let mut state = seeded();
    add_device(&mut state, "lot1");
    let id = state.products[0].id;
    state.edit_product(id, &fields("free")).unwrap();
    assert_eq!(state.products[0].title, "free");
    assert!(state.may_use("alice$parking$lot1", "c", "alice/parking/occupancy", Access::Write));
}
