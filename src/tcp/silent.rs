//! For tests: an address that does not answer.

use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// An address on loopback that does not answer attempts to connect, like one behind a firewall: the queue of its
/// listener is full.
pub struct Silent(Socket, Vec<Socket>);

impl Silent {
    pub fn new() -> Silent {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let fill = |_| {
            let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            client.set_nonblocking(true).unwrap();
            let _ = client.connect(&address);
            client
        };
        let clients = (0..4).map(fill).collect();
        Silent(listener, clients)
    }

    pub fn address(&self) -> SocketAddr {
        assert!(!self.1.is_empty());
        self.0.local_addr().unwrap().as_socket().unwrap()
    }
}
