//! What is known around a review, in words: who asked, how old it all is, what is new in it, and what else speaks for it or against it.

use super::parts::{Fact, Marked, When, plain, plain_to};
use super::reviews::WHO;
use crate::api::insides;
use crate::api::v1::ReviewDossier;
use crate::gate::{Against, Dossier, MalwareWord, ProjectAtIndex, ReservedNamespace, ReviewAsker, ReviewFile, Votes};
use crate::messages::phrase::span;
use crate::model::{Time, count};

/// Names that it resembles and that are told one by one.
const RESEMBLES: usize = 3;

/// A user at a host that asked.
pub(super) struct Asked {
    pub(super) who: String,
    pub(super) tool: String,
    pub(super) first: Option<When>,
    pub(super) last: Option<When>,
    pub(super) times: i64,
}

pub(super) fn asked(of: &Dossier, now: Time) -> Vec<Asked> {
    let when = |at: Option<Time>| at.map(|at| When::new(at, now));
    let asked = of.askers.iter().map(|asker| Asked {
        who: plain_to(&asker.who.to_string(), WHO),
        tool: tool(asker),
        first: when(asker.first),
        last: when(asker.last),
        times: asker.times,
    });
    asked.collect()
}

fn tool(of: &ReviewAsker) -> String {
    let tool = of.tool.as_deref().map_or_else(|| "not known".to_owned(), plain);
    if of.is_ci { format!("{tool}, in a build by what it says") } else { tool }
}

/// Each with how large it is.
pub(super) fn files(of: &Dossier) -> Vec<(ReviewFile, String)> {
    let sizes = of.listed.as_ref().map(|listed| &listed.sizes);
    let size =
        |name: &str| sizes.and_then(|sizes| sizes.get(name)).map_or_else(String::new, |size| format!("{size} bytes"));
    let file = |file: &ReviewFile| {
        let shown = ReviewFile { filename: plain(&file.filename), sha256: plain(&file.sha256), ..file.clone() };
        (shown, size(&file.filename))
    };
    of.review.files.iter().map(file).collect()
}

/// What is in one of its files.
pub(super) struct Inside {
    pub(super) filename: String,
    pub(super) beside: Marked,
    pub(super) lines: Vec<Marked>,
}

pub(super) fn inside(of: &Dossier) -> Vec<Inside> {
    let one = |of: insides::FileWords| Inside {
        filename: plain(&of.filename),
        beside: Marked::new(&of.beside),
        lines: of.lines.iter().map(|line| Marked::new(line)).collect(),
    };
    insides::insides(of).into_iter().map(one).collect()
}

pub(super) fn facts(of: &ReviewDossier, now: Time) -> Vec<Fact> {
    let ReviewDossier { dossier, .. } = of;
    let review = &dossier.review;
    let lines = [
        ("First asked for", Some(format!("{} ago", span(review.first_asked, now)))),
        ("How often", Some(count(usize::try_from(review.times_asked).unwrap_or_default(), "time", "times"))),
        ("Resembles", Some(resembles(of))),
        ("A letter apart", insides::near(dossier)),
        ("Open finding", Some(dossier.finding.as_deref().map_or_else(|| "none".to_owned(), finding))),
        ("Project", Some(dossier.listed.as_ref().map_or_else(unlisted, |listed| project(listed, now)))),
        ("Reserved prefix", dossier.listed.as_ref().and_then(reserved)),
        ("This version", dossier.listed.as_ref().and_then(|listed| version(listed, now))),
        ("Admitted before", Some(dossier.against.as_ref().map_or_else(never, |against| admitted(against, now)))),
        ("New in it", dossier.against.as_ref().map(new)),
        ("Who published it", dossier.against.as_ref().and_then(attested)),
        ("Attested publisher", insides::publishers(dossier)),
        ("Used elsewhere", insides::counted(dossier)),
        ("Malware", Some(malware(&dossier.malware))),
        ("Speaks for it", votes(&dossier.votes)),
    ];
    lines.into_iter().filter_map(|(label, value)| Some(Fact::new(label, &value?))).collect()
}

fn resembles(of: &ReviewDossier) -> String {
    let first = of.resembles.iter().take(RESEMBLES).map(|one| {
        format!(
            "{} ({}, {} of 100): {}",
            plain(&one.watch),
            plain(&one.rule),
            one.score,
            plain_to(sentence(&one.explanation), 200)
        )
    });
    let first: Vec<String> = first.collect();
    match (first.is_empty(), of.resembles.len().saturating_sub(RESEMBLES) + of.more_resembles) {
        (true, _) => "nothing that is watched".to_owned(),
        (false, 0) => first.join("; "),
        (false, more) => format!("{}; and {more} more", first.join("; ")),
    }
}

/// The first: what the evidence for it is, its case says.
fn sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

fn finding(id: &str) -> String {
    format!("`{}`: it may imitate a name of yours; the page of the case says who holds it", plain(id))
}

fn unlisted() -> String {
    "the index has no such project now, or does not answer".to_owned()
}

fn project(of: &ProjectAtIndex, now: Time) -> String {
    let since =
        of.since.map_or_else(|| "nobody says since when".to_owned(), |since| format!("{} old", span(since, now)));
    let quarantined = if of.is_quarantined { ", in quarantine at the index" } else { "" };
    let (versions, files) = (count(of.versions, "version", "versions"), count(of.files, "file", "files"));
    format!("{since}, {versions}, {files}{quarantined}")
}

/// Said of names in one alone: most are in none.
fn reserved(of: &ProjectAtIndex) -> Option<String> {
    let one = |of: &ReservedNamespace| match of.owned {
        true => format!("`{}`, and whoever holds it holds the project", plain_to(&of.name, 60)),
        false => format!("`{}`, and whoever holds it does NOT hold the project", plain_to(&of.name, 60)),
    };
    let said: Vec<String> = of.namespaces.iter().flatten().map(one).collect();
    (!said.is_empty()).then(|| format!("{}, as the index says", said.join("; ")))
}

fn version(of: &ProjectAtIndex, now: Time) -> Option<String> {
    let (since, until) = (of.version_since?, of.version_until?);
    let later = match until == since {
        true => String::new(),
        false => format!(", its last file {} later", span(since, until)),
    };
    Some(format!("uploaded {} ago{later}", span(since, now)))
}

fn never() -> String {
    "no version of it was received through the gate, as far as is known".to_owned()
}

fn admitted(of: &Against, now: Time) -> String {
    let gone = if of.is_listed { "" } else { ", which the index lacks by now" };
    let yanked = if of.was_yanked { ", which is yanked" } else { "" };
    format!("`{}`{gone}{yanked}, last received {} ago", plain_to(&of.version, 60), span(of.received, now))
}

fn new(of: &Against) -> String {
    let mut parts = Vec::new();
    let listed = |of: &[String]| of.iter().take(8).map(|kind| plain_to(kind, 60)).collect::<Vec<_>>().join(", ");
    if !of.gained.is_empty() {
        parts.push(format!("files: {}", listed(&of.gained)));
    }
    if !of.lost.is_empty() && of.is_listed {
        parts.push(format!("no more: {}", listed(&of.lost)));
    }
    if let Some(python) = &of.requires_python {
        let said = |text: &str| if text.is_empty() { "any".to_owned() } else { plain_to(text, 60) };
        parts.push(format!("Python {} instead of {}", said(&python.is), said(&python.was)));
    }
    if of.is_yanked {
        parts.push("it is yanked".to_owned());
    }
    if parts.is_empty() { "nothing that the index says".to_owned() } else { parts.join("; ") }
}

fn attested(of: &Against) -> Option<String> {
    match (of.was_attested, of.is_attested) {
        _ if !of.is_listed => None,
        (true, false) => {
            Some("the one before was attested, and this one is NOT: as when somebody else publishes".to_owned())
        }
        (false, true) => Some("attested, and the one before was not".to_owned()),
        (true, true) => Some("attested, as the one before".to_owned()),
        (false, false) => Some("not attested, as the one before".to_owned()),
    }
}

fn malware(of: &MalwareWord) -> String {
    match (&of.record, of.records, of.through) {
        (Some(record), ..) => format!("`{}` names it, and it is never given out", plain(record)),
        (None, 0, _) => "the gate has no records of it".to_owned(),
        (None, n, None) => format!("none of {n} records names it, and none says how far they reach"),
        (None, n, Some(through)) => {
            let younger = if of.is_younger { ": it is younger than that, so they say nothing of it" } else { "" };
            format!("none of {n} records names it, which reach to {}{younger}", through.format("%F"))
        }
    }
}

fn votes(of: &Votes) -> Option<String> {
    if of.needs == 0 {
        return None;
    }
    let vote = |vote: &crate::gate::Vote| format!("{}: {}", plain(&vote.kind), if vote.speaks { "yes" } else { "no" });
    let kinds: Vec<String> = of.kinds.iter().map(vote).collect();
    let lack = of.lack.as_ref().map(|lack| format!(": {}", plain(lack))).unwrap_or_default();
    Some(format!(
        "{}; {} have to{}{lack}",
        kinds.join(", "),
        of.needs,
        if of.needs > 1 { ", one for the file" } else { "" }
    ))
}
