//! How bad it is, in a few words: what stands first and largest in a message.

use crate::model::finding::FindingState;
use crate::model::notice::Case;
use crate::model::resolve::{Installer, Reason};

use super::phrase::count;
use super::pip::{answer, asked_for};

/// In the order of the threat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Our account holds it.
    Ours,
    /// PyPI has it no longer.
    Gone,
    /// PyPI shows nothing of it, and keeps its name.
    Quarantined,
    /// Another name than ours: taken only by whoever asks for that.
    OtherName,
    /// The next release may change it.
    NotYet,
    NotKnown,
    /// This one is over, and the name was registered anew: another case, of which this message does not tell.
    Again,
    /// PyPI has put our own project in quarantine: nobody gets it.
    Withheld,
    /// Our own project is gone from PyPI, which gives its name to whoever asks.
    Lost,
    /// It depends on what we cannot know, so it counts as yes.
    May,
    Takes,
}

impl Verdict {
    pub(crate) fn of(case: &Case) -> Self {
        match case.finding.state {
            FindingState::Ours if !case.gone => return Self::Ours,
            FindingState::Removed if is_lost(case) && case.quarantined => return Self::Withheld,
            FindingState::Removed if is_lost(case) => return Self::Lost,
            _ if case.again => return Self::Again,
            FindingState::Removed if case.quarantined => return Self::Quarantined,
            FindingState::Removed => return Self::Gone,
            // Settled by somebody, and gone since: nobody installs it any more.
            _ if case.gone && case.finding.facts.ours == Some(true) => return Self::Lost,
            _ if case.gone => return Self::Gone,
            _ if case.finding.facts.is_ours_alone() => return Self::Ours,
            _ if !asked_for(case) => return Self::OtherName,
            _ => {}
        }
        match answer(case, Installer::Pip).reason {
            Reason::NothingKnown => Self::NotKnown,
            Reason::Lower { .. } | Reason::PreReleases { .. } | Reason::NothingInstallable => Self::NotYet,
            Reason::InternalFirst | Reason::Bound => Self::NotYet,
            Reason::Equal { .. } | Reason::Undeclared { .. } | Reason::Environment { .. } | Reason::Unread => Self::May,
            Reason::Higher { .. } | Reason::Final { .. } => Self::Takes,
            Reason::InternalIgnored { .. } | Reason::PypiFirst { .. } => Self::Takes,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Ours => "It is yours",
            Self::Gone => "Gone from PyPI",
            Self::Quarantined => "In quarantine at PyPI",
            Self::OtherName => "pip would not take it for yours",
            Self::NotYet => "pip would not take it yet",
            Self::Again => "Registered again, which is another case",
            Self::Withheld => "Your project is in quarantine at PyPI",
            Self::Lost => "Your project is gone from PyPI",
            Self::NotKnown => "Not known yet if pip takes it",
            Self::May => "pip may take it",
            Self::Takes => "pip would take it",
        }
    }
}

/// The verdict over all cases of a message: the worst of them, and how many are so. `more` are not among `cases`.
pub(crate) fn verdict(cases: &[Case], more: usize) -> String {
    let all = cases.len() + more;
    let Some(worst) = cases.iter().map(Verdict::of).max() else { return count(all, "name", "names") };
    let those = cases.iter().filter(|case| Verdict::of(case) == worst).count();
    // The most urgent are among them, so the others are taken for no better.
    let those = if those == cases.len() { all } else { those };
    match worst {
        Verdict::Gone if all == 1 && cases.iter().any(|case| case.unlisted) => "No longer listed by PyPI".to_owned(),
        Verdict::Again if all == 1 => again(&cases[0]),
        _ if all == 1 => worst.words().to_owned(),
        Verdict::Takes => format!("pip would take {those} of {all}"),
        Verdict::May => format!("pip may take {those} of {all}"),
        Verdict::NotKnown => format!("Not known yet if pip takes {those} of {all}"),
        Verdict::Again => format!("{those} of {all} over, and registered again"),
        Verdict::Withheld => format!("{those} of {all} are yours and in quarantine"),
        Verdict::Lost => format!("{those} of {all} were yours and are gone"),
        Verdict::NotYet => format!("pip would take none of {all} yet"),
        Verdict::OtherName => format!("{all} look-alikes, pip would take none for yours"),
        // What is no worse than this and not so is ours.
        Verdict::Gone if those < cases.len() => {
            format!("{those} of {all} gone from PyPI, {} yours", cases.len() - those)
        }
        Verdict::Gone => format!("{those} of {all} gone from PyPI"),
        Verdict::Quarantined => format!("{those} of {all} in quarantine at PyPI"),
        Verdict::Ours => format!("{those} of {all} are yours"),
    }
}

/// What stands comes first, so that nobody takes the end of what stood before it for its own.
fn again(case: &Case) -> String {
    case.next.map_or_else(
        || Verdict::Again.words().to_owned(),
        |next| format!("Registered again: {next}, see its own message"),
    )
}

/// Our own project is gone from PyPI, or in quarantine there: that is no end.
pub(crate) fn is_lost(case: &Case) -> bool {
    case.finding.state == FindingState::Removed && case.finding.facts.ours == Some(true)
}

/// The threat is over, and nothing of ours is lost.
pub(crate) fn is_over(case: &Case) -> bool {
    matches!(Verdict::of(case), Verdict::Ours | Verdict::Gone | Verdict::Quarantined)
}

/// This registration is over, whatever became of its name: what is said of it is said of the past.
pub fn is_end(case: &Case) -> bool {
    is_over(case) || Verdict::of(case) == Verdict::Again
}
