//! What the gate says for a report: what became of its reviews in a period, who waits now, what it gave out that turned out to be bad, and
//! what is wrong with it. Projects and versions are strangers' text.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Time;
use super::recall::RecallCause;

/// The gate's part of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GatePart {
    /// It did not say anything in time; why.
    Silent(String),
    Says(Box<GateReport>),
}

/// Of a period, and as of the moment at which it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReport {
    pub counts: ReviewCounts,
    /// Half of the decisions of the period came so many seconds after the first request, or sooner; `None`: nobody decided.
    pub median_seconds: Option<i64>,
    /// The open ones, the oldest first.
    pub open: Vec<OpenReview>,
    /// Others that began or ended in the period, the newest first, as many as there is room for.
    pub ended: Vec<EndedReview>,
    /// How many more of those.
    pub more_ended: u64,
    /// When the last had to make room for others in the period: those are in no number.
    pub made_room: Option<Time>,
    /// `None`: nobody can tell, since the log cannot be read.
    pub recalls: Option<StandingRecalls>,
    /// In words, by their kind.
    pub troubles: BTreeMap<String, String>,
}

/// Reviews in numbers: those of the period, and how many are open now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ReviewCounts {
    pub began: u64,
    pub approved: u64,
    pub rejected: u64,
    /// They closed by themselves: what they hold became old enough, nobody asked for it any more, or a record names it.
    pub matured: u64,
    pub open: u64,
}

/// One that waits for a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct OpenReview {
    pub review: i64,
    pub project: String,
    pub version: String,
    /// When it was asked for first.
    pub since: Time,
    /// How often.
    pub asked: i64,
    /// Users at hosts that asked.
    pub clients: u64,
    /// More than those did.
    pub more_clients: bool,
    /// When it is held no longer by itself; `null`: that does not end by itself.
    pub until: Option<Time>,
    /// Nobody waits for it: it goes out all the same.
    pub given_out: bool,
}

/// One that is decided or closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedReview {
    pub project: String,
    pub since: Time,
    pub asked: i64,
    pub closed: Time,
    pub end: ReviewEnd,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewEnd {
    Approved,
    Rejected,
    /// By itself.
    Matured,
}

/// What was received and is bad now, or gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct StandingRecalls {
    /// The worst first, as many as there is room for.
    pub recalls: Vec<StandingRecall>,
    /// How many more.
    pub omitted: u64,
    /// Files that turned out to be bad.
    pub bad_files: u64,
    /// Who has any of those; `null`: of some projects alone nobody counts them.
    pub clients: Option<u64>,
    /// Files of which is known no more than that PyPI lists them no longer.
    pub gone_files: u64,
}

/// Files of one project, of which the same is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct StandingRecall {
    pub project: String,
    pub cause: RecallCause,
    pub files: u64,
    pub clients: u64,
    /// When it was said first of any of them.
    pub since: Time,
}

impl GatePart {
    /// Does nobody wait, is nothing bad that somebody has, and is nothing wrong with the gate, as far as it says?
    pub fn is_calm(&self) -> bool {
        let Self::Says(of) = self else { return false };
        let clean = of.recalls.as_ref().is_some_and(|recalls| recalls.bad_files == 0);
        clean && of.troubles.is_empty() && of.waiting().next().is_none()
    }
}

impl GateReport {
    /// Reviews for which somebody waits: what is held.
    pub fn waiting(&self) -> impl Iterator<Item = &OpenReview> {
        self.open.iter().filter(|review| !review.given_out)
    }

    pub fn median(&self) -> Option<TimeDelta> {
        self.median_seconds.map(TimeDelta::seconds)
    }

    /// Every project of which it says something in a line.
    pub fn projects(&self) -> BTreeSet<&str> {
        let recalls = self.recalls.iter().flat_map(|of| &of.recalls).map(|of| &of.project);
        let reviews = self.open.iter().map(|of| &of.project).chain(self.ended.iter().map(|of| &of.project));
        reviews.chain(recalls).map(String::as_str).collect()
    }

    /// What of it is about some of those projects, in a period (after, until]; `None`: nothing is. That the gate is unwell is no owner's
    /// matter, and who has received what is counted of all alone.
    pub fn about(&self, period: (Time, Time), reviewed: &BTreeSet<String>, bad: &BTreeSet<String>) -> Option<Self> {
        let open: Vec<OpenReview> = self.open.iter().filter(|of| reviewed.contains(&of.project)).cloned().collect();
        let ended: Vec<EndedReview> = self.ended.iter().filter(|of| reviewed.contains(&of.project)).cloned().collect();
        let recalls = self.recalls.as_ref().map(|recalls| recalls.about(bad));
        let is_bad = recalls.as_ref().is_some_and(|of| !of.recalls.is_empty());
        (is_bad || !open.is_empty() || !ended.is_empty()).then(|| Self {
            counts: counts(period, &open, &ended),
            median_seconds: median(period, &ended),
            open,
            ended,
            more_ended: self.more_ended,
            made_room: self.made_room,
            recalls,
            troubles: BTreeMap::new(),
        })
    }
}

impl StandingRecalls {
    fn about(&self, projects: &BTreeSet<String>) -> Self {
        let recalls: Vec<StandingRecall> =
            self.recalls.iter().filter(|of| projects.contains(&of.project)).cloned().collect();
        let files = |is_gone: bool| {
            let such = recalls.iter().filter(|of| (of.cause == RecallCause::Removed) == is_gone);
            such.map(|of| of.files).sum()
        };
        Self { bad_files: files(false), clients: None, gone_files: files(true), omitted: self.omitted, recalls }
    }
}

fn is_in((after, until): (Time, Time), at: Time) -> bool {
    after < at && at <= until
}

fn counts(period: (Time, Time), open: &[OpenReview], ended: &[EndedReview]) -> ReviewCounts {
    let firsts = open.iter().map(|of| (of.since, of.asked)).chain(ended.iter().map(|of| (of.since, of.asked)));
    let so = |end: ReviewEnd| ended.iter().filter(|of| of.end == end && is_in(period, of.closed)).count() as u64;
    ReviewCounts {
        began: firsts.filter(|(since, asked)| *asked > 0 && is_in(period, *since)).count() as u64,
        approved: so(ReviewEnd::Approved),
        rejected: so(ReviewEnd::Rejected),
        matured: so(ReviewEnd::Matured),
        open: open.len() as u64,
    }
}

/// Of decisions alone, and of what somebody waited for.
fn median(period: (Time, Time), ended: &[EndedReview]) -> Option<i64> {
    let decided = ended.iter().filter(|of| of.end != ReviewEnd::Matured && of.asked > 0 && is_in(period, of.closed));
    let mut seconds: Vec<i64> = decided.map(|of| (of.closed - of.since).num_seconds().max(0)).collect();
    seconds.sort_unstable();
    seconds.get(seconds.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn open(project: &str, since: i64, given_out: bool) -> OpenReview {
        OpenReview {
            review: since,
            project: project.to_owned(),
            version: "1.0".to_owned(),
            since: at(since),
            asked: 1,
            clients: 1,
            more_clients: false,
            until: None,
            given_out,
        }
    }

    fn ended(project: &str, (since, closed): (i64, i64), end: ReviewEnd, asked: i64) -> EndedReview {
        EndedReview { project: project.to_owned(), since: at(since), asked, closed: at(closed), end }
    }

    fn recall(project: &str, cause: RecallCause, files: u64) -> StandingRecall {
        StandingRecall { project: project.to_owned(), cause, files, clients: 2, since: at(1) }
    }

    fn names(of: &[&str]) -> BTreeSet<String> {
        of.iter().map(|name| (*name).to_owned()).collect()
    }

    fn of_all() -> GateReport {
        let malware = RecallCause::Malware { record: "MAL-2026-1".to_owned() };
        GateReport {
            open: vec![open("acme-biling", 5, false), open("acme-biling", 20, true), open("leftpad", 21, false)],
            ended: vec![
                ended("acme-biling", (11, 13), ReviewEnd::Approved, 1),
                ended("acme-biling", (11, 17), ReviewEnd::Rejected, 2),
                ended("acme-biling", (1, 19), ReviewEnd::Rejected, 1),
                // Before anybody asked.
                ended("acme-biling", (12, 12), ReviewEnd::Rejected, 0),
                ended("acme-biling", (12, 20), ReviewEnd::Matured, 1),
                // It began in the period, and ended after it.
                ended("acme-biling", (20, 31), ReviewEnd::Approved, 1),
                ended("leftpad", (12, 13), ReviewEnd::Approved, 1),
            ],
            recalls: Some(StandingRecalls {
                recalls: vec![recall("acme-biling", malware, 3), recall("acme-biling", RecallCause::Removed, 5)],
                clients: Some(2),
                bad_files: 3,
                gone_files: 5,
                omitted: 0,
            }),
            troubles: [("records-old".to_owned(), "old".to_owned())].into(),
            ..GateReport::default()
        }
    }

    #[test]
    fn an_owner_is_told_of_what_is_theirs_and_of_nothing_where_nothing_is() {
        let (all, period) = (of_all(), (at(10), at(30)));
        let theirs = names(&["acme-biling"]);
        let of = all.about(period, &theirs, &theirs).expect("there is something");
        let counts = ReviewCounts { began: 5, approved: 1, rejected: 3, matured: 1, open: 2 };
        assert_eq!(of.counts, counts);
        assert_eq!(of.median_seconds, Some(6 * 3600), "of 2, 6 and 18 hours");
        let recalls = of.recalls.as_ref().expect("the log is read");
        assert_eq!((recalls.bad_files, recalls.gone_files, recalls.clients), (3, 5, None));
        assert!(of.troubles.is_empty(), "what is wrong with the gate is no owner's matter");
        assert_eq!(of.projects(), ["acme-biling"].into());
        assert!(all.about(period, &names(&["other"]), &names(&["other"])).is_none());
        assert!(all.about(period, &names(&[]), &theirs).is_some_and(|of| of.counts == ReviewCounts::default()));
    }

    #[test]
    fn nothing_is_calm_beside_somebody_who_waits_or_what_nobody_can_tell() {
        let says = |change: fn(&mut GateReport)| {
            let mut of = GateReport { recalls: Some(StandingRecalls::default()), ..GateReport::default() };
            change(&mut of);
            GatePart::Says(Box::new(of)).is_calm()
        };
        assert!(says(|_| {}) && says(|of| of.open = vec![open("x", 1, true)]), "nobody waits for what goes out");
        assert!(says(|of| of.recalls = Some(StandingRecalls { gone_files: 3, ..StandingRecalls::default() })));
        assert!(!says(|of| of.open = vec![open("x", 1, false)]));
        assert!(!says(|of| of.recalls = None));
        assert!(!says(|of| of.recalls = Some(StandingRecalls { bad_files: 1, ..StandingRecalls::default() })));
        assert!(!says(|of| of.troubles = [("drift".to_owned(), "x".to_owned())].into()));
        assert!(!GatePart::Silent("no answer".to_owned()).is_calm());
    }

    /// A clock that was set back leaves reviews that are decided before they were asked for.
    #[test]
    fn no_clock_makes_a_decision_faster_than_at_once() {
        let back = [ended("x", (12, 11), ReviewEnd::Approved, 1)];
        assert_eq!(median((at(10), at(30)), &back), Some(0));
        assert_eq!(median((at(30), at(10)), &back), None, "a period that is none has nothing");
    }
}
