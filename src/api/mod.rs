//! The control socket, and the command service that answers what comes through it. The dashboard will stand beside it.

mod case_file;
mod claims;
pub mod control;
mod cursor;
mod deliveries;
mod lists;
mod metrics;
pub mod peer;
pub mod refusal;
mod reports;
pub mod service;
pub mod socket;
pub mod status;
mod uploader;
pub mod v1;
