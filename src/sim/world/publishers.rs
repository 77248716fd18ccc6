//! Trusted publishers: whom PyPI gives tokens in exchange for an identity token. One is known by its subject (`sub`); on
//! PyPI, by what its provider claims of repository, workflow and environment.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ProjectName, Time};

/// Publishers, those that wait for their project, and identity tokens that were exchanged.
#[derive(Clone, Debug, Default)]
pub struct Publishers {
    pub standing: BTreeMap<String, BTreeSet<ProjectName>>,
    pub pending: Vec<Pending>,
    pub exchanged: BTreeSet<String>,
}

/// A publisher of a project that is not there yet. It reserves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub subject: String,
    pub display: String,
    pub user: String,
    pub organization: Option<String>,
    pub registered: Time,
}
