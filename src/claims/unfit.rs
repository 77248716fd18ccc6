//! Why no package can be published for a watch, whoever approves.

use crate::model::claim::Publicity;
use crate::model::version::Pep440;
use crate::model::{Watch, WatchKind};

/// `None`: it can. Else why not, with the remedy.
pub(super) fn unfit(watch: &Watch, publicity: Publicity, version: &Pep440) -> Option<String> {
    let label = watch.id.label();
    if watch.id.kind != WatchKind::Name {
        return Some(format!("{label} is no name: only names can be published"));
    }
    if publicity == Publicity::Confidential {
        return Some(format!("{label} is confidential, and never published: take confidential out of the inventory"));
    }
    let Some(own) = &watch.latest_version else {
        return Some(format!(
            "the internal version of {label} is not known, and a package must be below it: add latest_version to the inventory"
        ));
    };
    match Pep440::read(own) {
        Some(own) if *version < own => None,
        Some(_) => Some(format!(
            "{label} is at {own} internally, which a package of version {version} would not be below: lower [claim] version"
        )),
        None => Some(format!("the internal version {own:?} of {label} cannot be compared: correct latest_version")),
    }
}
