//! What is in the files of a review, in words: for a page, and for a terminal. Names of strangers are made harmless here, short, and stand in
//! backticks.

use crate::gate::{ContentsDifference, Dossier, FirstOf, MoreOfKind, NotableFile, NotableKind, ReadContents};
use crate::messages::hostile::shown;
use crate::model::count;

/// Of a name, in letters.
const NAME: usize = 80;
/// Of each list.
const MOST: usize = 5;

/// What is in one file: what it is beside, and a line for each thing that is worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileWords {
    pub filename: String,
    pub beside: String,
    pub lines: Vec<String>,
}

/// Of each file that was looked into.
pub fn insides(of: &Dossier) -> Vec<FileWords> {
    of.contents.iter().map(words).collect()
}

/// How many nobody looked into, where there are any.
pub fn left_out(of: &Dossier) -> Option<String> {
    let number = of.contents_left_out;
    (number > 0).then(|| format!("{} of it nobody looked into", count(number, "file", "files")))
}

/// Whom attestations name that the gate verified.
pub fn publishers(of: &Dossier) -> Option<String> {
    let publishers = of.publishers.as_ref()?;
    let all = |of: &[String]| match of.is_empty() {
        true => "nobody, as far as is known".to_owned(),
        false => of.iter().take(MOST).map(|one| shown(one, 200)).collect::<Vec<_>>().join(", "),
    };
    let other = publishers.now.iter().any(|now| !publishers.before.contains(now)) && !publishers.before.is_empty();
    let another = if other { ": ANOTHER than before" } else { "" };
    Some(format!(
        "of these files {}, of what was received before {}{another}",
        all(&publishers.now),
        all(&publishers.before)
    ))
}

/// How often others have it, by the lists that the operator brings.
pub fn counted(of: &Dossier) -> Option<String> {
    let one = |of: &crate::gate::CountedProject| {
        let (what, as_of) = (shown(&of.of, NAME), of.as_of.format("%F"));
        if of.number == 0 {
            format!("not in the list of {what} of {as_of}")
        } else {
            format!("{} {what} by the list of {as_of}", of.number)
        }
    };
    let all: Vec<String> = of.counted.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// What is a letter apart from it and used more, by those lists.
pub fn near(of: &Dossier) -> Option<String> {
    let one = |of: &crate::gate::NearProject| format!("{} ({} {})", code(&of.project), of.number, shown(&of.of, NAME));
    let all: Vec<String> = of.near.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn words(of: &ReadContents) -> FileWords {
    let lines = of.difference.as_ref().map(|difference| difference_of(of, difference)).unwrap_or_default();
    let unread = of.unread.iter().map(|why| shown(why, 400));
    FileWords { filename: shown(&of.filename, 200), beside: beside(of), lines: unread.chain(lines).collect() }
}

fn beside(of: &ReadContents) -> String {
    let held = match &of.beside {
        _ if of.old_unread => "beside nothing that could be read".to_owned(),
        None => "beside nothing that was received".to_owned(),
        Some(old) if of.is_like => format!("beside {}", code(old)),
        Some(old) => format!("beside {}, which is of another form: paths are not compared", code(old)),
    };
    match &of.difference {
        _ if of.is_awaited => "not read yet: it is being fetched, ask again".to_owned(),
        None => "not read".to_owned(),
        Some(of_both) if of.beside.is_some() && of.is_like => format!("{held}: {}", numbers(of_both)),
        Some(of_both) => format!("{held}: {}", count(of_both.files, "file", "files")),
    }
}

fn numbers(of: &ContentsDifference) -> String {
    let [added, changed, removed] = [&of.added, &of.changed, &of.removed].map(|of| of.count);
    format!("{}, {added} new, {changed} changed, {removed} gone", count(of.files, "file", "files"))
}

/// What runs by itself first, what only lies there last.
fn difference_of(file: &ReadContents, of: &ContentsDifference) -> Vec<String> {
    let is_beside = file.beside.is_some() && !file.old_unread;
    let mut lines: Vec<String> = of.notable.iter().map(|one| notable(one, is_beside)).collect();
    lines.extend(of.more_of.iter().map(more));
    // A gate of before says of none what kind it is.
    let unsaid = of.more_notable.saturating_sub(of.more_of.iter().map(|more| more.count).sum());
    lines.extend((unsaid > 0).then(|| format!("and {unsaid} more of the kind")));
    lines.extend(of_requirements(file, of.requirements_known).map(str::to_owned));
    let new = |word: &str| if is_beside { format!("new {word}") } else { word.to_owned() };
    let lists = [
        (new("dependencies"), &of.dependencies_added),
        ("required otherwise".to_owned(), &of.requirements_changed),
        ("no more required, or otherwise".to_owned(), &of.requirements_removed),
        (new("commands and plugins"), &of.entry_points_added),
        ("commands and plugins no more".to_owned(), &of.entry_points_removed),
        ("new files".to_owned(), &of.added),
        ("changed files".to_owned(), &of.changed),
        ("files no more".to_owned(), &of.removed),
    ];
    lines.extend(lists.iter().filter_map(|(word, of)| Some(format!("{word}: {}", list(of)?))));
    lines
}

fn more(MoreOfKind { kind, count }: &MoreOfKind) -> String {
    let each = if *count == 1 { "which" } else { "each of which" };
    format!("and {count} more, {each} {}", does(*kind))
}

/// How far what it says of requirements is to be believed.
fn of_requirements(file: &ReadContents, is_known: bool) -> Option<&'static str> {
    match (is_known, file.filename.ends_with(".whl")) {
        _ if file.old_unread => Some("what it requires is compared with nothing"),
        (true, true) => None,
        (true, false) => Some("what it requires is as PKG-INFO says; the build may say otherwise"),
        (false, true) => Some("what it requires, or required before, is not known"),
        (false, false) => Some("what it requires is said when it is built"),
    }
}

fn list(of: &FirstOf) -> Option<String> {
    let first: Vec<String> = of.first.iter().take(MOST).map(|one| code(one)).collect();
    let more = of.count.saturating_sub(first.len());
    match more {
        _ if first.is_empty() => None,
        0 => Some(first.join(", ")),
        more => Some(format!("{} and {more} more", first.join(", "))),
    }
}

fn notable(of: &NotableFile, is_beside: bool) -> String {
    let state = match (is_beside, of.is_new) {
        (false, _) => "",
        (true, true) => "NEW: ",
        (true, false) => "CHANGED: ",
    };
    format!("{state}{} {}", code(&of.what), does(of.kind))
}

fn does(kind: NotableKind) -> &'static str {
    match kind {
        NotableKind::LeadsElsewhere => "is a path that leads elsewhere, or shows another than it is",
        NotableKind::Twice => "is there twice, and tools differ in which of them they take",
        NotableKind::Link => "is a link",
        NotableKind::PathFile => "is read at each start of Python, and its lines can run",
        NotableKind::SiteCustomize => "runs at each start of Python",
        NotableKind::BuildScript => "runs when it is built",
        NotableKind::BuildBackend => "builds it",
        NotableKind::BuildRequirement => "is installed to build it",
        NotableKind::Command => "becomes a command",
        NotableKind::Outside => "is put outside of where packages lie",
        NotableKind::Binary => "is compiled",
        NotableKind::ShellScript => "is a script of a shell",
        NotableKind::TopLevel => "can be imported",
    }
}

fn code(name: &str) -> String {
    format!("`{}`", shown(name, NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hostile() -> ReadContents {
        let evil = "x\u{202e}\u{1b}[2J`<img src=x>\n".to_owned() + &"y".repeat(500);
        let list = FirstOf { count: 900, first: vec![evil.clone(); 20] };
        let notable = vec![NotableFile { kind: NotableKind::PathFile, what: evil.clone(), is_new: true }; 20];
        let difference = ContentsDifference {
            files: 901,
            added: list.clone(),
            notable,
            more_notable: 8,
            more_of: vec![
                MoreOfKind { kind: NotableKind::Link, count: 1 },
                MoreOfKind { kind: NotableKind::Binary, count: 5 },
            ],
            dependencies_added: list,
            requirements_known: true,
            ..ContentsDifference::default()
        };
        let (filename, beside) = (evil.clone(), Some(evil.clone()));
        ReadContents {
            filename,
            beside,
            is_like: true,
            old_unread: false,
            unread: vec![evil],
            is_awaited: false,
            difference: Some(difference),
        }
    }

    #[test]
    fn names_of_strangers_are_short_and_harmless_and_the_worst_comes_first() {
        let FileWords { filename, beside, lines } = words(&hostile());
        for line in lines.iter().chain([&filename, &beside]) {
            assert!(line.chars().all(|c| !c.is_control() && c != '\u{202e}') && line.chars().count() < 600, "{line}");
        }
        assert!(beside.ends_with("901 files, 900 new, 0 changed, 0 gone"), "{beside}");
        assert!(lines[1].starts_with("NEW: `x\\u{202e}\\u{1b}[2J'<img src=x>\\n"), "{}", lines[1]);
        assert!(lines[1].ends_with("is read at each start of Python, and its lines can run"), "{}", lines[1]);
        let more = ["and 1 more, which is a link", "and 5 more, each of which is compiled", "and 2 more of the kind"];
        assert_eq!(lines[21..24], more);
        assert_eq!(lines[24], "what it requires is as PKG-INFO says; the build may say otherwise");
        assert!(lines[25].starts_with("new dependencies: `x") && lines[25].ends_with(" and 895 more"), "{}", lines[25]);
    }

    #[test]
    fn beside_what_could_not_be_read_nothing_is_called_new() {
        let of = ReadContents { beside: None, is_like: false, old_unread: true, ..hostile() };
        let FileWords { beside, lines, .. } = words(&of);
        assert_eq!(beside, "beside nothing that could be read: 901 files");
        assert!(!lines.iter().any(|line| line.contains("NEW") || line.contains("new dep")), "{lines:?}");
        assert!(lines.contains(&"what it requires is compared with nothing".to_owned()), "{lines:?}");
    }

    #[test]
    fn what_is_awaited_or_was_not_read_says_so() {
        let of = |is_awaited| ReadContents { is_awaited, difference: None, unread: Vec::new(), ..hostile() };
        assert_eq!(words(&of(true)).beside, "not read yet: it is being fetched, ask again");
        assert_eq!(words(&of(false)).beside, "not read");
        let first = ReadContents { beside: None, is_like: false, ..hostile() };
        let words = words(&first);
        assert!(
            words.beside.ends_with("nothing that was received: 901 files") && words.lines[1].starts_with("`x"),
            "{words:?}"
        );
    }
}
