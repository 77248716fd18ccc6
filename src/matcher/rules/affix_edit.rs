//! `affix-edit`: a customary word and one edit.

use super::core::core_evidence;
use super::phrase::core_text;
use super::spec::Spec;
use crate::matcher::evidence::cost;
use crate::matcher::evidence::distance;
use crate::matcher::evidence::forms::Forms;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::matcher::retrieval::rolling::{Part, Rolling};
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::AffixEdit,
    line: "a customary word added, removed or changed, and one edit in the rest",
    attacker: "two small changes that each tool alone lets pass: matplatlib-plus",
    sources: "Neupane 2023 (compound)",
    example: ("acme-billing", "acme-biling-sdk"),
    find,
    says,
};

/// Bits that it costs.
const COST: f32 = 13.0;

/// In shorter names the two together leave nothing to recognize.
const MIN: usize = 6;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let (name, watch) = (pair.forms(), pair.watch);
    let plain = name.core().len() == name.joined().len() && watch.core().len() == watch.joined().len();
    let short = name.core().len().min(watch.core().len()) < MIN;
    if !pair.comparable() || plain || short || name.core().first() != watch.core().first() {
        return None;
    }
    let script = distance::script(name.core(), watch.core())?;
    let edit = cost::edit_bits(script.single()?.kind);
    let evidence = core_evidence(pair, COST + edit)?;
    Some(Evidence { distance: Some(1), ..evidence })
}

/// The core of a name, where it is something else and long enough for an edit: that has keys of its own.
pub(in crate::matcher) fn core_part<'r>(forms: &Forms<'_>, joined: &'r Rolling) -> Option<Part<'r>> {
    let (start, len) = (forms.core_start(), forms.core().len());
    (MIN..joined.len).contains(&len).then(|| joined.between(start, start + len))
}

fn says(pair: &Pair<'_>) -> String {
    let (name, watch) = (core_text(pair.forms()), core_text(pair.watch));
    format!("{} is about {name}, one edit from the {watch} of {}", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in
            [("acme-billing", "acme-biling-sdk"), ("matplotlib", "matplatlib-plus"), ("opencv-python", "openvc")]
        {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acme-biling"), ("acme-billing", "acme-billing-sdk")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acme-biling-sdk is about acmebiling, one edit from the acmebilling of acme-billing");
    }
}
