//! Which user is at the other end of the socket, asked of the kernel.

use std::os::unix::fs::MetadataExt as _;

use tokio::net::UnixStream;

use super::users;
use crate::model::{Actor, Through};

/// Whoever connected this stream.
pub(super) async fn of(stream: &UnixStream) -> Actor {
    named(stream.peer_cred().ok().map(|peer| peer.uid()), Through::Socket).await
}

/// Whoever runs this process, which opens the store itself.
pub async fn of_this_process() -> Actor {
    named(own_uid(), Through::Store).await
}

/// The user that this process runs as.
pub fn own_uid() -> Option<u32> {
    std::fs::metadata("/proc/self").ok().map(|own| own.uid())
}

async fn named(uid: Option<u32>, through: Through) -> Actor {
    let user = match uid {
        Some(uid) => users::named(uid).await,
        None => None,
    };
    Actor { uid, user, through, token: None }
}
