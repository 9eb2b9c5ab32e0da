//! Checks the chain from the configuration to a message's arrival: the observation at each step, and the first cause.
//!
//! It prints nothing: [`DoctorHost`] receives each finding as soon as it is known, and answers questions for the person.
//! Nothing is changed and nothing is published unless the host allows it; the broker sees a handful of log-ins with random
//! client ids, each of which, if by token, blocks it for 45 to 80 ms (I3 facts §3).

mod broker;
mod finding;
mod fix;
mod local;
mod market;
mod network;
mod permission;
mod refused_log_in;
mod report;
mod run;
mod try_login;

pub use finding::{Check, Finding, FindingCause, Fix, Status};
pub use fix::apply;
pub use report::Report;
use run::DoctorRun;
pub use run::{DoctorHost, DoctorRequest, Reach};

/// Runs all checks.
pub async fn examine(request: &DoctorRequest, host: &mut dyn DoctorHost) -> Report {
    let mut run = DoctorRun::new(request, host);
    local::examine(&mut run);
    if request.reach == Reach::Everything {
        // The marketplace's client blocks, but nothing else is in progress meanwhile.
        market::examine(&mut run);
        if let Some(session) = broker::examine(&mut run).await {
            permission::examine(&mut run, session).await;
        }
    }
    Report { device: run.device, topic: run.topic, findings: run.findings }
}
