//! What a project has to do with a watch, in a few words.

use crate::model::notice::Case;
use crate::model::{WatchId, WatchKind};

use super::hostile::shown;
use super::marks::code;

/// What the best explanation makes of the name, for the owner of the watch; reads on after "it is".
pub(crate) fn relation(case: &Case) -> String {
    let Some(first) = case.finding.first() else { return "near one of your names".to_owned() };
    let watch = watch_label(&first.watch);
    let Some(rule) = first.matches.first().map(|m| m.rule) else { return format!("near your {watch}") };
    rule.words().replace("{}", &watch)
}

/// The watch as people write it, marked, without the `brand:` that `relation` already says.
pub(crate) fn watch_label(watch: &WatchId) -> String {
    code(&match watch.kind {
        WatchKind::Brand => shown(&watch.text, 60),
        WatchKind::Name | WatchKind::Prefix => shown(&watch.label(), 60),
    })
}
