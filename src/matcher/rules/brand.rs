//! `brand`: a watched brand word is one of the words.

use super::spec::Spec;
use crate::matcher::evidence::pair::Pair;
use crate::matcher::evidence::weigh::Evidence;
use crate::model::{Rule, WatchKind};

pub(super) const SPEC: Spec = Spec {
    rule: Rule::Brand,
    line: "a brand word of ours is one of its words",
    attacker: "borrows the trust of the brand for something of its own",
    sources: "Neupane 2023 (familiar term abuse)",
    example: ("brand:acme", "acme-wallet-helper"),
    find,
    says,
};

fn find(pair: &Pair<'_>) -> Option<Evidence> {
    let word = pair.watch.text.as_bytes();
    let used = pair.kind == WatchKind::Brand && pair.forms().token_list().any(|token| token == word);
    if used { Evidence::fixed(40, None) } else { None }
}

fn says(pair: &Pair<'_>) -> String {
    format!("{} uses the brand word {}", pair.forms().text, pair.watch.text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{holds, says};
    use super::SPEC;

    #[test]
    fn holds_for_whole_words_only() {
        assert!(holds(&SPEC, "brand:acme", "my-acme"));
        assert!(!holds(&SPEC, "brand:acme", "acmecorp"));
    }

    #[test]
    fn says_which_word() {
        assert_eq!(says(&SPEC), "acme-wallet-helper uses the brand word acme");
    }
}
