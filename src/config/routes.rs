//! Where configuration and inventory must agree: every owner can be told. Pure.

use std::fmt;

use super::{Settings, source::nearest};
use crate::model::{Inventory, Owner, OwnerId};

/// One disagreement, with what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteProblem {
    /// `alert.default_owner` names nobody, or an owner who cannot be told.
    NoDefaultOwner { wanted: OwnerId, near: Option<OwnerId> },
    /// An owner lists a channel that has no section.
    UnknownChannel { owner: OwnerId, kind: &'static str, name: String, near: Option<String> },
    /// An owner has addresses and there is no mail server.
    NoMailServer { owner: OwnerId },
    /// An owner lists no channel at all.
    Unreachable { owner: OwnerId },
}

const NOBODY: &str = "alert.default_owner: the inventory declares no channel for the owner";

impl fmt::Display for RouteProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDefaultOwner { wanted, near: Some(near) } => {
                write!(f, "{NOBODY} {:?}; did you mean {:?}?", wanted.0, near.0)
            }
            Self::NoDefaultOwner { wanted, near: None } => {
                write!(f, "{NOBODY} {:?}; write [owners.{wanted}] with email = [\"…\"] there", wanted.0)
            }
            Self::UnknownChannel { owner, kind, name, near: Some(near) } => {
                write!(
                    f,
                    "owners.{owner}.{kind}: the configuration has no [alert.{kind}.{name}]; did you mean {near:?}?"
                )
            }
            Self::UnknownChannel { owner, kind, name, near: None } => {
                write!(
                    f,
                    "owners.{owner}.{kind}: the configuration has no [alert.{kind}.{name}]; add it, or take {name:?} out"
                )
            }
            Self::NoMailServer { owner } => {
                write!(
                    f,
                    "owners.{owner}.email: the configuration has no [alert.email]; add it with host and from, or take the addresses out"
                )
            }
            Self::Unreachable { owner } => {
                write!(
                    f,
                    "owners.{owner}: cannot be told anything; add email = [\"…\"], slack = [\"NAME\"] or webhook = [\"NAME\"]"
                )
            }
        }
    }
}

/// Configuration and inventory do not fit together; one problem a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.iter().map(RouteProblem::to_string).collect::<Vec<_>>().join("\n"))]
pub struct RouteError {
    pub problems: Vec<RouteProblem>,
}

/// Can every owner be told through channels that exist, and is there a default owner?
///
/// # Errors
/// With every disagreement.
pub fn check_routes(settings: &Settings, inventory: &Inventory) -> Result<(), RouteError> {
    let mut problems: Vec<RouteProblem> = default_owner(settings, inventory).into_iter().collect();
    for (id, owner) in &inventory.owners {
        let slack: Vec<&str> = settings.alert.slack.keys().map(String::as_str).collect();
        let webhook: Vec<&str> = settings.alert.webhook.keys().map(String::as_str).collect();
        problems.extend(unknown(id, "slack", &owner.slack, &slack));
        problems.extend(unknown(id, "webhook", &owner.webhooks, &webhook));
        if !owner.emails.is_empty() && settings.alert.email.is_none() {
            problems.push(RouteProblem::NoMailServer { owner: id.clone() });
        }
        if is_mute(owner) && *id != settings.alert.default_owner {
            problems.push(RouteProblem::Unreachable { owner: id.clone() });
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(RouteError { problems }) }
}

fn default_owner(settings: &Settings, inventory: &Inventory) -> Option<RouteProblem> {
    let wanted = &settings.alert.default_owner;
    if inventory.owners.get(wanted).is_some_and(|owner| !is_mute(owner)) {
        return None;
    }
    let others = inventory.owners.iter().filter(|(_, owner)| !is_mute(owner)).map(|(id, _)| id.0.as_str());
    let near = nearest(&wanted.0, others).map(|id| OwnerId(id.to_owned()));
    Some(RouteProblem::NoDefaultOwner { wanted: wanted.clone(), near })
}

fn is_mute(owner: &Owner) -> bool {
    owner.emails.is_empty() && owner.slack.is_empty() && owner.webhooks.is_empty()
}

fn unknown<'a>(
    owner: &'a OwnerId,
    kind: &'static str,
    named: &'a [String],
    known: &'a [&str],
) -> impl Iterator<Item = RouteProblem> + 'a {
    named.iter().filter(|name| !known.contains(&name.as_str())).map(move |name| RouteProblem::UnknownChannel {
        owner: owner.clone(),
        kind,
        name: name.clone(),
        near: nearest(name, known.iter().copied()).map(str::to_owned),
    })
}
