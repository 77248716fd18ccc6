//! A message before it has a form: what every channel says, in one order.

pub(crate) use crate::model::count;
use crate::model::notice::{Briefing, Content, NoticeEvent};
use crate::model::{Tier, Time};

use super::{canary, cases, health, standing, subject};

/// How a message looks before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Page,
    Alert,
    Digest,
    /// Something is over.
    Good,
}

/// One message, in the order in which every form shows it. Every text is capped and on one line, with code between
/// backticks (`marks`); renderers escape all of it for their destination, and only `Card::page` may become a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) tier: Tier,
    pub(crate) tone: Tone,
    /// `page`, `alert`, `digest`, or `ended` where a threat or a trouble of the watch is over.
    pub(crate) mark: &'static str,
    /// One line, starting with `[mark]`. Without marks of code.
    pub(crate) subject: String,
    /// `PAGE: registered on PyPI, for ML platform`.
    pub(crate) kicker: String,
    /// How bad it is, in a few words: the largest of the message.
    pub(crate) verdict: String,
    /// Whose name, in a line below.
    pub(crate) about: String,
    /// Paragraphs: why, and what changed.
    pub(crate) lead: Vec<String>,
    pub(crate) answer: Option<Answer>,
    /// What to do now, in order.
    pub(crate) steps: Vec<Step>,
    pub(crate) cards: Vec<Card>,
    /// What did not get a card, a line each.
    pub(crate) more: Vec<String>,
    /// Where the rest is, for a form that has no room for all of it.
    pub(crate) overflow: String,
    /// Coverage, and who was told by which notice.
    pub(crate) closing: Vec<String>,
}

/// One project, or one thing wrong, with what is known about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) title: String,
    /// The project's public page: computed by us from the normalized name.
    pub(crate) page: Option<String>,
    pub(crate) rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) label: &'static str,
    pub(crate) value: String,
}

impl Layout {
    /// What stands beside the subject before anything is opened: the verdict in a sentence and what goes with it, then
    /// the command to answer with.
    pub(crate) fn gist(&self) -> Vec<&str> {
        let mut gist: Vec<&str> = self.lead.iter().take(2).map(String::as_str).collect();
        if gist.is_empty() {
            gist.push(&self.verdict);
        }
        gist.extend(self.answer.iter().map(|answer| answer.command.as_str()));
        gist
    }
}

impl Card {
    pub(crate) fn row(&mut self, label: &'static str, value: impl Into<String>) {
        self.rows.push(Row { label, value: value.into() });
    }

    pub(crate) fn row_if(&mut self, label: &'static str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.row(label, value);
        }
    }
}

/// The one command that a message asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) title: &'static str,
    pub(crate) command: String,
    /// Where it is run, and what comes of it.
    pub(crate) text: String,
}

/// Something to do, with the command that does it where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) text: String,
    pub(crate) command: Option<String>,
}

impl Step {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), command: None }
    }

    pub(crate) fn run(text: impl Into<String>, command: impl Into<String>) -> Self {
        Self { text: text.into(), command: Some(command.into()) }
    }
}

/// Composes the message of a briefing.
pub(crate) fn compose(briefing: &Briefing) -> Layout {
    let mut layout = Layout {
        tier: briefing.tier,
        tone: tone(briefing),
        mark: mark(briefing),
        subject: format!("[{}] {}", mark(briefing), subject::headline(briefing)),
        kicker: kicker(briefing),
        verdict: String::new(),
        about: String::new(),
        lead: Vec::new(),
        answer: None,
        steps: Vec::new(),
        cards: Vec::new(),
        more: Vec::new(),
        overflow: "There is more: `namewarden findings list`".to_owned(),
        closing: closing(briefing),
    };
    match &briefing.content {
        Content::Cases { cases, omitted, change } => {
            cases::fill(&mut layout, briefing, cases, *omitted, change.as_deref());
        }
        Content::Startup { .. } => standing::startup(&mut layout, briefing),
        Content::Unwatched { watches, closed } => standing::unwatched(&mut layout, watches, *closed),
        Content::Health { cases, others } => health::fill(&mut layout, briefing, cases, others),
        Content::Proof { overview } => canary::fill(&mut layout, briefing, overview.as_deref()),
    }
    layout
}

/// What a list of subjects shows first.
fn mark(briefing: &Briefing) -> &'static str {
    if is_end(briefing) { "ended" } else { briefing.tier.as_str() }
}

/// Something is over: a threat, or all that was wrong with the watch.
pub(crate) fn is_end(briefing: &Briefing) -> bool {
    match &briefing.content {
        Content::Health { cases, others } => others.is_empty() && cases.iter().all(|case| case.until.is_some()),
        _ => briefing.event == NoticeEvent::Ended,
    }
}

fn tone(briefing: &Briefing) -> Tone {
    let over = match &briefing.content {
        Content::Health { .. } => is_end(briefing),
        Content::Cases { cases, .. } => !cases.is_empty() && cases.iter().all(cases::is_over),
        Content::Startup { .. } | Content::Unwatched { .. } | Content::Proof { .. } => false,
    };
    match briefing.tier {
        _ if over => Tone::Good,
        Tier::Page => Tone::Page,
        Tier::Alert => Tone::Alert,
        Tier::Digest => Tone::Digest,
    }
}

/// The tier as a word, what kind of message this is, and for whom.
fn kicker(briefing: &Briefing) -> String {
    format!("{}: {}, for {}", mark(briefing).to_uppercase(), subject::occasion(briefing), owner(briefing))
}

fn closing(briefing: &Briefing) -> Vec<String> {
    let mut lines = Vec::new();
    if !briefing.coverage.is_empty() {
        lines.push(format!("Seen so far: {}.", super::hostile::shown(&briefing.coverage, 300)));
    }
    lines.push(format!(
        "From {} to {} at {}; notice {}.",
        origin(briefing),
        owner(briefing),
        clock(briefing.at),
        super::hostile::shown(&briefing.key.0, 64)
    ));
    lines
}

/// The owner as people call them.
pub(crate) fn owner(briefing: &Briefing) -> String {
    let name = if briefing.owner_name.is_empty() { &briefing.owner.0 } else { &briefing.owner_name };
    super::hostile::shown(name, 80)
}

/// The watch that speaks: `watch-1 (production)`.
pub(crate) fn origin(briefing: &Briefing) -> String {
    let origin = super::hostile::shown(&briefing.origin.to_string(), 150);
    if origin.is_empty() { "namewarden".to_owned() } else { origin }
}

/// `2022-12-25 22:05:11 UTC`.
pub(crate) fn clock(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// How long, in the largest unit that says enough: `4 s`, `12 min`, `3 h`, `5 days`.
pub(crate) fn span(from: Time, to: Time) -> String {
    match (to - from).num_seconds().max(0) {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", s / 60),
        s @ 7_200..172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

/// The first `cap` of a list, and how many follow.
pub(crate) fn listed(items: &[String], cap: usize) -> String {
    let head = items.iter().take(cap).cloned().collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(cap) {
        0 => head,
        rest => format!("{head} and {rest} more"),
    }
}
