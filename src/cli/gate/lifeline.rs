//! A gate that somebody else has started ends with whoever that is, however they end: the kernel closes the pipe that they hold.

use std::io;
use std::os::fd::AsFd as _;

use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe::Receiver;

use super::super::failure::Failure;

/// The pipe that is our standard input; `None`: nobody holds one, and nobody ends us by it.
pub(super) struct Lifeline(Option<Receiver>);

impl Lifeline {
    pub(super) fn held(is_held: bool) -> Result<Self, Failure> {
        if !is_held {
            return Ok(Self(None));
        }
        let pipe = io::stdin().as_fd().try_clone_to_owned().and_then(Receiver::from_owned_fd);
        let pipe =
            pipe.map_err(|error| Failure::usage(format!("standard input is no pipe that could close ({error})")))?;
        Ok(Self(Some(pipe)))
    }

    /// Returns once it is closed. What comes by it says nothing.
    pub(super) async fn closed(self) {
        let Some(mut pipe) = self.0 else { return std::future::pending().await };
        let mut said = [0; 64];
        while matches!(pipe.read(&mut said).await, Ok(1..)) {}
    }
}
