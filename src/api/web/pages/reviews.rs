//! The gate's reviews: narrowed, searched, page by page. Where the gate does not answer, the page says so.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::parts::{Badge, Choice, Marked, When, address, choices, plain, plain_to};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::Visit;
use crate::api::v1::{Command, Page, Problem};
use crate::gate::{Review, ReviewState};
use crate::model::Time;

pub(super) const PATH: &str = "/gate/reviews";
/// Of a page.
const REVIEWS: usize = 50;
/// Users at hosts that a line names.
const PEERS: usize = 3;
/// A login and an address.
pub(super) const WHO: usize = 110;

/// What is asked for, as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    search: String,
    state: String,
    after: String,
}

#[derive(Template)]
#[template(path = "reviews.html")]
struct Reviews {
    shell: Shell,
    search: String,
    states: Vec<Choice>,
    rows: Vec<Row>,
    /// Why there is no list.
    refused: Option<Marked>,
    empty: &'static str,
    first: Option<String>,
    next: Option<String>,
}

/// A review in two lines.
struct Row {
    id: i64,
    release: String,
    state: Badge,
    why: String,
    asked: String,
    last: When,
}

const STATES: [(&str, &str); 5] = [
    ("", "open"),
    ("approved", "approved"),
    ("rejected", "rejected"),
    ("matured", "closed by themselves"),
    ("all", "any"),
];

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, TroublePage> {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let state = wanted.state();
    let command =
        Command::GateReviews { state, search: some(&wanted.search), after: some(&wanted.after), limit: Some(REVIEWS) };
    let found: Result<Page<Review>, Problem> = visit.try_ask(command).await;
    visit.page(&page(&wanted, found, visit.shell(Tab::Gate, "Reviews of the gate"), visit.now))
}

fn page(wanted: &Wanted, found: Result<Page<Review>, Problem>, shell: Shell, now: Time) -> Reviews {
    let (page, refused) = match found {
        Ok(page) => (page, None),
        Err(problem) => (
            Page { items: Vec::new(), next: None, total: None },
            Some(Marked::new(&plain_to(&problem.to_string(), 400))),
        ),
    };
    let is_narrow = !wanted.search.is_empty() || !wanted.state.is_empty();
    Reviews {
        shell,
        search: plain(&wanted.search),
        states: choices(STATES, &wanted.state),
        rows: page.items.iter().map(|review| row(review, now)).collect(),
        refused,
        empty: if is_narrow { "No review is like this." } else { "Nothing is held that anybody waits for." },
        first: (!wanted.after.is_empty()).then(|| wanted.address("")),
        next: page.next.map(|next| wanted.address(&next)),
    }
}

impl Wanted {
    /// One that is none shows what is open, as none does.
    fn state(&self) -> Option<ReviewState> {
        match self.state.as_str() {
            "all" => None,
            word => Some(serde_json::from_value(word.into()).unwrap_or(ReviewState::Open)),
        }
    }

    fn address(&self, after: &str) -> String {
        address(PATH, &[("search", &self.search), ("state", &self.state), ("after", after)])
    }
}

fn row(of: &Review, now: Time) -> Row {
    Row {
        id: of.id,
        release: release(of),
        state: Badge::new(of.state),
        why: plain_to(&of.why, 200),
        asked: asked(of),
        last: When::new(of.last_asked, now),
    }
}

/// Its project and its version are a stranger's.
pub(super) fn release(of: &Review) -> String {
    plain_to(&format!("{}=={}", of.project, of.version), 120)
}

fn asked(of: &Review) -> String {
    if of.times_asked == 0 {
        return "nobody has asked for it yet".to_owned();
    }
    let (who, others) = of.asked_by.first(PEERS, |who| plain_to(who, WHO));
    let others = if others > 0 || of.more_peers { " and others" } else { "" };
    let times = if of.times_asked == 1 { "once".to_owned() } else { format!("{} times", of.times_asked) };
    format!("asked for {times}, by {who}{others}")
}
