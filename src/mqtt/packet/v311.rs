//! MQTT 3.1.1 packets between the codec's form and the neutral one.

use rumqttc::mqttbytes::{self, v4};

use super::error::PacketError;
use super::form::{AckKind, ConnAck, Connect, Filter, Packet, Publish};
use crate::mqtt::reason::Reason;

/// Converts from the codec's form.
pub(super) fn from_v4(packet: v4::Packet) -> Packet {
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
                max_packet: None,
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
        v4::Packet::UnsubAck(u) => Packet::UnsubAck { id: u.pkid, codes: Vec::new() },
        v4::Packet::PingReq => Packet::PingReq,
        v4::Packet::PingResp => Packet::PingResp,
        v4::Packet::Disconnect => Packet::Disconnect { reason: Reason::SUCCESS },
    }
}

/// Converts into the codec's form.
///
/// # Errors
/// MQTT 3.1.1 has no such packet.
pub(super) fn into_v4(packet: Packet) -> Result<v4::Packet, PacketError> {
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
