//! The gateway: other people's sensors into I3.

pub mod metrics;
