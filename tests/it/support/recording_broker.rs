//! A broker that notes every message before it acknowledges it, closes the connection at one that it does not like, and goes
//! down and up again on the same port.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use i3::mqtt::packet::{AckKind, Packet, QoS};
use socket2::SockRef;

use super::reserved_port::ReservedPort;
use super::scripted_broker::{Peer, text};

/// What a message begins with at which the connection is closed.
pub const POISON: &str = "poison";

#[derive(Default)]
struct State {
    messages: Mutex<Vec<String>>,
    news: Condvar,
    connections: Mutex<Vec<TcpStream>>,
    log_ins: AtomicUsize,
    /// Cuts each connection after this many messages, unless it is 0.
    cut_after: AtomicUsize,
}

pub struct Recorder {
    pub port: u16,
    reserved: ReservedPort,
    state: Arc<State>,
    listening: Option<(Arc<AtomicBool>, std::thread::JoinHandle<()>)>,
}

impl Recorder {
    /// On a free port, up.
    pub fn start() -> Recorder {
        let mut recorder = Recorder::down();
        recorder.up();
        recorder
    }

    /// On a port that refuses connections for now.
    pub fn down() -> Recorder {
        let reserved = ReservedPort::new();
        Recorder { port: reserved.number(), reserved, state: Arc::default(), listening: None }
    }

    pub fn up(&mut self) {
        let listener = self.reserved.listen();
        let (state, over) = (Arc::clone(&self.state), Arc::new(AtomicBool::new(false)));
        let ends = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            for client in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    break;
                }
                let (client, state) = (client.unwrap(), Arc::clone(&state));
                state.connections.lock().unwrap().push(client.try_clone().unwrap());
                std::thread::spawn(move || serve(Peer::new(client), &state));
            }
            // Closing it is not enough: until it runs its program, a child that another test starts at this moment has it, too.
            let _ = SockRef::from(&listener).shutdown(Shutdown::Both);
        });
        self.listening = Some((over, thread));
    }

    /// Refuses connections from now on, and cuts those that there are.
    pub fn go_down(&mut self) {
        if let Some((over, thread)) = self.listening.take() {
            over.store(true, Ordering::SeqCst);
            // So that it notices.
            let _ = TcpStream::connect(("127.0.0.1", self.port));
            thread.join().unwrap();
        }
        self.cut();
    }

    /// Cuts every connection that there is.
    pub fn cut(&self) {
        for connection in self.state.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// From now on each connection ends after this many messages, the last of which is noted and not acknowledged.
    pub fn cut_after(&self, messages: usize) {
        self.state.cut_after.store(messages, Ordering::SeqCst);
    }

    /// What has arrived so far, in the order of arrival.
    pub fn messages(&self) -> Vec<String> {
        self.state.messages.lock().unwrap().clone()
    }

    /// Each message once, in the order of first arrival.
    pub fn first_arrivals(&self) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        self.messages().into_iter().filter(|m| seen.insert(m.clone())).collect()
    }

    pub fn log_ins(&self) -> usize {
        self.state.log_ins.load(Ordering::SeqCst)
    }

    /// Waits until at least this many messages have come.
    pub fn wait_for(&self, count: usize) {
        let limit = Instant::now() + Duration::from_secs(60);
        let mut messages = self.state.messages.lock().unwrap();
        while messages.len() < count {
            assert!(Instant::now() < limit, "{} of {count} messages came", messages.len());
            messages = self.state.news.wait_timeout(messages, Duration::from_millis(100)).unwrap().0;
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.go_down();
    }
}

fn serve(mut peer: Peer, state: &State) {
    if !peer.takes_connect() {
        return;
    }
    state.log_ins.fetch_add(1, Ordering::SeqCst);
    let mut taken = 0;
    while let Some(packet) = peer.next() {
        match packet {
            Packet::Publish(publish) if text(&publish).starts_with(POISON) => {
                let _ = peer.stream.shutdown(Shutdown::Both);
                return;
            }
            Packet::Publish(publish) => {
                state.messages.lock().unwrap().push(text(&publish));
                state.news.notify_all();
                taken += 1;
                if taken == state.cut_after.load(Ordering::SeqCst) {
                    let _ = peer.stream.shutdown(Shutdown::Both);
                    return;
                }
                match publish.qos {
                    QoS::AtMostOnce => {}
                    QoS::AtLeastOnce => peer.ack(AckKind::PubAck, publish.id),
                    QoS::ExactlyOnce => peer.ack(AckKind::PubRec, publish.id),
                }
            }
            Packet::Ack { kind: AckKind::PubRel, id, .. } => peer.ack(AckKind::PubComp, id),
            Packet::PingReq => peer.send(Packet::PingResp),
            _ => break,
        }
    }
    // Others have it, too.
    let _ = peer.stream.shutdown(Shutdown::Both);
}
