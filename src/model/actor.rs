//! Who asks: known from the transport, never from what the caller says.

use std::fmt;

use serde::{Deserialize, Serialize};

/// By which way a command came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Through {
    /// The other end of the control socket, as the kernel tells it (`SO_PEERCRED`).
    #[default]
    Socket,
    /// A process that opened the store itself, as no daemon runs.
    Store,
    /// The daemon, of itself.
    Daemon,
    /// A person who signed in on the web.
    Session,
    /// A program with a token of an account of the web.
    Token,
    /// Whoever opened a link of a message: its addressee, as far as that can be known. `user` names owner and channel.
    Link,
    /// A person whom Slack names, and whose account of the web the configuration says.
    Slack,
}

/// A user of this machine or an account of the web, and the way by which they asked. Set by that way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub uid: Option<u32>,
    /// The name of that user, where this machine's own list of users has it; on the web the name of the account.
    pub user: Option<String>,
    #[serde(default)]
    pub through: Through,
    /// The number of the token that was shown, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<i64>,
}

/// What an actor is to whoever has to know that a human decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// One user of this machine: whatever they are called, the number is the same.
    Human(u32),
    /// Uid 0, behind which anybody may be.
    Root,
    /// The daemon's own user, or the daemon: whoever has taken it over.
    Service,
    /// Somebody whom the kernel names to nobody here.
    Unknown,
}

impl Actor {
    /// No name of a person is longer; the declared one is cut here.
    const LONGEST: usize = 100;
    /// Whom the kernel names where it cannot name somebody: seen from a user namespace, such as that of `PrivateUsers=`,
    /// all but root and the daemon's own user (user_namespaces(7), "Unmapped user and group IDs").
    pub(super) const UNMAPPED: u32 = 65_534;

    /// Did they come over the web, where a name is that of an account?
    pub fn is_of_the_web(&self) -> bool {
        matches!(self.through, Through::Session | Through::Token | Through::Slack)
    }

    /// What it is to the service that runs as this user.
    pub fn standing(&self, service: Option<u32>) -> ActorKind {
        match self.uid {
            _ if self.through == Through::Daemon => ActorKind::Service,
            None | Some(Self::UNMAPPED) => ActorKind::Unknown,
            Some(0) => ActorKind::Root,
            uid if uid == service => ActorKind::Service,
            Some(uid) => ActorKind::Human(uid),
        }
    }

    /// Is it a user that services have, as the uploader and the gate do, and no person? By systemd's "Users, Groups, UIDs and
    /// GIDs": those of the system, and those made for a unit while it runs.
    pub fn is_of_services(uid: u32) -> bool {
        matches!(uid, 1..=999 | 61_184..=65_519)
    }

    /// The name that was given, as far as it is kept; `None`: none, or that of the user.
    pub fn declared(&self, name: &str) -> Option<String> {
        let name: String = name.chars().filter(|c| !c.is_control() && *c != '"').take(Self::LONGEST).collect();
        (!name.is_empty() && self.user.as_deref() != Some(&name)).then_some(name)
    }

    /// What is written down of whoever decided something: the user that the kernel saw, and the name that was given where
    /// it is another. `ada (uid 1001)` when both are the same, or none was given.
    pub fn declaring(&self, name: &str) -> String {
        match self.declared(name) {
            None => self.to_string(),
            Some(name) => format!("{self}, who gave the name \"{name}\""),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.person(f)?;
        if self.through == Through::Slack {
            f.write_str(" by Slack")?;
        }
        self.token.map_or(Ok(()), |token| write!(f, " by token {token}"))
    }
}

impl Actor {
    fn person(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.user, self.uid) {
            (_, Some(uid @ Self::UNMAPPED)) => write!(f, "a user whom the daemon's sandbox hides (uid {uid} in it)"),
            (Some(user), Some(uid)) => write!(f, "{user} (uid {uid})"),
            (Some(user), None) if self.through == Through::Link => write!(f, "a link to {user}"),
            (Some(user), None) if self.is_of_the_web() => write!(f, "the web account {user}"),
            (Some(user), None) => f.write_str(user),
            (None, Some(uid)) => write!(f, "uid {uid}"),
            (None, None) => f.write_str("an unknown user"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(uid: u32, name: &str) -> Actor {
        Actor { uid: Some(uid), user: Some(name.to_owned()), through: Through::Socket, token: None }
    }

    #[test]
    fn a_given_name_stands_behind_the_user_and_never_instead() {
        let ada = user(1001, "ada");
        let said = |name: &str| ada.declaring(name);
        assert_eq!(said("ada"), "ada (uid 1001)");
        assert_eq!(said(""), "ada (uid 1001)");
        assert_eq!(said("\"root\"\n (uid 0)"), "ada (uid 1001), who gave the name \"root (uid 0)\"");
        assert!(said(&"x".repeat(5_000)).len() < 200);
        assert_eq!(Actor { uid: Some(7), ..Actor::default() }.to_string(), "uid 7");
        assert!(!user(65_534, "nobody").declaring("ada").contains("nobody"), "the sandbox hides them");
    }

    #[test]
    fn a_human_is_a_number_that_is_neither_root_nor_the_service_nor_hidden() {
        let standing = |uid| user(uid, "ada").standing(Some(990));
        assert_eq!(standing(1001), ActorKind::Human(1001));
        assert_eq!(
            [standing(0), standing(990), standing(65_534)],
            [ActorKind::Root, ActorKind::Service, ActorKind::Unknown]
        );
        assert_eq!(Actor::default().standing(Some(990)), ActorKind::Unknown);
        assert_eq!(Actor::default().standing(None), ActorKind::Unknown, "no service is nobody's");
        let daemon = Actor { through: Through::Daemon, ..user(1001, "ada") };
        assert_eq!(daemon.standing(Some(990)), ActorKind::Service);
        assert_eq!(user(990, "namewarden").standing(None), ActorKind::Human(990));
    }
}
