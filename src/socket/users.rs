//! The users of this machine: its own lists, and for the rest whatever else names users here.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::config::access::name_of;
use crate::model::Machine;

const USERS: &str = "/etc/passwd";
/// The numbers that users may take in user namespaces (subuid(5)). Those of a directory service are not in it, and have no name.
const LENT: &str = "/etc/subuid";
/// The users of the units that this program has; of the claim's the configuration says it.
const OURS: [&str; 2] = ["namewarden", "namewarden-gate"];
/// A directory service that answers no sooner names nobody.
const PATIENCE: Duration = Duration::from_secs(3);

/// Who is no person here, to a service that runs as this user, beside the one that publishes.
pub fn machine(own: Option<u32>, uploader: &str) -> Machine {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    Machine::read(own, &read(USERS), &read(LENT), &[OURS[0], OURS[1], uploader])
}

/// Can somebody log in as this user, by name or number?
pub fn can_log_in(user: &str) -> bool {
    std::fs::read_to_string(USERS).is_ok_and(|users| Machine::can_log_in(&users, user))
}

/// The name of a user of this machine.
pub async fn named(uid: u32) -> Option<String> {
    let users = tokio::fs::read_to_string(USERS).await.unwrap_or_default();
    match name_of(&users, uid) {
        None => of_the_directory(uid).await,
        own => own,
    }
}

/// Users of a directory service (LDAP, a domain) come by libc's name service switch, which only C can ask; `getent` is that
/// question as a program, of libc itself. A number that somebody took in a user namespace has no name there.
async fn of_the_directory(uid: u32) -> Option<String> {
    let mut command = Command::new("getent");
    command.args(["passwd", &uid.to_string()]).env_clear().kill_on_drop(true);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let said = tokio::time::timeout(PATIENCE, command.output()).await.ok()?.ok()?;
    let line = String::from_utf8(said.stdout).ok()?;
    name_of(&line, uid).filter(|name| said.status.success() && !name.is_empty() && !name.contains(char::is_control))
}

/// The number of a user of this machine, by name or as a number.
pub async fn uid_of(user: &str) -> Option<u32> {
    if let Ok(uid) = user.parse() {
        return Some(uid);
    }
    let users = tokio::fs::read_to_string(USERS).await.unwrap_or_default();
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(user)).then(|| fields.nth(1)?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn root_has_a_name_and_what_nobody_has_has_none() {
        assert_eq!(named(0).await.as_deref(), Some("root"));
        assert_eq!(of_the_directory(0).await.as_deref(), Some("root"));
        assert_eq!(named(4_000_000_000).await, None);
    }
}
