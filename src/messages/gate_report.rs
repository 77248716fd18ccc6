//! What a report says of the gate, in sentences and rows. Projects, versions and reasons are strangers' text.

use super::hostile::{inert, shown};
use super::marks::code;
use super::phrase::{count, span, upper};
use super::recall::why;
use crate::model::Time;
use crate::model::gate_report::{GatePart, GateReport, OpenReview, StandingRecall, StandingRecalls};

/// A project and its version, and the words of a trouble.
const NAME: usize = 100;
const DETAIL: usize = 300;

/// What keeps all from being well, in a few words each, the worst first.
pub(crate) fn worries(part: Option<&GatePart>) -> Vec<String> {
    let of = match part {
        None => return Vec::new(),
        Some(GatePart::Silent(_)) => return vec!["the gate does not answer".to_owned()],
        Some(GatePart::Says(of)) => of,
    };
    let bad = of.recalls.as_ref().map_or(0, |recalls| recalls.bad_files);
    let waiting = of.waiting().count() as u64;
    let worries = [
        (bad > 0).then(|| format!("{} received", count(bad, "bad file was", "bad files were"))),
        of.recalls.is_none().then(|| "nobody can tell who received what".to_owned()),
        (waiting > 0).then(|| count(waiting, "review waits", "reviews wait")),
        (!of.troubles.is_empty()).then(|| "the gate is unwell".to_owned()),
    ];
    worries.into_iter().flatten().collect()
}

/// The line of it among the figures.
pub(crate) fn figure(part: &GatePart, at: Time) -> String {
    let of = match part {
        GatePart::Silent(_) => return "it does not answer, so who waits is not known".to_owned(),
        GatePart::Says(of) => of,
    };
    let recalls = match &of.recalls {
        // Of some projects alone nobody says it of all that was received.
        Some(recalls) if recalls.bad_files == 0 && recalls.clients.is_none() => None,
        Some(recalls) if recalls.bad_files == 0 => Some("nothing bad was received".to_owned()),
        Some(recalls) => Some(received(recalls)),
        None => Some("who received what cannot be read".to_owned()),
    };
    [Some(waits(of, at)), recalls].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// `4 reviews are open, the oldest for 5 days`.
fn waits(of: &GateReport, at: Time) -> String {
    let open = match of.counts.open {
        0 => "no review is open".to_owned(),
        open => count(open, "review is open", "reviews are open"),
    };
    let oldest = of.open.first().map(|first| format!(", the oldest for {}", span(first.since, at)));
    format!("{open}{}", oldest.unwrap_or_default())
}

fn received(of: &StandingRecalls) -> String {
    let files = count(of.bad_files, "file that turned out to be bad", "files that turned out to be bad");
    match of.clients {
        Some(clients) => format!("{} received {files}", count(clients, "client", "clients")),
        None => format!("somebody received {files}"),
    }
}

/// The sentences before its tables.
pub fn sentences(of: &GateReport, at: Time) -> Vec<String> {
    let counts = of.counts;
    let mut all = vec![format!(
        "In the period {}; {}, {} rejected, and {} closed by themselves. Now {}.",
        count(counts.began, "review began", "reviews began"),
        count(counts.approved, "was approved", "were approved"),
        counts.rejected,
        counts.matured,
        waits(of, at)
    )];
    all.extend(of.median().map(|median| {
        format!(
            "Half of the decisions came within {} of the first request.",
            span(Time::UNIX_EPOCH, Time::UNIX_EPOCH + median)
        )
    }));
    all.extend(of.made_room.map(|at| {
        format!(
            "Reviews had to make room for others, last at {}: those are in no number here.",
            at.format("%Y-%m-%d %H:%M")
        )
    }));
    all
}

/// Where there is more than is looked through for one owner.
pub fn unread(of: &GateReport) -> Vec<String> {
    let recalls = of.recalls.as_ref().map_or(0, |recalls| recalls.omitted);
    let unread = [
        (of.more_ended, "review more of the period is over", "reviews more of the period are over"),
        (recalls, "project more was received and is bad", "projects more were received and are bad"),
    ];
    let unread = unread.into_iter().filter(|(n, ..)| *n > 0);
    unread
        .map(|(n, one, many)| format!("{}, too many to be looked through for these names.", count(n, one, many)))
        .collect()
}

/// What is said of what was received, before its table or instead of it.
pub fn recalled(recalls: Option<&StandingRecalls>) -> Option<String> {
    Some(match recalls {
        None => "Who received what cannot be read now, so nobody can tell whether any of it is bad.".to_owned(),
        // Of some projects alone nobody says it of all that was received.
        Some(of) if of.bad_files == 0 && of.clients.is_none() => return None,
        Some(of) if of.bad_files == 0 && of.gone_files == 0 => {
            "Nothing that was received is known to be bad.".to_owned()
        }
        Some(of) if of.bad_files == 0 => {
            format!("Nothing that was received is known to be bad; of {}.", gone(of.gone_files))
        }
        Some(of) if of.gone_files == 0 => format!("{}.", upper(&received(of))),
        Some(of) => format!("{}; of {}.", upper(&received(of)), gone(of.gone_files)),
    })
}

fn gone(files: u64) -> String {
    format!("{} it is known that PyPI lists them no more", count(files, "file more", "files more"))
}

/// One that is open: its number, what it holds, since when, who asked, and when it ends by itself.
pub fn review(of: &OpenReview, at: Time) -> Vec<String> {
    let more = if of.more_clients { "more than " } else { "" };
    let ends = match (of.given_out, of.until) {
        (true, _) => "given out".to_owned(),
        (false, Some(until)) => until.format("%Y-%m-%d").to_string(),
        (false, None) => "a person decides".to_owned(),
    };
    vec![
        of.review.to_string(),
        code(&inert(&format!("{}=={}", of.project, of.version), NAME)),
        span(of.since, at),
        format!("{more}{}", of.clients),
        of.asked.to_string(),
        ends,
    ]
}

/// What was received and is bad: which project, why, how many files, and who has them since when that is known.
pub fn recall(of: &StandingRecall) -> Vec<String> {
    vec![
        code(&inert(&of.project, NAME)),
        why(&of.cause),
        of.files.to_string(),
        of.clients.to_string(),
        of.since.format("%Y-%m-%d").to_string(),
    ]
}

/// Something that is wrong with the gate: in a word for programs, and in others.
pub fn trouble((kind, detail): (&String, &String)) -> Vec<String> {
    vec![code(&inert(kind, NAME)), inert(detail, DETAIL)]
}

/// Why there is nothing of it.
pub fn silent(why: &str) -> String {
    format!("{}. What it holds, and who received what, is in no number here.", upper(&shown(why, DETAIL)))
}
