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

/// Why the agent does not do it; nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum NoAgent {
    /// None listens there; the usual case.
    #[error("no agent is running")]
    None,
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
    let end = publication.deadline.map(|left| Instant::now() + left);
    let mut agent = AgentCall::call(path, &AgentRequest::Publish(Box::new(publication)))?;
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
    let answer = agent.stream.write_all(&message).and_then(|()| agent.read(None));
    match answer {
        Ok(Reply::Delivered(evidence)) => Ok(Ok(evidence)),
        Ok(Reply::Failed(failure)) => Ok(Err(failure.into_error(topic.clone(), Arc::new(broker.clone())))),
        Ok(Reply::Declined(why)) => Err(NoAgent::Declined(why)),
        Ok(_) => Ok(Err(gone(io::ErrorKind::InvalidData.into()))),
        Err(e) => Ok(Err(gone(e))),
    }
}

/// Asks for the agent's status.
///
/// # Errors
/// [`NoAgent`].
pub fn status(path: &Path) -> Result<AgentState, NoAgent> {
    match AgentCall::call(path, &AgentRequest::Status)?.answer(None)? {
        Reply::Status(status) => Ok(status),
        _ => Err(NoAgent::OtherVersion),
    }
}

/// Ends the agent, and waits until it is gone.
///
/// # Errors
/// [`NoAgent`].
pub fn stop(path: &Path) -> Result<(), NoAgent> {
    let mut agent = AgentCall::call(path, &AgentRequest::Stop)?;
    match agent.answer(None)? {
        Reply::Done => {}
        _ => return Err(NoAgent::OtherVersion),
    }
    // This connection ends with it, once the messages in flight are done.
    let _ = agent.stream.set_read_timeout(None);
    let _ = io::copy(&mut agent.stream, &mut io::sink());
    Ok(())
}

/// Makes the agent log in again before the device's next message.
///
/// # Errors
/// [`NoAgent`].
pub fn forget(path: &Path, device: &str) -> Result<(), NoAgent> {
    AgentCall::call(path, &AgentRequest::Forget { device: device.into() })?.answer(None).map(drop)
}

/// An agent with a request in progress.
struct AgentCall {
    stream: UnixStream,
}

impl AgentCall {
    fn call(path: &Path, request: &AgentRequest) -> Result<AgentCall, NoAgent> {
        let stream = socket::connect(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory => NoAgent::None,
            _ => NoAgent::Unreachable(e),
        })?;
        let mut asked = HELLO.to_vec();
        asked.extend(frame(request).map_err(NoAgent::Unreachable)?);
        let mut agent = AgentCall { stream };
        agent.stream.set_write_timeout(Some(SILENCE)).map_err(NoAgent::Unreachable)?;
        agent.stream.write_all(&asked).map_err(|_| NoAgent::Silent)?;
        let mut hello = [0; HELLO.len()];
        agent.stream.set_read_timeout(Some(SILENCE)).map_err(NoAgent::Unreachable)?;
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
            let left = end.map_or(SILENCE, |end| end.saturating_duration_since(Instant::now()).min(SILENCE));
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
