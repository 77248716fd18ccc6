//! Zip archives whose directory does not say what lies before it: who reads from the front would unpack something else.

use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::made::{directory, zipped};
use super::{NEW, NotableKind, Unreadable, read, whole};

/// The end of a directory, without a comment.
const END: usize = 22;
/// In that: how many entries there are, twice, and how long they are.
const COUNTS: usize = 8;
const LENGTH: usize = 12;
/// What an entry takes beside its name, and where the lengths of its three texts stand.
const ENTRY: usize = 46;
const TEXTS: [usize; 3] = [28, 30, 32];

fn number(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

/// The entries of a directory, each whole.
fn entries(zip: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut all) = (&zip[directory(zip)..zip.len() - END], Vec::new());
    while !rest.is_empty() {
        let length = ENTRY + TEXTS.iter().map(|at| number(rest, *at)).sum::<usize>();
        let (entry, more) = rest.split_at(length);
        all.push(entry);
        rest = more;
    }
    all
}

/// The same files, with these entries in the directory.
fn listing(zip: &[u8], listed: &[&[u8]]) -> Vec<u8> {
    let mut end = zip[zip.len() - END..].to_vec();
    let count = u16::try_from(listed.len()).expect("few").to_le_bytes();
    end[COUNTS..COUNTS + 4].copy_from_slice(&[count, count].concat());
    let length = u32::try_from(listed.concat().len()).expect("small").to_le_bytes();
    end[LENGTH..LENGTH + 4].copy_from_slice(&length);
    [&zip[..directory(zip)], &listed.concat(), &end].concat()
}

const FILES: [(&str, &[u8]); 4] =
    [("widgets/__init__.py", b"one"), ("zz.pth", b"import os"), ("widgets/logo.png", b"PK"), ("LICENSE", b"")];

fn stored(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (path, bytes) in files {
        zip.start_file(*path, options).expect("a name");
        zip.write_all(bytes).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// In whatever order it names them, a directory names all of the files that lie before it.
    #[test]
    fn a_file_that_the_directory_does_not_name_is_no_secret(
        order in Just((0..FILES.len()).collect::<Vec<_>>()).prop_shuffle(), listed in 1..=FILES.len(), is_stored in any::<bool>(),
    ) {
        let zip = if is_stored { stored(&FILES) } else { zipped(&FILES) };
        let all = entries(&zip);
        let some: Vec<&[u8]> = order.iter().take(listed).map(|at| all[*at]).collect();
        let found = read(NEW, &listing(&zip, &some));
        match listed == FILES.len() {
            true => prop_assert_eq!(found, Ok(whole(NEW, &zip))),
            false => prop_assert!(matches!(found, Err(Unreadable::Broken(_))), "{order:?} {listed}: {found:?}"),
        }
    }

    /// Whatever stands otherwise before a file than in the directory makes no difference, or the archive is refused.
    #[test]
    fn what_stands_before_a_file_is_what_the_directory_says(at in 4_usize..30, by in 1_u8.., is_stored in any::<bool>()) {
        let zip = if is_stored { stored(&FILES) } else { zipped(&FILES) };
        let mut odd = zip.clone();
        odd[at] ^= by;
        let found = read(NEW, &odd);
        prop_assert!(matches!(found, Err(Unreadable::Broken(_))) || found == Ok(whole(NEW, &zip)), "{at} {by}: {found:?}");
    }
}

/// By its own header the first file ends at once, and what is in it is the next file to who reads from the front.
#[test]
fn a_file_within_a_file_is_one_to_every_reader_or_none() {
    let inner = stored(&[("zz.pth", b"import os")]);
    let inner = &inner[..directory(&inner)];
    let zip = stored(&[("widgets/data.bin", inner), ("a.py", b"")]);
    assert_eq!(whole(NEW, &zip).entries.len(), 2, "an archive in an archive is a file");
    let mut short = zip.clone();
    // The sum of its bytes, and both of its lengths.
    short[14..26].fill(0);
    assert!(matches!(read(NEW, &short), Err(Unreadable::Broken(_))));
    // Where nothing hides, what lies in between is nobody's.
    let padded = [&b"#!/bin/sh\nexec python3 \"$0\"\n"[..], &zip].concat();
    assert!(read(NEW, &padded).is_ok(), "as an archive that runs itself begins");
    let before = [inner, &zip].concat();
    assert!(matches!(read(NEW, &before), Err(Unreadable::Broken(_))), "a file that no directory names");
}

#[test]
fn a_name_that_is_there_twice_is_told_and_not_refused() {
    let zip = stored(&FILES);
    let all = entries(&zip);
    let twice = listing(&zip, &[all[0], all[1], all[0], all[2], all[3]]);
    let of = whole(NEW, &twice);
    assert!(of.notable.keys().any(|(kind, _)| *kind == NotableKind::Twice), "{:?}", of.notable);
}
