//! What watches that are not in force yet would have told of the registrations that the daemon has seen. Names are judged as they
//! are read, and kept only where they would be shown: all of PyPI's months would not fit otherwise.

use super::judge::{Scope, weigh};
use super::sweep::JudgedName;
use super::tally::Tally;
use crate::matcher::Matcher;
use crate::model::{Inventory, Match, ProjectName, Registry, Tier, WatchId};

/// A registration that would have alerted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldName {
    pub name: ProjectName,
    /// The Unix second of its registration.
    pub second: i64,
    pub tier: Tier,
    /// The watch that it resembles most, and by which rule.
    pub watch: WatchId,
    pub rule: &'static str,
}

/// The registrations of a while against watches that are thought of.
pub struct Lately<'i> {
    inventory: &'i Inventory,
    scope: Scope,
    matcher: Matcher,
    most: usize,
    pub registrations: usize,
    pub tally: Tally,
    told: Vec<ToldName>,
}

impl<'i> Lately<'i> {
    /// `inventory` has watches that `in_force` lacks: by those it is judged, and the `most` urgent are kept.
    pub fn new(inventory: &'i Inventory, in_force: Inventory, most: usize) -> Self {
        let new = inventory.watches.iter().filter(|(id, _)| in_force.watch(id).is_none());
        let watches = new.map(|(id, watch)| (id.clone(), watch.clone())).collect();
        let matcher = Matcher::of(&Inventory { watches, ..inventory.clone() }, Registry::Pypi);
        let (scope, tally, told) = (Scope::NewTo(in_force), Tally::default(), Vec::new());
        Self { inventory, scope, matcher, most, registrations: 0, tally, told }
    }

    /// A project, and the Unix second of its registration.
    pub fn judge(&mut self, name: &str, second: i64) {
        self.registrations += 1;
        let Ok(name) = ProjectName::parse(name) else { return };
        let matches = self.matcher.judge(&name).matches;
        if matches.is_empty() {
            return;
        }
        let judged = JudgedName { name, second: Some(second), matches, more: 0 };
        let (judged, suppressed) = weigh(judged, self.inventory, &self.scope);
        self.tally.suppressed += suppressed;
        self.tally.add(&judged);
        if let Some(found) = judged.matches.first().filter(|found| found.tier > Tier::Digest) {
            self.keep(told(judged.name, second, found));
        }
    }

    /// The most urgent, of each tier the newest first.
    pub fn told(mut self) -> Vec<ToldName> {
        self.cut();
        self.told
    }

    fn keep(&mut self, told: ToldName) {
        self.told.push(told);
        if self.told.len() > 4 * self.most {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.told.sort_by(|a, b| (b.tier, b.second).cmp(&(a.tier, a.second)).then(a.name.cmp(&b.name)));
        self.told.truncate(self.most);
    }
}

fn told(name: ProjectName, second: i64, found: &Match) -> ToldName {
    ToldName { name, second, tier: found.tier, watch: found.watch.clone(), rule: found.rule.as_str() }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::config::source::Source;
    use crate::model::OwnerId;
    use crate::watchlist::from_source;

    const NAMES: [&str; 8] =
        ["corp-vault", "corp-valt", "corp-vaults", "corp-vault-x", "acme-billing", "unrelated", "-", "c0rp-vault"];

    fn inventory(toml: &str) -> Inventory {
        let source = Source::new(Path::new("inventory.toml"), toml.to_owned());
        from_source(source, &OwnerId("security".to_owned())).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_new_watches_would_have_told_is_named_and_what_old_ones_told_is_not() {
        let proposed = inventory("names = [\"acme-billing\", \"corp-vault\"]\n");
        let mut lately = Lately::new(&proposed, inventory("names = [\"acme-billing\"]\n"), 2);
        for (name, second) in
            [("acme-billing", 1), ("corp-vaults", 2), ("corp-vault", 3), ("corp-valt", 4), ("unrelated", 5)]
        {
            lately.judge(name, second);
        }
        assert_eq!((lately.registrations, lately.tally.of(Tier::Page), lately.tally.of(Tier::Alert)), (5, 1, 2));
        let told: Vec<(String, i64)> = lately.told().into_iter().map(|of| (of.name.to_string(), of.second)).collect();
        assert_eq!(
            told,
            [("corp-vault".to_owned(), 3), ("corp-valt".to_owned(), 4)],
            "the most urgent, then the newest"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// However many would have been told, in whatever order they come: the most urgent are kept, and all are counted.
        #[test]
        fn of_many_the_most_urgent_are_told_and_all_are_counted(
            came in prop::collection::vec((prop::sample::select(NAMES.to_vec()), 0_i64..50), 0..60), most in 1_usize..5,
        ) {
            let proposed = inventory("names = [\"acme-billing\", \"corp-vault\"]\n");
            let judged = |most: usize| {
                let mut lately = Lately::new(&proposed, inventory("names = [\"acme-billing\"]\n"), most);
                came.iter().for_each(|(name, second)| lately.judge(name, *second));
                (lately.registrations, lately.tally.alerts(), lately.told())
            };
            let (registrations, alerts, told) = judged(most);
            let (_, of_all, all) = judged(1000);
            prop_assert_eq!((registrations, alerts, alerts), (came.len(), of_all, all.len()));
            prop_assert!(all.is_sorted_by_key(|of| (Reverse(of.tier), Reverse(of.second), of.name.clone())));
            prop_assert_eq!(&told[..], &all[..most.min(all.len())]);
            prop_assert!(told.iter().all(|of| of.watch.text == "corp-vault"), "of what is new alone");
        }
    }
}
