//! Sessions, subscriptions, retained messages, and the routing of messages.

use std::collections::{BTreeMap, HashMap, VecDeque};

use tokio::sync::mpsc::UnboundedSender;

use super::rules::{DatabaseDown, Limits, Rules};
use crate::mqtt::packet::{AckKind, Filter, Packet, Publish, QoS, Reason, Version};
use crate::sandbox::db::{TopicAccess, filter_matches};
use crate::sandbox::permissions::Principal;

/// MQTT 5 §3.9.3: shared subscriptions are not supported. In 3.1.1 every refusal is the same.
const NOT_SHARED: Reason = Reason(0x9E);

/// A command to a connection's writer.
pub(super) enum Out {
    Packet(Packet),
    /// Closes the connection, with a DISCONNECT before it if there is a reason and the client speaks MQTT 5.
    Close(Option<Reason>),
}

/// The link to a connected client.
pub(super) struct ClientLink {
    pub number: u64,
    pub version: Version,
    pub out: UnboundedSender<Out>,
}

impl ClientLink {
    /// When the writer is gone, so is the connection, so a failure needs no report.
    fn send(&self, packet: Packet) {
        let _ = self.out.send(Out::Packet(packet));
    }

    fn close(&self, reason: Option<Reason>) {
        let _ = self.out.send(Out::Close(reason));
    }
}

enum Sent {
    /// Not acknowledged at all.
    Message(Publish),
    /// QoS 2: received by the client, and released by us.
    Released,
}

struct ClientSession {
    who: Principal,
    limits: Limits,
    kept: bool,
    link: Option<ClientLink>,
    filters: Vec<Filter>,
    /// In the order they went out.
    sent: VecDeque<(u16, Sent)>,
    waiting: VecDeque<Publish>,
    /// QoS 2 publishes of this client that wait for their release; without a message if it was denied.
    received: HashMap<u16, Option<Publish>>,
    last_id: u16,
}

/// The connection must end, with this reason for a client of MQTT 5.
#[derive(Debug)]
pub(super) struct Close(pub Option<Reason>);

impl From<DatabaseDown> for Close {
    fn from(_: DatabaseDown) -> Self {
        Close(None)
    }
}

/// Everything that outlives one packet.
pub(super) struct Sessions {
    limits: Limits,
    by_client: HashMap<String, ClientSession>,
    retained: BTreeMap<String, Publish>,
}

impl Sessions {
    pub fn new(limits: Limits) -> Sessions {
        Sessions { limits, by_client: HashMap::new(), retained: BTreeMap::new() }
    }

    /// Adds a client; another client with its id is disconnected, even if it is another device. Returns whether a session was
    /// resumed.
    pub fn connect(&mut self, who: Principal, clean: bool, link: ClientLink) -> bool {
        let mut old = self.by_client.remove(&who.client_id);
        if let Some(taken_over) = old.as_mut().and_then(|session| session.link.take()) {
            taken_over.close(Some(Reason::SESSION_TAKEN_OVER));
        }
        let old = old.filter(|session| session.kept && !clean);
        let present = old.is_some();
        let session = match old {
            Some(session) => ClientSession { who, link: Some(link), ..session },
            None => ClientSession {
                who,
                limits: self.limits,
                kept: !clean,
                link: Some(link),
                filters: Vec::new(),
                sent: VecDeque::new(),
                waiting: VecDeque::new(),
                received: HashMap::new(),
                last_id: 0,
            },
        };
        self.by_client.insert(session.who.client_id.clone(), session);
        present
    }

    /// Sends the pending packets of a resumed session, after its client's CONNACK.
    pub fn resume(&mut self, client_id: &str) {
        let Some(session) = self.by_client.get_mut(client_id) else { return };
        if let Some(link) = &session.link {
            for (id, sent) in &session.sent {
                link.send(match sent {
                    Sent::Message(publish) => Packet::Publish(Publish { dup: true, ..publish.clone() }),
                    Sent::Released => ack(AckKind::PubRel, *id, Reason::SUCCESS),
                });
            }
        }
        session.send_waiting();
    }

    /// Removes a connection, unless another one has replaced it.
    pub fn disconnect(&mut self, client_id: &str, link: u64) {
        let Some(session) = self.by_client.get_mut(client_id) else { return };
        if session.link.as_ref().is_some_and(|current| current.number == link) {
            session.link = None;
            if !session.kept {
                self.by_client.remove(client_id);
            }
        }
    }

    /// Publishes the last will of a client that left without a DISCONNECT.
    pub fn will(&mut self, rules: &dyn Rules, who: &Principal, will: Publish) {
        if topic_is_plain(&will.topic)
            && rules.permitted(who, &will.topic, TopicAccess::Write).is_ok_and(|allowed| allowed)
        {
            self.route(rules, &who.client_id, will);
        }
    }

    /// Handles one packet from the connection `link`.
    pub fn packet(&mut self, rules: &dyn Rules, client_id: &str, link: u64, packet: Packet) -> Result<(), Close> {
        let session = self.by_client.get_mut(client_id);
        let current = |session: &ClientSession| session.link.as_ref().is_some_and(|current| current.number == link);
        // Just taken over: this connection is ending, and the session belongs to the other one.
        let Some(session) = session.filter(|session| current(session)) else { return Err(Close(None)) };
        match packet {
            Packet::Publish(publish) => {
                if let Some(allowed) = session.take_publish(rules, publish)? {
                    self.route(rules, client_id, allowed);
                }
            }
            Packet::Ack { kind: AckKind::PubRel, id, .. } => {
                let known = session.received.remove(&id);
                session.tell(ack(AckKind::PubComp, id, Reason(if known.is_some() { 0 } else { 0x92 })));
                if let Some(Some(publish)) = known {
                    self.route(rules, client_id, publish);
                }
            }
            Packet::Ack { kind, id, reason } => session.acknowledged(kind, id, reason),
            Packet::Subscribe { id, filters } => {
                if filters.iter().any(|filter| !filter_is_valid(&filter.filter)) {
                    return Err(Close(Some(Reason::PROTOCOL_ERROR)));
                }
                let granted = |filter: &Filter| rules.grants(&filter.filter);
                let code = |filter: &Filter| if granted(filter) { Reason(filter.qos as u8) } else { NOT_SHARED };
                session.tell(Packet::SubAck { id, codes: filters.iter().map(code).collect() });
                for filter in filters.into_iter().filter(granted) {
                    for kept in self.retained.values().filter(|kept| filter_matches(&filter.filter, &kept.topic)) {
                        if rules.permitted(&session.who, &kept.topic, TopicAccess::Read)? {
                            session.deliver(rules, kept, lower(kept.qos, filter.qos), true);
                        }
                    }
                    session.filters.retain(|old| old.filter != filter.filter);
                    session.filters.push(filter);
                }
            }
            Packet::Unsubscribe { id, filters } => {
                session.filters.retain(|filter| !filters.contains(&filter.filter));
                session.tell(Packet::UnsubAck { id, codes: vec![Reason::SUCCESS; filters.len()] });
            }
            Packet::PingReq => session.tell(Packet::PingResp),
            // Other packets are only received by clients, or sent once.
            _ => return Err(Close(Some(Reason::PROTOCOL_ERROR))),
        }
        Ok(())
    }

    fn route(&mut self, rules: &dyn Rules, from: &str, publish: Publish) {
        if publish.retain {
            if publish.payload.is_empty() {
                self.retained.remove(&publish.topic);
            } else {
                self.retained.insert(publish.topic.clone(), publish.clone());
            }
        }
        for (client_id, session) in &mut self.by_client {
            let matching = session.filters.iter().filter(|filter| {
                filter_matches(&filter.filter, &publish.topic) && !(filter.no_local && client_id == from)
            });
            let Some(qos) = matching.map(|filter| filter.qos as u8).max() else { continue };
            match rules.permitted(&session.who, &publish.topic, TopicAccess::Read) {
                Ok(true) => session.deliver(rules, &publish, lower(publish.qos, qos_of(qos)), false),
                Ok(false) => {}
                Err(DatabaseDown) => {
                    if let Some(link) = &session.link {
                        link.close(None);
                    }
                }
            }
        }
    }
}

impl ClientSession {
    fn tell(&self, packet: Packet) {
        if let Some(link) = &self.link {
            link.send(packet);
        }
    }

    /// Acknowledges a publish, denied or not, and returns it if it should be delivered now.
    fn take_publish(&mut self, rules: &dyn Rules, publish: Publish) -> Result<Option<Publish>, Close> {
        if !topic_is_plain(&publish.topic) {
            return Err(Close(Some(Reason::PROTOCOL_ERROR)));
        }
        let allowed = rules.permitted(&self.who, &publish.topic, TopicAccess::Write)?;
        let speaks_v5 = self.link.as_ref().is_some_and(|link| link.version == Version::V5);
        let told = !allowed && speaks_v5;
        let reason = if told { Reason::NOT_AUTHORIZED } else { Reason::SUCCESS };
        let id = publish.id;
        match publish.qos {
            QoS::AtMostOnce => Ok(allowed.then_some(publish)),
            QoS::AtLeastOnce => {
                self.tell(ack(AckKind::PubAck, id, reason));
                Ok(allowed.then_some(publish))
            }
            QoS::ExactlyOnce => {
                if !told {
                    self.received.entry(id).or_insert(allowed.then_some(publish));
                }
                self.tell(ack(AckKind::PubRec, id, reason));
                Ok(None)
            }
        }
    }

    fn acknowledged(&mut self, kind: AckKind, id: u16, reason: Reason) {
        let place = self.sent.iter().position(|(sent, _)| *sent == id);
        if kind == AckKind::PubRec && !reason.is_failure() {
            if let Some(place) = place {
                self.sent[place].1 = Sent::Released;
            }
            self.tell(ack(AckKind::PubRel, id, Reason::SUCCESS));
        } else if let Some(place) = place {
            self.sent.remove(place);
            self.send_waiting();
        }
    }

    fn deliver(&mut self, rules: &dyn Rules, publish: &Publish, qos: QoS, retain: bool) {
        if self.link.is_some() {
            rules.delivering(&self.who, &publish.topic);
        }
        let publish = Publish { qos, retain, dup: false, id: 0, ..publish.clone() };
        if qos == QoS::AtMostOnce {
            self.tell(Packet::Publish(publish));
        } else if self.has_room() {
            self.waiting.push_back(publish);
            self.send_waiting();
        }
    }

    /// As Mosquitto counts: nothing is in flight to a disconnected client, so everything for it is queued.
    fn has_room(&self) -> bool {
        let on_their_way = if self.link.is_some() { self.limits.in_flight } else { 0 };
        self.sent.len() + self.waiting.len() < self.limits.queued.saturating_add(on_their_way)
    }

    fn send_waiting(&mut self) {
        while self.link.is_some() && self.sent.len() < self.limits.in_flight {
            let Some(mut publish) = self.waiting.pop_front() else { return };
            publish.id = self.free_id();
            self.tell(Packet::Publish(publish.clone()));
            self.sent.push_back((publish.id, Sent::Message(publish)));
        }
    }

    /// Never 0; ends because at most [`Limits::in_flight`] are in use.
    fn free_id(&mut self) -> u16 {
        loop {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            if self.sent.iter().all(|(id, _)| *id != self.last_id) {
                return self.last_id;
            }
        }
    }
}

fn ack(kind: AckKind, id: u16, reason: Reason) -> Packet {
    Packet::Ack { kind, id, reason }
}

fn lower(a: QoS, b: QoS) -> QoS {
    qos_of((a as u8).min(b as u8))
}

fn qos_of(number: u8) -> QoS {
    match number {
        0 => QoS::AtMostOnce,
        1 => QoS::AtLeastOnce,
        _ => QoS::ExactlyOnce,
    }
}

fn topic_is_plain(topic: &str) -> bool {
    !topic.is_empty() && !topic.contains(['+', '#', '\0'])
}

/// MQTT 3.1.1 §4.7.1.
fn filter_is_valid(filter: &str) -> bool {
    let mut levels = filter.split('/').peekable();
    if filter.is_empty() || filter.contains('\0') {
        return false;
    }
    while let Some(level) = levels.next() {
        let whole = level.len() == 1;
        if (level.contains('+') && !whole) || (level.contains('#') && (!whole || levels.peek().is_some())) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_valid_or_not() {
        for good in ["#", "+", "a/+/b", "a/#", "/", "a//b"] {
            assert!(filter_is_valid(good), "{good}");
        }
        for bad in ["", "a#", "#/a", "a/b+", "a/#/b", "a\0"] {
            assert!(!filter_is_valid(bad), "{bad}");
        }
    }
}
