//! Who asks: known from the transport, never from what the caller says.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A process of this machine, as the kernel tells it of the other end of a socket (`SO_PEERCRED`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub uid: Option<u32>,
    /// The name of that user, where this machine's own list of users has it.
    pub user: Option<String>,
}

impl Actor {
    /// No name of a person is longer; the declared one is cut here.
    const LONGEST: usize = 100;
    /// Whom the kernel names where it cannot name somebody: seen from a user namespace, such as that of `PrivateUsers=`,
    /// all but root and the daemon's own user (user_namespaces(7), "Unmapped user and group IDs").
    const UNMAPPED: u32 = 65_534;

    /// What is written down of whoever decided something: the user that the kernel saw, and the name that was given where
    /// it is another. `ada (uid 1001)` when both are the same, or none was given.
    pub fn declaring(&self, name: &str) -> String {
        let name: String = name.chars().filter(|c| !c.is_control() && *c != '"').take(Self::LONGEST).collect();
        if name.is_empty() || self.user.as_deref() == Some(&name) {
            return self.to_string();
        }
        format!("{self}, who gave the name \"{name}\"")
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.user, self.uid) {
            (_, Some(uid @ Self::UNMAPPED)) => write!(f, "a user whom the daemon's sandbox hides (uid {uid} in it)"),
            (Some(user), Some(uid)) => write!(f, "{user} (uid {uid})"),
            (Some(user), None) => f.write_str(user),
            (None, Some(uid)) => write!(f, "uid {uid}"),
            (None, None) => f.write_str("an unknown user"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_name_stands_behind_the_user_and_never_instead() {
        let ada = Actor { uid: Some(1001), user: Some("ada".to_owned()) };
        assert_eq!(ada.declaring("ada"), "ada (uid 1001)");
        assert_eq!(ada.declaring(""), "ada (uid 1001)");
        assert_eq!(ada.declaring("\"root\"\n (uid 0)"), "ada (uid 1001), who gave the name \"root (uid 0)\"");
        assert!(ada.declaring(&"x".repeat(5_000)).len() < 200);
        assert_eq!(Actor { uid: Some(7), user: None }.to_string(), "uid 7");
        let unmapped = Actor { uid: Some(65_534), user: Some("nobody".to_owned()) };
        assert!(!unmapped.declaring("ada").contains("nobody"), "the sandbox hides them, they are somebody");
    }
}
