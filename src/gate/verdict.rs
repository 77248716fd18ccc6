//! Who may do what with a review, and what becomes of it. What stops something is open to everybody who reaches the socket; what
//! lets something through takes a person.

use super::review::{Review, ReviewAct, ReviewDecision, ReviewState};
use crate::model::{Actor, Machine, NoPerson, ProjectName, Time};

/// What a decision has to know beside the review.
#[derive(Clone, Debug)]
pub(super) struct Bench {
    /// Who is no person here.
    pub(super) machine: Machine,
    /// So many persons have to agree.
    pub(super) approvals: usize,
    pub(super) now: Time,
    /// The record of malware that names its version.
    pub(super) malware: Option<String>,
    /// Another review of the same version that is rejected, and one that is open.
    pub(super) rejected: Option<i64>,
    pub(super) open: Option<i64>,
}

/// Why nothing was decided, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReviewRefusal {
    #[error("there is no review {id}{}", room(*dropped))]
    Unknown { id: i64, dropped: i64 },
    #[error(transparent)]
    NoPerson(#[from] NoPerson),
    #[error("say why: --reason TEXT stays with the review, and is shown to whoever asks for its files")]
    NoReason,
    #[error(
        "{0:?} is no version as installers compare them (PEP 440), so nothing would be rejected: write it as in the name of a file"
    )]
    NoVersion(String),
    #[error(
        "{0} is internal by {1}, comes from the private index alone, and is not held by reviews: take it away there"
    )]
    Ours(ProjectName, String),
    #[error(
        "which projects are open findings is the daemon's to say, and you are a person: acknowledge or suppress the finding there"
    )]
    NoDaemon,
    #[error(
        "this gate believes nobody who speaks for others: write [gate] dashboard_user, the user that the daemon runs as, or decide at the gate's \
         own socket, `namewarden gate approve`"
    )]
    NobodySpeaks,
    #[error("only the user of [gate] dashboard_user speaks for others, and you are another: decide as yourself")]
    NotTheVoice,
    #[error("that time has passed: write --until for one that is to come")]
    Past,
    #[error("review {0} has other files by now: look at it again with `namewarden gate show {0}`")]
    OtherFiles(i64),
    #[error("you have agreed to review {0}, and another person has to: ask one to run `namewarden gate approve {0}`")]
    SamePerson(i64),
    #[error("review {1} rejects this version, and stands before any approval: `namewarden gate reopen {1}` first")]
    RejectedBy(i64, i64),
    #[error("review {1} is open for the same version: decide that one")]
    OpenToo(i64, i64),
    #[error(
        "{1} names what is in review {0} as malware, and no approval passes that: where the record is wrong, [gate.malware] except = [\"{1}\"]"
    )]
    Malware(i64, String),
    #[error("review {id} is {}, which is not the moment for this: `namewarden gate show {id}` says what happened", state.as_str())]
    NotNow { id: i64, state: ReviewState },
}

impl ReviewRefusal {
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}

impl Review {
    /// Where it stands after this.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub(super) fn decided(
        &self,
        by: &Actor,
        decision: &ReviewDecision,
        bench: &Bench,
    ) -> Result<ReviewState, ReviewRefusal> {
        if decision.reason.trim().is_empty() {
            return Err(ReviewRefusal::NoReason);
        }
        match (decision.act, self.state) {
            (ReviewAct::Approve, ReviewState::Open) => self.approved(by, decision, bench),
            (ReviewAct::Reject, ReviewState::Rejected) => Err(self.not_now()),
            (ReviewAct::Reject, _) => Ok(ReviewState::Rejected),
            (ReviewAct::Reopen, ReviewState::Approved | ReviewState::Rejected) => self.reopened(by, bench),
            (ReviewAct::Approve, ReviewState::Matured) => Err(self.named(bench)),
            (ReviewAct::Approve | ReviewAct::Reopen, _) => Err(self.not_now()),
        }
    }

    fn approved(&self, by: &Actor, decision: &ReviewDecision, bench: &Bench) -> Result<ReviewState, ReviewRefusal> {
        bench.machine.is_a_person(by.uid, by.user.as_deref())?;
        if decision.until.is_some_and(|until| until <= bench.now) {
            return Err(ReviewRefusal::Past);
        }
        if decision.files_key.as_ref().is_some_and(|key| *key != self.files_key) {
            return Err(ReviewRefusal::OtherFiles(self.id));
        }
        if bench.malware.is_some() {
            return Err(self.named(bench));
        }
        if let Some(rejected) = bench.rejected {
            return Err(ReviewRefusal::RejectedBy(self.id, rejected));
        }
        let agreed = self.agreed();
        let others = agreed.iter().filter(|step| !step.is_of(by)).count();
        match others + 1 >= bench.approvals {
            true => Ok(ReviewState::Approved),
            false if others < agreed.len() => Err(ReviewRefusal::SamePerson(self.id)),
            false => Ok(ReviewState::Open),
        }
    }

    /// To take an approval back stops something; to take a rejection back does not.
    fn reopened(&self, by: &Actor, bench: &Bench) -> Result<ReviewState, ReviewRefusal> {
        if self.state == ReviewState::Rejected {
            bench.machine.is_a_person(by.uid, by.user.as_deref())?;
        }
        bench.open.map_or(Ok(ReviewState::Open), |open| Err(ReviewRefusal::OpenToo(self.id, open)))
    }

    fn named(&self, bench: &Bench) -> ReviewRefusal {
        let named = |record: &String| ReviewRefusal::Malware(self.id, record.clone());
        bench.malware.as_ref().map_or_else(|| self.not_now(), named)
    }

    fn not_now(&self) -> ReviewRefusal {
        ReviewRefusal::NotNow { id: self.id, state: self.state }
    }
}

/// What to say of a number that nobody has any more.
fn room(dropped: i64) -> String {
    match dropped {
        0 => ": `namewarden gate reviews --all` lists those there are".to_owned(),
        some => format!(" any more: {some} had to make room for others; ask for the file again, and it has a new one"),
    }
}
