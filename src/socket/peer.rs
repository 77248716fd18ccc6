//! Which user is at the other end of the socket, asked of the kernel.

use std::os::unix::fs::MetadataExt as _;

use tokio::net::UnixStream;

use crate::config::access::name_of;
use crate::model::{Actor, Through};

/// The users of this machine. Those of a directory service are not in it, and are told by their number.
const USERS: &str = "/etc/passwd";

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

/// The number of a user of this machine, by name or as a number.
pub(crate) async fn uid_of(user: &str) -> Option<u32> {
    if let Ok(uid) = user.parse() {
        return Some(uid);
    }
    let users = tokio::fs::read_to_string(USERS).await.unwrap_or_default();
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(user)).then(|| fields.nth(1)?.parse().ok()).flatten()
    })
}

async fn named(uid: Option<u32>, through: Through) -> Actor {
    let users = tokio::fs::read_to_string(USERS).await.unwrap_or_default();
    Actor { uid, user: uid.and_then(|uid| name_of(&users, uid)), through, token: None }
}
