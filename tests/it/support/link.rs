//! A link between a client and a server: a proxy that takes this many bytes a second, holds next to nothing, so that what it
//! has not taken is still with the sender, and cuts connections where a test says so.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use socket2::SockRef;

/// What the receiving system may hold: as little as Linux allows.
const BUFFER: usize = 2048;
/// Pieces in a second.
const PIECES: usize = 50;

pub struct Link {
    pub port: u16,
    /// What connections from now on meet.
    next: Arc<Mutex<Weather>>,
}

/// What connections meet.
#[derive(Default)]
pub struct Weather {
    /// Bytes per second in each direction; `None` for as many as there are.
    pub rate: Option<usize>,
    /// After this many bytes from the client the next connection is cut, then the one after it; those that follow are not.
    pub cuts: Vec<usize>,
}

impl Link {
    /// A link to `port`.
    pub fn new(port: u16) -> Link {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // What is accepted inherits it.
        SockRef::from(&listener).set_recv_buffer_size(BUFFER).unwrap();
        let (own, next) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Weather::default())));
        let weather = Arc::clone(&next);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, Ok(server)) = (client.unwrap(), TcpStream::connect(("127.0.0.1", port))) else { continue };
                let mut weather = weather.lock().unwrap();
                let cut = if weather.cuts.is_empty() { usize::MAX } else { weather.cuts.remove(0) };
                pass_on(client.try_clone().unwrap(), server.try_clone().unwrap(), weather.rate, cut);
                pass_on(server, client, weather.rate, usize::MAX);
            }
        });
        Link { port: own, next }
    }

    pub fn set(&self, weather: Weather) {
        *self.next.lock().unwrap() = weather;
    }
}

/// Starts a link to `port` with `rate` bytes per second in each direction. Returns its port.
pub fn slow_link(port: u16, rate: usize) -> u16 {
    let link = Link::new(port);
    link.set(Weather { rate: Some(rate), cuts: Vec::new() });
    link.port
}

/// Passes on up to `cut` bytes, then cuts the connection.
fn pass_on(mut from: TcpStream, mut to: TcpStream, rate: Option<usize>, mut cut: usize) {
    to.set_nodelay(true).unwrap();
    std::thread::spawn(move || {
        let mut piece = vec![0; rate.map_or(BUFFER, |rate| rate / PIECES)];
        while let Ok(n @ 1..) = from.read(&mut piece) {
            let passed = n.min(cut);
            cut -= passed;
            if to.write_all(&piece[..passed]).is_err() {
                break;
            }
            if cut == 0 {
                let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
                break;
            }
            if let Some(rate) = rate {
                // As long as the link would have needed.
                std::thread::sleep(Duration::from_secs(n as u64) / rate as u32);
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
