//! Who did something to a claim, as it is written down.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::Actor;

/// A human is one user of this machine: whatever they are called, wherever they asked from, the number is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "party", rename_all = "kebab-case")]
pub enum Party {
    /// Somebody at the socket, as the kernel told.
    User { uid: Option<u32>, user: Option<String> },
    /// `claim = "auto"` of a watch, with a window in which anybody may stop it.
    Configuration,
    /// The daemon, for what follows from what it saw.
    Daemon,
    /// The process that has the token.
    Uploader,
}

impl From<&Actor> for Party {
    fn from(actor: &Actor) -> Self {
        Self::User { uid: actor.uid, user: actor.user.clone() }
    }
}

impl Party {
    /// Are both the same human? By number, whatever the names. Nobody who is unknown is known to be another.
    pub fn is_same_human(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::User { uid: one, .. }, Self::User { uid: two, .. }) => {
                let (one, two) = (named(*one), named(*two));
                one == two || one.is_none() || two.is_none()
            }
            _ => false,
        }
    }
}

/// Behind the number of whoever the kernel cannot name there may be anybody.
fn named(uid: Option<u32>) -> Option<u32> {
    uid.filter(|uid| *uid != Actor::UNMAPPED)
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { uid, user } => Actor { uid: *uid, user: user.clone(), ..Actor::default() }.fmt(f),
            Self::Configuration => f.write_str("the configuration"),
            Self::Daemon => f.write_str("the daemon"),
            Self::Uploader => f.write_str("the uploader"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(uid: Option<u32>, name: &str) -> Party {
        Party::User { uid, user: Some(name.to_owned()) }
    }

    #[test]
    fn two_names_of_one_number_are_one_human_and_the_unknown_is_nobody_else() {
        let ada = user(Some(1001), "ada");
        assert!(ada.is_same_human(&user(Some(1001), "ada-admin")));
        assert!(!ada.is_same_human(&user(Some(1002), "ada")), "one name, two humans");
        for nobody in [user(None, "bob"), user(Some(65_534), "nobody")] {
            assert!(nobody.is_same_human(&ada) && ada.is_same_human(&nobody) && nobody.is_same_human(&nobody));
        }
        assert!(!Party::Configuration.is_same_human(&ada) && !ada.is_same_human(&Party::Uploader));
    }
}
