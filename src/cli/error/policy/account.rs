//! The policy for the parts of an account: sign-up, purchase requests, notifications, purchases.

use super::local::name;
use super::market::{access, http, web};
use crate::catalogue::entry;
use crate::cli::error::cli_error::{Policy, filled, with};
use crate::cli::error::kind::ExitKind;
use crate::market::notifications::NotificationError;
use crate::market::purchase::{Cart, PurchaseError};
use crate::market::requests::RequestError;
use crate::market::signup::SignUpError;
use crate::market::web::CallFailure;
use crate::name::NameError;

pub(super) fn sign_up(error: &SignUpError) -> Policy {
    use SignUpError as E;
    match error {
        E::Name(NameError::User(_)) => {
            filled(ExitKind::Data, entry!("names"), "choose a user name of ASCII letters, digits and _")
        }
        E::Name(e) => name(e),
        E::NoRoomForTopics(_) | E::NameTooLong(_) => with(ExitKind::Data, entry!("user-name-too-long")),
        E::EmailUnstorable { .. } | E::Email => {
            filled(ExitKind::Data, entry!("sign-up-values"), "give --email such as alice@example.org, or leave it out")
        }
        E::NoPassword | E::PasswordTooLong(_) | E::PasswordBlanks | E::PasswordNul => filled(
            ExitKind::Data,
            entry!("sign-up-values"),
            "choose a password of 1 to 128 characters without a blank at either end",
        ),
        E::Refused { .. } => with(ExitKind::Refused, entry!("sign-up-refused")),
        E::Web(e) => web(e),
        E::NothingDone { .. } => with(ExitKind::TryAgain, entry!("nothing-done")),
        E::AcceptedButMissing { .. } => {
            filled(ExitKind::Other, entry!("accepted-but-missing"), "try to log in with `{i3} login` in a minute")
        }
        E::Unknown { .. } => filled(
            ExitKind::TryAgain,
            entry!("change-unknown"),
            "try to log in with `{i3} login`; sign up again only if that is refused",
        ),
    }
}

pub(super) fn request(error: &RequestError) -> Policy {
    use RequestError as E;
    match error {
        E::Client(e) => access(e),
        E::BuyersAccount => with(ExitKind::Refused, entry!("requests-hidden")),
        E::NotPending { .. } => with(ExitKind::Data, entry!("request-not-pending")),
        E::DecidedMeanwhile { .. } => with(ExitKind::Refused, entry!("request-not-pending")),
        E::StillPending { .. } => with(ExitKind::TryAgain, entry!("request-still-pending")),
        E::AcceptedButMissing { .. } => {
            filled(ExitKind::Other, entry!("accepted-but-missing"), "look again with `{i3} request list` in a minute")
        }
        E::Unknown { .. } => {
            let remedy = "see `{i3} request list` before anything else: what is listed is still pending";
            filled(ExitKind::TryAgain, entry!("change-unknown"), remedy)
        }
    }
}

pub(super) fn notification(error: &NotificationError) -> Policy {
    use NotificationError as E;
    match error {
        E::Client(e) => access(e),
        E::Missing(_) => {
            filled(ExitKind::Data, entry!("nothing-of-that-number"), "`{i3} notifications` shows what exists")
        }
        E::NoBrokerPassword => filled(
            ExitKind::Data,
            entry!("broker-password"),
            "look for it in the mail of the first purchase; if this account has never bought anything, its first purchase \
             with `{i3} buy` creates one",
        ),
        E::BrokerPasswordGone | E::OddBrokerPassword(_) => with(ExitKind::Data, entry!("broker-password")),
        E::Left { .. } => {
            filled(ExitKind::TryAgain, entry!("nothing-done"), "try again: only those that were not changed are left")
        }
    }
}

pub(super) fn purchase(error: &PurchaseError) -> Policy {
    use PurchaseError as E;
    match error {
        E::Client(e) => access(e),
        E::MessageUnstorable { .. } => {
            filled(ExitKind::Data, entry!("values"), "write --request-message with characters of Windows-1252 only")
        }
        E::CartNotEmpty(_) => with(ExitKind::Refused, entry!("cart-not-empty")),
        E::CartShared { cart: Cart::Empty, .. } => filled(
            ExitKind::Refused,
            entry!("cart-not-empty"),
            "buy again once the other purchase of this account has ended; if there is none, empty the cart first with `{i3} buy \
             --clear-cart`",
        ),
        E::CartShared { .. } => with(ExitKind::Refused, entry!("cart-not-empty")),
        E::CartStuck { .. } => {
            filled(ExitKind::TryAgain, entry!("cart-not-empty"), "try again: a purchase books what is in the cart")
        }
        E::NotInCart => filled(
            ExitKind::Other,
            entry!("cart-not-empty"),
            "empty the cart with `{i3} buy --clear-cart`; if it happens again, tell the marketplace's operator",
        ),
        E::NothingBooked { cart: Cart::Empty, .. } => with(ExitKind::TryAgain, entry!("nothing-done")),
        E::NothingBooked { .. } => filled(
            ExitKind::TryAgain,
            entry!("nothing-done"),
            "empty the cart with `{i3} buy --clear-cart`, then try again",
        ),
        // Not "try again": each purchase is booked, and costs.
        E::NotGranted { cart: Cart::Empty, .. } | E::GrantUnknown { .. } | E::BookedElsewhere { .. } => {
            with(ExitKind::Other, entry!("bought-not-granted"))
        }
        E::NotGranted { .. } => filled(
            ExitKind::Other,
            entry!("bought-not-granted"),
            "empty the cart with `{i3} buy --clear-cart`, and ask the marketplace's operator to grant the purchase",
        ),
        E::AcceptedButMissing { .. } => filled(
            ExitKind::Other,
            entry!("accepted-but-missing"),
            "look at `{i3} purchases` in a minute, before buying again",
        ),
        E::Unknown { .. } => filled(
            ExitKind::TryAgain,
            entry!("change-unknown"),
            "see `{i3} purchases` before anything else: each purchase is booked, and costs",
        ),
    }
}

pub(super) fn call(error: &CallFailure) -> Policy {
    match error {
        CallFailure::Refused => with(ExitKind::Refused, entry!("nothing-of-that-number")),
        CallFailure::Web(e) => web(e),
        CallFailure::Lost(e) => http(e),
    }
}
