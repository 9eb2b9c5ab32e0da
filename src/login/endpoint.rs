//! The broker to log in at: the marketplace's host if none is named, and TLS if the address requires it.

use crate::broker_url::BrokerUrl;
use crate::config::Config;
use crate::market_url::MarketUrl;
use crate::mqtt::connection::{BrokerRoute, Endpoint};
use crate::name::DeviceName;
use crate::tls::{self, ClientTls, Roots, TlsError, Verification};

/// Returns the broker of a marketplace if none is named: the same host, without TLS.
pub fn default_broker(market: &MarketUrl) -> BrokerUrl {
    BrokerUrl::plain(market.host(), BrokerUrl::PLAIN_PORT)
}

/// Returns the broker that the configuration says a device belongs to: its own, the general one, otherwise its
/// marketplace's. Variables that name another are ignored.
pub fn configured_broker(config: &Config, device: &DeviceName) -> Option<BrokerUrl> {
    let known = config.device(device);
    let own = known.and_then(|known| known.broker.clone());
    let market = known.and_then(|known| known.market.as_deref());
    match own.or_else(|| Some(config.general_broker(market)?.value)) {
        Some(broker) => broker.parse().ok(),
        None => Some(default_broker(&config.market_of(Some(device))?.value.parse().ok()?)),
    }
}

/// How a connection to a broker is made, besides its address: which certificates are trusted, and by which route.
#[derive(Debug, Clone, Default)]
pub struct ConnectionSettings {
    pub roots: Roots,
    pub verification: Verification,
    pub tls: ClientTls,
    pub route: BrokerRoute,
}

/// Prepares a connection to `url`, with TLS if it requires it.
///
/// # Errors
/// [`TlsError`]: certificates that cannot be read.
pub fn endpoint(url: BrokerUrl, settings: &ConnectionSettings) -> Result<Endpoint, TlsError> {
    let ConnectionSettings { roots, verification, tls, route } = settings;
    let tls = url.tls.then(|| tls::client_config_with(roots, *verification, tls)).transpose()?;
    Ok(Endpoint { url, tls, route: route.clone() })
}
