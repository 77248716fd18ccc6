//! Reports: one to look at, and its forms to take along.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

use super::findings::owners;
use super::parts::{Choice, Drawn, Marked, SHORT};
use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::Visit;
use crate::api::v1::{Command, Problem, ProblemType, ReportForm};
use crate::messages::marks::Piece;
use crate::model::Time;
use crate::reports::board::{self, Board, BoardBlock, BoardPart};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    owner: String,
    /// A day, as a field of a form has it, or a moment, as links of messages have it.
    since: String,
    show: String,
    form: String,
}

#[derive(Template)]
#[template(path = "reports.html")]
struct Reports {
    shell: Shell,
    owners: Vec<Choice>,
    since: String,
    refused: Option<Marked>,
    report: Option<Report>,
}

/// A report in parts, each table cut where it is long.
struct Report {
    kicker: String,
    verdict: String,
    quiet: bool,
    lead: Vec<Marked>,
    figures: Vec<(&'static str, Marked)>,
    parts: Vec<Part>,
    closing: String,
}

/// A part of it, under a title.
struct Part {
    title: &'static str,
    blocks: Vec<Block>,
}

enum Block {
    Text(Marked),
    Chart(Drawn),
    Table(Table),
}

struct Table {
    caption: &'static str,
    head: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
struct Cell {
    /// Its column, which a telephone shows beside it.
    of: &'static str,
    text: Marked,
    /// It stays on one line.
    is_short: bool,
}

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, TroublePage> {
    let (report, refused) = match report(&visit, &wanted).await {
        Ok(report) => (report.map(Report::from), None),
        Err(problem) => (None, Some(Marked::new(&problem.to_string()))),
    };
    let owners = owners(&visit, &wanted.owner);
    let since = wanted.since().ok().flatten().map(|since| since.format("%F").to_string()).unwrap_or_default();
    let shell = visit.shell(Tab::Reports, "Reports");
    visit.page(&Reports { shell, owners, since, refused, report })
}

async fn report(visit: &Visit, wanted: &Wanted) -> Result<Option<Board>, Problem> {
    if wanted.show.is_empty() {
        return Ok(None);
    }
    let report = visit.site.service.report(wanted.owner(), wanted.since()?).await;
    report.map(|report| Some(board::board(&report))).map_err(|refusal| refusal.problem())
}

/// A file, for whoever keeps or passes it on.
pub(super) async fn file(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, TroublePage> {
    let (form, name) = wanted.form().map_err(|problem| visit.failed(problem))?;
    let since = wanted.since().map_err(|problem| visit.failed(problem))?;
    let command = Command::ReportFile { owner: wanted.owner(), since, form };
    visit.take(&command, &format!("namewarden-{}-{name}", visit.now.format("%F"))).await
}

impl Wanted {
    fn owner(&self) -> Option<String> {
        Some(self.owner.clone()).filter(|owner| !owner.is_empty())
    }

    fn since(&self) -> Result<Option<Time>, Problem> {
        if self.since.is_empty() {
            return Ok(None);
        }
        if let Ok(moment) = self.since.parse::<Time>() {
            return Ok(Some(moment));
        }
        let day = self.since.parse::<chrono::NaiveDate>().ok().and_then(|day| day.and_hms_opt(0, 0, 0));
        let bad =
            || Problem::new(ProblemType::BadValue, format!("{:?} is no day", self.since)).with("write 2026-11-20");
        day.map(|day| Some(day.and_utc())).ok_or_else(bad)
    }

    fn form(&self) -> Result<(ReportForm, &'static str), Problem> {
        match self.form.as_str() {
            "html" => Ok((ReportForm::Html, "report.html")),
            "text" => Ok((ReportForm::Text, "report.txt")),
            "json" => Ok((ReportForm::Json, "report.json")),
            "watches" => Ok((ReportForm::Watches, "names.csv")),
            "cases" => Ok((ReportForm::Cases, "cases.csv")),
            "reviews" => Ok((ReportForm::Reviews, "reviews.csv")),
            other => {
                let problem = Problem::new(ProblemType::BadValue, format!("{other:?} is no form of a report"));
                Err(problem.with("ask for html, text, json, watches, cases or reviews"))
            }
        }
    }
}

impl From<Board> for Report {
    fn from(of: Board) -> Self {
        Self {
            kicker: of.kicker,
            verdict: of.verdict,
            quiet: of.quiet,
            lead: of.lead.into_iter().map(Marked::of).collect(),
            figures: of.figures.into_iter().map(|(label, value)| (label, Marked::of(value))).collect(),
            parts: of.parts.into_iter().map(part).collect(),
            closing: of.closing,
        }
    }
}

fn part(BoardPart { title, blocks }: BoardPart) -> Part {
    Part { title, blocks: blocks.into_iter().map(block).collect() }
}

fn block(of: BoardBlock) -> Block {
    match of {
        BoardBlock::Text(text) => Block::Text(Marked::of(text)),
        BoardBlock::Chart(picture) => Block::Chart(picture.into()),
        BoardBlock::Table { caption, head, rows } => {
            let cells = |row: Vec<Vec<Piece>>| head.iter().copied().zip(row).map(|(of, text)| cell(of, text)).collect();
            let rows = rows.into_iter().map(cells).collect();
            Block::Table(Table { caption, head, rows })
        }
    }
}

fn cell(of: &'static str, text: Vec<Piece>) -> Cell {
    let letters: usize = text.iter().map(|piece| piece.text.chars().count()).sum();
    Cell { of, is_short: letters <= SHORT, text: Marked::of(text) }
}
