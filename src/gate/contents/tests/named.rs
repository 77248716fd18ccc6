//! Tar archives in which an entry is named by what stands before it: by one name, it is that to every reader, and by two it is refused.

use proptest::prelude::*;
use tar::EntryType;

use super::made::{entry, file, link, tarred_so};
use super::{SOURCE, Unreadable, read, whole};

/// What a tar archive is made of, as far as it names a file.
#[derive(Clone, Copy, Debug)]
enum Piece {
    /// A name of GNU's, before the entry that it is of.
    Gnu(usize),
    /// One of PAX.
    Pax(usize),
    /// A header of PAX that names nothing.
    Remark,
    File(usize),
}

const NAMES: [&str; 4] = ["setup.py", "zz.pth", "a.txt", "b/c.py"];

fn path(name: usize) -> String {
    format!("w-1/{}", NAMES[name])
}

fn piece() -> impl Strategy<Value = Piece> {
    let name = 0..NAMES.len();
    prop_oneof![
        2 => name.clone().prop_map(Piece::Gnu),
        2 => name.clone().prop_map(Piece::Pax),
        1 => Just(Piece::Remark),
        3 => name.prop_map(Piece::File),
    ]
}

fn archive(pieces: &[Piece]) -> Vec<u8> {
    tarred_so(|tar| {
        for piece in pieces {
            match *piece {
                Piece::Gnu(name) => entry(tar, EntryType::GNULongName, b"x", format!("{}\0", path(name)).as_bytes()),
                Piece::Pax(name) => {
                    tar.append_pax_extensions([("path", path(name).as_bytes())]).expect("in memory");
                }
                Piece::Remark => tar.append_pax_extensions([("comment", &b"w-1/setup.py"[..])]).expect("in memory"),
                Piece::File(name) => file(tar, path(name).as_bytes(), b"1"),
            }
        }
    })
}

/// What every reader unpacks; `None`: they differ. Python's (`tarfile`) goes by the first name before an entry, GNU's by the last.
fn unpacked(pieces: &[Piece]) -> Option<Vec<&'static str>> {
    let (mut all, mut said) = (Vec::new(), Vec::new());
    for piece in pieces {
        match *piece {
            Piece::Gnu(name) | Piece::Pax(name) => said.push(name),
            Piece::Remark => {}
            Piece::File(name) => {
                let (first, last) = (said.first().copied(), said.last().copied());
                if said.iter().any(|name| Some(*name) != first) {
                    return None;
                }
                all.push(NAMES[first.or(last).unwrap_or(name)]);
                said.clear();
            }
        }
    }
    // Of no entry: readers differ about whether that is an archive at all.
    said.windows(2).all(|two| two[0] == two[1]).then_some(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn an_entry_is_what_every_reader_calls_it_or_nothing_is_read(pieces in prop::collection::vec(piece(), 0..9)) {
        let found = read(SOURCE, &archive(&pieces));
        match unpacked(&pieces) {
            None => prop_assert!(matches!(found, Err(Unreadable::Broken(_))), "{pieces:?}: {found:?}"),
            Some(mut names) => {
                let found = found.map_err(|why| TestCaseError::fail(format!("{pieces:?}: {why}")))?;
                names.sort_unstable();
                names.dedup();
                let paths: Vec<&str> = found.entries.keys().map(String::as_str).collect();
                prop_assert_eq!(paths, names, "{:?}", pieces);
            }
        }
    }
}

fn broken(bytes: &[u8]) -> String {
    match read(SOURCE, bytes) {
        Err(Unreadable::Broken(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// pip would unpack `setup.py`, and a reviewer would be shown a text.
#[test]
fn what_a_build_runs_hides_behind_no_second_name() {
    let names = |names: &'static [(&'static str, &'static [u8])]| {
        tarred_so(|tar| {
            names.iter().for_each(|name| tar.append_pax_extensions([*name]).expect("in memory"));
            file(tar, b"w-1/short", b"evil()");
        })
    };
    let two = names(&[("path", b"w-1/setup.py"), ("path", b"w-1/a.txt")]);
    assert_eq!(broken(&two), "an entry in it has two names");
    let within = tarred_so(|tar| {
        tar.append_pax_extensions([("path", &b"w-1/setup.py"[..]), ("path", &b"w-1/a.txt"[..])]).expect("in memory");
        file(tar, b"w-1/short", b"evil()");
    });
    assert_eq!(broken(&within), "an entry in it has two names");
    assert_eq!(broken(&names(&[("path", b"")])), "an entry in it has an empty name", "some go by its own then");
    let same = names(&[("path", b"w-1/setup.py"), ("mtime", b"1"), ("path", b"w-1/setup.py")]);
    assert_eq!(whole(SOURCE, &same).entries.keys().collect::<Vec<_>>(), ["setup.py"]);
}

#[test]
fn a_link_leads_to_one_place_to_every_reader() {
    let to = |places: &[&str]| {
        tarred_so(|tar| {
            for place in places {
                tar.append_pax_extensions([("linkpath", place.as_bytes())]).expect("in memory");
            }
            link(tar, "w-1/etc", "/etc");
        })
    };
    assert_eq!(broken(&to(&["/root", "/home"])), "an entry in it has two names");
    assert!(read(SOURCE, &to(&["/root"])).is_ok() && read(SOURCE, &to(&[])).is_ok());
    let long = tarred_so(|tar| {
        entry(tar, EntryType::GNULongLink, b"x", b"/root\0");
        tar.append_pax_extensions([("linkpath", &b"/home"[..])]).expect("in memory");
        link(tar, "w-1/etc", "/etc");
    });
    assert_eq!(broken(&long), "an entry in it has two names");
}
