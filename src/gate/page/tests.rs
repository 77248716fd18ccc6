//! Files whose names look like others: each is itself alone, is decided as any other, and is plain ASCII wherever it has to be.

use serde_json::json;

use super::*;
use crate::gate::consensus::Consensus;
use crate::gate::consensus::tests::policy;
use crate::gate::form::Form;
use crate::gate::listing::Listing;
use crate::gate::refusal::Refusal;
use crate::gate::ruling::{Origin, Ruling};

fn name() -> ProjectName {
    ProjectName::parse("widgets").expect("valid")
}

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

/// Uploaded an hour ago, each with bytes of its own.
fn page(filenames: &[&str]) -> ProjectPage {
    let file = |(at, filename): (usize, &&str)| json!({"filename": filename, "url": "w", "hashes": {"sha256": format!("{at:064}")}, "upload-time": "2026-11-27T11:00:00Z"});
    let files: Vec<Value> = filenames.iter().enumerate().map(file).collect();
    let page = json!({"name": "widgets", "meta": {"api-version": "1.4"}, "files": files}).to_string();
    let base = url::Url::parse("https://index.example/simple/widgets/").expect("an address");
    ProjectPage::read(&name(), &base, page.as_bytes()).expect("a page")
}

/// The same to the eye, or when they are folded, and none of them another.
const ALIKE: [&str; 6] = [
    "widgets-1.0é.tar.gz",
    "widgets-1.0e\u{301}.tar.gz",
    "widgets-1.0\u{202e}zg.rat",
    "WIDGETS-1.0.tar.gz",
    "ｗidgets-1.0.tar.gz",
    "widgets-１.0.tar.gz",
];

#[test]
fn a_name_of_other_letters_is_a_file_of_its_own_and_held_as_any() {
    let page = page(&ALIKE);
    assert_eq!(page.files.len(), ALIKE.len());
    for (at, filename) in ALIKE.into_iter().enumerate() {
        let file = page.file(filename).expect("there");
        assert_eq!(file.sha256, format!("{at:064}"), "{filename:?} is nobody else");
        let Ruling::Refuse(held) = policy(Consensus::default()).ruling(&page, file, noon()) else {
            panic!("{filename:?} passes")
        };
        let phrase = Refusal::of(&name(), Some(filename), &held).phrase();
        assert!(phrase.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{phrase}");
    }
    for other in ["widgets-1.0.tar.gz", "widgets-1.0\u{e9}.TAR.GZ", "widgets-1.0.tar.gz\u{200b}"] {
        assert_eq!(page.file(other).map(|file| &file.filename), None, "{other:?}");
    }
}

#[test]
fn such_names_go_out_in_addresses_that_lead_to_them_alone() {
    let (page, policy) = (page(&ALIKE), policy(Consensus::default()));
    let listing = Listing::new(&page, &policy.on(&page, Origin::Pypi, noon()));
    let out: Value = serde_json::from_str(&listing.body(Form::Json, "https://gate.example")).expect("JSON");
    for (at, filename) in ALIKE.into_iter().enumerate() {
        let address = out["files"][at]["url"].as_str().expect("an address");
        assert!(address.is_ascii() && !address.contains(' '), "{address}");
        let last = address.rsplit('/').next().expect("a part");
        let back = percent_encoding::percent_decode_str(last).decode_utf8().expect("text");
        assert_eq!(back, filename);
        assert!(listing.body(Form::Html, "https://gate.example").contains(address), "{address}");
    }
}

#[test]
fn a_name_that_breaks_a_line_or_a_path_is_left_out() {
    for odd in [
        "widgets-1.0\u{85}.tar.gz",
        "widgets-1.0\r\n.tar.gz",
        "..",
        "widgets/../1.tar.gz",
        "widgets%2f1.tar.gz",
        "\u{0}",
    ] {
        let page = page(&[odd]);
        assert_eq!((page.files.len(), page.left_out.len()), (0, 1), "{odd:?}");
    }
}
