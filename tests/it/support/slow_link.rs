//! A slow link: a proxy that takes so many bytes a second, and holds next to nothing, so that what it has not taken is still
//! with the sender.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use socket2::SockRef;

/// What the receiving system may hold: as little as Linux allows.
const BUFFER: usize = 2048;
/// Pieces in a second.
const PIECES: u32 = 50;

/// Starts a link to `port` with `rate` bytes per second in each direction. Returns its port.
pub fn slow_link(port: u16, rate: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // What is accepted inherits it.
    SockRef::from(&listener).set_recv_buffer_size(BUFFER).unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
            throttle(client.try_clone().unwrap(), server.try_clone().unwrap(), rate);
            throttle(server, client, rate);
        }
    });
    own
}

fn throttle(mut from: TcpStream, mut to: TcpStream, rate: usize) {
    to.set_nodelay(true).unwrap();
    std::thread::spawn(move || {
        let mut piece = vec![0; rate / PIECES as usize];
        while let Ok(n @ 1..) = from.read(&mut piece) {
            if to.write_all(&piece[..n]).is_err() {
                break;
            }
            // As long as the link would have needed.
            std::thread::sleep(Duration::from_secs(n as u64) / rate as u32);
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
