//! MQTT 5 packets between the codec's form and the neutral one.

use bytes::Bytes;
use rumqttc::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::{self as mqttbytes5, v5};

use super::error::PacketError;
use super::form::{ConnAck, Connect, Filter, Packet, Publish, SESSION_KEPT};
use crate::mqtt::reason::Reason;

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

codes!(
    unsuback_code,
    unsuback_reason,
    v5::UnsubAckReason,
    Success = 0x00,
    NoSubscriptionExisted = 0x11,
    UnspecifiedError = 0x80,
    ImplementationSpecificError = 0x83,
    NotAuthorized = 0x87,
    TopicFilterInvalid = 0x8F,
    PacketIdentifierInUse = 0x91,
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
        0x9E => Code::SharedSubscriptionsNotSupported,
        _ => Code::Unspecified,
    }
}

fn only_assigned_id(id: String) -> v5::ConnAckProperties {
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

/// Converts from the codec's form.
///
/// # Errors
/// A topic that is not UTF-8, an acknowledgement with wrong flags.
pub(super) fn from_v5(packet: v5::Packet) -> Result<Packet, PacketError> {
    Ok(match packet {
        v5::Packet::Connect(connect, will, login) => Packet::Connect(connect_from_v5(connect, will, login)?),
        // Only its code: it was already read in place, as was DISCONNECT.
        v5::Packet::ConnAck(a) => Packet::ConnAck(ConnAck::new(connack_code(a.code))),
        v5::Packet::Publish(p) => Packet::Publish(Publish {
            topic: utf8(p.topic)?,
            payload: p.payload,
            qos: qos_of_v5(p.qos),
            retain: p.retain,
            dup: p.dup,
            id: p.pkid,
        }),
        // Those with the required flags were already taken (§2.1.3).
        v5::Packet::PubAck(_) | v5::Packet::PubRec(_) | v5::Packet::PubRel(_) | v5::Packet::PubComp(_) => {
            return Err(PacketError::Malformed("an acknowledgement with reserved flags".into()));
        }
        v5::Packet::Subscribe(s) => {
            let filter = |f: v5::Filter| Filter { filter: f.path, qos: qos_of_v5(f.qos), no_local: f.nolocal };
            Packet::Subscribe { id: s.pkid, filters: s.filters.into_iter().map(filter).collect() }
        }
        v5::Packet::SubAck(s) => {
            Packet::SubAck { id: s.pkid, codes: s.return_codes.into_iter().map(|c| Reason(suback_code(c))).collect() }
        }
        v5::Packet::Unsubscribe(u) => Packet::Unsubscribe { id: u.pkid, filters: u.filters },
        v5::Packet::UnsubAck(u) => {
            Packet::UnsubAck { id: u.pkid, codes: u.reasons.into_iter().map(|r| Reason(unsuback_code(r))).collect() }
        }
        v5::Packet::PingReq(_) => Packet::PingReq,
        v5::Packet::PingResp(_) => Packet::PingResp,
        v5::Packet::Disconnect(d) => Packet::Disconnect { reason: Reason(d.reason_code as u8) },
        v5::Packet::Auth(_) => Packet::Auth,
    })
}

fn connect_from_v5(
    connect: v5::Connect,
    will: Option<v5::LastWill>,
    login: Option<v5::Login>,
) -> Result<Connect, PacketError> {
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
    let v5::Connect { client_id, clean_start: clean, keep_alive, .. } = connect;
    Ok(Connect { client_id, clean, keep_alive, user_name, password, max_packet: None, will })
}

/// Converts into the codec's form.
///
/// # Errors
/// The codec has no such packet.
pub(super) fn into_v5(packet: Packet) -> Result<v5::Packet, PacketError> {
    Ok(match packet {
        Packet::Connect(connect) => connect_into_v5(connect),
        // 3.1.1's codes: the codec lists them, but panics.
        Packet::ConnAck(a) if (1..=3).contains(&a.code) => {
            return Err(PacketError::Malformed(format!("CONNACK {} in MQTT 5", a.code)));
        }
        Packet::ConnAck(a) => v5::Packet::ConnAck(v5::ConnAck {
            session_present: a.session_present,
            code: connack_reason(a.code),
            properties: a.assigned_client_id.map(only_assigned_id),
        }),
        Packet::Publish(publish) => publish_into_v5(publish),
        Packet::Subscribe { id, filters } => subscribe_into_v5(id, filters),
        Packet::SubAck { id, codes } => suback_into_v5(id, &codes),
        Packet::Unsubscribe { id, filters } => {
            v5::Packet::Unsubscribe(v5::Unsubscribe { pkid: id, filters, properties: None })
        }
        Packet::UnsubAck { id, codes } => {
            let reasons = codes.into_iter().map(|code| unsuback_reason(code.0)).collect();
            v5::Packet::UnsubAck(v5::UnsubAck { pkid: id, reasons, properties: None })
        }
        Packet::PingReq => v5::Packet::PingReq(v5::PingReq),
        Packet::PingResp => v5::Packet::PingResp(v5::PingResp),
        Packet::Disconnect { reason } => {
            v5::Packet::Disconnect(v5::Disconnect::new(v5::DisconnectReasonCode::try_from(reason.0)?))
        }
        Packet::Ack { .. } | Packet::Auth => {
            return Err(PacketError::Malformed("a packet that is not written by the codec".into()));
        }
    })
}

fn connect_into_v5(c: Connect) -> v5::Packet {
    let login = (!c.user_name.is_empty() || !c.password.is_empty())
        .then_some(v5::Login { username: c.user_name, password: c.password });
    let will = c.will.map(|w| v5::LastWill {
        topic: w.topic.into(),
        message: w.payload,
        qos: qos_to_v5(w.qos),
        retain: w.retain,
        properties: None,
    });
    // Without an expiry the session would end with its connection (MQTT 5 §3.1.2.11.2).
    let session_expiry_interval = (!c.clean).then_some(SESSION_KEPT);
    let properties = v5::ConnectProperties {
        session_expiry_interval,
        max_packet_size: c.max_packet,
        ..v5::ConnectProperties::new()
    };
    let properties = (session_expiry_interval.is_some() || c.max_packet.is_some()).then_some(properties);
    let connect = v5::Connect { keep_alive: c.keep_alive, client_id: c.client_id, clean_start: c.clean, properties };
    v5::Packet::Connect(connect, will, login)
}

fn publish_into_v5(p: Publish) -> v5::Packet {
    v5::Packet::Publish(v5::Publish {
        dup: p.dup,
        qos: qos_to_v5(p.qos),
        retain: p.retain,
        topic: p.topic.into(),
        pkid: p.id,
        payload: p.payload,
        properties: None,
    })
}

fn subscribe_into_v5(id: u16, filters: Vec<Filter>) -> v5::Packet {
    let filter = |f: Filter| v5::Filter { nolocal: f.no_local, ..v5::Filter::new(f.filter, qos_to_v5(f.qos)) };
    let filters = filters.into_iter().map(filter).collect();
    v5::Packet::Subscribe(v5::Subscribe { pkid: id, filters, properties: None })
}

fn suback_into_v5(id: u16, codes: &[Reason]) -> v5::Packet {
    let return_codes = codes.iter().map(|code| suback_reason(code.0)).collect();
    v5::Packet::SubAck(v5::SubAck { pkid: id, return_codes, properties: None })
}
