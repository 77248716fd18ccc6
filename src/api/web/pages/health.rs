//! Can the watch see and tell: feeds, ledger, channels, canary, and what keeps it from either.

use askama::Template;
use axum::body::Bytes;
use axum::response::Response;

use super::flash::Flash;
use super::parts::{Badge, Fact, Marked, When, plain, plain_to};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::{Fields, Visit};
use super::words::{headline, is_by_hand, upper};
use crate::api::canary::Canary;
use crate::api::v1::{Command, Hole, Notice, Outbox, Page, Probed, Status, Unwell};
use crate::messages::phrase::{clock, span};
use crate::model::{Role, Time, count};

/// Names of a health case that are shown.
const NAMES: usize = 50;
const HOLES: usize = 30;

#[derive(Template)]
#[template(path = "health.html")]
struct Health {
    shell: Shell,
    version: String,
    projects: u64,
    level: String,
    headline: &'static str,
    covered: String,
    worries: Vec<Marked>,
    cases: Vec<Case>,
    csrf: Option<String>,
    /// Of whoever runs the watch.
    runs: Option<String>,
    feeds: Vec<Feed>,
    channels: Vec<Channel>,
    /// After channels were looked at.
    probed: Option<Vec<Tried>>,
    ledger: Vec<Fact>,
    holes: Vec<String>,
    canary: String,
    blind: Vec<String>,
}

/// An open health case.
struct Case {
    key: String,
    what: String,
    since: When,
    detail: Marked,
    names: Vec<Name>,
    by_hand: bool,
}

/// What stood in the place of a name.
struct Name {
    text: String,
    judged: Option<String>,
}

/// How a feed is, and how far it has accounted for.
struct Feed {
    name: &'static str,
    state: Badge,
    reach: String,
}

/// How the messages of a channel stand.
struct Channel {
    name: String,
    due: u64,
    oldest: Option<When>,
    delivered: u64,
    given_up: u64,
    error: Option<String>,
}

/// What a look at a channel gave.
struct Tried {
    channel: String,
    trouble: Option<String>,
}

pub(super) async fn show(visit: Visit) -> Result<Response, TroublePage> {
    let page = page(&visit, None).await?;
    visit.page(&page)
}

async fn page(visit: &Visit, probed: Option<Vec<Tried>>) -> Result<Health, TroublePage> {
    let status: Status = visit.ask(Command::Status).await?;
    let cases: Page<Unwell> = visit.ask(Command::Health { after: None, limit: None }).await?;
    let shell = visit.live(Tab::Health, "Health");
    let canary = visit.site.service.canary().await.map_err(|refusal| visit.failed(refusal.problem()))?;
    Ok(health(&status, &cases.items, (probed, canary), shell))
}

fn health(status: &Status, cases: &[Unwell], (probed, canary): (Option<Vec<Tried>>, Canary), shell: Shell) -> Health {
    let now = status.now;
    Health {
        csrf: shell.may(Role::Responder),
        runs: shell.may(Role::Admin),
        shell,
        version: plain(&status.namewarden),
        projects: status.projects,
        level: super::parts::word(status.level),
        headline: headline(status),
        covered: format!("{}.", upper(&status.covered)),
        worries: status.worries.iter().map(|worry| Marked::new(worry)).collect(),
        cases: cases.iter().map(|unwell| case(unwell, now)).collect(),
        feeds: feeds(status),
        channels: status.outboxes.iter().map(|outbox| channel(outbox, now)).collect(),
        probed,
        ledger: ledger(status),
        holes: holes(&status.coverage.survivors_only),
        canary: walked(status, canary),
        blind: blind(status),
    }
}

/// What the daily canary proves, and nothing that it does not.
fn walked(status: &Status, canary: Canary) -> String {
    let lost = status.health.iter().any(|issue| issue.what == "canary-lost");
    match canary {
        _ if lost => {
            "The last canary did not come through: somewhere between the feeds and the channels something is cut."
                .to_owned()
        }
        Canary::Off => "No canary walks the path: [alert] canary is off.".to_owned(),
        Canary::NoneYet => "Every day a canary walks the whole path. None has set out yet.".to_owned(),
        Canary::Last(at) => {
            format!("Every day a canary walks the whole path, the last {} ago. None is missing.", span(at, status.now))
        }
    }
}

fn case(of: &Unwell, now: Time) -> Case {
    let name = |name: &crate::api::v1::UnreadName| Name {
        text: plain_to(&name.text, 160),
        judged: name.judged.as_deref().map(plain),
    };
    Case {
        key: plain(&of.issue.key),
        what: of.issue.what.replace('-', " "),
        since: When::new(of.issue.since, now),
        detail: Marked::new(&of.issue.detail),
        names: of.names.iter().take(NAMES).map(name).collect(),
        by_hand: is_by_hand(&of.issue),
    }
}

fn feeds(status: &Status) -> Vec<Feed> {
    let (coverage, now) = (&status.coverage, status.now);
    let down = |feed: &str| status.feeds_down.iter().any(|down| down == feed);
    let state = |feed: &str| Badge::text(if down(feed) { "critical" } else { "ok" });
    let changelog = match status.changelog.state.as_str() {
        "working" => state("changelog"),
        other => Badge::text(if other == "gone" { "gone" } else { "critical" }),
    };
    let up_to = |reach: &Option<crate::api::v1::UpTo>, what: &str| match reach {
        Some(reach) => format!("{what} to serial {}, {} ago", reach.serial, span(reach.at, now)),
        None => "nothing yet".to_owned(),
    };
    let rss = coverage.rss.as_ref().map(|rss| format!("read without a hole, {} ago", span(rss.to, now)));
    vec![
        Feed { name: "changelog", state: changelog, reach: up_to(&coverage.every_event, "every event") },
        Feed { name: "rss", state: state("rss"), reach: rss.unwrap_or_else(|| "nothing yet".to_owned()) },
        Feed { name: "index", state: state("index"), reach: up_to(&coverage.survivors, "survivors") },
    ]
}

fn channel(of: &Outbox, now: Time) -> Channel {
    Channel {
        name: plain(&of.channel),
        due: of.due,
        oldest: of.oldest.map(|oldest| When::new(oldest, now)),
        delivered: of.delivered,
        given_up: of.given_up,
        error: of.last_error.as_deref().map(|error| plain_to(error, 300)),
    }
}

/// How far each grade goes.
fn ledger(status: &Status) -> Vec<Fact> {
    let coverage = &status.coverage;
    let serial = |serial: u64| format!("serial {serial}");
    let reach = |of: &crate::api::v1::UpTo| format!("{}, unbroken since {}", serial(of.serial), clock(of.since));
    let lines = [
        ("Every event", coverage.every_event.as_ref().map(reach)),
        ("Survivors", coverage.survivors.as_ref().map(reach)),
        ("RSS", coverage.rss.as_ref().map(|rss| format!("{} to {}", clock(rss.from), clock(rss.to)))),
        ("Read up to", status.cursor.map(serial)),
    ];
    lines.into_iter().map(|(label, value)| Fact::new(label, value.as_deref().unwrap_or("nothing yet"))).collect()
}

/// The newest first.
fn holes(all: &[Hole]) -> Vec<String> {
    let more = all.len().saturating_sub(HOLES);
    let serials = |hole: &Hole| match (hole.after, hole.up_to) {
        (Some(after), Some(up_to)) => format!(", serials {after} to {up_to}"),
        _ => String::new(),
    };
    let line = |hole: &Hole| format!("{} to {}{}", clock(hole.from), clock(hole.to), serials(hole));
    all.iter().rev().take(HOLES).map(line).chain((more > 0).then(|| format!("and {more} older"))).collect()
}

/// Stretches of the last week in which nobody saw.
fn blind(status: &Status) -> Vec<String> {
    let line = |of: &crate::api::v1::Blind| {
        format!("{}: {} to {}, {}", plain(&of.what), clock(of.from), clock(of.to), span(of.from, of.to))
    };
    status.overview.blind.iter().map(line).collect()
}

/// A person has looked at the names that could not be read.
pub(super) async fn acknowledge(visit: Visit, body: Bytes) -> Result<Response, TroublePage> {
    let fields = Fields::of(&body);
    let (case, note) = (fields.one("case").to_owned(), fields.some("note"));
    let closed: Unwell = visit.ask(Command::AcknowledgeHealth { case, who: String::new(), note }).await?;
    Ok(visit.done(&Flash::new(true, [format!("{} is closed.", closed.issue.key)]), "/health"))
}

/// Sends nothing.
pub(super) async fn probe(visit: Visit) -> Result<Response, TroublePage> {
    let probed: Vec<Probed> = visit.ask(Command::Probe).await?;
    let tried = |of: &Probed| Tried {
        channel: plain(&of.channel),
        trouble: of.trouble.as_deref().map(|trouble| plain_to(trouble, 300)),
    };
    let mut page = page(&visit, Some(probed.iter().map(tried).collect())).await?;
    page.shell.live = None;
    visit.page(&page)
}

/// To every owner, by every channel.
pub(super) async fn test(visit: Visit) -> Result<Response, TroublePage> {
    let made: Vec<Notice> = visit.ask(Command::TestAlert { owner: None }).await?;
    let line = |notice: &Notice| format!("{} by {}", notice.owner, notice.channel);
    let head = format!("{} on the way:", count(made.len(), "test is", "tests are"));
    Ok(visit.done(&Flash::new(true, std::iter::once(head).chain(made.iter().map(line))), "/health"))
}
