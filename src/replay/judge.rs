//! Judges a stream as the daemon would: by the whole inventory, with its suppressions, and then only what is asked for.

use std::collections::BTreeSet;

use super::stream::Stream;
use super::tally::Tally;
use crate::matcher::Matcher;
use crate::model::{Inventory, Match, ProjectName, Registry, Rule, WatchId};
use crate::replay::sweep::{JudgedName, sweep};

/// Which matches count.
pub enum Scope {
    All,
    /// Those that this inventory, which is in force, does not make: of other watches, and of look-alikes not listed yet.
    NewTo(Inventory),
}

impl Scope {
    fn counts(&self, name: &ProjectName, found: &Match) -> bool {
        let Self::NewTo(in_force) = self else { return true };
        let listed = || found.rule == Rule::Listed && in_force.listed.get(name) != Some(&found.watch);
        in_force.watch(&found.watch).is_none() || listed()
    }

    /// Watches and look-alikes that can match in this scope.
    pub fn size(&self, inventory: &Inventory) -> usize {
        let Self::NewTo(in_force) = self else { return inventory.watches.len() };
        let watches = inventory.watches.keys().filter(|id| in_force.watch(id).is_none());
        let listed = inventory.listed.iter().filter(|(name, id)| in_force.listed.get(*name) != Some(*id));
        watches.count() + listed.count()
    }
}

/// What would have alerted.
pub struct Preview {
    pub tally: Tally,
    pub names: usize,
    pub watches: usize,
    /// Names that stood before the installation; `None`: an index knows no times.
    pub before: Option<usize>,
}

pub fn replay(stream: Stream, inventory: &Inventory, scope: &Scope) -> Preview {
    let matcher = Matcher::of(inventory, Registry::Pypi);
    let mut tally = Tally::new(stream.weeks);
    let swept = sweep(
        &stream.names,
        &matcher,
        |judged| weigh(judged, inventory, scope),
        |(judged, suppressed)| {
            tally.add(&judged);
            tally.suppressed += suppressed;
        },
    );
    Preview { tally, names: swept, watches: matcher.watches(), before: stream.before }
}

/// Leaves the matches that count, and says how many watches a suppression silences. As in the daemon, it silences a
/// watch when it declares all of its matches harmless, whichever of them are asked for.
pub(super) fn weigh(mut judged: JudgedName, inventory: &Inventory, scope: &Scope) -> (JudgedName, usize) {
    let JudgedName { name, matches, .. } = &judged;
    let watches: BTreeSet<WatchId> =
        matches.iter().filter(|m| scope.counts(name, m)).map(|m| m.watch.clone()).collect();
    let (silent, loud): (BTreeSet<WatchId>, BTreeSet<WatchId>) =
        watches.into_iter().partition(|watch| inventory.harmless(name, watch, matches).is_some());
    let name = name.clone();
    judged.matches.retain(|m| loud.contains(&m.watch) && scope.counts(&name, m));
    (judged, silent.len())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::source::Source;
    use crate::model::{OwnerId, Tier};
    use crate::watchlist::from_source;

    fn inventory(toml: &str) -> Inventory {
        let source = Source::new(Path::new("inventory.toml"), toml.to_owned());
        from_source(source, &OwnerId("security".to_owned())).unwrap_or_else(|error| panic!("{error}"))
    }

    fn replayed(names: &str, toml: &str, scope: &Scope) -> Preview {
        let names = crate::replay::names::of_text(names.to_owned());
        replay(Stream::of_index(names), &inventory(toml), scope)
    }

    const OLD: &str = "names = [\"acme-billing\"]\n";
    const STREAM: &str = "acme-billing\nacme-biling\ncorp-vault\npaper-jam\nunrelated\n";

    #[test]
    fn a_suppressed_case_is_counted_apart() {
        let suppress = "[[suppress]]\nproject = \"acme-biling\"\nreason = \"ours\"\n";
        let plain = replayed(STREAM, OLD, &Scope::All).tally;
        let quiet = replayed(STREAM, &format!("{OLD}{suppress}"), &Scope::All).tally;
        assert_eq!((plain.alerts(), plain.suppressed), (2, 0));
        assert_eq!((quiet.alerts(), quiet.suppressed), (1, 1));
        let other_rule = format!("{OLD}{suppress}rule = \"exact\"\n");
        assert_eq!(replayed(STREAM, &other_rule, &Scope::All).tally.alerts(), 2, "another match of the case stands");
    }

    #[test]
    fn what_is_in_force_already_does_not_count_as_new() {
        let new = "names = [\"acme-billing\", \"corp-vault\"]\n\
                   [[listed]]\nwatch = \"acme-billing\"\nnames = [\"paper-jam\"]\n";
        let scope = Scope::NewTo(inventory(OLD));
        let preview = replayed(STREAM, new, &scope);
        assert_eq!((preview.names, preview.watches, scope.size(&inventory(new))), (5, 2, 2));
        assert_eq!((preview.tally.of(Tier::Page), preview.tally.of(Tier::Alert)), (1, 1));
        let rules: Vec<&str> = preview.tally.rules().map(|(rule, _)| rule).collect();
        assert_eq!(rules, ["exact", "listed"]);
        assert_eq!(replayed(STREAM, new, &Scope::All).tally.alerts(), 4);
    }
}
