//! What PyPI's people and the owners of projects do beside releases: archives, roles, frozen accounts, namespaces.

use super::project::Role;
use super::{Refusal, World};
use crate::model::{ProjectName, Serial, Time};

impl World {
    /// The owner archives the project: it is served, and closed to uploads. PyPI writes nothing into its journal.
    ///
    /// # Errors
    /// When there is no such project.
    pub fn archive(&mut self, name: &str, archived: bool) -> Result<Serial, Refusal> {
        let name = self.existing(name)?;
        self.life(&name)?.archived = archived;
        Ok(self.last_serial())
    }

    /// An owner gives somebody a role: `add Maintainer USER`.
    ///
    /// # Errors
    /// When there is no such project.
    pub fn add_role(&mut self, name: &str, user: &str, role: Role, at: Time) -> Result<Serial, Refusal> {
        let name = self.existing(name)?;
        self.remember(&name);
        self.life(&name)?.roles.push((role, user.to_owned()));
        self.note(&name, None, format!("add {} {user}", role.as_str()), at)
    }

    /// Quarantine freezes the owners' accounts: their tokens are as good as none.
    pub(super) fn freeze(&mut self, name: &ProjectName, frozen: bool) -> Result<(), Refusal> {
        for owner in self.life(name)?.owners() {
            self.accounts.users.entry(owner).or_default().frozen = frozen;
        }
        Ok(())
    }

    /// PyPI grants a namespace to an organization (PEP 752), and has namespaces from then on.
    ///
    /// # Errors
    /// When it is no name.
    pub fn reserve_namespace(&mut self, namespace: &str, organization: &str) -> Result<Serial, Refusal> {
        let namespace = ProjectName::parse(namespace)?;
        self.namespaces.get_or_insert_default().insert(namespace, organization.to_owned());
        Ok(self.last_serial())
    }

    /// The longest namespace that a name is in, and whose it is. The name of the namespace itself is in it.
    pub fn namespace_of(&self, name: &ProjectName) -> Option<(&str, &str)> {
        let inside = |namespace: &ProjectName| {
            let rest = name.as_str().strip_prefix(namespace.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let within = self.namespaces.iter().flatten().filter(|(namespace, _)| inside(namespace));
        let longest = within.max_by_key(|(namespace, _)| namespace.as_str().len());
        longest.map(|(namespace, organization)| (namespace.as_str(), organization.as_str()))
    }

    /// A token ends.
    ///
    /// # Errors
    /// When there is none.
    pub fn revoke_token(&mut self, token: &str) -> Result<Serial, Refusal> {
        let revoked = self.accounts.tokens.remove(token);
        revoked.map(|_| self.last_serial()).ok_or_else(|| Refusal::NoToken(token.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_namespace_counts_and_only_whole_words_are_inside() {
        let mut world = World::default();
        let of = |world: &World, name: &str| {
            let name = ProjectName::parse(name).expect("valid");
            world.namespace_of(&name).map(|(_, organization)| organization.to_owned())
        };
        assert_eq!(of(&world, "acme-x"), None);
        world.reserve_namespace("acme", "one").expect("a name");
        world.reserve_namespace("acme-x", "two").expect("a name");
        let found = ["acme", "acme-a", "acme-x-y", "acmex", "x-acme"].map(|name| of(&world, name));
        assert_eq!(found.map(|found| found.unwrap_or_default()), ["one", "one", "two", "", ""]);
    }
}
