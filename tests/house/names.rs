//! One word, one meaning: no two types that more than their own folder sees share a name.
//!
//! `api/v1` stands apart: its types are the words of the model as programs read them. So does `sim`: it is another program,
//! which stands for PyPI and its users.

use std::collections::BTreeMap;

use crate::layering::product;

/// Names that several types have, where each has to, with the reason.
const SHARED: &[(&str, &str)] = &[
    ("Route", "on the web a path, in the inventory the way to an owner"),
    ("Routes", "the same"),
    ("Site", "of the web what its handlers share, of a claim an index"),
    ("Args", "what clap reads for a verb; each verb's file has its own"),
    ("Command", "the verbs below a verb, beside the commands of the daemon, which only `api` and `cli` speak of"),
    ("ListArgs", "the same, for the verbs that are called `list`"),
    ("Error", "what a verb's own file fails with"),
    ("Settings", "of all, and of each kind of channel: the list of kinds names `channels::KIND::Settings`"),
    ("Section", "of each kind of channel: the list of kinds names `channels::KIND::Section`"),
    ("Decision", "a person's on a case, and in a claim, where it is `claim::Decision`"),
    ("Origin", "of a message, and of a claim, where it is `claim::Origin`"),
    ("Kind", "of a setback, of a distribution, of an edit: each is named by its module"),
    (
        "Name",
        "what an upload gave away about a name, and the name that a matcher judges: neither is named without its module",
    ),
    ("Refusal", "of a command, and of a package, where it is one reason of `Refused`"),
];

/// Each name, and the files that declare it.
fn declared() -> BTreeMap<String, Vec<String>> {
    let apart = |path: &str| path.starts_with("src/api/v1/") || path.starts_with("src/sim");
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in product().into_iter().filter(|source| !apart(&source.path)) {
        source.types.iter().for_each(|name| found.entry(name.clone()).or_default().push(source.path.clone()));
    }
    found
}

#[test]
fn no_two_types_share_a_name_without_a_reason() {
    let shared: Vec<(String, Vec<String>)> = declared().into_iter().filter(|(_, files)| files.len() > 1).collect();
    let allowed = |name: &str| SHARED.iter().any(|(allowed, why)| *allowed == name && !why.is_empty());
    let new: Vec<_> = shared.iter().filter(|(name, _)| !allowed(name)).collect();
    assert!(new.is_empty(), "call one of them otherwise, by the words of ARCHITECTURE.md: {new:#?}");
    let stale: Vec<_> = SHARED.iter().filter(|(allowed, _)| !shared.iter().any(|(name, _)| name == allowed)).collect();
    assert!(stale.is_empty(), "one type alone has these names: {stale:?}");
}
