//! The lists that people and programs ask for, in pages.

use std::collections::BTreeMap;
use std::ops::Bound;

use chrono::TimeDelta;
use serde_json::Value;

use super::cursor::List;
use super::refusal::Refusal;
use super::v1::{Exposure, Issue, Page, Project, UnreadName, Unwell, Watch, WatchKind};
use crate::cases;
use crate::cases::DatedProject;
use crate::model;
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::{Inventory, OwnerId, Registry, Time, WatchId};
use crate::store::{StoreError, Trouble, Tx};

/// Items of one page.
pub(super) const AT_ONCE: usize = 200;
/// Watches of one page, which are small.
const WATCHES: usize = 1_000;
/// Names of one health case in a page; more are not read by a person one by one.
const NAMES: u32 = 200;

pub(super) fn most(asked: Option<usize>, page: usize) -> usize {
    asked.unwrap_or(page).clamp(1, page)
}

/// Of a cursor, in microseconds.
pub(super) fn time(micros: &str, list: &'static str) -> Result<Time, Refusal> {
    let time = micros.parse().ok().and_then(chrono::DateTime::from_timestamp_micros);
    time.ok_or(Refusal::BadCursor(list))
}

/// How watches stand, and since when.
type Standing = BTreeMap<WatchId, (model::Exposure, Time)>;

/// Which watches.
pub(super) struct Watches {
    owner: Option<OwnerId>,
    exposure: Option<Exposure>,
    search: Option<String>,
    after: Option<WatchId>,
    most: usize,
}

impl Watches {
    pub(super) fn new(
        (owner, exposure, search): (Option<OwnerId>, Option<Exposure>, Option<String>),
        after: Option<String>,
        limit: Option<usize>,
    ) -> Result<Self, Refusal> {
        let after = List::Watches.place(after)?.map(watch_id).transpose()?;
        let search = search.map(|text| text.trim().to_ascii_lowercase()).filter(|text| !text.is_empty());
        Ok(Self { owner, exposure, search, after, most: most(limit, WATCHES) })
    }

    fn wants(&self, watch: &model::Watch) -> bool {
        let owner = self.owner.as_ref().is_none_or(|owner| *owner == watch.owner);
        owner && self.search.as_ref().is_none_or(|text| watch.id.label().contains(text))
    }
}

fn watch_id([registry, kind, text]: [String; 3]) -> Result<WatchId, Refusal> {
    let kind: Option<WatchKind> = serde_json::from_value(Value::String(kind)).ok();
    let id = registry.parse().ok().zip(kind).map(|(registry, kind)| WatchId::new(registry, kind.into(), &text));
    id.ok_or(Refusal::BadCursor("watches"))
}

/// A page of the watches of this inventory, in the order of their ids.
pub(super) fn watches(tx: &Tx<'_>, inventory: &Inventory, wanted: &Watches) -> Result<Page<Watch>, StoreError> {
    let look_alikes = inventory.look_alikes();
    let from = wanted.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
    let standing = standing(tx, wanted)?;
    let mut found = Vec::new();
    for (id, watch) in inventory.watches.range((from, Bound::Unbounded)).filter(|(_, watch)| wanted.wants(watch)) {
        // `None` where nobody has looked yet.
        let known = match &standing {
            Some(so) if !so.contains_key(id) => continue,
            Some(so) => so.get(id).cloned(),
            None => tx.watches().known(id)?,
        };
        let exposure = Exposure::from(known.as_ref().map(|(exposure, _)| exposure));
        if wanted.exposure.is_none_or(|wanted| wanted == exposure) {
            let listed = look_alikes.get(id).map_or(&[][..], Vec::as_slice);
            found.push(Watch::new(inventory, watch, known.as_ref(), listed));
        }
        if found.len() > wanted.most {
            break;
        }
    }
    Ok(List::Watches.page(found, wanted.most, |watch| {
        let kind = model::WatchKind::from(watch.kind).as_str().to_owned();
        vec![watch.registry.clone(), kind, watch.text.clone()]
    }))
}

/// Those that stand so, at once: one by one it would take as long as there are watches.
fn standing(tx: &Tx<'_>, wanted: &Watches) -> Result<Option<Standing>, StoreError> {
    let word = wanted.exposure.filter(|exposure| *exposure != Exposure::Unknown).map(Exposure::as_str);
    word.map(|word| tx.watches().standing_so(word, wanted.owner.as_ref())).transpose()
}

/// A page of the open health cases, oldest first. `unstored`: the one that cannot be in the store.
pub(super) fn health(
    tx: &Tx<'_>,
    after: Option<&(Time, String)>,
    limit: Option<usize>,
    unstored: Option<HealthCase>,
) -> Result<Page<Unwell>, StoreError> {
    let place = |case: &HealthCase| (case.since, case.issue.to_string());
    let mut open: Vec<HealthCase> = tx.health().all_open()?.into_iter().chain(unstored).collect();
    open.sort_by_cached_key(place);
    // When the one that is not stored began is reckoned anew each time: it is on the page where it was.
    let is_shown = |case: &HealthCase, (_, last): &(Time, String)| case.issue.to_string() == *last;
    open.retain(|case| after.is_none_or(|after| place(case) > *after && !is_shown(case, after)));
    let all = open.iter().map(|case| unwell(tx, case)).collect::<Result<Vec<_>, _>>()?;
    Ok(List::Health.page(all, most(limit, AT_ONCE), |unwell| {
        vec![unwell.issue.since.timestamp_micros().to_string(), unwell.issue.key.clone()]
    }))
}

/// Behind which case a page of health cases begins.
pub(super) fn health_after(cursor: Option<String>) -> Result<Option<(Time, String)>, Refusal> {
    let place = List::Health.place(cursor)?;
    place.map(|[since, key]| time(&since, "health cases").map(|since| (since, key))).transpose()
}

/// The open case of this key, and what is told of it.
pub(super) fn health_case(tx: &Tx<'_>, key: &str) -> Result<Option<(HealthCase, Unwell)>, StoreError> {
    let case = tx.health().all_open()?.into_iter().find(|case| case.issue.to_string() == key);
    case.map(|case| unwell(tx, &case).map(|unwell| (case, unwell))).transpose()
}

fn unwell(tx: &Tx<'_>, case: &HealthCase) -> Result<Unwell, StoreError> {
    let names = match case.issue {
        HealthIssue::Unreadable { feed } => tx.unreadable().open(feed, NAMES)?,
        _ => Vec::new(),
    };
    Ok(Unwell { issue: Issue::from(case), names: names.iter().map(UnreadName::from).collect() })
}

/// The case of a store that cannot be used, which it cannot hold.
pub(super) fn unusable(trouble: &Trouble, now: Time) -> HealthCase {
    let lasted = TimeDelta::from_std(trouble.since.elapsed()).unwrap_or_default();
    let detail = trouble.to_string();
    HealthCase { issue: HealthIssue::StoreUnusable, since: now - lasted, until: None, detail }
}

/// A page of the projects known, also those removed since, in the order of their names.
pub(super) fn known(tx: &Tx<'_>, after: &str, limit: Option<usize>) -> Result<Page<Project>, StoreError> {
    let most = most(limit, cases::AT_ONCE as usize);
    let rows = cases::dated_projects(tx, Registry::Pypi, after, most as u32 + 1)?;
    let project = |DatedProject(name, registered)| Project { name, registered };
    Ok(List::Known.page(rows.into_iter().map(project), most, |project| vec![project.name.clone()]))
}

#[cfg(test)]
mod tests;
