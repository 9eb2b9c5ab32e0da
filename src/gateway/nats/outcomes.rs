//! What has become of the messages, for the session that acknowledges them.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::gateway::host::Rejected;
use crate::gateway::receipt::Acknowledger;
use crate::name::DeviceName;

/// What has become of the message with this number.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is delivered, or kept with the rejected ones.
    Done(u64),
    /// It left its queue without being delivered.
    GivenUp(u64),
}

/// A message that can never be delivered, on its way to the subject for those.
#[derive(Debug, Clone)]
pub struct Reject {
    number: u64,
    pub from: String,
    pub device: DeviceName,
    pub topic: String,
    pub payload: Bytes,
    pub retain: bool,
    pub why: String,
}

/// Hears of every message of a session.
#[derive(Debug)]
pub struct Outcomes {
    /// Rejected messages are published to a subject.
    publishes_rejects: bool,
    new: RefCell<Vec<Outcome>>,
    /// Those that are not published yet, with their numbers.
    rejects: RefCell<VecDeque<Reject>>,
    rejected: RefCell<HashSet<u64>>,
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
            news: Notify::new(),
            reject_news: Notify::new(),
        }
    }

    /// Takes what is new.
    pub fn take(&self) -> Vec<Outcome> {
        self.new.take()
    }

    /// Waits for something new. May be cancelled; one caller at a time.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    /// Waits for a message that is to be published as rejected; it stays the next one until it is [`published`](Self::published).
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
        if self.publishes_rejects {
            self.rejected.borrow_mut().insert(number);
            self.rejects.borrow_mut().push_back(Reject {
                number,
                from: rejected.from.into(),
                device: rejected.device.clone(),
                topic: rejected.topic.into(),
                payload: Bytes::copy_from_slice(rejected.payload),
                retain: rejected.retain,
                why: rejected.why.into(),
            });
            self.reject_news.notify_one();
        }
        self.publishes_rejects
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
        let (payload, retain) = (b"x", false);
        let rejected =
            Rejected { source: "s", from: "f", device: &device, topic: "al/garden/t", payload, retain, why: "no" };
        assert!(receipts[1].rejects(&rejected));
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
