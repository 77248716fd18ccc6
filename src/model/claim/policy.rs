//! What a step has to know of the machine and its configuration.

use super::super::Machine;

/// The rules of this installation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimPolicy {
    /// Who is no person on this machine.
    pub machine: Machine,
    /// May one person plan and approve?
    pub one_person: bool,
}
