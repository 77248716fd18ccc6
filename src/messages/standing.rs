//! The message with which a watch begins, for one owner.

use crate::model::finding::FindingState;
use crate::model::notice::{Briefing, Case, Content};
use crate::model::{Exposure, Watch};

use super::actions::list;
use super::cases;
use super::hostile::{inert, shown};
use super::layout::{Action, Answer, Card, Layout};
use super::marks::code;
use super::parties::{origin, owner};
use super::phrase::{count, listed};
use super::verdict::Verdict;

/// Names listed for one exposure; the rest is counted.
const LISTED: usize = 30;

/// What is watched, what is free, what is taken and by whom, and by which channels the owner hears of it.
pub(crate) fn startup(layout: &mut Layout, briefing: &Briefing) {
    let Content::Startup { watched, pre_existing, omitted, recorded, open, channels, first } = &briefing.content else {
        return;
    };
    let (strangers, everything) = (strangers(pre_existing), list(briefing, " --all"));
    let standing = strangers.len() + omitted;
    let channels: Vec<String> = channels.iter().map(|channel| shown(&channel.to_string(), 60)).collect();
    let taken = strangers.iter().filter(|case| Verdict::of(case) == Verdict::Takes).count();
    (layout.verdict, layout.about) = at_the_start(watched, (standing, taken), *open);
    layout.lead = vec![
        format!(
            "namewarden now watches PyPI for {} of {}. You are told within a minute when a stranger registers {}. \
             Channels: {}.",
            count(watched.len(), "name", "names"),
            owner(briefing),
            if watched.len() == 1 {
                "it, or a name that reads like it"
            } else {
                "one of them, or a name that reads like one"
            },
            if channels.is_empty() { "none".to_owned() } else { listed(&channels, 20) }
        ),
        already(watched.len(), standing, *recorded, *open),
    ];
    if *first {
        let begins = "This is a first start: what stands on PyPI now counts as known, and no earlier case or acknowledgement \
                      exists. If there was a watch before, its state directory is lost: restore a backup.";
        layout.lead.push(begins.to_owned());
    }
    cases::standing(layout, &strangers);
    layout.cards.insert(0, exposures(watched));
    if *omitted > 0 {
        layout.more.push(format!("{} not shown here: {}", count(*omitted, "case", "cases"), code(&everything)));
    }
    layout.actions = startup_actions(watched, standing);
    let text = format!("On {}: everything that was recorded.", code(&origin(briefing)));
    layout.answer = Some(Answer { title: "See them with", command: everything, text, link: None });
}

/// More than the names there may be: look-alikes are among them.
fn projects(n: usize) -> String {
    count(n, "project", "projects")
}

/// What of it asks for a look, and how many names there are.
fn at_the_start(
    watched: &[(Watch, Option<Exposure>)],
    (standing, takes): (usize, usize),
    open: usize,
) -> (String, String) {
    let free = watched.iter().filter(|(_, exposure)| *exposure == Some(Exposure::Exposed)).count();
    let names = count(watched.len(), "name", "names");
    let verdict = match (standing, free) {
        _ if takes > 0 => format!("pip would take {takes} already on PyPI"),
        (0, _) if open > 0 => format!("{} already", open_cases(open)),
        (0, 0) => "None taken, none free".to_owned(),
        (0, free) => format!("None taken, {free} free for anyone"),
        (taken, 0) => format!("{} already on PyPI", projects(taken)),
        (taken, free) => format!("{} already on PyPI, {free} free for anyone", projects(taken)),
    };
    (verdict, format!("of {names}, watched from now on"))
}

/// What stands on PyPI and is not held by an account of ours.
pub(crate) fn strangers(pre_existing: &[Case]) -> Vec<&Case> {
    pre_existing.iter().filter(|case| case.finding.state != FindingState::Ours).collect()
}

fn already(watched: usize, standing: usize, recorded: usize, open: usize) -> String {
    let standing = match standing {
        0 if open > 0 => format!("{} of yours already: namewarden findings list.", open_cases(open)),
        0 => {
            let none = if watched == 1 { "Neither it nor" } else { "None of them, nor" };
            format!("{none} a name that reads the same stands on PyPI in a stranger's hands.")
        }
        n => format!(
            "{} with such a name already stood on PyPI before the watch began.{}",
            count(n, "project", "projects"),
            if open > 0 { format!(" {} besides.", open_cases(open)) } else { String::new() }
        ),
    };
    match recorded {
        0 => standing,
        n => {
            format!("{standing} {} recorded and will not be sent.", count(n, "weaker match was", "weaker matches were"))
        }
    }
}

fn open_cases(n: usize) -> String {
    count(n, "case is open", "cases are open")
}

/// The states in the order of what needs attention, with what each means.
const STATES: [(&str, &str); 8] = [
    ("taken", "Taken by others"),
    ("exposed", "Free for anyone"),
    ("removed", "Removed from PyPI"),
    ("quarantined", "Quarantined"),
    ("ours", "Ours on PyPI"),
    ("shielded", "Shielded"),
    ("refused", "Refused by PyPI"),
    ("", "Not judged"),
];

fn exposures(watched: &[(Watch, Option<Exposure>)]) -> Card {
    let mut card = Card { title: "Your names on PyPI".to_owned(), ..Card::default() };
    for (state, label) in STATES {
        let of_state = watched.iter().filter(|(_, exposure)| exposure.as_ref().map_or("", Exposure::as_str) == state);
        let names: Vec<String> = of_state.map(|(watch, exposure)| name(watch, exposure.as_ref())).collect();
        card.row_if(label, (!names.is_empty()).then(|| format!("{}: {}", names.len(), listed(&names, LISTED))));
    }
    card
}

fn name(watch: &Watch, exposure: Option<&Exposure>) -> String {
    let label = code(&shown(&watch.id.label(), 80));
    match exposure {
        Some(Exposure::Shielded { sibling }) => format!("{label} (by {})", code(&inert(sibling, 80))),
        _ => label,
    }
}

fn startup_actions(watched: &[(Watch, Option<Exposure>)], standing: usize) -> Vec<Action> {
    let mut actions = Vec::new();
    if standing > 0 {
        actions.push(Action::new(
            "Look at each project below: if it is yours, add its account to `[registrants]` in the inventory; if it is \
             harmless, suppress it, and nothing more of it is told but that other people take it over; if it is neither, act \
             on it as on an alert.",
        ));
    }
    if watched.iter().any(|(_, exposure)| *exposure == Some(Exposure::Exposed)) {
        actions.push(Action::new(
            "Free names can be registered by anyone today: install them from your own index only (pip: `--index-url`, \
             never `--extra-index-url`; uv: `explicit = true`).",
        ));
    }
    actions
}
