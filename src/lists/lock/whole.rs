//! Is a lock file whole? TOML that is cut off between two packages is still TOML; but then a package is missing that another needs.

use std::collections::BTreeSet;

use toml::Spanned;

use crate::config::source::{Fault, Problem, Source};
use crate::model::ProjectName;

/// # Errors
/// When a name is needed that is none of the packages.
pub(super) fn whole<'n>(
    source: &Source,
    packages: impl Iterator<Item = &'n str>,
    needed: impl Iterator<Item = (&'n str, usize)>,
    remedy: &str,
) -> Result<(), Problem> {
    let parsed = |name: &str| ProjectName::parse(name).ok();
    let there: BTreeSet<ProjectName> = packages.filter_map(parsed).collect();
    let mut missing = needed.filter(|(name, _)| parsed(name).is_some_and(|name| !there.contains(&name)));
    match missing.next() {
        Some((name, at)) => Err(source.problem(at, "", cut_off(name, remedy))),
        None => Ok(()),
    }
}

pub(super) fn named(name: &Spanned<String>) -> (&str, usize) {
    (name.get_ref(), name.span().start)
}

fn cut_off(name: &str, remedy: &str) -> Fault {
    Fault::new(format!("{name:?} is needed here and is none of its packages, so a part is missing"), remedy)
}
