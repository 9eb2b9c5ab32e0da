//! The keys of a config file: their values and purpose, and the variable that takes precedence.

use std::fmt;

use super::env;
use crate::name::DeviceName;

/// The kind of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingType {
    /// The marketplace's URL.
    Market,
    /// The broker's URL.
    Broker,
    /// The seller's name.
    User,
    /// A device's name, full or short.
    Device,
    /// The path of a file with certificates.
    Certificates,
    /// The path of a folder with such files.
    CertificateFolder,
    /// The path of a file with the client's certificate.
    ClientCertificate,
    /// The path of a 0600 file with its key.
    ClientKey,
    /// A version of TLS.
    TlsVersion,
    /// The URL of a proxy, without a password.
    Proxy,
    /// The path of a 0600 file with header fields.
    HeaderFile,
    /// The path of a 0600 file with an API key.
    ApiKeyFile,
    /// The path of a private key.
    KeyFile,
    /// The path of a 0600 file with a device's password.
    PasswordFile,
    /// `true` or `false`.
    Switch,
}

impl SettingType {
    /// Returns the placeholder for the value in a text.
    pub fn value_name(self) -> &'static str {
        match self {
            SettingType::Market | SettingType::Broker | SettingType::Proxy => "URL",
            SettingType::User | SettingType::Device => "NAME",
            SettingType::Certificates
            | SettingType::ClientCertificate
            | SettingType::ClientKey
            | SettingType::HeaderFile => "FILE",
            SettingType::ApiKeyFile | SettingType::KeyFile | SettingType::PasswordFile => "FILE",
            SettingType::CertificateFolder => "DIR",
            SettingType::TlsVersion => "tlsv1.2|tlsv1.3",
            SettingType::Switch => "true|false",
        }
    }

    /// Whether the value is the path of a file.
    pub fn is_path(self) -> bool {
        matches!(self.value_name(), "FILE" | "DIR")
    }
}

/// A key of the file, with its description in the manual.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingKey {
    pub name: &'static str,
    pub kind: SettingType,
    /// The environment variable that takes precedence over it.
    pub variable: Option<&'static str>,
    pub about: &'static str,
}

pub static MARKET: SettingKey = SettingKey {
    name: "market",
    kind: SettingType::Market,
    variable: Some(env::MARKET),
    about: "The marketplace: http://HOST[:PORT] or https://HOST[:PORT].",
};
pub static BROKER: SettingKey = SettingKey {
    name: "broker",
    kind: SettingType::Broker,
    variable: Some(env::BROKER),
    about: "The broker: mqtt://HOST[:PORT], mqtts:// for TLS, ws:// or wss://HOST[:PORT][/PATH] for WebSocket. Without it, port 1883 on the marketplace's host. Devices without \
            a broker of their own use it.",
};
pub static USER: SettingKey = SettingKey {
    name: "user",
    kind: SettingType::User,
    variable: Some(env::USER),
    about: "The seller's user name at the marketplace.",
};
pub static DEVICE: SettingKey = SettingKey {
    name: "device",
    kind: SettingType::Device,
    variable: Some(env::DEVICE),
    about: "The device, by its full or short name, where a command names none. It is not needed if only one device is configured.",
};
pub static CAFILE: SettingKey = SettingKey {
    name: "cafile",
    kind: SettingType::Certificates,
    variable: None,
    about: "Trust the certificates in this file (PEM or DER) instead of the system's, for the marketplace and the broker.",
};
pub static CAPATH: SettingKey = SettingKey {
    name: "capath",
    kind: SettingType::CertificateFolder,
    variable: None,
    about: "Trust the certificates in the files of this folder (PEM or DER), besides those of cafile, for the marketplace and the broker.",
};
pub static CERT: SettingKey = SettingKey {
    name: "cert",
    kind: SettingType::ClientCertificate,
    variable: None,
    about: "Present the client certificate in this file (PEM or DER) to a marketplace or broker that asks for one.",
};
pub static CERT_KEY: SettingKey = SettingKey {
    name: "cert_key",
    kind: SettingType::ClientKey,
    variable: None,
    about: "The key of the client certificate, if it is not in the same file: a file which only its owner can read. Never a \
            device's key.",
};
pub static TLS_VERSION: SettingKey = SettingKey {
    name: "tls_version",
    kind: SettingType::TlsVersion,
    variable: None,
    about: "Use only this version of TLS.",
};
pub static PROXY: SettingKey = SettingKey {
    name: "proxy",
    kind: SettingType::Proxy,
    variable: Some(env::PROXY),
    about: "Reach brokers on other machines through this proxy: socks5h://HOST[:PORT], or http://HOST:PORT, which must allow CONNECT. \
            Give a user and a password only in the variable. The marketplace's proxies are those of the variables http_proxy, \
            https_proxy, all_proxy and no_proxy.",
};
pub static WS_HEADER_FILE: SettingKey = SettingKey {
    name: "ws_header_file",
    kind: SettingType::HeaderFile,
    variable: None,
    about: "A file with header fields for the handshake of a broker's WebSocket, one NAME: VALUE in each line, which only its \
            owner can read.",
};
pub static API_KEY_FILE: SettingKey = SettingKey {
    name: "api_key_file",
    kind: SettingType::ApiKeyFile,
    variable: None,
    about: "A file with the seller's API key, which only its owner can read.",
};
pub static ACCEPT_PLAIN: SettingKey = SettingKey {
    name: "accept_plain",
    kind: SettingType::Switch,
    variable: None,
    about: "With true, there is no warning about unencrypted connections to other machines.",
};

/// The keys outside all tables.
pub static SETTINGS: [&SettingKey; 13] = [
    &MARKET,
    &BROKER,
    &USER,
    &DEVICE,
    &CAFILE,
    &CAPATH,
    &CERT,
    &CERT_KEY,
    &TLS_VERSION,
    &PROXY,
    &WS_HEADER_FILE,
    &API_KEY_FILE,
    &ACCEPT_PLAIN,
];

/// The keys of a device's table.
pub static DEVICE_SETTINGS: [SettingKey; 4] = [
    SettingKey {
        name: "market",
        kind: SettingType::Market,
        variable: None,
        about: "The marketplace that the device is registered with.",
    },
    SettingKey {
        name: "broker",
        kind: SettingType::Broker,
        variable: None,
        about: "A broker of the device's own. Without it the device uses the key broker outside the tables.",
    },
    SettingKey {
        name: "key",
        kind: SettingType::KeyFile,
        variable: None,
        about: "The private key that the device was registered with: a file which only its owner can read, or the PKCS#11 URI \
                of a key on a token (docs/hardware-keys.md).",
    },
    SettingKey {
        name: "password_file",
        kind: SettingType::PasswordFile,
        variable: None,
        about: "A file with the device's password, which only its owner can read.",
    },
];

/// Secrets, under the names that a user may try, and the variables for them. The file holds none.
pub const SECRETS: [(&str, &str); 4] = [
    ("api_key", env::API_KEY),
    ("login_password", env::LOGIN_PASSWORD),
    ("password", env::PASSWORD),
    ("buyer_password", env::BUYER_PASSWORD),
];

/// A key as used by `i3 config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    General(&'static SettingKey),
    Device(DeviceName, &'static SettingKey),
}

impl Key {
    /// Returns its definition.
    pub fn setting(&self) -> &'static SettingKey {
        match self {
            Key::General(key) | Key::Device(_, key) => key,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::General(key) => f.write_str(key.name),
            Key::Device(device, key) => write!(f, "devices.\"{device}\".{}", key.name),
        }
    }
}

/// Returns the key outside all tables with this name.
pub fn general(name: &str) -> Option<&'static SettingKey> {
    SETTINGS.into_iter().find(|key| key.name == name)
}

/// Returns the key of a device's table.
pub fn of_device(name: &str) -> Option<&'static SettingKey> {
    DEVICE_SETTINGS.iter().find(|key| key.name == name)
}
