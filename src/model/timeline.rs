//! The history of a case: what happened to it, each kind with what belongs to it. It is made words when it is shown.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::found::Found;
use super::{Actor, Event, Feed, FindingState, OwnerId, Rule, Tier, Time, WatchId, Why};

/// One line of a case's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    pub at: Time,
    /// Who did it; `None`: it followed from what the daemon saw.
    pub by: Option<Person>,
    pub event: TimelineEvent,
}

/// Whoever decided something: known from the transport, and the name given beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub actor: Actor,
    pub declared: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "happened", rename_all = "kebab-case")]
pub enum TimelineEvent {
    /// A feed told of the registration, and it resembles these watches.
    Opened { seen: Event, feed: Feed, watches: Vec<Resembled> },
    /// A feed told of something that happened to the project.
    Moved { seen: Event, what: Move },
    /// It stood before it was watched, and turned out to be what pip takes.
    Stood,
    /// A look-up was believed, or gave nothing.
    LookedUp { found: Found },
    /// The name was registered again.
    Superseded,
    /// Something was seen around it, and its tier is another since.
    Context { whys: Vec<Why>, was: Tier, is: Tier },
    /// The watches that it resembles were counted again.
    Counted,
    /// These watches are threatened, too.
    Watched { watches: Vec<WatchId> },
    /// This watch left the inventory.
    Unwatched { watch: WatchId },
    /// The inventory says another thing of it.
    Inventory { change: InventoryChange },
    /// A person decided what becomes of it.
    Ruled { state: FindingState, note: Option<String> },
    /// A person put it off: nobody is reminded before then, unless it gets worse.
    Snoozed { until: Time, note: Option<String> },
    /// A person added a note.
    Noted { note: String },
}

/// A watch that a registration resembles, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resembled {
    pub watch: WatchId,
    pub rules: Vec<Rule>,
}

/// What one event of the registry did to a case. Versions and actions are hostile text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "move", rename_all = "kebab-case")]
pub enum Move {
    #[default]
    SecondKnown,
    /// What was removed was an earlier registration.
    Stands,
    FirstRelease {
        version: String,
    },
    NewRelease {
        version: String,
    },
    Withdrawn {
        version: String,
    },
    Roles {
        action: String,
    },
    Removed,
    Unlisted,
    Quarantined,
    /// A project of ours.
    OursGone,
    OursQuarantined,
    Back,
}

/// What a new inventory means for a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum InventoryChange {
    State { state: FindingState, reason: Option<String> },
    Version { was: Option<String>, is: Option<String> },
    Owner { was: OwnerId, is: OwnerId },
    Other,
}

impl Timeline {
    /// What followed from what the daemon saw.
    pub fn seen(at: Time, event: TimelineEvent) -> Self {
        Self { at, by: None, event }
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.actor.declaring(&self.declared))
    }
}

impl TimelineEvent {
    /// The word in tables and JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Moved { seen, .. } => seen.as_str(),
            Self::Stood => "stood",
            Self::LookedUp { .. } => "looked-up",
            Self::Superseded => "superseded",
            Self::Context { .. } => "context",
            Self::Counted => "counted",
            Self::Watched { .. } => "watched",
            Self::Unwatched { .. } => "unwatched",
            Self::Inventory { .. } => "inventory",
            Self::Ruled { state, .. } => state.as_str(),
            Self::Snoozed { .. } => "snoozed",
            Self::Noted { .. } => "noted",
        }
    }
}

impl fmt::Display for TimelineEvent {
    /// A phrase; the words of strangers are in it as they wrote them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened { seen, feed, watches } => {
                let watches: Vec<String> = watches.iter().map(ToString::to_string).collect();
                write!(f, "{} through {feed}: {}", seen.as_str(), watches.join("; "))
            }
            Self::Moved { what, .. } => what.fmt(f),
            Self::Stood => f.write_str("it stood before it was watched, and pip would take it"),
            Self::LookedUp { found } => found.fmt(f),
            Self::Superseded => f.write_str("the name was registered again"),
            Self::Context { whys, was, is } => {
                f.write_str(&context(whys))?;
                if was == is { Ok(()) } else { write!(f, ": {was} to {is}") }
            }
            Self::Counted => f.write_str("the watches that it resembles were counted again"),
            Self::Watched { watches } => {
                f.write_str(&watches.iter().map(WatchId::label).collect::<Vec<_>>().join(", "))
            }
            Self::Unwatched { watch } => write!(f, "the watch {} left the inventory", watch.label()),
            Self::Inventory { change } => change.fmt(f),
            Self::Ruled { note, .. } => f.write_str(note.as_deref().unwrap_or_default()),
            Self::Snoozed { until, note } => {
                let note = note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
                write!(f, "until {}{note}", until.format("%F %H:%M UTC"))
            }
            Self::Noted { note } => f.write_str(note),
        }
    }
}

/// The first of what was seen around a case, and how many more.
pub fn context(whys: &[Why]) -> String {
    let more = whys.len().saturating_sub(1);
    let first = whys.first().map(ToString::to_string).unwrap_or_default();
    if more == 0 { first } else { format!("{first}, and {more} more") }
}

impl fmt::Display for Resembled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<&str> = self.rules.iter().map(|rule| rule.as_str()).collect();
        write!(f, "{} ({})", self.watch.label(), rules.join(", "))
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstRelease { version } => return write!(f, "first release: {version}"),
            Self::NewRelease { version } => return write!(f, "new release: {version}"),
            Self::Withdrawn { version } => return write!(f, "release {version} was withdrawn"),
            Self::Roles { action } => return write!(f, "roles changed: {action}"),
            Self::SecondKnown => "the second of registration is now known",
            Self::Stands => "it stands: what was removed was an earlier registration",
            Self::Removed => "removed from PyPI; the name may be free again",
            Self::Unlisted => "no longer listed by PyPI: removed or quarantined",
            Self::Quarantined => "quarantined by PyPI: nobody can install it",
            Self::OursGone => "our own project is gone from PyPI: anyone may register the name now",
            Self::OursQuarantined => "our own project was quarantined by PyPI: nobody can install it",
            Self::Back => "back on PyPI",
        })
    }
}

impl fmt::Display for InventoryChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State { state, reason } => {
                let reason = reason.as_deref().unwrap_or("a suppression was taken back");
                write!(f, "{} by the inventory: {reason}", state.as_str())
            }
            Self::Version { was, is } => {
                let [was, is] = [was, is].map(|version| version.as_deref().unwrap_or("none"));
                write!(f, "the internal version is now {is}, it was {was}")
            }
            Self::Owner { was, is } => write!(f, "{is} answers for it now, it was {was}"),
            Self::Other => f.write_str("the watch was changed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ProjectName;

    fn kept(event: &TimelineEvent) -> TimelineEvent {
        serde_json::from_str(&serde_json::to_string(event).expect("plain")).expect("ours")
    }

    #[test]
    fn every_event_is_kept_as_it_was_and_said_in_words() {
        let watch = WatchId::name(&ProjectName::parse("acme-billing").expect("valid"));
        let resembled = Resembled { watch: watch.clone(), rules: vec![Rule::Exact, Rule::Prefix] };
        let version = "99.0".to_owned();
        let events = [
            TimelineEvent::Opened { seen: Event::Created, feed: Feed::Rss, watches: vec![resembled] },
            TimelineEvent::Moved {
                seen: Event::Released { version: version.clone() },
                what: Move::FirstRelease { version: version.clone() },
            },
            TimelineEvent::LookedUp {
                found: Found::Holders { holders: vec!["eve".into()], versions: vec![version], more: 2 },
            },
            TimelineEvent::Context { whys: Vec::new(), was: Tier::Digest, is: Tier::Alert },
            TimelineEvent::Watched { watches: vec![watch.clone()] },
            TimelineEvent::Unwatched { watch },
            TimelineEvent::Inventory { change: InventoryChange::Version { was: None, is: Some("1.0".into()) } },
            TimelineEvent::Ruled { state: FindingState::Acknowledged, note: Some("on it".into()) },
            TimelineEvent::Superseded,
        ];
        assert!(events.iter().all(|event| kept(event) == *event));
        let said: Vec<String> = events.iter().map(|event| format!("{}: {event}", event.kind())).collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        opened: created through rss: acme-billing (exact, prefix)
        released: first release: 99.0
        looked-up: held by eve; versions: 99.0 and 2 more
        context: : digest to alert
        watched: acme-billing
        unwatched: the watch acme-billing left the inventory
        inventory: the internal version is now 1.0, it was none
        acknowledged: on it
        superseded: the name was registered again
        ");
    }

    #[test]
    fn whoever_did_it_is_the_actor_and_not_the_name_given() {
        let actor = Actor { uid: Some(1001), user: Some("ada".to_owned()), ..Actor::default() };
        let person = Person { actor, declared: "root".to_owned() };
        assert_eq!(person.to_string(), "ada (uid 1001), who gave the name \"root\"");
        let kept: Person = serde_json::from_str(&serde_json::to_string(&person).expect("plain")).expect("ours");
        assert_eq!(kept, person);
    }
}
