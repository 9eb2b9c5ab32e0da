//! The policy for the marketplace and the sandbox.

use super::local;
use super::tls::handshake;
use crate::catalogue::{Entry, entry};
use crate::cli::error::cli_error::{Policy, after, come_back, filled, with};
use crate::cli::error::kind::ExitKind;
use crate::market::auth::ClientError;
use crate::market::change::ChangeError;
use crate::market::credential::CredentialError;
use crate::market::http::{HttpError, Interception, ProxyError, ProxyRefusal};
use crate::market::model::{Action, Resource};
use crate::market::reason::ServerReason;
use crate::market::rest::RestError;
use crate::market::web::WebError;
use crate::sandbox::SandboxError;
use crate::shell;
use crate::tcp::http::is_passing;

pub fn device_credential(error: &CredentialError) -> Policy {
    use CredentialError as E;
    match error {
        E::Mangled { .. } => {
            let remedy = "leave --plain-password out: a hash made here is registered, and any text works";
            filled(ExitKind::Refused, entry!("password-mangled"), remedy)
        }
        E::Unstorable { .. } => {
            let remedy = "leave --plain-password out: a hash made here is registered, and any text works";
            filled(ExitKind::Data, entry!("credential-refused"), remedy)
        }
        E::KeyTooLong { .. } => with(ExitKind::Data, entry!("key-too-long")),
        E::TooShort(_) | E::TooLong(_) => with(ExitKind::Data, entry!("password-length")),
        _ => with(ExitKind::Data, entry!("credential-refused")),
    }
}

pub fn change(error: &ChangeError) -> Policy {
    use ChangeError as E;
    match error {
        E::Client(e) => access(e),
        E::HubUnknown { .. } => with(ExitKind::Data, entry!("hub-unknown")),
        E::HubOfAnother { wanted, .. } => filled(
            ExitKind::Refused,
            entry!("not-yours"),
            format!("log in as its owner with `{{i3}} login --user {}`, or name a hub of your own", wanted.user()),
        ),
        E::HubOtherCase { .. } | E::HubAmbiguous { .. } => with(ExitKind::Data, entry!("hub-other-case")),
        E::Missing { resource: Resource::Product, name, similar, others }
            if similar.is_empty() && !others.is_empty() && name.matches('/').count() < 2 =>
        {
            filled(ExitKind::Data, entry!("name-not-found"), "give the whole topic: USER/HUB/PRODUCT")
        }
        E::Missing { resource: Resource::Product, similar, .. } if similar.is_empty() => {
            filled(ExitKind::Data, entry!("name-not-found"), "`{i3} product list` shows what exists")
        }
        E::Missing { similar, .. } if !similar.is_empty() => {
            filled(ExitKind::Data, entry!("name-not-found"), "give the name as it is shown")
        }
        E::Missing { resource, .. } => {
            filled(ExitKind::Data, entry!("name-not-found"), format!("`{{i3}} {resource} list` shows what exists"))
        }
        E::Exists { resource: Resource::Device, .. } | E::TakenMeanwhile { resource: Resource::Device, .. } => {
            with(ExitKind::Refused, entry!("device-exists"))
        }
        E::Exists { resource: Resource::Hub, .. } | E::TakenMeanwhile { resource: Resource::Hub, .. } => {
            with(ExitKind::Refused, entry!("hub-exists"))
        }
        E::IsThere { name, .. } => {
            let topic = shell::quoted(name);
            let remedy = format!(
                "see it with `{{i3}} product show {topic}`; if its messages do not arrive, run `{{i3}} product repair {topic}`; a second \
                 product needs another name"
            );
            filled(ExitKind::Refused, entry!("product-exists"), remedy)
        }
        E::Exists { resource: Resource::Product, .. } | E::TakenMeanwhile { resource: Resource::Product, .. } => {
            with(ExitKind::Refused, entry!("product-exists"))
        }
        E::Unknown { resource: Resource::Device, action: Action::Created, .. } => {
            with(ExitKind::TryAgain, entry!("registration-unknown"))
        }
        E::Unknown { resource, .. } => {
            let remedy = format!("see `{{i3}} {resource} list` before anything else, then try again");
            filled(ExitKind::TryAgain, entry!("change-unknown"), remedy)
        }
        E::Unproved { .. } => {
            filled(ExitKind::TryAgain, entry!("change-unknown"), "try again: the same is saved once more")
        }
        E::Doubled { resource: Resource::Device, name, .. } => {
            let remedy = format!(
                "run `{{i3}} device repair {}`, which deletes all of them and registers one again",
                shell::quoted(name)
            );
            filled(ExitKind::Refused, entry!("device-doubled"), remedy)
        }
        E::HalfDeleted { name, .. } => {
            let remedy =
                format!("run `{{i3}} device delete {}` again when the marketplace's mail is back", shell::quoted(name));
            filled(ExitKind::TryAgain, entry!("device-half-deleted"), remedy)
        }
        E::NotYours { .. } => with(ExitKind::Refused, entry!("not-yours")),
        E::Doubled { resource: Resource::Product, rows, .. } => {
            let ids: Vec<String> = rows.iter().filter_map(|row| Some(row.id?.to_string())).collect();
            filled(ExitKind::Refused, entry!("duplicate-name"), format!("choose one with --id: {}", ids.join(" or ")))
        }
        E::Doubled { .. } => with(ExitKind::Refused, entry!("duplicate-name")),
        E::BrokeDown { reason: Some(reason), .. } if reason.is_database_down() => {
            with(ExitKind::TryAgain, entry!("database-down"))
        }
        E::LostNothingDone { source, .. } => {
            after(with(ExitKind::TryAgain, entry!("nothing-done")), source.retry_after())
        }
        E::BrokeDown { .. } => with(ExitKind::TryAgain, entry!("nothing-done")),
        E::RedirectedBack { .. } => {
            filled(ExitKind::Refused, entry!("form-redirect"), "see `{i3} hub list` and `{i3} product list`")
        }
        E::FormRefused { resource: Resource::Hub, .. } => {
            filled(ExitKind::Refused, entry!("form-blank"), "see `{i3} hub list` for the names that are taken")
        }
        E::FormRefused { .. } | E::Rejected { .. } => with(ExitKind::Refused, entry!("form-blank")),
        E::UnexpectedAnswer { .. } => with(ExitKind::Config, entry!("not-a-marketplace")),
        E::AcceptedButMissing { .. } => with(ExitKind::Other, entry!("accepted-but-missing")),
    }
}

pub fn access(error: &ClientError) -> Policy {
    match error {
        ClientError::NeedsLogIn(_) => filled(
            ExitKind::Config,
            entry!("market-access-missing"),
            "log in with `{i3} login`, or give --user and --login-password-file",
        ),
        ClientError::NoCredentials { .. } | ClientError::NoKey => {
            with(ExitKind::Config, entry!("market-access-missing"))
        }
        ClientError::SessionEnded { .. } => {
            filled(ExitKind::Refused, entry!("session-expired"), "log in again with `{i3} login`")
        }
        ClientError::Web(e) => web(e),
        ClientError::Rest(e) => rest(e),
    }
}

pub fn web(error: &WebError) -> Policy {
    match error {
        WebError::Http(e) => http(e),
        WebError::CredentialsRefused { .. } => with(ExitKind::Refused, entry!("market-log-in-refused")),
        WebError::CsrfRefused(_) => with(ExitKind::TryAgain, entry!("csrf-refused")),
        WebError::SessionExpired(_) => with(ExitKind::TryAgain, entry!("session-expired")),
        WebError::HostRefused { .. } => with(ExitKind::Config, entry!("host-refused")),
        WebError::NotYours(_) => with(ExitKind::Refused, entry!("not-yours")),
        WebError::NotFound(_) => with(ExitKind::Config, entry!("not-a-marketplace")),
        WebError::Page(_) => with(ExitKind::Config, entry!("not-a-marketplace")),
        WebError::ServerError { status, reason, .. } => broke_down(*status, reason.as_ref()),
        WebError::Unexpected { .. } => with(ExitKind::Config, entry!("not-a-marketplace")),
    }
}

pub fn rest(error: &RestError) -> Policy {
    match error {
        RestError::Http(e) => http(e),
        RestError::FormsOnly { .. } => with(ExitKind::Config, entry!("rest-missing")),
        RestError::Gone { .. } => {
            filled(ExitKind::Data, entry!("nothing-of-that-number"), "`{i3} device list` shows what exists")
        }
        RestError::KeyRefused { .. } => with(ExitKind::Refused, entry!("api-key-refused")),
        RestError::KeyUnusable => {
            filled(ExitKind::Data, entry!("api-key-refused"), "check what I3_API_KEY or --api-key-file holds")
        }
        RestError::HostRefused { .. } => with(ExitKind::Config, entry!("host-refused")),
        RestError::Rejected { .. } => with(ExitKind::Refused, entry!("values")),
        RestError::ServerError { status, reason, .. } => broke_down(*status, reason.as_ref()),
        RestError::Unexpected { .. } | RestError::Shape { .. } => with(ExitKind::Config, entry!("not-a-marketplace")),
    }
}

pub fn broke_down(status: u16, reason: Option<&ServerReason>) -> Policy {
    match status {
        _ if reason.is_some_and(ServerReason::is_database_down) => with(ExitKind::TryAgain, entry!("database-down")),
        502..=504 => with(ExitKind::TryAgain, entry!("gateway")),
        _ => with(ExitKind::TryAgain, entry!("market-broke-down")),
    }
}

pub fn http(error: &HttpError) -> Policy {
    match error {
        HttpError::Tls(e) => local::tls(e),
        HttpError::Handshake { source, .. } => handshake(source.as_ref()),
        HttpError::Proxy(ProxyError { variable, .. }) => filled(
            ExitKind::Config,
            entry!("market-proxy"),
            format!(
                "write {variable} as http://USER:PASSWORD@HOST:PORT, with other characters than letters and digits as %XX, \
                 unset it, or list the marketplace's host in no_proxy"
            ),
        ),
        HttpError::ProxyUnreachable { proxy, .. } => filled(
            ExitKind::TryAgain,
            entry!("proxy-unreachable"),
            format!(
                "check {}, or list the marketplace's host in no_proxy if it can be reached without the proxy",
                proxy.variable
            ),
        ),
        HttpError::ProxyRefused { why, proxy, .. } => proxy_refused(why, proxy.variable),
        HttpError::Intercepted { interception, .. } => intercepted(interception),
        HttpError::Resolve { .. } => with(ExitKind::TryAgain, entry!("host-unknown")),
        HttpError::TooLarge { .. } => with(ExitKind::Data, entry!("page-too-large")),
        HttpError::TooLong { .. } => filled(
            ExitKind::TryAgain,
            entry!("page-too-large"),
            "give --timeout more, and run `{i3} notifications archive --all`, which makes every page short",
        ),
        HttpError::TimeUsedUp { .. } => filled(
            ExitKind::TryAgain,
            entry!("market-limits"),
            "try again with a longer --deadline, such as --deadline 30m",
        ),
        HttpError::BytesUsedUp { .. } => filled(
            ExitKind::Data,
            entry!("market-limits"),
            "give a larger --max-download, or run `{i3} notifications archive --all`, which makes every page short",
        ),
        HttpError::NotHttp { .. } => with(ExitKind::Config, entry!("not-a-marketplace")),
        _ => with(ExitKind::TryAgain, entry!("market-unreachable")),
    }
}

fn proxy_refused(why: &ProxyRefusal, variable: &str) -> Policy {
    const ENTRY: &Entry = entry!("proxy-refused");
    match why {
        ProxyRefusal::Status(401 | 407) => filled(
            ExitKind::Config,
            ENTRY,
            format!(
                "write the proxy's user and password into {variable}: http://USER:PASSWORD@HOST:PORT, with other \
                 characters than letters and digits as %XX"
            ),
        ),
        // The problem is behind the proxy.
        ProxyRefusal::Status(status @ 400..=499) if !is_passing(*status) => filled(
            ExitKind::Config,
            ENTRY,
            "ask whoever runs the proxy to let the marketplace's host and port through, or list the host in no_proxy if it \
             can be reached without the proxy",
        ),
        ProxyRefusal::ClientCertificate => filled(
            ExitKind::Config,
            ENTRY,
            format!("set {variable} to a proxy that needs no client certificate: --cert is for the marketplace"),
        ),
        ProxyRefusal::Strange => filled(
            ExitKind::Config,
            ENTRY,
            format!("check the scheme and the port in {variable}: a proxy of another kind may listen there"),
        ),
        ProxyRefusal::Status(_) | ProxyRefusal::Closed | ProxyRefusal::Socks(_) => filled(
            ExitKind::TryAgain,
            ENTRY,
            "try again later; the proxy does not reach the marketplace, or does not let its host and port through",
        ),
    }
}

/// Something in front of the marketplace has answered instead of it.
fn intercepted(interception: &Interception) -> Policy {
    match interception {
        Interception::Moved { to, .. } => {
            filled(ExitKind::Config, entry!("market-moved"), format!("give --market {to} from now on"))
        }
        Interception::Below { to, .. } => filled(
            ExitKind::Config,
            entry!("market-moved"),
            format!("give --market {}, if the marketplace is below that path", shell::quoted(to)),
        ),
        Interception::NeedsTls { instead } => {
            filled(ExitKind::Config, entry!("market-scheme"), format!("give --market {instead}"))
        }
        Interception::SpeaksPlain { instead } => filled(
            ExitKind::Config,
            entry!("market-scheme"),
            format!("check the port; give --market {instead} only if the marketplace really has no TLS there"),
        ),
        Interception::Elsewhere { .. } | Interception::Foreign { .. } => {
            with(ExitKind::Config, entry!("not-a-marketplace"))
        }
        Interception::Forbidden { .. } => with(ExitKind::Refused, entry!("market-firewall")),
        Interception::CookieLost => with(ExitKind::Config, entry!("cookie-lost")),
        Interception::TooLong => with(ExitKind::Data, entry!("request-too-long")),
        Interception::Busy { wait: Some(wait), .. } => {
            let remedy = come_back(*wait, "the marketplace");
            after(filled(ExitKind::TryAgain, entry!("market-busy"), remedy), Some(*wait))
        }
        Interception::Busy { wait: None, .. } => with(ExitKind::TryAgain, entry!("market-busy")),
    }
}

pub fn sandbox(error: &SandboxError) -> Policy {
    match error {
        SandboxError::Listen { .. } => {
            filled(ExitKind::CannotCreate, entry!("sandbox"), "choose another port, or 0 for any free one")
        }
        SandboxError::State { .. } | SandboxError::Unseeded { .. } => {
            filled(ExitKind::Config, entry!("sandbox"), "name another file with --state")
        }
        _ => with(ExitKind::Other, entry!("sandbox")),
    }
}
