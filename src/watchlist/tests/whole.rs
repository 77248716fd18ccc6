//! Files that were damaged: by a slip, a disk that was full, an editor with another encoding. Whatever became of one line, the names on
//! all others are watched, or the file is refused.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;

use crate::model::{Inventory, OwnerId, WatchKind};
use crate::watchlist::{Admission, decoded, from_source, guard};

const NAMES: usize = 24;

/// The form of a file: how it begins, a line of it, how it ends.
#[derive(Clone, Copy, Debug)]
enum Written {
    Short,
    Long,
    Table,
    Lines,
    Pinned,
}

impl Written {
    fn file(self) -> &'static str {
        match self {
            Self::Short | Self::Long => "inventory.toml",
            Self::Table => "inventory.csv",
            Self::Lines | Self::Pinned => "inventory.txt",
        }
    }

    fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Short => ("[owners.team]\nemail = [\"t@acme.example\"]\nnames = [\n", "]\n"),
            Self::Long => ("[owners.team]\nemail = [\"t@acme.example\"]\n", ""),
            Self::Table => ("name,owner,latest_version\n", ""),
            Self::Lines | Self::Pinned => ("", ""),
        }
    }

    fn line(self, number: usize) -> String {
        match self {
            Self::Short => format!("  \"{}\",\n", name(number)),
            Self::Long => format!("[[name]]\nname = \"{}\"\nowner = \"team\"\n", name(number)),
            Self::Table => format!("{},t@acme.example,1.{number}\n", name(number)),
            Self::Lines => format!("{}\n", name(number)),
            Self::Pinned => format!("{}==1.{number}\n", name(number)),
        }
    }
}

fn written() -> impl Strategy<Value = Written> {
    select(vec![Written::Short, Written::Long, Written::Table, Written::Lines, Written::Pinned])
}

/// None of them is within another.
fn name(number: usize) -> String {
    format!("acme-{}-billing", ["ka", "lu", "mo", "ne", "pi", "ro"][number % 6].repeat(number / 6 + 1))
}

fn read(of: Written, bytes: Vec<u8>) -> Option<Inventory> {
    let path = Path::new(of.file());
    from_source(decoded(path, bytes).ok()?, &OwnerId("security".to_owned())).ok()
}

/// The names of these lines that are not watched.
fn missing(inventory: &Inventory, lines: impl Iterator<Item = usize>) -> Vec<String> {
    let watched: BTreeSet<&str> =
        inventory.watches.keys().filter(|id| id.kind == WatchKind::Name).map(|id| id.text.as_str()).collect();
    lines.map(name).filter(|name| !watched.contains(name.as_str())).collect()
}

/// What befell one line.
#[derive(Clone, Debug)]
enum Harm {
    /// These bytes were put in at a place of it.
    PutIn(usize, &'static [u8]),
    /// So many bytes of it are gone.
    Gone(usize, usize),
    /// One byte is another.
    Turned(usize, u8),
    /// It stands there once more, in another spelling.
    Twice,
}

fn harm() -> impl Strategy<Value = Harm> {
    const TYPED: [&[u8]; 16] = [
        b"\"",
        b"'",
        b"#",
        b"[",
        b"]",
        b"=",
        b",",
        b"\n",
        b"\"\"\"",
        b"\t",
        b" ",
        b"\\",
        b"\r",
        b";",
        b"\xe4",
        b"\xef\xbb\xbf",
    ];
    prop_oneof![
        4 => (0..60_usize, select(TYPED.to_vec())).prop_map(|(at, text)| Harm::PutIn(at, text)),
        2 => (0..60_usize, 1..8_usize).prop_map(|(at, many)| Harm::Gone(at, many)),
        2 => (0..60_usize, any::<u8>()).prop_map(|(at, byte)| Harm::Turned(at, byte)),
        1 => Just(Harm::Twice),
    ]
}

impl Harm {
    fn done_to(&self, line: String) -> Vec<u8> {
        let (mut bytes, length) = (line.clone().into_bytes(), line.len());
        match self {
            Self::PutIn(at, text) => drop(bytes.splice(at % length..at % length, text.iter().copied())),
            Self::Gone(at, many) => drop(bytes.drain(at % length..(at % length + many).min(length))),
            Self::Turned(at, byte) => bytes[at % length] = *byte,
            Self::Twice => bytes.extend(line.replace("acme-", "Acme_").into_bytes()),
        }
        bytes
    }
}

fn file(of: Written, lines: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let (before, behind) = of.around();
    [before.as_bytes().to_vec(), lines.collect::<Vec<_>>().concat(), behind.as_bytes().to_vec()].concat()
}

fn sound(of: Written) -> Inventory {
    read(of, file(of, (0..NAMES).map(|line| of.line(line).into_bytes()))).expect("sound")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]
    #[test]
    fn what_befell_one_line_costs_no_other(of in written(), at in 0..NAMES, harm in harm()) {
        let line = |line: usize| if line == at { harm.done_to(of.line(line)) } else { of.line(line).into_bytes() };
        // Two lines of names that became one are one name to anybody who reads them; a reload tells that both have left.
        let is_joined = matches!(of, Written::Lines | Written::Pinned) && !harm.done_to(of.line(at)).ends_with(b"\n");
        if let Some(inventory) = read(of, file(of, (0..NAMES).map(line))) {
            let lost = missing(&inventory, (0..NAMES).filter(|line| *line != at && !(is_joined && *line == at + 1)));
            prop_assert!(lost.is_empty(), "{lost:?} of {harm:?} at {at} in {of:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// A disk that was full leaves the beginning of a file: what is lost is noticed, where the form does not say it by the guard.
    #[test]
    fn the_beginning_of_a_file_is_not_taken_for_the_whole(of in written(), left in 0..100_usize) {
        let whole = file(of, (0..NAMES).map(|line| of.line(line).into_bytes()));
        let old = sound(of);
        let cut = whole[..whole.len() * left / 100].to_vec();
        let Some(new) = read(of, cut) else { return Ok(()) };
        let lost = missing(&new, 0..NAMES).len();
        match guard(&old, &new) {
            Admission::Apply(changes) => prop_assert!(changes.removed.len() == lost && lost * 5 < NAMES, "{changes}"),
            Admission::Hold { changes, .. } => prop_assert_eq!(changes.removed.len(), lost),
        }
    }

    /// Spreadsheets and editors write other encodings; each is read, or refused.
    #[test]
    fn an_encoding_costs_no_name(of in written(), owner in select(vec!["Müller", "團隊", "plain"]), encoding in 0..5_usize) {
        let text = String::from_utf8(file(of, (0..NAMES).map(|line| of.line(line).into_bytes()))).expect("text");
        let remark = if matches!(of, Written::Table) { String::new() } else { format!("# {owner}\n") };
        let text = format!("{remark}{text}");
        let wide = |unit: u16, big: bool| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        let utf16 = |big: bool| std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(|unit| wide(unit, big)).collect();
        let bytes: Vec<u8> = match encoding {
            0 => text.clone().into_bytes(),
            1 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            2 => utf16(false),
            3 => utf16(true),
            _ => text.replace('\n', "\r\n").into_bytes(),
        };
        let read = read(of, bytes);
        prop_assert!(read.is_some(), "a form that is read");
        prop_assert_eq!(read.map(|inventory| missing(&inventory, 0..NAMES)), Some(Vec::new()));
    }
}
