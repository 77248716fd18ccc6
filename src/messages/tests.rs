//! What the owner reads, kind by kind, word by word; `hostile` is what strangers try.

mod agree;
mod announced;
mod bodies;
mod forms;
mod happenings;
mod hostile;
mod letters;
mod proof;
mod subjects;
mod verdicts;
mod whole;

use std::collections::BTreeSet;

use insta::assert_snapshot;

use super::samples::*;
use super::{console, mail, slack, webhook};
use crate::model::finding::FindingState;
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::notice::{Briefing, Content, NoticeEvent, SHOWN};
use crate::model::overview::{Blind, Open, Overview, Unacknowledged, Waiting};
use crate::model::release::Files;
use crate::model::{Channel, Exposure, Facts, Feed, ProjectName, Releases, Rule, Tier, Why};

fn cases(event: NoticeEvent, cases: Vec<crate::model::notice::Case>, change: Option<&str>) -> Briefing {
    let mut briefing = registered(cases.clone());
    briefing.event = event;
    briefing.content = Content::Cases { cases, omitted: 0, change: change.map(str::to_owned) };
    briefing
}

/// Our own project went.
fn lost() -> Briefing {
    let mut case = over(FindingState::Removed, false);
    case.finding.facts.ours = Some(true);
    cases(NoticeEvent::Worsened, vec![case], Some("our own project is gone from PyPI"))
}

/// The case is over in this way; the name may be registered again.
fn over(state: FindingState, again: bool) -> crate::model::notice::Case {
    let mut case = torchtriton();
    case.finding.state = state;
    case.again = again;
    case
}

fn startup() -> Briefing {
    let exposures = [
        ("torchtriton", Some(Exposure::Taken)),
        ("acme-billing", Some(Exposure::Exposed)),
        ("acme-ledger", Some(Exposure::Exposed)),
        ("acme-core", Some(Exposure::Ours)),
        ("acme-utils", Some(Exposure::Shielded { sibling: "acmeutils".to_owned() })),
        ("acme-new", None),
    ];
    let mut standing = torchtriton();
    standing.finding.state = FindingState::PreExisting;
    let mut ours = case("acme-core", "acme-core", Rule::Exact);
    ours.finding.state = FindingState::Ours;
    let content = Content::Startup {
        watched: exposures.into_iter().map(|(name, exposure)| (watch(name), exposure)).collect(),
        pre_existing: vec![standing, ours],
        omitted: 0,
        open: 0,
        first: false,
        recorded: 17,
        channels: vec![Channel::Email, Channel::Slack("ml".to_owned())],
    };
    briefing(NoticeEvent::Startup, Tier::Digest, content)
}

fn health(until: Option<i64>) -> Briefing {
    let case = HealthCase {
        issue: HealthIssue::FeedBlind { feed: Feed::Rss },
        since: at(0),
        until: until.map(at),
        detail: "rss has not answered for 11 min (connection refused); the changelog still sees every event".to_owned(),
    };
    briefing(NoticeEvent::Health, Tier::Alert, Content::Health { cases: vec![case], others: Vec::new() })
}

fn unwatched() -> Briefing {
    let watches = vec![watch("acme-billing"), watch("acme-ledger")];
    briefing(
        NoticeEvent::Unwatched,
        Tier::Alert,
        Content::Unwatched { watches, closed: 1, ended: Vec::new(), passed: 0, on: Vec::new() },
    )
}

fn shown(value: &serde_json::Value) -> String {
    let all = |key: &str| value[key].as_array().map(|values| values.iter().map(shown).collect::<String>());
    if let Some(elements) = all("elements") {
        return if value["type"] == "rich_text_preformatted" { format!("\n[{elements}]") } else { elements };
    }
    let Some(text) = value["text"].as_str() else { return value.get("text").map(shown).unwrap_or_default() };
    let text = if value["style"]["code"] == true { format!("`{text}`") } else { text.to_owned() };
    let text = if value["style"]["bold"] == true { format!("*{text}*") } else { text };
    value["url"].as_str().map_or(text.clone(), |url| format!("{text} -> {url}"))
}

/// The same project, and a second watch that it threatens.
fn two_watches() -> crate::model::notice::Case {
    let mut case = torchtriton();
    let other = watch("triton");
    case.finding.threats.push(threat(&other, Rule::Affix, Tier::Alert, "triton with a word more".to_owned()));
    case.watches.push(other);
    case
}

fn canary(overview: Overview) -> Briefing {
    let overview = Some(Box::new(overview));
    briefing(NoticeEvent::Canary, Tier::Digest, Content::Proof { overview })
}

/// A day on which a good deal is open.
fn much() -> Overview {
    let project = ProjectName::parse("torchtriton").expect("valid");
    let oldest = Some(Unacknowledged { project, id: None, since: at(-260_000) });
    let issue = HealthIssue::FeedBlind { feed: Feed::Changelog };
    let waiting = Waiting { channel: Channel::Email, messages: 3, since: at(-4_000), last_error: None };
    Overview {
        pages: Open { cases: 2, unacknowledged: 1, oldest },
        weak: 12,
        unanswered: 1,
        waiting: vec![waiting],
        issues: vec![HealthCase { issue, since: at(-700), until: None, detail: "no answer".to_owned() }],
        blind: vec![Blind { what: "feed-blind:rss".to_owned(), from: at(-9_000), to: at(-8_000) }],
        ..Overview::default()
    }
}

/// One of each kind.
fn kinds() -> Vec<Briefing> {
    let mut several = vec![torchtriton()];
    several.extend(["a1", "a2", "a3"].map(|name| case(name, "torchtriton", Rule::Substitution)));
    vec![
        registered(vec![torchtriton()]),
        registered(vec![case("torchtriton", "torchtriton", Rule::Exact)]),
        registered(vec![case("torch-triton", "torchtriton", Rule::Separators)]),
        cases(NoticeEvent::Worsened, vec![two_watches()], Some("first release 3.0.0")),
        cases(NoticeEvent::Stood, vec![crate::model::notice::Case { stands: true, ..torchtriton() }], None),
        cases(NoticeEvent::Escalated, vec![torchtriton()], None),
        cases(NoticeEvent::Summary, several, Some("new owner: eve")),
        registered(vec![torchtriton(); 250]),
        cases(NoticeEvent::Ended, vec![over(FindingState::Removed, false)], Some("removed from PyPI")),
        cases(NoticeEvent::Ended, vec![over(FindingState::Ours, false); 3], None),
        lost(),
        startup(),
        unwatched(),
        health(None),
        health(Some(700)),
        canary(Overview::default()),
        briefing(NoticeEvent::Test, Tier::Digest, Content::Proof { overview: None }),
    ]
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
