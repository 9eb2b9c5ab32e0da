//! Messages to the person during a run: on stderr, or below the chart that holds the terminal.

use std::sync::mpsc::SyncSender;

use super::notice::Notice;
use super::plot::Job;
use crate::cli::ui::Ui;

/// Where messages go.
#[derive(Clone)]
pub enum NoticeOutput {
    Notes(Ui),
    Chart(SyncSender<Job>),
}

impl NoticeOutput {
    /// Writes it. If it cannot be written now, it is left out.
    pub fn tell(&self, said: Notice) {
        match self {
            NoticeOutput::Notes(ui) => said.print(ui),
            NoticeOutput::Chart(jobs) => drop(jobs.try_send(Job::Tell(said))),
        }
    }
}
