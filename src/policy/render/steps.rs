//! What to do now: close the way in, look what came through it, report it, and say that somebody is on it.

use crate::model::finding::FindingState;
use crate::model::notice::Case;
use crate::model::{Rule, Tier};

use super::hostile::{shell, shown, without_credentials};
use super::sheet::{Step, clock};
use super::subject::watch_label;

/// What to do now, for the most urgent project; the cards hold the keys of the others.
pub(crate) fn steps(first: &Case, projects: usize) -> Vec<Step> {
    let project = shown(first.finding.project().as_str(), 120);
    if first.finding.state.is_over() && !is_lost(first) {
        return look_back(&project, first);
    }
    let mut steps = match first.finding.strongest().map(|m| m.rule) {
        Some(Rule::Exact) => close_the_name(&project, first),
        Some(Rule::Prefix) if first.finding.tier == Tier::Page => close_the_name(&project, first),
        _ => look_for_slips(&project, first),
    };
    steps.push(report(&project, first));
    let others = if projects > 1 { " The other cases have names of their own above." } else { "" };
    steps.push(Step::run(
        format!("Say that you are on it, and the reminders stop; a worsening still alerts.{others}"),
        acknowledge(first),
    ));
    steps
}

/// Our own project is gone from PyPI: that is no end.
fn is_lost(case: &Case) -> bool {
    case.finding.state == FindingState::Removed && case.finding.facts.ours == Some(true)
}

/// The threat is over, and what was installed meanwhile is not.
fn look_back(project: &str, case: &Case) -> Vec<Step> {
    let mut steps = Vec::new();
    if case.finding.state == FindingState::Removed {
        steps.push(Step::new(format!(
            "Search the download logs for {project} since {}, and pull its files from caches and mirrors: what was \
             installed stays installed.",
            since(case)
        )));
        let index = case.watch().and_then(|watch| watch.index.as_deref());
        let index = index.map_or_else(|| "your own index".to_owned(), without_credentials);
        if case.finding.is_exact() {
            steps.push(Step::new(format!(
                "Install {project} from {index} only: PyPI gives a name that was removed to whoever asks next, unless it \
                 is prohibited. It is watched on."
            )));
        }
    }
    steps.push(Step::run(
        "There is nothing to acknowledge: the case is closed, and opens by itself if the project returns.",
        read(case),
    ));
    steps
}

/// The name is one that builds ask for: stop every path by which the stranger's files get in.
fn close_the_name(project: &str, case: &Case) -> Vec<Step> {
    let index = case.watch().and_then(|watch| watch.index.as_deref());
    let index = index.map_or_else(|| "your own index".to_owned(), without_credentials);
    vec![
        Step::new(format!(
            "Pin the index: install {project} from {index} only. pip: --index-url, never --extra-index-url; \
             uv: explicit = true on the index and [tool.uv.sources] for {project}."
        )),
        Step::new(format!(
            "Block {project} from PyPI in the proxy or mirror, pull its files from caches, and search the download \
             logs for it since {}. A machine that installed it is compromised: rotate what it could read.",
            since(case)
        )),
    ]
}

/// A look-alike: it is taken only by mistake, so look for the mistake.
fn look_for_slips(project: &str, case: &Case) -> Vec<Step> {
    let watch = case.finding.first().map(|threat| watch_label(&threat.watch)).unwrap_or_default();
    vec![
        Step::run(
            format!("Look whether anything of yours already asks for {project} where {watch} is meant."),
            format!("grep -rniE --include='*.txt' --include='*.toml' --include='*.lock' {} .", shell(project)),
        ),
        Step::new(format!(
            "Block {project} in the proxy or mirror, and search the download logs for it since {}.",
            since(case)
        )),
    ]
}

fn since(case: &Case) -> String {
    clock(case.finding.registered_at.unwrap_or(case.finding.seen_at))
}

fn report(project: &str, case: &Case) -> Step {
    let kind = match case.finding.strongest().map(|m| m.rule) {
        Some(Rule::Exact | Rule::Prefix) => "is_dependency_confusion, or as malware if its files do harm",
        _ => "malware if it imitates yours to do harm",
    };
    let harmless = format!("If {project} is harmless, say so instead: namewarden findings suppress {}.", name(case));
    Step::new(format!("Report it to PyPI (\"Report project as malware\" on its page) as {kind}. {harmless}"))
}

pub(crate) fn acknowledge(case: &Case) -> String {
    format!("namewarden findings ack {}", name(case))
}

pub(crate) fn read(case: &Case) -> String {
    format!("namewarden findings show {}", name(case))
}

/// The case as a command takes it.
fn name(case: &Case) -> String {
    case.finding.id.map_or_else(|| shell(&case.finding.key.0), |id| id.to_string())
}
