//! Packets in the form that both protocol versions share.

use bytes::Bytes;
use rumqttc::mqttbytes::QoS;

use crate::mqtt::reason::{Reason, Said};

/// Largest packet that MQTT can frame: four length bytes of seven bits (MQTT 3.1.1 §2.2.3).
pub const MAX_PACKET: usize = 268_435_455;

/// Largest packet accepted from a broker before it has accepted the log-in, and the largest of any kind except PUBLISH after
/// it, in bytes. The longest that a broker has reason to send answers a SUBSCRIBE of thousands of topics with a byte for each.
pub const MAX_CONTROL: usize = 64 * 1024;

/// How long an MQTT 5 broker should keep a session whose connection has ended, in seconds: a day. In 3.1.1 there
/// is no such limit.
pub const SESSION_KEPT: u32 = 86_400;

/// Protocol version of one connection, fixed by its CONNECT packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// MQTT 3.1.1, protocol level 4: what every I3 broker speaks.
    V311,
    /// MQTT 5, protocol level 5: answered with CONNACK 1 by the released I3 broker (I3 facts §4).
    V5,
}

/// CONNECT (MQTT 3.1.1 §3.1). A user name or password that is empty is left out on the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect {
    pub client_id: String,
    /// The session starts clean and ends with the connection. Otherwise the broker resumes the session of this client id
    /// and keeps it, in MQTT 5 for [`SESSION_KEPT`].
    pub clean: bool,
    /// Seconds; 0 turns the keep-alive off.
    pub keep_alive: u16,
    pub user_name: String,
    pub password: String,
    /// MQTT 5: largest packet that the client accepts, in bytes; written, never read.
    pub max_packet: Option<u32>,
    pub will: Option<Publish>,
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect")
            .field("client_id", &self.client_id)
            .field("clean", &self.clean)
            .field("keep_alive", &self.keep_alive)
            .field("user_name", &self.user_name)
            .finish_non_exhaustive()
    }
}

/// CONNACK. `code` is 0..=5 in 3.1.1 (§3.2.2.3) and a reason code in MQTT 5. The broker's limits are read, never written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnAck {
    pub session_present: bool,
    pub code: u8,
    /// MQTT 5: unacknowledged QoS 1 and 2 messages that the broker accepts at once.
    pub receive_maximum: Option<u16>,
    /// MQTT 5: largest packet that the broker accepts, in bytes.
    pub max_packet: Option<u32>,
    /// MQTT 5: largest QoS that the broker accepts, 0 or 1; 2 if it does not say (§3.2.2.3.4).
    pub max_qos: Option<u8>,
    /// MQTT 5: whether the broker accepts retained messages; it does if it does not say (§3.2.2.3.5).
    pub retain_available: Option<bool>,
    /// MQTT 5: seconds; overrides what the client requested.
    pub server_keep_alive: Option<u16>,
    /// MQTT 5: the client id that the broker assigned in place of an empty one (§3.2.2.3.7).
    pub assigned_client_id: Option<String>,
    /// MQTT 5: the broker's text with its code.
    pub said: Said,
}

impl ConnAck {
    /// Returns an answer with only `code`.
    pub fn new(code: u8) -> ConnAck {
        ConnAck {
            session_present: false,
            code,
            receive_maximum: None,
            max_packet: None,
            max_qos: None,
            retain_available: None,
            server_keep_alive: None,
            assigned_client_id: None,
            said: Said::default(),
        }
    }
}

/// PUBLISH (MQTT 3.1.1 §3.3). `id` is 0 at QoS 0 and never 0 above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    pub topic: String,
    pub payload: Bytes,
    pub qos: QoS,
    pub retain: bool,
    pub dup: bool,
    pub id: u16,
}

/// The four acknowledgements of a PUBLISH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckKind {
    PubAck,
    PubRec,
    PubRel,
    PubComp,
}

impl AckKind {
    /// The first byte of the packet, with PUBREL's fixed flags (MQTT 3.1.1 §3.6.1).
    pub const fn head(self) -> u8 {
        match self {
            AckKind::PubAck => 0x40,
            AckKind::PubRec => 0x50,
            AckKind::PubRel => 0x62,
            AckKind::PubComp => 0x70,
        }
    }

    /// The name of the packet.
    pub const fn name(self) -> &'static str {
        match self {
            AckKind::PubAck => "PUBACK",
            AckKind::PubRec => "PUBREC",
            AckKind::PubRel => "PUBREL",
            AckKind::PubComp => "PUBCOMP",
        }
    }

    /// Returns the kind of a packet that begins with this byte.
    pub fn of_head(head: u8) -> Option<AckKind> {
        [AckKind::PubAck, AckKind::PubRec, AckKind::PubRel, AckKind::PubComp].into_iter().find(|k| k.head() == head)
    }
}

/// One filter of a SUBSCRIBE. `no_local` exists only in MQTT 5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub filter: String,
    pub qos: QoS,
    pub no_local: bool,
}

/// One packet of either version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    Connect(Connect),
    ConnAck(ConnAck),
    Publish(Publish),
    Ack {
        kind: AckKind,
        id: u16,
        reason: Reason,
    },
    Subscribe {
        id: u16,
        filters: Vec<Filter>,
    },
    SubAck {
        id: u16,
        codes: Vec<Reason>,
    },
    Unsubscribe {
        id: u16,
        filters: Vec<String>,
    },
    /// One code for each filter in MQTT 5, none in 3.1.1.
    UnsubAck {
        id: u16,
        codes: Vec<Reason>,
    },
    PingReq,
    PingResp,
    Disconnect {
        reason: Reason,
    },
    /// MQTT 5 AUTH: not used by I3, and always a protocol error.
    Auth,
}
