//! What a person is told while messages come: on stderr, or below the chart that holds the terminal.

use std::sync::mpsc::SyncSender;

use super::plot::Job;
use super::said::Said;
use crate::cli::ui::Ui;

/// Where it is told.
#[derive(Clone)]
pub enum Teller {
    Notes(Ui),
    Chart(SyncSender<Job>),
}

impl Teller {
    /// Tells it. If it cannot be told now, it is left out.
    pub fn tell(&self, said: Said) {
        match self {
            Teller::Notes(ui) => said.print(ui),
            Teller::Chart(jobs) => drop(jobs.try_send(Job::Tell(said))),
        }
    }
}
