//! What this process has learnt about hosts: which of their addresses work, and whether they speak TLS.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use super::addresses::Preference;

/// A host and a port.
pub type HostPort<'a> = (&'a str, u16);

#[derive(Default)]
struct HostState {
    preference: Preference,
    has_spoken_tls: bool,
}

/// The hosts, by host and port. A process talks to few.
static HOSTS: Mutex<BTreeMap<(String, u16), HostState>> = Mutex::new(BTreeMap::new());

fn with<T>((host, port): HostPort<'_>, work: impl FnOnce(&mut HostState) -> T) -> T {
    let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
    work(hosts.entry((host.to_ascii_lowercase(), port)).or_default())
}

/// Returns which of the host's addresses to try first, and which last.
pub fn preference(place: HostPort<'_>) -> Preference {
    with(place, |known| known.preference)
}

/// Notes that the host answered at this address, regardless of the answer.
pub fn worked(place: HostPort<'_>, address: IpAddr) {
    with(place, |known| known.preference = Preference { first: Some(address), last: None });
}

/// Notes that this address accepts connections, but one led to nothing.
pub fn failed(place: HostPort<'_>, address: IpAddr) {
    with(place, |known| known.preference = Preference { first: None, last: Some(address) });
}

/// Returns whether the host has spoken TLS at that port.
pub fn has_spoken_tls(place: HostPort<'_>) -> bool {
    with(place, |known| known.has_spoken_tls)
}

/// Notes that the host has spoken TLS.
pub fn spoke_tls(place: HostPort<'_>) {
    with(place, |known| known.has_spoken_tls = true);
}
