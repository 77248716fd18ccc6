//! What a replay came to: by tier, rule, watch and week. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::count::Count;
use super::weeks::Weeks;
use crate::model::{Rule, Tier, WatchId};
use crate::replay::sweep::JudgedName;

/// Names by their strongest match; a name counts once for each watch it matches.
#[derive(Debug, Default)]
pub struct Tally {
    tiers: BTreeMap<Tier, usize>,
    rules: BTreeMap<Rule, Count>,
    watches: BTreeMap<WatchId, Count>,
    pub weeks: Weeks,
    /// Cases that a suppression of the inventory declares harmless; they are counted nowhere else.
    pub suppressed: usize,
}

impl Tally {
    /// Continues from the registrations of each week.
    pub fn new(weeks: Weeks) -> Self {
        Self { weeks, ..Self::default() }
    }

    pub fn add(&mut self, judged: &JudgedName) {
        let Some(strongest) = judged.matches.first() else { return };
        *self.tiers.entry(strongest.tier).or_default() += 1;
        self.rules.entry(strongest.rule).or_default().add(strongest.tier);
        if let Some(second) = judged.second {
            self.weeks.tell(second, strongest.tier);
        }
        let mut seen = BTreeSet::new();
        for found in &judged.matches {
            if seen.insert(&found.watch) {
                self.watches.entry(found.watch.clone()).or_default().add(found.tier);
            }
        }
    }

    pub fn of(&self, tier: Tier) -> usize {
        self.tiers.get(&tier).copied().unwrap_or_default()
    }

    pub fn alerts(&self) -> usize {
        self.of(Tier::Alert) + self.of(Tier::Page)
    }

    /// In the order of the rules.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, Count)> {
        self.rules.iter().map(|(rule, count)| (rule.as_str(), *count))
    }

    /// The noisiest first: by alerts, then by all.
    pub fn noisiest(&self) -> Vec<(&WatchId, Count)> {
        let mut watches: Vec<_> = self.watches.iter().map(|(id, count)| (id, *count)).collect();
        watches.sort_by_key(|(_, count)| Reverse((count.alerts, count.all)));
        watches
    }
}

/// What tests count.
#[cfg(any(test, feature = "testing"))]
pub mod samples {
    use super::*;
    use crate::model::{Match, ProjectName};

    pub fn judged(name: &str, found: &[(&str, Rule, Tier)]) -> JudgedName {
        let parse = |text: &str| ProjectName::parse(text).expect("valid");
        let matched = |(watch, rule, tier): &(&str, Rule, Tier)| Match {
            watch: WatchId::name(&parse(watch)),
            rule: *rule,
            tier: *tier,
            score: 50,
            lacks: 0,
            distance: None,
            explanation: String::new(),
        };
        JudgedName { name: parse(name), second: None, matches: found.iter().map(matched).collect(), more: 0 }
    }

    /// Three names of two weeks, one more without a time.
    pub fn tally() -> Tally {
        const MONDAY: i64 = 1_795_392_000;
        let mut weeks = Weeks::default();
        [MONDAY - 1, MONDAY, MONDAY + 86_400].into_iter().for_each(|second| weeks.register(second));
        let mut tally = Tally::new(weeks);
        let bills = [("acme-bills", Rule::Plural, Tier::Alert), ("acme-bills", Rule::Omission, Tier::Alert)];
        tally.add(&JudgedName { second: Some(MONDAY), ..judged("acme-bill", &bills) });
        let acme = [("acme", Rule::Exact, Tier::Page), ("acme-bills", Rule::Contains, Tier::Digest)];
        tally.add(&JudgedName { second: Some(MONDAY + 86_400), ..judged("acme", &acme) });
        tally.add(&judged("acne", &[("acme", Rule::Substitution, Tier::Digest)]));
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::samples::tally;
    use super::*;

    #[test]
    fn a_name_counts_once_a_watch() {
        let tally = tally();
        assert_eq!((tally.of(Tier::Page), tally.of(Tier::Alert), tally.of(Tier::Digest)), (1, 1, 1));
        let noisiest: Vec<_> = tally.noisiest().into_iter().map(|(id, c)| (id.label(), c.alerts, c.all)).collect();
        assert_eq!(noisiest, [("acme".to_owned(), 1, 2), ("acme-bills".to_owned(), 1, 2)]);
    }

    #[test]
    fn a_name_counts_in_its_week_by_its_strongest_match() {
        let weeks: Vec<_> = tally().weeks.rows().into_iter().map(|(_, w)| (w.registrations, w.page, w.alert)).collect();
        assert_eq!(weeks, [(1, 0, 0), (2, 1, 1)]);
    }
}
