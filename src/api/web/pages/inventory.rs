//! The watches in force: how each stands, whose it is, and how many cases it has.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::findings::owners;
use super::parts::{Badge, Choice, When, address, choices, is_short, plain};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::Visit;
use crate::api::v1::{Command, Exposure, Page, Problem, Watch};
use crate::messages::hostile::without_credentials;
use crate::messages::phrase::listed;
use crate::model::Time;

const PATH: &str = "/inventory";
/// Watches of a page.
const WATCHES: usize = 100;
const LISTED: usize = 6;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    search: String,
    exposure: String,
    owner: String,
    after: String,
}

#[derive(Template)]
#[template(path = "inventory.html")]
struct Inventory {
    shell: Shell,
    search: String,
    exposures: Vec<Choice>,
    owners: Vec<Choice>,
    rows: Vec<Row>,
    refused: Option<String>,
    empty: &'static str,
    first: Option<String>,
    next: Option<String>,
}

/// One watch.
struct Row {
    watch: String,
    label: String,
    link: String,
    owner: String,
    /// The owner stays on one line.
    is_short: bool,
    exposure: Badge,
    since: Option<When>,
    shielded_by: Option<String>,
    guarded: bool,
    listed: Option<String>,
    yours: String,
}

const EXPOSURES: [(&str, &str); 9] = [
    ("", "any"),
    ("taken", "taken"),
    ("exposed", "exposed"),
    ("removed", "removed"),
    ("quarantined", "quarantined"),
    ("shielded", "shielded"),
    ("ours", "ours"),
    ("refused", "refused"),
    ("unknown", "not known"),
];

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, TroublePage> {
    let found: Result<Page<Watch>, Problem> = visit.try_ask(wanted.command()).await;
    let (shell, owners) = (visit.live(Tab::Inventory, "Inventory"), owners(&visit, &wanted.owner));
    visit.page(&page(&wanted, found, owners, shell, visit.now))
}

fn page(
    wanted: &Wanted,
    found: Result<Page<Watch>, Problem>,
    owners: Vec<Choice>,
    shell: Shell,
    now: Time,
) -> Inventory {
    let (page, refused) = match found {
        Ok(page) => (page, None),
        Err(problem) => (Page { items: Vec::new(), next: None, total: None }, Some(plain(&problem.to_string()))),
    };
    let is_narrow = !(wanted.search.is_empty() && wanted.exposure.is_empty() && wanted.owner.is_empty());
    Inventory {
        shell,
        search: plain(&wanted.search),
        exposures: choices(EXPOSURES, &wanted.exposure),
        owners,
        rows: page.items.iter().map(|watch| row(watch, now)).collect(),
        refused,
        empty: if is_narrow { "No watch is like this." } else { "Nothing is watched." },
        first: (!wanted.after.is_empty()).then(|| wanted.address("")),
        next: page.next.map(|next| wanted.address(&next)),
    }
}

impl Wanted {
    fn command(&self) -> Command {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let exposure: Option<Exposure> = serde_json::from_value(self.exposure.as_str().into()).ok();
        let (owner, search, after) = (some(&self.owner), some(&self.search), some(&self.after));
        Command::Watches { owner, exposure, search, after, limit: Some(WATCHES) }
    }

    fn address(&self, after: &str) -> String {
        let query =
            [("search", self.search.as_str()), ("exposure", &self.exposure), ("owner", &self.owner), ("after", after)];
        address(PATH, &query)
    }
}

fn row(of: &Watch, now: Time) -> Row {
    let listed: Vec<String> = of.listed.iter().map(|name| plain(name)).collect();
    Row {
        link: url::form_urlencoded::byte_serialize(of.watch.as_bytes()).collect(),
        watch: plain(&of.watch),
        label: plain(&of.label),
        owner: plain(&of.owner),
        is_short: is_short(&of.owner),
        exposure: Badge::text(exposure(of)),
        since: of.since.map(|since| When::new(since, now)),
        shielded_by: of.shielded_by.as_deref().filter(|by| !by.is_empty()).map(plain),
        guarded: of.guarded,
        listed: (!listed.is_empty()).then(|| format!("also {}", self::listed(&listed, LISTED))),
        yours: yours(of),
    }
}

/// Nobody can register a prefix or a brand word.
fn exposure(of: &Watch) -> &'static str {
    match (of.exposure, of.exclusive) {
        (Exposure::Unknown, true) => "exclusive",
        (Exposure::Unknown, false) => "unknown",
        (known, _) => known.as_str(),
    }
}

/// What the inventory says of it.
fn yours(of: &Watch) -> String {
    let version = of.latest_version.as_deref().map(|version| format!("version {}", plain(version)));
    let used = of.first_use.map(|day| format!("in use since {day}"));
    let index = of.index.as_deref().map(|index| format!("from {}", without_credentials(index)));
    let parts: Vec<String> = [version, used, index].into_iter().flatten().collect();
    if parts.is_empty() { "nothing said".to_owned() } else { parts.join(", ") }
}
