//! Why no package can be published for a watch, whoever approves.

use super::package::{below, unnameable};
use crate::config::source::Fault;
use crate::model::claim::Publicity;
use crate::model::version::Pep440;
use crate::model::{Watch, WatchKind};

/// `None`: it can. Else why not, with the remedy.
pub(super) fn unfit(watch: &Watch, publicity: Publicity, version: &Pep440, customers: &[String]) -> Option<String> {
    let label = watch.id.label();
    let said = |Fault { what, instead }: Fault| format!("{label}: {what}; {instead}");
    if watch.id.kind != WatchKind::Name {
        return Some(format!("{label} is no name: only names can be published"));
    }
    if publicity == Publicity::Confidential {
        return Some(format!("{label} is confidential, and never published: take confidential out of the inventory"));
    }
    if let Some(fault) = unnameable(&watch.id.text, &watch.display, customers) {
        return Some(said(fault));
    }
    below::check(version, watch.latest_version.as_deref()).err().map(said)
}
