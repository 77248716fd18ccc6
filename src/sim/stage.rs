//! Who may upload, as a scenario says it: accounts, organizations, tokens, publishers.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::Deserialize;

use super::world::{Holder, Organization, Token, User, World};
use crate::model::{ProjectName, Time};

/// `[[account]]`: a user who lacks something; all others are complete.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagedAccount {
    pub user: String,
    #[serde(default = "yes")]
    pub verified: bool,
    #[serde(default = "yes")]
    pub second_factor: bool,
    #[serde(default)]
    pub frozen: bool,
}

/// `[[organization]]`: its members upload to its projects.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagedOrganization {
    pub name: String,
    #[serde(default)]
    pub members: BTreeSet<String>,
    #[serde(default = "yes")]
    pub active: bool,
}

/// `[[token]]`: an API token of a user.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagedToken {
    pub token: String,
    pub user: String,
    /// Projects it is restricted to; the entire account without.
    #[serde(default)]
    pub projects: Option<BTreeSet<ProjectName>>,
    /// Seconds from the start until it ends.
    #[serde(default)]
    pub expires: Option<u32>,
}

/// `[[publisher]]`: a trusted publisher of projects that are there.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagedPublisher {
    pub subject: String,
    pub projects: BTreeSet<ProjectName>,
}

fn yes() -> bool {
    true
}

impl StagedAccount {
    pub(super) fn furnish(&self, world: &mut World) {
        let user = User { unverified: !self.verified, without_second_factor: !self.second_factor, frozen: self.frozen };
        world.accounts.users.insert(self.user.clone(), user);
    }
}

impl StagedOrganization {
    pub(super) fn furnish(&self, world: &mut World) {
        let organization = Organization { members: self.members.clone(), inactive: !self.active };
        world.accounts.organizations.insert(self.name.clone(), organization);
    }
}

impl StagedToken {
    pub(super) fn furnish(&self, world: &mut World, now: Time) {
        let expires = self.expires.map(|seconds| now + TimeDelta::seconds(seconds.into()));
        let token = Token { holder: Holder::User(self.user.clone()), projects: self.projects.clone(), expires };
        world.accounts.tokens.insert(self.token.clone(), token);
    }
}

impl StagedPublisher {
    pub(super) fn furnish(&self, world: &mut World) {
        world.publishers.standing.insert(self.subject.clone(), self.projects.clone());
    }
}
