//! `separators`: the same characters, separators elsewhere.

use super::spec::Spec;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Separators,
    line: "the same characters with separators added, moved or left out",
    attacker: "counts on people who do not remember where the hyphens are; told beside ultranormal, whose cause it is",
    sources: "Neupane 2023 (delimiter, the most frequent mechanism); TypoGard",
    example: ("acme-billing", "acmebilling"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let respelled =
        pair.comparable() && pair.forms().text != pair.watch.text && pair.forms().joined() == pair.watch.joined();
    if respelled { Evidence::fixed(88, Some(0)) } else { None }
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} is {} with other separators", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in
            [("acme-billing", "acmebilling"), ("setuptools", "setup-tools"), ("prompt-toolkit", "prompt-tool-kit")]
        {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "Acme.Billing"), ("acme-billing", "acme-bi1ling")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acmebilling is acme-billing with other separators");
    }
}
