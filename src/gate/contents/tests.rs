//! Archives of honest builders and of others: what differs is said, and nothing that is in them ends or fills the gate.

mod hidden;
pub(in crate::gate) mod made;
mod named;
mod odd;

use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use tar::EntryType;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::archive::Contents;
use super::compare::compare;
use super::form::{MOST_ENTRIES, Unreadable};
use super::{ContentsDifference, FirstOf, NotableFile, NotableKind};
use made::{altered, entry, file, gzipped, link, tarred, tarred_so, zipped};

type Files<'a> = Vec<(&'a str, &'a [u8])>;

const OLD: &str = "widgets-1.0-py3-none-any.whl";
const NEW: &str = "widgets-1.1-py3-none-any.whl";
const SOURCE: &str = "widgets-1.0.tar.gz";

fn read(filename: &str, bytes: &[u8]) -> Result<Contents, Unreadable> {
    Contents::read(filename, bytes, &|| false)
}

fn whole(filename: &str, bytes: &[u8]) -> Contents {
    read(filename, bytes).unwrap_or_else(|why| panic!("{filename}: {why}"))
}

fn listed(of: &[&str]) -> FirstOf {
    FirstOf::of(of)
}

fn seen(of: &ContentsDifference) -> Vec<(NotableKind, &str, bool)> {
    of.notable.iter().map(|NotableFile { kind, what, is_new }| (*kind, what.as_str(), *is_new)).collect()
}

fn old_wheel() -> Contents {
    let metadata =
        b"Metadata-Version: 2.1\nName: widgets\nVersion: 1.0\nRequires-Dist: acme-core>=1\nRequires-Dist: six\n";
    let files: Files<'_> = vec![
        ("widgets/__init__.py", b"one"),
        ("widgets/gone.py", b""),
        ("widgets-1.0.dist-info/METADATA", metadata),
        ("widgets-1.0.dist-info/WHEEL", b"Wheel-Version: 1.0"),
        ("widgets-1.0.dist-info/entry_points.txt", b"[console_scripts]\nwidgets = widgets:main\n"),
    ];
    whole(OLD, &zipped(&files))
}

#[test]
fn what_a_wheel_has_new_is_said_and_what_runs_by_itself_first() {
    let metadata = b"Metadata-Version: 2.1\nName: widgets\nVersion: 1.1\nRequires-Dist: Acme.Core >=2\n\
                     Requires-Dist: evil-core ; extra == 'fast'\n";
    let files: Files<'_> = vec![
        ("widgets/__init__.py", b"two"),
        ("widgets/logo.png", b"\x7fELF\x02"),
        ("requests/__init__.py", b""),
        ("zz.pth", b"import os; os.system('x')"),
        ("widgets-1.1.data/scripts/ls", b"#!python\n"),
        ("Widgets-1.1.dist-info/METADATA", metadata),
        ("Widgets-1.1.dist-info/WHEEL", b"Wheel-Version: 1.0"),
        ("Widgets-1.1.dist-info/entry_points.txt", b"[pytest11]\nspy = widgets.spy\n"),
    ];
    let of = compare(Some(&old_wheel()), &whole(NEW, &zipped(&files)), true);
    assert_eq!(
        seen(&of),
        [
            (NotableKind::PathFile, "zz.pth", true),
            (NotableKind::Command, "widgets.data/scripts/ls", true),
            (NotableKind::Binary, "widgets/logo.png", true),
            (NotableKind::TopLevel, "requests", true),
        ]
    );
    assert_eq!(of.dependencies_added, listed(&["evil-core ; extra == 'fast'"]));
    assert_eq!(of.requirements_changed, listed(&["Acme.Core >=2"]));
    assert_eq!(of.requirements_removed, listed(&["acme-core>=1", "six"]));
    assert_eq!(of.entry_points_added, listed(&["pytest11: spy = widgets.spy"]));
    assert_eq!(of.entry_points_removed, listed(&["console_scripts: widgets = widgets:main"]));
    let added = ["requests/__init__.py", "widgets.data/scripts/ls", "widgets/logo.png", "zz.pth"];
    assert_eq!((of.files, of.added, of.removed), (8, listed(&added), listed(&["widgets/gone.py"])));
    let changed = ["widgets.dist-info/METADATA", "widgets.dist-info/entry_points.txt", "widgets/__init__.py"];
    assert_eq!(of.changed, listed(&changed), "a folder that is called by the version is the same");
}

#[test]
fn what_builds_a_source_is_said_where_it_is_new_or_another() {
    let of = |version: &str, setup: &[u8], project: &[u8], own: &[u8]| {
        let info = format!("Metadata-Version: 2.4\nName: widgets\nVersion: {version}\n");
        let at = |path: &str| format!("widgets-{version}/{path}");
        let paths = ["setup.py", "pyproject.toml", "tools/own.py", "PKG-INFO", "widgets.py"].map(at);
        let bytes: [&[u8]; 5] = [setup, project, own, info.as_bytes(), b""];
        let files: Files<'_> = paths.iter().map(String::as_str).zip(bytes).collect();
        whole(&format!("widgets-{version}.tar.gz"), &tarred(&files))
    };
    let before =
        of("1.0", b"setup()", b"[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'", b"");
    let project =
        b"[build-system]\nrequires = ['hatchling', 'evil-build']\nbuild-backend = 'own'\nbackend-path = ['tools']";
    let now = of("1.1", b"setup(); evil()", project, b"");
    let found = compare(Some(&before), &now, true);
    assert_eq!(
        seen(&found),
        [
            (NotableKind::BuildScript, "setup.py", false),
            (NotableKind::BuildBackend, "own", true),
            (NotableKind::BuildBackend, "tools/own.py", true),
            (NotableKind::BuildRequirement, "evil-build", true),
        ]
    );
    assert!(found.requirements_known && found.added.count == 0 && found.files == 5);
    let later = compare(Some(&now), &of("1.2", b"setup(); evil()", project, b"evil()"), true);
    assert_eq!(seen(&later), [(NotableKind::BuildBackend, "tools/own.py", false)]);
}

/// A wheel before, and a source now: paths say nothing, and what the source runs does.
#[test]
fn across_forms_only_what_they_say_of_themselves_is_compared() {
    let files: Files<'_> =
        vec![("widgets-1.1/setup.py", b"setup()"), ("widgets-1.1/PKG-INFO", b"Metadata-Version: 2.1\n")];
    let of = compare(Some(&old_wheel()), &whole("widgets-1.1.tar.gz", &tarred(&files)), false);
    assert_eq!(seen(&of), [(NotableKind::BuildScript, "setup.py", true)]);
    assert_eq!([of.added.count, of.removed.count, of.changed.count, of.requirements_removed.count], [0; 4]);
    assert!(!of.requirements_known, "sources of that time say it when they are built");
    let first = compare(None, &old_wheel(), false);
    assert_eq!((first.dependencies_added.count, first.added.count, first.files), (2, 0, 5));
    assert_eq!(seen(&first), [(NotableKind::TopLevel, "widgets", true)]);
}

#[test]
fn a_path_that_leads_elsewhere_a_link_and_a_name_there_twice_are_told() {
    let bytes = tarred_so(|tar| {
        file(tar, b"w-1/a.py", b"1");
        file(tar, b"w-1/a.py", b"2");
        file(tar, b"w-1/../../etc/passwd", b"");
        file(tar, "w-1/\u{202e}yp.exe".as_bytes(), b"");
        file(tar, b"w-1/\x1b[2J\xff", b"");
        link(tar, "w-1/etc", "/etc");
        entry(tar, EntryType::Char, b"w-1/tty", b"");
    });
    let mut of = compare(None, &whole(SOURCE, &bytes), false);
    of.notable.retain(|one| one.kind != NotableKind::Binary);
    assert_eq!(
        seen(&of),
        [
            (NotableKind::LeadsElsewhere, "\u{1b}[2J\u{fffd}", true),
            (NotableKind::LeadsElsewhere, "../../etc/passwd", true),
            (NotableKind::LeadsElsewhere, "\u{202e}yp.exe", true),
            (NotableKind::Twice, "a.py", true),
            (NotableKind::Link, "etc", true),
            (NotableKind::Link, "tty", true),
        ]
    );
    let other = tarred_so(|tar| link(tar, "w-1/etc", "/root"));
    let one = tarred_so(|tar| link(tar, "w-1/etc", "/etc"));
    let of = compare(Some(&whole(SOURCE, &one)), &whole(SOURCE, &other), true);
    assert_eq!((seen(&of), &of.changed), (vec![(NotableKind::Link, "etc", false)], &listed(&["etc"])));
}

/// The library that writes archives refuses such names, so that one is changed afterwards.
#[test]
fn a_zip_that_has_a_name_twice_is_told() {
    let bytes = zipped(&[("a/one.py", b"1"), ("a/two.py", b"2")]);
    let bytes = altered(&bytes, 0, (b"a/two.py", b"a/one.py"));
    let of = compare(None, &whole(NEW, &bytes), false);
    assert!(seen(&of).iter().any(|(kind, ..)| *kind == NotableKind::Twice), "{of:?}");
}

#[test]
fn long_names_are_read_and_headers_that_readers_differ_about_are_not() {
    let long = format!("w-1/{}.py", "x".repeat(150));
    let said = |key: &'static str, value: &'static [u8]| {
        tarred_so(|tar| {
            tar.append_pax_extensions([(key, value)]).expect("in memory");
            file(tar, b"w-1/short.py", b"");
        })
    };
    let gnu = tarred_so(|tar| {
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        tar.append_data(&mut header, &long, &b""[..]).expect("in memory");
    });
    assert_eq!(whole(SOURCE, &gnu).entries.keys().next().map(String::len), Some(153));
    assert!(whole(SOURCE, &said("path", b"w-1/other.py")).entries.contains_key("other.py"));
    for (key, value) in [("size", &b"7"[..]), ("GNU.sparse.map", b"0,1"), ("path", b"a\nb")] {
        assert!(matches!(read(SOURCE, &said(key, value)), Err(Unreadable::Broken(_))), "{key}");
    }
    let all = tarred_so(|tar| entry(tar, EntryType::XGlobalHeader, b"x", b"14 path=../x\n\n"));
    assert!(matches!(read(SOURCE, &all), Err(Unreadable::Broken(_))));
    let comment = tarred_so(|tar| entry(tar, EntryType::XGlobalHeader, b"x", b"16 comment=1234\n"));
    assert!(read(SOURCE, &comment).is_ok(), "as git writes it");
    let endless = tarred_so(|tar| entry(tar, EntryType::GNULongName, b"x", &[b'a'; 70_000]));
    assert!(matches!(read(SOURCE, &endless), Err(Unreadable::Broken(_))));
}

#[test]
fn a_bomb_ends_where_the_limits_are() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bomb", SimpleFileOptions::default()).expect("a name");
    let block = vec![0; 1 << 20];
    (0..513).for_each(|_| zip.write_all(&block).expect("in memory"));
    let bomb = zip.finish().expect("in memory").into_inner();
    assert!(bomb.len() < 1 << 20);
    assert_eq!(read(NEW, &bomb), Err(Unreadable::TooLarge));
    assert_eq!(Contents::read(NEW, &bomb, &|| true), Err(Unreadable::TooSlow));
    let names: Vec<String> = (0..=MOST_ENTRIES).map(|number| format!("w-1/{number}")).collect();
    let many: Files<'_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(read(NEW, &zipped(&many)), Err(Unreadable::TooMany));
    assert_eq!(read(SOURCE, &tarred(&many)), Err(Unreadable::TooMany));
    assert!(read(SOURCE, &tarred(&many[1..])).is_ok());
    let text = vec![b'a'; 8 << 20];
    assert_eq!(read(NEW, &zipped(&[("widgets-1.1.dist-info/METADATA", &text)])), Err(Unreadable::TooLong));
    let long = "x".repeat(4000);
    let names: Vec<String> = (0..2200).map(|number| format!("{long}{number}")).collect();
    let many: Files<'_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(read(NEW, &zipped(&many)), Err(Unreadable::TooLong));
}

#[test]
fn what_is_no_archive_is_none_with_a_reason() {
    let good = zipped(&[("a.py", b"some words")]);
    let mut wrong = good.clone();
    wrong[35] ^= 1;
    for (filename, bytes) in [
        (NEW, &b""[..]),
        (NEW, b"words"),
        (NEW, &good[..good.len() / 2]),
        (NEW, &wrong),
        (SOURCE, b"words"),
        (SOURCE, &gzipped(b"words")),
        (SOURCE, &tarred(&[("w-1/a", b"1")])[..30]),
        (SOURCE, &good),
    ] {
        let why = read(filename, bytes).expect_err("broken");
        assert!(
            why.to_string().starts_with("it is broken, or no archive that installers agree on: "),
            "{filename}: {why}"
        );
    }
    for name in ["widgets-1.0.egg", "widgets-1.0.exe", ""] {
        assert_eq!(read(name, &good), Err(Unreadable::Form), "{name}");
    }
    for (ending, by) in [("tar.bz2", "bzip2"), ("tbz", "bzip2"), ("tar.xz", "xz"), ("tar.lzma", "lzma")] {
        let why = read(&format!("widgets-1.0.{ending}"), &good).expect_err("nothing reads it here");
        assert_eq!(why.to_string(), format!("it is compressed by {by}, and what is read here is zip or gzip"));
    }
    assert!(whole("widgets-1.0.zip", &good).entries.contains_key("a.py"));
}

fn anything() -> impl Strategy<Value = Contents> {
    let path = prop::sample::select(vec![
        "w-1/a.py",
        "w-1/b/c.py",
        "w-1/x.pth",
        "w-1/setup.py",
        "w-1/\u{202e}",
        "w-1/run.sh",
        "w-1/../up",
        "w-1/x.so",
    ]);
    let files = prop::collection::btree_map(path, prop::collection::vec(any::<u8>(), 0..4), 0..8);
    let requires = prop::sample::subsequence(vec!["a", "a>=2", "B.c", "b-c ; extra == 'x'"], 0..4);
    (files, requires).prop_map(|(files, requires)| {
        let info = requires
            .iter()
            .fold("Metadata-Version: 2.2\n".to_owned(), |text, of| format!("{text}Requires-Dist: {of}\n"));
        let mut all: Files<'_> = files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
        all.push(("w-1/PKG-INFO", info.as_bytes()));
        whole(SOURCE, &tarred_so(|tar| all.iter().for_each(|(path, bytes)| file(tar, path.as_bytes(), bytes))))
    })
}

proptest! {
    #[test]
    fn nothing_is_new_beside_itself(of in anything()) {
        let nothing = ContentsDifference { files: of.entries.len(), requirements_known: true, ..ContentsDifference::default() };
        prop_assert_eq!(compare(Some(&of), &of, true), nothing);
    }

    #[test]
    fn what_is_new_one_way_is_gone_the_other(a in anything(), b in anything()) {
        let (there, back) = (compare(Some(&a), &b, true), compare(Some(&b), &a, true));
        prop_assert_eq!(&there.added, &back.removed);
        prop_assert_eq!(&there.removed, &back.added);
        prop_assert_eq!(&there.changed, &back.changed);
        let gained = there.dependencies_added.count + there.requirements_changed.count;
        prop_assert_eq!(gained, back.requirements_removed.count);
        let common = there.files - there.added.count;
        prop_assert_eq!(common, back.files - back.added.count);
    }

    /// Whatever the bytes are there is an answer.
    #[test]
    fn no_bytes_end_the_reader(at in any::<prop::sample::Index>(), by in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let good = [(NEW, zipped(&[("a.py", b"1"), ("b-1.dist-info/METADATA", b"x: y\n")])), (SOURCE, tarred(&[("w-1/PKG-INFO", b"x: y")]))];
        for (filename, mut bytes) in good {
            let (at, cut) = (at.index(bytes.len()), cut.index(bytes.len()));
            bytes[at] = by;
            drop(read(filename, &bytes));
            drop(read(filename, &bytes[..cut]));
        }
    }
}
