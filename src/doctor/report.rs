//! All findings together: the first cause, what follows from it, and what is unknown.

use super::finding::{Check, Finding, Status};
use crate::name::{DeviceName, Topic};

/// All findings.
#[derive(Debug)]
pub struct Report {
    pub device: Option<DeviceName>,
    pub topic: Option<Topic>,
    pub findings: Vec<Finding>,
}

impl Report {
    /// Returns the first cause: the first finding that is wrong, otherwise the first that is a risk.
    pub fn cause(&self) -> Option<&Finding> {
        let first = |status| self.findings.iter().find(|finding| finding.status == status);
        first(Status::Wrong).or_else(|| first(Status::Risk))
    }

    /// Returns what may follow from the first cause: the later checks that depend on it and found something wrong as well.
    pub fn follows(&self) -> impl Iterator<Item = &Finding> {
        self.after().filter(|finding| self.cause().is_some_and(|cause| cause.can_cause(finding.check)))
    }

    /// Returns the other faults, independent of the first cause.
    pub fn besides(&self) -> impl Iterator<Item = &Finding> {
        self.after().filter(|finding| self.cause().is_some_and(|cause| !cause.can_cause(finding.check)))
    }

    /// Returns what later checks found wrong.
    fn after(&self) -> impl Iterator<Item = &Finding> {
        let after =
            self.findings.iter().skip_while(|finding| self.cause().is_none_or(|cause| cause.check != finding.check));
        after.skip(1).filter(|finding| finding.status == Status::Wrong)
    }

    /// Returns the requested checks whose result is unknown.
    pub fn unproved(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| matches!(finding.status, Status::Unknown | Status::Skipped))
    }

    /// Returns the checks that were left out because they need the network.
    pub fn not_looked_at(&self) -> impl Iterator<Item = Check> {
        Check::ALL.into_iter().filter(|check| !self.findings.iter().any(|finding| finding.check == *check))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::entry;

    fn report(findings: Vec<Finding>) -> Report {
        Report { device: None, topic: None, findings }
    }

    #[test]
    fn the_first_cause_is_what_is_wrong_before_what_is_a_risk() {
        let steps = || {
            vec![
                Finding::ok(Check::Configuration, "fine"),
                Finding::risk(Check::Hub, entry!("hub-case-twins"), "twins"),
                Finding::wrong(Check::Device, entry!("device-doubled"), "twice"),
                Finding::wrong(Check::Product, entry!("product-missing"), "missing"),
                Finding::unknown(Check::Mqtt, "unknown"),
                Finding::wrong(Check::LogIn, entry!("log-in-refused"), "refused"),
                Finding::skipped(Check::Publish, "skipped"),
            ]
        };
        let all = report(steps());
        assert_eq!(all.cause().unwrap().check, Check::Device);
        assert_eq!(all.follows().map(|finding| finding.check).collect::<Vec<_>>(), [Check::LogIn]);
        assert_eq!(all.besides().map(|finding| finding.check).collect::<Vec<_>>(), [Check::Product]);
        assert_eq!(all.unproved().count(), 2);
        let risk = report(steps().into_iter().filter(|finding| finding.status != Status::Wrong).collect());
        assert_eq!(risk.cause().unwrap().check, Check::Hub);
        assert_eq!((risk.follows().count(), risk.besides().count()), (0, 0));
        assert!(report(vec![Finding::ok(Check::Names, "fine")]).cause().is_none());
        let down = report(vec![
            Finding::wrong(Check::Account, entry!("database-down"), "down"),
            Finding::wrong(Check::LogIn, entry!("log-in-refused"), "refused"),
        ]);
        assert_eq!((down.follows().count(), down.besides().count()), (1, 0));
        assert_eq!(down.not_looked_at().count(), Check::ALL.len() - 2);
    }
}
