//! Options of every command that names a broker: its proxy, and the settings of its TLS and its WebSocket.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

use super::error::{CliError, ExitKind};
use super::intake;
use super::ui::Ui;
use crate::authority;
use crate::catalogue::entry;
use crate::config::{Config, env};
use crate::guard::source::{self, Content};
use crate::mqtt::connection::{BrokerRoute, Headers};
use crate::secret::Secret;
use crate::tcp::Proxy;

/// Fields of the request that the handshake itself sets, or that would give it a body.
const OWN: [&str; 5] = ["connection", "upgrade", "content-length", "transfer-encoding", "expect"];

/// The route to the broker.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Broker")]
pub struct BrokerRouteArgs {
    /// Connect to the broker through this proxy: socks5h://HOST[:PORT], or http://HOST:PORT, which must allow CONNECT
    /// [env: I3_PROXY]
    #[arg(long, value_name = "URL")]
    proxy: Option<OsString>,
    /// Connect from this local address, or from the address of this local host name
    #[arg(short = 'A', long, value_name = "ADDRESS")]
    bind_address: Option<String>,
    /// Expect the broker's certificate to be for NAME instead of for the host
    #[arg(long, value_name = "NAME")]
    tls_server_name: Option<String>,
    /// Ask the broker for this protocol over TLS (ALPN), such as mqtt
    #[arg(long, value_name = "PROTOCOL")]
    pub tls_alpn: Option<String>,
    /// Send this header field with the handshake of a WebSocket; other users of this machine can read it
    #[arg(long, value_name = "NAME: VALUE")]
    ws_header: Vec<OsString>,
    /// Send the header fields in FILE with it, one NAME: VALUE in each line
    #[arg(long, value_name = "FILE")]
    ws_header_file: Option<PathBuf>,
}

impl BrokerRouteArgs {
    /// Returns an option that was given but is meaningless without TLS.
    pub fn given_for_tls(&self) -> Option<&'static str> {
        let server_name = self.tls_server_name.as_ref().map(|_| "--tls-server-name");
        server_name.or_else(|| self.tls_alpn.as_ref().map(|_| "--tls-alpn"))
    }

    /// Returns an option that was given but is meaningless without WebSocket.
    pub fn given_for_websocket(&self) -> Option<&'static str> {
        let file = self.ws_header_file.as_ref().map(|_| "--ws-header-file");
        file.or_else(|| (!self.ws_header.is_empty()).then_some("--ws-header"))
    }

    /// Returns an option that makes this route differ from that of the configuration.
    pub fn given(&self) -> Option<&'static str> {
        let proxy = self.proxy.as_ref().map(|_| "--proxy");
        let bind = self.bind_address.as_ref().map(|_| "--bind-address");
        proxy.or(bind).or_else(|| self.given_for_tls()).or_else(|| self.given_for_websocket())
    }

    /// Returns the route that options, environment and configuration describe. `http_proxy`, `https_proxy` and `all_proxy` do
    /// not count: they are meant for the web.
    ///
    /// # Errors
    /// An invalid proxy, name or header field, or a file that cannot be read.
    pub fn route(&self, ui: &Ui, config: &Config) -> anyhow::Result<BrokerRoute> {
        let server_name = self.tls_server_name.as_ref().map(|name| {
            let ascii = authority::canonical(name).unwrap_or_else(|_| name.clone());
            ServerName::try_from(ascii).map_err(|_| {
                CliError::new(ExitKind::Usage, "--tls-server-name is neither a host name nor an address")
                    .hint("write the name as the certificate has it, without a scheme and a port")
            })
        });
        Ok(BrokerRoute {
            proxy: self.proxy(ui, config)?,
            proxies_loopback: self.proxy.is_some(),
            server_name: server_name.transpose()?,
            headers: self.headers(ui, config)?,
            bind: self.bind_address.clone(),
        })
    }

    /// Returns the proxy of the route, as [`BrokerRouteArgs::route`] does.
    ///
    /// # Errors
    /// As [`BrokerRouteArgs::route`].
    pub fn proxy(&self, ui: &Ui, config: &Config) -> anyhow::Result<Option<Proxy>> {
        if let Some(text) = &self.proxy {
            return Ok(Some(intake::admit(ui, source::option(text, Content::Key)?).expose().parse()?));
        }
        let configured = config.proxy();
        let comes_first = configured.as_ref().is_some_and(|setting| config.is_of_choice(setting));
        let variable = if comes_first { None } else { intake::variable(ui, env::PROXY, Content::Key)? };
        if let Some(text) = variable.filter(|text| !text.expose().is_empty()) {
            return Ok(Some(text.expose().parse()?));
        }
        configured.map(|setting| configured_proxy(&setting.value)).transpose()
    }

    fn headers(&self, ui: &Ui, config: &Config) -> anyhow::Result<Headers> {
        let mut headers = Vec::new();
        let file = self.ws_header_file.clone().or_else(|| config.ws_header_file().map(|file| file.value));
        if let Some(path) = file {
            headers = headers_in(&intake::file(ui, &path, Content::Text, || Ok(None))?)?;
        }
        for text in &self.ws_header {
            headers.push(header(intake::admit(ui, source::option(text, Content::Text)?).expose())?);
        }
        Ok(headers)
    }
}

/// Reads a proxy's address as a configuration may hold it: without a password, which such a file never holds.
///
/// # Errors
/// It is not such an address.
pub fn configured_proxy(text: &str) -> anyhow::Result<Proxy> {
    let proxy: Proxy = text.parse()?;
    if proxy.has_user() {
        return Err(CliError::new(ExitKind::Config, "the configuration has a user or a password for the proxy")
            .because("a configuration holds no secret")
            .hint_of(entry!("broker-proxy"), "leave them out there, and give the whole address in I3_PROXY")
            .into());
    }
    Ok(proxy)
}

/// Reads the header fields of a file; empty lines and those that begin with `#` are left out.
///
/// # Errors
/// An invalid line.
pub fn headers_in(text: &Secret) -> anyhow::Result<Headers> {
    let lines = text.expose().lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(header).collect()
}

/// Reads `Name: value`. No error repeats any of it.
fn header(text: &str) -> anyhow::Result<(HeaderName, HeaderValue)> {
    let unusable = |why: &str| {
        CliError::new(ExitKind::Usage, "a header field for the WebSocket cannot be used")
            .because(why)
            .hint("write NAME: VALUE, such as 'Origin: https://i3.example'")
    };
    let (name, value) = text.split_once(':').ok_or_else(|| unusable("it has no colon"))?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| unusable("its name is not valid"))?;
    if OWN.contains(&name.as_str()) || name.as_str().starts_with("sec-websocket-") {
        return Err(unusable("it is a field of the handshake itself").into());
    }
    let mut value = HeaderValue::from_str(value.trim()).map_err(|_| unusable("its value has control characters"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_fields_are_read_and_never_shown() {
        let text = Secret::new("# for the firewall\nAuthorization: Bearer hunter2\n\n X-Site :7\n");
        let headers = headers_in(&text).unwrap();
        let read: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(read, [("authorization", "Bearer hunter2"), ("x-site", "7")]);
        assert!(!format!("{headers:?}").contains("hunter2"));
        for wrong in
            ["hunter2", "hun ter2: x", ": hunter2", "Upgrade: hunter2", "Sec-WebSocket-Key: hunter2", "X: hunter2\u{1}"]
        {
            let error = headers_in(&Secret::new(wrong)).unwrap_err();
            assert!(!format!("{error:#} {error:?}").contains("hunter2"), "{wrong}");
        }
    }
}
