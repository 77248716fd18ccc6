//! A message before it has a form: what every channel says, in one order. `compose` fills it, the forms read it.

use crate::model::{AnswerLink, Tier};

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
/// backticks (`marks`); renderers escape all of it for their destination, and only `Card::address`, pages of the dashboard
/// and what answers may become a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) tier: Tier,
    pub(crate) tone: Tone,
    /// `page`, `alert`, `digest`, `answered`, or `ended` where a threat or a trouble of the watch is over.
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
    /// The page of the dashboard that the message speaks of.
    pub(crate) dashboard: Option<String>,
    /// What to do now, in order.
    pub(crate) actions: Vec<Action>,
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
    pub(crate) address: Option<String>,
    pub(crate) rows: Vec<Row>,
    /// Where it is answered without an account, in a message about several.
    pub(crate) link: Option<AnswerLink>,
    /// Its page on the dashboard, in a message about several.
    pub(crate) dashboard: Option<String>,
    /// The review that it is, where a form that has buttons may decide it.
    pub(crate) decide: Option<Decide>,
}

/// A review of the gate, as buttons name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decide {
    pub(crate) review: i64,
    pub(crate) files_key: String,
    pub(crate) release: String,
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
    /// The same without an account, in a message about one case.
    pub(crate) link: Option<AnswerLink>,
}

/// What a link to where a case is answered is called.
pub(crate) const ANSWER: &str = "Answer in the browser";

/// What a link to the dashboard is called: it leads nowhere without an account, and says so before somebody tries.
pub const DASHBOARD: &str = "On the dashboard, for whoever has an account there";

/// Something to do, with the command that does it where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    pub(crate) text: String,
    pub(crate) command: Option<String>,
}

impl Action {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), command: None }
    }

    pub(crate) fn run(text: impl Into<String>, command: impl Into<String>) -> Self {
        Self { text: text.into(), command: Some(command.into()) }
    }
}
