//! The rules, one a file, each with the same parts in the same order: id, line, what it means to an attacker,
//! sources, example; predicate; sentence; tests. A rule looks at one name and one watch and knows nothing of
//! suppressions, registrants or age: those are applied after matching.

use crate::matcher::evidence::affixes;
use crate::matcher::evidence::edits::Edit;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::{Evidence, Pair};
use crate::matcher::evidence::{score, tokens};
use crate::model::Rule;

mod affix;
pub(super) mod affix_edit;
mod brand;
pub(super) mod contains;
pub(super) mod dropped_token;
mod exact;
mod homoglyph;
mod insertion;
mod keyboard;
mod listed;
mod omission;
mod plural;
mod prefix;
pub(super) mod reorder;
pub(super) mod repetition;
pub(super) mod scramble;
mod separators;
mod substitution;
pub(super) mod three_edits;
mod token_swap;
mod transposition;
pub(super) mod truncation;
mod two_edits;
mod ultranormal;
mod version_suffix;

/// A rule.
pub struct Spec {
    pub rule: Rule,
    /// What holds, in one line.
    pub line: &'static str,
    /// What it is to an attacker.
    pub attacker: &'static str,
    /// Where it is described, or was seen.
    pub sources: &'static str,
    /// A watch as people write it, and a name that matches it by this rule.
    pub example: (&'static str, &'static str),
    pub(super) find: fn(&Pair<'_>) -> Option<Evidence>,
    /// One sentence without a full stop, made of normalized names only. Asked only where `find` found.
    pub(super) says: fn(&Pair<'_>) -> String,
}

/// Every rule, in the order of `Rule`.
pub static RULES: [Spec; 25] = [
    exact::SPEC,
    ultranormal::SPEC,
    prefix::SPEC,
    listed::SPEC,
    separators::SPEC,
    homoglyph::SPEC,
    transposition::SPEC,
    repetition::SPEC,
    omission::SPEC,
    keyboard::SPEC,
    insertion::SPEC,
    substitution::SPEC,
    reorder::SPEC,
    token_swap::SPEC,
    two_edits::SPEC,
    three_edits::SPEC,
    scramble::SPEC,
    truncation::SPEC,
    affix::SPEC,
    plural::SPEC,
    version_suffix::SPEC,
    affix_edit::SPEC,
    dropped_token::SPEC,
    contains::SPEC,
    brand::SPEC,
];

/// Do two different names have the same core: what remains without customary words and versions?
fn same_core(pair: &Pair<'_>) -> bool {
    pair.comparable() && pair.forms().core() == pair.watch.core() && pair.forms().joined() != pair.watch.joined()
}

/// Evidence where the core is what two names share: it is worth no more than the core, whatever stands around it, and
/// less for every customary word beyond the first.
fn core_evidence(pair: &Pair<'_>, cost: f32) -> Option<Evidence> {
    let name = pair.forms();
    let (from, to) = affixes::stem_tokens(name);
    let words = tokens::words_bits((from..to).map(|at| name.token(at)));
    let core = tokens::joined_bits(name.core()).min(words) + score::CORE_BITS;
    let around = name.tokens() - (to - from);
    let more = score::cost::AFFIX_EACH * f32::from(u8::try_from(around.saturating_sub(1)).unwrap_or(u8::MAX));
    Evidence::bits(pair.name.bits().min(core), cost + more, None)
}

fn core_text<'a>(forms: &'a Forms<'_>) -> &'a str {
    std::str::from_utf8(forms.core()).unwrap_or_default()
}

/// `NAME does WHAT in WATCH`, for rules of one edit.
fn edit_said(pair: &Pair<'_>, what: impl Fn(Edit) -> String) -> String {
    let what = pair.script().and_then(|script| script.single()).map(what).unwrap_or_default();
    format!("{} {what} in {}", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod testing {
    //! What the tests of a rule need: its predicate and its sentence on names as people write them.

    use super::Spec;
    use crate::matcher::evidence::forms::Forms;
    use crate::matcher::evidence::pair::{Name, Pair};
    use crate::model::{ProjectName, Rule, WatchKind};

    fn with<T>(spec: &Spec, watch: &str, name: &str, look: impl FnOnce(&Pair<'_>) -> T) -> T {
        let normal = ProjectName::parse(name).expect("a valid name");
        let (kind, text) = match (watch.strip_suffix('*'), watch.strip_prefix("brand:")) {
            (Some(prefix), _) => (WatchKind::Prefix, prefix),
            (_, Some(brand)) => (WatchKind::Brand, brand),
            _ => (WatchKind::Name, watch),
        };
        let (name, watch) = (Name::new(normal.as_str()), Forms::new(text));
        let mut pair = Pair::new(&name, &watch, kind);
        pair.exclusive = true;
        pair.listed = spec.rule == Rule::Listed && normal.as_str() == spec.example.1;
        look(&pair)
    }

    pub(super) fn holds(spec: &Spec, watch: &str, name: &str) -> bool {
        with(spec, watch, name, |pair| (spec.find)(pair).is_some())
    }

    /// The sentence for the rule's own example.
    pub(super) fn says(spec: &Spec) -> String {
        with(spec, spec.example.0, spec.example.1, |pair| (spec.says)(pair))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_listed_once_in_order() {
        assert!(RULES.iter().map(|spec| spec.rule).eq(Rule::ALL));
    }

    #[test]
    fn every_rule_holds_for_its_example() {
        for spec in &RULES {
            assert!(testing::holds(spec, spec.example.0, spec.example.1), "{}", spec.rule.as_str());
        }
    }
}
