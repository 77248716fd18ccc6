//! What decides about a plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::claims::turns::Quota;
use crate::model::claim::Claim;
use crate::model::version::Pep440;
use crate::model::{Inventory, ProjectName, Standings, Time};

/// All that a plan is made of.
#[derive(Clone, Debug)]
pub struct Known<'k> {
    pub inventory: &'k Inventory,
    /// Of those at PyPI.
    pub exposures: &'k Standings,
    /// Projects that are known to be in our hands.
    pub ours: &'k BTreeSet<ProjectName>,
    /// The newest claim of each name.
    pub claims: &'k BTreeMap<ProjectName, Claim>,
    /// Whose next claim does not come by itself, whatever the inventory says.
    pub stopped: &'k BTreeSet<ProjectName>,
    pub quota: &'k Quota,
    /// Does the index know namespaces (PEP 752)?
    pub namespaces: bool,
    /// Our organization on PyPI.
    pub organization: Option<&'k str>,
    /// Does a new name need a pending publisher?
    pub publishers: bool,
    /// Of the packages.
    pub version: &'k Pep440,
    /// Whose names nothing published may hold.
    pub customers: &'k [String],
    pub now: Time,
}
