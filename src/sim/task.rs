//! Tasks of the simulator.

/// Runs a task of the simulator in the background; it ends by the token it watches.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator stands for other machines; the daemon's tracker is not theirs"
)]
pub(super) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}
