//! A policy that is proposed: what decides of a configuration that is not in force, with the evidence that it names as it lies there now.
//! Releases are judged by it for a preview, and nothing is given out by it.
//!
//! Whoever asks for it names files, and the gate reads them as its own user. So what is in one is never told, and neither is why it cannot be
//! read, which says what there is, nor why it is no good, which may repeat it: the gate's log says that. A disk that does not answer keeps one
//! thread, and nobody else.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;

use super::attest::{TrustRoot, TrustRootFile};
use super::consensus::Consensus;
use super::counts::{CountedUse, CountsList};
use super::malware::{MalwareFeed, MalwareRecords};
use super::policy::{AgeRules, Mode, Modes, Policy};
use super::prior::{PriorUse, ProjectUses};
use super::share::{SharedListFile, SharedLists};
use crate::config::{ConsensusSettings, MalwareSettings};
use crate::model::Time;
use crate::model::hex::hex;

/// No age is longer: a hundred years.
const LONGEST: TimeDelta = TimeDelta::days(36_500);
/// Proposals that are kept, the last ones: each has lists of its own in the memory.
const KEPT: usize = 3;
/// For what one names. An archive of all records takes seconds.
const PATIENCE: Duration = Duration::from_secs(8);

/// A rule of age, as it is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedAges {
    /// Of a file, in seconds.
    pub file: i64,
    /// Of a project's first file, in seconds.
    pub project: i64,
    pub freeze: Option<Time>,
}

/// What of a configuration decides of a release of PyPI: no secret, no name of ours, and nothing of where indexes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedPolicy {
    pub ages: ProposedAges,
    pub modes: Modes,
    pub consensus: ConsensusSettings,
    pub malware: MalwareSettings,
}

/// What the gate made of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalRead {
    /// By which it is named in a preview.
    pub key: String,
    /// What it names and the gate cannot use, in words. It speaks for nothing, and denies nothing.
    pub unread: Vec<String>,
}

/// Why one was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProposalError {
    #[error(
        "what the policy names cannot be read within {} s, or what another one names is being read still: preview again, or name what lies on \
         a disk that answers", PATIENCE.as_secs()
    )]
    Slow,
    #[error("the gate ends")]
    Ended,
}

/// Those that the gate was told of last.
#[derive(Debug)]
pub(super) struct Proposals {
    /// Where the records are that are in force, so that nobody reads them twice.
    in_force: MalwareSettings,
    kept: Mutex<VecDeque<(String, Arc<ReadProposal>)>>,
    /// One is read at a time, since it takes a place in the memory: until that ends, whoever waits for it.
    turn: Arc<Semaphore>,
    patience: Duration,
}

/// One, with what was read of its evidence.
#[derive(Debug)]
pub(super) struct ReadProposal {
    age: AgeRules,
    consensus: Consensus,
    root: Option<Arc<TrustRoot>>,
    /// `None`: those in force.
    malware: Option<Arc<MalwareRecords>>,
    unread: Vec<String>,
}

impl From<ProposedAges> for AgeRules {
    /// As if they were in force.
    fn from(ages: ProposedAges) -> Self {
        let length = |seconds: i64| TimeDelta::seconds(seconds.clamp(0, LONGEST.num_seconds()));
        let (file, project) = (length(ages.file), length(ages.project));
        Self { modes: Modes::all(Mode::Enforce), file, project, freeze: ages.freeze }
    }
}

impl Default for Proposals {
    /// Beside no records.
    fn default() -> Self {
        let (in_force, kept) = (MalwareSettings::default(), Mutex::default());
        Self { in_force, kept, turn: Arc::new(Semaphore::new(1)), patience: PATIENCE }
    }
}

impl Proposals {
    /// `in_force`: where the records are that are in force.
    pub(super) fn beside(in_force: MalwareSettings) -> Self {
        Self { in_force, ..Self::default() }
    }

    /// Reads what it names, and keeps it for previews. `uses`: what clients use by now, or why nobody knows.
    ///
    /// # Errors
    /// See [`ProposalError`]; what was kept is kept.
    pub(super) async fn read(
        &self,
        of: ProposedPolicy,
        uses: Result<ProjectUses, String>,
        now: Time,
    ) -> Result<ProposalRead, ProposalError> {
        let json = serde_json::to_vec(&of).map_err(|_| ProposalError::Ended)?;
        let key = hex(&Sha256::digest(json)[..8]);
        let (turn, in_force) = (Arc::clone(&self.turn), self.in_force.clone());
        let reading = async move {
            let turn = turn.acquire_owned().await.ok()?;
            let read = tokio::task::spawn_blocking(move || {
                // Nobody else begins before this ends, though nobody may wait for it any more.
                let _turn = turn;
                ReadProposal::of(&of, &in_force, uses, now)
            });
            read.await.ok()
        };
        let read = timeout(self.patience, reading).await.map_err(|_| ProposalError::Slow)?;
        let read = read.ok_or(ProposalError::Ended)?;
        let unread = read.unread.clone();
        let mut kept = self.kept.lock().await;
        kept.retain(|(of, _)| *of != key);
        kept.truncate(KEPT - 1);
        kept.push_front((key.clone(), Arc::new(read)));
        Ok(ProposalRead { key, unread })
    }

    /// `None`: it is not known any more.
    pub(super) async fn of(&self, key: &str) -> Option<Arc<ReadProposal>> {
        let kept = self.kept.lock().await;
        kept.iter().find(|(of, _)| of == key).map(|(_, read)| Arc::clone(read))
    }
}

impl ReadProposal {
    fn of(of: &ProposedPolicy, in_force: &MalwareSettings, uses: Result<ProjectUses, String>, now: Time) -> Self {
        let age = AgeRules { modes: of.modes, ..of.ages.into() };
        let (asked, mut unread) = (&of.consensus, Vec::new());
        let prior = PriorUse {
            clients: asked.clients,
            used_for: length(asked.used_for),
            of: Arc::new(uses.unwrap_or_else(|why| {
                unread.push(why);
                ProjectUses::new()
            })),
            ..PriorUse::default()
        };
        let quiet_for = asked.quiet_for.map(length);
        let shared = SharedLists::within(length(asked.shared_for));
        let mut consensus =
            Consensus { needs: asked.needs, mode: asked.mode, prior, quiet_for, shared, ..Consensus::default() };
        let mut root = None;
        if asked.needs > 0 {
            count(&mut consensus, asked, now, &mut unread);
            share(&mut consensus, asked, now, &mut unread);
            root = asked.trusted_root.as_ref().and_then(|path| trusted(path, &mut unread)).map(Arc::new);
        }
        let malware = (of.malware != *in_force).then(|| Arc::new(records(&of.malware, now, &mut unread)));
        Self { age, consensus, root, malware, unread }
    }

    /// With all else as it is in force now: names of ours, decisions of persons, open findings, how many persons have to agree.
    pub(super) fn over(&self, now: &Policy) -> Policy {
        let prior = PriorUse { persons: now.consensus.prior.persons, ..self.consensus.prior.clone() };
        let by = |root: &Arc<TrustRoot>| Arc::new(now.consensus.attested.by(Arc::clone(root)));
        let attested = self.root.as_ref().map(by).unwrap_or_default();
        let consensus = Consensus { prior, attested, ..self.consensus.clone() };
        let malware = self.malware.as_ref().map_or_else(|| Arc::clone(&now.malware), Arc::clone);
        Policy { age: self.age.clone(), consensus, malware, ..now.clone() }
    }
}

fn length(of: Duration) -> TimeDelta {
    TimeDelta::from_std(of).unwrap_or(LONGEST).min(LONGEST)
}

fn count(consensus: &mut Consensus, asked: &ConsensusSettings, now: Time, unread: &mut Vec<String>) {
    let downloads = (CountedUse::Downloads, &asked.downloads, asked.downloads_least);
    for (what, path, least) in [downloads, (CountedUse::Dependents, &asked.dependents, asked.dependents_least)] {
        let Some(path) = path else { continue };
        let look = || CountsList::at(what, path.clone()).look(now).map_err(|error| error.to_string());
        let counts = used(&format!("{} {}", what.key(), path.display()), unread, look);
        if let Some(counts) = counts {
            consensus.popularity.set(Arc::new(counts), least);
        }
    }
}

fn share(consensus: &mut Consensus, asked: &ConsensusSettings, now: Time, unread: &mut Vec<String>) {
    for source in &asked.shared {
        let look = || SharedListFile::at(source.clone()).look(now).map_err(|error| error.to_string());
        let what = format!("the list of {:?} in {}", source.name, source.list.display());
        if let Some(list) = used(&what, unread, look) {
            consensus.shared.set(source.name.clone(), list);
        }
    }
}

fn trusted(path: &Path, unread: &mut Vec<String>) -> Option<TrustRoot> {
    let look = || TrustRootFile::at(path.to_owned()).look().map_err(|error| error.to_string());
    used(&format!("trusted_root {}", path.display()), unread, look)
}

/// What an earlier look kept of records that are gone is not asked: that is of the place which is in force.
fn records(of: &MalwareSettings, now: Time, unread: &mut Vec<String>) -> MalwareRecords {
    let Some(place) = &of.records else { return MalwareRecords::ending_nothing() };
    let look = || MalwareFeed::at(place.clone(), of.except.clone()).look(now).map_err(|error| error.to_string());
    let read = used(&format!("the records of malware in {}", place.display()), unread, look);
    read.unwrap_or_else(MalwareRecords::ending_nothing)
}

/// Whatever is in the way is told in the same words.
fn used<T>(what: &str, unread: &mut Vec<String>, look: impl FnOnce() -> Result<Option<T>, String>) -> Option<T> {
    look().unwrap_or_else(|error| {
        tracing::warn!("of a policy that is proposed: {error}");
        unread.push(format!("{what} cannot be used; the gate's log says why"));
        None
    })
}

#[cfg(test)]
mod tests;
