//! Judges names against the inventory. Pure: no I/O, no clock; imports `model` only.

use std::collections::{BTreeMap, HashMap};

use crate::model::name::ultranormal_byte;
use crate::model::{Inventory, Match, ProjectName, Rule, Tier, WatchId, WatchKind};

/// Names shorter than this (without separators) are matched by no edit rule: almost everything is one edit from them.
const EDIT_MIN: usize = 5;

/// An inventory compiled for judging. Immutable: a reload builds another and swaps it.
#[derive(Debug, Default)]
pub struct Matcher {
    watches: Vec<WatchId>,
    exact: HashMap<String, u32>,
    ultranormal: HashMap<String, Vec<u32>>,
    joined: HashMap<String, Vec<u32>>,
    /// Every joined name, and every joined name with one character deleted.
    deletions: HashMap<String, Vec<u32>>,
    prefixes: Vec<(u32, bool)>,
    listed: HashMap<String, u32>,
    brands: HashMap<String, u32>,
}

impl Matcher {
    /// Compiles an inventory. Time and memory grow with the number of watches only.
    pub fn build(inventory: &Inventory) -> Self {
        let mut matcher = Self::default();
        for (id, watch) in &inventory.watches {
            let index = u32::try_from(matcher.watches.len()).unwrap_or(u32::MAX);
            match id.kind {
                WatchKind::Name => matcher.add_name(&id.text, index),
                WatchKind::Prefix => matcher.prefixes.push((index, watch.exclusive)),
                WatchKind::Brand => {
                    matcher.brands.insert(id.text.clone(), index);
                }
            }
            matcher.watches.push(id.clone());
        }
        for (name, watch) in &inventory.listed {
            if let Ok(index) = matcher.watches.binary_search(watch) {
                matcher.listed.insert(name.as_str().to_owned(), u32::try_from(index).unwrap_or(u32::MAX));
            }
        }
        matcher
    }

    fn add_name(&mut self, text: &str, index: u32) {
        let joined = join(text);
        self.exact.insert(text.to_owned(), index);
        self.ultranormal.entry(ultranormal(text)).or_default().push(index);
        for key in deletions(&joined) {
            self.deletions.entry(key).or_default().push(index);
        }
        self.joined.entry(joined).or_default().push(index);
    }

    /// How many watches were compiled.
    pub fn watches(&self) -> usize {
        self.watches.len()
    }

    /// Why this name resembles watches: one match per (watch, rule), strongest first. Never fails.
    pub fn judge(&self, name: &ProjectName) -> Vec<Match> {
        self.judge_normalized(name.as_str())
    }

    /// `judge` for text that is already in PEP 503 normal form.
    pub fn judge_normalized(&self, name: &str) -> Vec<Match> {
        let mut found: BTreeMap<u32, Match> = BTreeMap::new();
        self.whole_name(name, &mut found);
        self.edited(name, &mut found);
        let mut matches: Vec<Match> = found.into_values().collect();
        matches.extend(self.respelled(name));
        matches.extend(self.listed.get(name).map(|&index| {
            let text = format!("{name} is on your list of look-alikes of {}", self.watches[index as usize].text);
            self.explain(index, Rule::Listed, 85, None, text)
        }));
        matches.extend(self.prefixed(name));
        matches.extend(self.branded(name));
        matches.sort_by(|a, b| b.score.cmp(&a.score).then(a.rule.cmp(&b.rule)).then(a.watch.cmp(&b.watch)));
        matches
    }

    fn whole_name(&self, name: &str, found: &mut BTreeMap<u32, Match>) {
        if let Some(&index) = self.exact.get(name) {
            found.insert(index, self.explain(index, Rule::Exact, 100, Some(0), format!("{name} is the watched name")));
        }
        for &index in self.ultranormal.get(&ultranormal(name)).into_iter().flatten() {
            let watch = &self.watches[index as usize].text;
            let text = format!("{name} is the same as {watch} to PyPI, which ignores separators and l/i/1, o/0");
            found.entry(index).or_insert_with(|| self.explain(index, Rule::Ultranormal, 96, Some(0), text));
        }
    }

    /// Besides `ultranormal`, so that the owner reads which of its two causes it was.
    fn respelled<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Match> + 'a {
        let same = self.joined.get(&join(name)).into_iter().flatten().copied();
        same.filter(move |&index| self.watches[index as usize].text != name).map(move |index| {
            let text = format!("{name} is {} with other separators", self.watches[index as usize].text);
            self.explain(index, Rule::Separators, 88, Some(0), text)
        })
    }

    fn edited(&self, name: &str, found: &mut BTreeMap<u32, Match>) {
        let joined = join(name);
        for key in deletions(&joined) {
            for &index in self.deletions.get(&key).into_iter().flatten() {
                let watch = join(&self.watches[index as usize].text);
                let Some(rule) = one_edit(joined.as_bytes(), watch.as_bytes()) else { continue };
                if joined.len().min(watch.len()) < EDIT_MIN {
                    continue;
                }
                let score = if joined.len().min(watch.len()) >= 8 { 75 } else { 65 };
                let text = format!("{name} is one edit from {}", self.watches[index as usize].text);
                found.entry(index).or_insert_with(|| self.explain(index, rule, score, Some(1), text));
            }
        }
    }

    fn prefixed<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Match> + 'a {
        self.prefixes.iter().filter(|(i, _)| name.starts_with(&self.watches[*i as usize].text)).map(
            move |&(index, exclusive)| {
                let text = format!("{name} is under the watched prefix {}", self.watches[index as usize].label());
                self.explain(index, Rule::Prefix, if exclusive { 92 } else { 70 }, None, text)
            },
        )
    }

    fn branded<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Match> + 'a {
        let mut brands: Vec<u32> = name.split('-').filter_map(|token| self.brands.get(token).copied()).collect();
        brands.sort_unstable();
        brands.dedup();
        brands.into_iter().map(move |index| {
            let text = format!("{name} contains the brand word {}", self.watches[index as usize].text);
            self.explain(index, Rule::Brand, 40, None, text)
        })
    }

    fn explain(&self, index: u32, rule: Rule, score: u8, distance: Option<u8>, explanation: String) -> Match {
        let watch = self.watches[index as usize].clone();
        Match { watch, rule, tier: tier(score), score, distance, explanation }
    }
}

/// The cut-offs of the score.
fn tier(score: u8) -> Tier {
    match score {
        90.. => Tier::Page,
        60.. => Tier::Alert,
        _ => Tier::Digest,
    }
}

/// A normalized name without its separators.
fn join(name: &str) -> String {
    name.chars().filter(|c| *c != '-').collect()
}

/// `ProjectName::ultranormal` for normalized text.
fn ultranormal(name: &str) -> String {
    name.bytes().filter(|b| *b != b'-').map(|b| char::from(ultranormal_byte(b))).collect()
}

/// The text itself, and with each single byte deleted (ASCII only, as names are).
fn deletions(text: &str) -> Vec<String> {
    let mut out = vec![text.to_owned()];
    for at in 0..text.len() {
        if at > 0 && text.as_bytes()[at] == text.as_bytes()[at - 1] {
            continue;
        }
        out.push([&text[..at], &text[at + 1..]].concat());
    }
    out
}

/// The rule that turns `watch` into `name` with no more than one edit (a swap of neighbours is one).
fn one_edit(name: &[u8], watch: &[u8]) -> Option<Rule> {
    let start = name.iter().zip(watch).take_while(|(a, b)| a == b).count();
    let (n, w) = (&name[start..], &watch[start..]);
    let end = n.iter().rev().zip(w.iter().rev()).take_while(|(a, b)| a == b).count();
    match (&n[..n.len() - end], &w[..w.len() - end]) {
        ([], [_]) => Some(Rule::Omission),
        ([added], []) => {
            let doubled = start > 0 && name[start - 1] == *added;
            Some(if doubled { Rule::Repetition } else { Rule::Insertion })
        }
        ([_], [_]) => Some(Rule::Substitution),
        ([a, b], [c, d]) if (a, b) == (d, c) => Some(Rule::Transposition),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{OwnerId, Watch};

    fn inventory(watches: &[(WatchKind, &str)]) -> Inventory {
        let watch = |&(kind, text): &(WatchKind, &str)| {
            let id = WatchId { kind, text: text.to_owned() };
            let watch = Watch {
                id: id.clone(),
                display: text.to_owned(),
                owner: OwnerId("team".to_owned()),
                exclusive: true,
                latest_version: None,
                first_use: None,
                index: None,
            };
            (id, watch)
        };
        Inventory { watches: watches.iter().map(watch).collect::<BTreeMap<_, _>>(), ..Inventory::default() }
    }

    fn rules(watches: &[(WatchKind, &str)], name: &str) -> Vec<(Rule, Tier)> {
        let name = ProjectName::parse(name).expect("valid");
        Matcher::build(&inventory(watches)).judge(&name).iter().map(|m| (m.rule, m.tier)).collect()
    }

    #[test]
    fn each_rule_finds_its_example() {
        let watch = [(WatchKind::Name, "acme-billing")];
        for (name, rule, tier) in [
            ("Acme.Billing", Rule::Exact, Tier::Page),
            ("acme-bi1ling", Rule::Ultranormal, Tier::Page),
            ("acme-biling", Rule::Omission, Tier::Alert),
            ("acme-billling", Rule::Repetition, Tier::Alert),
            ("acme-bixlling", Rule::Insertion, Tier::Alert),
            ("acme-billnig", Rule::Transposition, Tier::Alert),
            ("a-cmebillinh", Rule::Substitution, Tier::Alert),
        ] {
            assert_eq!(rules(&watch, name), [(rule, tier)], "{name}");
        }
        assert_eq!(
            rules(&watch, "acmebilling"),
            [(Rule::Ultranormal, Tier::Page), (Rule::Separators, Tier::Alert)],
            "both causes are told"
        );
        assert_eq!(rules(&watch, "requests"), []);
    }

    #[test]
    fn a_listed_name_alerts() {
        let mut inventory = inventory(&[(WatchKind::Name, "acme-billing")]);
        let listed = ProjectName::parse("acme-invoices").expect("valid");
        inventory.listed.insert(listed.clone(), WatchId { kind: WatchKind::Name, text: "acme-billing".to_owned() });
        let matches = Matcher::build(&inventory).judge(&listed);
        assert_eq!(matches.iter().map(|m| (m.rule, m.tier)).collect::<Vec<_>>(), [(Rule::Listed, Tier::Alert)]);
    }

    #[test]
    fn prefixes_and_brand_words_match_whole_tokens() {
        let watches = [(WatchKind::Prefix, "acme-"), (WatchKind::Brand, "acme")];
        assert_eq!(rules(&watches, "acme-new"), [(Rule::Prefix, Tier::Page), (Rule::Brand, Tier::Digest)]);
        assert_eq!(rules(&watches, "my-acme"), [(Rule::Brand, Tier::Digest)]);
        assert_eq!(rules(&watches, "acmecorp"), []);
    }
}
