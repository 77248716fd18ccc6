//! Delivers what is due: a worker for each channel's outbox, what it composes, and the channels themselves.

mod at_gate;
pub mod channel;
mod compose;
mod decidable;
mod in_force;
mod pages;
mod report;
mod worker;

pub use at_gate::AskProjects;
pub use in_force::InForce;
pub use report::AskGate;
pub use worker::DeliveryWorker;
