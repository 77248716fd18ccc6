//! From a briefing to its layout: what all messages have in common here, the rest by what the message is about.

use crate::model::Tier;
use crate::model::notice::{Briefing, Content, NoticeEvent};

use super::apart::apart;
use super::hostile::shown;
use super::layout::{Layout, Tone};
use super::parties::{origin, owner};
use super::phrase::clock;
use super::verdict::is_over;
use super::{canary, cases, claim, commands, health, recall, report, review, standing, subject, unwatched};

/// What is said, with commands that ask the watch that says it.
pub(crate) fn laid_out(briefing: &Briefing) -> Layout {
    let mut layout = compose(briefing);
    commands::fit(&mut layout, &briefing.origin);
    layout
}

/// Composes the message of a briefing.
pub(crate) fn compose(briefing: &Briefing) -> Layout {
    let (briefing, ended) = apart(briefing);
    let briefing = briefing.as_ref();
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
        dashboard: briefing.dashboard.clone(),
        actions: Vec::new(),
        cards: Vec::new(),
        more: Vec::new(),
        overflow: "There is more: `namewarden findings list`".to_owned(),
        closing: closing(briefing),
    };
    match &briefing.content {
        Content::Cases { cases, omitted, change } => {
            cases::fill(&mut layout, briefing, cases, *omitted, change.as_deref());
            cases::ends(&mut layout, &ended);
        }
        Content::Startup { .. } => standing::startup(&mut layout, briefing),
        Content::Unwatched { .. } => unwatched::fill(&mut layout, briefing),
        Content::Health { cases, others } => health::fill(&mut layout, briefing, cases, others),
        Content::Claim { announced } => claim::fill(&mut layout, briefing, announced),
        Content::Reviews { held, omitted } => review::fill(&mut layout, briefing, held, *omitted),
        Content::Recalls(recalls) => recall::fill(&mut layout, briefing, recalls),
        Content::Report { report: of } => report::fill(&mut layout, briefing, of),
        Content::Proof { overview } => canary::fill(&mut layout, briefing, overview.as_deref()),
    }
    layout
}

/// What a list of subjects shows first.
fn mark(briefing: &Briefing) -> &'static str {
    match briefing.event {
        _ if is_end(briefing) => "ended",
        NoticeEvent::Answered => "answered",
        _ => briefing.tier.as_str(),
    }
}

/// Something is over: a threat, or all that was wrong with the watch.
pub(crate) fn is_end(briefing: &Briefing) -> bool {
    match &briefing.content {
        Content::Health { cases, others } => others.is_empty() && cases.iter().all(|case| case.until.is_some()),
        Content::Recalls(recalls) => recall::is_over(recalls),
        _ => briefing.event == NoticeEvent::Ended,
    }
}

fn tone(briefing: &Briefing) -> Tone {
    let over = match &briefing.content {
        Content::Health { .. } | Content::Recalls(_) => is_end(briefing),
        Content::Cases { cases, .. } => !cases.is_empty() && cases.iter().all(is_over),
        Content::Startup { .. }
        | Content::Unwatched { .. }
        | Content::Claim { .. }
        | Content::Reviews { .. }
        | Content::Report { .. }
        | Content::Proof { .. } => false,
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
        lines.push(format!("Seen so far: {}.", shown(&briefing.coverage, 300)));
    }
    lines.push(format!(
        "From {} to {} at {}; notice {}.",
        origin(briefing),
        owner(briefing),
        clock(briefing.at),
        shown(&briefing.key.0, 64)
    ));
    lines
}
