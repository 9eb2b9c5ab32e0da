//! The receipt that a source gets for each of its messages when it is done.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use tokio::sync::Notify;

use super::host::Rejected;

/// Most unfinished messages of one source: then no more are taken from it.
const MOST_OPEN: usize = 1000;
/// The same in bytes of payload.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Is notified when a message is done.
pub trait Acknowledger {
    /// Notes that the message with this number, of this many bytes, is done: delivered, or kept with the rejected ones.
    fn done(&self, number: u64, bytes: usize);

    /// Notes that nobody will deliver the message with this number, of this many bytes. If the source cannot be notified,
    /// it redelivers the message anyway.
    fn given_up(&self, _number: u64, _bytes: usize) {}

    /// Returns whether it keeps this rejected message itself; then it need not be kept elsewhere.
    fn reject(&self, _number: u64, _rejected: &Rejected<'_>) -> bool {
        false
    }
}

/// The receipt of a message at its source. If it is dropped, the message is not acknowledged, so the source delivers it
/// again.
pub struct Receipt {
    to: Rc<dyn Acknowledger>,
    number: u64,
    bytes: usize,
    is_settled: bool,
}

impl Receipt {
    pub fn new(to: Rc<dyn Acknowledger>, number: u64, bytes: usize) -> Receipt {
        Receipt { to, number, bytes, is_settled: false }
    }

    /// Acknowledges the message.
    pub fn settle(mut self) {
        self.is_settled = true;
        self.to.done(self.number, self.bytes);
    }

    /// Returns whether the source keeps this rejected message itself, before it is acknowledged.
    pub fn rejects(&self, rejected: &Rejected<'_>) -> bool {
        self.to.reject(self.number, rejected)
    }

    /// Returns the number of the message among those of its source.
    #[cfg(feature = "nats")]
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if !self.is_settled {
            self.to.given_up(self.number, self.bytes);
        }
    }
}

/// The messages of an MQTT session, which are acknowledged in the order of arrival (MQTT 3.1.1 §4.6).
#[derive(Debug, Default)]
pub struct InOrder {
    /// Acknowledged messages: all before the first of `open`.
    settled: Cell<u64>,
    /// For each message after those, whether it is done.
    open: RefCell<VecDeque<bool>>,
    bytes: Cell<usize>,
    news: Notify,
}

impl Acknowledger for InOrder {
    fn done(&self, number: u64, bytes: usize) {
        let mut open = self.open.borrow_mut();
        let at = number.checked_sub(self.settled.get()).and_then(|at| usize::try_from(at).ok());
        if let Some(done) = at.and_then(|at| open.get_mut(at)) {
            *done = true;
        }
        while open.front() == Some(&true) {
            open.pop_front();
            self.settled.set(self.settled.get() + 1);
        }
        self.bytes.set(self.bytes.get().saturating_sub(bytes));
        self.news.notify_one();
    }
}

impl InOrder {
    /// Takes the next message, of this many bytes.
    pub fn take(self: &Rc<Self>, bytes: usize) -> Receipt {
        let mut open = self.open.borrow_mut();
        let number = self.settled.get() + open.len() as u64;
        open.push_back(false);
        self.bytes.set(self.bytes.get() + bytes);
        Receipt::new(Rc::clone(self) as Rc<dyn Acknowledger>, number, bytes)
    }

    /// Returns how many messages may be acknowledged, from the first one on.
    pub fn settled(&self) -> u64 {
        self.settled.get()
    }

    /// Returns whether so much is open that no more should be taken.
    pub fn is_full(&self) -> bool {
        self.open.borrow().len() >= MOST_OPEN || self.bytes.get() >= MOST_BYTES
    }

    /// Waits until something is done. May be cancelled; one caller at a time.
    pub async fn news(&self) {
        self.news.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_acknowledged_in_order_whatever_is_done_first() {
        let order = Rc::new(InOrder::default());
        let [one, two, three] = [3, 5, 7].map(|bytes| order.take(bytes));
        two.settle();
        assert_eq!((order.settled(), order.bytes.get()), (0, 10));
        one.settle();
        assert_eq!((order.settled(), order.bytes.get()), (2, 7));
        drop(three);
        let four = order.take(1);
        four.settle();
        assert_eq!(order.settled(), 2, "what was dropped is not acknowledged, nor is what came after it");
    }

    #[test]
    fn what_is_open_is_bounded() {
        let order = Rc::new(InOrder::default());
        let mut receipts: Vec<_> = (0..MOST_OPEN).map(|_| order.take(1)).collect();
        assert!(order.is_full());
        receipts.remove(0).settle();
        receipts.remove(0).settle();
        assert!(!order.is_full());
        let large = order.take(MOST_BYTES);
        assert!(order.is_full());
        large.settle();
        assert!(!order.is_full());
    }
}
