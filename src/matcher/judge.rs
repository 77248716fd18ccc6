//! Judging: from a name to what it resembles.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::compiled::Matcher;
use super::evidence::columns::Word;
use super::evidence::forms::Forms;
use super::evidence::name::Name;
use super::evidence::pair::Pair;
use super::evidence::score;
use super::evidence::weigh::Evidence;
use super::judgement::{Judgement, NAMED, OWNERS, Rest};
use super::retrieval::candidates::Candidates;
use super::retrieval::hint::Hint;
use super::retrieval::index::FEW;
use super::retrieval::keys;
use super::retrieval::members::Members;
use super::rules::{RULES, Spec};
use crate::model::{Match, ProjectName, WatchKind};

/// A rule that holds between a name and a watch, before anybody puts it into words.
pub(super) struct Held {
    watch: u32,
    spec: &'static Spec,
    evidence: Evidence,
    score: u8,
}

impl Matcher {
    /// Why this name resembles watches: the strongest of them, and a count of the rest. Never fails.
    pub fn judge(&self, name: &ProjectName) -> Judgement {
        self.judge_normalized(name.as_str())
    }

    /// `judge` for text in PEP 503 normal form. Allocates nothing for a name that matches nothing.
    pub fn judge_normalized(&self, name: &str) -> Judgement {
        let name = Name::new(name);
        let mut candidates = Candidates::default();
        let may_hold = |key| self.index.may_hold(key);
        keys::of_name(&name.forms, self.words, may_hold, |key, hint| self.follow(key, hint, &name, &mut candidates));
        let mut held = Vec::new();
        let others = candidates.each(|watch| self.judge_pair(&name, watch, &mut held));
        self.judgement(&name, held, others)
    }

    /// Takes the watches under a key for candidates; out of line, as nearly no key leads anywhere.
    #[cold]
    fn follow(&self, key: u64, hint: Hint, name: &Name<'_>, candidates: &mut Candidates) {
        if self.index.is_few(key) || self.index.find(key).nth(FEW).is_none() {
            let watches = self.index.find(key).filter(|watch| self.prefilter.may_match(*watch, name, hint));
            return watches.for_each(|watch| candidates.add(watch));
        }
        let Some(ends) = self.index.ends(key).filter(|ends| !candidates.met(hint, *ends)) else { return };
        let count = if name.forms.joined().len() <= u64::CHARACTERS {
            self.add_family::<u64>(key, hint, name, candidates)
        } else {
            self.add_family::<u128>(key, hint, name, candidates)
        };
        candidates.meet(hint, ends, count);
    }

    /// How many watches there are under the key of a family.
    fn add_family<W: Word>(&self, key: u64, hint: Hint, name: &Name<'_>, candidates: &mut Candidates) -> usize {
        let (mut members, mut count) = (Members::<W>::new(&self.prefilter, name), 0);
        let watches = self.index.find(key).inspect(|_| count += 1);
        candidates.add_family(watches, |watch| members.may_match(watch, hint));
        count
    }

    /// How little the two have in common, at most four edits; nothing but itself compares with a prefix or a word.
    fn apart(&self, watch: u32, name: &Name<'_>) -> u8 {
        let is_name = self.watches[watch as usize].id.kind == WatchKind::Name;
        if is_name { self.prefilter.apart(watch, name) } else { 0 }
    }

    /// Adds the rules that hold and weigh enough for a tier. Is there any?
    pub(super) fn judge_pair(&self, name: &Name<'_>, watch: u32, held: &mut Vec<Held>) -> bool {
        let before = held.len();
        self.look_at(name, watch, |pair| {
            for spec in &RULES {
                let found = (spec.find)(pair).and_then(|evidence| Some((evidence, score::score(evidence.weight)?)));
                held.extend(found.map(|(evidence, score)| Held { watch, spec, evidence, score }));
            }
        });
        held.len() > before
    }

    fn look_at<T>(&self, name: &Name<'_>, watch: u32, look: impl FnOnce(&Pair<'_>) -> T) -> T {
        let compiled = &self.watches[watch as usize];
        let forms = Forms::new(&compiled.id.text);
        let mut pair = Pair::new(name, &forms, compiled.id.kind);
        pair.exclusive = compiled.exclusive;
        pair.listed = !self.listed.is_empty() && self.listed.get(name.forms.text) == Some(&watch);
        look(&pair)
    }

    /// Names the strongest watches, and counts the others: those that hold weakly, and those that nobody weighed.
    pub(super) fn judgement(&self, name: &Name<'_>, mut held: Vec<Held>, others: Vec<u32>) -> Judgement {
        if held.is_empty() {
            return Judgement::default();
        }
        // Watches stand in the order of their ids.
        held.sort_by_cached_key(|held| (Reverse(held.score), held.spec.rule, self.apart(held.watch, name), held.watch));
        let named = self.named(&held);
        let (told, untold): (Vec<Held>, Vec<Held>) =
            held.into_iter().partition(|held| named.binary_search(&held.watch).is_ok());
        let mut untold: Vec<u32> = untold.iter().map(|held| held.watch).collect();
        untold.sort_unstable();
        untold.dedup();
        let matches = told.iter().map(|held| self.explain(name, held)).collect();
        Judgement { matches, rest: Rest::of(merged(others, untold)) }
    }

    /// Which watches are named, ascending.
    fn named(&self, held: &[Held]) -> Vec<u32> {
        let (mut named, mut owners, mut strangers) = (BTreeSet::new(), BTreeSet::new(), 0);
        for watch in held.iter().map(|held| held.watch) {
            let owner = self.watches[watch as usize].owner;
            if named.len() < NAMED {
                named.insert(watch);
                owners.insert(owner);
            } else if !named.contains(&watch) && strangers < OWNERS && owners.insert(owner) {
                named.insert(watch);
                strangers += 1;
            }
        }
        named.into_iter().collect()
    }

    fn explain(&self, name: &Name<'_>, held: &Held) -> Match {
        let (score, tier) = (held.score, score::tier(held.score));
        let says = self.look_at(name, held.watch, |pair| (held.spec.says)(pair));
        let explanation = format!("{says}. {}", score::reason(held.evidence.weight, tier));
        let watch = self.watches[held.watch as usize].id.clone();
        let lacks = score::lacks(held.evidence.weight);
        Match { watch, rule: held.spec.rule, tier, score, lacks, distance: held.evidence.distance, explanation }
    }
}

/// Two ascending lists as one.
fn merged(a: Vec<u32>, b: Vec<u32>) -> impl Iterator<Item = u32> {
    let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(left), Some(right)) if left > right => b.next(),
        (Some(_), _) => a.next(),
        _ => b.next(),
    })
}
