//! Owners of an import beside those of the configured inventory: who is known there, who is new, and who is told nothing.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::call::Call;
use super::super::failure::Failure;
use super::which::settings;
use crate::config::source::{Fault, Source, nearest};
use crate::model::{Inventory, Owner, OwnerId};
use crate::watchlist::{Lint, LintKind, load};

/// By their ids.
type Owners = BTreeMap<OwnerId, Owner>;

/// Those of the configured inventory; `None` where there is none that may be read and is whole.
///
/// # Errors
/// When the configuration that would lead to it is broken.
pub(super) fn owners(call: &Call) -> Result<Option<Owners>, Failure> {
    let Some(settings) = settings(call)? else { return Ok(None) };
    let loaded = load(&settings.inventory, &settings.alert.default_owner).ok();
    Ok(loaded.map(|loaded| loaded.inventory.owners.clone()))
}

/// Who is told of an import is not left to a slip of the pen: `--owner` names somebody who is there, or says that they are new.
pub(super) fn unknown(asked: Option<&str>, is_new: bool, owners: Option<&Owners>) -> Option<String> {
    let (owner, owners) = (asked?, owners.filter(|owners| !owners.is_empty())?);
    if is_new || owners.contains_key(&OwnerId(owner.to_owned())) {
        return None;
    }
    let near = nearest(owner, owners.keys().map(|id| id.0.as_str()));
    let meant = near.map_or_else(|| ".".to_owned(), |near| format!("; did you mean {near:?}?"));
    Some(format!("--owner: the inventory has no owner {owner:?}{meant} For one that is new: --new-owner"))
}

/// With what the inventory says of those who are known, so that none of them stands there as somebody whom nothing reaches.
pub(super) fn complete(mut inventory: Inventory, owners: Option<&Owners>) -> Inventory {
    for (id, owner) in inventory.owners.iter_mut().filter(|(_, owner)| owner.is_mute()) {
        if let Some(known) = owners.and_then(|owners| owners.get(id)) {
            owner.clone_from(known);
        }
    }
    inventory
}

/// What `inventory lint` says of the new file beside this configuration: whom nothing reaches.
pub(super) fn mute(inventory: &Inventory, toml: &str, stands_in: &OwnerId, owners: Option<&Owners>) -> Vec<Lint> {
    let source = Source::new(Path::new("inventory.toml"), toml.to_owned());
    let mute = inventory.owners.iter().filter(|(id, owner)| owners.is_some() && owner.is_mute() && *id != stands_in);
    let lint = |(id, _): (&OwnerId, &Owner)| {
        let at = toml.find(&format!("[owners.{}]", id.0)).unwrap_or_default();
        let fault = Fault::new(format!("owner {:?} has no email and no channel", id.0), "add one of them");
        Lint::new(LintKind::Route, source.problem(at, "", fault))
    };
    mute.map(lint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Owners {
        let told = Owner { emails: vec!["p@acme.example".to_owned()], ..Owner::default() };
        BTreeMap::from([(OwnerId("payments".to_owned()), told)])
    }

    #[test]
    fn an_owner_who_is_not_there_is_asked_about() {
        let known = known();
        let known = Some(&known);
        let said = unknown(Some("paymets"), false, known).expect("a slip");
        assert!(said.contains("did you mean \"payments\"?") && said.contains("--new-owner"), "{said}");
        assert_eq!(unknown(Some("paymets"), true, known), None);
        assert_eq!(unknown(Some("payments"), false, known), None);
        assert_eq!(unknown(Some("payments"), false, None), None, "nobody knows who is there");
        assert_eq!(unknown(None, false, known), None);
    }

    #[test]
    fn who_is_known_is_told_as_before_and_who_is_new_has_to_be() {
        let of = |id: &str| {
            let owners = BTreeMap::from([(OwnerId(id.to_owned()), Owner::default())]);
            Inventory { owners, ..Inventory::default() }
        };
        let (stands_in, owners) = (OwnerId("security".to_owned()), known());
        let payments = complete(of("payments"), Some(&owners));
        assert_eq!(payments.owners, owners);
        assert_eq!(mute(&payments, "[owners.payments]\n", &stands_in, Some(&owners)), []);
        let new = complete(of("ledger"), Some(&owners));
        let said: Vec<String> =
            mute(&new, "\n[owners.ledger]\n", &stands_in, Some(&owners)).iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("error: inventory.toml:2:1: owner \"ledger\" has no"), "{said:?}");
        assert_eq!(mute(&of("security"), "", &stands_in, Some(&owners)), [], "who stands in may be anybody");
    }
}
