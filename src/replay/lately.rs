//! What watches that are not in force yet would have told of the registrations that the daemon has seen. Names are judged as they
//! are read, and kept only where they would be shown: all of PyPI's months would not fit otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::Builder;

use crossbeam_channel::Sender;

use super::judge::{Scope, weigh};
use super::sweep::JudgedName;
use super::tally::Tally;
use crate::matcher::{Judgement, Matcher, SightedKeys};
use crate::model::inventory::Suppression;
use crate::model::{Inventory, Match, ProjectName, Registry, Tier, Watch, WatchId};

/// To compile fewer watches takes less time than to go through all registrations once more.
const MANY: usize = 10_000;
/// Registrations that are handed on at once.
const BATCH: usize = 2_000;
/// Of these wait so many at most, some 80 KB each.
const WAITING: usize = if cfg!(test) { 2 } else { 16 };

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

/// Watches that are thought of, with what is said beside them.
#[derive(Clone, Copy)]
pub struct Added<'i> {
    /// In the order of their ids.
    pub watches: &'i [Watch],
    /// Look-alikes, also of watches that are not among these.
    pub listed: &'i BTreeMap<ProjectName, WatchId>,
    pub suppressions: &'i [Suppression],
}

/// The registrations of a while against such watches.
pub struct Lately {
    inventory: Inventory,
    most: usize,
    pub registrations: usize,
    pub tally: Tally,
    told: Vec<ToldName>,
}

/// Takes registrations: of each the name in normal form, and the Unix second.
pub type Visit<'v> = dyn FnMut(&str, i64) + 'v;

/// What they would have told: the `most` urgent are kept. `each` visits the registrations in any order, and is asked a second time
/// where there are many watches.
///
/// # Errors
/// As of `each`.
pub fn lately<E>(
    added: Added<'_>,
    most: usize,
    mut each: impl FnMut(&mut Visit<'_>) -> Result<(), E>,
) -> Result<Lately, E> {
    let watches = if added.watches.len() < MANY { added.watches.to_vec() } else { met(added, &mut each)? };
    let lately = Mutex::new(Lately::new(watches, added, most));
    judge_all(&lately, each)?;
    Ok(lately.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Of all that is visited, here and on a thread beside this: to judge a name takes longer than to read it, and few match anything.
/// While the first are read the other makes what they are judged by.
fn judge_all<E>(lately: &Mutex<Lately>, each: impl FnMut(&mut Visit<'_>) -> Result<(), E>) -> Result<(), E> {
    let held = || lately.lock().unwrap_or_else(PoisonError::into_inner);
    let made = OnceLock::new();
    let matcher = || made.get_or_init(|| Matcher::of(&held().inventory, Registry::Pypi));
    let judge = |batch: &Batch| {
        let judged = batch.iter().filter_map(|(name, second)| judged(matcher(), name, second));
        judged.for_each(|judged| held().weigh(judged, &Scope::All));
    };
    let (hand_on, handed) = crossbeam_channel::bounded::<Batch>(WAITING);
    let judge_handed = || handed.iter().for_each(|batch| judge(&batch));
    std::thread::scope(|scope| {
        let beside = || {
            matcher();
            judge_handed();
        };
        // A machine that has no thread left judges all of them here.
        drop(Builder::new().spawn_scoped(scope, beside));
        // Of what breaks off nothing is told.
        let registrations = hand_all_on(hand_on, &judge, each).inspect_err(|_| handed.iter().for_each(drop))?;
        judge_handed();
        held().registrations = registrations;
        Ok(())
    })
}

/// Hands on what is visited, and judges here what finds no room. Gives how many there were.
fn hand_all_on<E>(
    hand_on: Sender<Batch>,
    judge: &impl Fn(&Batch),
    mut each: impl FnMut(&mut Visit<'_>) -> Result<(), E>,
) -> Result<usize, E> {
    let (mut batch, mut registrations) = (Batch::default(), 0);
    each(&mut |name, second| {
        registrations += 1;
        batch.add(name, second);
        if batch.ends.len() < BATCH {
            return;
        }
        if let Err(full) = hand_on.try_send(std::mem::take(&mut batch)) {
            judge(&full.into_inner());
        }
    })?;
    judge(&batch);
    Ok(registrations)
}

/// What it matches; `None`: nothing. `name`: in normal form.
fn judged(matcher: &Matcher, name: &str, second: i64) -> Option<JudgedName> {
    let Judgement { matches, .. } = matcher.judge_normalized(name);
    if matches.is_empty() {
        return None;
    }
    Some(JudgedName { name: ProjectName::parse(name).ok()?, second: Some(second), matches, more: 0 })
}

/// Registrations on their way to another thread.
#[derive(Default)]
struct Batch {
    names: String,
    /// Where each ends in that, and its second.
    ends: Vec<(usize, i64)>,
}

impl Batch {
    fn add(&mut self, name: &str, second: i64) {
        self.names.push_str(name);
        self.ends.push((self.names.len(), second));
    }

    fn iter(&self) -> impl Iterator<Item = (&str, i64)> {
        let begins = std::iter::once(0).chain(self.ends.iter().map(|(end, _)| *end));
        begins.zip(&self.ends).map(|(begin, (end, second))| (&self.names[begin..*end], *second))
    }
}

/// The watches that one of the registrations may meet, and those with look-alikes.
fn met<E>(added: Added<'_>, each: &mut impl FnMut(&mut Visit<'_>) -> Result<(), E>) -> Result<Vec<Watch>, E> {
    let (sighted, listed) = (SightedKeys::default(), added.listed.values().collect::<BTreeSet<_>>());
    each(&mut |name, _| sighted.add(name))?;
    let is_met = |watch: &&Watch| sighted.may_meet(&watch.id) || listed.contains(&watch.id);
    Ok(added.watches.iter().filter(is_met).cloned().collect())
}

impl Lately {
    fn new(watches: Vec<Watch>, added: Added<'_>, most: usize) -> Self {
        let watches: BTreeMap<WatchId, Watch> = watches.into_iter().map(|watch| (watch.id.clone(), watch)).collect();
        let listed = added.listed.iter().filter(|(_, watch)| watches.contains_key(*watch));
        let listed = listed.map(|(name, watch)| (name.clone(), watch.clone())).collect();
        let suppressions = added.suppressions.to_vec();
        let inventory = Inventory { watches, listed, suppressions, ..Inventory::default() };
        Self { inventory, most, registrations: 0, tally: Tally::default(), told: Vec::new() }
    }

    fn weigh(&mut self, judged: JudgedName, scope: &Scope) {
        let (judged, suppressed) = weigh(judged, &self.inventory, scope);
        self.tally.suppressed += suppressed;
        self.tally.add(&judged);
        let found = judged.matches.first().filter(|found| found.tier > Tier::Digest);
        if let Some((found, second)) = found.zip(judged.second) {
            self.keep(told(judged.name.clone(), second, found));
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
    use std::convert::Infallible;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::config::source::Source;
    use crate::model::OwnerId;
    use crate::watchlist::{diff, from_source};

    const NAMES: [&str; 8] =
        ["corp-vault", "corp-valt", "corp-vaults", "corp-vault-x", "acme-billing", "unrelated", "-", "c0rp-vault"];
    const OLD: &str = "names = [\"acme-billing\"]\n";
    const NEW: &str = "names = [\"acme-billing\", \"corp-vault\"]\n";

    type Registered<'n> = (&'n str, i64);

    fn inventory(toml: &str) -> Inventory {
        let source = Source::new(Path::new("inventory.toml"), toml.to_owned());
        from_source(source, &OwnerId("security".to_owned())).unwrap_or_else(|error| panic!("{error}"))
    }

    /// What one inventory has that another lacks, against these registrations.
    fn of(old: &str, new: &str, came: &[Registered<'_>], most: usize) -> Lately {
        let (old, new) = (inventory(old), inventory(new));
        let changes = diff(&old, &new);
        let added = Added { watches: &changes.added, listed: &new.listed, suppressions: &new.suppressions };
        let Ok(lately) = lately(added, most, |visit| all(came, visit));
        lately
    }

    fn all(came: &[Registered<'_>], visit: &mut Visit<'_>) -> Result<(), Infallible> {
        came.iter().for_each(|(name, second)| visit(name, *second));
        Ok(())
    }

    #[test]
    fn what_new_watches_would_have_told_is_named_and_what_old_ones_told_is_not() {
        let came = [("acme-billing", 1), ("corp-vaults", 2), ("corp-vault", 3), ("corp-valt", 4), ("unrelated", 5)];
        let lately = of(OLD, NEW, &came, 2);
        assert_eq!((lately.registrations, lately.tally.of(Tier::Page), lately.tally.of(Tier::Alert)), (5, 1, 2));
        let told: Vec<(String, i64)> = lately.told().into_iter().map(|of| (of.name.to_string(), of.second)).collect();
        assert_eq!(
            told,
            [("corp-vault".to_owned(), 3), ("corp-valt".to_owned(), 4)],
            "the most urgent, then the newest"
        );
    }

    /// In whatever order two threads come to them: of so many that both have batches, and a last one that is not full.
    #[test]
    fn of_more_than_one_thread_has_all_are_told_once() {
        let came: Vec<(String, i64)> =
            (0..17 * BATCH + 3).map(|number| format!("corp-vault-{number}")).zip(0..).collect();
        let came: Vec<Registered<'_>> = came.iter().map(|(name, second)| (name.as_str(), *second)).collect();
        let lately = of(OLD, NEW, &came, came.len());
        assert_eq!((lately.registrations, lately.tally.suppressed), (came.len(), 0));
        let told: BTreeSet<i64> = lately.told().iter().map(|of| of.second).collect();
        assert_eq!(told.len(), came.len());
    }

    /// A watch of few words, so that many resemble each other; prefixes and brand words among them.
    fn watch() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => "(acme|corp|zorblax)-(billing|vault|core)(-sdk|-[0-9])?",
            1 => "(acme|corp|zorblax)-\\*",
            1 => "brand:(acme|corp|zorblax)",
        ]
    }

    fn name() -> impl Strategy<Value = String> {
        "(acme|acne|corp|py-corp|zorblax)-?(billing|biling|vault|vautl|core)(-sdk|-[0-9]|s|-api-docs)?"
    }

    /// With a suppression, and a look-alike of its first watch, where there are such.
    fn toml(watches: &BTreeSet<String>, harmless: Option<&String>, listed: Option<&String>) -> String {
        let names: String = watches.iter().map(|watch| format!("{watch:?},")).collect();
        let harmless = harmless.map(|of| format!("[[suppress]]\nproject = {of:?}\nreason = \"ours\"\n"));
        let first = watches.first().map(String::as_str).unwrap_or_default();
        let listed = listed.map(|name| format!("[[listed]]\nwatch = {first:?}\nnames = [{name:?}]\n"));
        format!("names = [{names}]\n{}{}", harmless.unwrap_or_default(), listed.unwrap_or_default())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// However many would have been told, in whatever order they come: the most urgent are kept, and all are counted.
        #[test]
        fn of_many_the_most_urgent_are_told_and_all_are_counted(
            came in prop::collection::vec((prop::sample::select(NAMES.to_vec()), 0_i64..50), 0..60), most in 1_usize..5,
        ) {
            let judged = |most: usize| {
                let lately = of(OLD, NEW, &came, most);
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// The plain way judges by all of the new inventory, and leaves out what the old one told.
        #[test]
        fn watches_that_no_registration_may_meet_are_left_out_and_all_is_told_as_by_all_of_them(
            old in prop::collection::btree_set(watch(), 1..4),
            new in prop::collection::btree_set(watch(), 1..8),
            came in prop::collection::vec((name(), 0_i64..50), 1..20),
            says in any::<[bool; 2]>(),
        ) {
            let (harmless, listed) = (says[0].then_some(&came[0].0), Some("paper-jam".to_owned()).filter(|_| says[1]));
            let (old, new) = (inventory(&toml(&old, None, None)), inventory(&toml(&new, harmless, listed.as_ref())));
            let mut came: Vec<Registered<'_>> = came.iter().map(|(name, second)| (name.as_str(), *second)).collect();
            came.push(("paper-jam", 7));
            let changes = diff(&old, &new);
            let added = Added { watches: &changes.added, listed: &new.listed, suppressions: &new.suppressions };
            let Ok(met) = met(added, &mut |visit: &mut Visit<'_>| all(&came, visit));
            let (mut quick, mut plain) = (Lately::new(met, added, 100), Lately::new(Vec::new(), added, 100));
            let of_met = Matcher::of(&quick.inventory, Registry::Pypi);
            plain.inventory = new.clone();
            let (matcher, scope) = (Matcher::build(&new), Scope::NewTo(Inventory { listed: new.listed.clone(), ..old }));
            for (name, second) in came {
                quick.registrations += 1;
                judged(&of_met, name, second).into_iter().for_each(|judged| quick.weigh(judged, &Scope::All));
                let name = ProjectName::parse(name).expect("a name");
                plain.registrations += 1;
                plain.weigh(JudgedName { matches: matcher.judge(&name).matches, name, second: Some(second), more: 0 }, &scope);
            }
            let figures = |of: &Lately| {
                let tiers = [Tier::Page, Tier::Alert, Tier::Digest].map(|tier| of.tally.of(tier));
                (of.registrations, tiers, of.tally.suppressed, of.tally.rules().map(|(rule, count)| (rule, count.all)).collect::<Vec<_>>())
            };
            prop_assert_eq!(figures(&quick), figures(&plain));
            prop_assert_eq!(quick.told(), plain.told());
        }
    }
}
