//! One case with its history: the answer to `finding`.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use crate::model::timeline::Person;
use crate::model::{self, Sighting, Through, Time, Timeline, count};
use crate::store::TellingFate;

/// What is known of a case, and who was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaseFile {
    pub finding: Finding,
    /// Would pip take it: in a sentence, as messages say it.
    pub verdict: String,
    /// The other installers by their answer, in a line; `null` where there is nothing to compare.
    pub others: Option<String>,
    /// Of the project, for people.
    pub url: String,
    /// That the gate has a review of it; `null`: it has none, there is no gate, or it does not say so at once (`gate_silent`).
    #[serde(default)]
    pub held: Option<HeldProject>,
    /// Why the gate does not say whether it has one; `null`: it says so, or there is no gate.
    #[serde(default)]
    pub gate_silent: Option<String>,
    /// Lines of the history that are older than these.
    pub earlier: usize,
    /// The newest, in the order of time.
    pub timeline: Vec<Event>,
    /// Who was told what, or is to be.
    pub told: Vec<Telling>,
    /// What the registry said of the project.
    pub sightings: Vec<Seen>,
}

/// The newest open review of a project at the gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HeldProject {
    pub review: i64,
    /// Users at hosts that asked for it.
    pub clients: usize,
    /// More than those did.
    pub more_clients: bool,
    /// It goes out all the same: the rules that object to it are none that hold.
    pub given_out: bool,
    /// Open reviews of other versions.
    pub more: usize,
}

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Event {
    pub at: Time,
    /// `opened`, `released`, `acknowledged`; kinds are added.
    pub kind: String,
    /// Who did it, in words, where a person did.
    pub who: Option<String>,
    pub actor: Option<Actor>,
    /// Words of strangers are in it.
    pub detail: String,
}

/// Who did something: what the transport knows, and beside it the name that they gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Actor {
    /// `null`: the kernel did not tell. 65534: somebody whom the daemon's sandbox hides.
    pub uid: Option<u32>,
    /// Of that number, by this machine's own list of users.
    pub user: Option<String>,
    /// `socket`, `store` or `daemon`; ways are added.
    pub through: String,
    /// Another name that they gave; anybody may give any.
    pub declared: Option<String>,
}

/// What one owner is told on one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Telling {
    /// Of what happened to the case; the registration is number 1.
    pub number: u32,
    /// `registered`, `worsened`, `escalated`, `ended`; kinds are added.
    pub kind: String,
    pub owner: String,
    /// `email`, `console`, `slack:NAME`, `webhook:NAME`; kinds are added.
    pub channel: String,
    /// `told`, `refused`, `moot` or `handed-over`; `null` while it waits.
    pub outcome: Option<String>,
    /// When that was, or when it is due; `null`: with the next digest.
    pub at: Option<Time>,
    /// What the receiver said when not everybody has it.
    pub error: Option<String>,
}

/// Something that the registry said about the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Seen {
    /// When it happened there.
    pub at: Option<Time>,
    pub name: String,
    /// As the registry spells it; a stranger's text.
    pub display: String,
    /// `created`, `released`, `removed`; kinds are added.
    pub event: String,
    /// Of a release.
    pub version: Option<String>,
    /// Of `roles-changed`: what the registry calls it.
    pub action: Option<String>,
    /// `changelog`, `rss`, `index`; feeds are added.
    pub feed: String,
    pub serial: Option<u64>,
    pub summary: Option<String>,
    /// What the registry wrote, where that was no valid name.
    pub unreadable: Option<String>,
}

impl CaseFile {
    /// What the gate does about the project, or that it does not say; words that begin with what it does. `None`: nothing.
    pub fn of_gate(&self) -> Option<String> {
        let silent = || self.gate_silent.as_ref().map(|why| format!("does not say whether it has a review: {why}"));
        self.held.as_ref().map(HeldProject::words).or_else(silent)
    }
}

impl HeldProject {
    /// In words; they begin with what the gate does.
    pub fn words(&self) -> String {
        let does = if self.given_out { "gives it out, and wants a look at it" } else { "holds it" };
        let least = if self.more_clients { "more than " } else { "" };
        let more = match self.more {
            0 => String::new(),
            more => format!("; {} of other versions", count(more as u64, "review is", "reviews are")),
        };
        format!(
            "{does}: review {}, asked for by {least}{}{more}",
            self.review,
            count(self.clients as u64, "client", "clients")
        )
    }
}

impl From<&Timeline> for Event {
    fn from(of: &Timeline) -> Self {
        let (who, actor) = (of.by.as_ref().map(ToString::to_string), of.by.as_ref().map(Actor::from));
        Self { at: of.at, kind: of.event.kind().to_owned(), who, actor, detail: of.event.to_string() }
    }
}

impl From<&Person> for Actor {
    fn from(of: &Person) -> Self {
        let (model::Actor { uid, user, through, token: _ }, declared) =
            (of.actor.clone(), of.actor.declared(&of.declared));
        let through = match through {
            Through::Socket => "socket",
            Through::Store => "store",
            Through::Daemon => "daemon",
            Through::Session => "session",
            Through::Token => "token",
            Through::Link => "link",
            Through::Slack => "slack",
        };
        Self { uid, user, through: through.to_owned(), declared }
    }
}

impl From<&TellingFate> for Telling {
    fn from(of: &TellingFate) -> Self {
        Self {
            number: of.number,
            kind: of.kind.as_str().to_owned(),
            owner: of.owner.to_string(),
            channel: of.channel.to_string(),
            outcome: of.outcome.clone(),
            at: of.at,
            error: of.error.clone(),
        }
    }
}

impl From<&Sighting> for Seen {
    fn from(of: &Sighting) -> Self {
        let (version, action) = match &of.event {
            model::Event::Released { version } | model::Event::Withdrawn { version } => (Some(version.clone()), None),
            model::Event::RolesChanged { action } => (None, Some(action.clone())),
            _ => (None, None),
        };
        Self {
            at: of.at,
            name: of.name.to_string(),
            display: of.display.clone(),
            event: of.event.as_str().to_owned(),
            version,
            action,
            feed: of.feed.as_str().to_owned(),
            serial: of.serial.map(|serial| serial.0),
            summary: of.summary.clone(),
            unreadable: of.unreadable.clone(),
        }
    }
}
