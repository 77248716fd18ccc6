//! `three-edits`: three edits that keep the letters, or in a long name.

use super::spec::Spec;
use crate::matcher::evidence::edits::Script;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::matcher::retrieval::deletions::DELETION_MAX;
use crate::matcher::retrieval::partitions;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::ThreeEdits,
    line: "three edits that keep nearly all letters, or no more than a quarter of the name; the first letter in its place",
    attacker: "letters scrambled by a generator of variants",
    sources: "the matplotlib and selenium campaigns of 2024",
    example: ("acme-billing", "acmb-eilign"),
    find,
    says,
};

/// In shorter names the same letters are no sign.
pub(in crate::matcher) const MIN: usize = 7;

/// A name so long is three edits from few.
pub(in crate::matcher) const WATCH_MIN: usize = 12;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    if !pair.comparable() || pair.shorter() < MIN || !pair.same_start() {
        return None;
    }
    let script = pair.script().filter(|script| script.len == 3)?;
    let long = is_long(pair.forms().joined().len(), pair.watch.joined().len()) && is_whole(pair, script);
    if pair.keeps_letters() || long { Evidence::of_edits(pair, script) } else { None }
}

/// Are three edits a quarter of the watched name or less, and the other one not much shorter?
pub(in crate::matcher) fn is_long(name: usize, watch: usize) -> bool {
    watch >= WATCH_MIN && name > DELETION_MAX
}

/// Is one of its partitions still whole, and no word another one?
fn is_whole(pair: &Pair<'_>, script: &Script) -> bool {
    partitions::is_any_whole(pair.forms().joined(), pair.watch.joined()) && !pair.has_other_word(script)
}

fn says(pair: &Pair<'_>) -> String {
    let (name, watch) = (pair.forms().text, pair.watch.text);
    if pair.keeps_letters() {
        format!("{name} has the letters of {watch}, scrambled")
    } else {
        format!("{name} is three edits from {watch}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [
            ("selenium", "selemni"),
            ("matplotlib", "matpllotb"),
            ("requests", "reqeyst"),
            ("customtkinter", "customtkyntars"),
        ] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in
            [("acme-billing", "acme-biling"), ("requests", "reqxxxts"), ("azure-mgmt-reports", "azure-mgmt-repxyzs")]
        {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "acmb-eilign has the letters of acme-billing, scrambled");
    }
}
