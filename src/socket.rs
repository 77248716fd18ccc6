//! A control socket: its file, who is at its other end, and the seats of those who ask. The daemon has one, and the gate.

mod file;
mod manners;
pub mod peer;
mod serve;
pub mod users;

pub use file::{BindError, Socket};
pub use manners::MANNERS;
pub use serve::{Knocking, admit};
