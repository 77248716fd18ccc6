//! Files of PyPI's on a page of the private index: an index that merges a stranger's releases under a name with our own would have all of them
//! taken for ours, the highest version first.
//!
//! **What is sure** is what leads to PyPI: where the file is, or who published it, is at a host of PyPI's, or in the folder of the index that
//! the gate has for PyPI. Where that folder is a whole host, what lies there as in PyPI's store is. **What is likely** is a file that the private
//! index has itself, in the folder that PyPI's store has for it (two parts of two hexadecimal digits and one of sixty, which an Artifactory
//! keeps), or in the index that devpi sets up as its mirror of PyPI. Somebody's own Warehouse has such folders for its own files, so that it is
//! not sure. So is any other file of a whole host that has an index for PyPI, beside others where the private index itself is: one that has
//! none of the page itself may have its own there, by another name of that host. Of an index that gives addresses of one kind to all (as a
//! Nexus) nothing can be told from its page.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::{Origin, Url};

use super::binding::Binding;
use super::page::{PageFile, ProjectPage};
use super::stray::Stray;
use super::suspects::Suspects;
use crate::model::ProjectName;
use crate::registry::pypi::addresses::is_pypi;

/// So many are named.
const NAMED: usize = 5;
/// Names that are kept at a time: whoever merges everything is told so by the first.
const MOST: usize = 1000;

/// Where an index is beside PyPI's, and which of its pages have files of that. Cloning shares the latter.
#[derive(Clone, Debug)]
pub(super) struct Strays {
    /// Where the private index is.
    own: Origin,
    /// What the folder of the index begins with that the gate has for PyPI; `None`: one server has both, and folders say nothing.
    pypi: Option<Url>,
    seen: Arc<Mutex<StraysSeen>>,
}

#[derive(Debug, Default)]
struct StraysSeen {
    of: BTreeMap<ProjectName, Stray>,
    /// Up to which they were asked for again.
    up_to: Option<ProjectName>,
    /// Are they others than they were when somebody last asked that?
    are_others: bool,
}

impl Strays {
    /// `own`: where the private index is; `pypi`: where the index is that the gate has for PyPI.
    pub(super) fn between(own: &Url, pypi: &Url) -> Self {
        let apart = pypi.join("..").ok().filter(|_| own.origin() != pypi.origin());
        Self { own: own.origin(), pypi: apart, seen: Arc::default() }
    }

    /// Marks the files of a page that was read now. What is likely says something beside others alone: where all are alike, they come of one
    /// place, and that is one of our own, or a copy of PyPI, which is told otherwise.
    pub(super) fn mark(&self, page: &mut ProjectPage) {
        let has_own = page.files.iter().any(|file| file.url.origin() == self.own);
        let found: Vec<Option<Stray>> = page.files.iter().map(|file| self.stray(file, has_own)).collect();
        let is_mixed = found.iter().any(Option::is_none);
        let marks = found.into_iter().map(|stray| stray.filter(|how| is_mixed || *how == Stray::Sure));
        page.files.iter_mut().zip(marks).for_each(|(file, stray)| file.stray = stray);
        let worst = page.files.iter().filter_map(|file| file.stray).max();
        let mut seen = self.seen();
        let before = match worst {
            Some(_) if seen.of.len() >= MOST && !seen.of.contains_key(&page.name) => return,
            Some(how) => seen.of.insert(page.name.clone(), how),
            None => seen.of.remove(&page.name),
        };
        seen.are_others |= before != worst;
    }

    /// It is there no more.
    pub(super) fn forget(&self, name: &ProjectName) {
        let mut seen = self.seen();
        let was_there = seen.of.remove(name).is_some();
        seen.are_others |= was_there;
    }

    /// Are they others than at the last such question? What is told of all of them takes long to be made.
    pub(super) fn changed(&self) -> bool {
        std::mem::take(&mut self.seen().are_others)
    }

    /// The next of which something is told, to be asked for again: each in its turn.
    pub(super) fn next(&self, most: usize) -> Vec<ProjectName> {
        let mut seen = self.seen();
        let from = seen.up_to.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let behind = seen.of.range::<ProjectName, _>((from, Bound::Unbounded)).map(|(name, _)| name);
        let next: Vec<ProjectName> = behind.chain(seen.of.keys()).take(most.min(seen.of.len())).cloned().collect();
        seen.up_to = next.last().cloned();
        next
    }

    /// In words; `None`: nothing of PyPI's is there. `at`: where the private index is.
    pub(super) fn told(&self, at: &str, binding: &Binding, suspects: &Suspects) -> Option<String> {
        let seen = self.seen();
        let (mut held, mut likely) = (Vec::new(), Vec::new());
        for (name, how) in &seen.of {
            match how.is_held(name, binding, suspects) {
                true => held.push(name),
                false if binding.of(name).is_some() => likely.push(name),
                false => {}
            }
        }
        let held = named(&held).map(|names| format!("of {names} those are held"));
        let likely = named(&likely).map(|names| {
            format!("of {names}, which the inventory binds, it is not sure, so that they go out: look at where they come from")
        });
        let what = [held, likely].into_iter().flatten().collect::<Vec<_>>();
        (!what.is_empty()).then(|| {
            format!(
                "the private index at {at} has files of PyPI's among our own ({}), so that the highest version wins whoever published it: have it \
                 merge nothing. devpi: take root/pypi out of the index's bases, or the name out of mirror_whitelist; Artifactory: write the local \
                 repository as [gate.private] index in the place of the virtual one, or exclude the name in the remote one; Nexus: the hosted \
                 repository in the place of the group. Where somebody chooses which public packages it has, write copies = true in [gate.private]",
                what.join("; ")
            )
        })
    }

    /// `has_own`: are files of its page where the private index is?
    fn stray(&self, file: &PageFile, has_own: bool) -> Option<Stray> {
        let parts: Vec<&str> = file.url.path().split('/').collect();
        let (is_in_store, is_beside) = (is_in_store(&parts), self.is_beside(&file.url));
        let is_published_there = || file.provenance().is_some_and(|url| self.leads_to_pypi(&url));
        if self.leads_to_pypi(&file.url) || is_beside && is_in_store || is_published_there() {
            return Some(Stray::Sure);
        }
        (is_in_store || is_beside && has_own || is_of_devpis_mirror(&parts)).then_some(Stray::Likely)
    }

    /// A whole host may have our own files as well, and does not say.
    fn leads_to_pypi(&self, url: &Url) -> bool {
        is_pypi(url) || self.is_beside(url) && self.pypi.as_ref().is_some_and(|pypi| pypi.path() != "/")
    }

    /// Is it in the folder of the index that the gate has for PyPI?
    fn is_beside(&self, url: &Url) -> bool {
        self.pypi.as_ref().is_some_and(|pypi| url.as_str().starts_with(pypi.as_str()))
    }

    fn seen(&self) -> MutexGuard<'_, StraysSeen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `packages/AB/CD/…/acme-1.0.tar.gz`, with the BLAKE2 of the file (`warehouse` `forklift/legacy.py`).
fn is_in_store(parts: &[&str]) -> bool {
    let is_hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    match parts {
        [.., "packages", one, two, rest, _] => is_hex(one, 2) && is_hex(two, 2) && is_hex(rest, 60),
        _ => false,
    }
}

/// `root/pypi/+f/…`, or `+e` for a file that it has not fetched from an address yet.
fn is_of_devpis_mirror(parts: &[&str]) -> bool {
    parts.windows(3).any(|part| matches!(part, ["root", "pypi", "+f" | "+e"]))
}

fn named(names: &[&ProjectName]) -> Option<String> {
    let more = names.len().saturating_sub(NAMED);
    let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let shown = names.iter().take(NAMED).map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("{shown}{and_more}"))
}

#[cfg(test)]
mod tests;
