//! The same inventory in TOML, CSV and plain text, with and without a telling file name.

use std::fmt::Write as _;
use std::path::Path;

use namewarden::config::source::Source;
use namewarden::model::{Inventory, OwnerId, WatchKind};
use namewarden::watchlist::from_source;
use proptest::prelude::*;

fn read(file: &str, text: &str) -> Inventory {
    let source = Source::new(Path::new(file), text.to_owned());
    from_source(source, &OwnerId("security".to_owned())).unwrap_or_else(|error| panic!("{error}"))
}

const TOML: &str = "names = [\"acme_a==1.0\", \"acme-b\"]\n[[prefix]]\ntext = \"acme-*\"\n[[brand]]\nword = \"acme\"\n";
const CSV: &str = "name,kind,latest_version\nacme_a,,1.0\nacme-b,name,\nacme-*,prefix,\nacme,brand,\n";
const PLAIN: &str = "# ours\nacme_a==1.0\n  acme-b # twice used\n\nacme-*\nbrand:acme\n";

#[test]
fn three_forms_of_one_inventory() {
    let expected = read("inventory.toml", TOML);
    assert_eq!(expected.watches.len(), 4);
    assert_eq!(read("inventory.csv", CSV), expected);
    assert_eq!(read("inventory.txt", PLAIN), expected);
}

#[test]
fn the_form_is_seen_without_an_ending() {
    let expected = read("inventory.toml", TOML);
    for text in [TOML, CSV, PLAIN] {
        assert_eq!(read("inventory", text), expected, "{text}");
        assert_eq!(read("inventory.txt.bak", text), expected, "{text}");
    }
}

#[test]
fn spreadsheets_write_tables_in_their_own_ways() {
    let expected = read("inventory.csv", CSV);
    for text in [
        CSV.replace(',', ";"),
        CSV.replace(',', "\t"),
        CSV.replace('\n', "\r\n"),
        CSV.to_uppercase().replace("ACME", "Acme"),
    ] {
        let inventory = read("inventory.csv", &text);
        assert!(inventory.watches.keys().eq(expected.watches.keys()), "{text:?}");
    }
    let quoted = read(
        "i.csv",
        "name,index\n\"acme-a\",\"a \"\"b\"\", c\"\n\nacme-b,\"two,\nlines\"\n".replace("\nlines", " lines").as_str(),
    );
    let indexes: Vec<_> = quoted.watches.values().filter_map(|watch| watch.index.as_deref()).collect();
    assert_eq!(indexes, ["a \"b\", c", "two, lines"]);
}

#[test]
fn look_alikes_are_listed_in_toml_and_in_tables() {
    let toml = format!("{TOML}[[listed]]\nwatch = \"Acme_B\"\nnames = [\"acme-bee\", \"Acme.Old\"]\n");
    let csv = "name,kind,latest_version,watch\nacme_a,,1.0\nacme-b,name,\nacme-*,prefix,\nacme,brand,\n\
               acme-bee,listed,,acme-b\nAcme.Old,Listed,,acme-b\n";
    let expected = read("inventory.toml", &toml);
    let listed: Vec<_> = expected.listed.iter().map(|(name, watch)| (name.as_str(), watch.text.as_str())).collect();
    assert_eq!(listed, [("acme-bee", "acme-b"), ("acme-old", "acme-b")]);
    assert_eq!(read("inventory.csv", csv), expected);
}

#[test]
fn a_table_brings_its_owners() {
    let inventory = read("inventory.csv", "name,owner,kind\nacme-a,pay@acme.example,\nacme-,ml,exclusive-prefix\n");
    let emails: Vec<_> = inventory.owners.iter().map(|(id, owner)| (id.0.as_str(), owner.emails.len())).collect();
    assert_eq!(emails, [("ml", 0), ("pay@acme.example", 1)]);
    assert!(inventory.watches.values().any(|watch| watch.id.kind == WatchKind::Prefix && watch.exclusive));
}

#[test]
fn a_file_without_owners_gets_the_default_one() {
    let inventory = read("inventory.txt", PLAIN);
    assert_eq!(inventory.owners.keys().map(|id| id.0.as_str()).collect::<Vec<_>>(), ["security"]);
    assert!(inventory.watches.values().all(|watch| inventory.owners.contains_key(&watch.owner)));
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_name() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("inventory.csv");
    std::fs::write(&path, "\u{feff}name\nacme-a\n").expect("a file");
    let source = Source::read(&path).expect("a file");
    assert!(from_source(source, &OwnerId("security".to_owned())).is_ok());
}

/// Another spelling of a name: separators replaced and multiplied, letters in either case.
fn respell(name: &str, choices: &[u8]) -> String {
    let mut out = String::new();
    for (c, choice) in name.chars().zip(choices.iter().cycle()) {
        match (c, choice % 4) {
            ('-', 0) => out.push('_'),
            ('-', 1) => out.push('.'),
            ('-', 2) => out.push_str("-_-"),
            (c, 3) => out.push(c.to_ascii_uppercase()),
            (c, _) => out.push(c),
        }
    }
    out
}

proptest! {
    #[test]
    fn spellings_of_a_name_are_one_watch(name in "[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,3}", choices in proptest::collection::vec(any::<u8>(), 1..12)) {
        // Alone in a file, `ok` is the answer of a server.
        let beside = |name: &str| read("i.txt", &format!("{name}\nacme-other\n"));
        let (one, other) = (beside(&name), beside(&respell(&name, &choices)));
        prop_assert!(one.watches.keys().eq(other.watches.keys()));
    }

    #[test]
    fn no_text_makes_reading_panic(text in "\\PC*", file in "i[.](toml|csv|txt|x)") {
        let source = Source::new(Path::new(&file), text);
        if let Ok(inventory) = from_source(source, &OwnerId("security".to_owned())) {
            prop_assert!(!inventory.watches.is_empty());
        }
    }

    /// No name is lost on the way from a table to watches.
    #[test]
    fn every_row_becomes_a_watch(names in proptest::collection::btree_set("[a-z]{1,8}", 1..50), quoted in any::<bool>()) {
        let mut csv = String::from("owner,name\n");
        for name in &names {
            let row = if quoted { writeln!(csv, "\"o, \"\"p\"\"\",\"{name}\"") } else { writeln!(csv, "o,{name}") };
            prop_assert!(row.is_ok());
        }
        let inventory = read("i.csv", &csv);
        prop_assert!(inventory.watches.keys().map(|id| &id.text).eq(names.iter()));
    }
}
