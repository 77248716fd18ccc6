//! Names that are published by trusted publishing. Each needs a pending publisher, which people make in PyPI's form, and of which a
//! user has few at once: a name more would be let go in vain, and its answer would stop all the others.

use std::collections::BTreeSet;

use super::desk::Desk;
use crate::model::ProjectName;
use crate::model::claim::Claim;

/// So many pending publishers PyPI lets a user have at once (`warehouse` `oidc`). An organization has as many as it likes.
const AT_ONCE: usize = 3;

/// The names that were let go and wait for their pending publishers.
pub(super) struct PublisherRoom {
    /// `None`: no name needs one that somebody has to count.
    names: Option<BTreeSet<ProjectName>>,
}

impl PublisherRoom {
    /// Why it has to wait for another to be published; with the names that go before it beside those that were let go.
    pub(super) fn refuses(&self, name: &ProjectName, before: usize) -> Option<String> {
        let names = self.names.as_ref().filter(|names| !names.contains(name) && names.len() + before >= AT_ONCE)?;
        let first: Vec<&str> = names.iter().take(AT_ONCE).map(ProjectName::as_str).collect();
        let wait = if first.is_empty() { String::new() } else { format!(" ({} wait for theirs)", first.join(", ")) };
        Some(format!(
            "PyPI lets a user have {AT_ONCE} pending publishers at once{wait}, and without one its answer would stop every name: \
             let it go when one of those before it is published"
        ))
    }

    /// It was let go.
    pub(super) fn add(&mut self, name: &ProjectName) {
        if let Some(names) = &mut self.names {
            names.insert(name.clone());
        }
    }
}

impl Desk {
    /// Does somebody have to make a pending publisher for each new name?
    pub(super) fn needs_publishers(&self) -> bool {
        self.settings.upload.needs_publishers()
    }

    /// Of these claims, or more: what is over waits for nothing.
    pub(super) fn publishers<'c>(&self, claims: impl IntoIterator<Item = &'c Claim>) -> PublisherRoom {
        let waits = |claim: &&Claim| claim.released.is_some() && !claim.exists && !claim.state.is_over();
        let are_counted = self.needs_publishers() && self.settings.organization.is_none();
        let names = are_counted.then(|| claims.into_iter().filter(waits).map(|claim| claim.key.name.clone()).collect());
        PublisherRoom { names }
    }
}
