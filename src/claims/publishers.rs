//! Names that are published by trusted publishing. Each needs a pending publisher, which people make in PyPI's form. All of these are of
//! one identity, that of the uploader, and for one PyPI makes the project of whichever it finds first (`warehouse` `oidc/views.py`):
//! where two wait, the package of one name would make the project of the other, without a file. So one new name goes at a time.

use std::collections::BTreeSet;

use super::desk::Desk;
use crate::model::ProjectName;
use crate::model::claim::Claim;

/// The names that were let go and wait for their pending publishers.
pub(super) struct PublisherRoom {
    /// `None`: no name needs one that somebody has to count.
    names: Option<BTreeSet<ProjectName>>,
}

impl PublisherRoom {
    /// Why it has to wait for another to be published; with the names that go before it beside those that were let go.
    pub(super) fn refuses(&self, name: &ProjectName, before: usize) -> Option<String> {
        let names = self.names.as_ref().filter(|names| !names.contains(name) && (before > 0 || !names.is_empty()))?;
        let first = names.first().map(|first| format!(" ({first} is on its way)")).unwrap_or_default();
        Some(format!(
            "by trusted publishing one new name goes at a time{first}: of two pending publishers with one identity PyPI takes \
             either, and would make the project of the other, without a file; let it go, and make its pending publisher, when \
             the one before it is published"
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
        let names = self
            .needs_publishers()
            .then(|| claims.into_iter().filter(waits).map(|claim| claim.key.name.clone()).collect());
        PublisherRoom { names }
    }
}
