//! One case, whole: tier and verdict first, the two names beside each other, what is known, what was told, what to do.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::facts;
use super::letters::Letters;
use super::parts::{Badge, Fact, Marked, When, plain, plain_to, segment};
use super::row::{name, why};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::Visit;
use crate::api::v1::{CaseFile, Command, Event, FindingState, Match, Seen, Standing, Telling, Threat, Tier, WatchKind};
use crate::messages::hostile::link;
use crate::model::{Role, Time, count};

/// Threats that are compared one by one.
const PAIRS: usize = 12;
const LINES: usize = 60;

#[derive(Template)]
#[template(path = "finding.html")]
struct Finding {
    shell: Shell,
    id: String,
    /// Its part of an address.
    link: String,
    project: String,
    weight: &'static str,
    tier: Badge,
    state: Badge,
    quarantined: bool,
    why: Marked,
    verdict: Marked,
    others: Option<Marked>,
    /// What the gate says of it, or that it does not, and the number of its review.
    gate: Option<(String, Option<i64>)>,
    pairs: Vec<Pair>,
    more: Option<String>,
    url: Option<String>,
    facts: Vec<Fact>,
    earlier: usize,
    timeline: Vec<Line>,
    sightings: Vec<Sighting>,
    csrf: Option<String>,
    acts: Vec<Act>,
    /// May it still be declared harmless?
    harmless: bool,
    /// May it be put off?
    open: bool,
    /// Until when it is.
    snoozed: Option<When>,
    note: Option<String>,
    told: Vec<Told>,
    context: Vec<Around>,
}

/// One watch beside the name.
struct Pair {
    watch: String,
    owner: String,
    letters: Option<Letters>,
    matches: Vec<Why>,
    standing: Option<String>,
}

/// One rule saying why it resembles the watch.
struct Why {
    tier: Badge,
    text: Marked,
    rule: String,
    score: u8,
    lacks: u8,
}

/// A line of the history.
struct Line {
    text: Marked,
    at: When,
    who: Option<String>,
}

/// Something that the registry said.
struct Sighting {
    what: String,
    at: Option<When>,
    feed: String,
}

/// Something to decide.
struct Act {
    decision: &'static str,
    word: &'static str,
    first: bool,
}

/// What one owner is told on one channel.
struct Told {
    owner: String,
    channel: String,
    outcome: String,
    what: String,
    at: Option<When>,
    error: Option<String>,
}

/// Something seen around it, with the evidence that it adds.
struct Around {
    text: Marked,
    bits: u8,
}

pub(super) async fn show(visit: Visit, Path(case): Path<String>) -> Result<Response, TroublePage> {
    let file: CaseFile = visit.ask(Command::Finding { case }).await?;
    let title = plain_to(&file.finding.display, 60);
    visit.page(&page(&file, visit.live(Tab::Findings, &title), visit.now))
}

fn page(file: &CaseFile, shell: Shell, now: Time) -> Finding {
    let of = &file.finding;
    let rest = of.threats.len().saturating_sub(PAIRS) + of.more.iter().map(|more| more.watches).sum::<usize>();
    let timeline = file.timeline.iter().rev().take(LINES).map(|event| line(event, now));
    Finding {
        id: name(of),
        link: segment(&name(of)),
        project: plain(&of.display),
        weight: weight(of.tier, of.state),
        tier: Badge::new(of.tier),
        state: Badge::new(of.state),
        quarantined: of.quarantined,
        why: why(of),
        verdict: Marked::new(&file.verdict),
        others: file.others.as_deref().map(Marked::new),
        gate: file.of_gate().map(|words| (plain_to(&words, 300), file.held.as_ref().map(|held| held.review))),
        pairs: of.threats.iter().take(PAIRS).map(|threat| pair(threat, &of.project)).collect(),
        more: (rest > 0).then(|| format!("It threatens {} beside these.", count(rest, "watch", "watches"))),
        url: link(&file.url).map(str::to_owned),
        facts: facts::of(of),
        earlier: file.earlier + file.timeline.len().saturating_sub(LINES),
        timeline: timeline.collect(),
        sightings: file.sightings.iter().rev().take(LINES).map(|seen| sighting(seen, now)).collect(),
        csrf: shell.may(Role::Responder),
        acts: acts(of.state),
        harmless: of.state != FindingState::Suppressed,
        open: of.state == FindingState::Open,
        snoozed: snoozed(of.snoozed_until.filter(|_| of.state == FindingState::Open), now),
        note: of.note.as_deref().map(|note| plain_to(note, 500)),
        told: file.told.iter().map(|telling| told(telling, now)).collect(),
        context: of.context.iter().map(|context| around(&context.explanation, context.bits)).collect(),
        shell,
    }
}

fn around(text: &str, bits: u8) -> Around {
    Around { text: Marked::new(text), bits }
}

/// How loud its first box is.
fn weight(tier: Tier, state: FindingState) -> &'static str {
    match (state, tier) {
        (FindingState::Open, Tier::Page) => "critical",
        (FindingState::Open | FindingState::Acknowledged, _) => "warning",
        _ => "",
    }
}

fn pair(of: &Threat, project: &str) -> Pair {
    let standing = match of.standing {
        Standing::Live => None,
        Standing::PreExisting => Some("The project stood before this watch did.".to_owned()),
        Standing::Suppressed => of.reason.as_deref().map(|why| format!("Declared harmless: {}", plain_to(why, 300))),
        Standing::Unwatched => Some("This watch has left the inventory.".to_owned()),
    };
    Pair {
        watch: plain(&of.watch.label),
        owner: plain(&of.owner),
        letters: (of.watch.kind == WatchKind::Name).then(|| Letters::new(&of.watch.text, project)),
        matches: of.matches.iter().map(found).collect(),
        standing,
    }
}

fn found(of: &Match) -> Why {
    let text = Marked::new(&of.explanation);
    Why { tier: Badge::new(of.tier), text, rule: of.rule.clone(), score: of.score, lacks: of.lacks }
}

fn line(of: &Event, now: Time) -> Line {
    let text = if of.detail.is_empty() { of.kind.clone() } else { of.detail.clone() };
    Line { text: Marked::new(&text), at: When::new(of.at, now), who: of.who.as_deref().map(plain) }
}

fn sighting(of: &Seen, now: Time) -> Sighting {
    let more = of.version.as_deref().or(of.action.as_deref()).map(|text| format!(" {}", plain_to(text, 60)));
    let serial = of.serial.map(|serial| format!(", serial {serial}")).unwrap_or_default();
    Sighting {
        what: format!("{}{}", of.event, more.unwrap_or_default()),
        at: of.at.map(|at| When::new(at, now)),
        feed: format!("{}{serial}", of.feed),
    }
}

fn told(of: &Telling, now: Time) -> Told {
    let outcome = match (of.outcome.as_deref(), of.at) {
        (Some("told"), _) => "was told".to_owned(),
        (Some("refused"), _) => "could not be told: it was refused".to_owned(),
        (Some("moot"), _) => "was not told: it was over by then".to_owned(),
        (Some(other), _) => other.replace('-', " "),
        (None, Some(_)) => "is to be told".to_owned(),
        (None, None) => "is told with the next digest".to_owned(),
    };
    Told {
        owner: plain(&of.owner),
        channel: plain(&of.channel),
        outcome,
        what: of.kind.clone(),
        at: of.at.map(|at| When::new(at, now)),
        error: of.error.as_deref().map(|error| plain_to(error, 300)),
    }
}

fn snoozed(until: Option<Time>, now: Time) -> Option<When> {
    until.filter(|until| *until > now).map(|until| When::new(until, now))
}

/// What can be decided about a case that stands so.
fn acts(state: FindingState) -> Vec<Act> {
    let act = |decision, word, first| Act { decision, word, first };
    match state {
        FindingState::Open | FindingState::PreExisting => {
            vec![act("acknowledge", "Acknowledge: I am on it", true), act("resolve", "Resolve", false)]
        }
        FindingState::Acknowledged => vec![act("resolve", "Resolve", true), act("reopen", "Reopen", false)],
        _ => vec![act("reopen", "Reopen", true)],
    }
}
