//! What of the company is not for the public.

use std::collections::BTreeSet;

use super::address::host;
use crate::config::ClaimSettings;
use crate::model::Inventory;

/// What of the company is not for the public.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrecy {
    pub(super) customers: Vec<String>,
    /// Hosts that were declared public.
    pub(super) public: BTreeSet<String>,
    /// Hosts that the inventory names as internal indexes.
    pub(super) internal: BTreeSet<String>,
}

impl Secrecy {
    pub fn new(claim: &ClaimSettings, inventory: &Inventory) -> Self {
        let indexes = inventory.watches.values().filter_map(|watch| watch.index.as_deref()).collect::<BTreeSet<_>>();
        Self {
            customers: claim.customers.clone(),
            public: claim.public_hosts.iter().cloned().collect(),
            internal: indexes.into_iter().filter_map(host).collect(),
        }
    }
}
