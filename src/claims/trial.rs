//! Whether the packages of names can be made at all: built as they would be, looked at by every rule, and thrown away.
//!
//! A package that fails on the day of its turn has cost a day; whoever approves or lets go is told at once.

use std::collections::BTreeMap;

use super::package::{Refused, Templates, ask, build};
use crate::config::Settings;
use crate::model::{Inventory, ProjectName};

/// Why no package can be made, by name. Empty: all can be.
pub type Unbuildable = BTreeMap<ProjectName, String>;

/// Reads the team's texts, and sends nothing.
pub fn trial(settings: &Settings, inventory: &Inventory, names: &[ProjectName]) -> Unbuildable {
    if names.is_empty() {
        return Unbuildable::new();
    }
    match Templates::read(settings.claim.templates.as_deref()) {
        Err(refused) => names.iter().map(|name| (name.clone(), said(&refused))).collect(),
        Ok(templates) => {
            let tried = names.iter().map(|name| (name, one(settings, inventory, &templates, name)));
            tried.filter_map(|(name, tried)| Some((name.clone(), said(&tried.err()?)))).collect()
        }
    }
}

fn one(settings: &Settings, inventory: &Inventory, templates: &Templates, name: &ProjectName) -> Result<(), Refused> {
    let asked = ask(settings, inventory, name.as_str())?;
    build(&asked.placeholder, templates, &asked.secrecy).map(drop)
}

fn said(refused: &Refused) -> String {
    format!("its package cannot be made: {}", refused.to_string().replace('\n', "; "))
}
