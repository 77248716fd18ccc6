//! What the gate goes by beside ages: records of malware, downloads and prior use, read at the start and again when they change. What
//! cannot be read at the start stops it, since a rule without effect looks like one; later the last good one stays.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use chrono::TimeDelta;
use tokio::sync::watch;

use super::super::failure::Failure;
use crate::config::GateSettings;
use crate::gate::consensus::Consensus;
use crate::gate::malware::{MalwareFeed, MalwareRecords};
use crate::gate::policy::Policy;
use crate::gate::{Downloads, Ledger};
use crate::model::{ProjectName, Time};

/// Prior use grows by the week, and every page is decided anew when it does.
const USED_EVERY: u32 = 20;

/// The files of one gate.
pub(super) struct EvidenceFiles {
    malware: Option<MalwareFeed>,
    downloads: Option<DownloadsFile>,
    /// So many clients, for so long.
    used: Option<(usize, TimeDelta)>,
    /// What is wrong with one now, by what it is: said once.
    said: BTreeMap<&'static str, String>,
    turns: u32,
}

struct DownloadsFile {
    path: PathBuf,
    least: u64,
    seen: Option<SystemTime>,
}

/// What is new of it.
#[derive(Default)]
struct News {
    malware: Option<MalwareRecords>,
    downloads: Option<(Downloads, u64)>,
}

impl EvidenceFiles {
    pub(super) fn of(settings: &GateSettings) -> Self {
        let (malware, consensus) = (&settings.malware, &settings.consensus);
        let feed = |place: &PathBuf| MalwareFeed::at(place.clone(), malware.except.clone());
        let list = |path: &PathBuf| DownloadsFile { path: path.clone(), least: consensus.downloads_least, seen: None };
        let asks = consensus.needs > 0;
        Self {
            malware: malware.records.as_ref().map(feed),
            downloads: consensus.downloads.as_ref().filter(|_| asks).map(list),
            used: asks.then(|| (consensus.clients, TimeDelta::from_std(consensus.used_for).unwrap_or(TimeDelta::MAX))),
            said: BTreeMap::new(),
            turns: 0,
        }
    }

    /// With all that the configuration names.
    ///
    /// # Errors
    /// One of the files cannot be used.
    pub(super) fn first(&mut self, policy: Policy, now: Time) -> Result<Policy, Failure> {
        let (news, mut broken) = self.look(now);
        match broken.pop_first() {
            Some((_, why)) => Err(Failure::configured(why)),
            None => Ok(news.with(policy)),
        }
    }

    /// With what is another by now, where something is. Reads files: not for a thread that answers.
    pub(super) fn again(&mut self, policy: &watch::Sender<Arc<Policy>>, now: Time) {
        let (news, broken) = self.look(now);
        for (what, why) in broken.iter().filter(|(what, why)| self.said.get(*what) != Some(why)) {
            tracing::error!("{what} cannot be read, and those read before stay in force: {why}");
        }
        self.said = broken;
        if news.malware.is_some() || news.downloads.is_some() {
            policy.send_modify(|policy| *policy = Arc::new(news.with(Policy::clone(policy))));
        }
    }

    /// With prior use as it is by now, every so many turns.
    pub(super) async fn follow_use(&mut self, ledger: &Ledger, policy: &watch::Sender<Arc<Policy>>) {
        let is_due = self.turns.is_multiple_of(USED_EVERY);
        self.turns = self.turns.wrapping_add(1);
        let Some((clients, used_for)) = self.used.filter(|_| is_due) else { return };
        // What cannot be read now is tried again, and said by the log itself.
        let Some(Ok(used)) = ledger.used(clients).await else { return };
        let used: HashMap<ProjectName, Time> =
            used.into_iter().map(|(project, first)| (project, first + used_for)).collect();
        policy.send_if_modified(|policy| {
            let is_new = *policy.consensus.used != used;
            if is_new {
                let consensus = Consensus { used: Arc::new(used), ..policy.consensus.clone() };
                *policy = Arc::new(Policy { consensus, ..Policy::clone(policy) });
            }
            is_new
        });
    }

    fn look(&mut self, now: Time) -> (News, BTreeMap<&'static str, String>) {
        let (mut news, mut broken) = (News::default(), BTreeMap::new());
        match self.malware.as_mut().map(|feed| feed.look(now)) {
            Some(Ok(records)) => news.malware = records,
            Some(Err(error)) => drop(broken.insert("records of malware", error.to_string())),
            None => {}
        }
        match self.downloads.as_mut().map(DownloadsFile::look) {
            Some(Ok(downloads)) => news.downloads = downloads,
            Some(Err(error)) => drop(broken.insert("downloads", error)),
            None => {}
        }
        (news, broken)
    }
}

impl News {
    fn with(self, policy: Policy) -> Policy {
        let mut policy = policy;
        if let Some(records) = self.malware {
            let through = records.through.map_or_else(|| "an unknown time".to_owned(), |through| through.to_rfc3339());
            tracing::info!(records = records.count, "records of malware are in force, through {through}");
            policy.malware = Arc::new(records);
        }
        if let Some((downloads, least)) = self.downloads {
            tracing::info!("downloads of {} are in force", downloads.as_of);
            policy.consensus.downloads = Some((Arc::new(downloads), least));
        }
        policy
    }
}

impl DownloadsFile {
    /// `None`: it is as it was.
    fn look(&mut self) -> Result<Option<(Downloads, u64)>, String> {
        let written = fs::metadata(&self.path).and_then(|of| of.modified()).ok();
        if written.is_some() && written == self.seen {
            return Ok(None);
        }
        let downloads = Downloads::read(&self.path).map_err(|error| error.to_string())?;
        self.seen = written;
        Ok(Some((downloads, self.least)))
    }
}
