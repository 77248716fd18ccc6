//! The webhook's body, version 1: frozen structs of its own, so that the model can change and receivers need not.
//!
//! Fields may be added within version 1, and values to `type`, `rule`, `state` and `exposure`: receivers ignore what
//! they do not know. Nothing is renamed or removed. Times are RFC 3339 in UTC. Strings under `published`, and
//! `project.display`, were written by strangers: controls and invisible characters are written out (`\u{202e}`) and
//! each is capped, but they are not to be believed. `config/webhook.md` is for receivers.
//!
//! `type` is `finding.registered`, `finding.worsened`, `finding.escalated`, `finding.ended`, `finding.decided`, `finding.summary`,
//! `watch.startup`, `watch.unwatched`, `health.changed`, `review.held`, `recall.received`, `proof.canary` or `proof.test`. `data.key` is the header `webhook-id`: constant
//! over repeats. `data.thread` is constant for the case.

use serde_json::Value;

use v1::{
    CaseV1, ClaimV1, ContextV1, Data, ExposureV1, HealthV1, HeldV1, MatchV1, Message, MoreV1, OriginV1, OverviewV1,
    OwnerV1, PipV1, ProjectV1, PublishedV1, RecallV1, StartupV1, UnwatchedV1, WatchV1, WhoV1,
};
use words::{LIST, maybe, text, time};

use super::hostile::{link, without_credentials};
use super::marks::bare;
use super::{pip, subject};
use crate::model::finding::Facts;
use crate::model::health::HealthCase;
use crate::model::held::HeldRelease;
use crate::model::notice::{Announced, Briefing, Case, Content, NoticeEvent};
use crate::model::resolve::Installer;
use crate::model::{Context, Exposure, Match, More, Releases, Threat, Watch, holders};

mod recall;
mod v1;
mod words;

pub(crate) fn body(briefing: &Briefing) -> Value {
    serde_json::to_value(Message::from(briefing)).unwrap_or_default()
}

impl From<&Briefing> for Message {
    fn from(briefing: &Briefing) -> Self {
        Self { version: 1, kind: kind(briefing.event), timestamp: time(briefing.at), data: Data::from(briefing) }
    }
}

impl From<&Briefing> for Data {
    fn from(briefing: &Briefing) -> Self {
        let mut data = Self {
            key: text(&briefing.key.0),
            thread: text(&briefing.thread),
            tier: briefing.tier.as_str(),
            owner: OwnerV1 { id: text(&briefing.owner.0), name: text(&briefing.owner_name) },
            instead: maybe(briefing.instead.as_ref()),
            headline: subject::headline(briefing),
            url: ours(briefing.dashboard.as_deref()),
            origin: OriginV1 {
                machine: text(&briefing.origin.machine),
                instance: maybe(briefing.origin.instance.as_ref()),
            },
            coverage: text(&briefing.coverage),
            change: None,
            cases: Vec::new(),
            omitted: 0,
            startup: None,
            unwatched: None,
            health: None,
            claim: None,
            reviews: None,
            recalls: None,
            overview: None,
        };
        data.tell(&briefing.content);
        data
    }
}

impl Data {
    fn tell(&mut self, content: &Content) {
        match content {
            Content::Cases { cases, omitted, change } => {
                self.cases = cases.iter().map(CaseV1::from).collect();
                self.omitted = *omitted;
                self.change = maybe(change.as_ref());
            }
            Content::Startup { watched, pre_existing, omitted, recorded, channels, .. } => {
                self.cases = pre_existing.iter().map(CaseV1::from).collect();
                self.omitted = *omitted;
                let channels = channels.iter().map(|channel| text(&channel.to_string())).collect();
                let watched = watched.iter().map(ExposureV1::from).collect();
                self.startup = Some(StartupV1 { watched, recorded: *recorded, channels });
            }
            Content::Unwatched { watches, closed, .. } => {
                let watches = watches.iter().map(|watch| text(&watch.id.label())).collect();
                self.unwatched = Some(UnwatchedV1 { watches, closed_findings: *closed });
            }
            Content::Health { cases, .. } => self.health = Some(cases.iter().map(HealthV1::from).collect()),
            Content::Claim { announced } => self.claim = Some(ClaimV1::from(announced)),
            Content::Reviews { held, omitted } => {
                self.reviews = Some(held.iter().take(LIST).map(HeldV1::from).collect());
                self.omitted = usize::try_from(*omitted).unwrap_or_default();
            }
            Content::Recalls(recalls) => {
                self.recalls = Some(recalls.recalls.iter().take(LIST).map(RecallV1::from).collect());
                self.omitted = recalls.omitted;
            }
            // Its channels are mail and Slack; who wants it as JSON asks for it.
            Content::Report { .. } => {}
            Content::Proof { overview } => self.overview = overview.as_deref().map(OverviewV1::from),
        }
    }
}

impl From<&Case> for CaseV1 {
    fn from(case: &Case) -> Self {
        let finding = &case.finding;
        Self {
            finding: text(&finding.key.0),
            id: finding.id.map(String::from),
            url: ours(case.dashboard.as_deref()),
            tier: finding.tier.as_str(),
            state: finding.state.as_str(),
            quarantined: case.quarantined,
            project: ProjectV1 {
                name: text(finding.project().as_str()),
                display: text(&finding.display),
                url: link(&case.address).map(str::to_owned),
            },
            watches: finding.threats.iter().take(LIST).map(|threat| watch(case, threat)).collect(),
            more: finding.more.iter().take(LIST).map(MoreV1::from).collect(),
            context: finding.context.iter().take(LIST).map(ContextV1::from).collect(),
            registered_at: finding.registered_at.map(time),
            seen_at: time(finding.seen_at),
            published: PublishedV1::from(&finding.facts),
            would_pip_take: PipV1::from(case),
            note: maybe(finding.note.as_ref()),
        }
    }
}

impl From<&Case> for PipV1 {
    fn from(case: &Case) -> Self {
        let word = |installer| serde_json::to_value(pip::answer(case, installer).take).unwrap_or_default();
        let installers = Installer::ALL.into_iter().map(|installer| (installer.as_str(), word(installer)));
        Self { answer: word(Installer::Pip), explanation: bare(&pip::sentence(case)), installers: installers.collect() }
    }
}

/// One of the watches that a project threatens.
fn watch(case: &Case, threat: &Threat) -> WatchV1 {
    let id = &threat.watch;
    let watch = case.watches.iter().find(|watch| watch.id == *id);
    WatchV1 {
        kind: id.kind.as_str(),
        label: text(&id.label()),
        owner: text(&threat.owner.0),
        tier: threat.tier.as_str(),
        tier_by_name: threat.given().as_str(),
        latest_version: maybe(watch.and_then(|watch| watch.latest_version.as_ref())),
        index: watch.and_then(|watch| watch.index.as_deref()).map(without_credentials),
        matches: threat.matches.iter().take(LIST).map(MatchV1::from).collect(),
    }
}

impl From<&More> for MoreV1 {
    fn from(more: &More) -> Self {
        Self { owner: text(&more.owner.0), watches: more.watches }
    }
}

impl From<&Context> for ContextV1 {
    fn from(context: &Context) -> Self {
        Self { kind: context.why.as_str(), bits: context.bits, explanation: text(&context.why.to_string()) }
    }
}

impl From<&Match> for MatchV1 {
    fn from(found: &Match) -> Self {
        Self {
            rule: found.rule.as_str(),
            tier: found.tier.as_str(),
            score: found.score,
            lacks: found.lacks,
            distance: found.distance,
            explanation: text(&found.explanation),
        }
    }
}

impl From<&Facts> for PublishedV1 {
    fn from(facts: &Facts) -> Self {
        Self {
            users: newest(&holders(&facts.users)),
            organization: maybe(facts.organization.as_ref()),
            ours: facts.ours,
            versions: lowest_first(&facts.releases),
            summary: maybe(facts.summary.as_ref()),
            author: maybe(facts.author.as_ref()),
            home_page: maybe(facts.home_page.as_ref()),
            first_upload: facts.first_upload.map(time),
            trouble: maybe(facts.trouble.as_ref()),
            provisional: facts.provisional,
        }
    }
}

impl From<&(Watch, Option<Exposure>)> for ExposureV1 {
    fn from((watch, exposure): &(Watch, Option<Exposure>)) -> Self {
        Self { watch: text(&watch.id.label()), exposure: exposure.as_ref().map(Exposure::as_str) }
    }
}

impl From<&HealthCase> for HealthV1 {
    fn from(case: &HealthCase) -> Self {
        Self {
            issue: text(&case.issue.to_string()),
            since: time(case.since),
            until: case.until.map(time),
            detail: text(&case.detail),
        }
    }
}

impl From<&Announced> for ClaimV1 {
    fn from(announced: &Announced) -> Self {
        let name = announced.claim.name.to_string();
        Self { claim: announced.claim.to_string(), name, minutes: announced.minutes, turn: announced.turn.map(time) }
    }
}

impl From<&HeldRelease> for HeldV1 {
    fn from(held: &HeldRelease) -> Self {
        Self {
            review: held.review,
            project: text(&held.project),
            version: text(&held.version),
            why: text(&held.why),
            cause: held.cause,
            until: held.until.map(time),
            asked: held.asked,
            since: time(held.since),
            peers: held.asked_by.words().iter().take(LIST).map(|word| text(word)).collect(),
            asked_by: held.asked_by.0.iter().take(LIST).map(WhoV1::from).collect(),
            more_peers: held.more_peers,
            files: held.files,
            files_key: text(&held.files_key),
            url: held.address.as_deref().and_then(link).map(str::to_owned),
        }
    }
}

fn kind(event: NoticeEvent) -> &'static str {
    match event {
        NoticeEvent::Registered => "finding.registered",
        NoticeEvent::Stood => "finding.stood",
        NoticeEvent::Worsened => "finding.worsened",
        NoticeEvent::Escalated => "finding.escalated",
        NoticeEvent::Ended => "finding.ended",
        NoticeEvent::Decided => "finding.decided",
        NoticeEvent::Answered => "finding.answered",
        NoticeEvent::Summary => "finding.summary",
        NoticeEvent::Startup => "watch.startup",
        NoticeEvent::Unwatched => "watch.unwatched",
        NoticeEvent::Health => "health.changed",
        NoticeEvent::Claim => "claim.announced",
        NoticeEvent::Review => "review.held",
        NoticeEvent::Recall => "recall.received",
        NoticeEvent::Canary => "proof.canary",
        NoticeEvent::Report => "report.made",
        NoticeEvent::Test => "proof.test",
    }
}

/// An address of the dashboard's.
fn ours(address: Option<&str>) -> Option<String> {
    address.and_then(link).map(str::to_owned)
}

/// The highest versions that stand, ascending.
fn lowest_first(releases: &Releases) -> Vec<String> {
    let mut highest: Vec<String> = releases.versions().take(LIST).map(text).collect();
    highest.reverse();
    highest
}

fn newest(values: &[String]) -> Vec<String> {
    values[values.len().saturating_sub(LIST)..].iter().map(|value| text(value)).collect()
}
