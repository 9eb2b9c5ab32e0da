//! The agent's socket: where it is, and who may use it.
//!
//! It is in a separate folder that nobody else may enter (0700), and the kernel says who is at the other end.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::fd::{AsFd, AsRawFd as _};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Uid, geteuid};
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::time::sleep;

use crate::config::{Places, env, from_env};
use crate::{access, fsio};

/// The name of the socket's folder inside another one.
const FOLDER: &str = "i3-agent";
const NAME: &str = "agent.sock";
/// The suffix of the file that is locked while an agent runs.
const LOCK: &str = "lock";
/// Most callers that wait to be accepted.
const BACKLOG: i32 = 256;
/// How often an agent looks whether its socket is still there.
const LOOK: Duration = Duration::from_secs(1);
/// Somebody who asks whether an agent runs ([`holder`]) has the lock for a moment.
const LOCK_ATTEMPTS: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// Longest content of the lock's file that is a process id, in bytes.
const MAX_PID: u64 = 20;

/// Why there is no socket to listen on.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Another agent has it.
    #[error("an agent{} is already running at {path}", process(*.pid))]
    Taken { path: PathBuf, pid: Option<u32> },
    /// It was removed, or replaced by something else, while the agent was running.
    #[error("the agent's socket {0} was removed")]
    Lost(PathBuf),
    /// Others may use the folder.
    #[error("the folder {0} of the agent's socket is open to others")]
    Open(PathBuf),
    /// Something with that name is not a socket.
    #[error("{0} is not a socket")]
    Occupied(PathBuf),
    #[error("the agent's socket {path} cannot be made")]
    Io { path: PathBuf, source: io::Error },
}

/// Returns the words for a process, if it is known.
pub fn process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

/// Returns where the socket is: `I3_AGENT`; otherwise below `I3_HOME`, if that is set; otherwise in the user's runtime folder, which is
/// found by the user id, because cron sets no variable; otherwise in the state folder.
pub fn place(places: &Places) -> PathBuf {
    if let Some(named) = from_env(env::AGENT) {
        return named.value.into();
    }
    let runtime = Path::new("/run/user").join(geteuid().as_raw().to_string());
    let has_home = std::env::var_os(env::HOME).is_some_and(|home| !home.is_empty());
    if has_home || !runtime.is_dir() {
        return places.state.join(FOLDER).join(NAME);
    }
    // The sockets of all profiles are in one folder.
    let name = places.profile().map_or_else(|| NAME.into(), |profile| format!("{profile}.sock"));
    runtime.join(FOLDER).join(name)
}

/// Returns whether a folder holds only an agent's files.
pub fn is_folder(folder: &Path) -> bool {
    let ends = |name: &Path, ending| name.extension().is_some_and(|of_name| of_name == ending);
    let is_of_agent = |path: &Path| ends(path, LOCK) || ends(path, "sock");
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let names: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    !names.is_empty() && names.iter().all(|path| is_of_agent(path))
}

/// The agent that has a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// Its process, if it could write that down.
    pub pid: Option<u32>,
}

/// Returns the agent that has this path, whether or not its socket is there: it may be starting, ending, or hang. `None` is one
/// whose socket systemd has made, too.
pub fn holder(path: &Path) -> Option<Holder> {
    let lock = File::open(path.with_extension(LOCK)).ok()?;
    match lock.try_lock_shared() {
        Err(fs::TryLockError::WouldBlock) => Some(Holder { pid: pid_in(&lock) }),
        _ => None,
    }
}

fn pid_in(mut lock: &File) -> Option<u32> {
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.take(MAX_PID).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// The path of a socket that callers are accepted on, removed when this is dropped.
pub struct OwnPath {
    path: PathBuf,
    /// Which socket it is: another one may have its name by then.
    socket: (u64, u64),
    /// Locked for as long as the agent runs, so that two never share a path.
    _lock: File,
}

impl OwnPath {
    /// Creates the socket, replacing one that an agent has left behind.
    ///
    /// # Errors
    /// [`SocketError`].
    pub fn listen(path: &Path) -> Result<(UnixListener, OwnPath), SocketError> {
        let failed = |source| SocketError::Io { path: path.into(), source };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        make_private(folder).map_err(failed)?;
        let made = fs::metadata(folder).map_err(failed)?;
        if made.uid() != geteuid().as_raw() || access::is_group_or_world_accessible(&made) {
            return Err(SocketError::Open(folder.into()));
        }
        // Anything else there was not made by an agent, and stays.
        match fs::symlink_metadata(path) {
            Ok(there) if !there.file_type().is_socket() => return Err(SocketError::Occupied(path.into())),
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(failed(e)),
            _ => {}
        }
        let lock = path.with_extension(LOCK);
        let lock = File::options().read(true).write(true).create(true).truncate(false).open(lock).map_err(failed)?;
        let taken = |pid| SocketError::Taken { path: path.into(), pid };
        let mut attempts = 0;
        while let Err(e) = lock.try_lock() {
            attempts += 1;
            match e {
                fs::TryLockError::WouldBlock if attempts < LOCK_ATTEMPTS => std::thread::sleep(LOCK_PAUSE),
                fs::TryLockError::WouldBlock => return Err(taken(pid_in(&lock))),
                fs::TryLockError::Error(e) => return Err(failed(e)),
            }
        }
        // One that nobody listens on was left behind.
        match connect(path) {
            Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(failed)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Ok(_) => return Err(taken(None)),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::PermissionDenied) => {
                return Err(taken(None));
            }
            Err(e) => return Err(failed(e)),
        }
        let listener = listen(path).map_err(failed)?;
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed)?;
        let socket = identity(path).map_err(failed)?;
        // A file of that name may be somebody's, and is left as it is then.
        if lock.metadata().is_ok_and(|file| file.len() == 0) || pid_in(&lock).is_some() {
            let _ = lock.set_len(0).and_then(|()| (&lock).rewind());
            let _ = write!(&lock, "{}", std::process::id());
        }
        Ok((listener, OwnPath { path: path.into(), socket, _lock: lock }))
    }

    /// Waits until the socket is no longer there, or is another one: nobody finds this agent any more.
    pub async fn lost(&self) {
        while self.may_be_there() {
            sleep(LOOK).await;
        }
    }

    fn may_be_there(&self) -> bool {
        match identity(&self.path) {
            Ok(socket) => socket == self.socket,
            Err(e) => !matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
        }
    }
}

impl Drop for OwnPath {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|socket| socket == self.socket) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Returns which file it is, whatever its name: its number stays its own for as long as somebody listens on it.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|file| (file.dev(), file.ino()))
}

fn make_private(folder: &Path) -> io::Result<()> {
    if let Some(above) = folder.parent() {
        fsio::create_private_dir(above)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    with_address(path, |address| socket.bind(address))?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Calls `act` with the address of `path`. On Linux the path may be longer than an address can be: then it goes through
/// its open folder.
fn with_address<T>(path: &Path, act: impl FnOnce(&SockAddr) -> io::Result<T>) -> io::Result<T> {
    match (SockAddr::unix(path), path.parent(), path.file_name()) {
        (Err(_), Some(folder), Some(name)) if cfg!(target_os = "linux") => {
            let folder = File::open(folder)?;
            let short = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name);
            act(&SockAddr::unix(short)?)
        }
        (address, ..) => act(&address?),
    }
}

/// Connects to an agent of the same user. Does not wait: a leftover socket, or an agent with too many waiting
/// callers, is an error at once.
///
/// # Errors
/// As `connect(2)`; `PermissionDenied` if another user listens there.
pub fn connect(path: &Path) -> io::Result<UnixStream> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    with_address(path, |address| socket.connect(address))?;
    socket.set_nonblocking(false)?;
    if is_own(&socket)? { Ok(socket.into()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// Returns whether a process of the same user is at the other end.
///
/// # Errors
/// As `getsockopt(2)`.
pub fn is_own(socket: &impl AsFd) -> io::Result<bool> {
    Ok(peer(socket)? == geteuid())
}

#[cfg(target_os = "linux")]
fn peer(socket: &impl AsFd) -> io::Result<Uid> {
    Ok(rustix::net::sockopt::socket_peercred(socket)?.uid)
}

#[cfg(not(target_os = "linux"))]
#[expect(unsafe_code, reason = "rustix asks on Linux only")]
fn peer(socket: &impl AsFd) -> io::Result<Uid> {
    let (mut user, mut group) = (0, 0);
    // SAFETY: both numbers live through the call, and `socket` is open for as long as it is borrowed.
    match unsafe { libc::getpeereid(socket.as_fd().as_raw_fd(), &raw mut user, &raw mut group) } {
        0 => Ok(Uid::from_raw(user)),
        _ => Err(io::Error::last_os_error()),
    }
}
