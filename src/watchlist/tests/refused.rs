//! What a person reads whose inventory is wrong: the line, the thing, and what to write instead.

use std::path::Path;

use super::drawn::read;
use crate::config::source::Source;
use crate::model::{Inventory, OwnerId};
use crate::watchlist::{InventoryError, LintKind, draft, lint};

/// Each a file with one fault, and a part of what is said: the place and the key, what is wrong, what to write.
fn are_refused(file: &str, cases: &[(&str, &str, &str, &str)]) {
    for (text, place, what, write) in cases {
        let Err(InventoryError::Invalid { problems }) = read(file, text) else { panic!("{text} is taken") };
        let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
        let said = problem.to_string();
        let (told, remedy) = said.split_once("; ").unwrap_or((&said, ""));
        assert!(told.starts_with(&format!("{file}:{place}: ")), "{text}: {said}");
        assert!(told.contains(what) && remedy.contains(write), "{text}: {said}");
    }
}

const NAME: &str = "[[name]]\nname = \"acme-a\"\n";

fn name(more: &str) -> String {
    format!("{NAME}{more}")
}

#[test]
fn what_is_said_of_claiming() {
    let known = "latest_version = \"1.0\"\nfirst_use = 2019-03-01\n";
    are_refused(
        "inventory.toml",
        &[
            (&name("claim = \"yes\"\n"), "3:9: claim", "\"yes\" is no way to claim a name", "claim = \"auto\""),
            (
                &name("claim = \"auto\"\nfirst_use = 2019-03-01\n"),
                "2:8: claim",
                "acme-a: claim = \"auto\" needs a latest_version",
                "add the key",
            ),
            (&name("claim = \"auto\"\nlatest_version = \"1.0\"\n"), "2:8: claim", "needs a first_use", "add the key"),
            (
                &name(&format!("claim = \"auto\"\nconfidential = true\n{known}")),
                "2:8: claim",
                "a confidential name is never published",
                "take claim or confidential out",
            ),
            (
                &name("confidential = true\npublic_ok = true\n"),
                "2:8: public_ok",
                "\"acme-a\" cannot be confidential and public_ok",
                "one of the two keys",
            ),
            (
                &name("confidential = true\n[[name]]\nname = \"Acme_A\"\npublic_ok = true\n"),
                "5:8: name",
                "\"Acme_A\" is \"acme-a\" of line 2, with another public_ok",
                "keep one",
            ),
        ],
    );
}

#[test]
fn what_an_entry_cannot_have() {
    are_refused(
        "inventory.toml",
        &[
            (&name("first_use = 07:32:00\n"), "3:13: first_use", "07:32:00 is no day", "2019-03-01"),
            (
                &name("latest_version = \"latest\"\n"),
                "2:8: latest_version",
                "acme-a: \"latest\" is no version by PEP 440",
                "pip list",
            ),
            (
                &name("index = \"https://u:hunter2@i.example/simple\"\n"),
                "2:8: index",
                "acme-a: the index holds an account",
                "https://HOST/simple",
            ),
            (
                &name("index = \"https://i.example/\\u001b[2J\"\n"),
                "2:8: index",
                "control characters",
                "https://HOST/simple",
            ),
            (&name("owner = \"nobody\"\n"), "2:8: owner", "acme-a: there is no owner \"nobody\"", "remove it"),
            (
                "[owners.\"\"]\nemail = [\"a@acme.example\"]\nnames = []\n",
                "1:9: owners",
                "\"\" is no id of an owner",
                "[owners.SHORT-NAME]",
            ),
            (
                "[owners.a]\nemail = [\"not mail\"]\nnames = [\"acme-a\"]\n",
                "2:10: owners.a.email",
                "\"not mail\" is no e-mail address",
                "team@your.example",
            ),
            ("names = [\"acme-a\", \"acme a\"]\n", "1:20: name", "\"acme a\"", "\"acme-a\""),
            ("[[prefix]]\ntext = \"acme\"\n", "2:8: prefix", "does not end at a separator", "\"acme-*\""),
            ("[[brand]]\nword = \"acme corp\"\n", "2:8: brand", "can match nothing", "a single word"),
            ("[[name]]\nname = \"acme-*\"\n", "2:8: name", "\"acme-*\"", ""),
            ("# nothing\n", "1:1", "it holds no watch, so nothing would be protected", "add the names"),
        ],
    );
}

#[test]
fn what_a_table_cannot_say() {
    are_refused(
        "inventory.csv",
        &[
            (
                "name,version,latest_version\nacme-a,1,1\n",
                "1:14",
                "the column latest_version stands twice",
                "into one column",
            ),
            ("name,team\nacme-a,ml\n", "1:6", "unknown column \"team\"", "call it \"owner\""),
            ("owner,kind\nml,name\n", "1:1", "the column name is missing", "a header row with name"),
            ("name,kind\nacme-a,file\n", "2:8: kind", "\"file\" is no kind of watch", "exclusive-prefix"),
            ("name,first_use\nacme-a,yesterday\n", "2:8: first_use", "\"yesterday\" is no day", "2019-03-01"),
            ("name,,owner\nacme-a,lost,ml\n", "2:8", "\"lost\" stands in a column without a title", "write a title"),
            ("name,kind,watch\nacme-a,,acme-b\n", "2:9: watch", "is no look-alike of it", "listed"),
            (
                "name,kind,watch\nacme-a,,\nold-a,listed,\n",
                "3:1: watch",
                "does not say as a look-alike of what",
                "the column watch",
            ),
            (
                "name,kind,watch,owner\nacme-a,,,\nold-a,listed,acme-a,ml\n",
                "3:21: owner",
                "which takes it from its watch",
                "leave the cell empty",
            ),
            (
                "name,kind,latest_version\nacme-*,,1.0\n",
                "2:1: latest_version",
                "\"acme-*\" is no name and has no version",
                "take the version out",
            ),
            ("name,owner\nacme-a,m\u{7}l\n", "2:8: owner", "is no id of an owner", "a short name"),
        ],
    );
}

/// Most of what they list is anybody's.
#[test]
fn what_was_resolved_is_no_inventory() {
    let lock = "version = 1\nrequires-python = \">=3.9\"\n[[package]]\nname = \"acme-a\"\nversion = \"1.0\"\nsource = { registry = \"https://i.example/simple\" }\n";
    are_refused("uv.lock", &[(lock, "1:1", "which lists also what is from PyPI", "namewarden inventory import FILE")]);
    let conda = "name: acme\ndependencies:\n  - numpy\n  - pip:\n    - acme-a\n";
    are_refused("environment.yml", &[(conda, "1:1", "it is an environment.yml", "namewarden inventory import FILE")]);
}

/// The ids of remarks are those of `docs/json.md`, whatever the words.
#[test]
fn every_remark_has_its_own_id_and_its_place() {
    let toml = "names = [\"json\", \"xyz\", \"acme-a\", \"acme-a\"]\n[[prefix]]\ntext = \"ab-*\"\n[[prefix]]\ntext = \"acme-*\"\n\
                exclusive = true\n[[name]]\nname = \"acme-b\"\nindex = \"i.example\"\n[[suppress]]\nproject = \"x\"\nwatch = \"gone\"\n\
                reason = \"why\"\n[[suppress]]\nproject = \"acme-b\"\nreason = \"why\"\n[[listed]]\nwatch = \"json\"\nnames = [\"acme-old\"]\n";
    let source = Source::new(Path::new("inventory.toml"), toml.to_owned());
    let lints = lint(&draft(source).expect("a draft"), &OwnerId("security".to_owned()));
    let said: Vec<String> = lints
        .iter()
        .map(|lint| format!("{} {} {}", lint.problem.place.line, lint.severity(), lint.kind.as_str()))
        .collect();
    let wanted = [
        "1 warning stdlib",
        "1 note ownerless",
        "1 note no-version",
        "1 note short-name",
        "1 note short-name",
        "1 note covered",
        "1 warning duplicate",
        "1 note covered",
        "3 warning short-prefix",
        "8 note covered",
        "8 warning index",
        "11 warning dead-suppression",
        "15 warning silenced-watch",
        "19 note covered",
    ];
    let sorted = |mut of: Vec<String>| {
        of.sort();
        of
    };
    assert_eq!(sorted(said), sorted(wanted.map(str::to_owned).to_vec()));
    let errors =
        [LintKind::Conflict, LintKind::UnknownOwner, LintKind::Version, LintKind::Suppression, LintKind::Listed];
    assert_eq!(errors.map(LintKind::as_str), ["conflict", "unknown-owner", "version", "suppression", "listed"]);
}

/// A list is one of names alone: what of it may be two things is not decided by chance.
#[test]
fn a_list_in_which_most_is_no_name_is_none() {
    let text = (0..8).map(|n| format!("what about {n}?\n")).collect::<String>() + "acme-a\n";
    let said = read("inventory.txt", &text).expect_err("no list").to_string();
    assert!(said.starts_with("inventory.txt:1:1: ") && said.contains("so this is no list of names"), "{said}");
    let few = read("inventory.txt", "acme-a\nacme b!\nacme-c\n").expect_err("a fault").to_string();
    assert!(few.starts_with("inventory.txt:2:") && few.lines().count() == 1, "{few}");
    let whole: Inventory = read("inventory.txt", "acme-a\n# acme b!\nacme-c\n").expect("a remark");
    assert_eq!(whole.watches.len(), 2);
}
