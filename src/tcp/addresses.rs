//! A TCP connection to a host that may have several addresses: all are tried, each after a head start for the previous one
//! (RFC 8305).

use std::fmt;
use std::io;
use std::net::{self, IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// The head start of each attempt over the next (RFC 8305 §5).
const HEAD_START: Duration = Duration::from_millis(250);
/// Time left for the other addresses once one has answered, if all of them matter.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many attempts an error lists.
const SHOWN: usize = 8;

/// Which address of a host to try first, and which last, regardless of the resolver's order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preference {
    pub first: Option<IpAddr>,
    pub last: Option<IpAddr>,
}

/// The result for each address of a host, in the order in which they were tried.
#[derive(Debug)]
pub struct Tried(Vec<(SocketAddr, Option<io::Error>)>);

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (address, error)) in self.0.iter().take(SHOWN).enumerate() {
            let before = if at == 0 { "" } else { "; " };
            match error {
                Some(error) => write!(f, "{before}{address}: {error}")?,
                None => write!(f, "{before}{address}: no answer in time")?,
            }
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for Tried {}

/// An address of this machine that cannot be connected from.
#[derive(Debug, thiserror::Error)]
pub enum LocalAddressError {
    #[error("nothing can be sent from {local}: {why}")]
    Bind { local: IpAddr, why: io::Error },
    #[error("the address to connect from is of the other family (IPv4, IPv6)")]
    Family,
}

/// Returns whether no connection came about because of the addresses to connect from.
pub fn is_local(error: &io::Error) -> bool {
    let Some(inner) = error.get_ref() else { return false };
    let tried = |Tried(tried): &Tried| tried.iter().all(|(_, error)| error.as_ref().is_some_and(is_local));
    inner.is::<LocalAddressError>() || inner.downcast_ref().is_some_and(tried)
}

impl Tried {
    fn into_error(self) -> io::Error {
        let last = self.0.iter().rev().find_map(|(_, error)| Some(error.as_ref()?.kind()));
        io::Error::new(last.unwrap_or(io::ErrorKind::TimedOut), self)
    }
}

/// Sorts the addresses of a host in the order in which to try them: alternating families, the resolver's preferred one
/// first (RFC 8305 §4), except for the given preference.
pub fn in_order(addresses: impl IntoIterator<Item = SocketAddr>, preference: Preference) -> Vec<SocketAddr> {
    let mut known: Vec<SocketAddr> = Vec::new();
    for address in addresses {
        if !known.contains(&address) {
            known.push(address);
        }
    }
    let first_family = known.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = known.into_iter().partition(|address| address.is_ipv6() == first_family);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut ordered = Vec::new();
    loop {
        let (one, other) = (first.next(), second.next());
        if one.is_none() && other.is_none() {
            break;
        }
        ordered.extend(one.into_iter().chain(other));
    }
    // Stable, so that the others keep their order.
    ordered.sort_by_key(|address| {
        let ip = Some(address.ip());
        (ip != preference.first, ip == preference.last)
    });
    ordered
}

/// Connects to the first of these addresses that answers, each with a head start over the next; `from` one of these addresses
/// of this machine, if there are any, of the same family.
///
/// # Errors
/// The result for each, as the source of the error if there are several; [`io::ErrorKind::TimedOut`] if it ends with the
/// deadline.
pub async fn connect(addresses: &[SocketAddr], from: &[IpAddr], deadline: Instant) -> io::Result<TcpStream> {
    if let [only] = addresses {
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        return timeout_at(deadline, attempt(*only, local(*only, from))).await.map_err(late)?;
    }
    let mut race = Race::new(addresses, from);
    let mut tried: Vec<(SocketAddr, Option<io::Error>)> = addresses.iter().map(|address| (*address, None)).collect();
    while let Some((at, result)) = race.next(deadline).await {
        match result {
            Ok(tcp) => return Ok(tcp),
            Err(error) => tried[at].1 = Some(error),
        }
    }
    tried.truncate(race.begun);
    Err(Tried(tried).into_error())
}

/// Tries all of these addresses, each with a head start over the next, and returns the result for each by `deadline`:
/// `None` if there is none. Once one has accepted, the others begin at once and have [`PATIENCE`] left.
async fn probe(addresses: &[SocketAddr], deadline: Instant) -> Vec<Option<io::Result<()>>> {
    let mut race = Race::new(addresses, &[]);
    let mut seen: Vec<_> = addresses.iter().map(|_| None).collect();
    let mut until = deadline;
    while let Some((at, result)) = race.next(until).await {
        if result.is_ok() {
            race.head_start = Duration::ZERO;
            until = until.min(Instant::now() + PATIENCE);
        }
        seen[at] = Some(result.map(drop));
    }
    seen
}

/// Attempts at several addresses, each with a head start over the next.
struct Race<'a> {
    addresses: &'a [SocketAddr],
    from: &'a [IpAddr],
    head_start: Duration,
    /// How many have started.
    begun: usize,
    attempts: JoinSet<(usize, io::Result<TcpStream>)>,
}

impl<'a> Race<'a> {
    fn new(addresses: &'a [SocketAddr], from: &'a [IpAddr]) -> Race<'a> {
        Race { addresses, from, head_start: HEAD_START, begun: 0, attempts: JoinSet::new() }
    }

    /// Returns the next result of an attempt, with its address; `None` once there are no more, or the deadline is over. When
    /// an attempt has ended, the next starts at once.
    async fn next(&mut self, deadline: Instant) -> Option<(usize, io::Result<TcpStream>)> {
        loop {
            if let Some(&address) = self.addresses.get(self.begun) {
                let (at, local) = (self.begun, local(address, self.from));
                self.attempts.spawn(async move { (at, attempt(address, local).await) });
                self.begun += 1;
            }
            let is_last = self.begun == self.addresses.len();
            let until = if is_last { deadline } else { deadline.min(Instant::now() + self.head_start) };
            match timeout_at(until, self.attempts.join_next()).await {
                Ok(Some(Ok(ended))) => return Some(ended),
                // An attempt that was ended from outside counts as one without an answer.
                Ok(Some(Err(_))) => {}
                Ok(None) => return None,
                Err(_) if Instant::now() < deadline => {}
                Err(_) => return None,
            }
        }
    }
}

/// Returns the address to connect from; `Err` if none of the given ones has the family.
fn local(address: SocketAddr, from: &[IpAddr]) -> io::Result<Option<IpAddr>> {
    let same = from.iter().find(|local| local.is_ipv6() == address.is_ipv6());
    match same {
        None if !from.is_empty() => Err(io::Error::new(io::ErrorKind::InvalidInput, LocalAddressError::Family)),
        same => Ok(same.copied()),
    }
}

async fn attempt(address: SocketAddr, local: io::Result<Option<IpAddr>>) -> io::Result<TcpStream> {
    let Some(local) = local? else { return TcpStream::connect(address).await };
    let socket = if address.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
    let own = |why: io::Error| io::Error::new(why.kind(), LocalAddressError::Bind { local, why });
    socket.bind((local, 0).into()).map_err(own)?;
    socket.connect(address).await
}

/// Does the same for a caller that is not asynchronous, within `timeout`.
///
/// # Errors
/// As [`connect`], or the system has no thread or event queue left.
pub fn connect_blocking(addresses: &[SocketAddr], timeout: Duration) -> io::Result<net::TcpStream> {
    if timeout.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    if let [only] = addresses {
        return net::TcpStream::connect_timeout(only, timeout);
    }
    let addresses = addresses.to_vec();
    let tcp = apart(async move || connect(&addresses, &[], Instant::now() + timeout).await?.into_std())??;
    tcp.set_nonblocking(false)?;
    Ok(tcp)
}

/// Tries all of these addresses as [`connect`] does, and returns the result for each within `timeout`: `None` if there is
/// none. Once one has accepted, the others have a second left.
///
/// # Errors
/// The system has no thread or event queue left.
pub fn probe_blocking(addresses: &[SocketAddr], timeout: Duration) -> io::Result<Vec<Option<io::Result<()>>>> {
    let addresses = addresses.to_vec();
    apart(async move || probe(&addresses, Instant::now() + timeout).await)
}

/// Does asynchronous work on a separate thread: the caller may itself be called from within a runtime, where no other can run.
fn apart<T: Send + 'static>(work: impl AsyncFnOnce() -> T + Send + 'static) -> io::Result<T> {
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        Ok(runtime.block_on(work()))
    };
    let thread = std::thread::Builder::new().name("i3-connect".into()).spawn(run)?;
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the attempt was abandoned")))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::tcp::silent::Silent;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn families_take_turns_between_the_address_that_worked_and_the_one_that_failed() {
        let all = ["[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1", "192.0.2.1:1", "192.0.2.1:1"].map(address);
        let shown = |first: Option<&str>, last: Option<&str>| -> Vec<String> {
            let [first, last] = [first, last].map(|address| address.map(|text| text.parse().unwrap()));
            in_order(all, Preference { first, last }).iter().map(|a| a.ip().to_string()).collect()
        };
        let unknown = ["2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3"];
        assert_eq!(shown(None, None), unknown);
        assert_eq!(shown(Some("2001:db8::2"), None), ["2001:db8::2", "2001:db8::1", "192.0.2.1", "2001:db8::3"]);
        assert_eq!(shown(None, Some("2001:db8::1")), ["192.0.2.1", "2001:db8::2", "2001:db8::3", "2001:db8::1"]);
        assert_eq!(shown(Some("192.0.2.9"), Some("192.0.2.8")), unknown);
    }

    #[tokio::test]
    async fn an_address_without_an_answer_does_not_hold_up_the_next() {
        let (silent, open) = (Silent::new(), TcpListener::bind("127.0.0.1:0").unwrap());
        let open = open.local_addr().map(|address| (open, address)).unwrap();
        let began = Instant::now();
        let tcp = connect(&[silent.address(), silent.address(), open.1], &[], began + Duration::from_secs(20)).await;
        assert_eq!(tcp.unwrap().peer_addr().unwrap(), open.1);
        let took = began.elapsed();
        assert!(took >= 2 * HEAD_START && took < Duration::from_secs(10), "{took:?}");
    }

    /// Within a runtime as well, and for I/O that waits.
    #[tokio::test]
    async fn addresses_race_for_a_caller_that_is_not_asynchronous() {
        let (silent, open) = (Silent::new(), TcpListener::bind("127.0.0.1:0").unwrap());
        let open_at = open.local_addr().unwrap();
        for addresses in [vec![open_at], vec![silent.address(), open_at]] {
            let tcp = connect_blocking(&addresses, Duration::from_secs(20)).unwrap();
            assert_eq!(tcp.peer_addr().unwrap(), open_at);
            tcp.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
            let began = Instant::now();
            assert!(io::Read::read(&mut &tcp, &mut [0]).is_err());
            assert!(began.elapsed() >= Duration::from_millis(40), "it does not wait");
        }
        let late = connect_blocking(&[silent.address(), silent.address()], Duration::from_millis(100));
        assert_eq!(late.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(connect_blocking(&[open_at], Duration::ZERO).unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_address_that_refuses_is_followed_by_the_next_at_once() {
        // Nobody listens on port 1.
        let refusing = address("127.0.0.1:1");
        let open = TcpListener::bind("127.0.0.1:0").unwrap();
        let addresses = [refusing, address("[::1]:1"), open.local_addr().unwrap()];
        // Within two head starts there would be no third attempt.
        let tcp = connect(&addresses, &[], Instant::now() + 2 * HEAD_START).await;
        assert_eq!(tcp.unwrap().peer_addr().unwrap(), addresses[2]);
    }

    #[tokio::test]
    async fn of_each_address_it_is_seen_what_came() {
        let (silent, open) = (Silent::new(), TcpListener::bind("127.0.0.1:0").unwrap());
        let addresses = [silent.address(), address("127.0.0.1:1"), open.local_addr().unwrap(), silent.address()];
        let began = Instant::now();
        let seen = probe(&addresses, began + Duration::from_secs(60)).await;
        let took = began.elapsed();
        assert!(seen[0].is_none() && seen[3].is_none(), "{seen:?}");
        assert_eq!(seen[1].as_ref().unwrap().as_ref().unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        assert!(seen[2].as_ref().unwrap().is_ok(), "{seen:?}");
        assert!(took >= HEAD_START + PATIENCE && took < Duration::from_secs(30), "{took:?}");
        assert!(probe(&[], Instant::now()).await.is_empty());
    }

    #[tokio::test]
    async fn the_error_names_every_address_and_keeps_to_the_deadline() {
        let silent = Silent::new();
        let began = Instant::now();
        let error = connect(&[address("127.0.0.1:1"), silent.address()], &[], began + Duration::from_millis(300)).await;
        assert!(began.elapsed() < Duration::from_secs(10));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let text = error.to_string();
        assert!(text.starts_with("127.0.0.1:1: "), "{text}");
        assert!(text.ends_with(&format!("; {}: no answer in time", silent.address())), "{text}");
        let many = Tried((0..10).map(|_| (silent.address(), None)).collect());
        assert!(many.to_string().ends_with("; and 2 more"));
    }
}
