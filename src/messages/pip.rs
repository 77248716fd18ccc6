//! *Would pip take it*: the answer as one sentence an owner can act on, and the other installers in a line.

use crate::model::finding::{FindingState, WouldPipTake};
use crate::model::notice::Case;
use crate::model::release::{LastWord, Release};
use crate::model::resolve::{Installer, Reason, Resolution, would_take};
use crate::model::version::Pep440;
use crate::model::{Rule, Watch, WatchKind};

use super::hostile::{inert, shown};
use super::marks::code;

/// What an installer would do in this case; another name than ours is not taken for it, whatever it holds.
pub(crate) fn answer(case: &Case, installer: Installer) -> Resolution {
    let internal = watched(case).and_then(|watch| watch.latest_version.as_deref());
    let answer = would_take(installer, internal, &case.finding.facts.releases);
    if asked_for(case) && !is_gone(case) { answer } else { Resolution { take: WouldPipTake::No, ..answer } }
}

/// Answers for this case, from facts; says so where a fact is missing.
pub(crate) fn sentence(case: &Case) -> String {
    let facts = &case.finding.facts;
    if is_gone(case) && case.again {
        let stands = case.next.map_or_else(|| "another case".to_owned(), |next| next.to_string());
        return format!(
            "Not this registration, which is over: what has its name now is {stands}. Where it was installed before, it still is."
        );
    }
    if is_gone(case) && case.quarantined {
        let whose = if facts.ours == Some(true) { "your own project" } else { "it" };
        return format!(
            "Not now: {whose} is in quarantine at PyPI, which keeps its name. Where it was installed before, it still is."
        );
    }
    if is_gone(case) && facts.ours == Some(true) {
        return "Not now: your own project is gone from PyPI. Who registers the name next may publish what pip takes."
            .to_owned();
    }
    if is_gone(case) && case.unlisted {
        return "Not any more: PyPI no longer lists it, so it was removed or is in quarantine. Where it was installed before, \
                it still is."
            .to_owned();
    }
    if is_gone(case) {
        return "Not any more: it is gone from PyPI. Where it was installed before, it still is.".to_owned();
    }
    if case.finding.state == FindingState::Ours
        && let Some(trouble) = &facts.trouble
    {
        return format!(
            "It was yours when its page was last read. Whether it is still is not known: {}.",
            inert(trouble, 200)
        );
    }
    if facts.is_ours_alone() || case.finding.state == FindingState::Ours {
        return "No threat: the account that holds it is listed as ours.".to_owned();
    }
    let answer = answer(case, Installer::Pip);
    // Of another name than ours it makes no difference what could not be read.
    if asked_for(case)
        && matches!(answer.reason, Reason::NothingKnown)
        && let Some(trouble) = &facts.trouble
    {
        return format!("Not known: {}. Treat it as yes until you have looked.", inert(trouble, 200));
    }
    if same_name(case) { told(case, &answer.reason) } else { other_name(case) }
}

/// The other installers, by their answer: one line, and none where there is nothing to compare. Poetry with an explicit
/// source is not among them: its answer is the remedy, and always no.
pub(crate) fn others(case: &Case) -> Option<String> {
    let known = !matches!(answer(case, Installer::Pip).reason, Reason::NothingKnown | Reason::Undeclared { .. });
    if !known || !same_name(case) || is_gone(case) || case.finding.facts.is_ours_alone() {
        return None;
    }
    let group = |take, word: &str| {
        let others = Installer::ALL.into_iter().filter(|i| !matches!(i, Installer::Pip | Installer::PoetryExplicit));
        let others = others.filter(|installer| answer(case, *installer).take == take);
        let names: Vec<&str> = others.map(called).collect();
        (!names.is_empty()).then(|| format!("{word}: {}", names.join(", ")))
    };
    let groups =
        [group(WouldPipTake::Yes, "Yes"), group(WouldPipTake::Unknown, "Unknown"), group(WouldPipTake::No, "No")];
    Some(format!("{}.", groups.into_iter().flatten().collect::<Vec<_>>().join(". ")))
}

/// PyPI offers nothing of it: removed, quarantined, or not listed.
fn is_gone(case: &Case) -> bool {
    case.gone || case.finding.state == FindingState::Removed
}

fn called(installer: Installer) -> &'static str {
    match installer {
        Installer::Pip => "pip",
        Installer::PipPre => "pip --pre",
        Installer::Uv => "uv",
        Installer::UvBestMatch => "uv unsafe-best-match",
        Installer::Poetry => "Poetry",
        Installer::PoetrySupplemental => "Poetry (yours supplemental)",
        Installer::PoetryPrivate => "Poetry (yours first)",
        Installer::PoetryExplicit => "Poetry (explicit)",
    }
}

/// pip installs exactly the name it is asked for, in any spelling of PEP 503.
fn same_name(case: &Case) -> bool {
    case.finding.is_exact()
}

/// May something of ours ask for this very name? Under our prefix it may, and with which version is not known.
pub(crate) fn asked_for(case: &Case) -> bool {
    case.finding.threats.iter().any(|threat| threat.has(Rule::Exact) || threat.has(Rule::Prefix))
}

/// A version as it is read aloud; what is none, or carries a label of its author's choice after `+`, is defanged.
pub(crate) fn version(text: &str) -> String {
    let plain = !text.contains('+') && Pep440::read(text).is_some();
    if plain { shown(text, 40) } else { inert(text, 40) }
}

/// A release in a list.
pub(crate) fn release(release: &Release) -> String {
    let version = code(&version(&release.version));
    match release.word {
        LastWord::Withdrawn { .. } => format!("{version} (withdrawn)"),
        LastWord::Shown(_) if release.is_withdrawn() => format!("{version} (yanked)"),
        LastWord::Shown(_) | LastWord::Told { .. } => version,
    }
}

fn internal(case: &Case) -> Option<String> {
    watched(case)?.latest_version.as_deref().map(|version| code(&shown(version, 40)))
}

/// The watch whose version decides: that of the very name, else the most urgent.
fn watched(case: &Case) -> Option<&Watch> {
    let exact = case.finding.threats.iter().find(|threat| threat.has(Rule::Exact));
    let id = exact.or(case.finding.first()).map(|threat| &threat.watch)?;
    case.watches.iter().find(|watch| watch.id == *id)
}

/// The reason for pip's answer, to the owner of the very name.
fn told(case: &Case, reason: &Reason) -> String {
    let best = reason.version().map(|best| code(&version(best))).unwrap_or_default();
    let ours = internal(case).unwrap_or_else(|| "internal version".to_owned());
    match reason {
        Reason::Higher { .. } => format!(
            "YES: its {best} beats your {ours}. pip with an extra index takes the highest version, whoever published it."
        ),
        Reason::Equal { .. } => {
            format!("Yes, it may: its {best} equals your {ours}, and the order of the indexes then decides.")
        }
        Reason::Final { .. } => format!(
            "YES: its {best} is final and your {ours} is not. pip leaves pre-releases aside while any index has a \
             final one, whatever its number."
        ),
        Reason::InternalIgnored { .. } => {
            format!("YES: your {ours} is no version by PEP 440, so pip ignores it and takes {best}.")
        }
        Reason::PypiFirst { .. } => format!("YES: its {best} is found first."),
        Reason::InternalFirst => "No: your index is asked first.".to_owned(),
        Reason::Bound => "No: it is bound to your index.".to_owned(),
        Reason::Lower { .. } => format!(
            "Not now: its highest version {best} is below your {ours}. A higher one can be published at any minute."
        ),
        Reason::PreReleases { .. } => format!(
            "Not now: its {best} is a pre-release, and pip leaves those aside unless asked. A final one can be \
             published at any minute."
        ),
        Reason::NothingInstallable => {
            format!("Not now: it has no release that pip would install. {}", in_waiting(case))
        }
        Reason::NothingKnown if case.finding.facts.released => {
            format!("Not known yet: it has a release, and which one is not known. {}", in_waiting(case))
        }
        Reason::NothingKnown => format!("Not known yet: no release has been seen. {}", in_waiting(case)),
        Reason::Undeclared { .. } => format!(
            "Unknown: it offers {best}, and the inventory has no internal version to compare with. Treat it as yes."
        ),
        Reason::Environment { .. } => format!(
            "Unknown: its {best} is for some Pythons or platforms only. There it would be taken: treat it as yes."
        ),
        Reason::Unread => "Unknown: it has a release whose version could not be read. Treat it as yes.".to_owned(),
    }
}

/// What release of theirs would be taken.
fn in_waiting(case: &Case) -> String {
    let ours = watched(case).and_then(|watch| watch.latest_version.as_deref()).and_then(Pep440::read);
    match (ours, internal(case)) {
        (Some(version), Some(text)) if version.is_final() => {
            format!("Any release at or above your {text} would be taken.")
        }
        (Some(_), Some(text)) => format!("Any final release would be taken over your {text}, a pre-release."),
        _ => "Treat it as yes once there is one.".to_owned(),
    }
}

/// A look-alike is installed only by somebody who writes its name.
fn other_name(case: &Case) -> String {
    let project = code(&shown(case.finding.project().as_str(), 60));
    let facts = &case.finding.facts;
    let released = match facts.releases.versions().next() {
        Some(best) => format!("it offers {}", code(&version(best))),
        None if facts.released => "it has a release, which one is not known yet".to_owned(),
        None if facts.releases.looked() => "nothing is released yet".to_owned(),
        None => "no release is known yet".to_owned(),
    };
    match case.finding.first().map(|threat| threat.watch.kind) {
        Some(WatchKind::Prefix) => {
            format!("Only where something asks for {project}, a name under your prefix; {released}.")
        }
        _ => {
            format!("Only where somebody writes {project} by mistake or is lured to it; {released}.")
        }
    }
}
