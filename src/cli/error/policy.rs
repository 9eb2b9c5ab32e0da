//! The exit code and the remedy for the errors of each module: the only place with that policy.

mod account;
mod broker;
mod local;
mod market;
mod nats;
mod pkcs11;
mod product;
mod tls;

use super::cli_error::{CliError, Policy};

macro_rules! policies {
    ($($policy:path),* $(,)?) => {
        /// Returns the policy for one error of a chain; `None` for an error of no module of this program.
        pub(super) fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Policy> {
            None$(.or_else(|| cause.downcast_ref().map($policy)))*
        }

        /// Returns the names of the types of errors that have a policy: `key::KeyError`.
        #[cfg(test)]
        fn types() -> Vec<&'static str> {
            fn of<E>(_: fn(&E) -> Policy) -> &'static str {
                std::any::type_name::<E>().trim_start_matches("i3::")
            }
            vec![$(of($policy)),*]
        }
    };
}

policies! {
    CliError::policy, local::name, local::key, pkcs11::pkcs11, local::signer, local::token, local::refusal, local::source, local::config, local::kept_account, local::broker_url, local::tls, local::client_certificate, local::market_url, local::unwritten, local::agent_socket, local::agent, local::gateway_file, local::metrics, local::foreign_folder,
    market::device_credential, market::change, market::access, market::web, market::rest, market::http, market::sandbox, broker::connect, broker::proxy_url, broker::publish, broker::stream, broker::subscription, broker::rotation, broker::link,
    broker::spool, broker::queue, nats::nats,
    product::create, product::save, product::delete, product::not_own, product::title, product::search, product::field,
    product::picture,
    account::sign_up, account::request, account::notification, account::purchase, account::call,
}

#[cfg(test)]
mod tests;
