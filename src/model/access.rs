//! Who may do what on the web: the names of accounts, and their roles.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an account may do. Each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sees everything that is no secret.
    Viewer,
    /// Acknowledges, resolves and suppresses.
    Responder,
    /// Plans claims and agrees to those of others.
    Approver,
    /// Reads configuration and inventory again, and looks after accounts.
    Admin,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Responder, Self::Approver, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Responder => "responder",
            Self::Approver => "approver",
            Self::Admin => "admin",
        }
    }

    /// May it do what needs the other?
    pub fn suffices(self, needed: Self) -> bool {
        self >= needed
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| AccessError::Role(text.to_owned()))
    }
}

/// What cannot be a name or a role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    #[error("{0:?} is no role; there are viewer, responder, approver and admin")]
    Role(String),
    #[error(
        "{0:?} is no name of an account; write 1 to 64 letters, digits and . _ - + @, with a letter or a digit first"
    )]
    Name(String),
}

/// The name of an account: `ada`, or `ada@acme.example`. Small letters, so that none looks like another by their size.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

impl UserName {
    /// Longest name, bytes.
    const MOST: usize = 64;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserName {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-+@".contains(&b);
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if begins && text.len() <= Self::MOST && text.bytes().all(plain) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(AccessError::Name(text.chars().take(2 * Self::MOST).collect()))
    }
}

impl TryFrom<String> for UserName {
    type Error = AccessError;

    fn try_from(text: String) -> Result<Self, AccessError> {
        text.parse()
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_those_before_it_may() {
        for (n, role) in Role::ALL.into_iter().enumerate() {
            let may: Vec<bool> = Role::ALL.iter().map(|needed| role.suffices(*needed)).collect();
            assert_eq!(may, (0..4).map(|needed| needed <= n).collect::<Vec<_>>(), "{role}");
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("root".parse::<Role>().is_err());
    }

    #[test]
    fn a_name_is_plain_and_small() {
        let read = |text: &str| text.parse().map(|name: UserName| name.to_string());
        assert_eq!(read("Ada@Acme.example"), Ok("ada@acme.example".to_owned()));
        for wrong in ["", " ada", "ada lovelace", "-ada", ".", "ada\n", "аda", "a/b", "<b>", &"a".repeat(65)] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
