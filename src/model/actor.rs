//! Who asks: known from the transport, never from what the caller says.

use std::fmt;

/// A process of this machine, as the kernel tells it of the other end of a socket (`SO_PEERCRED`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    pub uid: Option<u32>,
    /// The name of that user, where this machine's own list of users has it.
    pub user: Option<String>,
}

impl Actor {
    /// No name of a person is longer; the declared one is cut here.
    const LONGEST: usize = 100;

    /// What is written down of whoever decided something: the name they gave, beside the user that the kernel saw.
    /// `ada (uid 1001)` when both are the same.
    pub fn declaring(&self, name: &str) -> String {
        let name: String = name.chars().filter(|c| !c.is_control()).take(Self::LONGEST).collect();
        if name.is_empty() || self.user.as_deref() == Some(&name) {
            return self.to_string();
        }
        format!("{name}, declared by {self}")
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.user, self.uid) {
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
    fn a_declared_name_stands_beside_the_user_and_never_instead() {
        let ada = Actor { uid: Some(1001), user: Some("ada".to_owned()) };
        assert_eq!(ada.declaring("ada"), "ada (uid 1001)");
        assert_eq!(ada.declaring(""), "ada (uid 1001)");
        assert_eq!(ada.declaring("root\n (uid 0)"), "root (uid 0), declared by ada (uid 1001)");
        assert!(ada.declaring(&"x".repeat(5_000)).len() < 200);
        assert_eq!(Actor { uid: Some(7), user: None }.to_string(), "uid 7");
    }
}
