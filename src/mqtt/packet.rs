//! MQTT packets in one neutral form for 3.1.1 and 5, read and written with rumqttc's codec.
//!
//! Both sides use it: the client connection and the sandbox's broker. What the two versions share is kept; of
//! MQTT 5's properties only those that this toolkit acts on (reason strings, assigned client id, broker limits).

use bytes::{Buf, Bytes, BytesMut};
use rumqttc::mqttbytes::{self, v4};
use rumqttc::v5::mqttbytes::{self as mqttbytes5, v5};

pub use rumqttc::mqttbytes::QoS;

/// Largest packet that MQTT can frame: four length bytes of seven bits (MQTT 3.1.1 §2.2.3).
pub const MAX_PACKET: usize = 268_435_455;

/// For how long an MQTT 5 broker is asked to keep a session whose connection has ended, in seconds: a day. In 3.1.1 there
/// is no such bound.
pub const SESSION_KEPT: u32 = 86_400;

/// Protocol version of one connection, fixed by its CONNECT packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// MQTT 3.1.1, protocol level 4: what every I3 broker speaks.
    V311,
    /// MQTT 5, protocol level 5: answered with CONNACK 1 by the released I3 broker (I3 facts §4).
    V5,
}

/// Reason or return code as it stands on the wire: 0..=2 granted or done, from 0x80 on (or 1..=5 in a 3.1.1 CONNACK) refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason(pub u8);

impl Reason {
    /// Done as asked.
    pub const SUCCESS: Reason = Reason(0);
    /// MQTT 5: the permission to do this is missing.
    pub const NOT_AUTHORIZED: Reason = Reason(0x87);
    /// MQTT 5: the topic holds a wildcard or is empty.
    pub const TOPIC_NAME_INVALID: Reason = Reason(0x90);
    /// MQTT 5: the peer broke the protocol.
    pub const PROTOCOL_ERROR: Reason = Reason(0x82);
    /// MQTT 5: another client took this client id over.
    pub const SESSION_TAKEN_OVER: Reason = Reason(0x8E);
    /// 3.1.1 SUBACK: the filter was not granted.
    pub const SUBACK_FAILURE: Reason = Reason(0x80);

    /// Whether the code tells of a refusal, in an acknowledgement of MQTT 5 or a SUBACK of either version.
    pub fn is_failure(self) -> bool {
        self.0 >= 0x80
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self.0 {
            0x00 => "success",
            0x10 => "no matching subscribers",
            0x80 => "unspecified error",
            0x81 => "malformed packet",
            0x82 => "protocol error",
            0x83 => "implementation specific error",
            0x84 => "unsupported protocol version",
            0x85 => "client identifier not valid",
            0x86 => "bad user name or password",
            0x87 => "not authorized",
            0x88 => "server unavailable",
            0x89 => "server busy",
            0x8A => "banned",
            0x8B => "server shutting down",
            0x8C => "bad authentication method",
            0x8D => "keep-alive timeout",
            0x8E => "session taken over",
            0x8F => "topic filter invalid",
            0x90 => "topic name invalid",
            0x91 => "packet identifier in use",
            0x92 => "packet identifier not found",
            0x93 => "receive maximum exceeded",
            0x94 => "topic alias invalid",
            0x95 => "packet too large",
            0x96 => "message rate too high",
            0x97 => "quota exceeded",
            0x98 => "administrative action",
            0x99 => "payload format invalid",
            0x9A => "retain not supported",
            0x9B => "QoS not supported",
            0x9C => "use another server",
            0x9D => "server moved",
            0x9F => "connection rate exceeded",
            _ => return write!(f, "reason 0x{:02x}", self.0),
        };
        write!(f, "reason 0x{:02x}, {name}", self.0)
    }
}

/// CONNECT (MQTT 3.1.1 §3.1). A user name or password that is empty is left out on the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect {
    pub client_id: String,
    /// Starts afresh and ends with the connection; else the broker goes on with the session of this client id and keeps
    /// it, in MQTT 5 for [`SESSION_KEPT`].
    pub clean: bool,
    /// Seconds; 0 turns the keep-alive off.
    pub keep_alive: u16,
    pub user_name: String,
    pub password: String,
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
    /// MQTT 5: unacknowledged QoS 1 and 2 messages that the broker takes at once.
    pub receive_maximum: Option<u16>,
    /// MQTT 5: largest packet that the broker takes, in bytes.
    pub max_packet: Option<u32>,
    /// MQTT 5: seconds; the broker's word overrides the client's.
    pub server_keep_alive: Option<u16>,
    /// MQTT 5: the client id that the broker made up for an empty one (§3.2.2.3.7).
    pub assigned_client_id: Option<String>,
}

impl ConnAck {
    /// An answer with `code` and nothing else.
    pub fn new(code: u8) -> ConnAck {
        ConnAck {
            session_present: false,
            code,
            receive_maximum: None,
            max_packet: None,
            server_keep_alive: None,
            assigned_client_id: None,
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

/// One filter of a SUBSCRIBE. `no_local` exists in MQTT 5 alone.
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
    UnsubAck {
        id: u16,
        count: usize,
    },
    PingReq,
    PingResp,
    Disconnect {
        reason: Reason,
    },
    /// MQTT 5 AUTH: not used by I3, a protocol error wherever it comes.
    Auth,
}

/// Why bytes could not be read as a packet, or a packet not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PacketError {
    /// The packet's length field is over the limit that the reader set.
    #[error("a packet of {0} bytes is over the limit")]
    TooLarge(usize),
    /// CONNECT names a protocol other than MQTT 3.1.1 or 5.
    #[error("protocol level {0} is neither MQTT 3.1.1 nor MQTT 5")]
    ProtocolLevel(u8),
    /// The bytes are no MQTT.
    #[error("not an MQTT packet: {0}")]
    Malformed(String),
}

impl From<mqttbytes::Error> for PacketError {
    fn from(e: mqttbytes::Error) -> Self {
        match e {
            mqttbytes::Error::PayloadSizeLimitExceeded(n) => PacketError::TooLarge(n),
            mqttbytes::Error::OutgoingPacketTooLarge { pkt_size, .. } => PacketError::TooLarge(pkt_size),
            e => PacketError::Malformed(e.to_string()),
        }
    }
}

impl From<mqttbytes5::Error> for PacketError {
    fn from(e: mqttbytes5::Error) -> Self {
        match e {
            mqttbytes5::Error::PayloadSizeLimitExceeded { pkt_size, .. } => PacketError::TooLarge(pkt_size),
            mqttbytes5::Error::OutgoingPacketTooLarge { pkt_size, .. } => PacketError::TooLarge(pkt_size as usize),
            e => PacketError::Malformed(e.to_string()),
        }
    }
}

/// The version that the first packet of a connection asks for; `None` while too few bytes are there to tell.
///
/// # Errors
/// [`PacketError::Malformed`] if the packet is no CONNECT, [`PacketError::ProtocolLevel`] for any level but 4 and 5.
pub fn connect_version(stream: &[u8]) -> Result<Option<Version>, PacketError> {
    match stream.first() {
        None => return Ok(None),
        Some(0x10) => {}
        Some(_) => return Err(PacketError::Malformed("the first packet is no CONNECT".into())),
    }
    let Some(length_bytes) = stream.iter().skip(1).take(4).position(|b| b & 0x80 == 0) else {
        return if stream.len() < 5 { Ok(None) } else { Err(PacketError::Malformed("length field".into())) };
    };
    let header = &stream[2 + length_bytes..];
    let [_, name_length, ..] = header else { return Ok(None) };
    match header.get(2 + *name_length as usize) {
        None => Ok(None),
        Some(4) => Ok(Some(Version::V311)),
        Some(5) => Ok(Some(Version::V5)),
        Some(level) => Err(PacketError::ProtocolLevel(*level)),
    }
}

impl Packet {
    /// Takes the next whole packet off `stream`, or `None` while it is incomplete. `max` bounds the length field, in bytes.
    ///
    /// # Errors
    /// [`PacketError`] if the bytes are no packet of `version`, or too long; the stream cannot be read on after that.
    pub fn read(stream: &mut BytesMut, version: Version, max: usize) -> Result<Option<Packet>, PacketError> {
        let there = stream.len();
        let packet = Packet::read_next(stream, version, max)?;
        // A whole packet that ends within one of its fields is reported like one that is still to come, but it is gone.
        if packet.is_none() && stream.len() != there {
            return Err(PacketError::Malformed("it ends within a field".into()));
        }
        Ok(packet)
    }

    fn read_next(stream: &mut BytesMut, version: Version, max: usize) -> Result<Option<Packet>, PacketError> {
        if let Some((kind, id)) = bare_ack(stream) {
            stream.advance(4);
            return Ok(Some(Packet::Ack { kind, id, reason: Reason::SUCCESS }));
        }
        match version {
            Version::V311 => match v4::Packet::read(stream, max) {
                Ok(packet) => Ok(Some(from_v4(packet))),
                Err(mqttbytes::Error::InsufficientBytes(_)) => Ok(None),
                Err(e) => Err(e.into()),
            },
            Version::V5 => {
                // The codec takes an empty DISCONNECT, MQTT 5's usual farewell (§3.14.2.1), for an error, and one of a
                // reason alone (§3.14.2.2), which is what Mosquitto sends, for an incomplete one.
                match stream[..] {
                    [0xE0, 0x00, ..] => {
                        let _ = stream.split_to(2);
                        return Ok(Some(Packet::Disconnect { reason: Reason::SUCCESS }));
                    }
                    [0xE0, 0x01, reason, ..] => {
                        let _ = stream.split_to(3);
                        return Ok(Some(Packet::Disconnect { reason: Reason(reason) }));
                    }
                    // A 3.1.1 broker refuses MQTT 5 with a CONNACK of its own version, which ends before the properties.
                    [0x20, 0x02, 0x00, code, ..] if code != 0 => {
                        let _ = stream.split_to(4);
                        return Ok(Some(Packet::ConnAck(ConnAck::new(code))));
                    }
                    _ => {}
                }
                match v5::Packet::read(stream, Some(u32::try_from(max).unwrap_or(u32::MAX))) {
                    Ok(packet) => from_v5(packet).map(Some),
                    Err(mqttbytes5::Error::InsufficientBytes(_)) => Ok(None),
                    Err(e) => Err(e.into()),
                }
            }
        }
    }

    /// Appends the packet to `out` as `version` has it on the wire.
    ///
    /// # Errors
    /// [`PacketError::TooLarge`] over [`MAX_PACKET`]; [`PacketError::Malformed`] for what `version` cannot say.
    pub fn write(self, out: &mut BytesMut, version: Version) -> Result<(), PacketError> {
        match (version, self) {
            (Version::V311, packet) => {
                into_v4(packet)?.write(out, MAX_PACKET)?;
            }
            // The codec writes an empty packet, or a length that is wrong, where there is a reason and nothing more.
            (Version::V5, Packet::Disconnect { reason }) if reason != Reason::SUCCESS => {
                out.extend_from_slice(&[0xE0, 0x01, reason.0]);
            }
            (Version::V5, packet) => {
                into_v5(packet)?.write(out, Some(MAX_PACKET as u32))?;
            }
        }
        Ok(())
    }
}

/// An acknowledgement without a reason at the head of `stream`: four bytes, the same in both versions (MQTT 5 §3.4.2.1).
/// A stream of messages is answered with millions of them, and the codec takes several times as long.
fn bare_ack(stream: &[u8]) -> Option<(AckKind, u16)> {
    let (kind, high, low) = match *stream {
        [0x40, 2, high, low, ..] => (AckKind::PubAck, high, low),
        [0x50, 2, high, low, ..] => (AckKind::PubRec, high, low),
        [0x62, 2, high, low, ..] => (AckKind::PubRel, high, low),
        [0x70, 2, high, low, ..] => (AckKind::PubComp, high, low),
        _ => return None,
    };
    Some((kind, u16::from_be_bytes([high, low])))
}

fn from_v4(packet: v4::Packet) -> Packet {
    let ack = |kind, id| Packet::Ack { kind, id, reason: Reason::SUCCESS };
    match packet {
        v4::Packet::Connect(c) => {
            let (user_name, password) = c.login.map_or_else(Default::default, |l| (l.username, l.password));
            Packet::Connect(Connect {
                client_id: c.client_id,
                clean: c.clean_session,
                keep_alive: c.keep_alive,
                user_name,
                password,
                will: c.last_will.map(|w| Publish {
                    topic: w.topic,
                    payload: w.message,
                    qos: w.qos,
                    retain: w.retain,
                    dup: false,
                    id: 0,
                }),
            })
        }
        v4::Packet::ConnAck(a) => {
            Packet::ConnAck(ConnAck { session_present: a.session_present, ..ConnAck::new(a.code as u8) })
        }
        v4::Packet::Publish(p) => Packet::Publish(Publish {
            topic: p.topic,
            payload: p.payload,
            qos: p.qos,
            retain: p.retain,
            dup: p.dup,
            id: p.pkid,
        }),
        v4::Packet::PubAck(a) => ack(AckKind::PubAck, a.pkid),
        v4::Packet::PubRec(a) => ack(AckKind::PubRec, a.pkid),
        v4::Packet::PubRel(a) => ack(AckKind::PubRel, a.pkid),
        v4::Packet::PubComp(a) => ack(AckKind::PubComp, a.pkid),
        v4::Packet::Subscribe(s) => Packet::Subscribe {
            id: s.pkid,
            filters: s.filters.into_iter().map(|f| Filter { filter: f.path, qos: f.qos, no_local: false }).collect(),
        },
        v4::Packet::SubAck(s) => Packet::SubAck {
            id: s.pkid,
            codes: s
                .return_codes
                .into_iter()
                .map(|c| match c {
                    v4::SubscribeReasonCode::Success(q) => Reason(q as u8),
                    v4::SubscribeReasonCode::Failure => Reason::SUBACK_FAILURE,
                })
                .collect(),
        },
        v4::Packet::Unsubscribe(u) => Packet::Unsubscribe { id: u.pkid, filters: u.topics },
        v4::Packet::UnsubAck(u) => Packet::UnsubAck { id: u.pkid, count: 0 },
        v4::Packet::PingReq => Packet::PingReq,
        v4::Packet::PingResp => Packet::PingResp,
        v4::Packet::Disconnect => Packet::Disconnect { reason: Reason::SUCCESS },
    }
}

fn into_v4(packet: Packet) -> Result<v4::Packet, PacketError> {
    Ok(match packet {
        Packet::Connect(c) => {
            let login = (!c.user_name.is_empty() || !c.password.is_empty())
                .then_some(v4::Login { username: c.user_name, password: c.password });
            let last_will =
                c.will.map(|w| v4::LastWill { topic: w.topic, message: w.payload, qos: w.qos, retain: w.retain });
            v4::Packet::Connect(v4::Connect {
                protocol: mqttbytes::Protocol::V4,
                keep_alive: c.keep_alive,
                client_id: c.client_id,
                clean_session: c.clean,
                last_will,
                login,
            })
        }
        Packet::ConnAck(a) => {
            use v4::ConnectReturnCode as Code;
            let code = match a.code {
                0 => Code::Success,
                1 => Code::RefusedProtocolVersion,
                2 => Code::BadClientId,
                3 => Code::ServiceUnavailable,
                4 => Code::BadUserNamePassword,
                5 => Code::NotAuthorized,
                other => return Err(PacketError::Malformed(format!("CONNACK {other} in MQTT 3.1.1"))),
            };
            v4::Packet::ConnAck(v4::ConnAck::new(code, a.session_present))
        }
        Packet::Publish(p) => v4::Packet::Publish(v4::Publish {
            dup: p.dup,
            qos: p.qos,
            retain: p.retain,
            topic: p.topic,
            pkid: p.id,
            payload: p.payload,
        }),
        Packet::Ack { kind, id, .. } => match kind {
            AckKind::PubAck => v4::Packet::PubAck(v4::PubAck::new(id)),
            AckKind::PubRec => v4::Packet::PubRec(v4::PubRec::new(id)),
            AckKind::PubRel => v4::Packet::PubRel(v4::PubRel::new(id)),
            AckKind::PubComp => v4::Packet::PubComp(v4::PubComp::new(id)),
        },
        Packet::Subscribe { id, filters } => v4::Packet::Subscribe(v4::Subscribe {
            pkid: id,
            filters: filters.into_iter().map(|f| v4::SubscribeFilter { path: f.filter, qos: f.qos }).collect(),
        }),
        Packet::SubAck { id, codes } => v4::Packet::SubAck(v4::SubAck::new(
            id,
            codes
                .into_iter()
                .map(|c| v4::SubscribeReasonCode::try_from(c.0).unwrap_or(v4::SubscribeReasonCode::Failure))
                .collect(),
        )),
        Packet::Unsubscribe { id, filters } => v4::Packet::Unsubscribe(v4::Unsubscribe { pkid: id, topics: filters }),
        Packet::UnsubAck { id, .. } => v4::Packet::UnsubAck(v4::UnsubAck::new(id)),
        Packet::PingReq => v4::Packet::PingReq,
        Packet::PingResp => v4::Packet::PingResp,
        Packet::Disconnect { .. } => v4::Packet::Disconnect,
        Packet::Auth => return Err(PacketError::Malformed("AUTH in MQTT 3.1.1".into())),
    })
}

fn qos_of_v5(qos: mqttbytes5::QoS) -> QoS {
    match qos {
        mqttbytes5::QoS::AtMostOnce => QoS::AtMostOnce,
        mqttbytes5::QoS::AtLeastOnce => QoS::AtLeastOnce,
        mqttbytes5::QoS::ExactlyOnce => QoS::ExactlyOnce,
    }
}

fn qos_to_v5(qos: QoS) -> mqttbytes5::QoS {
    match qos {
        QoS::AtMostOnce => mqttbytes5::QoS::AtMostOnce,
        QoS::AtLeastOnce => mqttbytes5::QoS::AtLeastOnce,
        QoS::ExactlyOnce => mqttbytes5::QoS::ExactlyOnce,
    }
}

fn utf8(bytes: Bytes) -> Result<String, PacketError> {
    String::from_utf8(bytes.into()).map_err(|_| PacketError::Malformed("a topic that is not UTF-8".into()))
}

/// Both directions between one of the codec's enums and the code on the wire.
macro_rules! codes {
    ($to:ident, $from:ident, $type:ty, $($variant:ident = $code:literal),+ $(,)?) => {
        fn $to(reason: $type) -> u8 {
            match reason { $(<$type>::$variant => $code,)+ }
        }
        fn $from(code: u8) -> $type {
            match code { $($code => <$type>::$variant,)+ _ => <$type>::UnspecifiedError }
        }
    };
}

codes!(
    puback_code,
    puback_reason,
    v5::PubAckReason,
    Success = 0x00,
    NoMatchingSubscribers = 0x10,
    UnspecifiedError = 0x80,
    ImplementationSpecificError = 0x83,
    NotAuthorized = 0x87,
    TopicNameInvalid = 0x90,
    PacketIdentifierInUse = 0x91,
    QuotaExceeded = 0x97,
    PayloadFormatInvalid = 0x99
);
codes!(
    pubrec_code,
    pubrec_reason,
    v5::PubRecReason,
    Success = 0x00,
    NoMatchingSubscribers = 0x10,
    UnspecifiedError = 0x80,
    ImplementationSpecificError = 0x83,
    NotAuthorized = 0x87,
    TopicNameInvalid = 0x90,
    PacketIdentifierInUse = 0x91,
    QuotaExceeded = 0x97,
    PayloadFormatInvalid = 0x99
);
codes!(
    connack_code,
    connack_reason,
    v5::ConnectReturnCode,
    Success = 0,
    RefusedProtocolVersion = 1,
    BadClientId = 2,
    ServiceUnavailable = 3,
    UnspecifiedError = 128,
    MalformedPacket = 129,
    ProtocolError = 130,
    ImplementationSpecificError = 131,
    UnsupportedProtocolVersion = 132,
    ClientIdentifierNotValid = 133,
    BadUserNamePassword = 134,
    NotAuthorized = 135,
    ServerUnavailable = 136,
    ServerBusy = 137,
    Banned = 138,
    BadAuthenticationMethod = 140,
    TopicNameInvalid = 144,
    PacketTooLarge = 149,
    QuotaExceeded = 151,
    PayloadFormatInvalid = 153,
    RetainNotSupported = 154,
    QoSNotSupported = 155,
    UseAnotherServer = 156,
    ServerMoved = 157,
    ConnectionRateExceeded = 159
);

fn suback_code(code: v5::SubscribeReasonCode) -> u8 {
    use v5::SubscribeReasonCode as Code;
    match code {
        Code::Success(q) => q as u8,
        Code::Failure | Code::Unspecified => 0x80,
        Code::ImplementationSpecific => 0x83,
        Code::NotAuthorized => 0x87,
        Code::TopicFilterInvalid => 0x8F,
        Code::PkidInUse => 0x91,
        Code::QuotaExceeded => 0x97,
        Code::SharedSubscriptionsNotSupported => 0x9E,
        Code::SubscriptionIdNotSupported => 0xA1,
        Code::WildcardSubscriptionsNotSupported => 0xA2,
    }
}

fn suback_reason(code: u8) -> v5::SubscribeReasonCode {
    use v5::SubscribeReasonCode as Code;
    match code {
        0 => Code::Success(mqttbytes5::QoS::AtMostOnce),
        1 => Code::Success(mqttbytes5::QoS::AtLeastOnce),
        2 => Code::Success(mqttbytes5::QoS::ExactlyOnce),
        0x87 => Code::NotAuthorized,
        0x8F => Code::TopicFilterInvalid,
        0x97 => Code::QuotaExceeded,
        _ => Code::Unspecified,
    }
}

fn assigned_id_alone(id: String) -> v5::ConnAckProperties {
    v5::ConnAckProperties {
        session_expiry_interval: None,
        receive_max: None,
        max_qos: None,
        retain_available: None,
        max_packet_size: None,
        assigned_client_identifier: Some(id),
        topic_alias_max: None,
        reason_string: None,
        user_properties: Vec::new(),
        wildcard_subscription_available: None,
        subscription_identifiers_available: None,
        shared_subscription_available: None,
        server_keep_alive: None,
        response_information: None,
        server_reference: None,
        authentication_method: None,
        authentication_data: None,
    }
}

fn released(found: bool) -> Reason {
    Reason(if found { 0 } else { 0x92 })
}

fn from_v5(packet: v5::Packet) -> Result<Packet, PacketError> {
    let ack = |kind, id, reason| Packet::Ack { kind, id, reason };
    Ok(match packet {
        v5::Packet::Connect(c, will, login) => {
            let (user_name, password) = login.map_or_else(Default::default, |l| (l.username, l.password));
            let will = match will {
                None => None,
                Some(w) => Some(Publish {
                    topic: utf8(w.topic)?,
                    payload: w.message,
                    qos: qos_of_v5(w.qos),
                    retain: w.retain,
                    dup: false,
                    id: 0,
                }),
            };
            Packet::Connect(Connect {
                client_id: c.client_id,
                clean: c.clean_start,
                keep_alive: c.keep_alive,
                user_name,
                password,
                will,
            })
        }
        v5::Packet::ConnAck(a) => {
            let properties = a.properties.as_ref();
            Packet::ConnAck(ConnAck {
                session_present: a.session_present,
                code: connack_code(a.code),
                receive_maximum: properties.and_then(|p| p.receive_max),
                max_packet: properties.and_then(|p| p.max_packet_size),
                server_keep_alive: properties.and_then(|p| p.server_keep_alive),
                assigned_client_id: properties.and_then(|p| p.assigned_client_identifier.clone()),
            })
        }
        v5::Packet::Publish(p) => Packet::Publish(Publish {
            topic: utf8(p.topic)?,
            payload: p.payload,
            qos: qos_of_v5(p.qos),
            retain: p.retain,
            dup: p.dup,
            id: p.pkid,
        }),
        v5::Packet::PubAck(a) => ack(AckKind::PubAck, a.pkid, Reason(puback_code(a.reason))),
        v5::Packet::PubRec(a) => ack(AckKind::PubRec, a.pkid, Reason(pubrec_code(a.reason))),
        v5::Packet::PubRel(a) => ack(AckKind::PubRel, a.pkid, released(a.reason == v5::PubRelReason::Success)),
        v5::Packet::PubComp(a) => ack(AckKind::PubComp, a.pkid, released(a.reason == v5::PubCompReason::Success)),
        v5::Packet::Subscribe(s) => Packet::Subscribe {
            id: s.pkid,
            filters: s
                .filters
                .into_iter()
                .map(|f| Filter { filter: f.path, qos: qos_of_v5(f.qos), no_local: f.nolocal })
                .collect(),
        },
        v5::Packet::SubAck(s) => {
            Packet::SubAck { id: s.pkid, codes: s.return_codes.into_iter().map(|c| Reason(suback_code(c))).collect() }
        }
        v5::Packet::Unsubscribe(u) => Packet::Unsubscribe { id: u.pkid, filters: u.filters },
        v5::Packet::UnsubAck(u) => Packet::UnsubAck { id: u.pkid, count: u.reasons.len() },
        v5::Packet::PingReq(_) => Packet::PingReq,
        v5::Packet::PingResp(_) => Packet::PingResp,
        v5::Packet::Disconnect(d) => Packet::Disconnect { reason: Reason(d.reason_code as u8) },
        v5::Packet::Auth(_) => Packet::Auth,
    })
}

fn into_v5(packet: Packet) -> Result<v5::Packet, PacketError> {
    Ok(match packet {
        Packet::Connect(c) => {
            let login = (!c.user_name.is_empty() || !c.password.is_empty())
                .then_some(v5::Login { username: c.user_name, password: c.password });
            let will = c.will.map(|w| v5::LastWill {
                topic: w.topic.into(),
                message: w.payload,
                qos: qos_to_v5(w.qos),
                retain: w.retain,
                properties: None,
            });
            let connect = v5::Connect {
                keep_alive: c.keep_alive,
                client_id: c.client_id,
                clean_start: c.clean,
                // Without it the session would end with its connection (MQTT 5 §3.1.2.11.2).
                properties: (!c.clean).then(|| v5::ConnectProperties {
                    session_expiry_interval: Some(SESSION_KEPT),
                    ..v5::ConnectProperties::new()
                }),
            };
            v5::Packet::Connect(connect, will, login)
        }
        Packet::ConnAck(a) => v5::Packet::ConnAck(v5::ConnAck {
            session_present: a.session_present,
            code: connack_reason(a.code),
            properties: a.assigned_client_id.map(assigned_id_alone),
        }),
        Packet::Publish(p) => v5::Packet::Publish(v5::Publish {
            dup: p.dup,
            qos: qos_to_v5(p.qos),
            retain: p.retain,
            topic: p.topic.into(),
            pkid: p.id,
            payload: p.payload,
            properties: None,
        }),
        Packet::Ack { kind, id, reason } => match kind {
            AckKind::PubAck => {
                v5::Packet::PubAck(v5::PubAck { pkid: id, reason: puback_reason(reason.0), properties: None })
            }
            AckKind::PubRec => {
                v5::Packet::PubRec(v5::PubRec { pkid: id, reason: pubrec_reason(reason.0), properties: None })
            }
            AckKind::PubRel => v5::Packet::PubRel(v5::PubRel::new(id, None)),
            AckKind::PubComp => v5::Packet::PubComp(v5::PubComp {
                reason: if reason.is_failure() {
                    v5::PubCompReason::PacketIdentifierNotFound
                } else {
                    v5::PubCompReason::Success
                },
                ..v5::PubComp::new(id, None)
            }),
        },
        Packet::Subscribe { id, filters } => v5::Packet::Subscribe(v5::Subscribe {
            pkid: id,
            filters: filters
                .into_iter()
                .map(|f| v5::Filter { nolocal: f.no_local, ..v5::Filter::new(f.filter, qos_to_v5(f.qos)) })
                .collect(),
            properties: None,
        }),
        Packet::SubAck { id, codes } => v5::Packet::SubAck(v5::SubAck {
            pkid: id,
            return_codes: codes.into_iter().map(|c| suback_reason(c.0)).collect(),
            properties: None,
        }),
        Packet::Unsubscribe { id, filters } => {
            v5::Packet::Unsubscribe(v5::Unsubscribe { pkid: id, filters, properties: None })
        }
        Packet::UnsubAck { id, count } => v5::Packet::UnsubAck(v5::UnsubAck {
            pkid: id,
            reasons: vec![v5::UnsubAckReason::Success; count],
            properties: None,
        }),
        Packet::PingReq => v5::Packet::PingReq(v5::PingReq),
        Packet::PingResp => v5::Packet::PingResp(v5::PingResp),
        Packet::Disconnect { reason } => v5::Packet::Disconnect(v5::Disconnect::new(
            v5::DisconnectReasonCode::try_from(reason.0).map_err(PacketError::from)?,
        )),
        Packet::Auth => return Err(PacketError::Malformed("AUTH is not used by I3".into())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], version: Version) -> Result<Option<Packet>, PacketError> {
        Packet::read(&mut BytesMut::from(bytes), version, MAX_PACKET)
    }

    #[test]
    fn a_disconnect_of_a_reason_alone_is_read_once_it_is_whole() {
        let mut stream = BytesMut::from(&[0xE0, 0x01][..]);
        assert!(Packet::read(&mut stream, Version::V5, MAX_PACKET).unwrap().is_none());
        stream.extend_from_slice(&[0x82, 0xD0]);
        let packet = Packet::read(&mut stream, Version::V5, MAX_PACKET).unwrap();
        assert_eq!(packet, Some(Packet::Disconnect { reason: Reason(0x82) }));
        assert_eq!(&stream[..], [0xD0]);
    }

    #[test]
    fn a_disconnect_keeps_its_reason_on_the_wire() {
        for reason in [0x00, 0x04, 0x82, 0x87, 0x8E] {
            let packet = Packet::Disconnect { reason: Reason(reason) };
            let mut bytes = BytesMut::new();
            packet.clone().write(&mut bytes, Version::V5).unwrap();
            assert_eq!(Packet::read(&mut bytes, Version::V5, MAX_PACKET).unwrap(), Some(packet));
            assert!(bytes.is_empty());
        }
    }

    #[test]
    fn a_whole_packet_that_ends_within_a_field_is_no_packet_to_wait_for() {
        // SUBSCRIBE and PUBLISH of MQTT 5 without their property length.
        for bytes in [&[0x82, 0x02, 0x00, 0x01][..], &[0x30, 0x03, 0x00, 0x01, b'a'][..]] {
            assert!(matches!(read(bytes, Version::V5), Err(PacketError::Malformed(_))), "{bytes:x?}");
        }
    }

    /// A panic ends the process in a release build, so no bytes from outside may cause one.
    #[test]
    fn damaged_packets_are_errors_and_never_panics() {
        let publish = Publish {
            topic: "alice/parking/occupancy".into(),
            payload: Bytes::from_static(b"678"),
            qos: QoS::AtLeastOnce,
            retain: false,
            dup: false,
            id: 7,
        };
        let connect = Connect {
            client_id: "c".into(),
            clean: true,
            keep_alive: 60,
            user_name: "alice$parking$lot1".into(),
            password: "secret".into(),
            will: Some(Publish { id: 0, ..publish.clone() }),
        };
        let filter = Filter { filter: "a/#".into(), qos: QoS::ExactlyOnce, no_local: false };
        let packets = [
            Packet::Connect(connect),
            Packet::ConnAck(ConnAck::new(0)),
            Packet::Publish(publish),
            Packet::Ack { kind: AckKind::PubRec, id: 7, reason: Reason::SUCCESS },
            Packet::Subscribe { id: 7, filters: vec![filter] },
            Packet::SubAck { id: 7, codes: vec![Reason(1)] },
            Packet::Unsubscribe { id: 7, filters: vec!["a/#".into()] },
            Packet::UnsubAck { id: 7, count: 1 },
            Packet::Disconnect { reason: Reason(4) },
        ];
        // A linear congruential generator (Knuth's MMIX): the same damage in every run.
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for round in 0..20_000 {
            let version = if round % 2 == 0 { Version::V311 } else { Version::V5 };
            let mut bytes = BytesMut::new();
            packets[random(packets.len())].clone().write(&mut bytes, version).unwrap();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            bytes.truncate(1 + random(bytes.len()));
            if bytes.len() > 2 && random(2) == 0 {
                // A length that fits, so that the damage within is looked at.
                bytes[1] = u8::try_from(bytes.len() - 2).unwrap() & 0x7F;
            }
            let _ = connect_version(&bytes);
            let _ = Packet::read(&mut bytes, version, MAX_PACKET);
        }
    }

    #[test]
    fn an_assigned_client_id_goes_both_ways() {
        let answer = ConnAck { assigned_client_id: Some("auto-1".into()), ..ConnAck::new(0) };
        let mut bytes = BytesMut::new();
        Packet::ConnAck(answer.clone()).write(&mut bytes, Version::V5).unwrap();
        assert_eq!(Packet::read(&mut bytes, Version::V5, MAX_PACKET).unwrap(), Some(Packet::ConnAck(answer)));
    }
}
