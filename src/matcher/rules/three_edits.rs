//! `three-edits`: three edits that keep the letters.

use super::Spec;
use crate::matcher::edits;
use crate::matcher::keys::DELETION_MAX;
use crate::matcher::pair::{Evidence, Pair, letters_apart};
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::ThreeEdits,
    line: "three edits that keep nearly all letters, and the first in its place",
    attacker: "letters scrambled by a generator of variants",
    sources: "the matplotlib and selenium campaigns of 2024",
    example: ("acme-billing", "acmb-eilign"),
    find,
    says,
};

/// In shorter names the same letters are no sign.
pub(in crate::matcher) const MIN: usize = 7;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    if !pair.comparable() || pair.shorter() < MIN || !pair.same_start() {
        return None;
    }
    let script = pair.script().filter(|script| script.len == 3)?;
    let (extra, missing) = letters_apart(pair.forms().joined(), pair.watch.joined());
    let longer = pair.forms().joined().len().max(pair.watch.joined().len());
    let kept = if longer > DELETION_MAX { missing <= 1 } else { missing <= 2 && rest_meets(pair) };
    if extra <= 1 && kept { Evidence::of_edits(pair, script) } else { None }
}

/// Do two characters less make either name the same? In short names, whose letters say little, that is needed as well.
fn rest_meets(pair: &Pair<'_>) -> bool {
    let (name, watch) = (pair.forms().joined(), pair.watch.joined());
    edits::common(name, watch) + 2 >= name.len().max(watch.len())
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} has the letters of {}, scrambled", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [("selenium", "selemni"), ("matplotlib", "matpllotb"), ("requests", "reqeyst")] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-biling"), ("requests", "reqxxxts")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acmb-eilign has the letters of acme-billing, scrambled");
    }
}
