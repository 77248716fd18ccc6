//! Remarks on the inventory, and what another would change.

use askama::Template;
use askama::filters::HtmlSafe;
use axum::body::Bytes;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::parts::{Badge, When, address, plain, plain_to};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::{Fields, Visit};
use crate::api::proposal::Proposal;
use crate::api::remarks::Remarks;
use crate::api::v1::{Command, Lint, Page, Problem, ProposedName, ProposedPast, Reloaded, Severity, WouldTell};
use crate::model::{Role, Time, count};
use crate::watchlist::Changes;

const LINT: &str = "/inventory/lint";
/// Remarks that are shown at once: whoever has more mends these first.
const LINTS: usize = 100;
const CHANGES: usize = 300;
/// Of a longer text, in bytes, nothing stands in the form again: whoever sent it has it.
const REPEATED: usize = 32 * 1024;

#[derive(Template)]
#[template(path = "lint.html")]
struct LintPage {
    shell: Shell,
    file: String,
    tally: String,
    lints: Lints,
    refused: Option<String>,
    first: Option<&'static str>,
    next: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WantedLints {
    after: String,
}

#[derive(Template)]
#[template(path = "lints.html")]
struct Lints {
    lints: Vec<Remark>,
    left_out: usize,
}

impl HtmlSafe for Lints {}

/// One remark, at its place.
struct Remark {
    severity: Badge,
    line: usize,
    column: usize,
    detail: String,
    remedy: String,
}

#[derive(Template)]
#[template(path = "preview.html")]
struct Preview {
    shell: Shell,
    csrf: String,
    sent: Sent,
    outcome: Option<Outcome>,
}

/// What was sent, as far as it stands in the form again.
#[derive(Default)]
struct Sent {
    text: String,
    /// Of a text that does not: how long it was, in kilobytes.
    left_out: Option<usize>,
    whole: bool,
}

/// What the other inventory would come to.
struct Outcome {
    level: &'static str,
    headline: String,
    reasons: Vec<String>,
    tally: String,
    changes: Vec<String>,
    stands: Vec<Stands>,
    past: Option<Past>,
    lints: Option<Lints>,
}

/// What would have been told of the last weeks.
struct Past {
    summary: String,
    told: Vec<Told>,
}

/// A registration that would have been told.
struct Told {
    project: String,
    tier: Badge,
    watch: String,
    rule: String,
    at: When,
}

/// How a name stands that is not watched yet.
struct Stands {
    name: String,
    exposure: Badge,
    like: &'static str,
}

/// A page of those on the file as it is now, whatever is in force.
pub(super) async fn lint(visit: Visit, Query(wanted): Query<WantedLints>) -> Result<Response, TroublePage> {
    let remarks = visit.site.service.remarks(0).await.map_err(|refusal| visit.failed(refusal.problem()))?;
    let after = Some(wanted.after).filter(|after| !after.is_empty());
    let first = after.is_some().then_some(LINT);
    let found: Result<Page<Lint>, Problem> = visit.try_ask(Command::InventoryLint { after, limit: Some(LINTS) }).await;
    let (page, refused) = match found {
        Ok(page) => (page, None),
        Err(problem) => (Page { items: Vec::new(), next: None, total: None }, Some(plain(&problem.to_string()))),
    };
    visit.page(&LintPage {
        shell: visit.shell(Tab::Inventory, "Remarks on the inventory"),
        file: plain(&visit.site.settings().inventory.to_string_lossy()),
        tally: tally(&remarks),
        lints: Lints::new(page.items.into_iter()),
        refused,
        first,
        next: page.next.map(|next| address(LINT, &[("after", &next)])),
    })
}

pub(super) async fn form(visit: Visit) -> Result<Response, TroublePage> {
    let shell = visit.shell(Tab::Inventory, "Preview a change");
    visit.page(&preview(shell, Sent::default(), None))
}

/// Nothing is put in force by looking, so whoever may look may do this.
pub(super) async fn show(visit: Visit, body: Bytes) -> Result<Response, TroublePage> {
    let mut fields = Fields::of(&body);
    drop(body);
    let (text, whole) = (fields.take("text"), fields.one("form") == "whole");
    let sent = Sent::new(&text, whole);
    let proposal = visit.site.service.proposal(text, whole).await.map_err(|refusal| visit.failed(refusal.problem()))?;
    let outcome = outcome(&proposal, visit.now);
    let shell = visit.shell(Tab::Inventory, "Preview a change");
    visit.page(&preview(shell, sent, Some(outcome)))
}

fn preview(shell: Shell, sent: Sent, outcome: Option<Outcome>) -> Preview {
    Preview { csrf: shell.may(Role::Viewer).unwrap_or_default(), shell, sent, outcome }
}

impl Sent {
    fn new(text: &str, whole: bool) -> Self {
        match text.len() > REPEATED {
            true => Self { text: String::new(), left_out: Some(text.len().div_ceil(1_000)), whole },
            false => Self { text: text.to_owned(), left_out: None, whole },
        }
    }
}

impl Lints {
    fn new(all: impl ExactSizeIterator<Item = Lint>) -> Self {
        Self { left_out: all.len().saturating_sub(LINTS), lints: all.take(LINTS).map(remark).collect() }
    }

    fn is_empty(&self) -> bool {
        self.lints.is_empty()
    }
}

fn remark(of: Lint) -> Remark {
    Remark {
        severity: Badge::new(of.severity),
        line: of.line,
        column: of.column,
        detail: plain_to(&of.detail, 400),
        remedy: plain_to(&of.remedy, 400),
    }
}

fn tally(remarks: &Remarks) -> String {
    [("error", Severity::Error), ("warning", Severity::Warning), ("note", Severity::Note)]
        .map(|(word, severity)| count(remarks.count(severity), word, &format!("{word}s")))
        .join(", ")
}

fn outcome(of: &Proposal, now: Time) -> Outcome {
    let lints = Some(Lints::new(of.lints.iter().map(Lint::from))).filter(|lints| !lints.is_empty());
    let Some(admission) = of.admission() else {
        let headline = "It cannot be used as it is".to_owned();
        let reasons = vec!["The remarks below say what is wrong, and what to write instead.".to_owned()];
        let (tally, changes, stands) = (String::new(), Vec::new(), Vec::new());
        return Outcome { level: "critical", headline, reasons, tally, changes, stands, past: None, lints };
    };
    let (level, headline) = headline(Reloaded::from(admission));
    let changes = admission.changes();
    let more = changes.count().saturating_sub(CHANGES);
    let first = changes.lines().take(CHANGES).map(|change| plain_to(&change, 300));
    Outcome {
        level,
        headline: headline.to_owned(),
        reasons: admission.reasons().iter().map(|reason| plain_to(&reason.to_string(), 300)).collect(),
        tally: counted(changes),
        changes: first.chain((more > 0).then(|| format!("… and {more} more"))).collect(),
        stands: of.names.iter().map(stands).collect(),
        past: of.past.as_ref().map(|past| self::past(past, now)),
        lints,
    }
}

fn headline(of: Reloaded) -> (&'static str, &'static str) {
    match of {
        Reloaded::Unchanged => ("", "It would change nothing"),
        Reloaded::Applied => ("", "A reload would put it in force"),
        Reloaded::Held => ("warning", "A reload would be held until a person applies it"),
        Reloaded::Broken => ("critical", "It cannot be used as it is"),
    }
}

fn counted(of: &Changes) -> String {
    let watches = |number| count(number, "watch", "watches");
    let (added, removed) = (watches(of.added.len()), watches(of.removed.len()));
    format!("{added} added, {removed} removed, {} changed", of.changed.len())
}

fn stands(of: &ProposedName) -> Stands {
    let (exposure, like) = match of.listed {
        true => ("taken", "yes, with those that stand there already"),
        false => ("exposed", "no: nobody has it yet"),
    };
    Stands { name: plain(&of.name), exposure: Badge::text(exposure), like }
}

fn past(of: &ProposedPast, now: Time) -> Past {
    let would = format!("{} and {}", count(of.tiers.page, "page", "pages"), count(of.tiers.alert, "alert", "alerts"));
    let seen = count(of.registrations, "registration", "registrations");
    let summary = format!("{would} of {seen} since {}, and {} weak", of.since.format("%F"), of.tiers.digest);
    Past { summary, told: of.told.iter().map(|told| self::told(told, now)).collect() }
}

fn told(of: &WouldTell, now: Time) -> Told {
    Told {
        project: plain(&of.project),
        tier: Badge::new(of.tier),
        watch: plain(&of.watch),
        rule: plain(&of.rule),
        at: When::new(of.registered_at, now),
    }
}
