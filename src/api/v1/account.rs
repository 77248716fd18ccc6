//! Accounts of the web, tokens, and the trail of who did what, as programs read them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::case::Actor;
use super::sets::AccountRole;
use crate::access::accounts::Amendment;
use crate::model::Time;
use crate::model::timeline::Person;
use crate::store::{Audited, TokenRow, User};

/// Who may sign in on the web.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Account {
    pub name: String,
    pub role: AccountRole,
    /// The user of the watch's machine who is the same person; `null`: nobody has said who.
    pub uid: Option<u32>,
    /// Does a password open it?
    pub password: bool,
    pub added: Time,
    /// The password, where the verb was told to generate one: it is shown this once.
    pub generated: Option<String>,
    /// The names of tokens that ended with this change.
    #[serde(default)]
    pub tokens_ended: Vec<String>,
}

/// A password on its way. It is in no log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// What is done to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum AccountChange {
    /// Without a password it is opened by a link, or by whoever else vouches for it.
    Add { role: AccountRole, uid: Option<u32>, password: Option<Hidden> },
    /// With its sessions and tokens.
    Remove,
    /// Whoever is signed in by it signs in again.
    Role { role: AccountRole },
    /// The same, and its tokens end; `null`: no password opens it.
    Password { password: Option<Hidden> },
}

/// A link that signs in once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SignInLink {
    pub name: String,
    /// Below the web's own address.
    pub path: String,
    /// The whole address, where the configuration says by which people come.
    pub url: Option<String>,
    pub until: Time,
}

/// What a program shows instead of a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ApiToken {
    pub id: i64,
    pub name: String,
    /// Whose it is.
    pub user: String,
    /// What it may do at most.
    pub scope: AccountRole,
    pub created: Time,
    pub expires: Time,
    /// To the hour or so; `null`: never.
    pub used: Option<Time>,
    /// The token itself, in the answer to its making alone.
    pub token: Option<String>,
}

/// Something that somebody did, or was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// Later ones have higher numbers.
    pub id: i64,
    pub at: Time,
    pub actor: Actor,
    /// The same in words.
    pub who: String,
    /// `judge`, as the command is called; `sign-in`, `sign-out`. Actions are added.
    pub action: String,
    /// `done`, or why not.
    pub outcome: String,
    /// What was asked for, without secrets.
    pub detail: String,
}

impl From<&User> for Account {
    fn from(of: &User) -> Self {
        let (name, role) = (of.name.to_string(), of.role.into());
        Self {
            name,
            role,
            uid: of.uid,
            password: of.password.is_some(),
            added: of.added,
            generated: None,
            tokens_ended: Vec::new(),
        }
    }
}

impl AccountChange {
    /// The password that comes with it.
    pub fn password(&self) -> Option<&str> {
        match self {
            Self::Add { password, .. } | Self::Password { password } => {
                password.as_ref().map(|Hidden(text)| text.as_str())
            }
            Self::Remove | Self::Role { .. } => None,
        }
    }

    /// The change, with the hash of that password.
    pub fn hashed(self, hash: Option<String>) -> Amendment {
        match self {
            Self::Add { role, uid, .. } => Amendment::Add { role: role.into(), uid, password: hash },
            Self::Remove => Amendment::Remove,
            Self::Role { role } => Amendment::Role(role.into()),
            Self::Password { .. } => Amendment::Password(hash),
        }
    }
}

impl From<&TokenRow> for ApiToken {
    fn from(of: &TokenRow) -> Self {
        Self {
            id: of.id,
            name: of.name.clone(),
            user: of.user.to_string(),
            scope: of.scope.into(),
            created: of.created,
            expires: of.ends,
            used: of.used,
            token: None,
        }
    }
}

impl From<&Audited> for AuditEntry {
    fn from(of: &Audited) -> Self {
        let line = of.line.clone();
        let who = line.by.to_string();
        let actor = Actor::from(&Person { actor: line.by, declared: String::new() });
        Self { id: of.id, at: line.at, actor, who, action: line.action, outcome: line.outcome, detail: line.detail }
    }
}
