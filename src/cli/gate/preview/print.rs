//! A preview in words: what would not be given out, one line each, then how many of each kind, and what other ages would hold.

use crate::config::Period;
use crate::gate::{Foreseen, ForeseenRelease, PreviewedRelease};
use crate::messages::hostile::line as harmless;

/// Each release with what the proposed rule would do, and whether it would be held by each of the others.
pub(super) type Rows = Vec<(ForeseenRelease, Vec<bool>)>;

/// Of each kind: the numbers tell of the others.
pub(super) const MOST: usize = 50;

/// How many of each kind, and how many each age would hold.
pub(super) struct Summary {
    /// By the words of `Foreseen`, in the order in which they are told.
    counts: [(&'static str, usize); 7],
    by_age: Vec<(u64, usize)>,
}

impl Summary {
    pub(super) fn of(rows: &Rows, days: [u64; 6]) -> Self {
        let of = |kind: &str| rows.iter().filter(|(row, _)| row.foreseen.kind() == kind).count();
        let held = |at: usize| rows.iter().filter(|(_, held)| held.get(at) == Some(&true)).count();
        let by_age = days.into_iter().enumerate().map(|(at, days)| (days, held(at))).collect();
        Self { counts: Foreseen::KINDS.map(|kind| (kind, of(kind))), by_age }
    }

    /// Would all of it be given out?
    pub(super) fn is_well(&self) -> bool {
        self.counts.iter().all(|(kind, number)| *number == 0 || !is_ill(kind))
    }
}

/// Somebody would have nothing.
pub(super) fn is_ill(kind: &str) -> bool {
    matches!(kind, "held" | "refused" | "unknown")
}

pub(super) fn words(rows: &Rows, summary: &Summary, what: &str, (file, project): (Period, Period)) -> String {
    let mut text = format!("{what}, by file_age {file} and project_age {project}:\n");
    for (kind, number) in summary.counts.iter().filter(|(_, number)| *number > 0) {
        text += &format!("{kind:<9} {number}\n");
        let told = rows.iter().filter(|(row, _)| row.foreseen.kind() == *kind);
        for line in told.filter_map(|(row, _)| line(row)).take(MOST) {
            text += &line;
        }
    }
    let ages: Vec<String> = summary.by_age.iter().map(|(days, held)| format!("{days}d holds {held}")).collect();
    text + &format!("by file_age: {}\n", ages.join(", "))
}

/// What is given out needs no line.
fn line(row: &ForeseenRelease) -> Option<String> {
    let why = row.foreseen.why()?;
    Some(format!("  {}: {}\n", release(&row.release), harmless(why)))
}

/// Which it is, and when it was received.
pub(super) fn release(release: &PreviewedRelease) -> String {
    let what = match &release.filename {
        Some(filename) => harmless(filename),
        None => harmless(&format!("{}=={}", release.project, release.version)),
    };
    let at = release.at.map(|at| format!(", received {}", at.format("%F %H:%M UTC"))).unwrap_or_default();
    format!("{what}{at}")
}

/// Some of the names, and how many more.
pub(super) fn named(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(MOST).map(|name| harmless(name)).collect();
    if names.len() > MOST {
        shown.push(format!("and {} more", names.len() - MOST));
    }
    shown.join(", ")
}
