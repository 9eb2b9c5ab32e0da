//! The broker to log in at: the marketplace's host where none is named, and TLS where the address asks for it.

use crate::broker_url::BrokerUrl;
use crate::market_url::MarketUrl;
use crate::mqtt::connection::Endpoint;
use crate::tls::{self, Roots, TlsError, Verification};

/// Returns the broker of a marketplace where none is named: the same host, without TLS.
pub fn default_broker(market: &MarketUrl) -> BrokerUrl {
    BrokerUrl { tls: false, host: market.host().into(), port: BrokerUrl::PLAIN_PORT }
}

/// Prepares a connection to `url`, with TLS if it asks for it.
///
/// # Errors
/// [`TlsError`]: certificates that cannot be read.
pub fn endpoint(url: BrokerUrl, roots: &Roots, verification: Verification) -> Result<Endpoint, TlsError> {
    let tls = url.tls.then(|| tls::client_config(roots, verification)).transpose()?;
    Ok(Endpoint { url, tls })
}
