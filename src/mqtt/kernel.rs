//! The bytes written to a socket that the system still holds.

use tokio::net::TcpStream;

/// Returns the bytes that were written to the socket and that the peer's system has not acknowledged yet: SIOCOUTQ (tcp(7)).
/// `None` if the system does not say.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no library has a safe call for it")]
pub fn unacknowledged(socket: &TcpStream) -> Option<u64> {
    use std::os::fd::AsRawFd;

    let mut bytes: libc::c_int = 0;
    // SAFETY: TIOCOUTQ, which SIOCOUTQ is another name for, writes one int; `socket` is open for as long as it is borrowed.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
    u64::try_from(bytes).ok().filter(|_| result == 0)
}

#[cfg(not(target_os = "linux"))]
pub fn unacknowledged(_: &TcpStream) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    #[cfg_attr(not(target_os = "linux"), ignore = "the system does not say")]
    fn what_the_peer_does_not_take_is_told() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let _in_runtime = runtime.enter();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        // Accepted connections inherit it.
        socket2::SockRef::from(&listener).set_recv_buffer_size(4096).unwrap();
        let mut writer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut reader, _) = listener.accept().unwrap();
        writer.set_nonblocking(true).unwrap();
        let mut written = 0;
        while let Ok(more) = writer.write(&[0; 65_536]) {
            written += more as u64;
        }
        let socket = TcpStream::from_std(writer).unwrap();
        let waiting = unacknowledged(&socket).unwrap();
        assert!((1..=written).contains(&waiting), "{waiting} of {written}");
        let mut all = vec![0; written as usize];
        reader.read_exact(&mut all).unwrap();
        // Its acknowledgement may be on the way.
        while unacknowledged(&socket) != Some(0) {
            std::thread::yield_now();
        }
    }
}
