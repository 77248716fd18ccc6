//! When the names in all are more than a handful: PyPI takes that for bulk, and has to agree first.

use std::collections::BTreeSet;

use super::desk::Desk;
use crate::model::{ProjectName, count};
use crate::store::{StoreError, Tx};

/// So many names in all are a handful; more is bulk to PyPI, and has cost companies their accounts.
const HANDFUL: usize = 10;

/// The names that were sent or let go, and whether PyPI agrees to more than a handful. Read once for all that is asked of it.
pub(super) struct Bulk {
    names: BTreeSet<ProjectName>,
    agreed: bool,
}

impl Bulk {
    /// Why PyPI's agreement has to come first, with these names beside those there are.
    pub(super) fn refuses<'n>(&self, more: impl IntoIterator<Item = &'n ProjectName>) -> Option<String> {
        let more: BTreeSet<&ProjectName> = more.into_iter().filter(|name| !self.names.contains(*name)).collect();
        let names = self.names.len() + more.len();
        if names <= HANDFUL || self.agreed {
            return None;
        }
        Some(format!(
            "that makes {} in all, and PyPI takes more than {HANDFUL} for bulk: ask its administrators \
             (`namewarden claim request` helps), then `namewarden claim agree REFERENCE`",
            count(names, "name", "names")
        ))
    }

    /// It was let go.
    pub(super) fn add(&mut self, name: &ProjectName) {
        self.names.insert(name.clone());
    }
}

impl Desk {
    pub(super) fn bulk(&self, tx: &Tx<'_>) -> Result<Bulk, StoreError> {
        let names = tx.claims().sent()?.into_iter().chain(tx.claims().let_go()?).collect();
        Ok(Bulk { names, agreed: tx.claims().agreement()?.is_some() })
    }
}
