//! The messages of one device between the sources and its connection.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::metrics::RouteMetrics;
use super::receipt::Receipt;
use crate::publisher::stream::Pace;

/// A message that has a route.
pub struct QueuedMessage {
    /// The source's name, and the topic or subject there.
    pub source: Rc<str>,
    pub from: Rc<str>,
    /// The metrics of the route.
    pub route: Rc<RouteMetrics>,
    /// The I3 topic, as the route says.
    pub topic: Rc<str>,
    pub payload: Bytes,
    pub retain: bool,
    /// When it was received from the source.
    pub taken: SystemTime,
    pub receipt: Receipt,
}

/// Messages that are sent in order, and at a limited rate if they have one.
pub struct Lane {
    pace: RefCell<Option<Pace>>,
    waiting: RefCell<VecDeque<QueuedMessage>>,
}

impl Lane {
    fn next(&self, now: Instant) -> bool {
        !self.waiting.borrow().is_empty() && self.due().is_none_or(|due| due <= now)
    }

    /// Returns when the next message may be sent, if any waits.
    fn due(&self) -> Option<Instant> {
        let pace = self.pace.borrow();
        pace.as_ref().filter(|_| !self.waiting.borrow().is_empty()).map(Pace::next)
    }
}

/// A message that the connection has, with its number.
pub struct Admitted {
    pub number: u64,
    pub message: QueuedMessage,
    /// It was refused, and is with the rejected ones.
    pub is_rejected: bool,
}

/// The messages of one device.
#[derive(Default)]
pub struct Queue {
    lanes: RefCell<Vec<Rc<Lane>>>,
    /// In the order of their numbers.
    pub admitted: RefCell<VecDeque<Admitted>>,
    news: Notify,
}

impl Queue {
    /// Returns a lane for the routes without a rate.
    pub fn common_lane(&self) -> Rc<Lane> {
        let mut lanes = self.lanes.borrow_mut();
        if let Some(lane) = lanes.iter().find(|lane| lane.pace.borrow().is_none()) {
            return Rc::clone(lane);
        }
        let lane = Rc::new(Lane { pace: RefCell::default(), waiting: RefCell::default() });
        lanes.push(Rc::clone(&lane));
        lane
    }

    /// Returns a separate lane for a route that allows one message per `interval`.
    pub fn paced_lane(&self, interval: Duration) -> Rc<Lane> {
        let pace = Some(Pace::new(interval, Instant::now()));
        let lane = Rc::new(Lane { pace: RefCell::new(pace), waiting: RefCell::default() });
        let mut lanes = self.lanes.borrow_mut();
        // The lanes of routes that no longer exist.
        lanes.retain(|lane| Rc::strong_count(lane) > 1 || !lane.waiting.borrow().is_empty());
        lanes.push(Rc::clone(&lane));
        lane
    }

    /// Adds a message.
    pub fn push(&self, lane: &Lane, message: QueuedMessage) {
        lane.waiting.borrow_mut().push_back(message);
        self.news.notify_one();
    }

    /// Puts back a message that could not be taken yet.
    pub fn put_back(lane: &Lane, message: QueuedMessage) {
        lane.waiting.borrow_mut().push_front(message);
    }

    /// Takes the next message that may be sent now, with its lane.
    pub fn pop(&self, now: Instant) -> Option<(Rc<Lane>, QueuedMessage)> {
        let lanes = self.lanes.borrow();
        let lane = lanes.iter().find(|lane| lane.next(now))?;
        let message = lane.waiting.borrow_mut().pop_front()?;
        Some((Rc::clone(lane), message))
    }

    /// Takes the next message regardless of its rate, with its lane.
    pub fn pop_any(&self) -> Option<(Rc<Lane>, QueuedMessage)> {
        let lanes = self.lanes.borrow();
        let taken = |lane: &Rc<Lane>| Some((Rc::clone(lane), lane.waiting.borrow_mut().pop_front()?));
        lanes.iter().find_map(taken)
    }

    /// Returns the longest time between two messages that a lane requires.
    pub fn interval(&self) -> Option<Duration> {
        let lanes = self.lanes.borrow();
        lanes.iter().filter_map(|lane| lane.pace.borrow().as_ref().map(Pace::interval)).max()
    }

    /// Notes that a message of this lane is sent.
    pub fn leaves(lane: &Lane, now: Instant) {
        if let Some(pace) = &mut *lane.pace.borrow_mut() {
            pace.sent(now);
        }
    }

    /// Returns whether a message may be sent now.
    pub fn has_next(&self, now: Instant) -> bool {
        self.lanes.borrow().iter().any(|lane| lane.next(now))
    }

    /// Returns when the next message may be sent; `None` if none waits.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let lanes = self.lanes.borrow();
        let waiting = lanes.iter().filter(|lane| !lane.waiting.borrow().is_empty());
        waiting.map(|lane| lane.due().unwrap_or(now)).min()
    }

    /// Returns how many messages wait to be sent, and how many are in flight.
    pub fn counts(&self) -> (usize, usize) {
        let waiting = self.lanes.borrow().iter().map(|lane| lane.waiting.borrow().len()).sum();
        (waiting, self.admitted.borrow().len())
    }

    /// Returns whether nothing is waiting or in flight.
    pub fn is_empty(&self) -> bool {
        self.counts() == (0, 0)
    }

    /// Forgets the waiting messages: their sources deliver them again.
    pub fn give_up_waiting(&self) {
        self.lanes.borrow().iter().for_each(|lane| lane.waiting.borrow_mut().clear());
    }

    /// Gives waiting messages of a source back to it, the newest first, as long as `more` returns true for each.
    #[cfg(feature = "nats")]
    pub fn give_back(&self, source: &str, mut more: impl FnMut(&QueuedMessage) -> bool) {
        let lanes = self.lanes.borrow();
        let newest = |lane: &Lane| -> Option<(u64, usize)> {
            let waiting = lane.waiting.borrow();
            let at = waiting.iter().rposition(|message| *message.source == *source)?;
            Some((waiting[at].receipt.number(), at))
        };
        while let Some((lane, (_, at))) =
            lanes.iter().filter_map(|lane| Some((lane, newest(lane)?))).max_by_key(|(_, (number, _))| *number)
        {
            let mut waiting = lane.waiting.borrow_mut();
            if !more(&waiting[at]) {
                return;
            }
            waiting.remove(at);
        }
    }

    /// Waits for a message that is [`push`](Self::push)ed. May be cancelled; one caller at a time.
    pub async fn news(&self) {
        self.news.notified().await;
    }
}
