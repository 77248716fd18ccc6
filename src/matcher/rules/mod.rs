//! The rules, one a file, each with the same parts in the same order: id, line, what it means to an attacker, sources,
//! example; what it costs; predicate; keys, where nothing that it leaves equal has one; sentence; tests. A rule looks at one
//! name and one watch and knows nothing of suppressions, registrants or age: those are applied after matching.

mod affix;
pub(super) mod affix_edit;
mod brand;
pub(super) mod contains;
mod core;
pub(super) mod dropped_token;
mod exact;
mod homoglyph;
mod insertion;
mod keyboard;
mod listed;
mod omission;
mod phrase;
mod plural;
mod prefix;
pub(super) mod reorder;
pub(super) mod repetition;
pub(super) mod scramble;
mod separators;
mod spec;
mod substitution;
#[cfg(test)]
mod testing;
pub(super) mod three_edits;
mod token_swap;
mod transposition;
pub(super) mod truncation;
mod two_edits;
mod ultranormal;
mod version_suffix;

pub use spec::Spec;

use crate::model::Rule;
use crate::model::rule::every_rule;

/// The rules of the list, each from the file that the list names.
macro_rules! specs {
    ($($(#[$doc:meta])* $rule:ident($file:ident, $id:literal, $by:ident, $words:literal),)*) => {
        /// Every rule, in the order of `Rule`.
        pub static RULES: [Spec; Rule::ALL.len()] = [$($file::SPEC),*];

        /// Does each file tell of the rule that the list names it for?
        const _: () = {
            $(assert!(matches!($file::SPEC.rule, Rule::$rule));)*
        };
    };
}

every_rule!(specs);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::{Matcher, SightedKeys};
    use crate::model::{Inventory, OwnerId, ProjectName, Registry, Watch, WatchId, WatchKind};

    fn inventory((watch, name): (&str, &str), rule: Rule) -> Inventory {
        let (kind, text) = match (watch.strip_suffix('*'), watch.strip_prefix("brand:")) {
            (Some(prefix), _) => (WatchKind::Prefix, prefix),
            (_, Some(brand)) => (WatchKind::Brand, brand),
            _ => (WatchKind::Name, watch),
        };
        let (id, display) = (WatchId::new(Registry::Pypi, kind, text), watch.to_owned());
        let owner = OwnerId("team".to_owned());
        let (latest_version, first_use, index) = (None, None, None);
        let watch = Watch { id: id.clone(), display, owner, exclusive: true, latest_version, first_use, index };
        let listed = (rule == Rule::Listed).then(|| (ProjectName::parse(name).expect("a name"), id.clone()));
        let (watches, listed) = ([(id, watch)].into(), listed.into_iter().collect());
        Inventory { watches, listed, ..Inventory::default() }
    }

    /// The whole way: a key that both have, the prefilter, the predicate, and weight enough for a tier.
    #[test]
    fn every_rule_is_told_of_its_example() {
        for spec in &RULES {
            let (inventory, sighted) = (inventory(spec.example, spec.rule), SightedKeys::default());
            let name = ProjectName::parse(spec.example.1).expect("a name");
            let judged = Matcher::build(&inventory).judge(&name);
            let told = judged.matches.iter().find(|found| found.rule == spec.rule);
            assert!(told.is_some(), "{}: {:?}", spec.rule.as_str(), judged.matches);
            sighted.add(name.as_str());
            let is_met = inventory.watches.keys().all(|watch| sighted.may_meet(watch));
            assert!(is_met || spec.rule == Rule::Listed, "{}", spec.rule.as_str());
        }
    }

    #[test]
    fn every_rule_has_all_its_parts() {
        for spec in &RULES {
            let id = spec.rule.as_str();
            for (part, text) in [("line", spec.line), ("attacker", spec.attacker), ("sources", spec.sources)] {
                assert!(text.len() > 8 && !text.ends_with('.') && text.trim() == text, "{id}: {part}: {text:?}");
            }
            assert!(testing::holds(spec, spec.example.0, spec.example.1), "{id}: its example");
            let (said, name) = (testing::says(spec), ProjectName::parse(spec.example.1).expect("a name"));
            assert!(said.contains(name.as_str()) && !said.ends_with('.'), "{id}: {said}");
        }
    }
}
