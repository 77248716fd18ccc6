//! Briefings as each channel shows them: pure, total, and harmless whatever a stranger wrote.
//!
//! `compose` decides what is said (`subject`, `verdict`, `cases`, `published`, `pip`, `actions`, `standing`, `health`), once
//! for all channels, and `layout` holds it; `text`, `html`, `slack`, `webhook`, `pagerduty` and `exec` give it a form; `hostile` is what stands between a stranger's
//! text and all of them. Whoever is woken by a message knows from its first lines how bad it is, whose name it is and what
//! to do.

mod actions;
mod apart;
mod at_gate;
mod canary;
mod cases;
mod claim;
mod commands;
mod compose;
mod context;
mod exec;
pub mod gate_report;
mod health;
mod held;
pub mod hostile;
mod html;
mod layout;
pub mod marks;
mod pagerduty;
mod parties;
pub mod phrase;
mod pip;
mod published;
mod recall;
mod relation;
pub mod report;
mod review;
mod slack;
mod standing;
mod subject;
mod text;
mod unwatched;
mod verdict;
mod webhook;

#[cfg(any(test, feature = "testing"))]
pub mod samples;
#[cfg(test)]
mod tests;

pub use slack::buttons as slack_buttons;

use crate::model::notice::{Briefing, Case};
use crate::model::{Channel, Mention, Tier};

pub use exec::ProgramInput;
pub use pagerduty::PagerDutyEvent;
pub use text::wrap;
pub use verdict::is_end;

/// A mail without its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// One line, `[tier]`, `[answered]` or `[ended]` first, at most 150 characters.
    pub subject: String,
    /// Plain text, wrapped at 72 columns where it can be.
    pub text: String,
    /// The same as a self-contained page, light or dark: no scripts, no remote content, no link but the project's page
    /// and those of ours.
    pub html: String,
}

/// The mail that tells this briefing.
pub fn mail(briefing: &Briefing) -> Mail {
    let layout = compose::laid_out(briefing);
    Mail { text: text::plain(&layout, text::Colour::Off), html: html::document(&layout), subject: layout.subject }
}

/// The body of a Slack incoming webhook: Block Kit, with a `text` for notifications and for clients without blocks.
/// A page calls whom `mention` names.
pub fn slack(briefing: &Briefing, mention: Option<&Mention>) -> serde_json::Value {
    slack::message(&compose::laid_out(briefing), called(briefing, mention))
}

/// The same without blocks, for a workspace that refuses them.
pub fn slack_text(briefing: &Briefing, mention: Option<&Mention>) -> serde_json::Value {
    slack::bare_message(&compose::laid_out(briefing), called(briefing, mention))
}

/// Nobody is called for less than a page, nor for the end of one or of a trouble.
fn called<'a>(briefing: &Briefing, mention: Option<&'a Mention>) -> Option<&'a Mention> {
    mention.filter(|_| briefing.tier == Tier::Page && !compose::is_end(briefing))
}

/// The webhook's body, version 1; see the module for the schema.
pub fn webhook(briefing: &Briefing) -> serde_json::Value {
    webhook::body(briefing)
}

/// The events of the PagerDuty Events API v2 that tell this briefing, in their order.
pub fn pagerduty(briefing: &Briefing) -> Vec<PagerDutyEvent> {
    pagerduty::events(briefing)
}

/// What a program is given that tells this briefing.
pub fn exec(briefing: &Briefing, channel: &Channel) -> ProgramInput {
    exec::facts(briefing, channel)
}

/// Would pip take it: one sentence.
pub fn would_pip_take(case: &Case) -> String {
    pip::sentence(case)
}

/// The other installers, by their answer; `None` where there is nothing to compare.
pub fn others_would_take(case: &Case) -> Option<String> {
    pip::others(case)
}

/// Text for a terminal or a log; with `colour`, in ANSI colours of ours.
pub fn console(briefing: &Briefing, colour: bool) -> String {
    let colour = if colour { text::Colour::On } else { text::Colour::Off };
    let layout = compose::laid_out(briefing);
    format!("{}\n\n{}", text::title(&layout, colour), text::plain(&layout, colour))
}
