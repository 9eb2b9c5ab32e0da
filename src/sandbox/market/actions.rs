//! The effects of each call on the tables, step by step in I3's own order, up to the step that fails (I3 facts §6.1).

pub(in crate::sandbox) mod account;
pub(in crate::sandbox) mod device;
pub(in crate::sandbox) mod hub;
pub(in crate::sandbox) mod notice;
pub(in crate::sandbox) mod product;
pub(in crate::sandbox) mod purchase;
pub(in crate::sandbox) mod request;
