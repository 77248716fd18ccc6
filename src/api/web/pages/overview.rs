//! The first page: are we covered, what threatens us, and who is on it.

use askama::Template;
use axum::response::Response;

use super::parts::{Drawn, Marked, Swatch, When, is_short};
use super::row::Row;
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::Visit;
use super::words::{headline, place, upper};
use crate::api::first_look::{errand, shown_of, threats, whom};
use crate::api::v1::{Command, Finding, GateStanding, Glance, Page, Status, Waits};
use crate::model::Time;
use crate::model::count;
use crate::model::report::Bar;
use crate::reports::board;

/// Cases that are shown; the list has the rest.
const CASES: usize = 8;
const WAITS: usize = 12;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    shell: Shell,
    /// `ok`, `warning` or `critical`, for the edge of the first box.
    level: String,
    headline: &'static str,
    covered: String,
    worries: Vec<Marked>,
    /// What is open, each leading to its list.
    counts: Vec<Count>,
    threats: Vec<Row>,
    /// Said where nothing threatens.
    calm: String,
    /// What was seen of thirty days.
    strip: Drawn,
    cases: Drawn,
    hours: Drawn,
    waits: Vec<Waiting>,
    /// Of what waits: it is in the report.
    left_out: usize,
    /// Its legend stands beside it, each word a way to its names.
    ring: Ring,
    standing: Vec<Standing>,
}

/// A number that leads to what it counts.
struct Count {
    number: u64,
    word: &'static str,
    link: &'static str,
}

impl Count {
    /// What there is none of steps back behind what there is.
    fn is_none(&self) -> bool {
        self.number == 0
    }
}

/// A line of what waits for whom.
struct Waiting {
    whom: String,
    /// It stays on one line.
    is_short: bool,
    what: String,
    link: &'static str,
    since: Option<When>,
}

/// How all names stand, and the same in words.
struct Ring {
    svg: String,
    text: String,
}

/// How many names stand so.
struct Standing {
    word: &'static str,
    swatch: Swatch,
    names: usize,
}

pub(super) async fn show(visit: Visit) -> Result<Response, TroublePage> {
    let glance: Glance = visit.ask(Command::Glance).await?;
    let threats: Page<Finding> = visit.ask(Command::Findings { filter: threats(CASES) }).await?;
    let gate: GateStanding = visit.ask(Command::Gate).await?;
    visit.page(&page(&glance, &threats.items, &gate, visit.live(Tab::Overview, "Overview")))
}

fn page(glance: &Glance, threats: &[Finding], gate: &GateStanding, shell: Shell) -> Overview {
    let (status, now) = (&glance.status, glance.status.now);
    let (waits, left_out) = shown_of(&glance.waits, WAITS);
    let standing = board::standings(|word| exposed(status, word));
    let names = standing.iter().map(|(word, _, names)| (*word, *names)).collect();
    Overview {
        shell,
        level: super::parts::word(status.level),
        headline: headline(status),
        covered: format!("{}.", upper(&status.covered)),
        worries: status.worries.iter().map(|worry| Marked::new(worry)).collect(),
        counts: counts(status, gate),
        threats: threats.iter().map(|finding| Row::new(finding, false, now)).collect(),
        calm: calm(status),
        strip: strip(glance, now).into(),
        cases: board::cases(bars(glance), now).into(),
        hours: hours(glance, now).into(),
        waits: waits.into_iter().map(|waits| waiting(waits, now)).collect(),
        left_out,
        ring: ring(names),
        standing: standing.into_iter().map(|(word, colour, names)| stands(word, colour, names)).collect(),
    }
}

fn exposed(status: &Status, word: &str) -> usize {
    status.watches.iter().filter(|of| of.exposure == word).map(|of| of.watches).sum()
}

fn ring(names: Vec<(&'static str, usize)>) -> Ring {
    let board::Picture { narrow: svg, text, .. } = board::ring(names);
    Ring { svg, text }
}

fn stands(word: &'static str, colour: String, names: usize) -> Standing {
    Standing { word, swatch: Swatch { colour }, names }
}

fn counts(status: &Status, gate: &GateStanding) -> Vec<Count> {
    let of = &status.overview;
    let count = |number, [one, many]: [&'static str; 2], link| Count {
        number,
        word: if number == 1 { one } else { many },
        link,
    };
    // Where no gate runs, nothing waits at one.
    let words = ["install waits for a review", "installs wait for a review"];
    let held = gate.running.then(|| count(gate.open, words, "/gate/reviews"));
    let open = vec![
        count(of.pages.cases, ["page", "pages"], "/findings?tier=page"),
        count(
            of.pages.unacknowledged,
            ["page that nobody is on", "pages that nobody is on"],
            "/findings?tier=page&state=open",
        ),
        count(of.alerts.cases, ["alert", "alerts"], "/findings?tier=alert"),
        count(
            of.alerts.unacknowledged,
            ["alert that nobody is on", "alerts that nobody is on"],
            "/findings?tier=alert&state=open",
        ),
        count(of.weak, ["weak resemblance", "weak resemblances"], "/findings"),
        count(of.untold, ["page not delivered", "pages not delivered"], "/health"),
        count(status.health.len() as u64, ["health case", "health cases"], "/health"),
    ];
    open.into_iter().chain(held).collect()
}

/// What there is beside pages and alerts.
fn calm(status: &Status) -> String {
    let weak = count(status.overview.weak, "weak resemblance waits", "weak resemblances wait");
    format!("{} projects are known; {weak} for the digest.", status.projects)
}

fn waiting(of: &Waits, now: Time) -> Waiting {
    let whom = whom(of);
    Waiting {
        is_short: is_short(&whom),
        whom,
        what: errand(of),
        link: place(of),
        since: of.since.map(|since| When::new(since, now)),
    }
}

/// New cases, day by day.
fn bars(glance: &Glance) -> Vec<Bar> {
    let bar = |day: &crate::api::v1::Day| Bar {
        from: day.from,
        pages: day.pages as usize,
        alerts: day.alerts as usize,
        digests: day.digests as usize,
    };
    glance.days.iter().map(bar).collect()
}

/// Registrations of two days.
fn hours(glance: &Glance, now: Time) -> board::Picture {
    let counts = glance.hours.iter().map(|hour| hour.registrations).collect();
    board::hours(glance.hours.first().map_or(now, |hour| hour.from), counts)
}

fn strip(glance: &Glance, now: Time) -> board::Picture {
    let of = |feed: &str| {
        let seen = glance.seen.iter().filter(|seen| seen.feed == feed);
        seen.map(|seen| (seen.from, seen.to)).collect()
    };
    let blind = glance.blind.iter().map(|blind| (blind.what.as_str(), (blind.from, blind.to)));
    board::coverage((glance.since, now), (of("changelog"), of("index")), blind)
}
