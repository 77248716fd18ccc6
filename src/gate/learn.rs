//! What persons vouch for, since it is used already: releases of a lock, or of what was received before evidence was asked for. Each
//! is looked up first, and has to be what the index has, and old enough; then its project has prior use, once as many persons vouch for it
//! as have to agree to a review.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta};
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use super::desk::DeskError;
use super::exemption::same_version;
use super::learned::{ForgottenUse, LearnedProject, Learning, UsedRelease};
use super::page::{PageFile, ProjectPage};
use super::policy::Policy;
use super::refusal::{Refusal, sentence};
use super::ruling::{AskedFile, Origin};
use super::serve::Gate;
use crate::model::{Actor, ProjectName, Time};

/// Pages that are asked for at once, and how long one question waits for them.
const AT_ONCE: usize = 16;
const PATIENCE: Duration = Duration::from_secs(8);
/// Letters of a time as a lock has it.
const TIME: usize = 40;

/// A project that a person vouches for, and where it stands then.
struct Vouched {
    project: LearnedProject,
    then: Learning,
}

impl Gate {
    /// What became of each, in their order. Only what is on the disk is learned.
    pub(super) async fn learn(
        &self,
        by: &Actor,
        releases: Vec<UsedRelease>,
        source: &str,
    ) -> Result<Vec<Learning>, DeskError> {
        let until = Instant::now() + PATIENCE;
        let looked = releases.into_iter().map(|release| self.vouched(by, release, until));
        let looked: Vec<Result<Vouched, Learning>> = stream::iter(looked).buffered(AT_ONCE).collect().await;
        let of = |learned: LearnedProject| LearnedProject {
            by: by.to_string(),
            uid: by.uid,
            source: source.to_owned(),
            ..learned
        };
        let new: Vec<LearnedProject> =
            looked.iter().filter_map(|looked| Some(of(looked.as_ref().ok()?.project.clone()))).collect();
        if !new.is_empty() {
            self.desk.learn(by.clone(), new).await?;
        }
        Ok(looked.into_iter().map(|looked| looked.map_or_else(|other| other, |vouched| vouched.then)).collect())
    }

    /// Prior use as if there was none: what persons vouched for, and what clients used.
    pub(super) async fn forget(&self, by: &Actor, project: ProjectName) -> Result<ForgottenUse, DeskError> {
        let clients = self.ledger.forget(project.clone()).await.ok_or(DeskError::Busy)??;
        if let Some(notary) = &self.notary {
            notary.forget(&project).await?;
        }
        let was_vouched = self.desk.forget(by.clone(), project.clone()).await?;
        if clients > 0 {
            tracing::info!(%project, %by, clients, "a project was used by nobody any more");
        }
        Ok(ForgottenUse { was_vouched, clients })
    }

    /// Whether the index has it as it is named, and no rule but evidence objects.
    async fn vouched(&self, by: &Actor, release: UsedRelease, until: Instant) -> Result<Vouched, Learning> {
        let policy = Arc::clone(&self.policy.borrow());
        let found = timeout_at(until, self.sources.whole(&policy, &release.project)).await;
        let found = found.unwrap_or_else(|_| Err(Refusal::not_now("the indexes take long to answer: ask again")));
        let (origin, read) = found.map_err(|refusal| refused(refusal.why()))?;
        if origin == Origin::Private {
            return Err(Learning::Internal);
        }
        let page = &read.page;
        let now = self.clock.present().reached;
        let then = standing(&policy, page, by, now)?;
        let file = judged(&policy, page, &release, now)?;
        let project = LearnedProject {
            project: release.project.to_string(),
            at: now,
            by: String::new(),
            uid: None,
            version: release.version,
            sha256: file.sha256.clone(),
            source: String::new(),
        };
        Ok(Vouched { project, then })
    }
}

/// Where the project stands once this person vouches for it.
///
/// # Errors
/// They do already, for the project as it is.
fn standing(policy: &Policy, page: &ProjectPage, by: &Actor, now: Time) -> Result<Learning, Learning> {
    let (prior, exemptions) = (&policy.consensus.prior, &policy.exemptions);
    let known = || exemptions.vouched(&page.name);
    let is_enough = |vouched: Option<Time>| if vouched.is_some() { Learning::Known } else { waits() };
    // Of a name that was another's then nobody vouches any more.
    let own = exemptions.vouched_by(&page.name, by.uid);
    if own.is_some_and(|at| page.first_upload.is_none_or(|born| born <= at)) {
        return Err(is_enough(prior.vouched(page.first_upload, known())));
    }
    let others = exemptions.vouched(&page.name).filter(|at| own != Some(*at));
    let with_own = prior.vouched(page.first_upload, others.chain([now]));
    Ok(if with_own.is_some() { Learning::Learned } else { waits() })
}

/// The file of the release that vouches for it.
fn judged<'p>(
    policy: &Policy,
    page: &'p ProjectPage,
    release: &UsedRelease,
    now: Time,
) -> Result<&'p PageFile, Learning> {
    let is_of = |file: &&PageFile| {
        let version = file.version.as_deref();
        version.is_some_and(|version| same_version(version) == same_version(&release.version))
    };
    let files: Vec<&PageFile> = page.files.iter().filter(is_of).collect();
    if files.is_empty() {
        return Err(refused("the index has no such version any more"));
    }
    let mut named = files.iter().copied().filter(|file| release.digests.contains(&file.sha256));
    let file = named.next().ok_or_else(|| refused("none of its files at the index has a digest that is named"))?;
    let otherwise = |file: &PageFile| dated_otherwise(file, release.uploaded.get(&file.sha256)?);
    if let Some(otherwise) = std::iter::once(file).chain(named).find_map(otherwise) {
        return Err(refused(otherwise));
    }
    let asked = AskedFile::of(page, file);
    let held = policy.on(page, Origin::Pypi, now).denied(&asked);
    let held = held.or_else(|| policy.age.held(asked.first_upload, asked.uploaded, now));
    held.map_or(Ok(file), |held| Err(refused(sentence(&held))))
}

/// In words where a lock says that it was uploaded at another time: one of the two was made up, or altered since, and the bytes that are
/// there now are not those that were used then.
fn dated_otherwise(file: &PageFile, times: &BTreeSet<String>) -> Option<String> {
    let is_other = |said: &&String| {
        let locked = DateTime::parse_from_rfc3339(said).ok();
        let both = locked.zip(file.uploaded.at());
        // Locks keep fewer digits than the index says.
        both.is_none_or(|(locked, at)| (locked.to_utc() - at).abs() >= TimeDelta::seconds(1))
    };
    let said: String = times.iter().find(is_other)?.chars().take(TIME).collect();
    let index = file.uploaded.at().map_or_else(|| "says no time".to_owned(), |at| format!("says {}", rfc3339(at)));
    Some(format!("the lock says that {} was uploaded at {said}, and the index {index}", file.filename))
}

fn rfc3339(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// It is written down, and of one person.
fn waits() -> Learning {
    refused("you vouch for it now, and another person has to, too")
}

fn refused(why: impl Into<String>) -> Learning {
    Learning::Refused { why: why.into() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::gate::consensus::Consensus;
    use crate::gate::consensus::tests::policy;
    use crate::gate::malware::MalwareRecords;
    use crate::gate::policy::Binding;
    use crate::model::WatchId;

    fn name() -> ProjectName {
        ProjectName::parse("widgets").expect("valid")
    }

    fn now() -> Time {
        "2026-11-27T12:00:00Z".parse().expect("a time")
    }

    /// A source that is old enough, a wheel of the same day, and one of which nobody says when it was uploaded.
    fn page() -> ProjectPage {
        let file = |filename: &str, digit: &str, at: Option<&str>| json!({"filename": filename, "url": "w", "hashes": {"sha256": digit.repeat(64)}, "upload-time": at});
        let files = [
            file("widgets-1.0.tar.gz", "a", Some("2026-01-01T12:00:00.123456Z")),
            file("widgets-1.0-py3-none-any.whl", "b", Some("2026-01-01T12:00:01Z")),
            file("widgets-2.0.tar.gz", "c", Some("2026-11-27T11:00:00Z")),
        ];
        let page = json!({"name": "widgets", "meta": {"api-version": "1.4"}, "files": files}).to_string();
        let base = url::Url::parse("https://index.example/simple/widgets/").expect("an address");
        ProjectPage::read(&name(), &base, page.as_bytes()).expect("a page")
    }

    /// What becomes of a release of widgets that is pinned by these digests: `learned`, or why not.
    fn learned(policy: &Policy, version: &str, files: &[(&str, &[&str])]) -> String {
        let times = |times: &[&str]| times.iter().map(|time| (*time).to_owned()).collect();
        let uploaded: BTreeMap<String, BTreeSet<String>> =
            files.iter().map(|(digit, said)| (digit.repeat(64), times(said))).collect();
        let digests = uploaded.keys().cloned().collect();
        let release = UsedRelease { project: name(), version: version.to_owned(), digests, uploaded };
        match judged(policy, &page(), &release, now()) {
            Ok(_) => "learned".to_owned(),
            Err(other) => other.why().expect("why").to_owned(),
        }
    }

    #[test]
    fn a_lock_that_agrees_with_the_index_is_learned_and_one_that_does_not_says_in_what() {
        let of = policy(Consensus::default());
        let is_learned = |files: &[(&str, &[&str])]| learned(&of, "1.0", files) == "learned";
        assert!(is_learned(&[("a", &[])]), "a lock without times");
        assert!(is_learned(&[("a", &["2026-01-01T12:00:00.123Z"]), ("b", &["2026-01-01T13:00:01+01:00"])]));
        assert!(
            is_learned(&[("a", &["2026-01-01T12:00:00.123Z"]), ("d", &["1999-01-01T00:00:00Z"])]),
            "gone from the index"
        );
        assert_eq!(
            learned(&of, "1.0", &[("d", &[])]),
            "none of its files at the index has a digest that is named",
            "other bytes"
        );
        assert_eq!(
            learned(&of, "1.0", &[("a", &["2026-01-01T12:00:00.123Z"]), ("b", &["2025-12-01T12:00:01Z"])]),
            "the lock says that widgets-1.0-py3-none-any.whl was uploaded at 2025-12-01T12:00:01Z, and the index says 2026-01-01T12:00:01.000Z"
        );
        for odd in ["what is no time", "2026-01-01T12:00:02.000Z", "2026-01-01"] {
            assert!(learned(&of, "1.0", &[("a", &[odd])]).contains("and the index says"), "{odd}");
        }
        let two = learned(&of, "1.0", &[("a", &["2026-01-01T12:00:00.123Z", "2025-01-01T12:00:00Z"])]);
        assert!(two.contains("2025-01-01"), "of two locks one is wrong: {two}");
        assert!(learned(&of, "2.0", &[("c", &[])]).starts_with("held until"), "too young");
        assert_eq!(learned(&of, "3.0", &[("c", &[])]), "the index has no such version any more");
    }

    #[test]
    fn what_a_record_names_or_is_ours_is_not_learned_however_well_it_is_pinned() {
        let mut records = MalwareRecords::default();
        let record = json!({"id": "MAL-2026-7", "modified": "2026-11-01T00:00:00Z", "affected": [{"package": {"ecosystem": "PyPI", "name": "widgets"}}]});
        records.add(record.to_string().as_bytes(), &BTreeSet::new()).expect("a record");
        let good: &[(&str, &[&str])] = &[("a", &["2026-01-01T12:00:00.123Z"])];
        let bad = Policy { malware: Arc::new(records), ..policy(Consensus::default()) };
        assert_eq!(learned(&bad, "1.0", good), "malware by MAL-2026-7, and never given out");
        let watches = std::iter::once(WatchId::name(&name()));
        let ours = Policy { binding: Binding::of_watches(watches, BTreeSet::new()), ..policy(Consensus::default()) };
        assert_eq!(learned(&ours, "1.0", good), "internal by widgets, and never taken from PyPI");
    }
}
