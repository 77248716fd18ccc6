//! Delivers what is due: a worker for each channel's outbox, what it composes, and the channels themselves.

pub mod channel;
mod compose;
mod worker;

pub use worker::DeliveryWorker;
