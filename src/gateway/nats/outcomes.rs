//! The outcomes of the messages, for the session that acknowledges them.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::gateway::host::Rejected;
use crate::gateway::receipt::Acknowledger;
use crate::name::DeviceName;

/// The outcome of the message with this number.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is delivered, or kept with the rejected ones.
    Done(u64),
    /// It left its queue without being delivered.
    GivenUp(u64),
}

/// A message that can never be delivered, in transit to the subject for those.
#[derive(Debug, Clone)]
pub struct Reject {
    number: u64,
    pub from: String,
    pub device: DeviceName,
    pub topic: String,
    pub payload: Bytes,
    pub is_original: bool,
    pub retain: bool,
    pub why: String,
}

/// Receives the outcome of every message of a session.
#[derive(Debug)]
pub struct Outcomes {
    /// Rejected messages are published to a subject.
    publishes_rejects: bool,
    new: RefCell<Vec<Outcome>>,
    /// Those that are not published yet, with their numbers.
    rejects: RefCell<VecDeque<Reject>>,
    rejected: RefCell<HashSet<u64>>,
    /// The open messages that were rejected before, and would come again forever.
    returned: RefCell<HashSet<u64>>,
    news: Notify,
    reject_news: Notify,
}

impl Outcomes {
    pub fn new(publishes_rejects: bool) -> Outcomes {
        Outcomes {
            publishes_rejects,
            new: RefCell::default(),
            rejects: RefCell::default(),
            rejected: RefCell::default(),
            returned: RefCell::default(),
            news: Notify::new(),
            reject_news: Notify::new(),
        }
    }

    /// Notes that the message with this number was rejected before: if it is rejected again, it is not published to the
    /// subject.
    pub fn was_rejected(&self, number: u64) {
        self.returned.borrow_mut().insert(number);
    }

    /// Takes the new outcomes.
    pub fn take(&self) -> Vec<Outcome> {
        self.new.take()
    }

    /// Waits for something new. May be cancelled; one caller at a time.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    /// Waits for the next message to publish as rejected; it stays the next one until it is [`published`](Self::published).
    pub async fn next_reject(&self) -> Reject {
        loop {
            if let Some(reject) = self.rejects.borrow().front() {
                return reject.clone();
            }
            self.reject_news.notified().await;
        }
    }

    /// Notes that the next rejected message is published: now it is done.
    pub fn published(&self) {
        if let Some(Reject { number, .. }) = self.rejects.borrow_mut().pop_front() {
            self.rejected.borrow_mut().remove(&number);
            self.note(Outcome::Done(number));
        }
    }

    fn note(&self, outcome: Outcome) {
        let (Outcome::Done(number) | Outcome::GivenUp(number)) = &outcome;
        self.returned.borrow_mut().remove(number);
        self.new.borrow_mut().push(outcome);
        self.news.notify_one();
    }
}

impl Acknowledger for Outcomes {
    fn done(&self, number: u64, _: usize) {
        if !self.rejected.borrow().contains(&number) {
            self.note(Outcome::Done(number));
        }
    }

    fn given_up(&self, number: u64, _: usize) {
        self.note(Outcome::GivenUp(number));
    }

    fn reject(&self, number: u64, rejected: &Rejected<'_>) -> bool {
        let takes_it = self.publishes_rejects && !self.returned.borrow().contains(&number);
        if takes_it {
            self.rejected.borrow_mut().insert(number);
            self.rejects.borrow_mut().push_back(Reject {
                number,
                from: rejected.from.into(),
                device: rejected.device.clone(),
                topic: rejected.topic.into(),
                payload: Bytes::copy_from_slice(rejected.payload),
                is_original: rejected.is_original,
                retain: rejected.retain,
                why: rejected.why.into(),
            });
            self.reject_news.notify_one();
        }
        takes_it
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::gateway::receipt::Receipt;

    #[tokio::test]
    async fn a_rejected_message_is_done_once_it_is_published() {
        let outcomes = Rc::new(Outcomes::new(true));
        let receipts: Vec<_> = (1..=3).map(|number| Receipt::new(Rc::clone(&outcomes) as _, number, 0)).collect();
        let device = "al$garden$bed".parse().unwrap();
        let rejected = Rejected {
            source: "s",
            from: "f",
            device: &device,
            topic: "al/garden/t",
            payload: b"x",
            is_original: false,
            retain: false,
            why: "no",
        };
        assert!(receipts[1].rejects(&rejected));
        outcomes.was_rejected(3);
        assert!(!receipts[2].rejects(&rejected), "it came from there");
        let mut receipts = receipts.into_iter();
        receipts.next().unwrap().settle();
        receipts.next().unwrap().settle();
        drop(receipts);
        assert_eq!(outcomes.take(), [Outcome::Done(1), Outcome::GivenUp(3)]);
        assert_eq!(outcomes.next_reject().await.why, "no");
        outcomes.published();
        assert_eq!(outcomes.take(), [Outcome::Done(2)]);
    }
}
