//! What a person is told while messages come: on stderr, or below the chart that holds the terminal.

use std::sync::mpsc::SyncSender;

use super::notice::Notice;
use super::plot::Job;
use crate::cli::ui::Ui;

/// Where it is told.
#[derive(Clone)]
pub enum NoticeOutput {
    Notes(Ui),
    Chart(SyncSender<Job>),
}

impl NoticeOutput {
    /// Tells it. If it cannot be told now, it is left out.
    pub fn tell(&self, said: Notice) {
        match self {
            NoticeOutput::Notes(ui) => said.print(ui),
            NoticeOutput::Chart(jobs) => drop(jobs.try_send(Job::Tell(said))),
        }
    }
}
