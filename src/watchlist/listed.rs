//! The team's own list of look-alikes: what of it can be used, and what is wrong with the rest. Pure.

use std::collections::{BTreeMap, btree_map};

use super::draft::{Draft, DraftWatch, DraftWord, ListedEntry};
use super::identity::id;
use super::lint::{Lint, LintKind};
use crate::config::source::{Fault, nearest};
use crate::lists::no_name;
use crate::model::{Inventory, ProjectName, WatchId};

/// The look-alikes that are right, and an error for each that is not. The inventory has its watches already.
pub(super) fn listed(draft: &Draft, inventory: &Inventory) -> (BTreeMap<ProjectName, WatchId>, Vec<Lint>) {
    let mut reader = Reader { draft, inventory, listed: BTreeMap::new(), errors: Vec::new() };
    draft.listed.iter().for_each(|entry| reader.entry(entry));
    let listed = reader.listed.into_iter().map(|(name, (id, _))| (name, id)).collect();
    (listed, reader.errors)
}

struct Reader<'d> {
    draft: &'d Draft,
    inventory: &'d Inventory,
    /// With the place where each is listed first.
    listed: BTreeMap<ProjectName, (WatchId, usize)>,
    errors: Vec<Lint>,
}

impl Reader<'_> {
    fn error(&mut self, at: usize, key: &str, fault: Fault) {
        self.errors.push(Lint::new(LintKind::Listed, self.draft.source.problem(at, key, fault)));
    }

    fn entry(&mut self, entry: &ListedEntry) {
        match self.watch(&entry.watch) {
            Ok(id) => entry.names.iter().for_each(|name| self.name(name, &id)),
            Err(fault) => self.error(entry.watch.at, "listed.watch", fault),
        }
    }

    fn watch(&self, label: &DraftWord) -> Result<WatchId, Fault> {
        let id = id(&DraftWatch::from_label(&label.text, label.at))?;
        if self.inventory.watch(&id).is_some() {
            return Ok(id);
        }
        let known: Vec<String> = self.inventory.watches.keys().map(WatchId::label).collect();
        let near = nearest(&label.text, known.iter().map(String::as_str));
        let instead = near.map_or_else(
            || "write a name, a prefix or a brand word of this inventory".to_owned(),
            |near| format!("did you mean {near:?}?"),
        );
        Err(Fault::new(format!("{:?} is not watched, so nothing can be a look-alike of it", label.text), instead))
    }

    fn name(&mut self, name: &DraftWord, watch: &WatchId) {
        match self.read(name, watch) {
            Ok(read) => drop(self.listed.entry(read).or_insert_with(|| (watch.clone(), name.at))),
            Err(fault) => self.error(name.at, "listed.names", fault),
        }
    }

    fn read(&self, name: &DraftWord, watch: &WatchId) -> Result<ProjectName, Fault> {
        let read = ProjectName::at(watch.registry, &name.text).map_err(|_| no_name(&name.text))?;
        if self.inventory.watch(&WatchId::name(&read)).is_some() {
            let what = format!("{:?} is itself watched, which says more", name.text);
            return Err(Fault::new(what, "take it off the list"));
        }
        match self.listed.get(&read).filter(|(first, _)| first != watch) {
            Some((first, at)) => {
                let line = self.draft.source.place(*at).line;
                let what = format!("{:?} is listed for {} on line {line}", name.text, first.label());
                Err(Fault::new(what, "keep it for the watch that it threatens most"))
            }
            None => Ok(read),
        }
    }
}

/// Look-alikes that are listed once more for the same watch.
pub(super) fn repetitions(draft: &Draft) -> Vec<Lint> {
    let mut firsts: BTreeMap<(ProjectName, WatchId), &DraftWord> = BTreeMap::new();
    let mut lints = Vec::new();
    for (name, id, text) in draft.listed.iter().flat_map(readable) {
        match firsts.entry((name, id)) {
            btree_map::Entry::Vacant(vacant) => drop(vacant.insert(text)),
            btree_map::Entry::Occupied(first) => {
                let line = draft.source.place(first.get().at).line;
                let what = format!("{:?} is {:?} of line {line} once more", text.text, first.get().text);
                let problem = draft.source.problem(text.at, "", Fault::new(what, "remove one of them"));
                lints.push(Lint::new(LintKind::Duplicate, problem));
            }
        }
    }
    lints
}

fn readable(entry: &ListedEntry) -> impl Iterator<Item = (ProjectName, WatchId, &DraftWord)> {
    let watch = id(&DraftWatch::from_label(&entry.watch.text, entry.watch.at)).ok();
    let names = entry.names.iter().zip(std::iter::repeat(watch));
    names
        .filter_map(|(text, watch)| watch.map(|watch| (text, watch)))
        .filter_map(|(text, watch)| Some((ProjectName::at(watch.registry, &text.text).ok()?, watch, text)))
}
