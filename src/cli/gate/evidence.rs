//! What the gate goes by beside ages: records of malware, downloads, dependents, a trust root and lists of others, read at the start and
//! again when they change. What cannot be read at the start stops it, since a rule without effect looks like one; later the last good one
//! stays. Records of malware are brought by others all day, and one look may come while they are put there: then nothing is given out that
//! they could name, until they are there.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::watch;

use super::super::failure::Failure;
use crate::config::{ConsensusSettings, GateSettings, SharedSource};
use crate::gate::attest::{TrustRoot, TrustRootFile};
use crate::gate::malware::{MalwareFeed, MalwareRecords};
use crate::gate::policy::Policy;
use crate::gate::share::{SharedList, SharedListFile, SharedMarks};
use crate::gate::{CountedUse, Counts, CountsList, GateTrouble, GateTroubles};
use crate::model::Time;

/// What may fail to be read again, with what was read before in force.
const OPTIONAL: [GateTrouble; 5] = [
    GateTrouble::RecordsUnread,
    GateTrouble::DownloadsUnread,
    GateTrouble::DependentsUnread,
    GateTrouble::TrustRootUnread,
    GateTrouble::SharedUnread,
];

/// Of records of malware that nobody has read.
const AWAITED: &str = "nothing is given out that they could name, until they are read";
/// OSV's records of PyPI change every day.
const OLD: TimeDelta = TimeDelta::days(7);

/// The files of one gate.
pub(super) struct EvidenceFiles {
    malware: Option<MalwareFeed>,
    /// Of downloads, and of dependents, with how many are enough.
    counts: Vec<(CountsList, u64)>,
    root: Option<TrustRootFile>,
    shared: Vec<SharedListFile>,
    /// How new those have to be.
    marks: SharedMarks,
    /// Nothing of it is written down: another gate runs.
    is_only_read: bool,
    /// So many of those were young enough at the last look.
    speaking: usize,
    /// Does their silence speak?
    is_quiet_asked: bool,
    troubles: GateTroubles,
}

/// What is new of it, and why what is not may be.
#[derive(Default)]
struct News {
    malware: Option<MalwareRecords>,
    counts: Vec<(Counts, u64)>,
    root: Option<TrustRoot>,
    shared: Vec<(SharedSource, SharedList)>,
    broken: Vec<(GateTrouble, String)>,
    /// There is no place of records.
    are_missing: bool,
}

impl EvidenceFiles {
    /// # Errors
    /// Nobody knows how new the lists of others have to be, or what was known to be malware.
    pub(super) fn of(settings: &GateSettings, troubles: GateTroubles) -> Result<Self, Failure> {
        let (malware, consensus) = (&settings.malware, &settings.consensus);
        let feed = |place: &PathBuf| MalwareFeed::at(place.clone(), malware.except.clone()).kept_in(&settings.state);
        let feed = malware.records.as_ref().map(feed).transpose().map_err(|error| Failure::configuration(&error))?;
        let asks = consensus.needs > 0;
        let marks = SharedMarks::read(&settings.state).map_err(|error| Failure::configuration(&error))?;
        let shared = |source: &SharedSource| SharedListFile::at(source.clone()).not_before(marks.of(&source.key));
        Ok(Self {
            malware: feed,
            counts: if asks { counted(consensus) } else { Vec::new() },
            root: consensus.trusted_root.clone().filter(|_| asks).map(TrustRootFile::at),
            shared: consensus.shared.iter().filter(|_| asks).map(shared).collect(),
            marks,
            is_only_read: false,
            speaking: 0,
            is_quiet_asked: consensus.quiet_for.is_some(),
            troubles,
        })
    }

    /// With all that the configuration names. Records of malware that cannot be read are awaited.
    ///
    /// # Errors
    /// One of the files cannot be used, or there is no such place of records.
    pub(super) fn first(&mut self, policy: Policy, now: Time) -> Result<Policy, Failure> {
        let mut news = self.look(now);
        let stops = |(of, _): &(GateTrouble, String)| *of != GateTrouble::RecordsUnread || news.are_missing;
        if let Some(at) = news.broken.iter().rposition(stops) {
            return Err(Failure::configured(news.broken.swap_remove(at).1));
        }
        if let Some((which, why)) = news.broken.pop() {
            self.troubles.note(which, Some(format!("{AWAITED}: {why}")));
            news.malware = Some(MalwareRecords::awaited());
        }
        let policy = news.with(policy, now);
        self.speaking = policy.consensus.shared.speaking(now);
        self.note_age(&policy, now);
        Ok(policy)
    }

    /// The same of a gate that is not started, which writes nothing down.
    ///
    /// # Errors
    /// As there.
    pub(super) fn looked_at(self, policy: Policy, now: Time) -> Result<Policy, Failure> {
        Self { is_only_read: true, ..self }.first(policy, now)
    }

    /// With what is another by now, where something is. Reads files: not for a thread that answers.
    pub(super) fn again(&mut self, policy: &watch::Sender<Arc<Policy>>, now: Time) {
        let news = self.look(now);
        for which in OPTIONAL {
            let why = news.broken.iter().find(|(of, _)| *of == which);
            let is_awaited = which == GateTrouble::RecordsUnread && policy.borrow().malware.are_awaited;
            let stays = if is_awaited { AWAITED } else { "what was read before stays in force" };
            self.troubles.note(which, why.map(|(_, why)| format!("{stays}: {why}")));
        }
        // Pages that were made while a list was young are made again once it is not.
        let is_older = policy.borrow().consensus.shared.speaking(now) != self.speaking;
        let is_new = news.malware.is_some() || !news.counts.is_empty() || news.root.is_some();
        if is_new || !news.shared.is_empty() || is_older {
            policy.send_modify(|policy| *policy = Arc::new(news.with(Policy::clone(policy), now)));
            self.speaking = policy.borrow().consensus.shared.speaking(now);
        }
        self.note_age(&policy.borrow(), now);
    }

    fn look(&mut self, now: Time) -> News {
        let mut news = News::default();
        match self.malware.as_mut().map(|feed| feed.look(now)) {
            Some(Ok(records)) => {
                news.malware = records;
                self.keep_records();
            }
            Some(Err(error)) => {
                news.are_missing = error.is_missing();
                news.broken.push((GateTrouble::RecordsUnread, error.to_string()));
            }
            None => {}
        }
        let trouble = self.malware.as_ref().and_then(MalwareFeed::trouble);
        self.troubles.note(GateTrouble::RecordsBroken, trouble.map(|why| format!("of the records of malware {why}")));
        for (list, least) in &mut self.counts {
            match list.look(now) {
                Ok(counts) => news.counts.extend(counts.map(|counts| (counts, *least))),
                Err(error) => news.broken.push((unread(list.what()), error.to_string())),
            }
        }
        match self.root.as_mut().map(TrustRootFile::look) {
            Some(Ok(root)) => news.root = root,
            Some(Err(error)) => news.broken.push((GateTrouble::TrustRootUnread, error.to_string())),
            None => {}
        }
        self.look_at_shared(&mut news, now);
        news
    }

    /// A start that knows nothing of them takes an older archive for all there is.
    fn keep_records(&mut self) {
        if self.is_only_read {
            return;
        }
        let kept = self.malware.as_mut().map_or(Ok(()), MalwareFeed::keep);
        let told = kept.err().map(|error| {
            format!("which records of malware there were cannot be written down ({error}), so that a restart takes older ones; make room in [gate] state")
        });
        self.troubles.note(GateTrouble::RecordsUnwritten, told);
    }

    fn look_at_shared(&mut self, news: &mut News, now: Time) {
        let mut broken = Vec::new();
        for list in &mut self.shared {
            match list.look(now) {
                Ok(new) => news.shared.extend(new.map(|new| (list.source().clone(), new))),
                Err(error) => broken.push(error.to_string()),
            }
        }
        news.shared.iter().for_each(|(source, list)| self.marks.set(&source.key, list.made_at));
        let kept = if self.is_only_read { Ok(()) } else { self.marks.keep() };
        let unwritten = kept.err().map(|error| {
            format!("how new lists of others have to be cannot be written down ({error}), so that a restart takes older ones; make room in [gate] state")
        });
        self.troubles.note(GateTrouble::SharedUnwritten, unwritten);
        if !broken.is_empty() {
            news.broken.push((GateTrouble::SharedUnread, broken.join("; ")));
        }
    }

    /// What is old says nothing of today. Records of long ago deny nothing of today, and nobody sees that: a feed that broke looks as one without news.
    fn note_age(&self, policy: &Policy, now: Time) {
        self.troubles.note(GateTrouble::SharedOld, policy.consensus.shared.silent(now));
        let through = policy.malware.through(now);
        let what = match through {
            Some(through) if now - through > OLD => format!("the newest of OSV's was changed {}", through.format("%F")),
            // Somebody's own records alone are as old as they may be.
            None if self.is_quiet_asked => "none is OSV's, and of before now".to_owned(),
            _ => return self.troubles.note(GateTrouble::RecordsOld, None),
        };
        let why = format!(
            "of the records of malware {what}: what was found since then is not denied, and their silence speaks for nothing younger; bring \
             OSV's of today to where the gate reads records"
        );
        self.troubles.note(GateTrouble::RecordsOld, Some(why));
    }
}

/// The lists of popularity that are named.
fn counted(of: &ConsensusSettings) -> Vec<(CountsList, u64)> {
    let downloads = (CountedUse::Downloads, &of.downloads, of.downloads_least);
    let dependents = (CountedUse::Dependents, &of.dependents, of.dependents_least);
    let list =
        |(what, path, least): (CountedUse, &Option<PathBuf>, u64)| Some((CountsList::at(what, path.clone()?), least));
    [downloads, dependents].into_iter().filter_map(list).collect()
}

fn unread(what: CountedUse) -> GateTrouble {
    match what {
        CountedUse::Downloads => GateTrouble::DownloadsUnread,
        CountedUse::Dependents => GateTrouble::DependentsUnread,
    }
}

impl News {
    fn with(self, policy: Policy, now: Time) -> Policy {
        let mut policy = policy;
        if let Some(records) = &self.malware
            && !records.are_awaited
        {
            let through =
                records.through(now).map_or_else(|| "an unknown time".to_owned(), |through| through.to_rfc3339());
            tracing::info!(records = records.count, "records of malware are in force, through {through}");
        }
        policy.malware = self.malware.map_or(policy.malware, Arc::new);
        for (counts, least) in self.counts {
            tracing::info!("{} of {} are in force", counts.what().key(), counts.as_of);
            policy.consensus.popularity.set(Arc::new(counts), least);
        }
        if let Some(root) = self.root {
            tracing::info!("attestations are verified by the trust root that was read now");
            policy.consensus.attested = Arc::new(policy.consensus.attested.by(Arc::new(root)));
        }
        for (SharedSource { name, .. }, list) in self.shared {
            tracing::info!(organisation = %name, releases = list.releases, "a list of {} is in force", list.made_at);
            policy.consensus.shared.set(name, list);
        }
        policy
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::gate::consensus::Consensus;
    use crate::gate::policy::{AgeRules, Binding, Mode, Modes};

    fn policy() -> Policy {
        let (modes, day) = (Modes::all(Mode::Enforce), TimeDelta::days(1));
        let age = AgeRules { modes, file: day, project: day, freeze: None };
        let (malware, exemptions, suspects) = (Arc::default(), Arc::default(), Arc::default());
        let consensus = Consensus::default();
        Policy { binding: Binding::default(), age, consensus, malware, exemptions, suspects }
    }

    fn of(records: &Path, troubles: &GateTroubles) -> EvidenceFiles {
        let mut settings =
            GateSettings { state: records.parent().expect("a directory").to_owned(), ..GateSettings::default() };
        settings.malware.records = Some(records.to_owned());
        EvidenceFiles::of(&settings, troubles.clone()).expect("readable")
    }

    #[test]
    fn records_that_are_half_there_are_awaited_and_taken_once_they_are_whole() {
        let dir = tempfile::tempdir().expect("a directory");
        let (place, troubles) = (dir.path().join("pypi"), GateTroubles::default());
        let now = "2026-11-27T12:00:00Z".parse().expect("a time");
        assert!(of(&place, &troubles).first(policy(), now).is_err(), "there is no such place");
        std::fs::write(&place, b"half of an archive").expect("written");
        let mut files = of(&place, &troubles);
        let first = files.first(policy(), now).expect("it starts");
        let policy = watch::Sender::new(Arc::new(first));
        let awaited = || policy.borrow().malware.are_awaited;
        let told = || format!("{troubles:?}").contains("nothing is given out that they could name");
        assert!(awaited() && told(), "{troubles:?}");
        files.again(&policy, now);
        assert!(awaited() && told(), "{troubles:?}");
        std::fs::remove_file(&place).expect("removed");
        std::fs::create_dir(&place).expect("made");
        files.again(&policy, now);
        assert!(awaited() && told(), "a directory that is still being filled");
        let record = r#"{"id": "MAL-2026-1", "modified": "2026-11-26T00:00:00Z",
                         "affected": [{"package": {"ecosystem": "PyPI", "name": "evil-tool"}}]}"#;
        std::fs::write(place.join("MAL-2026-1.json"), record).expect("written");
        files.again(&policy, now);
        assert!(!awaited() && policy.borrow().malware.count == 1 && !told(), "{troubles:?}");
        std::fs::remove_file(place.join("MAL-2026-1.json")).expect("removed");
        files.again(&policy, now);
        assert!(!awaited() && policy.borrow().malware.count == 1, "what was read before stays in force");
    }
}
