//! Restarts, kills, and files that somebody or something has changed.

use std::fs::{File, OpenOptions};
use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::model::WatchKind;

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

fn binding(names: &[&str], prefixes: &[&str]) -> Binding {
    let names = names.iter().map(|text| WatchId::new(Registry::Pypi, WatchKind::Name, text));
    let prefixes = prefixes.iter().map(|text| WatchId::new(Registry::Pypi, WatchKind::Prefix, text));
    Binding::of_watches(names.chain(prefixes), BTreeSet::new())
}

fn had(memory: &Memory, text: &str) {
    memory.add(BTreeSet::from([Line::Had(name(text))])).expect("written");
}

fn had_alike(memory: &Memory, text: &str) -> Option<ProjectName> {
    memory.had_alike(&name(text), &name(text).ultranormal())
}

#[test]
fn what_was_ours_is_ours_after_a_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let state = dir.path().join("new/state");
    let memory = Memory::open(&state).expect("opens");
    memory.bind(&binding(&["acme-billing"], &["acme-int-"])).expect("written");
    had(&memory, "unlisted");
    assert!(matches!(Memory::open(&state), Err(MemoryError::Taken(_))), "two gates, one file");
    drop(memory);
    let memory = Memory::open(&state).expect("opens");
    assert_eq!(memory.binding(), binding(&["acme-billing"], &["acme-int-"]));
    assert!(memory.had(&name("Unlisted")) && !memory.had(&name("acme-billing")));
    assert_eq!(memory.had_by_private(), 1);
    for respelt in ["unlisted", "un1isted", "Un-Listed"] {
        assert_eq!(had_alike(&memory, respelt), Some(name("unlisted")), "{respelt}");
    }
    had(&memory, "un-1isted");
    for itself in ["unlisted", "un-1isted"] {
        assert_eq!(had_alike(&memory, itself), Some(name(itself)), "it was there by this very name");
    }
    had(&memory, "another");
    assert!(had_alike(&memory, "an0ther").is_some() && had_alike(&memory, "others").is_none());
}

/// As a program that is being started has it, until it becomes another.
#[test]
fn a_copy_of_the_descriptor_keeps_nobody_out() {
    let dir = tempfile::tempdir().expect("a directory");
    let memory = Memory::open(dir.path()).expect("opens");
    let _inherited = memory.lock().ours.file.try_clone().expect("a second descriptor");
    drop(memory);
    Memory::open(dir.path()).expect("opens again");
}

/// Whatever was cut off, emptied or altered is named, and nothing starts until a person has decided.
#[test]
fn what_is_lost_is_noticed_and_put_back_or_let_go_by_a_person() {
    let lines = ["name acme-billing", "prefix acme-int-", "had unlisted", "had z-last"];
    let whole = format!("{HEAD}\n{}\n", lines.join("\n"));
    let cut = format!("{HEAD}\n{}\n", lines[..2].join("\n"));
    let altered = whole.replace("name acme-billing", "name acme-bilking");
    for (left, at, lost) in [("", 2, 4), (&*format!("{HEAD}\n"), 2, 4), (&*cut, 4, 2), (&*altered, 2, 1)] {
        let dir = tempfile::tempdir().expect("a directory");
        let (file, copy) = (dir.path().join(FILE), dir.path().join(COPY));
        std::fs::write(&file, &whole).expect("written");
        drop(Memory::open(dir.path()).expect("one of before has no copy"));
        std::fs::write(&file, left).expect("written");
        for _ in 0..2 {
            let error = Memory::open(dir.path()).expect_err(left).to_string();
            let first = lines[at - 2];
            assert!(error.contains(&format!("ours:{at}: {first:?} was here and is gone")), "{error}");
            assert!(error.contains(&format!("one of {lost} lines")) && error.contains("`cp "), "{error}");
        }
        std::fs::copy(&copy, &file).expect("copied");
        assert!(Memory::open(dir.path()).expect("put back").had(&name("z-last")));
        std::fs::write(&file, left).expect("written");
        std::fs::remove_file(&copy).expect("removed");
        if lost == lines.len() {
            Memory::open(dir.path()).expect_err("all of it is gone");
            std::fs::remove_file(dir.path().join(THERE)).expect("removed");
        }
        assert_eq!(Memory::open(dir.path()).expect("let go").had(&name("z-last")), lost == 1);
        Memory::open(dir.path()).expect("and said no more");
    }
}

/// Emptied, cut to their head or removed, one after the other or both: nobody takes it for a first start.
#[test]
fn two_files_that_are_gone_are_no_first_start() {
    for left in [None, Some(String::new()), Some(format!("{HEAD}\n"))] {
        let dir = tempfile::tempdir().expect("a directory");
        drop(Memory::open(dir.path()).expect("a first start"));
        let memory = Memory::open(dir.path()).expect("nothing was ours yet, so nothing is lost");
        had(&memory, "unlisted");
        drop(memory);
        for file in [FILE, COPY].map(|file| dir.path().join(file)) {
            match &left {
                None => std::fs::remove_file(file).expect("removed"),
                Some(text) => std::fs::write(file, text).expect("written"),
            }
        }
        for _ in 0..2 {
            let error = Memory::open(dir.path()).expect_err("it was ours").to_string();
            assert!(error.contains("neither it nor") && error.contains("ours.there"), "{error}");
        }
        std::fs::remove_file(dir.path().join(THERE)).expect("removed");
        assert!(!Memory::open(dir.path()).expect("let go").had(&name("unlisted")));
    }
}

#[test]
fn a_line_is_read_as_people_write_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let written = format!("{HEAD}\nname Acme_Billing \nprefix Acme.Int-\n\nhad Acme.Unlisted\nhad last");
    std::fs::write(dir.path().join(FILE), written).expect("written");
    for _ in 0..2 {
        let memory = Memory::open(dir.path()).expect("opens");
        assert_eq!(memory.binding(), binding(&["acme-billing"], &["acme-int-"]));
        assert!(memory.had(&name("acme-unlisted")), "by what an index cannot tell apart");
        assert!(memory.had(&name("last")), "an editor left it without its end");
    }
}

#[test]
fn a_damaged_line_is_named_and_nothing_starts() {
    for damaged in [FILE, COPY] {
        let dir = tempfile::tempdir().expect("a directory");
        for line in ["name", "prefix acme", "had -x", "what acme", "\u{0}\u{0}", "name a b"] {
            std::fs::write(dir.path().join(damaged), format!("{HEAD}\nname acme\n{line}\nhad b\n")).expect("written");
            let error = Memory::open(dir.path()).expect_err(line).to_string();
            assert!(error.contains(&format!("{damaged}:3: ")) && error.contains("restore the file"), "{error}");
        }
    }
}

#[test]
fn what_cannot_be_written_is_not_taken_for_kept_and_a_copy_that_lags_catches_up() {
    let dir = tempfile::tempdir().expect("a directory");
    let memory = Memory::open(dir.path()).expect("opens");
    // A file that is open for reading stands for a disk that takes nothing.
    let closed = |file: &str| File::open(dir.path().join(file)).expect("opens");
    let copy = std::mem::replace(&mut memory.lock().copy.file, closed(COPY));
    had(&memory, "first");
    memory.lock().copy.file = copy;
    had(&memory, "second");
    let copied = std::fs::read_to_string(dir.path().join(COPY)).expect("reads");
    assert!(copied.ends_with("\nhad first\nhad second\n"), "{copied}");
    memory.lock().ours.file = closed(FILE);
    memory.bind(&binding(&["acme"], &[])).expect_err("it is not writable");
    assert_eq!(memory.binding(), Binding::default());
}

/// What may happen to a memory between two starts, in any order.
#[derive(Clone, Debug)]
enum Step {
    /// An inventory has exactly these.
    Inventory(Vec<u8>),
    /// The private index has a name, in some spelling.
    Had(u8),
    /// Killed while a line was written to the file, or to its copy: so much of it arrived.
    Torn { copy: bool, bytes: usize },
    /// Killed between the file and its copy.
    Uncopied(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        prop::collection::vec(0_u8..12, 0..6).prop_map(Step::Inventory),
        (0_u8..12).prop_map(Step::Had),
        (any::<bool>(), 0_usize..30).prop_map(|(copy, bytes)| Step::Torn { copy, bytes }),
        (0_u8..12).prop_map(Step::Uncopied),
    ]
}

/// The file as a kill leaves it: with so much more at its end.
fn left(dir: &Path, file: &str, text: &[u8]) {
    let mut file = OpenOptions::new().append(true).open(dir.join(file)).expect("opens");
    file.write_all(text).expect("written");
}

fn is_bound(memory: &Memory, text: &str) -> bool {
    memory.binding().of(&name(text)).is_some() || memory.had(&name(text))
}

proptest! {
    /// Once ours, always ours, and never a refusal to start: a kill is no damage.
    #[test]
    fn once_ours_always_ours(steps in prop::collection::vec(step(), 1..24)) {
        let dir = tempfile::tempdir().expect("a directory");
        let mut ours: BTreeSet<String> = BTreeSet::new();
        for step in steps {
            let memory = Memory::open(dir.path()).expect("a kill is no damage");
            for text in &ours {
                prop_assert!(is_bound(&memory, text), "{text} was ours");
            }
            match step {
                Step::Inventory(numbers) => {
                    let names: Vec<String> = numbers.iter().map(|number| format!("watched-{number}")).collect();
                    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
                    memory.bind(&binding(&texts, &[])).expect("written");
                    ours.extend(names);
                }
                Step::Had(number) => {
                    had(&memory, &format!("Private_{number}"));
                    ours.insert(format!("private-{number}"));
                }
                Step::Torn { copy, bytes } => {
                    let line = b"had torn-of-a-name-that-was-being-written";
                    left(dir.path(), if copy { COPY } else { FILE }, &line[..bytes]);
                }
                Step::Uncopied(number) => {
                    memory.lock().ours.append(&format!("had between-{number}\n")).expect("written");
                    ours.insert(format!("between-{number}"));
                }
            }
        }
        let memory = Memory::open(dir.path()).expect("opens");
        prop_assert!(ours.iter().all(|text| is_bound(&memory, text)));
    }
}

#[test]
fn what_the_private_index_has_and_the_inventory_lacks_is_said() {
    let dir = tempfile::tempdir().expect("a directory");
    let memory = Memory::open(dir.path()).expect("opens");
    let watches = ["acme-billing", "acme-tax"].map(|text| WatchId::name(&name(text)));
    let inventory = Binding::of_watches(watches.into_iter(), BTreeSet::from([name("acme-open")]));
    assert_eq!(memory.drift(&inventory), None);
    for text in ["acme-billing", "Acme_Tax", "acme-open"] {
        memory.add(BTreeSet::from([Line::Had(name(text))])).expect("written");
    }
    assert_eq!(memory.drift(&inventory), None, "it has all of them, and one is public on purpose");
    for number in 0..7 {
        memory.add(BTreeSet::from([Line::Had(name(&format!("acme-new-{number}")))])).expect("written");
    }
    let said = memory.drift(&inventory).expect("seven are missing");
    assert!(
        said.contains("lacks, 7 of them (acme-new-0, acme-new-1, acme-new-2, acme-new-3, acme-new-4, …)"),
        "{said}"
    );
}
