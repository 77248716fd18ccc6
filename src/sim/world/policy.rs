//! What PyPI allows of uploads, as numbers. The defaults are production's of 2026.

use serde::Deserialize;

/// `[uploads]` of a scenario; every key may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// New projects in 24 hours, by account and by address (pypi/support#11827; the source's defaults are looser).
    pub new_projects_a_day: usize,
    /// Bytes of one file.
    pub file_limit: u64,
    /// Bytes of all files of a project.
    pub project_limit: u64,
    /// For so many days a release takes more files.
    pub release_open_days: i64,
    /// Pending publishers of one user at once.
    pub pending_publishers: usize,
    /// After so many days a pending publisher is gone.
    pub pending_publisher_days: i64,
    /// With this the simulator's issuer signs identity tokens, by HMAC-SHA256, since it has no RSA: clients pass them on
    /// unread.
    pub identity_key: String,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            new_projects_a_day: 4,
            file_limit: 100 << 20,
            project_limit: 10 << 30,
            release_open_days: 14,
            pending_publishers: 3,
            pending_publisher_days: 30,
            identity_key: "the simulator's issuer".to_owned(),
        }
    }
}
