//! Claims as a machine runs them: the daemon and the uploader as processes, a simulated PyPI, an owner who is told.

mod kills;
mod once;
mod secrets;
mod stage;
mod whole;
