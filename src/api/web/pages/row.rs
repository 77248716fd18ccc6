//! A case in a list: what it is, whom it is for, how it stands, in two lines.

use askama::Template;
use askama::filters::HtmlSafe;

use super::parts::{Badge, Marked, When, plain, plain_to, segment, word};
use super::words::pip;
use crate::api::v1::{Finding, WouldPipTake};
use crate::model::Time;

/// Letters of a name in a list; its page has all.
const NAME: usize = 80;

#[derive(Clone, Debug, Template)]
#[template(path = "row.html")]
pub(super) struct Row {
    key: String,
    id: String,
    link: String,
    project: String,
    tier: Badge,
    why: Marked,
    owner: String,
    /// Watches beside the first.
    more: usize,
    state: String,
    seen: When,
    pip: &'static str,
    is_taken: bool,
    note: Option<String>,
    choosable: bool,
}

impl HtmlSafe for Row {}

impl Row {
    /// `choosable`: with a box to choose it by.
    pub(super) fn new(of: &Finding, choosable: bool, now: Time) -> Self {
        let (first, id) = (of.threats.first(), name(of));
        Self {
            key: plain(&of.key),
            link: segment(&id),
            id,
            project: plain_to(&of.display, NAME),
            tier: Badge::new(of.tier),
            why: why(of),
            owner: first.map(|threat| plain(&threat.owner)).unwrap_or_default(),
            more: (of.threats.len() + of.more.iter().map(|more| more.watches).sum::<usize>()).saturating_sub(1),
            state: word(of.state).replace('-', " "),
            seen: When::new(of.seen_at, now),
            pip: pip(of.facts.would_pip_take),
            is_taken: of.facts.would_pip_take == WouldPipTake::Yes,
            note: of.note.as_deref().map(|note| plain_to(note, 80)),
            choosable,
        }
    }
}

/// The first sentence of the strongest explanation, without the name that it begins with.
pub(super) fn why(of: &Finding) -> Marked {
    let first = of.threats.first().and_then(|threat| threat.matches.first());
    let text = first.map(|found| found.explanation.as_str()).unwrap_or_default();
    let text = text.strip_prefix(of.project.as_str()).unwrap_or(text).trim_start();
    Marked::new(text.split_once(". ").map_or(text, |(sentence, _)| sentence).trim_end_matches('.'))
}

/// By what people call it; the key of one that has no number yet.
pub(super) fn name(of: &Finding) -> String {
    of.id.clone().unwrap_or_else(|| of.key.clone())
}
