//! The errors of sign-up, requests, notifications and purchases have entries.

use super::table::Table;
use crate::cli::error::ExitKind;
use crate::cli::error::policy::account;
use crate::market::auth::ClientError;
use crate::market::model::{Amount, CartItem, Decision, Mark};
use crate::market::notifications::NotificationError;
use crate::market::purchase::{Cart, PurchaseError};
use crate::market::requests::RequestError;
use crate::market::signup::SignUpError;
use crate::market::web::{CallFailure, Operation, WebError};

fn broke_down(operation: Operation) -> WebError {
    WebError::ServerError { operation, status: 500, reason: None }
}

fn refused() -> WebError {
    WebError::CredentialsRefused { user: "carol".into(), said: "Invalid".into() }
}

pub fn all(table: &mut Table) {
    sign_up(table);
    requests_and_notifications(table);
    table.add(purchases());
}

fn sign_up(table: &mut Table) {
    let user = || "carol".to_string();
    table.add([
        SignUpError::NoRoomForTopics(22),
        SignUpError::NameTooLong(151),
        SignUpError::EmailUnstorable { position: 2, character: 'ł' },
        SignUpError::Email,
        SignUpError::NoPassword,
        SignUpError::PasswordTooLong(129),
        SignUpError::PasswordBlanks,
        SignUpError::PasswordNul,
        SignUpError::Refused { user: user(), reasons: vec![("username".into(), vec!["Taken.".into()])] },
        SignUpError::Refused { user: user(), reasons: Vec::new() },
        SignUpError::NothingDone { user: user(), source: broke_down(Operation::SignUp) },
        SignUpError::AcceptedButMissing { user: user(), source: refused() },
        SignUpError::Unknown { user: user(), source: broke_down(Operation::LogIn) },
    ]);
}

fn requests_and_notifications(table: &mut Table) {
    let (id, decision) = (2, Decision::Approve);
    let access = || Box::new(ClientError::Web(broke_down(Operation::PurchaseRequests)));
    table.add([
        RequestError::BuyersAccount,
        RequestError::NotPending { id, pending: Vec::new() },
        RequestError::NotPending { id, pending: vec![3, 5] },
        RequestError::StillPending { id, decision, source: CallFailure::Refused },
        RequestError::DecidedMeanwhile { id },
        RequestError::AcceptedButMissing { id, decision },
        RequestError::Unknown { id, decision, source: access() },
    ]);
    table.add([
        NotificationError::Missing(7),
        NotificationError::NoBrokerPassword,
        NotificationError::BrokerPasswordGone,
        NotificationError::OddBrokerPassword(7),
        NotificationError::Left { mark: Mark::Archived, left: 2, of: 3, source: None },
        NotificationError::Left { mark: Mark::Read, left: 2, of: 3, source: Some(CallFailure::Refused) },
    ]);
    table.add([CallFailure::Refused]);
}

fn purchases() -> Vec<PurchaseError> {
    let topic = || "alice/parking/free".to_string();
    let left = || vec![CartItem { id: 7, product: Some("25".into()) }];
    let access = || Box::new(ClientError::Web(broke_down(Operation::Transactions)));
    let amount = "1.20".parse::<Amount>().unwrap();
    let total = Some(amount);
    let mut errors = vec![
        PurchaseError::MessageUnstorable { position: 2, character: 'ł' },
        PurchaseError::CartNotEmpty(left()),
        PurchaseError::NotInCart,
        PurchaseError::BookedElsewhere { topic: topic(), total: amount },
        PurchaseError::GrantUnknown { topic: topic(), total, source: None },
        PurchaseError::AcceptedButMissing { topic: topic() },
        PurchaseError::Unknown { topic: topic(), source: access() },
        PurchaseError::CartStuck { left: left(), source: None },
    ];
    for cart in [Cart::Empty, Cart::Holds(left()), Cart::Unknown] {
        errors.push(PurchaseError::CartShared { items: left(), cart: cart.clone() });
        errors.push(PurchaseError::NothingBooked { cart: cart.clone(), source: Some(Box::new(CallFailure::Refused)) });
        errors.push(PurchaseError::NothingBooked { cart: cart.clone(), source: None });
        errors.push(PurchaseError::NotGranted { topic: topic(), total, cart, source: None });
    }
    errors
}

#[test]
fn what_was_booked_is_never_to_be_tried_again() {
    for error in purchases() {
        use PurchaseError as E;
        let is_booked = matches!(error, E::NotGranted { .. } | E::GrantUnknown { .. } | E::BookedElsewhere { .. });
        if is_booked {
            let (kind, hint) = account::purchase(&error);
            assert_eq!(kind, ExitKind::Other, "{error}");
            assert!(!hint.text("i3").contains("try again"), "{error}");
        }
    }
}
