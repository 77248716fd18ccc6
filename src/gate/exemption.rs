//! What persons decided about releases of others, as the policy asks it.
//!
//! An approval is narrow: it is of bytes, so that nothing which is uploaded later has it. A rejection is wide: it is of the version,
//! whatever is uploaded into it later, and of the bytes.

use std::collections::BTreeMap;

use crate::model::{ProjectName, Time};

/// Everything that was decided and stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exemptions {
    of: BTreeMap<ProjectName, Decided>,
    /// Projects that persons vouch for, since they are used already: by the number of each, when.
    vouched: BTreeMap<ProjectName, BTreeMap<Option<u32>, Time>>,
}

/// Of one project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Decided {
    /// Grows with each decision about the project, over restarts.
    epoch: i64,
    /// By digest.
    approved: BTreeMap<String, Approved>,
    /// By version and by digest.
    rejected: BTreeMap<String, Rejected>,
}

/// Persons agreed to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Approved {
    pub(super) review: i64,
    /// From then on its age tells again.
    pub(super) until: Option<Time>,
}

/// Somebody said no to a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rejected {
    pub review: i64,
    /// Who, in a word ([`ReviewStep::person`](super::review::ReviewStep::person)).
    pub by: String,
    /// In their words.
    pub reason: String,
}

impl Exemptions {
    /// A decision about this project was written down, whatever stands of it now.
    pub(super) fn count(&mut self, project: &ProjectName, number: i64) {
        let decided = self.of.entry(project.clone()).or_default();
        decided.epoch = decided.epoch.max(number);
    }

    pub(super) fn approve(&mut self, project: &ProjectName, sha256: String, approved: Approved) {
        let of = &mut self.of.entry(project.clone()).or_default().approved;
        // Of two approvals the one that lasts longer tells; without an end it lasts for ever.
        let lasts = |of: &Approved| of.until.is_none_or(|until| approved.until.is_some_and(|new| new <= until));
        if !of.get(&sha256).is_some_and(lasts) {
            of.insert(sha256, approved);
        }
    }

    pub(super) fn reject<'f>(
        &mut self,
        project: &ProjectName,
        version: &str,
        files: impl Iterator<Item = &'f str>,
        rejected: &Rejected,
    ) {
        let of = &mut self.of.entry(project.clone()).or_default().rejected;
        for key in files.map(str::to_owned).chain([same_version(version)]) {
            of.insert(key, rejected.clone());
        }
    }

    pub(super) fn vouch(&mut self, project: ProjectName, uid: Option<u32>, at: Time) {
        self.vouched.entry(project).or_default().insert(uid, at);
    }

    /// When each person vouched for it.
    pub(super) fn vouched(&self, project: &ProjectName) -> impl Iterator<Item = Time> {
        self.vouched.get(project).into_iter().flat_map(BTreeMap::values).copied()
    }

    /// When this one did.
    pub(super) fn vouched_by(&self, project: &ProjectName, uid: Option<u32>) -> Option<Time> {
        self.vouched.get(project)?.get(&uid).copied()
    }

    /// Changes with each decision about this project.
    pub(super) fn epoch(&self, project: &ProjectName) -> i64 {
        self.of.get(project).map_or(0, |decided| decided.epoch)
    }

    /// Does a rejection of any version stand?
    pub(super) fn has_rejected(&self, project: &ProjectName) -> bool {
        self.of.get(project).is_some_and(|decided| !decided.rejected.is_empty())
    }

    pub(super) fn rejection(&self, project: &ProjectName, version: Option<&str>, sha256: &str) -> Option<&Rejected> {
        let rejected = &self.of.get(project)?.rejected;
        let of_version = version.and_then(|version| rejected.get(&same_version(version)));
        of_version.or_else(|| rejected.get(sha256))
    }

    /// When approvals of this project end.
    pub(super) fn ends(&self, project: &ProjectName) -> impl Iterator<Item = Time> {
        self.of.get(project).into_iter().flat_map(|decided| decided.approved.values()).filter_map(|of| of.until)
    }

    /// Where it is in force now.
    pub(super) fn approval(&self, project: &ProjectName, sha256: &str, now: Time) -> Option<Approved> {
        let approved = self.of.get(project)?.approved.get(sha256).copied();
        approved.filter(|approved| approved.until.is_none_or(|until| until > now))
    }
}

/// As installers compare it (PEP 440): `1.0`, `1.0.0` and `v1` are one. A digest is no version, so both can be keys of one map.
pub(super) fn same_version(text: &str) -> String {
    let Ok(version) = text.parse::<pep440_rs::Version>() else { return format!("={text}") };
    let release = version.release();
    let length = release.iter().rposition(|number| *number != 0).map_or(1, |last| last + 1);
    let release: Vec<u64> = release[..length.min(release.len())].to_vec();
    format!("={}", version.with_release(release))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_one_as_installers_compare_them() {
        for (one, other) in
            [("1.0", "1"), ("1.0.0", "v1.0"), ("2.1rc1", "2.1.0-c1"), ("0", "0.0"), ("nonsense", "nonsense")]
        {
            assert_eq!(same_version(one), same_version(other));
        }
        for (one, other) in [("1.0", "1.0.1"), ("1!1", "1"), ("1.0+a", "1.0"), ("1.0.post1", "1.0"), ("x", "y")] {
            assert_ne!(same_version(one), same_version(other));
        }
    }

    #[test]
    fn an_approval_ends_and_is_of_bytes_and_a_rejection_is_of_the_version() {
        let name: ProjectName = "widgets".parse().expect("valid");
        let (now, mut all) = ("2026-11-27T12:00:00Z".parse::<Time>().expect("a time"), Exemptions::default());
        let until = Some(now + chrono::TimeDelta::hours(1));
        all.approve(&name, "ab".repeat(32), Approved { review: 1, until });
        assert!(all.approval(&name, &"ab".repeat(32), now).is_some());
        assert!(all.approval(&name, &"ab".repeat(32), now + chrono::TimeDelta::hours(1)).is_none());
        assert!(all.approval(&name, &"cd".repeat(32), now).is_none());
        all.approve(&name, "ab".repeat(32), Approved { review: 2, until: None });
        all.approve(&name, "ab".repeat(32), Approved { review: 3, until });
        assert_eq!(all.approval(&name, &"ab".repeat(32), now).map(|approved| approved.review), Some(2));
        all.reject(
            &name,
            "1.0",
            ["ef"].into_iter(),
            &Rejected { review: 4, by: "ada".to_owned(), reason: "no".to_owned() },
        );
        assert!(all.rejection(&name, Some("1.0.0"), "another").is_some() && all.rejection(&name, None, "ef").is_some());
        assert!(all.rejection(&name, Some("1.1"), "another").is_none());
    }
}
