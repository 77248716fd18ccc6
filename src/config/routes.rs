//! Where configuration and inventory must agree: every owner can be told. `check_routes` is pure; `placed` looks the
//! places up in the files.

use std::path::{Path, PathBuf};

use super::settings::{AlertSettings, Settings};
use super::source::{Fault, Place, Problem, Source, lines, nearest};
use crate::model::{Channel, ChannelKind, Inventory, OwnerId};

/// One disagreement, with what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteProblem {
    /// `alert.default_owner` names nobody, or an owner who cannot be told.
    NoDefaultOwner { wanted: OwnerId, near: Option<OwnerId> },
    /// `gate.reviewers` names nobody, or an owner who cannot be told.
    NoReviewer { wanted: OwnerId, near: Option<OwnerId> },
    /// An owner lists a channel that has no section.
    UnknownChannel { owner: OwnerId, kind: ChannelKind, name: String, near: Option<String> },
    /// An owner has addresses and there is no mail server.
    NoMailServer { owner: OwnerId },
    /// An owner lists no channel at all.
    Unreachable { owner: OwnerId },
}

impl RouteProblem {
    /// The keys down to it.
    fn keys(&self) -> Vec<&str> {
        match self {
            Self::NoDefaultOwner { .. } => vec!["alert", "default_owner"],
            Self::NoReviewer { .. } => vec!["gate", "reviewers"],
            Self::UnknownChannel { owner, kind, .. } => vec!["owners", &owner.0, kind.as_str()],
            Self::NoMailServer { owner } => vec!["owners", &owner.0, "email"],
            Self::Unreachable { owner } => vec!["owners", &owner.0],
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::NoDefaultOwner { wanted, near } | Self::NoReviewer { wanted, near } => {
                let what = format!("the inventory declares no channel for the owner {:?}", wanted.0);
                let write = || format!("write [owners.{wanted}] with email = [\"…\"] there");
                Fault::new(what, near.as_ref().map_or_else(write, |near| format!("did you mean {:?}?", near.0)))
            }
            Self::UnknownChannel { kind, name, near, .. } => {
                let what = format!("the configuration has no [alert.{}.{name}]", kind.as_str());
                let write = || format!("add it, or take {name:?} out");
                Fault::new(what, near.as_ref().map_or_else(write, |near| format!("did you mean {near:?}?")))
            }
            Self::NoMailServer { .. } => Fault::new(
                "the configuration has no [alert.email]",
                "add it with host and from, or take the addresses out",
            ),
            Self::Unreachable { .. } => Fault::new("cannot be told anything", ways()),
        }
    }

    /// In the configuration or in the inventory; where keys are not found, as in a table, by the owner's id.
    fn place(&self, configuration: &[Source], inventory: &Source) -> Place {
        let says = |source: &&Source| source.at(&self.keys(), None).is_some();
        let (source, value) = match self {
            // The last that says it is the one that counts.
            Self::NoDefaultOwner { .. } | Self::NoReviewer { .. } => {
                let said = configuration.iter().rev().find(says).or(configuration.first());
                (said.unwrap_or(inventory), None)
            }
            Self::UnknownChannel { name, .. } => (inventory, Some(name.as_str())),
            Self::NoMailServer { .. } | Self::Unreachable { .. } => (inventory, None),
        };
        let owner = || self.keys().get(1).and_then(|owner| source.text().find(owner));
        source.place(source.at(&self.keys(), value).or_else(owner).unwrap_or_default())
    }
}

/// Configuration and inventory do not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteError {
    pub problems: Vec<RouteProblem>,
}

impl RouteError {
    /// Each with its place in one of the files of the configuration, the strongest last, or in the inventory. A file that
    /// cannot be read again has only its name.
    pub fn placed(&self, configuration: &[PathBuf], inventory: &Path) -> PlacedRouteError {
        let read = |path: &Path| Source::read(path).unwrap_or_else(|_| Source::new(path, String::new()));
        let configuration: Vec<Source> = configuration.iter().map(|path| read(path)).collect();
        let inventory = read(inventory);
        let placed = |problem: &RouteProblem| Problem {
            place: problem.place(&configuration, &inventory),
            key: problem.keys().join("."),
            fault: problem.fault(),
        };
        PlacedRouteError { problems: self.problems.iter().map(placed).collect() }
    }
}

/// The same for people; one problem a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(problems))]
pub struct PlacedRouteError {
    pub problems: Vec<Problem>,
}

impl PlacedRouteError {
    /// Where they disagree, and nothing of what to write there: `inventory.toml:3:10 (owners.security.slack)`.
    pub fn places(&self) -> String {
        let places = self.problems.iter().map(|Problem { place, key, .. }| format!("{place} ({key})"));
        places.collect::<Vec<_>>().join(", ")
    }
}

/// Can every owner be told through channels that exist, and is there a default owner?
///
/// # Errors
/// With every disagreement.
pub fn check_routes(settings: &Settings, inventory: &Inventory) -> Result<(), RouteError> {
    let mut problems: Vec<RouteProblem> = default_owner(settings, inventory).into_iter().collect();
    problems.extend(settings.gate.reviewers.iter().filter_map(|reviewer| {
        let near = without_channel(reviewer, inventory)?;
        Some(RouteProblem::NoReviewer { wanted: reviewer.clone(), near })
    }));
    for (id, owner) in &inventory.owners {
        problems.extend(owner.channels.iter().filter_map(|channel| unknown(&settings.alert, id, channel)));
        if !owner.emails.is_empty() && settings.alert.email().is_none() {
            problems.push(RouteProblem::NoMailServer { owner: id.clone() });
        }
        if owner.is_mute() && *id != settings.alert.default_owner {
            problems.push(RouteProblem::Unreachable { owner: id.clone() });
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(RouteError { problems }) }
}

fn default_owner(settings: &Settings, inventory: &Inventory) -> Option<RouteProblem> {
    let wanted = &settings.alert.default_owner;
    let near = without_channel(wanted, inventory)?;
    Some(RouteProblem::NoDefaultOwner { wanted: wanted.clone(), near })
}

/// Whom else it may mean, where this is no owner who can be told.
fn without_channel(wanted: &OwnerId, inventory: &Inventory) -> Option<Option<OwnerId>> {
    if inventory.owners.get(wanted).is_some_and(|owner| !owner.is_mute()) {
        return None;
    }
    let others = inventory.owners.iter().filter(|(_, owner)| !owner.is_mute()).map(|(id, _)| id.0.as_str());
    Some(nearest(&wanted.0, others).map(|id| OwnerId(id.to_owned())))
}

/// `add email = ["…"], slack = ["NAME"] or webhook = ["NAME"]`.
fn ways() -> String {
    let named = ChannelKind::ALL.map(|kind| format!("{} = [\"NAME\"]", kind.as_str()));
    match named.split_last() {
        Some((last, [])) => format!("add email = [\"…\"] or {last}"),
        Some((last, others)) => format!("add email = [\"…\"], {} or {last}", others.join(", ")),
        None => "add email = [\"…\"]".to_owned(),
    }
}

/// A channel that an owner names and the configuration does not have.
fn unknown(alert: &AlertSettings, owner: &OwnerId, channel: &Channel) -> Option<RouteProblem> {
    let (kind, name) = channel.section().filter(|_| !alert.channels.contains_key(channel))?;
    let known = alert.channels.keys().filter_map(Channel::section).filter(|(of, _)| *of == kind);
    let near = nearest(name, known.map(|(_, name)| name)).map(str::to_owned);
    Some(RouteProblem::UnknownChannel { owner: owner.clone(), kind, name: name.to_owned(), near })
}
