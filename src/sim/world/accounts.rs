//! Who may upload: users, organizations, and the tokens they made.

use std::collections::{BTreeMap, BTreeSet};

use super::project::Project;
use crate::model::{ProjectName, Time};

/// Everybody who is known by more than a name.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    pub tokens: BTreeMap<String, Token>,
    pub users: BTreeMap<String, User>,
    pub organizations: BTreeMap<String, Organization>,
}

/// A user who is unlike others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    pub unverified: bool,
    pub without_second_factor: bool,
    /// Their tokens are as good as none, such as while a project of theirs is in quarantine.
    pub frozen: bool,
}

/// Its members may upload to its projects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    pub members: BTreeSet<String>,
    /// Its bill is not paid.
    pub inactive: bool,
}

/// An API token: whose it is, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub holder: Holder,
    /// Projects it is restricted to; `None` for the entire account.
    pub projects: Option<BTreeSet<ProjectName>>,
    pub expires: Option<Time>,
}

/// A user, or the trusted publisher with this subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    User(String),
    Publisher(String),
}

impl Accounts {
    /// A token for every project of a user.
    pub fn give_token(&mut self, token: &str, user: &str) {
        let holder = Holder::User(user.to_owned());
        self.tokens.insert(token.to_owned(), Token { holder, projects: None, expires: None });
    }

    pub fn user(&self, name: &str) -> User {
        self.users.get(name).cloned().unwrap_or_default()
    }

    pub fn is_member(&self, organization: &str, user: &str) -> bool {
        self.organizations.get(organization).is_some_and(|known| known.members.contains(user))
    }

    /// Has a role in the project, or is in the organization that owns it.
    pub fn may_upload(&self, user: &str, project: &Project) -> bool {
        let life = project.life();
        let by_role = life.roles.iter().any(|(_, who)| who == user);
        by_role || life.organization.as_ref().is_some_and(|organization| self.is_member(organization, user))
    }
}
