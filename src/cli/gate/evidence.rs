//! What the gate goes by beside ages: records of malware, downloads and a trust root, read at the start and again when they change. What
//! cannot be read at the start stops it, since a rule without effect looks like one; later the last good one stays.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::watch;

use super::super::failure::Failure;
use crate::config::GateSettings;
use crate::gate::attest::{TrustRoot, TrustRootFile};
use crate::gate::malware::{MalwareFeed, MalwareRecords};
use crate::gate::policy::Policy;
use crate::gate::{Downloads, DownloadsList, GateTrouble, GateTroubles};
use crate::model::Time;

/// OSV's records of PyPI change every day.
const OLD: TimeDelta = TimeDelta::days(7);

/// The files of one gate.
pub(super) struct EvidenceFiles {
    malware: Option<MalwareFeed>,
    /// With how many are enough.
    downloads: Option<(DownloadsList, u64)>,
    root: Option<TrustRootFile>,
    /// Does their silence speak?
    is_quiet_asked: bool,
    troubles: GateTroubles,
}

/// What is new of it, and why what is not may be.
#[derive(Default)]
struct News {
    malware: Option<MalwareRecords>,
    downloads: Option<(Downloads, u64)>,
    root: Option<TrustRoot>,
    broken: Vec<(GateTrouble, String)>,
}

impl EvidenceFiles {
    pub(super) fn of(settings: &GateSettings, troubles: GateTroubles) -> Self {
        let (malware, consensus) = (&settings.malware, &settings.consensus);
        let feed = |place: &PathBuf| MalwareFeed::at(place.clone(), malware.except.clone());
        let list = |path: &PathBuf| (DownloadsList::at(path.clone()), consensus.downloads_least);
        let asks = consensus.needs > 0;
        Self {
            malware: malware.records.as_ref().map(feed),
            downloads: consensus.downloads.as_ref().filter(|_| asks).map(list),
            root: consensus.trusted_root.clone().filter(|_| asks).map(TrustRootFile::at),
            is_quiet_asked: consensus.quiet_for.is_some(),
            troubles,
        }
    }

    /// With all that the configuration names.
    ///
    /// # Errors
    /// One of the files cannot be used.
    pub(super) fn first(&mut self, policy: Policy, now: Time) -> Result<Policy, Failure> {
        let mut news = self.look(now);
        if let Some((_, why)) = news.broken.pop() {
            return Err(Failure::configured(why));
        }
        let policy = news.with(policy, now);
        self.note_age(&policy, now);
        Ok(policy)
    }

    /// With what is another by now, where something is. Reads files: not for a thread that answers.
    pub(super) fn again(&mut self, policy: &watch::Sender<Arc<Policy>>, now: Time) {
        let news = self.look(now);
        for which in [GateTrouble::RecordsUnread, GateTrouble::DownloadsUnread, GateTrouble::TrustRootUnread] {
            let why = news.broken.iter().find(|(of, _)| *of == which);
            self.troubles.note(which, why.map(|(_, why)| format!("what was read before stays in force: {why}")));
        }
        if news.malware.is_some() || news.downloads.is_some() || news.root.is_some() {
            policy.send_modify(|policy| *policy = Arc::new(news.with(Policy::clone(policy), now)));
        }
        self.note_age(&policy.borrow(), now);
    }

    fn look(&mut self, now: Time) -> News {
        let mut news = News::default();
        match self.malware.as_mut().map(|feed| feed.look(now)) {
            Some(Ok(records)) => news.malware = records,
            Some(Err(error)) => news.broken.push((GateTrouble::RecordsUnread, error.to_string())),
            None => {}
        }
        let trouble = self.malware.as_ref().and_then(MalwareFeed::trouble);
        self.troubles.note(GateTrouble::RecordsBroken, trouble.map(|why| format!("of the records of malware {why}")));
        if let Some((list, least)) = &mut self.downloads {
            match list.look(now) {
                Ok(downloads) => news.downloads = downloads.map(|downloads| (downloads, *least)),
                Err(error) => news.broken.push((GateTrouble::DownloadsUnread, error.to_string())),
            }
        }
        match self.root.as_mut().map(TrustRootFile::look) {
            Some(Ok(root)) => news.root = root,
            Some(Err(error)) => news.broken.push((GateTrouble::TrustRootUnread, error.to_string())),
            None => {}
        }
        news
    }

    /// Records of long ago deny nothing of today, and nobody sees that: a feed that broke looks as one without news.
    fn note_age(&self, policy: &Policy, now: Time) {
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

impl News {
    fn with(self, policy: Policy, now: Time) -> Policy {
        let mut policy = policy;
        if let Some(records) = self.malware {
            let through =
                records.through(now).map_or_else(|| "an unknown time".to_owned(), |through| through.to_rfc3339());
            tracing::info!(records = records.count, "records of malware are in force, through {through}");
            policy.malware = Arc::new(records);
        }
        if let Some((downloads, least)) = self.downloads {
            tracing::info!("downloads of {} are in force", downloads.as_of);
            policy.consensus.downloads = Some((Arc::new(downloads), least));
        }
        if let Some(root) = self.root {
            tracing::info!("attestations are verified by the trust root that was read now");
            policy.consensus.attested = Arc::new(policy.consensus.attested.by(Arc::new(root)));
        }
        policy
    }
}
