//! A release of a stranger's that was asked for and held: what is in it, who asked, and what persons said of it.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::agent::Agent;
use super::altered::Altered;
use super::exemption::same_version;
use super::malware::MalwareRecords;
use super::page::{PageFile, ProjectPage, Uploaded};
use super::policy::{Mode, Policy};
use super::present::Present;
use super::refusal::{sentence, sentence_of_given};
use super::ruling::{AskedFile, Cause, Hold};
use crate::model::hex::hex;
use crate::model::{Actor, ProjectName, Requester, Requesters, Time};

/// Where a review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub enum ReviewState {
    /// Its files are held until somebody decides, or until they are old enough.
    Open,
    /// Its files are given out.
    Approved,
    /// Nothing of its version is given out, however old.
    Rejected,
    /// It closed by itself, and nobody had decided: its files became old enough, or had what they lacked; nobody asked for it any more; or a
    /// record of malware names it.
    Matured,
}

/// How a review closed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    Matured,
    /// Nobody asked for it any more.
    Lapsed,
    /// A record names its version.
    Malware,
}

/// What somebody does with a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub enum ReviewAct {
    Approve,
    Reject,
    Reopen,
}

/// One file of it, as the index listed it when it was last asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ReviewFile {
    pub filename: String,
    pub sha256: String,
    /// `null`: nobody says when, or says what is no time.
    pub uploaded: Option<Time>,
    /// How it contradicts what the index said before; `null`: not at all.
    #[serde(default)]
    pub altered: Option<Altered>,
    /// Somebody asked for it since the review began, as far as that was written down.
    #[serde(default)]
    pub asked_for: bool,
}

/// What one person did, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ReviewStep {
    pub at: Time,
    /// The user whom the kernel named.
    pub by: String,
    pub uid: Option<u32>,
    pub act: ReviewAct,
    pub reason: String,
    /// Of an approval: until when it is good; `null`: for good.
    pub until: Option<Time>,
    /// The files of the review as they were then, as `files_key` of the review.
    pub files_key: String,
}

/// All that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Review {
    pub id: i64,
    pub project: String,
    pub version: String,
    pub state: ReviewState,
    /// Why it is held, as of now, by whom it was rejected and why, or how it closed by itself; empty where it is not held.
    pub why: String,
    /// Its files go out all the same: the rules that object to them are none that hold.
    #[serde(default)]
    pub given_out: bool,
    /// When it is held no longer by itself; `null`: it does not end by itself, or is not held.
    pub until: Option<Time>,
    pub files: Vec<ReviewFile>,
    /// The version has files beyond those listed, which an approval does not reach.
    pub more_files: bool,
    /// Names this very set of files.
    pub files_key: String,
    /// When the first file of the project was uploaded, as far as the index says.
    pub project_since: Option<Time>,
    pub first_asked: Time,
    pub last_asked: Time,
    /// 0: it was rejected before anybody did.
    pub times_asked: i64,
    /// Who asked, by user and host.
    #[serde(flatten)]
    pub asked_by: Requesters,
    /// More than those did.
    pub more_peers: bool,
    pub steps: Vec<ReviewStep>,
    pub closed: Option<Time>,
}

/// Somebody asked for what is held.
#[derive(Clone, Debug)]
pub(super) struct HeldRequest {
    pub(super) project: ProjectName,
    pub(super) version: String,
    pub(super) files: Vec<ReviewFile>,
    pub(super) more_files: bool,
    pub(super) files_key: String,
    pub(super) project_since: Option<Time>,
    pub(super) who: Requester,
    /// What they asked with.
    pub(super) agent: Agent,
    /// Which of the files it is.
    pub(super) filename: String,
    pub(super) at: Time,
}

/// One more request for what has a review.
#[derive(Clone, Debug)]
pub(super) struct RepeatedRequest {
    pub(super) who: Requester,
    pub(super) agent: Agent,
    pub(super) filename: String,
    pub(super) at: Time,
}

/// What somebody decides about a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewDecision {
    pub act: ReviewAct,
    pub reason: String,
    pub until: Option<Time>,
    /// Only where its files are still these.
    pub files_key: Option<String>,
}

/// More files a version has only where each Python and each platform has one of its own, and then some.
const MOST_FILES: usize = 200;
/// What nobody asked for so long is nobody's question any more.
const LAPSES: TimeDelta = TimeDelta::days(30);

impl HeldRequest {
    /// For a file that is held. `None`: it is of no version, and no installer would take it.
    pub(super) fn of(page: &ProjectPage, file: &PageFile, who: Requester, at: Time) -> Option<Self> {
        let wanted = same_version(file.version.as_deref()?);
        let is_same = |of: &str| same_version(of) == wanted;
        let of_version = page.files.iter().filter(|file| file.version.as_deref().is_some_and(is_same));
        // In whichever spelling somebody asks for it, it is one version, and one review.
        let version = of_version.clone().filter_map(|file| file.version.clone()).min()?;
        let mut files: Vec<ReviewFile> = of_version.map(ReviewFile::of).collect();
        files.sort();
        let more_files = files.len() > MOST_FILES;
        files.truncate(MOST_FILES);
        let (files_key, project_since) = (files_key(&files), page.first_upload);
        Some(Self {
            project: page.name.clone(),
            version,
            files,
            more_files,
            files_key,
            project_since,
            who,
            agent: Agent::default(),
            filename: file.filename.clone(),
            at,
        })
    }
}

impl HeldRequest {
    pub(super) fn with(self, agent: Agent) -> Self {
        Self { agent, ..self }
    }

    /// Without what the review has already.
    pub(super) fn again(&self) -> RepeatedRequest {
        RepeatedRequest { who: self.who.clone(), agent: self.agent, filename: self.filename.clone(), at: self.at }
    }
}

impl ReviewFile {
    fn of(file: &PageFile) -> Self {
        let (uploaded, altered) = (file.uploaded.at(), file.altered);
        let (filename, sha256) = (file.filename.clone(), file.sha256.clone());
        Self { filename, sha256, uploaded, altered, asked_for: false }
    }
}

/// A word for a set of files, in any order: short enough to be copied by hand, and nobody finds two sets that share one.
pub(super) fn files_key(files: &[ReviewFile]) -> String {
    let mut lines: Vec<String> = files.iter().map(|file| format!("{} {}\n", file.sha256, file.filename)).collect();
    lines.sort();
    hex(&Sha256::digest(lines.concat()))[..32].to_owned()
}

impl ReviewState {
    pub(super) const ALL: [Self; 4] = [Self::Open, Self::Approved, Self::Rejected, Self::Matured];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Matured => "matured",
        }
    }
}

impl ReviewAct {
    pub(super) const ALL: [Self; 3] = [Self::Approve, Self::Reject, Self::Reopen];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Reopen => "reopen",
        }
    }
}

impl Review {
    /// Which of its files is held by the strictest rule and for the longest, and why, whatever was decided; `None`: none is.
    pub(super) fn held(&self, policy: &Policy, now: Present) -> Option<(Hold, Mode)> {
        // A name that nobody can ask for is held by nothing.
        let project = ProjectName::parse(&self.project).ok()?;
        let files = self.files.iter().map(|file| self.asked(&project, file));
        let record = self.malware(&policy.malware);
        let denied = record.map(|id| (Hold::for_good(Cause::Malware(id)), Mode::Enforce));
        let held = files.filter_map(|file| denied.clone().or_else(|| policy.held(&file, now.reached, now)));
        // What does not end by itself is held for longer than anything that does.
        held.max_by_key(|(held, mode)| (*mode, held.ends().is_none(), held.ends()))
    }

    /// With why it is held now, where it is, and how it closed, where nobody closed it.
    pub(super) fn explained(mut self, policy: &Policy, now: Present) -> Self {
        match (self.state, self.held(policy, now)) {
            (ReviewState::Open, Some((held, Mode::Enforce))) => (self.why, self.until) = (sentence(&held), held.ends()),
            (ReviewState::Open, Some((held, _))) => {
                (self.why, self.until, self.given_out) = (sentence_of_given(&held), held.ends(), true);
            }
            (ReviewState::Rejected, _) => {
                let last = self.steps.last().map(|step| format!("rejected by {}: {}", step.person(), step.reason));
                self.why = last.unwrap_or_default();
            }
            (ReviewState::Matured, Some((held, _))) if !held.cause.is_for_review() => self.why = sentence(&held),
            (ReviewState::Matured, Some(_)) if self.closed.is_some_and(|closed| self.has_lapsed(closed)) => {
                self.why = "closed, since nobody asked for it in 30 days".to_owned();
            }
            _ => {}
        }
        self
    }

    /// How one that is open closes by itself.
    pub(super) fn closing(&self, policy: &Policy, now: Present) -> Option<Closing> {
        if self.malware(&policy.malware).is_some() {
            return Some(Closing::Malware);
        }
        if self.held(policy, now).is_none() {
            return Some(Closing::Matured);
        }
        // One that a person has agreed to waits for another.
        (self.steps.is_empty() && self.has_lapsed(now.reached)).then_some(Closing::Lapsed)
    }

    /// Did nobody ask for it for long before then?
    pub(super) fn has_lapsed(&self, by: Time) -> bool {
        by - self.last_asked >= LAPSES
    }

    /// The record that names its version.
    pub(super) fn malware(&self, records: &MalwareRecords) -> Option<String> {
        let project = ProjectName::parse(&self.project).ok()?;
        records.of(&project, Some(&self.version)).map(str::to_owned)
    }

    fn asked<'r>(&'r self, project: &'r ProjectName, file: &'r ReviewFile) -> AskedFile<'r> {
        let uploaded = file.uploaded.map_or(Uploaded::Unsaid, Uploaded::At);
        let version = Some(self.version.as_str());
        let (sha256, first_upload, altered) = (file.sha256.as_str(), self.project_since, file.altered);
        AskedFile { project, version, sha256, uploaded, first_upload, altered }
    }

    /// Those who agreed to these very files since it was last opened.
    pub(super) fn agreed(&self) -> Vec<&ReviewStep> {
        let last = self.steps.iter().rposition(|step| step.act != ReviewAct::Approve).map_or(0, |at| at + 1);
        self.steps[last..].iter().filter(|step| step.files_key == self.files_key).collect()
    }

    /// Until when what they agreed to is good: all of them have to agree still.
    pub(super) fn good_until(&self) -> Option<Time> {
        self.agreed().iter().filter_map(|step| step.until).min()
    }
}

impl ReviewStep {
    pub(super) fn is_of(&self, actor: &Actor) -> bool {
        self.uid.is_none() || self.uid == actor.uid
    }

    /// Who did it, in a word for those who never saw the review: the name without its number and the way, or what there is of one who has none.
    pub(super) fn person(&self) -> &str {
        let name = self.by.strip_prefix("the web account ").unwrap_or(&self.by);
        let end = [" (uid ", ", by ", " by "].iter().filter_map(|rest| name.find(rest)).min();
        &name[..end.unwrap_or(name.len())]
    }
}
