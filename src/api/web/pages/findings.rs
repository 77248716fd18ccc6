//! The list of cases: narrowed, searched, in an order, page by page; and what is decided about several at once.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::flash::Flash;
use super::parts::{Choice, address, choices, plain};
use super::row::Row;
use super::shell::{Shell, Tab};
use super::tally::Tally;
use super::trouble::TroublePage;
use super::visit::{Fields, Visit};
use crate::api::v1::{
    Command, Decision, Filter, Finding, FindingState, Order, Page, Problem, ProblemType, Ruled, RuledCase, Tier,
};
use crate::messages::phrase::clock;
use crate::model::{Role, count};

const PATH: &str = "/findings";
/// Cases of a page, which stays below 100 KB with the longest names.
const CASES: usize = 50;

/// What is asked for, as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    search: String,
    tier: String,
    state: String,
    owner: String,
    watch: String,
    sort: String,
    after: String,
}

#[derive(Template)]
#[template(path = "findings.html")]
struct Findings {
    shell: Shell,
    filter: Wanted,
    summary: String,
    tiers: Vec<Choice>,
    states: Vec<Choice>,
    owners: Vec<Choice>,
    sorts: Vec<Choice>,
    rows: Vec<Row>,
    /// Why there is no list.
    refused: Option<String>,
    empty: &'static str,
    csrf: Option<String>,
    back: String,
    first: Option<String>,
    next: Option<String>,
}

const TIERS: [(&str, &str); 4] = [("", "any"), ("page", "page"), ("alert", "alert or page"), ("digest", "all tiers")];
const STATES: [(&str, &str); 6] = [
    ("", "not closed"),
    ("open", "open"),
    ("acknowledged", "acknowledged"),
    ("closed", "closed"),
    ("pre-existing", "stood before"),
    ("all", "any"),
];
const SORTS: [(&str, &str); 2] = [("", "most urgent"), ("newest", "newest")];

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, TroublePage> {
    let found: Result<Page<Finding>, Problem> = visit.try_ask(Command::Findings { filter: wanted.filter() }).await;
    let shell = visit.live(Tab::Findings, "Findings");
    let (owners, tally) = (owners(&visit, &wanted.owner), wanted.tally(&visit).await);
    visit.page(&page(&visit, wanted, (found, tally.as_ref()), owners, shell))
}

fn page(
    visit: &Visit,
    wanted: Wanted,
    (found, tally): (Result<Page<Finding>, Problem>, Option<&Tally>),
    owners: Vec<Choice>,
    shell: Shell,
) -> Findings {
    let csrf = shell.may(Role::Responder);
    let (page, refused) = match found {
        Ok(page) => (page, None),
        Err(problem) => (Page { items: Vec::new(), next: None, total: Some(0) }, Some(plain(&problem.to_string()))),
    };
    let rows = page.items.iter().map(|finding| Row::new(finding, csrf.is_some(), visit.now));
    let is_first = wanted.after.is_empty();
    Findings {
        rows: rows.collect(),
        summary: wanted.summary(page.items.len(), page.total, page.next.is_some()),
        tiers: counted(&TIERS, &wanted.tier, tally, |tier| Wanted { tier, ..wanted.clone() }),
        states: counted(&STATES, &wanted.state, tally, |state| Wanted { state, ..wanted.clone() }),
        owners,
        sorts: choices(SORTS, &wanted.sort),
        refused,
        empty: if wanted.is_narrow() { "No case is like this. Show fewer restrictions." } else { "No case is open." },
        csrf,
        back: wanted.address(&wanted.after),
        first: (!is_first).then(|| wanted.address("")),
        next: page.next.map(|next| wanted.address(&next)),
        filter: Wanted { search: plain(&wanted.search), ..wanted },
        shell,
    }
}

/// A list to choose from, each with how many cases the page would have by it, where that is known.
fn counted(
    all: &[(&'static str, &'static str)],
    chosen: &str,
    tally: Option<&Tally>,
    by: impl Fn(String) -> Wanted,
) -> Vec<Choice> {
    let word = |(value, word): &(&'static str, &'static str)| {
        let wanted = by((*value).to_owned());
        let cases = tally.and_then(|tally| tally.count(wanted.tier(), &wanted.states()));
        (*value, cases.map_or_else(|| (*word).to_owned(), |cases| format!("{word} ({cases})")))
    };
    let words: Vec<(&str, String)> = all.iter().map(word).collect();
    choices(words.iter().map(|(value, word)| (*value, word.as_str())), chosen)
}

/// Those of the inventory.
pub(super) fn owners(visit: &Visit, chosen: &str) -> Vec<Choice> {
    let inventory = visit.site.service.watchlist.borrow().inventory.clone();
    let mut all: Vec<(&str, &str)> =
        inventory.owners.keys().map(|owner| (owner.0.as_str(), owner.0.as_str())).collect();
    let is_known = chosen.is_empty() || all.iter().any(|(owner, _)| *owner == chosen);
    all.insert(0, ("", "everybody"));
    all.extend((!is_known).then_some((chosen, chosen)));
    choices(all, chosen)
}

impl Wanted {
    fn filter(&self) -> Filter {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Filter {
            owner: some(&self.owner),
            states: self.states(),
            at_least: self.tier(),
            watch: some(&self.watch),
            search: some(&self.search),
            order: if self.sort == "newest" { Order::Newest } else { Order::Urgent },
            after: some(&self.after),
            limit: Some(CASES),
            ..Filter::default()
        }
    }

    fn tier(&self) -> Option<Tier> {
        match self.tier.as_str() {
            "page" => Some(Tier::Page),
            "alert" => Some(Tier::Alert),
            _ => None,
        }
    }

    fn states(&self) -> Vec<FindingState> {
        use FindingState::{Acknowledged, Open, Ours, PreExisting, Removed, Resolved, Suppressed, Unwatched};
        match self.state.as_str() {
            "all" => Vec::new(),
            "open" => vec![Open],
            "acknowledged" => vec![Acknowledged],
            "closed" => vec![Resolved, Suppressed, Ours, Removed, Unwatched],
            "pre-existing" => vec![PreExisting],
            _ => vec![Open, Acknowledged],
        }
    }

    /// What is behind each choice, where nothing narrows the list but what is counted.
    async fn tally(&self, visit: &Visit) -> Option<Tally> {
        let is_counted = self.search.is_empty() && self.watch.is_empty();
        let owner = Some(self.owner.clone()).filter(|owner| !owner.is_empty());
        if is_counted { Tally::of(visit, owner).await } else { None }
    }

    fn is_narrow(&self) -> bool {
        let narrowed = [&self.search, &self.tier, &self.state, &self.owner, &self.watch];
        narrowed.iter().any(|text| !text.is_empty())
    }

    /// The same list, behind this place.
    fn address(&self, after: &str) -> String {
        let query = [
            ("search", self.search.as_str()),
            ("tier", &self.tier),
            ("state", &self.state),
            ("owner", &self.owner),
            ("watch", &self.watch),
            ("sort", &self.sort),
            ("after", after),
        ];
        address(PATH, &query)
    }

    fn summary(&self, shown: usize, total: Option<u64>, more: bool) -> String {
        let watch = if self.watch.is_empty() { String::new() } else { format!(" of {}", plain(&self.watch)) };
        let cases = count(shown, "case", "cases");
        if let Some(total) = total {
            let here = if total == shown as u64 { String::new() } else { format!(", {shown} of them on this page") };
            return format!("{}{watch}{here}", count(total, "case", "cases"));
        }
        let more = if more { ", and more follow" } else { "" };
        format!("{cases}{watch} on this page{more}")
    }
}

/// What somebody decided, about one or several.
pub(super) async fn judge(visit: Visit, body: Bytes) -> Result<Response, TroublePage> {
    let fields = Fields::of(&body);
    let back = fields.some("back").unwrap_or_else(|| PATH.to_owned());
    let cases = fields.all("case");
    if cases.is_empty() {
        return Ok(visit.done(&Flash::new(false, ["Nothing was chosen: tick a case first.".to_owned()]), &back));
    }
    let decision = decision(fields.one("decision")).map_err(|problem| visit.failed(problem))?;
    if decision == Decision::Suppress && fields.some("note").is_none() {
        let why = "Say why it is harmless: whoever looks next has to know.".to_owned();
        return Ok(visit.done(&Flash::new(false, [why]), &back));
    }
    let command = Command::Judge { cases, decision, who: String::new(), note: fields.some("note") };
    let ruled: Vec<Ruled> = visit.ask(command).await?;
    Ok(visit.done(&said(&ruled), &back))
}

/// What somebody put off.
pub(super) async fn snooze(visit: Visit, body: Bytes) -> Result<Response, TroublePage> {
    let fields = Fields::of(&body);
    let back = fields.some("back").unwrap_or_else(|| PATH.to_owned());
    let minutes = fields.one("minutes").parse().unwrap_or_default();
    let command = Command::Snooze { cases: fields.all("case"), minutes, who: String::new(), note: fields.some("note") };
    let ruled: Vec<Ruled> = visit.ask(command).await?;
    Ok(visit.done(&said(&ruled), &back))
}

fn decision(word: &str) -> Result<Decision, Problem> {
    serde_json::from_value(word.into()).map_err(|_| {
        let detail = format!("{word:?} is no decision about a case");
        Problem::new(ProblemType::BadValue, detail).with("acknowledge, resolve, suppress or reopen it")
    })
}

fn said(ruled: &[Ruled]) -> Flash {
    let line = |ruled: &Ruled| match &ruled.case {
        Some(case) => outcome(case),
        None => format!("There is no case {}.", ruled.asked),
    };
    Flash::new(ruled.iter().all(|ruled| ruled.case.is_some()), ruled.iter().map(line))
}

fn outcome(of: &RuledCase) -> String {
    let name = of.id.as_deref().unwrap_or(&of.key);
    let state = super::parts::word(of.state);
    if let Some(until) = of.snoozed_until.filter(|_| of.changed) {
        return format!("{name} is snoozed until {}.", clock(until));
    }
    if of.changed { format!("{name} is now {state}.") } else { format!("{name} is {state} already.") }
}
