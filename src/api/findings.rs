//! Pages of cases: narrowed as people ask for them, newest or most urgent first.

use super::cursor::List;
use super::lists::{AT_ONCE, most, time};
use super::refusal::Refusal;
use super::v1::{Filter, Finding, Order, Page};
use crate::cases;
use crate::model;
use crate::model::command::FindingFilter;
use crate::model::{FindingKey, OwnerId, ProjectName, Registry, Tier, Time, WatchId, WatchKind};
use crate::store::{StoreError, Tx};

/// A case in a list: when it was seen, and its key.
type Place = (Time, FindingKey);

/// The tiers from the most urgent.
const TIERS: [Tier; 3] = [Tier::Page, Tier::Alert, Tier::Digest];

/// What a page is to hold.
pub(super) struct Wanted {
    filter: FindingFilter,
    order: Order,
    /// Of a list by urgency: the tier at which the page before ended.
    from: Tier,
    most: usize,
}

impl Wanted {
    pub(super) fn new(filter: Filter) -> Result<Self, Refusal> {
        let (most, order) = (most(filter.limit, AT_ONCE), filter.order);
        let (from, after) = after(order, filter.after)?;
        let search = filter.search.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
        let id = search.as_deref().and_then(|text| text.parse().ok());
        let filter = FindingFilter {
            owner: filter.owner.map(OwnerId),
            project: filter.project.map(|name| project(&name)).transpose()?,
            watch: filter.watch.map(|watch| self::watch(&watch)).transpose()?,
            states: filter.states.into_iter().map(Into::into).collect(),
            at_least: filter.at_least.map(Into::into),
            search: search.filter(|_| id.is_none()),
            id,
            after,
            ..FindingFilter::default()
        };
        Ok(Self { filter, order, from, most })
    }

    pub(super) fn page(&self, tx: &Tx<'_>) -> Result<Page<Finding>, StoreError> {
        let found = match self.order {
            Order::Newest => self.list(tx, &self.filter, 0)?,
            Order::Urgent => self.urgent(tx)?,
        };
        let shown = found.iter().map(|of| Ok(Finding::new(of, cases::is_quarantined(tx, of)?)));
        let list = if self.order == Order::Urgent { List::Urgent } else { List::Findings };
        let page = list.page(shown.collect::<Result<Vec<_>, StoreError>>()?, self.most, |finding| self.place(finding));
        Ok(Page { total: tx.findings().total(&self.filter)?, ..page })
    }

    /// One more than the page has, to know whether anything follows; `have`: so many are there already.
    fn list(&self, tx: &Tx<'_>, filter: &FindingFilter, have: usize) -> Result<Vec<model::Finding>, StoreError> {
        tx.findings().list(&FindingFilter { limit: Some(self.most + 1 - have), ..filter.clone() })
    }

    /// Tier by tier, as of each there may be few. Where a text is searched for all cases are gone through anyway: once, but for what is
    /// left of the tier at which the page before ended.
    fn urgent(&self, tx: &Tx<'_>) -> Result<Vec<model::Finding>, StoreError> {
        let least = self.filter.at_least.unwrap_or(Tier::Digest);
        let tiers: Vec<Tier> = TIERS.into_iter().filter(|tier| (least..=self.from).contains(tier)).collect();
        let alone = match self.filter.search {
            Some(_) => usize::from(self.filter.after.is_some()).min(tiers.len()),
            None => tiers.len(),
        };
        let (alone, together) = tiers.split_at(alone);
        let mut found = Vec::new();
        for of in alone.chunks(1).chain((!together.is_empty()).then_some(together)) {
            if found.len() > self.most {
                break;
            }
            let (at_most, at_least) = (of.first().copied(), of.last().copied());
            let after = self.filter.after.clone().filter(|_| at_most == Some(self.from));
            let filter = FindingFilter { urgent: true, at_most, at_least, after, ..self.filter.clone() };
            found.extend(self.list(tx, &filter, found.len())?);
        }
        Ok(found)
    }

    fn place(&self, finding: &Finding) -> Vec<String> {
        let place = [finding.seen_at.timestamp_micros().to_string(), finding.key.clone()];
        let tier = (self.order == Order::Urgent).then(|| Tier::from(finding.tier).as_str().to_owned());
        tier.into_iter().chain(place).collect()
    }
}

/// Behind which case a page begins, and of which tier it is.
fn after(order: Order, cursor: Option<String>) -> Result<(Tier, Option<Place>), Refusal> {
    let place = |seen: &str, key| Ok::<Place, Refusal>((time(seen, "findings")?, FindingKey(key)));
    match order {
        Order::Newest => {
            let after = List::Findings.place(cursor)?.map(|[seen, key]| place(&seen, key)).transpose()?;
            Ok((Tier::Page, after))
        }
        Order::Urgent => {
            let Some([tier, seen, key]) = List::Urgent.place(cursor)? else { return Ok((Tier::Page, None)) };
            let tier = TIERS.into_iter().find(|known| known.as_str() == tier);
            Ok((tier.ok_or(Refusal::BadCursor("findings"))?, Some(place(&seen, key)?)))
        }
    }
}

fn project(name: &str) -> Result<ProjectName, Refusal> {
    let bad = |error| Refusal::BadValue { what: "project", value: name.to_owned(), why: format!("{error}") };
    name.parse().map_err(bad)
}

fn watch(text: &str) -> Result<WatchId, Refusal> {
    let kinds = [WatchKind::Name, WatchKind::Prefix, WatchKind::Brand];
    let parts = text.split_once(':');
    let kind = parts.and_then(|(word, _)| kinds.into_iter().find(|kind| kind.as_str() == word));
    let bad = |why: &str| Refusal::BadValue { what: "watch", value: text.to_owned(), why: why.to_owned() };
    let Some((kind, (_, name))) = kind.zip(parts) else {
        return Err(bad("write it as name:acme-billing, prefix:acme- or brand:acme"));
    };
    // In whatever spelling the name is asked for: that of the inventory is the one that PyPI takes for all of them.
    match kind {
        WatchKind::Name => project(name).map(|name| WatchId::name(&name)),
        WatchKind::Prefix | WatchKind::Brand => {
            let text = name.strip_suffix('*').unwrap_or(name).to_ascii_lowercase();
            Ok(WatchId::new(Registry::Pypi, kind, &text))
        }
    }
}
