//! From what happened to a case to messages: what is queued for whom, what may be held back, and what goes out together.

pub(super) mod answered;
pub(super) mod carried;
pub(super) mod decided;
pub(super) mod due;
pub(super) mod handed;
pub(super) mod handover;
pub(super) mod heard;
pub(super) mod heir;
pub(super) mod looked_up;
pub(super) mod outbox;
pub(super) mod phrase;
pub(super) mod renewed;
pub(super) mod rerouted;
pub(super) mod stand_in;
pub(super) mod stood;
pub(super) mod tell;
pub mod throttle;
pub(super) mod worth;
