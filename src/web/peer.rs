//! Which user is at the other end of the socket, asked of the kernel.

use std::os::unix::fs::MetadataExt as _;

use tokio::net::UnixStream;

use crate::model::Actor;

/// The users of this machine. Those of a directory service are not in it, and are told by their number.
const USERS: &str = "/etc/passwd";

/// Whoever connected this stream.
pub(super) async fn of(stream: &UnixStream) -> Actor {
    named(stream.peer_cred().ok().map(|peer| peer.uid())).await
}

/// Whoever runs this process.
pub async fn of_this_process() -> Actor {
    named(tokio::fs::metadata("/proc/self").await.ok().map(|own| own.uid())).await
}

async fn named(uid: Option<u32>) -> Actor {
    let users = tokio::fs::read_to_string(USERS).await.unwrap_or_default();
    Actor { uid, user: uid.and_then(|uid| user(&users, uid)) }
}

/// The name in a line of passwd(5), `name:password:uid:…`.
fn user(users: &str, uid: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_the_third_field() {
        let users = "root:x:0:0:root:/root:/bin/bash\nbroken\nada:x:1001:1002::/home/ada:/bin/sh\n";
        assert_eq!(user(users, 1001).as_deref(), Some("ada"));
        assert_eq!(user(users, 0).as_deref(), Some("root"));
        assert_eq!(user(users, 1002), None);
    }
}
