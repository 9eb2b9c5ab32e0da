//! A port that stays reserved while nobody listens there: it refuses connections until a server uses it, and that server
//! may restart.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use socket2::{Domain, Socket, Type};

/// The reservation, on loopback; it ends when dropped.
///
/// A socket that is bound and does not listen: the system does not give its port to a process that asks for a free one,
/// or connects from one, and lets a listener with SO_REUSEADDR (Rust's and Mosquitto's) bind to it by number.
pub struct ReservedPort {
    socket: Socket,
}

impl ReservedPort {
    pub fn new() -> ReservedPort {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_reuse_address(true).unwrap();
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        ReservedPort { socket }
    }

    pub fn number(&self) -> u16 {
        self.socket.local_addr().unwrap().as_socket().unwrap().port()
    }

    pub fn listen(&self) -> TcpListener {
        TcpListener::bind((Ipv4Addr::LOCALHOST, self.number())).unwrap()
    }
}
