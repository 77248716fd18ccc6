//! Two archives, the one beside the other.

use std::collections::BTreeSet;

use super::archive::Contents;
use super::difference::{ContentsDifference, FirstOf, NotableFile};
use super::metadata::project_of;

/// What is new in an archive beside another, or beside nothing. `is_like`: both are of one form, so that paths can be compared.
pub(super) fn compare(old: Option<&Contents>, new: &Contents, is_like: bool) -> ContentsDifference {
    let nothing = Contents { requirements: Some(BTreeSet::new()), ..Contents::default() };
    let before = old.unwrap_or(&nothing);
    let files = ContentsDifference { files: new.entries.len(), ..ContentsDifference::default() };
    let files = if old.is_some() && is_like { of_files(before, new, files) } else { files };
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| FirstOf::of(one.difference(other));
    let of_entry_points = ContentsDifference {
        entry_points_added: only(&new.entry_points, &before.entry_points),
        entry_points_removed: only(&before.entry_points, &new.entry_points),
        ..files
    };
    of_requirements(before, new, of_entry_points).with_notable(notable(before, new))
}

fn of_files(old: &Contents, new: &Contents, of: ContentsDifference) -> ContentsDifference {
    let only = |one: &Contents, other: &Contents| {
        FirstOf::of(one.entries.keys().filter(|path| !other.entries.contains_key(*path)))
    };
    let is_changed = |path: &String| old.entries.get(path).is_some_and(|digest| new.entries.get(path) != Some(digest));
    let changed = FirstOf::of(new.entries.keys().filter(|path| is_changed(path)));
    ContentsDifference { added: only(new, old), removed: only(old, new), changed, ..of }
}

/// In the order of their kinds, the worst first.
fn notable(old: &Contents, new: &Contents) -> Vec<NotableFile> {
    let one = |((kind, what), digest): (&(_, String), &_)| {
        let before = old.notable.get(&(*kind, what.clone()));
        (before != Some(digest)).then(|| NotableFile { kind: *kind, what: what.clone(), is_new: before.is_none() })
    };
    new.notable.iter().filter_map(one).collect()
}

fn of_requirements(old: &Contents, new: &Contents, of: ContentsDifference) -> ContentsDifference {
    let (Some(before), Some(now)) = (&old.requirements, &new.requirements) else { return of };
    let required: BTreeSet<String> = before.iter().map(|of| project_of(of)).collect();
    let is_known = |of: &&String| required.contains(&project_of(of));
    ContentsDifference {
        requirements_known: true,
        dependencies_added: FirstOf::of(now.difference(before).filter(|of| !is_known(of))),
        requirements_changed: FirstOf::of(now.difference(before).filter(is_known)),
        requirements_removed: FirstOf::of(before.difference(now)),
        ..of
    }
}
