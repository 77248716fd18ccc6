//! What an inventory would have alerted: the answer of `preview`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model;
use crate::replay::count::Count;
use crate::replay::{judge, weeks};

/// What would have alerted. A name counts by its strongest match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Preview {
    /// Names that were judged.
    pub names: usize,
    /// Watches that they were judged against.
    pub watches: usize,
    pub tiers: OfTiers,
    /// Cases that a suppression of the inventory declares harmless; they are counted nowhere else.
    pub suppressed: usize,
    /// In the order of `namewarden rules`.
    pub rules: Vec<OfRule>,
    /// The noisiest first. A name counts once for each watch that it resembles.
    pub by_watch: Vec<OfWatch>,
    /// Names that stood before the installation, of which no week is known; `null`: an index knows no times.
    pub before_installation: Option<usize>,
    /// From the first to the last, also those in which nothing was registered.
    pub weeks: Vec<Week>,
}

/// Names of each tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OfTiers {
    pub page: usize,
    pub alert: usize,
    pub digest: usize,
}

/// Names whose strongest match is by one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OfRule {
    /// Its id. Rules are added.
    pub rule: String,
    /// Those that alert or page.
    pub alerts: usize,
    pub all: usize,
}

/// Names that resemble one watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OfWatch {
    /// As people write it: `acme-billing`, `acme-*`, `brand:acme`.
    pub watch: String,
    /// Those that alert or page.
    pub alerts: usize,
    pub all: usize,
}

/// One ISO week, in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Week {
    /// Its Monday.
    pub week: NaiveDate,
    /// Projects that were registered.
    pub registrations: usize,
    pub page: usize,
    pub alert: usize,
    pub digest: usize,
}

impl From<&judge::Preview> for Preview {
    fn from(of: &judge::Preview) -> Self {
        let judge::Preview { tally, names, watches, before } = of;
        let rule = |(rule, Count { all, alerts }): (&str, Count)| OfRule { rule: rule.to_owned(), alerts, all };
        let watch = |(id, Count { all, alerts }): (&model::WatchId, Count)| OfWatch { watch: id.label(), alerts, all };
        Self {
            names: *names,
            watches: *watches,
            tiers: OfTiers::from(tally),
            suppressed: tally.suppressed,
            rules: tally.rules().map(rule).collect(),
            by_watch: tally.noisiest().into_iter().map(watch).collect(),
            before_installation: *before,
            weeks: tally.weeks.rows().into_iter().map(Week::from).collect(),
        }
    }
}

impl From<(NaiveDate, weeks::Week)> for Week {
    fn from((week, of): (NaiveDate, weeks::Week)) -> Self {
        let weeks::Week { registrations, page, alert, digest } = of;
        Self { week, registrations, page, alert, digest }
    }
}
