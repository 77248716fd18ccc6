//! One thing that happens in a scenario, and when.

use std::time::Duration;

use serde::Deserialize;

use super::fault::{Fault, Faults};
use super::world::{Pending, Refusal, Role, World};
use crate::model::Time;

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Happening {
    /// A user registers a name and uploads nothing.
    Create {
        at: Moment,
        name: String,
        user: String,
    },
    /// An organization registers a name and uploads nothing.
    CreateForOrganization {
        at: Moment,
        name: String,
        organization: String,
    },
    /// A user uploads a version, registering the name when it is free.
    Upload {
        at: Moment,
        name: String,
        version: String,
        #[serde(default)]
        summary: String,
        user: String,
    },
    /// Whoever holds the name uploads a version.
    Release {
        at: Moment,
        name: String,
        version: String,
        #[serde(default)]
        summary: String,
    },
    Remove {
        at: Moment,
        name: String,
    },
    /// Removed, if it stands, and registered by somebody else.
    RegisterAgain {
        at: Moment,
        name: String,
        user: String,
    },
    RemoveRelease {
        at: Moment,
        name: String,
        version: String,
    },
    Yank {
        at: Moment,
        name: String,
        version: String,
        #[serde(default)]
        reason: String,
    },
    Quarantine {
        at: Moment,
        name: String,
    },
    Clear {
        at: Moment,
        name: String,
    },
    ChangeOwner {
        at: Moment,
        name: String,
        user: String,
    },
    Prohibit {
        at: Moment,
        name: String,
    },
    RemoveFile {
        at: Moment,
        name: String,
        filename: String,
    },
    /// A file has a provenance object from now on (PEP 740), of this text.
    Attest {
        at: Moment,
        name: String,
        filename: String,
        provenance: String,
    },
    /// Served, and closed to uploads.
    Archive {
        at: Moment,
        name: String,
    },
    Unarchive {
        at: Moment,
        name: String,
    },
    AddRole {
        at: Moment,
        name: String,
        user: String,
        role: Role,
    },
    /// A user registers a trusted publisher for a project that is not there, in the web form.
    PendingPublisher {
        at: Moment,
        name: String,
        user: String,
        subject: String,
        #[serde(default)]
        organization: Option<String>,
    },
    RevokeToken {
        at: Moment,
        token: String,
    },
    /// PyPI grants a prefix to an organization (PEP 752).
    ReserveNamespace {
        at: Moment,
        namespace: String,
        organization: String,
    },
    StartFault {
        at: Moment,
        fault: Fault,
    },
    StopFault {
        at: Moment,
        fault: Fault,
    },
}

/// Seconds since the scenario began.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "f64")]
pub struct Moment(f64);

impl Happening {
    pub fn at(&self) -> Duration {
        match self {
            Self::Create { at, .. }
            | Self::CreateForOrganization { at, .. }
            | Self::Upload { at, .. }
            | Self::Release { at, .. }
            | Self::Remove { at, .. }
            | Self::RegisterAgain { at, .. }
            | Self::RemoveRelease { at, .. }
            | Self::Yank { at, .. }
            | Self::Quarantine { at, .. }
            | Self::Clear { at, .. }
            | Self::ChangeOwner { at, .. }
            | Self::Prohibit { at, .. }
            | Self::RemoveFile { at, .. }
            | Self::Attest { at, .. }
            | Self::Archive { at, .. }
            | Self::Unarchive { at, .. }
            | Self::AddRole { at, .. }
            | Self::PendingPublisher { at, .. }
            | Self::RevokeToken { at, .. }
            | Self::ReserveNamespace { at, .. }
            | Self::StartFault { at, .. }
            | Self::StopFault { at, .. } => at.since_start(),
        }
    }

    /// Does it, stamped with `now`.
    pub(super) fn play(&self, world: &mut World, faults: &Faults, now: Time) -> Result<(), Refusal> {
        let done = match self {
            Self::Create { name, user, .. } => world.create(name, user, now),
            Self::CreateForOrganization { name, organization, .. } => {
                world.create_for_organization(name, organization, now)
            }
            Self::Upload { name, version, summary, user, .. } => world.upload(name, version, summary, user, now),
            Self::Release { name, version, summary, .. } => world.release(name, version, summary, now),
            Self::Remove { name, .. } => world.remove(name, now),
            Self::RegisterAgain { name, user, .. } => world.register_again(name, user, now),
            Self::RemoveRelease { name, version, .. } => world.remove_release(name, version, now),
            Self::Yank { name, version, reason, .. } => world.yank(name, version, reason, now),
            Self::Quarantine { name, .. } => world.quarantine(name, now),
            Self::Clear { name, .. } => world.clear(name, now),
            Self::ChangeOwner { name, user, .. } => world.change_owner(name, user, now),
            Self::Prohibit { name, .. } => world.prohibit(name, now),
            Self::RemoveFile { name, filename, .. } => world.remove_file(name, filename, now),
            Self::Attest { name, filename, provenance, .. } => world.attest(name, filename, provenance),
            Self::Archive { name, .. } => world.archive(name, true),
            Self::Unarchive { name, .. } => world.archive(name, false),
            Self::AddRole { name, user, role, .. } => world.add_role(name, user, *role, now),
            Self::PendingPublisher { name, user, subject, organization, .. } => {
                let (subject, display, user) = (subject.clone(), name.clone(), user.clone());
                let pending = Pending { subject, display, user, organization: organization.clone(), registered: now };
                world.register_publisher(pending).map(|()| world.last_serial())
            }
            Self::RevokeToken { token, .. } => world.revoke_token(token),
            Self::ReserveNamespace { namespace, organization, .. } => world.reserve_namespace(namespace, organization),
            Self::StartFault { fault, .. } => {
                return {
                    faults.start(*fault);
                    Ok(())
                };
            }
            Self::StopFault { fault, .. } => {
                return {
                    faults.stop(*fault);
                    Ok(())
                };
            }
        };
        done.map(drop)
    }
}

impl Moment {
    pub fn since_start(self) -> Duration {
        Duration::from_secs_f64(self.0)
    }
}

impl TryFrom<f64> for Moment {
    type Error = String;

    fn try_from(seconds: f64) -> Result<Self, String> {
        if Duration::try_from_secs_f64(seconds).is_ok() {
            Ok(Self(seconds))
        } else {
            Err(format!("{seconds} is no moment; give seconds since the start, zero or more"))
        }
    }
}
