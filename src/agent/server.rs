//! The agent itself: accepts callers, and answers each.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, timeout};

use super::connection::{Answer, Job};
use super::device::Device;
use super::event::Event;
use super::protocol::{
    AgentRequest, AgentState, Failure, GO, HEARTBEAT, HELLO, MAX_PAYLOAD, Publication, Reply, frame, receive,
};
use super::route::Route;
use super::socket;
use super::tally::AgentStats;
use crate::guard::payload;
use crate::mqtt::connection::Connection;
use crate::mqtt::packet::QoS;
use crate::name::{DeviceName, Topic};
use crate::publisher::{Message, Patience};

/// How long a caller may take for its request.
const ASKING: Duration = Duration::from_secs(5);
/// Most callers at once; others publish without the agent.
const CALLERS: usize = 500;
/// Most bytes of payload of all callers together.
const PAYLOADS: usize = 8 * 1024 * 1024;

/// What the agent needs from its owner.
pub trait AgentHost {
    /// Returns how this process would now publish as a device.
    ///
    /// # Errors
    /// Why it cannot, for the user.
    fn route(&self, device: &DeviceName) -> Result<Route, String>;

    /// Logs in as a device, with a new token each time. Limits its own time, and never asks the person.
    ///
    /// # Errors
    /// Why it failed, for the user.
    fn log_in(&self, device: &DeviceName) -> impl Future<Output = Result<Connection, String>>;

    /// Reports an event of a device's connection. It must not wait.
    fn tell(&self, device: &DeviceName, event: &Event<'_>);

    /// Reports that the agent accepts no more messages, and ends once those in flight are done.
    fn stopping(&self);
}

/// An agent.
pub struct AgentServer<H> {
    host: Rc<H>,
    idle: Duration,
    started: Instant,
    /// The devices, by name.
    devices: RefCell<BTreeMap<String, Rc<Device>>>,
    payloads: Semaphore,
    is_stopping: watch::Sender<bool>,
    /// Callers that wait for its end.
    last: RefCell<Vec<UnixStream>>,
}

/// How long a caller stays.
enum Lasting {
    Briefly,
    UntilTheEnd,
}

impl<H: AgentHost + 'static> AgentServer<H> {
    /// Returns an agent that closes a connection over which nothing was published for `idle`.
    pub fn new(host: H, idle: Duration) -> Rc<AgentServer<H>> {
        Rc::new(AgentServer {
            host: Rc::new(host),
            idle,
            started: Instant::now(),
            devices: RefCell::default(),
            payloads: Semaphore::new(PAYLOADS),
            is_stopping: watch::channel(false).0,
            last: RefCell::default(),
        })
    }

    /// Answers callers until `stop` is ready or one of them requests the end, then finishes the messages in flight. Returns the
    /// callers that wait until the process has ended.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn serve(
        self: &Rc<Self>,
        listener: &UnixListener,
        stop: impl Future<Output = ()>,
    ) -> io::Result<Vec<UnixStream>> {
        let serving = async {
            let mut callers = JoinSet::new();
            let mut stop = std::pin::pin!(stop);
            loop {
                tokio::select! {
                    () = &mut stop => break,
                    () = self.stopped() => break,
                    accepted = listener.accept(), if callers.len() < CALLERS => match accepted {
                        Ok((caller, _)) => drop(callers.spawn_local(Rc::clone(self).attend(caller))),
                        // The caller is gone, or the process has no more descriptors for now.
                        Err(e) if e.kind() == io::ErrorKind::ConnectionAborted => {}
                        Err(_) if !callers.is_empty() => drop(callers.join_next().await),
                        Err(e) => return Err(e),
                    },
                    Some(_) = callers.join_next() => {}
                }
            }
            self.is_stopping.send_replace(true);
            self.host.stopping();
            while callers.join_next().await.is_some() {}
            let devices: Vec<Rc<Device>> = self.devices.borrow().values().cloned().collect();
            for device in devices {
                device.end().await;
            }
            Ok(self.last.take())
        };
        LocalSet::new().run_until(serving).await
    }

    /// Returns the totals.
    pub fn tally(&self) -> AgentStats {
        self.devices.borrow().values().fold(AgentStats::default(), |tally, device| tally.with(&device.status.borrow()))
    }

    /// Waits until the agent should end.
    async fn stopped(&self) {
        // The sender lives as long as this.
        let _ = self.is_stopping.subscribe().wait_for(|is_stopping| *is_stopping).await;
    }

    async fn attend(self: Rc<Self>, mut caller: UnixStream) {
        // A caller that is gone needs no answer.
        if let Ok(Lasting::UntilTheEnd) = self.answer(&mut caller).await {
            self.last.borrow_mut().push(caller);
        }
    }

    async fn answer(&self, caller: &mut UnixStream) -> io::Result<Lasting> {
        if !socket::is_own(caller)? {
            return Ok(Lasting::Briefly);
        }
        caller.write_all(&HELLO).await?;
        let asked = async {
            let mut hello = [0; HELLO.len()];
            caller.read_exact(&mut hello).await?;
            if hello == HELLO { receive(caller).await } else { Err(io::ErrorKind::InvalidData.into()) }
        };
        let request = tokio::select! {
            request = timeout(ASKING, asked) => request??,
            () = self.stopped() => return Ok(Lasting::Briefly),
        };
        match request {
            AgentRequest::Publish(publication) => {
                let reply = match self.publish(caller, *publication).await? {
                    Answer::Delivered(evidence) => Reply::Delivered(evidence),
                    Answer::Failed(error) => Failure::of(&error).map_or_else(Reply::Declined, Reply::Failed),
                    Answer::Declined(why) => Reply::Declined(why),
                };
                say(caller, &reply).await?;
            }
            AgentRequest::Status => say(caller, &Reply::Status(self.status())).await?,
            AgentRequest::Stop => {
                say(caller, &Reply::Done).await?;
                self.is_stopping.send_replace(true);
                return Ok(Lasting::UntilTheEnd);
            }
            AgentRequest::Forget { device } => {
                let known = self.devices.borrow().get(&device).cloned();
                if let Some(known) = known {
                    known.forget().await;
                }
                say(caller, &Reply::Done).await?;
            }
        }
        Ok(Lasting::Briefly)
    }

    async fn publish(&self, caller: &mut UnixStream, asked: Publication) -> io::Result<Answer> {
        let declined = |why: &str| Ok(Answer::Declined(why.into()));
        if *self.is_stopping.borrow() {
            return declined("it is stopping");
        }
        let (device, topic) = match self.check(&asked) {
            Ok(checked) => checked,
            Err(why) => return Ok(Answer::Declined(why)),
        };
        let Ok(_room) = self.payloads.try_acquire_many(asked.size as u32) else {
            return declined("it has reached its limit of messages");
        };
        let name: DeviceName = match device.route.device.parse() {
            Ok(name) => name,
            Err(_) => return declined("the device's name is invalid"),
        };
        let begun = Instant::now();
        let (host, of) = (Rc::clone(&self.host), name.clone());
        let tell = move |event: &Event<'_>| host.tell(&of, event);
        let opening = device.open(self.idle, self.host.log_in(&name), tell);
        let jobs = match self.meanwhile(caller, opening).await? {
            Ok(jobs) => jobs,
            Err(why) => return Ok(Answer::Declined(why)),
        };
        say(caller, &Reply::Ready).await?;
        let mut payload = vec![0; 1 + asked.size];
        timeout(ASKING, caller.read_exact(&mut payload)).await??;
        let payload = Bytes::from(payload);
        if payload[0] != GO {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let payload = payload.slice(1..);
        if !asked.allow_secret && payload::find(&payload).is_some() {
            return declined("the message holds a private key");
        }
        let qos = match asked.qos {
            0 => QoS::AtMostOnce,
            1 => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        };
        let message = Message { topic, payload, qos, retain: asked.retain, time: 0 };
        let end = asked.deadline.and_then(|left| begun.checked_add(left));
        let patience = Patience { timeout: asked.timeout, end };
        let (answer, answered) = oneshot::channel();
        let job = Job { message, confirm: asked.confirm, patience, answer };
        let delivering = async {
            match jobs.send(job).await {
                Ok(()) => answered.await.unwrap_or_else(|_| Answer::Declined("it is ending".into())),
                Err(_) => Answer::Declined("the connection ended just now".into()),
            }
        };
        // The connection ends once nobody can send any more.
        let answer = self.meanwhile(caller, delivering).await;
        drop(jobs);
        answer
    }

    /// Checks the request, as the caller has done.
    fn check(&self, asked: &Publication) -> Result<(Rc<Device>, Topic), String> {
        let name: DeviceName = asked.route.device.parse().map_err(|_| "the device's name is invalid")?;
        let topic = name.topic(&asked.topic).map_err(|e| e.to_string())?;
        if !name.may_use(&topic) {
            return Err("the topic is not in the device's hub".into());
        }
        if asked.size > MAX_PAYLOAD {
            return Err("the message is too long for it".into());
        }
        let own = self.host.route(&name)?;
        if let Some(what) = own.difference(&asked.route) {
            return Err(format!("it has another {what}"));
        }
        let mut devices = self.devices.borrow_mut();
        let known = devices.get(name.as_str()).filter(|known| known.route == own).cloned();
        let device = known.unwrap_or_else(|| {
            let device = Rc::new(Device::new(own));
            // The connection of a device whose route has changed ends with its last user.
            devices.insert(name.to_string(), Rc::clone(&device));
            device
        });
        Ok((device, topic))
    }

    /// Returns the result of `work`, and meanwhile shows the caller that it is in progress.
    async fn meanwhile<T>(&self, caller: &mut UnixStream, work: impl Future<Output = T>) -> io::Result<T> {
        let mut work = std::pin::pin!(work);
        loop {
            match timeout(HEARTBEAT, &mut work).await {
                Ok(result) => return Ok(result),
                // Work that was started continues without the caller.
                Err(_) => drop(say(caller, &Reply::Working).await),
            }
        }
    }

    fn status(&self) -> AgentState {
        AgentState {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").into(),
            seconds: self.started.elapsed().as_secs(),
            devices: self.devices.borrow().values().map(|device| device.status.borrow().clone()).collect(),
        }
    }
}

async fn say(caller: &mut UnixStream, reply: &Reply) -> io::Result<()> {
    caller.write_all(&frame(reply)?).await
}
