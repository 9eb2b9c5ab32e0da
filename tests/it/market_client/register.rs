//! Registering a device at a scripted marketplace that refuses, breaks down, cuts the connection, or lies.

use i3::market::auth::{ClientError, TransportChoice};
use i3::market::change::{ChangeError, ChangeNote};
use i3::market::http::HttpError;
use i3::market::web::WebError;

use super::{After, Create, KEY, Scene, Script, both, by_form};

#[test]
fn a_device_is_registered_under_the_name_that_the_marketplace_shows() {
    both(Create::Take, After::Show, |result| {
        let done = result.unwrap();
        assert_eq!((done.name.as_str(), done.hub.as_str(), done.id), ("alice$parking$lot1", "alice/parking", 2));
        assert!(done.notes.is_empty(), "{:?}", done.notes);
    });
    let scene = Scene::new(Script::default());
    let done = scene.register(TransportChoice::Web, None, Some("ALICE")).unwrap();
    assert_eq!(done.name.as_str(), "alice$parking$lot1");
    assert!(
        matches!(&done.notes[..], [ChangeNote::UserNameCase { typed, shown }] if typed == "ALICE" && shown == "alice")
    );
    let form = scene.server.requests().into_iter().find(|r| r.path() == "/devices/create/").unwrap();
    assert_eq!((form.field("hub_name").unwrap().as_str(), form.field("rgs_type").unwrap().as_str()), ("parking", "1"));
}

#[test]
fn an_unknown_hub_is_refused_before_anything_is_sent() {
    let scene = Scene::new(Script::default());
    let error = scene.register_as(TransportChoice::Web, None, Some("alice"), "garage", "lot1").unwrap_err();
    assert!(matches!(&error, ChangeError::HubUnknown { hubs, .. } if hubs.len() == 2), "{error:?}");
    let error = scene.register_as(TransportChoice::Web, None, Some("alice"), "Parking", "lot1").unwrap_err();
    assert!(matches!(&error, ChangeError::HubOtherCase { .. }), "{error:?}");
    assert_eq!(scene.sent(), 0);
}

#[test]
fn a_device_that_is_there_in_another_case_is_refused_before_anything_is_sent() {
    for rest in [false, true] {
        let scene = Scene::new(Script { rest, ..Script::default() });
        let error = scene.register_as(TransportChoice::Auto, Some(KEY), Some("alice"), "parking", "OLD1").unwrap_err();
        let ChangeError::Exists { existing, .. } = error else { panic!("{error:?}") };
        assert_eq!((existing.id, existing.name.as_str()), (Some(1), "alice$parking$old1"));
        assert_eq!(scene.sent(), 0);
    }
}

#[test]
fn a_hub_that_differs_in_case_alone_is_looked_at_and_told() {
    let hubs = vec!["alice/Parking", "alice/parking"];
    let scene = Scene::new(Script { hubs: hubs.clone(), devices: vec![(1, "lot1".into())], ..Script::default() });
    let error = scene.register(TransportChoice::Web, None, Some("alice")).unwrap_err();
    assert!(matches!(&error, ChangeError::Exists { existing, .. } if existing.name.as_str() == "alice$Parking$lot1"));
    let scene = Scene::new(Script { hubs, devices: Vec::new(), ..Script::default() });
    let done = scene.register(TransportChoice::Web, None, Some("alice")).unwrap();
    assert!(matches!(&done.notes[..], [ChangeNote::HubCaseTwins(twins)] if twins[0].as_str() == "alice/Parking"));
}

#[test]
fn a_302_without_the_device_is_a_failure() {
    both(Create::TakeNothing, After::Show, |result| {
        assert!(
            matches!(result, Err(ChangeError::AcceptedButMissing { place, .. }) if place.as_str() == "alice/parking")
        );
    });
}

#[test]
fn a_500_with_the_device_is_a_success_with_a_note() {
    both(Create::BreakAndTake, After::Show, |result| {
        let done = result.unwrap();
        let [ChangeNote::ServerError { status: 500, reason: Some(reason), .. }] = &done.notes[..] else {
            panic!("{done:?}")
        };
        assert_eq!(reason.to_string(), "OSError [Errno 111]: its mail server cannot be reached");
    });
}

#[test]
fn a_500_without_the_device_is_a_failure() {
    both(Create::Break, After::Show, |result| {
        assert!(matches!(result, Err(ChangeError::BrokeDown { status: 500, .. })));
    });
}

#[test]
fn a_blank_form_is_a_failure_that_names_what_it_can_mean() {
    by_form(Create::Blank, |result| {
        let error = result.unwrap_err();
        assert!(matches!(error, ChangeError::FormRefused { complaint: None, .. }));
        assert!(error.to_string().contains("the name is taken"));
    });
}

#[test]
fn a_refused_form_with_the_device_there_is_somebody_elses_device() {
    by_form(Create::BlankAndTake, |result| {
        assert!(matches!(result, Err(ChangeError::TakenMeanwhile { existing, .. }) if existing.id == Some(2)));
    });
    both(Create::TakeInCapitals, After::Show, |result| {
        let Err(ChangeError::TakenMeanwhile { existing, .. }) = result else { panic!("{result:?}") };
        assert_eq!(existing.name.as_str(), "alice$parking$LOT1");
    });
}

#[test]
fn a_cut_connection_with_the_device_there_is_a_success_with_a_note() {
    for create in [Create::CutAndTake, Create::CutInBodyAndTake, Create::HangAndTake, Create::CutAndTakeLater] {
        both(create, After::Show, |result| {
            let done = result.unwrap();
            assert!(matches!(&done.notes[..], [ChangeNote::AnswerLost { .. }]), "{:?}", done.notes);
        });
    }
}

#[test]
fn a_cut_connection_without_the_device_created_nothing() {
    both(Create::Cut, After::Show, |result| {
        assert!(matches!(result, Err(ChangeError::LostNothingDone { source: HttpError::Cut { .. }, .. })));
    });
}

#[test]
fn a_cut_connection_after_which_nobody_can_look_is_left_open() {
    both(Create::CutAndTake, After::Cut, |result| {
        let Err(ChangeError::Unknown { name, source, .. }) = result else { panic!("{result:?}") };
        assert_eq!(name.as_str(), "alice$parking$lot1");
        assert!(source.http().is_some());
    });
    let scene = Scene::new(Script { after: After::Expired, ..Script::default() });
    let error = scene.register(TransportChoice::Web, None, Some("alice")).unwrap_err();
    let ChangeError::Unknown { source, .. } = error else { panic!("{error:?}") };
    assert!(matches!(*source, ClientError::Web(WebError::SessionExpired(_))));
    assert_eq!(scene.sent(), 1);
}

#[test]
fn a_look_that_is_cut_is_repeated() {
    both(Create::Take, After::CutOnce, |result| assert!(result.unwrap().notes.is_empty()));
}

#[test]
fn a_device_that_is_there_twice_is_a_failure() {
    both(Create::TakeTwice, After::Show, |result| {
        assert!(matches!(result, Err(ChangeError::Doubled { rows, .. }) if rows.len() == 2));
    });
}

#[test]
fn a_stale_csrf_token_and_an_expired_session_did_nothing() {
    by_form(Create::Csrf, |result| {
        assert!(matches!(result, Err(ChangeError::Client(ClientError::Web(WebError::CsrfRefused(_))))));
    });
    by_form(Create::Expired, |result| {
        assert!(matches!(result, Err(ChangeError::Client(ClientError::Web(WebError::SessionExpired(_))))));
    });
    by_form(Create::NotFound, |result| {
        assert!(matches!(result, Err(ChangeError::UnexpectedAnswer { status: 404, .. })));
    });
}

#[test]
fn reasons_of_the_rest_endpoint_are_passed_on_without_the_value() {
    let scene = Scene::new(Script { create: Create::Reject, rest: true, ..Script::default() });
    let error = scene.register(TransportChoice::Auto, Some(KEY), Some("alice")).unwrap_err();
    assert_eq!(error.to_string(), "the marketplace refuses the device: hub_name: No.; name: Not ….");
    assert_eq!(scene.sent(), 1);
}
