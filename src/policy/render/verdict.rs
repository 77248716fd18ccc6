//! *Would pip take it*: the answer as one sentence an owner can act on.

use crate::model::finding::{FindingState, WouldPipTake};
use crate::model::notice::Case;
use crate::model::version::highest;
use crate::model::{Rule, WatchKind};

use super::hostile::{inert, shown};

/// Answers for this case, from facts; says so where a fact is missing.
pub(crate) fn sentence(case: &Case) -> String {
    let facts = &case.finding.facts;
    let ours = facts.ours == Some(true) || case.finding.state == FindingState::Ours;
    match (facts.would_pip_take, best(case)) {
        _ if ours => "No threat: the account that holds it is listed as ours.".to_owned(),
        (WouldPipTake::Yes, best) => yes(best.as_deref(), internal(case).as_deref()),
        (_, None) if facts.trouble.is_some() => {
            "Unknown: its releases could not be looked up. Treat it as yes until you have looked.".to_owned()
        }
        (WouldPipTake::Unknown, best) => unknown(best.as_deref(), internal(case).as_deref()),
        (WouldPipTake::No, best) if same_name(case) => no(best.as_deref(), internal(case).as_deref()),
        (WouldPipTake::No, best) => other_name(case, best.as_deref()),
    }
}

/// pip installs exactly the name it is asked for, in any spelling of PEP 503.
fn same_name(case: &Case) -> bool {
    case.finding.matches.first().is_some_and(|m| m.rule == Rule::Exact)
}

fn best(case: &Case) -> Option<String> {
    highest(&case.finding.facts.versions).map(version)
}

/// A version as it is read aloud; what is none, or carries a label of its author's choice after `+`, is defanged.
pub(crate) fn version(text: &str) -> String {
    let plain = !text.contains('+') && highest(&[text.to_owned()]).is_some();
    if plain { shown(text, 40) } else { inert(text, 40) }
}

fn internal(case: &Case) -> Option<String> {
    case.watch.as_ref()?.latest_version.as_deref().map(|version| shown(version, 40))
}

fn yes(best: Option<&str>, internal: Option<&str>) -> String {
    let (best, internal) = (best.unwrap_or("its version"), internal.unwrap_or("yours"));
    if best == internal {
        return format!("Yes, it may: {best} equals yours, and which index wins is then chance.");
    }
    format!(
        "YES: its {best} beats your {internal}. pip with an extra index takes the highest version, whoever published it."
    )
}

fn unknown(best: Option<&str>, internal: Option<&str>) -> String {
    match (best, internal) {
        (Some(best), _) => format!(
            "Unknown: it offers {best}, and the inventory has no usable internal version to compare with. \
             Treat it as yes."
        ),
        (None, Some(internal)) => {
            format!("Not known yet: no release has been seen. Any release at or above your {internal} would be taken.")
        }
        (None, None) => "Not known yet: no release has been seen. Treat it as yes once there is one.".to_owned(),
    }
}

fn no(best: Option<&str>, internal: Option<&str>) -> String {
    let internal = internal.unwrap_or("internal version");
    match best {
        Some(best) => format!(
            "Not now: its highest version {best} is below your {internal}. A higher one can be published at any minute."
        ),
        None => format!(
            "Not now: nothing installable has been released. A release at or above your {internal} would be taken."
        ),
    }
}

/// A look-alike is installed only by somebody who writes its name.
fn other_name(case: &Case, best: Option<&str>) -> String {
    let project = shown(case.finding.project().as_str(), 60);
    let released = best.map_or_else(|| "nothing is released yet".to_owned(), |best| format!("it offers {best}"));
    match case.finding.watch.kind {
        WatchKind::Prefix => format!("Only where something asks for {project}, a name under your prefix; {released}."),
        WatchKind::Name | WatchKind::Brand => {
            format!("Only where somebody writes {project} by mistake or is lured to it; {released}.")
        }
    }
}
