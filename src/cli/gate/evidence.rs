//! What the gate goes by beside ages: records of malware, downloads, dependents, a trust root and lists of others, read at the start and
//! again when they change. What cannot be read at the start has no voice, so that more is held than the rules say, and is told; later the last
//! good one stays. Of records of malware the start goes without none: nothing is given out that they could name, until they are there.
//!
//! None of it stops a start, but what the gate wrote down itself of it and cannot read any more. A clock that is behind takes what is of today for what is to come, a disk may be mounted later than the gate
//! begins, and whoever brings a file may be about to: a gate that ended by any of these would stay down when it is over.

use std::collections::BTreeSet;
use std::fmt::Display;
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
/// Of all else that nobody has read since the start.
const VOICELESS: &str = "it speaks for nothing, and what needs its voice is held";
const STAYS: &str = "what was read before stays in force";
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
    /// What was read once since the start, but for the lists of others, of which each has a file of its own.
    were_read: BTreeSet<GateTrouble>,
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
    /// What stays as it was, and why.
    broken: Vec<(GateTrouble, String)>,
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
            were_read: BTreeSet::new(),
            is_quiet_asked: consensus.quiet_for.is_some(),
            troubles,
        })
    }

    /// With all that the configuration names and that can be read. Records of malware that cannot are awaited.
    pub(super) fn first(&mut self, policy: Policy, now: Time) -> Policy {
        let mut news = self.look(now);
        if news.broken.iter().any(|(of, _)| *of == GateTrouble::RecordsUnread) {
            news.malware = Some(MalwareRecords::awaited());
        }
        self.note(&news);
        let policy = news.with(policy, now);
        self.speaking = policy.consensus.shared.speaking(now);
        self.note_age(&policy, now);
        policy
    }

    /// The same of a gate that is not started, which writes nothing down.
    pub(super) fn looked_at(self, policy: Policy, now: Time) -> Policy {
        Self { is_only_read: true, ..self }.first(policy, now)
    }

    /// With what is another by now, where something is. Reads files: not for a thread that answers.
    pub(super) fn again(&mut self, policy: &watch::Sender<Arc<Policy>>, now: Time) {
        let news = self.look(now);
        self.note(&news);
        // Pages that were made while a list was young are made again once it is not.
        let is_older = policy.borrow().consensus.shared.speaking(now) != self.speaking;
        let is_new = news.malware.is_some() || !news.counts.is_empty() || news.root.is_some();
        if is_new || !news.shared.is_empty() || is_older {
            policy.send_modify(|policy| *policy = Arc::new(news.with(Policy::clone(policy), now)));
            self.speaking = policy.borrow().consensus.shared.speaking(now);
        }
        self.note_age(&policy.borrow(), now);
    }

    /// What cannot be read now, and that all else can.
    fn note(&self, news: &News) {
        for which in OPTIONAL {
            let why = news.broken.iter().find(|(of, _)| *of == which);
            self.troubles.note(which, why.map(|(_, why)| why.clone()));
        }
    }

    /// What one look found of this kind; what is wrong with it goes to what is broken, with what is in force meanwhile.
    fn heard<T>(
        &mut self,
        which: GateTrouble,
        found: Result<Option<T>, impl Display>,
        broken: &mut Vec<(GateTrouble, String)>,
    ) -> Option<T> {
        match found {
            Ok(found) => {
                self.were_read.insert(which);
                found
            }
            Err(error) => {
                let unread = if which == GateTrouble::RecordsUnread { AWAITED } else { VOICELESS };
                let stays = if self.were_read.contains(&which) { STAYS } else { unread };
                broken.push((which, format!("{stays}: {error}")));
                None
            }
        }
    }

    fn look(&mut self, now: Time) -> News {
        let mut news = News::default();
        if let Some(found) = self.malware.as_mut().map(|feed| feed.look(now)) {
            let is_read = found.is_ok();
            news.malware = self.heard(GateTrouble::RecordsUnread, found, &mut news.broken);
            if is_read {
                self.keep_records();
            }
        }
        let trouble = self.malware.as_ref().and_then(MalwareFeed::trouble);
        self.troubles.note(GateTrouble::RecordsBroken, trouble.map(|why| format!("of the records of malware {why}")));
        let looks = self.counts.iter_mut().map(|(list, least)| (unread(list.what()), list.look(now), *least));
        for (which, found, least) in looks.collect::<Vec<_>>() {
            let counts = self.heard(which, found, &mut news.broken);
            news.counts.extend(counts.map(|counts| (counts, least)));
        }
        if let Some(found) = self.root.as_mut().map(TrustRootFile::look) {
            news.root = self.heard(GateTrouble::TrustRootUnread, found, &mut news.broken);
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
                Err(error) => {
                    let stays = if list.is_in_force() { STAYS } else { VOICELESS };
                    broken.push(format!("{stays}: {error}"));
                }
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
        let mut files = of(&place, &troubles);
        let first = files.first(policy(), now);
        assert!(first.malware.are_awaited, "there is no such place yet");
        std::fs::write(&place, b"half of an archive").expect("written");
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
        std::fs::remove_dir(&place).expect("removed");
        files.again(&policy, now);
        assert!(!awaited() && troubles.kinds().contains(&"records-unread"), "{troubles:?}");
        assert!(format!("{troubles:?}").contains("what was read before stays in force: "), "{troubles:?}");
    }

    /// A start by a clock that is behind, and before a disk is mounted.
    #[test]
    fn what_cannot_be_used_at_the_start_has_no_voice_is_told_and_speaks_once_it_can_be() {
        let dir = tempfile::tempdir().expect("a directory");
        let (counted, root) = (dir.path().join("downloads.csv"), dir.path().join("later/trusted_root.json"));
        std::fs::write(&counted, "# last_update: 2026-11-27T06:00:00Z\nproject,download_count\nrequests,9\n")
            .expect("written");
        let mut settings = GateSettings { state: dir.path().to_owned(), ..GateSettings::default() };
        settings.consensus.needs = 1;
        (settings.consensus.downloads, settings.consensus.trusted_root) = (Some(counted.clone()), Some(root));
        let troubles = GateTroubles::default();
        let mut files = EvidenceFiles::of(&settings, troubles.clone()).expect("readable");
        let behind: Time = "2026-11-26T12:00:00Z".parse().expect("a time");
        let policy = watch::Sender::new(Arc::new(files.first(policy(), behind)));
        assert_eq!(troubles.kinds(), ["downloads-unread", "trust-root-unread"]);
        let told = format!("{troubles:?}");
        assert!(told.contains("speaks for nothing") && told.contains("2026-11-27T06:00:00Z is to come"), "{told}");
        files.again(&policy, behind + TimeDelta::hours(24));
        assert_eq!(troubles.kinds(), ["trust-root-unread"], "the clock is right by now");
        std::fs::remove_file(&counted).expect("removed");
        files.again(&policy, behind + TimeDelta::hours(24));
        assert!(format!("{troubles:?}").contains("stays in force: the downloads in "), "{troubles:?}");
    }
}
