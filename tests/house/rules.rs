//! A detection rule is a file and an entry of the list: ARCHITECTURE.md, "To add a rule".

use std::fs;

use namewarden::matcher::RULES;

use crate::layering::product;
use crate::source::root;

/// What others than the matcher ask for by name: these say more than that a name is near.
const ASKED_FOR: [&str; 4] = ["exact", "ultranormal", "prefix", "listed"];

#[test]
fn every_rule_has_a_file_that_introduces_it_and_a_place_in_the_documents() {
    let documents = fs::read_to_string(root().join("docs/rules.md")).expect("readable");
    for id in RULES.iter().map(|spec| spec.rule.as_str()) {
        let path = format!("src/matcher/rules/{}.rs", id.replace('-', "_"));
        let text = fs::read_to_string(root().join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(text.starts_with(&format!("//! `{id}`: ")), "{path} introduces the rule");
        assert!(text.contains("#[test]"), "{path} has tests");
        assert!(documents.contains(&format!("`{id}`")), "docs/rules.md has {id}");
    }
}

#[test]
fn no_third_place_names_a_rule() {
    let product = product();
    for spec in RULES.iter().filter(|spec| !ASKED_FOR.contains(&spec.rule.as_str())) {
        let (own, variant) =
            (format!("src/matcher/rules/{}.rs", spec.rule.as_str().replace('-', "_")), format!("{:?}", spec.rule));
        let names = |path: &[String]| path.windows(2).any(|pair| pair[0] == "Rule" && pair[1] == variant);
        let files = product.iter().filter(|source| source.names.iter().any(|named| names(&named.segments)));
        let files = files.map(|source| source.path.as_str());
        let others: Vec<&str> = files.filter(|path| *path != own).collect();
        assert!(others.is_empty(), "{variant}: {others:?}");
    }
}
