//! `reorder`: the same tokens in another order.

use super::Spec;
use crate::matcher::affixes;
use crate::matcher::forms::{CAP, Forms, Text};
use crate::matcher::pair::{Evidence, Pair};
use crate::matcher::score;
use crate::model::Rule;

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Reorder,
    line: "the same tokens in another order, with or without separators",
    attacker: "people remember the words and not their order",
    sources: "TypoGard; Neupane 2023 (sequence reordering); ConfuGuard",
    example: ("acme-billing", "billing-acme"),
    find,
    says,
};

/// More tokens than this are not tried in every order.
pub(in crate::matcher) const JOINED_MAX: usize = 3;

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let (name, watch) = (pair.forms(), pair.watch);
    if !pair.comparable() || name.joined() == watch.joined() {
        return None;
    }
    let separated = name.tokens() == watch.tokens() && same_tokens(name, watch);
    if separated {
        Evidence::bits(pair.name.bits(), score::cost::REORDER, None)
    } else if joined_orders(watch, |order| order == name.joined())
        || (name.tokens() == 2 && joined_orders(name, |order| order == watch.joined()))
    {
        Evidence::bits(pair.name.bits(), score::cost::REORDER + score::cost::REJOIN, None)
    } else {
        None
    }
}

/// Is each token as often in both? Counting is quick and needs no heap: names have few tokens.
fn same_tokens(a: &Forms<'_>, b: &Forms<'_>) -> bool {
    let times = |forms: &Forms<'_>, token: &[u8]| forms.token_list().filter(|other| *other == token).count();
    a.joined().len() == b.joined().len() && a.token_list().all(|token| times(a, token) == times(b, token))
}

/// Does `test` hold for the tokens in another order, joined? Tries two or three tokens, and one that is an affix and
/// something else.
pub(in crate::matcher) fn joined_orders(forms: &Forms<'_>, mut test: impl FnMut(&[u8]) -> bool) -> bool {
    if forms.tokens() == 1 {
        return affixes::seam(forms.joined()).is_some_and(|seam| {
            let mut rotated = Text::of(forms.joined());
            rotated.rotate(seam);
            test(rotated.as_bytes())
        });
    }
    let orders: &[&[usize]] = match forms.tokens() {
        2 => &[&[1, 0]],
        JOINED_MAX => &[&[0, 2, 1], &[1, 0, 2], &[1, 2, 0], &[2, 0, 1], &[2, 1, 0]],
        _ => &[],
    };
    let mut buffer = [0; CAP];
    orders.iter().any(|order| {
        let mut len = 0;
        for token in order.iter().map(|at| forms.token(*at)) {
            buffer[len..len + token.len()].copy_from_slice(token);
            len += token.len();
        }
        test(&buffer[..len])
    })
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} has the words of {} in another order", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_its_kind_only() {
        for (watch, name) in [
            ("acme-billing", "billing-acme"),
            ("kafka-python", "pythonkafka"),
            ("pythonkafka", "kafka-python"),
            ("html5lib", "libhtml5"),
            ("a-b-c-d", "d-c-b-a"),
        ] {
            assert!(holds(&SPEC, watch, name), "{watch} {name}");
        }
        for (watch, name) in [("acme-billing", "acmebilling"), ("acme-billing", "billing-acme-x"), ("a-b-b", "b-a-a")] {
            assert!(!holds(&SPEC, watch, name), "{watch} {name}");
        }
    }

    #[test]
    fn says_what_differs() {
        assert_eq!(says(&SPEC), "billing-acme has the words of acme-billing in another order");
    }
}
