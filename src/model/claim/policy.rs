//! What a step has to know of the machine and its configuration.

/// The rules of this installation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimPolicy {
    /// Who the daemon runs as: whoever has taken it over must not be able to approve.
    pub service: Option<u32>,
    /// May one person plan and approve?
    pub one_person: bool,
}

impl ClaimPolicy {
    /// Whom the kernel names where it cannot name somebody (user_namespaces(7), "Unmapped user and group IDs").
    pub const UNMAPPED: u32 = 65_534;

    /// Is it a user that services have, as the uploader and the gate do, and no person? By systemd's "Users, Groups, UIDs and
    /// GIDs": those of the system, and those made for a unit while it runs.
    pub(super) fn is_of_system(uid: u32) -> bool {
        matches!(uid, 1..=999 | 61_184..=65_519)
    }
}
