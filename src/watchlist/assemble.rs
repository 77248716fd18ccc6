//! From a draft to an inventory. What cannot be understood is an error: a watch left out would be a false quiet.

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::str::FromStr as _;

use super::draft::{Draft, DraftWatch, SuppressEntry};
use super::identity::id;
use super::lint::{Lint, LintKind};
use super::listed;
use crate::config::source::{Fault, choose};
use crate::lists::no_name;
use crate::model::address;
use crate::model::claim::Publicity;
use crate::model::inventory::Suppression;
use crate::model::{Inventory, Owner, OwnerId, ProjectName, Rule, Watch, WatchId, WatchKind};

/// The inventory of everything that is right, and an error for everything that is not.
pub(super) fn assemble(draft: &Draft, default_owner: &OwnerId) -> (Inventory, Vec<Lint>) {
    let (inventory, errors, conflicts) = (Inventory::default(), Vec::new(), Vec::new());
    let mut builder = Builder { draft, default_owner, inventory, errors, conflicts };
    builder.inventory.owners.clone_from(&draft.owners);
    builder.inventory.registrants.clone_from(&draft.registrants);
    if draft.owners.is_empty() {
        builder.add_default_owner();
    }
    draft.faults.iter().for_each(|(at, fault)| builder.error(LintKind::Invalid, *at, "", fault.clone()));
    draft.entries.iter().for_each(|entry| builder.entry(entry));
    draft.suppressions.iter().for_each(|entry| builder.suppression(entry));
    builder.tell_conflicts();
    let Builder { mut inventory, mut errors, .. } = builder;
    let (listed, faults) = listed::listed(draft, &inventory);
    inventory.listed = listed;
    errors.extend(faults);
    (inventory, errors)
}

struct Builder<'d> {
    draft: &'d Draft,
    default_owner: &'d OwnerId,
    inventory: Inventory,
    errors: Vec<Lint>,
    /// Second entries that disagree with the first: id, entry, the attribute.
    conflicts: Vec<(WatchId, &'d DraftWatch, &'static str)>,
}

impl<'d> Builder<'d> {
    fn error(&mut self, kind: LintKind, at: usize, key: &str, fault: Fault) {
        self.errors.push(Lint::new(kind, self.draft.source.problem(at, key, fault)));
    }

    fn entry(&mut self, entry: &'d DraftWatch) {
        match id(entry) {
            Ok(id) => {
                self.version(entry);
                self.index(entry);
                self.terms(entry, &id);
                let owner = self.owner(entry);
                self.insert(entry, watch(entry, id, owner));
            }
            Err(fault) => self.error(LintKind::Invalid, entry.at, entry.kind.as_str(), fault),
        }
    }

    fn owner(&mut self, entry: &DraftWatch) -> OwnerId {
        let Some(owner) = &entry.owner else { return self.add_default_owner() };
        let owner = OwnerId(owner.trim().to_owned());
        if !self.draft.owners.contains_key(&owner) {
            let known: Vec<&str> = self.draft.owners.keys().map(|id| id.0.as_str()).collect();
            let fault =
                Fault::new(format!("{}: there is no owner {:?}", entry.text, owner.0), choose(&owner.0, &known));
            self.error(LintKind::UnknownOwner, entry.at, "owner", fault);
        }
        owner
    }

    /// A watch nobody answers for goes to the default owner, who exists from then on, if without channels: whether they
    /// can be told is for the configuration to check.
    fn add_default_owner(&mut self) -> OwnerId {
        if !self.inventory.owners.contains_key(self.default_owner) {
            let owner = Owner { name: self.default_owner.0.clone(), ..Owner::default() };
            self.inventory.owners.insert(self.default_owner.clone(), owner);
        }
        self.default_owner.clone()
    }

    fn version(&mut self, entry: &DraftWatch) {
        let Some(version) = &entry.latest_version else { return };
        if entry.kind != WatchKind::Name {
            let fault = Fault::new(format!("{:?} is no name and has no version", entry.text), "take the version out");
            self.error(LintKind::Version, entry.at, "latest_version", fault);
        }
        if pep440_rs::Version::from_str(version).is_err() {
            let what = format!("{}: {version:?} is no version by PEP 440, so it cannot be compared", entry.text);
            let fault = Fault::new(what, "write it as `pip list` shows it, like \"4.12.0\"");
            self.error(LintKind::Version, entry.at, "latest_version", fault);
        }
    }

    /// Alerts show the index, so it must not carry a password or escape sequences.
    fn index(&mut self, entry: &DraftWatch) {
        let Some(index) = &entry.index else { return };
        if address::holds_account(index) || index.contains(char::is_control) {
            let what = format!("{}: the index holds an account or control characters, and alerts show it", entry.text);
            let fault = Fault::new(what, "write the address as people open it, https://HOST/simple");
            self.error(LintKind::Invalid, entry.at, "index", fault);
        }
    }

    /// What goes on by itself has to be known well enough to be told from a stranger's.
    fn terms(&mut self, entry: &'d DraftWatch, id: &WatchId) {
        let unknown = match entry {
            DraftWatch { latest_version: None, .. } => Some("latest_version"),
            DraftWatch { first_use: None, .. } => Some("first_use"),
            _ => None,
        };
        if let Some(missing) = unknown.filter(|_| entry.terms.auto) {
            let what = format!("{}: claim = \"auto\" needs a {missing}", entry.text);
            let fault = Fault::new(what, "add the key, or take claim out: then people plan and approve it");
            self.error(LintKind::Invalid, entry.at, "claim", fault);
        }
        if entry.terms.auto && entry.terms.publicity == Publicity::Confidential {
            let what = format!("{}: a confidential name is never published", entry.text);
            self.error(LintKind::Invalid, entry.at, "claim", Fault::new(what, "take claim or confidential out"));
        }
        if entry.terms.is_default() {
            return;
        }
        match self.inventory.terms(id).with(entry.terms) {
            Some(both) => drop(self.inventory.terms.insert(id.clone(), both)),
            None => self.conflicts.push((id.clone(), entry, "public_ok")),
        }
    }

    fn insert(&mut self, entry: &'d DraftWatch, watch: Watch) {
        if entry.guard {
            self.inventory.guarded.insert(watch.id.clone());
        }
        match self.inventory.watches.entry(watch.id.clone()) {
            btree_map::Entry::Vacant(vacant) => {
                vacant.insert(watch);
            }
            btree_map::Entry::Occupied(first) => {
                let differs = difference(first.get(), &watch).map(|differs| (watch.id, entry, differs));
                self.conflicts.extend(differs);
            }
        }
    }

    fn tell_conflicts(&mut self) {
        let conflicts = std::mem::take(&mut self.conflicts);
        let firsts = firsts(self.draft, conflicts.iter().map(|(id, ..)| id));
        for (id, entry, differs) in &conflicts {
            let Some(first) = firsts.get(id) else { continue };
            let line = self.draft.source.place(first.at).line;
            let what = format!("{:?} is {:?} of line {line}, with another {differs}", entry.text, first.text);
            self.error(LintKind::Conflict, entry.at, entry.kind.as_str(), Fault::new(what, "keep one of the two"));
        }
    }

    fn suppression(&mut self, entry: &SuppressEntry) {
        match suppression(entry) {
            Ok(suppression) => self.inventory.suppressions.push(suppression),
            Err((key, fault)) => self.error(LintKind::Suppression, entry.at, &format!("suppress.{key}"), fault),
        }
    }
}

/// The first entry of each of these watches, found in one pass.
pub(super) fn firsts<'d, 'w>(
    draft: &'d Draft,
    wanted: impl Iterator<Item = &'w WatchId>,
) -> BTreeMap<&'w WatchId, &'d DraftWatch> {
    let wanted: BTreeSet<&WatchId> = wanted.collect();
    let mut firsts = BTreeMap::new();
    for entry in draft.entries.iter().filter(|_| !wanted.is_empty()) {
        if let Some(id) = id(entry).ok().and_then(|id| wanted.get(&id).copied()) {
            firsts.entry(id).or_insert(entry);
        }
    }
    firsts
}

/// The attribute in which two entries of one watch disagree.
pub(super) fn difference(a: &Watch, b: &Watch) -> Option<&'static str> {
    [
        ("owner", a.owner != b.owner),
        ("exclusive", a.exclusive != b.exclusive),
        ("latest_version", a.latest_version != b.latest_version),
        ("first_use", a.first_use != b.first_use),
        ("index", a.index != b.index),
    ]
    .into_iter()
    .find(|(_, differs)| *differs)
    .map(|(name, _)| name)
}

fn watch(entry: &DraftWatch, id: WatchId, owner: OwnerId) -> Watch {
    Watch {
        id,
        display: entry.text.clone(),
        owner,
        exclusive: entry.exclusive,
        latest_version: entry.latest_version.clone(),
        first_use: entry.first_use,
        index: entry.index.clone(),
    }
}

fn suppression(entry: &SuppressEntry) -> Result<Suppression, (&'static str, Fault)> {
    let project = entry.project.parse::<ProjectName>().map_err(|_| ("project", no_name(&entry.project)))?;
    let watch = entry.watch.as_deref().map(|label| id(&DraftWatch::from_label(label, entry.at))).transpose();
    let rule = entry.rule.as_deref().map(rule).transpose();
    if entry.reason.trim().is_empty() {
        return Err((
            "reason",
            Fault::new("is empty", "write why this project is harmless, for who reads it in a year"),
        ));
    }
    Ok(Suppression {
        project,
        watch: watch.map_err(|fault| ("watch", fault))?,
        rule: rule.map_err(|fault| ("rule", fault))?,
        reason: entry.reason.trim().to_owned(),
    })
}

fn rule(text: &str) -> Result<Rule, Fault> {
    let known: Vec<&str> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
    let found = Rule::ALL.into_iter().find(|rule| rule.as_str() == text.trim());
    found.ok_or_else(|| Fault::new(format!("there is no rule {text:?}"), choose(text, &known)))
}
