//! What the configuration asks of a file, as the gate goes by it.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::inventory;
use crate::config::GateSettings;
use crate::gate::consensus::Consensus;
use crate::gate::malware::MalwareRecords;
use crate::gate::policy::{AgeRules, Binding, Policy};
use crate::gate::prior::PriorUse;
use crate::gate::share::SharedLists;

/// Without what is read of other files than the inventory.
///
/// # Errors
/// The inventory's.
pub(super) fn policy(call: &Call, of: &GateSettings) -> Result<Policy, Failure> {
    let copies = of.private.as_ref().is_some_and(|private| private.copies);
    let binding = Binding::new(&inventory::named(call, None)?, of.public.clone()).with_copies(copies);
    let age = AgeRules { modes: of.modes, file: days(of.file_age), project: days(of.project_age), freeze: of.freeze };
    let asked = &of.consensus;
    let (needs, mode, quiet_for) = (asked.needs, asked.mode, asked.quiet_for.map(days));
    let (clients, used_for, persons) = (asked.clients, days(asked.used_for), of.approvals);
    let prior = PriorUse { clients, used_for, persons, of: Arc::default() };
    let shared = SharedLists::within(days(asked.shared_for));
    let consensus = Consensus { needs, mode, prior, quiet_for, shared, ..Consensus::default() };
    let (malware, exemptions, suspects) = (Arc::new(MalwareRecords::ending_nothing()), Arc::default(), Arc::default());
    Ok(Policy { binding, age, consensus, malware, exemptions, suspects })
}

pub(super) fn days(age: Duration) -> TimeDelta {
    TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX)
}
