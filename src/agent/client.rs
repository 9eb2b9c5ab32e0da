//! The caller's side of the agent. It blocks, and needs no runtime.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::protocol::{AgentRequest, AgentState, GO, HEARTBEAT, HELLO, Publication, Reply, frame, read};
use super::socket;
use crate::broker_url::BrokerUrl;
use crate::mqtt::connection::ConnectionError;
use crate::name::Topic;
use crate::publisher::{Evidence, PublishError, Reached};

/// How long an agent may be silent: it sends something every [`HEARTBEAT`].
const SILENCE: Duration = Duration::from_secs(5);
/// How long a message waits at most for the greeting, which an agent sends at once: without it the message goes directly.
const GREETING: Duration = Duration::from_secs(1);
/// And this part of the time that the message has.
const PART: u32 = 2;
/// How much later than a deadline the agent may say that it has passed.
const LATE: Duration = Duration::from_millis(500);
/// How long an agent is waited for that cannot be reached although it runs: one that starts, and one that ends because its
/// socket was removed, which it notices within a second; and for its end, if that is asked for.
const UNFOUND: Duration = Duration::from_secs(3);
const UNFOUND_END: Duration = Duration::from_secs(30);
/// Between two looks at that.
const LOOK: Duration = Duration::from_millis(50);

/// Why the agent does not do it; nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum NoAgent {
    /// None listens there; the usual case.
    #[error("no agent is running")]
    None,
    /// One runs, and nobody finds it.
    #[error("an agent{} is running, and its socket was removed", socket::process(*.pid))]
    Unfound { pid: Option<u32> },
    /// It cannot be reached.
    #[error("the agent cannot be reached ({0})")]
    Unreachable(io::Error),
    /// It is from another version of this program.
    #[error("the agent is from another version of this program")]
    OtherVersion,
    /// It declined.
    #[error("the agent declined: {0}")]
    Declined(String),
    /// It ended, or hung, before it received anything.
    #[error("the agent does not answer")]
    Silent,
}

/// Publishes a message through the agent. The outer error means that nothing of it was sent.
///
/// # Errors
/// [`NoAgent`]; within, [`PublishError`], where an agent that is gone means [`PublishError::Link`].
pub fn publish(
    path: &Path,
    publication: Publication,
    broker: &BrokerUrl,
    topic: &Topic,
    payload: &Bytes,
) -> Result<Result<Evidence, PublishError>, NoAgent> {
    let Publication { deadline, timeout, .. } = publication;
    let end = deadline.map(|left| Instant::now() + left);
    let patience = Patience {
        greeting: (deadline.map_or(timeout, |left| left.min(timeout)) / PART).min(GREETING),
        silence: timeout.clamp(2 * HEARTBEAT, SILENCE),
    };
    let mut agent = AgentCall::call(path, &AgentRequest::Publish(Box::new(publication)), patience)?;
    match agent.answer(end)? {
        Reply::Ready => {}
        Reply::Declined(why) => return Err(NoAgent::Declined(why)),
        _ => return Err(NoAgent::OtherVersion),
    }
    // From here on it may be delivered.
    let gone = |e: io::Error| PublishError::Link {
        topic: topic.clone(),
        reached: Reached::Sent,
        source: ConnectionError::Io(io::Error::other(match e.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "the agent does not answer",
            io::ErrorKind::InvalidData => "the agent's answer cannot be read",
            _ => "the agent has gone",
        })),
    };
    let message = [&[GO], payload.as_ref()].concat();
    let answer = agent.stream.write_all(&message).and_then(|()| agent.read(end.map(|end| end + LATE)));
    match answer {
        Ok(Reply::Delivered(evidence)) => Ok(Ok(evidence)),
        Ok(Reply::Failed(failure)) => Ok(Err(failure.into_error(topic.clone(), Arc::new(broker.clone())))),
        Ok(Reply::Declined(why)) => Err(NoAgent::Declined(why)),
        Ok(_) => Ok(Err(gone(io::ErrorKind::InvalidData.into()))),
        Err(e) => Ok(Err(gone(e))),
    }
}

/// Asks for the agent's status. Waits for one that is starting, and for the end of one that nobody finds.
///
/// # Errors
/// [`NoAgent`].
pub fn status(path: &Path) -> Result<AgentState, NoAgent> {
    found(path, UNFOUND, || match AgentCall::call(path, &AgentRequest::Status, Patience::DEFAULT)?.answer(None)? {
        Reply::Status(status) => Ok(status),
        _ => Err(NoAgent::OtherVersion),
    })
}

/// Ends the agent, and waits until it is gone. One that nobody finds ends by itself.
///
/// # Errors
/// [`NoAgent`].
pub fn stop(path: &Path) -> Result<(), NoAgent> {
    let is_running = socket::holder(path).is_some();
    match found(path, UNFOUND_END, || end(path)) {
        Err(NoAgent::None) if is_running => Ok(()),
        ended => ended,
    }
}

/// Asks an agent, again and again while one runs that cannot be reached.
fn found<T>(path: &Path, patience: Duration, ask: impl Fn() -> Result<T, NoAgent>) -> Result<T, NoAgent> {
    let until = Instant::now() + patience;
    loop {
        match ask() {
            Err(NoAgent::None) => match socket::holder(path) {
                None => return Err(NoAgent::None),
                Some(_) if Instant::now() < until => std::thread::sleep(LOOK),
                Some(holder) => return Err(NoAgent::Unfound { pid: holder.pid }),
            },
            answer => return answer,
        }
    }
}

fn end(path: &Path) -> Result<(), NoAgent> {
    let process = || socket::holder(path).and_then(|holder| holder.pid);
    let ending = process();
    let mut agent = AgentCall::call(path, &AgentRequest::Stop, Patience::DEFAULT)?;
    match agent.answer(None)? {
        Reply::Done => {}
        _ => return Err(NoAgent::OtherVersion),
    }
    // This connection ends with it, once the messages in flight are done.
    let _ = agent.stream.set_read_timeout(None);
    let _ = io::copy(&mut agent.stream, &mut io::sink());
    // Its lock, which another one needs to start, is free a moment later.
    let until = Instant::now() + UNFOUND;
    while ending.is_some() && process() == ending && Instant::now() < until {
        std::thread::sleep(LOOK);
    }
    Ok(())
}

/// Makes the agent log in again before the device's next message.
///
/// # Errors
/// [`NoAgent`].
pub fn forget(path: &Path, device: &str) -> Result<(), NoAgent> {
    AgentCall::call(path, &AgentRequest::Forget { device: device.into() }, Patience::DEFAULT)?.answer(None).map(drop)
}

/// How long a caller waits for an agent that says nothing.
#[derive(Clone, Copy)]
struct Patience {
    /// At first.
    greeting: Duration,
    /// Once it has greeted.
    silence: Duration,
}

impl Patience {
    const DEFAULT: Patience = Patience { greeting: SILENCE, silence: SILENCE };
}

/// An agent with a request in progress.
struct AgentCall {
    stream: UnixStream,
    silence: Duration,
}

impl AgentCall {
    fn call(path: &Path, request: &AgentRequest, patience: Patience) -> Result<AgentCall, NoAgent> {
        let stream = socket::connect(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory => NoAgent::None,
            _ => NoAgent::Unreachable(e),
        })?;
        let mut asked = HELLO.to_vec();
        asked.extend(frame(request).map_err(NoAgent::Unreachable)?);
        let mut agent = AgentCall { stream, silence: patience.silence };
        // A timeout of zero is none at all.
        let greeting = Some(patience.greeting.max(Duration::from_millis(1)));
        agent.stream.set_write_timeout(greeting).map_err(NoAgent::Unreachable)?;
        agent.stream.write_all(&asked).map_err(|_| NoAgent::Silent)?;
        agent.stream.set_write_timeout(Some(SILENCE)).map_err(NoAgent::Unreachable)?;
        let mut hello = [0; HELLO.len()];
        agent.stream.set_read_timeout(greeting).map_err(NoAgent::Unreachable)?;
        io::Read::read_exact(&mut agent.stream, &mut hello).map_err(|_| NoAgent::Silent)?;
        if hello == HELLO { Ok(agent) } else { Err(NoAgent::OtherVersion) }
    }

    /// Returns the answer of an agent that has not been given anything yet.
    fn answer(&mut self, end: Option<Instant>) -> Result<Reply, NoAgent> {
        self.read(end).map_err(|_| NoAgent::Silent)
    }

    /// Returns its next answer, which may take a long time as long as the agent shows that it is working.
    fn read(&mut self, end: Option<Instant>) -> io::Result<Reply> {
        const { assert!(SILENCE.as_secs() > HEARTBEAT.as_secs()) };
        loop {
            let silence = self.silence;
            let left = end.map_or(silence, |end| end.saturating_duration_since(Instant::now()).min(silence));
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
            match read(&self.stream)? {
                Reply::Working => {}
                answer => return Ok(answer),
            }
        }
    }
}
