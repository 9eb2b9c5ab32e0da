//! A device and its connection, if it is published as.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::connection::{self, Job};
use super::event::Event;
use super::protocol::DeviceStatus;
use super::route::Route;
use crate::mqtt::connection::Connection;

/// After a failed log-in, callers log in themselves for this time, and get the reason for the failure.
const PAUSE: Duration = Duration::from_secs(5);

/// One device of the agent.
pub struct Device {
    pub route: Route,
    pub status: Rc<RefCell<DeviceStatus>>,
    /// Locked during a log-in: other callers wait for the same log-in, in order.
    line: Mutex<DeviceConnections>,
}

#[derive(Default)]
struct DeviceConnections {
    jobs: Option<mpsc::Sender<Job>>,
    running: Vec<JoinHandle<()>>,
    failed: Option<(Instant, String)>,
}

impl Device {
    pub fn new(route: Route) -> Device {
        let status =
            DeviceStatus { device: route.device.clone(), broker: route.broker.clone(), ..DeviceStatus::default() };
        Device { route, status: Rc::new(RefCell::new(status)), line: Mutex::default() }
    }

    /// Returns where to send messages: to the existing connection, or to a new one that `log_in` opens and
    /// `tell` reports.
    ///
    /// # Errors
    /// Why the log-in failed, now or a moment ago.
    pub async fn open(
        &self,
        idle: Duration,
        log_in: impl Future<Output = Result<Connection, String>>,
        tell: impl Fn(&Event<'_>) + 'static,
    ) -> Result<mpsc::Sender<Job>, String> {
        let mut line = self.line.lock().await;
        if let Some(jobs) = line.jobs.as_ref().filter(|jobs| !jobs.is_closed()) {
            return Ok(jobs.clone());
        }
        if let Some((_, why)) = line.failed.as_ref().filter(|(at, _)| at.elapsed() < PAUSE) {
            return Err(why.clone());
        }
        let connection = match log_in.await {
            Ok(connection) => connection,
            Err(why) => {
                self.status.borrow_mut().last_error = Some(why.clone());
                line.failed = Some((Instant::now(), why.clone()));
                return Err(why);
            }
        };
        let (jobs, receiver) = mpsc::channel(1);
        {
            let mut status = self.status.borrow_mut();
            (status.connected, status.log_ins) = (true, status.log_ins + 1);
        }
        line.running.retain(|task| !task.is_finished());
        let running = connection::run(connection, receiver, idle, Rc::clone(&self.status), tell);
        line.running.push(tokio::task::spawn_local(running));
        (line.jobs, line.failed) = (Some(jobs.clone()), None);
        Ok(jobs)
    }

    /// Makes the next message open a new connection. The current one ends once its messages in flight are done.
    pub async fn forget(&self) {
        let mut line = self.line.lock().await;
        (line.jobs, line.failed) = (None, None);
    }

    /// Waits until all connections have ended, which they do when nobody can send any more.
    pub async fn end(&self) {
        let running = {
            let mut line = self.line.lock().await;
            line.jobs = None;
            std::mem::take(&mut line.running)
        };
        for task in running {
            let _ = task.await;
        }
    }
}
