//! The control socket, and the office that answers what comes through it. The dashboard will stand beside it.

mod case_file;
pub mod control;
pub mod office;
pub mod peer;
pub mod socket;
pub mod status;
mod unwell;
