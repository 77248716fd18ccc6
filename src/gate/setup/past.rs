//! A line of a file of some tool, with what the lines above say of it: where an option names indexes over several lines, and in which table
//! it stands. The files are TOML, INI, JSON, YAML, lists of requirements and scripts, and none of them has to be whole.

use super::options::{option, whole};

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Its addresses are of indexes, or of what they name.
    Indexes,
    /// Its words are hosts that are trusted, whoever they are.
    Trusted,
    /// Its addresses are what is installed.
    Dependencies,
    /// Its addresses are for people.
    Links,
    /// Nothing says so.
    Unknown,
}

/// One line, without a comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// From 1 on.
    pub(super) number: usize,
    pub(super) text: &'t str,
    pub(super) about: About,
    /// The line before, where that goes on here (`\` at its end).
    pub(super) joined: Option<&'t str>,
}

/// Options, wherever they stand, as `normalized` has them.
const INDEXES: [&str; 13] = [
    "index-url",
    "default-index",
    "uv-index",
    "find-links",
    "pypi-mirror",
    "pypi.url",
    "pypi.extra",
    "dependency-links",
    "registry =",
    "registry=",
    "\"sources\"",
    "--index=",
    "--index ",
];
const TRUSTED: [&str; 2] = ["trusted-host", "insecure-host"];

/// In lower case, and with one kind of dashes.
pub(super) fn normalized(text: &str) -> String {
    text.to_ascii_lowercase().replace('_', "-")
}

/// The same with each long option of pip whole that is cut short.
pub(super) fn spelt(text: &str) -> String {
    let is_list = is_list_of_options(begins(text));
    let words = text.split_inclusive(char::is_whitespace);
    normalized(&words.map(|word| unabridged(word, is_list)).collect::<String>())
}

/// On a command line there are options of other programs, and others of pip's: what says more than `--extra`, which is uv's, is of these.
fn unabridged(word: &str, is_list: bool) -> String {
    let at = word.find("--").filter(|at| word[..*at].chars().all(|c| "\"'[(,".contains(c))).unwrap_or(word.len());
    let (before, option) = word.split_at(at);
    let end = option.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(option.len());
    let (name, rest) = option.split_at(end);
    match whole(name).filter(|_| is_list || name.len() > "--extra".len()) {
        Some(whole) => format!("{before}{whole}{rest}"),
        None => word.to_owned(),
    }
}

/// What stands on it, but for the sign of an item of YAML.
fn begins(text: &str) -> &str {
    text.trim_start().trim_start_matches("- ").trim_start()
}

/// Letters in a row (`-rf`) may be those of a command, which goes on here.
fn is_list_of_options(begins: &str) -> bool {
    let is_plain = |word: &str| word.starts_with("--") || word.len() == 2 || word.contains("://");
    begins.split_whitespace().next().is_some_and(|word| is_plain(word) && option(word).is_some())
}

/// Is the word that option, by itself or with what follows?
fn is_that(word: &str, option: &str) -> bool {
    let is_short = !option.starts_with("--");
    let rest = word.strip_prefix(option);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('=') || is_short && rest.contains("://"))
}

/// Every line that says something.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let (mut table, mut above, mut joined) = (About::Unknown, None::<(usize, About)>, None);
    let mut all = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let text = bare(line);
        if text.trim().is_empty() {
            continue;
        }
        if let Some(name) = head(text) {
            (table, above, joined) = (of_table(&name), None, None);
            continue;
        }
        let depth = text.len() - text.trim_start().len();
        above = above.filter(|(of, _)| depth > *of || joined.is_some());
        let own = of_line(text);
        let about = own.or(above.map(|(_, about)| about)).unwrap_or(table);
        if let Some(about) = own.filter(|_| above.is_none() && goes_on(text)) {
            above = Some((depth, about));
        }
        all.push(Line { number: at + 1, text, about, joined });
        joined = text.trim_end().strip_suffix('\\');
    }
    all
}

/// What a comment says installs nothing.
pub(super) fn bare(line: &str) -> &str {
    if line.trim_start().starts_with(['#', ';']) {
        return "";
    }
    line.find(" #").map_or(line, |at| &line[..at])
}

/// The name of a table of TOML, or of a section.
fn head(text: &str) -> Option<String> {
    let name = text.trim().trim_start_matches('[').trim_end_matches(']');
    let is_head = text.trim().starts_with('[') && text.trim().ends_with(']');
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-: ".contains(c);
    (is_head && !name.is_empty() && name.chars().all(is_name)).then(|| normalized(name.trim()))
}

fn of_table(name: &str) -> About {
    let last = name.rsplit('.').next().unwrap_or_default();
    match last {
        "index" | "source" | "pypi-options" => About::Indexes,
        "urls" => About::Links,
        "sources" | "packages" | "dev-packages" => About::Dependencies,
        last if last.ends_with("dependencies") => About::Dependencies,
        _ => About::Unknown,
    }
}

/// Of itself.
fn of_line(text: &str) -> Option<About> {
    let words = spelt(text);
    if TRUSTED.iter().any(|word| words.contains(word)) {
        return Some(About::Trusted);
    }
    let begins = begins(&words);
    let is_options = is_list_of_options(begins);
    let is_list = |key: &str| {
        let value = begins.strip_prefix(key).and_then(|rest| rest.trim_start().strip_prefix('='));
        value.is_some_and(|value| value.trim_start().starts_with('['))
    };
    let is_install = words.contains("pip") || words.contains("uv ");
    let short = ["-i", "-f", "-r", "-c", "--requirement", "--constraint"];
    let is_option = |option: &str| {
        begins.strip_prefix(option).is_some_and(|rest| rest.starts_with([' ', '=']))
            || is_options && begins.split_whitespace().any(|word| is_that(word, option))
            || is_install && words.contains(&format!(" {option} "))
    };
    let is_so = INDEXES.iter().any(|word| words.contains(word))
        || ["index", "source"].into_iter().any(is_list)
        || short.into_iter().any(is_option);
    is_so.then_some(About::Indexes)
}

/// Does its value stand in the lines below, or may more of it?
fn goes_on(text: &str) -> bool {
    let text = text.trim_end();
    text.ends_with(['=', ':', '[', '{', ',', '\\']) || !text.trim_start().starts_with('-')
}
