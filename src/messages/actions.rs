//! What to do now: say that somebody is on it, close the way in, look what came through it, and report it.

use crate::model::finding::FindingState;
use crate::model::notice::{Briefing, Case};
use crate::model::{ProjectName, Rule, Tier};

use super::hostile::{shell, shown, without_credentials};
use super::layout::{Action, Answer};
use super::marks::code;
use super::parties::origin;
use super::phrase::{clock, listed};
use super::relation::watch_label;
use super::verdict::is_lost;

/// Cases that are acknowledged by one command; of more, nobody has looked at each.
const TOGETHER: usize = 10;
/// Projects named in one action; the rest is counted.
const LISTED: usize = 10;
/// Of a name to search for; the beginning of a longer one finds it too.
const LONGEST: usize = 214;

/// The one command to answer with, and where it is run.
pub(crate) fn answer(briefing: &Briefing, cases: &[Case], omitted: usize) -> Option<Answer> {
    let first = cases.first()?;
    let open: Vec<&Case> = cases.iter().filter(|case| case.finding.state.is_live()).collect();
    let (title, command, what) = match open.len() {
        0 if cases.len() == 1 && first.again => {
            let stands =
                first.next.map_or_else(|| list(briefing, ""), |next| format!("namewarden findings show {next}"));
            ("See what stands with", stands, "This one is over, and there is nothing to acknowledge in it")
        }
        0 if cases.len() == 1 => ("Read it with", read(first), "There is nothing to acknowledge"),
        0 => ("See them with", list(briefing, " --all"), "There is nothing to acknowledge"),
        n if n > TOGETHER || omitted > 0 => {
            ("See them with", list(briefing, ""), "Acknowledge those that you have looked at")
        }
        _ => ("Answer with", acknowledge(&open), "Reminders stop then, a worsening still alerts"),
    };
    let link = first.link.clone().filter(|_| cases.len() + omitted == 1);
    Some(Answer { title, command, text: format!("On {}. {what}.", code(&origin(briefing))), link })
}

/// What to do now, for the most urgent project.
pub(crate) fn actions(cases: &[Case]) -> Vec<Action> {
    let Some(first) = cases.first() else { return Vec::new() };
    let project = called(first);
    if is_lost(first) {
        return if first.quarantined { clear(&project, first) } else { take_back(&project, first) };
    }
    if first.finding.state.is_over() {
        return look_back(&project, first, cases);
    }
    if first.finding.facts.ours == Some(true) {
        return clear_out(&project, first);
    }
    let mut actions = match first.finding.strongest().map(|m| m.rule) {
        Some(Rule::Exact) => close_the_name(&project, first),
        Some(Rule::Prefix) if first.finding.tier == Tier::Page => close_the_name(&project, first),
        Some(Rule::Prefix) => look_under_prefix(&project, first),
        _ => look_for_slips(&project, first),
    };
    if first.stands {
        actions.push(declare());
    }
    actions.push(report(&project, first));
    actions
}

/// Whoever held a name before it was watched may be meant to.
fn declare() -> Action {
    Action::new(
        "If its holder is yours, list the account under `[registrants]` in the inventory; if you install the name from PyPI on \
         purpose, say so there by its `index`.",
    )
}

/// PyPI does this to what was reported as malicious, and undoes it when its administrators are content.
fn clear(project: &str, case: &Case) -> Vec<Action> {
    let look = format!(
        "Look at the last releases of {project} for one that is not yours: a stolen account or token would explain it. Change          what may publish it."
    );
    let ask = "Answer PyPI's administrators, who write to the project's owners: only they let it out. Its name is kept so long.";
    vec![Action::new(look), Action::new(ask), pin(project, case)]
}

/// It is ours by now, and what others published there is not.
fn clear_out(project: &str, case: &Case) -> Vec<Action> {
    let releases = &case.finding.facts.releases;
    let theirs = releases.by_others();
    // Yanked a moment ago, and its page is still to be read.
    let names: Vec<String> = match theirs.is_empty() {
        true => releases.yanked_of_others().map(|version| shown(version, 40)).collect(),
        false => theirs.versions().map(|version| shown(version, 40)).collect(),
    };
    let Some(first) = names.first() else { return vec![block(case), pin(project, case)] };
    let (versions, pinned) = (code(&listed(&names, LISTED)), code(&format!("=={first}")));
    let yank = format!(
        "Delete {versions} of {project} on PyPI, signed in as its owner: others published that while the project was not yours, \
         as far as is known. Yanked, it is still given to whoever asks for {pinned}. The case closes by itself then; if it \
         is yours after all, close it: {}.",
        code(&format!("namewarden findings resolve {}", name(case)))
    );
    vec![Action::new(yank), block(case), pin(project, case)]
}

/// Nobody's files stand there now: the next who asks for the name gets it.
fn take_back(project: &str, case: &Case) -> Vec<Action> {
    let next = match (case.again, case.next) {
        (true, Some(next)) => format!("Act on {next} first: somebody has registered the name again."),
        (true, None) => "Somebody has registered the name again: look at who that is first.".to_owned(),
        (false, _) => {
            "If it was deleted, register it again from your own account at once: PyPI gives the name to whoever asks \
                       first."
                .to_owned()
        }
    };
    let mut actions = vec![
        Action::new(format!(
            "Find out who took {project} from PyPI: somebody of yours, a stolen account, or PyPI itself."
        )),
        Action::new(next),
    ];
    actions.push(pin(project, case));
    actions
}

/// How the project is called.
fn called(case: &Case) -> String {
    code(&shown(case.finding.project().as_str(), 120))
}

/// The threat is over, and what was installed meanwhile is not.
fn look_back(project: &str, case: &Case, cases: &[Case]) -> Vec<Action> {
    let mut actions = Vec::new();
    let yanked: Vec<String> = case.finding.facts.releases.yanked_of_others().map(|it| shown(it, 40)).collect();
    if case.finding.state == FindingState::Ours && !yanked.is_empty() {
        actions.push(Action::new(format!(
            "Delete {} of {project}, too: others published it, and what is yanked is still installed where something asks for \
             it by `==`.",
            code(&listed(&yanked, LISTED))
        )));
    }
    if case.finding.state == FindingState::Removed {
        let gone = cases.iter().filter(|case| case.finding.state == FindingState::Removed);
        let gone: Vec<String> = gone.map(|case| format!("{} since {}", called(case), since(case))).collect();
        let files = if gone.len() > 1 { "their files" } else { "its files" };
        actions.push(Action::new(format!(
            "Search the download logs for {}, and pull {files} from caches and mirrors: what was installed stays installed.",
            listed(&gone, LISTED)
        )));
        if case.finding.is_exact() {
            let next = match (case.quarantined, case.unlisted) {
                _ if case.again => "somebody has registered the name again",
                (true, _) => "PyPI may let it out of quarantine again, and pip takes it then",
                (false, true) => {
                    "if it is in quarantine, PyPI may let it out again, and if not, the name is whoever's asks next"
                }
                (false, false) => "PyPI gives a name that was removed to whoever asks next, unless it is prohibited",
            };
            actions
                .push(Action::new(format!("Install {project} from {} only: {next}. It is watched on.", index(case))));
        }
    }
    actions.push(Action::new(match case.again {
        true => "This case is closed, and says nothing of what stands there now.",
        false => "The case is closed, and opens by itself if the project returns.",
    }));
    actions
}

/// The name is one that builds ask for: stop every path by which the stranger's files get in.
fn close_the_name(project: &str, case: &Case) -> Vec<Action> {
    vec![pin(project, case), block(case)]
}

fn block(case: &Case) -> Action {
    Action::new(format!(
        "Block it from PyPI in the proxy or mirror, and clear its files from caches. Search the download logs since \
         {}: a machine that installed it is compromised, so rotate what it could read.",
        since(case)
    ))
}

fn pin(project: &str, case: &Case) -> Action {
    Action::new(format!(
        "Pin the index: install {project} from {} only. pip: `--index-url`, never `--extra-index-url`; uv: \
         `explicit = true` on the index and `[tool.uv.sources]`.",
        index(case)
    ))
}

/// Where the name is resolved from inside.
fn index(case: &Case) -> String {
    let index = case.watch().and_then(|watch| watch.index.as_deref());
    index.map_or_else(|| "your own index".to_owned(), |index| code(&without_credentials(index)))
}

/// A look-alike: it is taken only by mistake, so look for the mistake.
fn look_for_slips(project: &str, case: &Case) -> Vec<Action> {
    let watch = case.finding.first().map(|threat| watch_label(&threat.watch)).unwrap_or_default();
    vec![
        Action::run(
            format!("Look whether anything of yours asks for {project} where {watch} is meant."),
            search(case.finding.project()),
        ),
        Action::new(format!("Block it in the proxy or mirror, and search the download logs since {}.", since(case))),
    ]
}

/// Nobody of ours may have it, or somebody may and has not said so: only the team can tell.
fn look_under_prefix(project: &str, case: &Case) -> Vec<Action> {
    let prefix = case.finding.first().map(|threat| watch_label(&threat.watch)).unwrap_or_default();
    vec![
        Action::run(
            format!(
                "Look whether anything of yours is called {project} or asks for it. If so, it is taken from whoever has it on \
                 PyPI: pin its index, and add it to the inventory by its name, so that it is watched as yours."
            ),
            search(case.finding.project()),
        ),
        Action::new(format!(
            "If nothing of yours is, block it in the proxy or mirror, and search the download logs since {} for it: it stands \
             under {prefix}, where people take it for yours.",
            since(case)
        )),
    ]
}

/// Every text file, since no list of endings has them all, and every spelling of the name (PEP 503): a search that finds
/// nothing is taken for an all-clear.
fn search(project: &ProjectName) -> String {
    let spelled = project.as_str().chars().take(LONGEST).map(|c| match c {
        '-' => "[-_.]+".to_owned(),
        c if c.is_ascii_alphanumeric() => c.to_string(),
        _ => ".".to_owned(),
    });
    format!("grep -rniIE --exclude-dir=.git {} .", shell(&spelled.collect::<String>()))
}

fn since(case: &Case) -> String {
    let uploaded = case.finding.facts.first_upload;
    clock(case.finding.registered_at.or(uploaded).unwrap_or(case.finding.seen_at))
}

fn report(project: &str, case: &Case) -> Action {
    let kind = match case.finding.strongest().map(|m| m.rule) {
        Some(Rule::Exact | Rule::Prefix) => "`is_dependency_confusion`, or as malware if its files do harm",
        _ => "malware if it imitates yours to do harm",
    };
    Action::new(format!(
        "Report {project} to PyPI (\"Report project as malware\" on its page) as {kind}. If it is harmless, say so \
         instead, and nothing more of this project is told but that other people take it over: {}.",
        code(&format!("namewarden findings suppress {}", name(case)))
    ))
}

fn acknowledge(cases: &[&Case]) -> String {
    let names: Vec<String> = cases.iter().map(|case| name(case)).collect();
    format!("namewarden findings ack {}", names.join(" "))
}

/// The command that lists the cases of whoever is told.
pub(crate) fn list(briefing: &Briefing, option: &str) -> String {
    format!("namewarden findings list{option} --owner {}", shell(&briefing.owner.0))
}

fn read(case: &Case) -> String {
    format!("namewarden findings show {}", name(case))
}

/// The case as a command takes it.
fn name(case: &Case) -> String {
    case.finding.id.map_or_else(|| shell(&case.finding.key.0), |id| id.to_string())
}
