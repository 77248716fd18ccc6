//! Where configuration and inventory must agree: every owner can be told. Pure.

use std::fmt;

use super::{Settings, source::nearest};
use crate::model::{Inventory, OwnerId};

/// One disagreement, with what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteProblem {
    /// `alert.default_owner` names nobody.
    NoDefaultOwner { wanted: OwnerId, near: Option<OwnerId> },
    /// An owner lists a channel that has no section.
    UnknownChannel { owner: OwnerId, kind: &'static str, name: String, near: Option<String> },
    /// An owner has addresses and there is no mail server.
    NoMailServer { owner: OwnerId },
    /// An owner lists no channel at all.
    Unreachable { owner: OwnerId },
}

impl fmt::Display for RouteProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDefaultOwner { wanted, near: Some(near) } => {
                write!(
                    f,
                    "alert.default_owner: the inventory has no owner {wanted:?}; did you mean {near:?}?",
                    wanted = wanted.0,
                    near = near.0
                )
            }
            Self::NoDefaultOwner { wanted, near: None } => {
                write!(
                    f,
                    "alert.default_owner: the inventory has no owner {wanted:?}; add [owners.{wanted}] with email = [\"…\"] there",
                    wanted = wanted.0
                )
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
        if owner.emails.is_empty() && owner.slack.is_empty() && owner.webhooks.is_empty() {
            problems.push(RouteProblem::Unreachable { owner: id.clone() });
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(RouteError { problems }) }
}

fn default_owner(settings: &Settings, inventory: &Inventory) -> Option<RouteProblem> {
    let wanted = &settings.alert.default_owner;
    let near = || nearest(&wanted.0, inventory.owners.keys().map(|id| id.0.as_str())).map(|id| OwnerId(id.to_owned()));
    (!inventory.owners.contains_key(wanted))
        .then(|| RouteProblem::NoDefaultOwner { wanted: wanted.clone(), near: near() })
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
