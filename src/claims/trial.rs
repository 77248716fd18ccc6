//! Whether the packages of names can be made at all: built as they would be, looked at by every rule, and thrown away.
//!
//! A package that fails on the day of its turn has cost a day; whoever approves or lets go is told at once.

use std::collections::BTreeMap;

use super::package::{Refused, Secrecy, Templates, build, placeholder};
use crate::config::Settings;
use crate::model::{Inventory, ProjectName};

/// Why no package can be made, by name. Empty: all can be.
pub type Unbuildable = BTreeMap<ProjectName, String>;

/// Reads the team's texts, and sends nothing. Some milliseconds a name, between which others have their turn.
pub async fn trial(settings: &Settings, inventory: &Inventory, names: &[ProjectName]) -> Unbuildable {
    if names.is_empty() {
        return Unbuildable::new();
    }
    let templates = match Templates::read(settings.claim.templates.as_deref()) {
        Err(refused) => return names.iter().map(|name| (name.clone(), said(&refused))).collect(),
        Ok(templates) => templates,
    };
    let secrecy = Secrecy::new(&settings.claim, inventory);
    let mut unbuildable = Unbuildable::new();
    for name in names {
        let made = placeholder(settings, inventory, name.as_str());
        if let Err(refused) = made.and_then(|placeholder| build(&placeholder, &templates, &secrecy)) {
            unbuildable.insert(name.clone(), said(&refused));
        }
        tokio::task::yield_now().await;
    }
    unbuildable
}

fn said(refused: &Refused) -> String {
    format!("its package cannot be made: {}", refused.to_string().replace('\n', "; "))
}
