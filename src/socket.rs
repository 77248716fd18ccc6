//! A control socket: its file, who is at its other end, and the seats of those who ask. The daemon has one, and the gate.

mod file;
mod manners;
pub mod peer;
mod serve;
pub mod users;

pub use file::{BindError, Socket};
pub(crate) use manners::MANNERS;
pub(crate) use serve::{Knocking, admit};
