//! The tables of the file as written in it.

use std::path::PathBuf;

use serde::Deserialize;

/// The configuration of an `i3 gateway`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlanFile {
    /// Keep messages that can never be delivered in this file, as lines of JSON with the reason, which `i3 pub --jsonl` publishes later. Without it they are kept in
    /// the state folder.
    pub rejects: Option<PathBuf>,
    /// Where messages come from.
    #[serde(default)]
    pub source: Vec<SourceTable>,
    /// Which messages are published, by which device, and as what.
    #[serde(default)]
    pub route: Vec<RouteTable>,
}

/// An MQTT broker, or a stream of NATS JetStream.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SourceTable {
    /// The name that routes use.
    pub name: String,
    /// `mqtt://HOST[:PORT]`, `mqtts://` for TLS, `ws://` or `wss://HOST[:PORT][/PATH]` for WebSocket; or `nats://HOST[:PORT]`, `tls://` for TLS, several with commas
    /// between them.
    pub url: String,
    /// Log in with this user name.
    pub user: Option<String>,
    /// Log in with the password in this file.
    pub password_file: Option<PathBuf>,
    /// Trust the certificates in this file instead of the system's.
    pub cafile: Option<PathBuf>,
    /// Accept any certificate.
    pub insecure: Option<bool>,
    /// Present the client certificate in this file.
    pub cert: Option<PathBuf>,
    /// Use the key in this file for it, if it is not in the same one.
    pub cert_key: Option<PathBuf>,
    /// MQTT: reach the broker through this proxy: `socks5h://HOST[:PORT]`, or `http://HOST:PORT`. No other setting
    /// applies to a source.
    pub proxy: Option<String>,
    /// MQTT: send the header fields in this file with the handshake of a WebSocket.
    pub ws_header_file: Option<PathBuf>,
    /// MQTT: use this version.
    pub version: Option<VersionText>,
    /// MQTT: the client ids of the gateway's sessions begin with this text.
    pub client_id: Option<String>,
    /// MQTT 5: share the messages with other gateways that name the same group.
    pub share: Option<String>,
    /// MQTT: subscribe with this quality of service, 0, 1 or 2.
    #[cfg_attr(test, schemars(range(max = 2)))]
    pub qos: Option<u8>,
    /// MQTT: also take messages that the broker retained from before the subscription.
    pub retained: Option<bool>,
    /// NATS: log in with the token in this file, at servers that require one instead of a user.
    pub token_file: Option<PathBuf>,
    /// NATS: the name of the stream.
    pub stream: Option<String>,
    /// NATS: the name of the durable consumer, which all gateways that name it share.
    pub durable: Option<String>,
    /// NATS: publish messages that can never be delivered to this subject, which no route of the source takes, instead of keeping
    /// them in a file.
    pub rejects: Option<String>,
}

/// A version of MQTT.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum VersionText {
    #[serde(rename = "3.1.1")]
    V311,
    #[serde(rename = "5")]
    V5,
}

/// Messages of a source, and what is published.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RouteTable {
    /// The name of the source.
    pub from: String,
    /// The messages: an MQTT filter with + and #, or a NATS subject with * and >.
    #[serde(rename = "match")]
    pub matches: String,
    /// The device that publishes, by its full or short name. With {1}, as in bay{1}, this is a route for each configured
    /// device that matches: the first wildcard then matches the corresponding part of its name.
    pub device: String,
    /// The I3 topic, USER/HUB/PRODUCT; {1} stands for what the first wildcard matched.
    pub topic: String,
    /// At most this many messages per second, minute or hour: 10/s, 30/m.
    pub max_rate: Option<String>,
    /// Publish only this field of the JSON payload: .value, .lots[0].free.
    pub payload: Option<String>,
    /// Put the time at which the message was received into this field of the JSON payload: json:FIELD.
    pub stamp: Option<String>,
    /// Have I3's broker retain the last message of the topic.
    pub retain: Option<bool>,
}
