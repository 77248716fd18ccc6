//! Warnings and notes: what is allowed and doubtful. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::firsts;
use super::draft::{Draft, DraftWatch};
use super::identity::id;
use super::lint::{Lint, LintKind};
use super::listed;
use crate::config::source::Fault;
use crate::matcher::is_distinctive;
use crate::model::address;
use crate::model::stdlib::is_stdlib;
use crate::model::{Inventory, OwnerId, ProjectName, Watch, WatchId, WatchKind, count};

/// Shortest stem of a prefix that strangers do not hit by chance, characters.
const PREFIX_LEAST: usize = 4;

/// Letters and digits below which a misspelling weighs little.
const FUZZY_LEAST: usize = 5;

/// So many names that begin with one word are a family.
const FAMILY_LEAST: usize = 5;

/// Remarks on the entries that can be read.
pub(super) fn advice(draft: &Draft, inventory: &Inventory, default_owner: &OwnerId) -> Vec<Lint> {
    let has_prefixes = inventory.watches.keys().any(|id| id.kind == WatchKind::Prefix);
    let adviser = Adviser { draft, inventory, has_prefixes };
    let read: Vec<(&DraftWatch, WatchId)> = draft.entries.iter().filter_map(|e| Some((e, id(e).ok()?))).collect();
    let mut lints = adviser.duplicates(&read);
    for (entry, id) in &read {
        lints.extend(adviser.watch(entry, id));
    }
    lints.extend(adviser.suppressions());
    lints.extend(adviser.families(&read));
    lints.extend(adviser.ownerless(default_owner));
    lints.extend(adviser.versions());
    lints.extend(adviser.indexes());
    lints.extend(listed::repetitions(draft));
    lints.extend(adviser.listed());
    lints
}

struct Adviser<'a> {
    draft: &'a Draft,
    inventory: &'a Inventory,
    /// Each name asks several times, and in most inventories in vain.
    has_prefixes: bool,
}

impl Adviser<'_> {
    fn lint(&self, kind: LintKind, at: usize, what: String, instead: impl Into<String>) -> Lint {
        Lint::new(kind, self.draft.source.problem(at, "", Fault::new(what, instead)))
    }

    /// Second entries of one watch that say the same; those that say otherwise are errors already.
    fn duplicates(&self, read: &[(&DraftWatch, WatchId)]) -> Vec<Lint> {
        // An inventory has each watch once.
        if read.len() == self.inventory.watches.len() {
            return Vec::new();
        }
        let mut count: BTreeMap<&WatchId, u32> = BTreeMap::new();
        for (_, id) in read {
            *count.entry(id).or_default() += 1;
        }
        let firsts = firsts(self.draft, count.iter().filter(|(_, n)| **n > 1).map(|(id, _)| *id));
        let later = read.iter().filter_map(|(entry, id)| Some((*entry, *firsts.get(id)?)));
        later
            .filter(|(entry, first)| entry.at != first.at && same(entry, first))
            .map(|(e, first)| self.twice(e, first))
            .collect()
    }

    fn twice(&self, entry: &DraftWatch, first: &DraftWatch) -> Lint {
        let line = self.draft.source.place(first.at).line;
        let what = format!("{:?} is {:?} of line {line} once more", entry.text, first.text);
        self.lint(LintKind::Duplicate, entry.at, what, "remove one of them")
    }

    fn watch(&self, entry: &DraftWatch, id: &WatchId) -> Vec<Lint> {
        match id.kind {
            WatchKind::Name => self.name(entry, id),
            WatchKind::Prefix => self.prefix(entry, id).into_iter().collect(),
            WatchKind::Brand => Vec::new(),
        }
    }

    fn name(&self, entry: &DraftWatch, id: &WatchId) -> Vec<Lint> {
        let text = &entry.text;
        let stdlib = ProjectName::parse(text).is_ok_and(|name| is_stdlib(&name)).then(|| {
            let what = format!("{text:?} is a module of the standard library, and PyPI lets nobody register it");
            self.lint(LintKind::Stdlib, entry.at, what, "rename your package, or keep the entry for its look-alikes")
        });
        let short = (id.text.bytes().filter(|b| *b != b'-').count() < FUZZY_LEAST).then(|| {
            let what = format!("{text:?} is so short that many other names are one edit away");
            self.lint(LintKind::ShortName, entry.at, what, "know that misspelt ones are seldom told")
        });
        let covered = self.covering(id).map(|prefix| {
            let what =
                format!("{text:?} is under the exclusive prefix {}, which reports the name itself", prefix.label());
            self.lint(LintKind::Covered, entry.at, what, "keep it for its version and its look-alikes")
        });
        stdlib.into_iter().chain(short).chain(covered).collect()
    }

    /// The exclusive prefix that a name is under.
    fn covering(&self, id: &WatchId) -> Option<WatchId> {
        self.prefixes_of(id).find(|watch| watch.exclusive).map(|watch| watch.id.clone())
    }

    /// The prefixes that a name is under: each is some run of its tokens from the start, with the separator.
    fn prefixes_of(&self, id: &WatchId) -> impl Iterator<Item = &Watch> {
        let text = if self.has_prefixes { id.text.as_str() } else { "" };
        let ends = text.match_indices('-').map(|(at, _)| at + 1);
        let prefixes = ends.map(|end| WatchId::new(id.registry, WatchKind::Prefix, &id.text[..end]));
        prefixes.filter_map(|prefix| self.inventory.watch(&prefix))
    }

    /// Words that many names begin with and hardly anybody else's: strangers' names under them are worth knowing.
    fn families(&self, read: &[(&DraftWatch, WatchId)]) -> Vec<Lint> {
        let mut families: BTreeMap<&str, (usize, BTreeSet<&WatchId>)> = BTreeMap::new();
        for (entry, id) in read.iter().filter(|(_, id)| id.kind == WatchKind::Name) {
            if let Some((word, _)) = id.text.split_once('-').filter(|_| self.prefixes_of(id).next().is_none()) {
                families.entry(word).or_insert((entry.at, BTreeSet::new())).1.insert(id);
            }
        }
        families.retain(|word, (_, names)| names.len() >= FAMILY_LEAST && is_distinctive(word));
        families.iter().map(|(word, (at, names))| self.family(word, *at, names.len())).collect()
    }

    fn family(&self, word: &str, at: usize, names: usize) -> Lint {
        let what = format!(
            "{names} names begin with \"{word}-\", which is no prefix here, so only those names of strangers are reported \
             that resemble one of yours"
        );
        let instead = format!("add [[prefix]] with text = \"{word}-*\", and exclusive = true if it is yours alone");
        self.lint(LintKind::Family, at, what, instead)
    }

    fn listed(&self) -> Vec<Lint> {
        let names = self.draft.listed.iter().flat_map(|entry| &entry.names);
        let covered = names.filter_map(|name| {
            let prefix = self.covering(&WatchId::name(&ProjectName::parse(&name.text).ok()?))?;
            let what = format!("{:?} is under the exclusive prefix {}, which reports it", name.text, prefix.label());
            Some(self.lint(LintKind::Covered, name.at, what, "take it off the list"))
        });
        covered.collect()
    }

    fn prefix(&self, entry: &DraftWatch, id: &WatchId) -> Option<Lint> {
        (id.text.len() - 1 < PREFIX_LEAST).then(|| {
            let what = format!("the prefix {} is so short that strangers use it by chance", id.label());
            self.lint(LintKind::ShortPrefix, entry.at, what, "watch the names one by one, or take a longer prefix")
        })
    }

    fn suppressions(&self) -> Vec<Lint> {
        let entries = self.draft.suppressions.iter();
        entries
            .flat_map(|entry| {
                let watch = entry.watch.as_deref().and_then(|label| id(&DraftWatch::from_label(label, entry.at)).ok());
                let dead = watch.clone().filter(|id| self.inventory.watch(id).is_none());
                let project = ProjectName::parse(&entry.project).ok().map(|name| WatchId::name(&name));
                let own = project
                    .filter(|own| self.inventory.watch(own).is_some() && watch.as_ref().is_none_or(|w| w == own));
                let dead = dead.map(|id| {
                    let what = format!("it is for {}, which is not watched, so it silences nothing", id.label());
                    self.lint(LintKind::DeadSuppression, entry.at, what, "correct the watch or remove the suppression")
                });
                let silenced =
                    own.filter(|_| entry.rule.is_none() || entry.rule.as_deref() == Some("exact")).map(|id| {
                        let what = format!("it silences the watched name {} itself, whoever registers it", id.label());
                        self.lint(
                            LintKind::SilencedWatch,
                            entry.at,
                            what,
                            "list who may have it under [registrants] instead",
                        )
                    });
                dead.into_iter().chain(silenced)
            })
            .collect()
    }

    fn ownerless(&self, default_owner: &OwnerId) -> Option<Lint> {
        let mut without = self.draft.entries.iter().filter(|entry| entry.owner.is_none());
        let first = without.next()?;
        let undeclared = !self.draft.owners.is_empty() && !self.draft.owners.contains_key(default_owner);
        let aside = if undeclared { ", whom this file does not declare," } else { "" };
        let which = match without.count() {
            0 => format!("{:?} has", first.text),
            more => format!("{:?} and {more} more have", first.text),
        };
        let what = format!("{which} no owner, so {default_owner}{aside} is told");
        Some(self.lint(LintKind::Ownerless, first.at, what, "give them owners who can act at once"))
    }

    /// Once for each index, at its first watch.
    fn indexes(&self) -> Vec<Lint> {
        let mut seen = BTreeSet::new();
        let entries = self.draft.entries.iter().filter_map(|entry| Some((entry, entry.index.as_deref()?)));
        // What holds an account is refused, and is not shown.
        let odd = entries.filter(|(_, index)| !is_web(index) && !address::holds_account(index) && seen.insert(*index));
        odd.map(|(entry, index)| {
            let what = format!("{}: the index {index:?} is no address, and alerts say to install from it", entry.text);
            self.lint(LintKind::Index, entry.at, what, "write it as people open it, https://HOST/simple")
        })
        .collect()
    }

    fn versions(&self) -> Option<Lint> {
        let names = || self.inventory.watches.values().filter(|watch| watch.id.kind == WatchKind::Name);
        let without = names().filter(|watch| watch.latest_version.is_none()).count();
        // What is no name is told by itself.
        if without == 0 {
            return None;
        }
        let first = self.draft.entries.iter().find(|e| e.kind == WatchKind::Name && e.latest_version.is_none())?;
        let what = format!(
            "{without} of {} no internal version, so alerts cannot say whether pip would take the stranger's",
            count(names().count(), "name has", "names have")
        );
        Some(self.lint(LintKind::NoVersion, first.at, what, "write \"name==version\" where you know it"))
    }
}

fn is_web(index: &str) -> bool {
    url::Url::parse(index).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn same(a: &DraftWatch, b: &DraftWatch) -> bool {
    let rest = |e: &DraftWatch| (e.owner.clone(), e.exclusive, e.latest_version.clone(), e.first_use, e.index.clone());
    rest(a) == rest(b)
}
