//! What the thread behind the desk is asked to do, and what both sides know.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use tokio::sync::oneshot;

use crate::gate::asker::ReviewAsker;
use crate::gate::dossier::PastDecision;
use crate::gate::learned::LearnedProject;
use crate::gate::news::GateNews;
use crate::gate::records::RecordsError;
use crate::gate::review::{HeldRequest, RepeatedRequest, Review, ReviewDecision, ReviewState};
use crate::gate::sought::{FoundReviews, SoughtReviews};
use crate::gate::verdict::ReviewRefusal;
use crate::model::gate_report::GateReport;
use crate::model::held::ReviewMark;
use crate::model::{Actor, Machine, ProjectName, Suspect, Time};

/// How decisions are made here.
pub struct DeskRules {
    /// So many persons have to agree.
    pub approvals: usize,
    /// Who is no person here, as the machine says at the moment.
    pub machine: Box<dyn Fn() -> Machine + Send>,
}

/// The numbers of open reviews, and what their files are called by.
pub(super) type Known = HashMap<(ProjectName, String), (i64, String)>;

/// What the answers share with the thread.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) known: Mutex<Known>,
    /// The last attempt to write failed: nobody waits for the next.
    pub(super) down: AtomicBool,
}

/// Reviews as they are listed.
#[derive(Clone, Debug)]
pub(in crate::gate) struct ListedReviews {
    pub(in crate::gate) reviews: Vec<Review>,
    /// How many had to make room for others, and when the last did.
    pub(in crate::gate) dropped: i64,
    pub(in crate::gate) last_dropped: Option<Time>,
}

/// Why a question had no answer.
#[derive(Debug, thiserror::Error)]
pub(in crate::gate) enum DeskError {
    #[error(transparent)]
    Refused(#[from] ReviewRefusal),
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error("the findings cannot be written down: {0}")]
    Suspects(#[source] io::Error),
    #[error("the gate is busy with requests for what is held; ask again")]
    Busy,
    #[error("the records of malware cannot be read yet; ask again once they are")]
    Awaited,
    #[error("the gate ends")]
    Ended,
}

pub(super) type Tell<T> = oneshot::Sender<Result<T, DeskError>>;

#[derive(Debug)]
pub(super) enum Errand {
    Note { request: Box<HeldRequest>, tell: oneshot::Sender<Option<i64>> },
    Again { id: i64, again: RepeatedRequest },
    List { state: Option<ReviewState>, most: usize, tell: Tell<ListedReviews> },
    Sought { sought: SoughtReviews, tell: Tell<FoundReviews> },
    Show { id: i64, tell: Tell<Review> },
    Around { review: Box<Review>, tell: Tell<(Vec<ReviewAsker>, Vec<PastDecision>)> },
    News { after: ReviewMark, most: usize, tell: Tell<GateNews> },
    OfPeriod { period: (Time, Time), tell: Tell<GateReport> },
    Decide { id: i64, by: Actor, decision: ReviewDecision, tell: Tell<Review> },
    Reject { project: ProjectName, version: String, by: Actor, reason: String, tell: Tell<Review> },
    Learn { by: Actor, new: Vec<LearnedProject>, tell: Tell<()> },
    Forget { by: Actor, project: ProjectName, tell: Tell<bool> },
    Learned { after: String, most: usize, tell: Tell<Vec<LearnedProject>> },
    Suspect { by: Actor, suspects: BTreeMap<ProjectName, Suspect>, tell: Tell<()> },
}
