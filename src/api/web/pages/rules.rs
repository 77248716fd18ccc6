//! What the matcher knows, and how often each rule found something.

use askama::Template;
use axum::response::Response;

use super::shell::{Shell, Tab};
use super::trouble::TroublePage;
use super::visit::Visit;
use crate::api::v1::Rule;
use crate::matcher::RULES;

#[derive(Template)]
#[template(path = "rules.html")]
struct Rules {
    shell: Shell,
    rules: Vec<Line>,
}

/// One rule, with two names of which it holds.
struct Line {
    id: String,
    holds: String,
    name: String,
    watch: String,
    attacker: String,
    sources: String,
}

pub(super) async fn show(visit: Visit) -> Result<Response, TroublePage> {
    let rules = RULES.iter().map(|spec| line(Rule::from(spec))).collect();
    visit.page(&Rules { shell: visit.shell(Tab::Rules, "Rules"), rules })
}

fn line(of: Rule) -> Line {
    let Rule { rule, holds_when, attacker, sources, example } = of;
    Line { id: rule, holds: holds_when, name: example.name, watch: example.watch, attacker, sources }
}
