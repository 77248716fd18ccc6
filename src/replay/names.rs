//! The names of an index, from a file, standard input or an address, in any format that `crate::lists` reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::source::{Fault, Problem, without_accounts};
use crate::lists::{List, Said, Sought, decode, no_name, read_capped};
use crate::model::{ProjectName, count};
use crate::upstream::HttpClient;

/// More than this is no list of names; PyPI's has about 40 MB.
const LIMIT: u64 = 1 << 30;
/// How long one may take to come.
pub const TIMEOUT: Duration = Duration::from_secs(300);
/// JSON where the index knows it, else HTML (PEP 691).
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.5, text/html;q=0.2, \
                      */*;q=0.1";

/// Why there are no names.
#[derive(Debug, thiserror::Error)]
pub enum IndexFileError {
    #[error("the index {} cannot be read; name a file with --index FILE", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the index {what} is larger than {LIMIT} bytes: that is no list of names")]
    Large { what: String },
    #[error("the index {what} could not be fetched")]
    Fetch { what: String, source: reqwest::Error },
    #[error("{problem}")]
    Refused { problem: Problem },
}

/// A name a line, as the index spells it; what follows a tab is no part of it.
#[derive(Default)]
pub struct NameLines {
    text: String,
    /// Is what follows the tab the second of registration?
    dated: bool,
    /// What may be missing or misread, for whoever asked.
    pub remarks: Vec<String>,
    /// Did something stand there that could not be read as a name? What was not found may be there all the same.
    pub doubtful: bool,
}

impl NameLines {
    /// For names with their seconds.
    pub fn dated() -> Self {
        Self { dated: true, ..Self::default() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_dated(&self) -> bool {
        self.dated
    }

    /// Adds a name; one with a line break would be two, and one with a tab would end there.
    pub fn push(&mut self, name: &str, second: Option<i64>) {
        self.text.extend(name.chars().filter(|c| !matches!(c, '\n' | '\r' | '\t')));
        if let Some(second) = second {
            // A String takes any text.
            let _ = write!(self.text, "\t{second}");
        }
        self.text.push('\n');
    }

    /// What is no name is judged as what it looks like, and as the name that it begins with: to hear of too much is better.
    fn push_doubtful(&mut self, text: &str) {
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
        let beginning = Some(&text[..end]).filter(|name| ProjectName::is_valid(name));
        beginning.into_iter().for_each(|name| self.push(name, None));
        if let Some(name) = ProjectName::salvage(text).filter(|_| beginning != Some(text)) {
            self.push(name.as_str(), None);
        }
    }
}

/// Does `--index` name an address? Else it is a file, or `-`.
pub fn is_address(index: &str) -> bool {
    index.starts_with("http://") || index.starts_with("https://")
}

/// The names of a file, or of standard input for `-`.
///
/// # Errors
/// What cannot be read, and what is no list of names, with the remedy.
pub fn read(index: &str, sought: &Sought) -> Result<NameLines, IndexFileError> {
    match index {
        "-" => {
            let bytes = read_capped(io::stdin().lock(), LIMIT).map_err(|source| unread("standard input", source))?;
            names("standard input", bytes, sought)
        }
        file => {
            let bytes = File::open(file).and_then(|file| read_capped(file, LIMIT));
            names(&without_accounts(file), bytes.map_err(|source| unread(file, source))?, sought)
        }
    }
}

/// The names that an address answers with.
///
/// # Errors
/// As `read`, and what the network does.
pub async fn fetched(address: &str, client: &HttpClient, sought: &Sought) -> Result<NameLines, IndexFileError> {
    names(&without_accounts(address), fetch(address, client).await?, sought)
}

fn unread(path: &str, source: io::Error) -> IndexFileError {
    IndexFileError::Read { path: PathBuf::from(path), source }
}

async fn fetch(address: &str, client: &HttpClient) -> Result<Vec<u8>, IndexFileError> {
    let failed = |source: reqwest::Error| IndexFileError::Fetch {
        what: without_accounts(address),
        source: source.without_url(),
    };
    let request = client.raw().get(address).header("Accept", ACCEPT).timeout(TIMEOUT);
    let mut response = request.send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() as u64 > LIMIT {
            return Err(IndexFileError::Large { what: without_accounts(address) });
        }
    }
    Ok(body)
}

/// Everything that a list says; what is doubtful is counted, and a list in which most is doubtful is refused.
fn names(what: &str, bytes: Vec<u8>, sought: &Sought) -> Result<NameLines, IndexFileError> {
    let refused = |problem| IndexFileError::Refused { problem };
    let decoded = decode(Path::new(what), bytes, LIMIT).map_err(refused)?;
    let list = List::of(decoded.source).map_err(refused)?;
    let (mut names, mut good, mut bad, mut first) = (NameLines::default(), 0_usize, 0_usize, None);
    let (mut of_conda, mut foreign) = (0_usize, Vec::new());
    list.read(&mut |said| match said {
        Said::Project { name, .. } => {
            good += 1;
            names.push(&name, None);
        }
        Said::Conda { name, at, .. } if !ProjectName::is_valid(&name) => {
            bad += 1;
            names.push_doubtful(&name);
            first.get_or_insert_with(|| (at, no_name(&name)));
        }
        Said::Conda { name, .. } => {
            (good, of_conda) = (good + 1, of_conda + 1);
            names.push(&name, None);
        }
        Said::Beside { text } => names.push_doubtful(&text),
        Said::Joined { text } => sought.find(&text).iter().for_each(|name| names.push(name.as_str(), None)),
        Said::Rival { text, .. } => names.push_doubtful(text),
        Said::Foreign { name } | Said::Title { name } => foreign.extend(sought.find(name)),
        Said::Label { text, at } => {
            bad += 1;
            first.get_or_insert_with(|| (at, no_name(text)));
        }
        Said::Other { at, fault, .. } | Said::Local { at, fault, .. } => {
            bad += 1;
            first.get_or_insert((at, fault));
        }
        Said::Doubtful { text, at, fault } => {
            bad += 1;
            names.push_doubtful(&text);
            first.get_or_insert((at, fault));
        }
    })
    .map_err(refused)?;
    let first = first.map(|(at, fault)| list.source.problem(at, "", fault));
    if let Some(fault) = no_index(if names.text.is_empty() { 0 } else { good.max(1) }, bad, first.as_ref()) {
        return Err(refused(list.source.problem(0, "", fault)));
    }
    let missed = not_said(list.places(sought), &names, sought, &foreign);
    let overlooked = missed.iter().next().map(|(name, at)| list.source.problem(*at, "", overlooked(name)));
    let cut = list.cut(sought).map(|(name, at)| list.source.problem(at, "", cut_off(&name)));
    names.doubtful = first.is_some() || decoded.damage.is_some() || overlooked.is_some() || cut.is_some();
    names.remarks.extend(decoded.damage.map(|problem| problem.to_string()));
    names.remarks.extend((of_conda > 0).then(|| conda(of_conda)));
    names.remarks.extend(first.map(|problem| doubtful(bad, &problem)));
    names.remarks.extend(overlooked.map(|problem| problem.to_string()));
    names.remarks.extend(cut.map(|problem| problem.to_string()));
    Ok(names)
}

/// An empty list is a download that failed.
fn no_index(good: usize, bad: usize, first: Option<&Problem>) -> Option<Fault> {
    match first {
        None if good == 0 => Some(Fault::new("it holds no name", "name a list of the projects of an index")),
        Some(first) if bad > good => {
            let all = count(good + bad, "entry is", "entries are");
            let what = format!("{bad} of its {all} no names, so it is no list of names; the first, {first}");
            let instead = "name a list with a name a line, a table with the title name, or the JSON of a simple API";
            Some(Fault::new(what, instead))
        }
        _ => None,
    }
}

/// Of the places of names that are looked for, those of which no reader said the name.
fn not_said(
    mut places: BTreeMap<ProjectName, usize>,
    names: &NameLines,
    sought: &Sought,
    foreign: &[ProjectName],
) -> BTreeMap<ProjectName, usize> {
    if !places.is_empty() {
        let read = names.text.lines().filter_map(|name| sought.find(name)).chain(foreign.iter().cloned());
        read.for_each(|name| {
            places.remove(&name);
        });
    }
    places
}

fn overlooked(name: &ProjectName) -> Fault {
    let what = format!("{name} is looked for, and stands here where no name is read");
    Fault::new(what, "if it is one, write the names into a list of their own, a name a line; if not, leave it out")
}

fn cut_off(name: &ProjectName) -> Fault {
    let what =
        format!("the text ends here without a line end, as if it were cut off within {name}, which is looked for");
    Fault::new(what, "if it is whole, end its last line; if not, fetch or make it again")
}

fn conda(names: usize) -> String {
    let which = count(names, "name is that of a package of conda's", "names are those of packages of conda's");
    format!("{which}, which are called as PyPI's or not: judged all the same")
}

fn doubtful(bad: usize, first: &Problem) -> String {
    let one = "entry of the index is no name, and was judged as what it looks like";
    let more = "entries of the index are no names, and were judged as what they look like; the first";
    format!("{}: {first}", count(bad, one, more))
}

#[cfg(test)]
pub fn of_text(text: String) -> NameLines {
    NameLines { text, ..NameLines::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, Vec<String>) {
        let names = names("list", bytes.to_vec(), &Sought::default()).unwrap_or_else(|error| panic!("{error}"));
        (names.text.lines().collect::<Vec<_>>().join(" "), names.remarks)
    }

    #[test]
    fn any_list_gives_its_names() {
        for (text, expected) in [
            ("name\tversion\nacme\t1\n", "acme"),
            ("acme\nacme-billing\n", "acme acme-billing"),
            ("acme==1.0\rb[x]>=2\r", "acme b"),
            ("<a href='acme/'>acme</a>", "acme"),
            (r#"[{"name": "acme", "purl": "pkg:generic/acme@1"}]"#, "acme"),
            (
                " {\"meta\": {\"api-version\": \"1.1\"}, \"projects\": [{\"name\": \"Acme\"}, {\"name\": \"b\"}]}",
                "Acme b",
            ),
        ] {
            assert_eq!(read(text.as_bytes()), (expected.to_owned(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn what_is_doubtful_is_judged_and_said() {
        let (names, remarks) = read(b"acme\nacme-bill\xefng,1.0\nb\nc\n");
        assert_eq!(names, "acme acme-bill acme-billng1-0 b c");
        insta::assert_snapshot!(remarks.join("\n"), @r##"
            list:2:10: the byte 0xef is no UTF-8, so the file is in another encoding or damaged; save it as UTF-8, in Excel "CSV UTF-8", or: iconv -f WINDOWS-1252 -t UTF-8 FILE
            1 entry of the index is no name, and was judged as what it looks like: list:2:1: "acme-bill�ng,1.0" is no project name: '�' is not an ASCII letter, digit, '.', '_' or '-'; write the name as pip installs it
            "##);
    }

    /// A lock is made by a program; what is no name in it was damaged.
    #[test]
    fn what_is_no_name_in_a_lock_is_doubtful() {
        let package = |name: &str| format!("[[package]]\nname = '{name}'\nversion = \"1\"\n");
        let lock = package("six") + &package("acme\\u002dbilling") + "[metadata]\nlock-version = \"2.1\"\n";
        let (names, remarks) = read(lock.as_bytes());
        assert_eq!(names, "six acme acmeu002dbilling");
        assert!(remarks[0].starts_with("1 entry of the index is no name, and was judged"), "{remarks:?}");
        let (_, remarks) = read([lock, package("acme\\u002dtax"), package("a"), package("b")].concat().as_bytes());
        let said = "2 entries of the index are no names, and were judged as what they look like; the first: ";
        assert!(remarks[0].starts_with(said), "{remarks:?}");
    }

    #[test]
    fn a_name_that_is_looked_for_and_that_no_reader_reads_is_told() {
        let sought = ["acme-billing", "acme-tax"].map(|name| ProjectName::parse(name).expect("a name"));
        let read = |text: &str| {
            let names = names("list", text.as_bytes().to_vec(), &Sought::of(&sought)).expect("a list");
            (names.doubtful, names.remarks.join("\n"))
        };
        let (doubtful, remarks) = read("name,was\nacme-tax,acme-billing\nb,c\n");
        assert!(doubtful);
        insta::assert_snapshot!(remarks, @"list:2:10: acme-billing is looked for, and stands here where no name is read; if it is one, write the names into a list of their own, a name a line; if not, leave it out");
        for text in [
            "name,was\nAcme_Billing,acme-billing\n",
            "six # for acme-tax\n",
            r#"{"components": [{"name": "six"}, {"name": "acme-tax", "purl": "pkg:npm/acme-tax@1"}]}"#,
            r#"{"artifacts": [{"name": "six"}], "source": {"name": "acme-tax"}}"#,
        ] {
            assert_eq!(read(text), (false, String::new()), "{text}");
        }
    }

    #[test]
    fn what_is_no_index_says_so() {
        let said = |bytes: &[u8]| names("list", bytes.to_vec(), &Sought::default()).err().expect("refused").to_string();
        let told =
            [said(b""), said(b"Forbidden"), said(b"a,b\nc,d\ne\n"), said(b"{\"a b\": 1}"), said(&[0x1f, 0x8b, 0])];
        insta::assert_snapshot!(told.join("\n"), @r##"
            list:1:1: it holds no name; name a list of the projects of an index
            list:1:1: it says "Forbidden" and nothing else; fetch or make the list again
            list:1:1: 2 of its 3 entries are no names, so it is no list of names; the first, list:1:1: "a,b" is no project name: ',' is not an ASCII letter, digit, '.', '_' or '-'; write the name alone, "a"; name a list with a name a line, a table with the title name, or the JSON of a simple API
            list:1:1: it is JSON of a form that holds no names that we know of; name the JSON of a simple API (an object with projects), a list of names, or of objects with a name
            list:1:1: the gzip file is cut off or damaged; fetch or make it again; gzip -t FILE says whether it is whole
            "##);
    }
}
