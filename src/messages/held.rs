//! What is true of a release that the gate holds, for each cause: why, what ends it, and what whoever reads of it can do.

use crate::model::held::{HeldCause, HeldRelease};

use super::marks::code;

/// Of a release that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeldWords {
    /// Goes on after "it is held, since".
    pub(super) why: &'static str,
    /// A sentence.
    pub(super) ends: &'static str,
    /// Does it end though nobody does anything?
    by_itself: bool,
}

/// In which words. A cause without words does not compile.
pub(super) fn words(held: &HeldRelease) -> Option<HeldWords> {
    let cause = held.cause?;
    let by_itself = held.until.is_some() && may_end(cause);
    Some(HeldWords { why: why(cause, by_itself), ends: ends(cause, by_itself), by_itself })
}

/// Is there a time at which it ends?
fn may_end(cause: HeldCause) -> bool {
    match cause {
        HeldCause::YoungFile | HeldCause::YoungProject | HeldCause::Undated | HeldCause::Unvouched => true,
        HeldCause::Frozen
        | HeldCause::Suspected
        | HeldCause::Altered
        | HeldCause::Merged
        | HeldCause::Malware
        | HeldCause::Quarantined
        | HeldCause::Internal
        | HeldCause::Rejected => false,
    }
}

fn why(cause: HeldCause, by_itself: bool) -> &'static str {
    match cause {
        HeldCause::YoungFile => "its file is too new",
        HeldCause::YoungProject => "its project is too new",
        HeldCause::Undated if by_itself => "its index says that it was uploaded at a time which is still to come",
        HeldCause::Undated => "its index does not say when it was uploaded, or says a time which is still to come",
        HeldCause::Frozen => "it was uploaded after the freeze",
        HeldCause::Suspected => "its project is an open finding, and may imitate a name of ours",
        HeldCause::Altered => "it contradicts what its index said before",
        HeldCause::Unvouched => "too little else speaks for it",
        HeldCause::Merged => "it is of PyPI, and the private index has it among our own",
        HeldCause::Malware => "a record of malware names it",
        HeldCause::Quarantined => "PyPI has its project in quarantine",
        HeldCause::Internal => "its name is one of ours",
        HeldCause::Rejected => "a person rejected it",
    }
}

fn ends(cause: HeldCause, by_itself: bool) -> &'static str {
    match cause {
        HeldCause::YoungFile | HeldCause::YoungProject | HeldCause::Undated if by_itself => {
            "It goes out by itself once it is old enough, whether or not anybody decides."
        }
        HeldCause::YoungFile | HeldCause::YoungProject => {
            "Age alone does not end that: once it is old enough it is held for want of evidence, until that is there or a person lets it through."
        }
        HeldCause::Undated => "Waiting does not end that: a person lets it through.",
        HeldCause::Frozen => "Waiting does not end that: a person lets it through, or freeze is taken out of [gate].",
        HeldCause::Suspected => {
            "Waiting does not end that: whoever has the finding settles it, or a person lets this version through. Look at the finding first."
        }
        HeldCause::Altered => {
            "Waiting does not end that: a person lets it through, once it is known how that came about."
        }
        HeldCause::Unvouched if by_itself => {
            "It goes out by itself once its prior use counts, whether or not anybody decides."
        }
        HeldCause::Unvouched => {
            "Age does not end that: what it lacks has to speak for it, or a person lets it through."
        }
        HeldCause::Merged => {
            "Nobody can let it through: the private index has to stop merging PyPI's releases with ours."
        }
        HeldCause::Malware => {
            "Nobody can let it through; a record that is wrong here is taken out with except of [gate.malware]."
        }
        HeldCause::Quarantined => "Nobody can let it through while PyPI lets nobody install it.",
        HeldCause::Internal => "Nobody can let it through: it comes from the private index, or not at all.",
        HeldCause::Rejected => "Nobody has it until its review is opened again and it is let through.",
    }
}

/// Can whoever reads this let it through? Of an earlier version's nobody knows, and the gate says.
pub(super) fn is_to_decide(held: &HeldRelease) -> bool {
    held.cause.is_none_or(HeldCause::is_for_review)
}

/// What all of them share in a sentence or two, and whether that says what ends it for each.
pub(super) fn lead(waiting: &[&HeldRelease]) -> (String, bool) {
    let first = waiting.first().and_then(|held| words(held));
    let is_shared = waiting.iter().all(|held| words(held) == first);
    let why = match first.filter(|_| is_shared) {
        Some(HeldWords { why, ends, .. }) if waiting.len() == 1 => {
            format!("Somebody asked the gate for it, and it is held, since {why}. {ends}")
        }
        Some(HeldWords { why, ends, .. }) => {
            format!("Somebody asked the gate for them, and of each the same is true: it is held, since {why}. {ends}")
        }
        None => "Somebody asked the gate for what its rules hold. Why, and until when, stands with each.".to_owned(),
    };
    (format!("{why} Until then whoever asked cannot install it."), is_shared)
}

/// What is to be done where nobody needs any of it.
pub(super) fn otherwise(held: &[HeldRelease]) -> &'static str {
    match () {
        () if held.iter().all(|held| held.given_out) => {
            "Of what is in order nothing is to be done: its review closes by itself."
        }
        () if held.iter().all(|held| held.given_out || words(held).is_some_and(|words| words.by_itself)) => {
            "Where it is not needed before, nothing is to be done."
        }
        () => {
            "Where nobody needs it, nothing is to be done: it stays held, and its review closes once nobody asked for it in 30 days."
        }
    }
}

/// How it is let through, as a row says it.
pub(super) fn let_through(held: &HeldRelease, files_key: &str) -> String {
    match is_to_decide(held) {
        true => code(&format!("namewarden gate approve {} --files {files_key} --reason …", held.review)),
        false => words(held).map_or("", |words| words.ends).to_owned(),
    }
}
