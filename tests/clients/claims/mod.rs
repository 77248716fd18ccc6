//! Claims as a machine runs them: the daemon and the uploader as processes, a simulated PyPI, an owner who is told.

mod bad;
mod bad_days;
mod bench;
mod campaign;
mod kills;
mod midway;
mod once;
mod proxy;
mod refusals;
mod restored;
mod secrets;
mod stage;
mod strangers;
mod twine;
mod whole;
