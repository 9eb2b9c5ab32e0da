//! State that outlasts a connection to NATS: the messages that are not done, and the devices.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::rc::Rc;

use async_nats::{Message, Subject};
use tokio::time::Instant;

use super::ledger::{Id, Ledger, weight};
use super::outcomes::Outcomes;
use super::returned::is_returned;
use crate::gateway::device::Device;
use crate::gateway::host::GatewayHost;
use crate::gateway::plan::{NatsSource, Route, Source};
use crate::gateway::receipt::{Acknowledger, Receipt};
use crate::gateway::router::Router;
use crate::gateway::shared::Shared;

/// The messages of a session, with the devices that publish them.
pub struct Dispatcher<H> {
    source: Rc<str>,
    pub router: Router<H>,
    devices: Vec<Rc<Device>>,
    /// The places of the devices among them.
    places: HashMap<*const Device, usize>,
    pub ledger: Ledger<Subject>,
    /// Open messages that have come again but are not passed to a device yet, with their numbers: the server delivers
    /// them in the order in which they are due, which is not always that of publishing.
    pub caught_up: BTreeMap<Id, (u64, Message)>,
    pub outcomes: Rc<Outcomes>,
}

impl<H: GatewayHost> Dispatcher<H> {
    pub fn new(
        shared: &Rc<Shared<H>>,
        source: &Source,
        nats: &NatsSource,
        routes: &[(Rc<Route>, Rc<Device>)],
    ) -> Dispatcher<H> {
        let mut devices: Vec<Rc<Device>> = Vec::new();
        let mut places = HashMap::new();
        for (_, device) in routes {
            places.entry(Rc::as_ptr(device)).or_insert_with(|| {
                devices.push(Rc::clone(device));
                devices.len() - 1
            });
        }
        Dispatcher {
            source: Rc::clone(&source.name),
            router: Router::new(Rc::clone(shared), source, routes.iter().cloned()),
            ledger: Ledger::new(devices.len()),
            caught_up: BTreeMap::new(),
            devices,
            places,
            outcomes: Rc::new(Outcomes::new(nats.rejects.is_some())),
        }
    }

    /// Returns the place of the device that a message is for.
    pub fn device(&mut self, message: &Message) -> Option<usize> {
        let device = self.router.device(&message.subject)?;
        self.places.get(&Rc::as_ptr(device)).copied()
    }

    /// Hands a message to its device, under its number.
    ///
    /// # Errors
    /// As [`Router::route`].
    pub fn route(&mut self, message: &Message, number: u64) -> io::Result<()> {
        let (from, payload) = (message.subject.as_str(), &message.payload);
        if is_returned(message) {
            self.outcomes.was_rejected(number);
        }
        let outcomes = Rc::clone(&self.outcomes) as Rc<dyn Acknowledger>;
        self.router.route(from, payload, Receipt::new(outcomes, number, payload.len()))
    }

    /// Makes the devices forget the messages waiting from here.
    pub fn give_all_back(&self) {
        self.devices.iter().for_each(|device| device.queue.give_back(&self.source, |_| true));
    }

    /// Makes the devices that leave no room for others give up their excess.
    pub fn review(&mut self, now: Instant) {
        for (device, mut excess) in self.ledger.review(now) {
            self.devices[device].queue.give_back(&self.source, |message| {
                let goes = excess > 0;
                excess = excess.saturating_sub(weight(message.payload.len()));
                goes
            });
        }
    }
}
