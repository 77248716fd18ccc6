//! Archives that show one thing to one reader, and another to another.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::FullFileOptions;

use super::made::{altered, directory, file, odd, tarred, tarred_so, zipped};
use super::{Files, NEW, SOURCE, read, seen, whole};
use crate::gate::contents::archive::Contents;
use crate::gate::contents::compare::compare;
use crate::gate::contents::form::Unreadable;
use crate::gate::contents::{MoreOfKind, NotableKind};

fn broken(filename: &str, bytes: &[u8]) -> String {
    match read(filename, bytes) {
        Err(Unreadable::Broken(why)) => why,
        other => panic!("{filename}: {other:?}"),
    }
}

fn paths(of: &Contents) -> Vec<&str> {
    of.entries.keys().map(String::as_str).collect()
}

fn kinds(of: &Contents) -> Vec<(NotableKind, &str)> {
    of.notable.keys().map(|(kind, what)| (*kind, what.as_str())).collect()
}

#[test]
fn a_source_that_is_a_zip_archive_as_well_is_not_read() {
    let mut both = tarred(&[("w-1/a.py", b"1")]);
    both.extend(zipped(&[("w-1/setup.py", b"evil()")]));
    assert_eq!(broken(SOURCE, &both), "it is a zip archive as well");
    both.extend(vec![0; 65_535]);
    assert_eq!(broken(SOURCE, &both), "it is a zip archive as well", "a comment may be so long");
    both.push(0);
    assert!(read(SOURCE, &both).is_ok(), "Python looks no further");
}

#[test]
fn what_is_no_file_in_a_tar_archive_has_no_size() {
    for kind in b'1'..=b'6' {
        let sized = tarred_so(|tar| odd(tar, b"w-1/x", (kind, 512), &[]));
        assert_eq!(broken(SOURCE, &sized), "what is no file in it has a size", "{kind}");
        assert!(read(SOURCE, &tarred_so(|tar| odd(tar, b"w-1/x", (kind, 0), &[]))).is_ok(), "{kind}");
    }
    let old = |size| tarred_so(|tar| odd(tar, b"w-1/x/", (0, size), &[]));
    assert_eq!(broken(SOURCE, &old(512)), "what is no file in it has a size");
    assert!(whole(SOURCE, &old(0)).entries.is_empty(), "a folder, as archives of old have one");
}

#[test]
fn a_file_whose_path_ends_like_a_folders_is_a_file() {
    let bytes = tarred_so(|tar| {
        file(tar, b"w-1/a.py", b"");
        odd(tar, b"w-1/zz.pth/", (b'0', 9), &[]);
        tar.append_pax_extensions([("path", &b"w-1/yy.pth/"[..])]).expect("in memory");
        odd(tar, b"w-1/short", (0, 9), &[]);
    });
    assert_eq!(paths(&whole(SOURCE, &bytes)), ["a.py", "yy.pth", "zz.pth"]);
}

#[test]
fn a_name_with_a_beginning_that_not_every_reader_reads_is_refused() {
    let prefix: (usize, &[u8]) = (345, b"other");
    for magic in [&b"ustar  \0"[..], &[0; 8]] {
        let of = |change: &[(usize, &[u8])]| tarred_so(|tar| odd(tar, b"w-1/a.py", (b'0', 3), change));
        let said = broken(SOURCE, &of(&[(257, magic), prefix]));
        assert_eq!(said, "a name in it has a beginning that not every reader reads");
        assert_eq!(paths(&whole(SOURCE, &of(&[(257, magic)]))), ["a.py"]);
    }
    let posix = tarred_so(|tar| odd(tar, b"w-1/a.py", (b'0', 3), &[prefix]));
    assert_eq!(paths(&whole(SOURCE, &posix)), ["w-1/a.py"], "below the other folder, which all is in");
}

#[test]
fn a_name_in_a_zip_archive_is_one_to_every_reader() {
    let good = zipped(&[("zz.pth__", b"import os"), ("a.py", b"")]);
    let end = "a name in it goes on after its end";
    assert_eq!(broken(NEW, &altered(&good, 0, (b"zz.pth__", b"zz.pth\0/"))), end);
    let other = altered(&good, directory(&good), (b"zz.pth__", b"zz.text_"));
    assert_eq!(broken(NEW, &other), "a file in it is called otherwise in the directory than where it lies");
    // What ends so and is none to every reader is a file.
    let bytes = altered(&good, 0, (b"zz.pth__", b"zz.pth_/"));
    assert!(paths(&whole(NEW, &bytes)).contains(&"zz.pth_/"), "it has bytes");
    let bytes = altered(&zipped(&[("zz.pth__", b"")]), 0, (b"zz.pth__", b"zz.pth_\\"));
    assert_eq!(paths(&whole(NEW, &bytes)), ["zz.pth_\\"]);
    let bytes = altered(&zipped(&[("widgets_", b""), ("a.py", b"")]), 0, (b"widgets_", b"widgets/"));
    assert_eq!(paths(&whole(NEW, &bytes)), ["a.py"], "a folder is none");
}

#[test]
fn a_second_name_in_a_zip_archive_is_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut options = FullFileOptions::default();
    // Version 1, the sum of a name that is another's, and a name.
    options.add_extra_field(0x6375, b"\x01\0\0\0\0zz.pth", true).expect("a field");
    zip.start_file("a.py", options).expect("a name");
    zip.write_all(b"1").expect("in memory");
    let bytes = zip.finish().expect("in memory").into_inner();
    assert!(read(NEW, &bytes).is_ok(), "a comment is none");
    let at = directory(&bytes);
    assert_eq!(broken(NEW, &altered(&bytes, at, (b"\x75\x63", b"\x75\x70"))), "a file in it has a second name");
}

/// Each entry of the directory leads to the same bytes.
#[test]
fn files_that_share_their_bytes_are_a_bomb() {
    let block: Vec<u8> = (0..4096_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let good = zipped(&[("a", &block)]);
    let (at, end) = (directory(&good), good.len() - 22);
    let entry = good[at..end].to_vec();
    let mut bomb = good[..at].to_vec();
    (0..3).for_each(|_| bomb.extend(&entry));
    let mut last = good[end..].to_vec();
    last[8..12].copy_from_slice(&[3, 0, 3, 0]);
    last[12..16].copy_from_slice(&u32::try_from(entry.len() * 3).expect("small").to_le_bytes());
    bomb.extend(last);
    // The library takes files of one name for one.
    for (entry, name) in (0..3).zip(b'a'..) {
        bomb[at + entry * (end - at) + 46] = name;
    }
    assert_eq!(broken(NEW, &bomb), "files in it share their bytes");
    assert!(read(NEW, &good).is_ok());
}

#[test]
fn a_path_beside_the_folder_hides_nothing_of_a_build() {
    let project = b"[build-system]\nrequires = ['evil-build']\nbuild-backend = 'own'\nbackend-path = ['.']";
    let info = b"Metadata-Version: 2.2\nRequires-Dist: evil\n";
    let own: Files<'_> = vec![("w-1/setup.py", b""), ("w-1/pyproject.toml", project), ("w-1/PKG-INFO", info)];
    let hidden = [("stray", &b""[..])].into_iter().chain(own.iter().copied()).collect::<Vec<_>>();
    let of = whole(SOURCE, &tarred(&hidden));
    let said = kinds(&of);
    for one in [
        (NotableKind::BuildScript, "w-1/setup.py"),
        (NotableKind::BuildBackend, "own"),
        (NotableKind::BuildBackend, "w-1/setup.py"),
        (NotableKind::BuildRequirement, "evil-build"),
    ] {
        assert!(said.contains(&one), "{one:?}: {said:?}");
    }
    assert_eq!(of.requirements, Some(["evil".to_owned()].into()));
    // pip strips what leads to it, however it is written.
    let led = tarred_so(|tar| {
        file(tar, b"w-1/a.py", b"");
        file(tar, b"/w-1/setup.py", b"");
        file(tar, b"w-1\\build.py", b"");
    });
    let of = whole(SOURCE, &led);
    let said = kinds(&of);
    for path in ["/setup.py", "/build.py"] {
        assert!(said.contains(&(NotableKind::BuildScript, path)), "{path}: {said:?}");
        assert!(said.contains(&(NotableKind::LeadsElsewhere, path)), "{path}: {said:?}");
    }
}

#[test]
fn a_description_of_the_build_that_nobody_here_can_read_is_seen() {
    let deep = format!("x = {}{}", "[".repeat(200), "]".repeat(200));
    for text in ["x = 99999999999999999999999999", deep.as_str(), "x ="] {
        let of = whole(SOURCE, &tarred(&[("w-1/a.py", b""), ("w-1/pyproject.toml", text.as_bytes())]));
        let said = (NotableKind::BuildBackend, "pyproject.toml, which could not be read");
        assert!(kinds(&of).contains(&said), "{text}");
        let other = format!("{text} # other");
        let now = whole(SOURCE, &tarred(&[("w-1/a.py", b""), ("w-1/pyproject.toml", other.as_bytes())]));
        let found = compare(Some(&of), &now, true);
        assert_eq!(seen(&found), [(said.0, said.1, false)], "it is another, and no more is known");
    }
}

#[test]
fn what_else_a_build_runs_is_seen() {
    let files: Files<'_> =
        vec![("w-1/setup.cfg", b"[global]"), ("w-1/pyproject.toml", b"[tool.hatch.build.hooks.custom]\npath = 'x.py'")];
    let of = whole(SOURCE, &tarred(&files));
    let all =
        [(NotableKind::BuildScript, "pyproject.toml: tool.hatch.build.hooks"), (NotableKind::BuildScript, "setup.cfg")];
    assert_eq!(kinds(&of), all);
}

#[test]
fn many_of_one_kind_push_out_none_of_another() {
    let links: Vec<String> = (10..40).map(|number| format!("w-1/{number}")).collect();
    let bytes = tarred_so(|tar| {
        links.iter().for_each(|path| odd(tar, path.as_bytes(), (b'2', 0), &[]));
        for path in ["w-1/zz.pth", "w-1/zz.start", "w-1/setup.py", "w-1/x.so", "w-1/x.sh"] {
            file(tar, path.as_bytes(), b"");
        }
    });
    let of = compare(None, &whole(SOURCE, &bytes), false);
    let named = seen(&of);
    assert_eq!((named.len(), named[0].1, of.more_notable), (20, "10", 15));
    assert_eq!(
        named[15..].iter().map(|(_, what, _)| *what).collect::<Vec<_>>(),
        ["zz.pth", "zz.start", "setup.py", "x.so", "x.sh"]
    );
    assert_eq!(of.more_of, [MoreOfKind { kind: NotableKind::Link, count: 15 }]);
}

#[test]
fn the_clock_is_asked_where_no_bytes_come() {
    let bytes = tarred_so(|tar| odd(tar, b"w-1/x", (b'5', 0), &[]));
    assert_eq!(Contents::read(SOURCE, &bytes, &|| true), Err(Unreadable::TooSlow));
}
