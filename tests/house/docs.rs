//! The documents against what they document: every path, verb, flag and key they name exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};
use namewarden::cli::Cli;

const MOST_README_LINES: usize = 150;

/// Where a path of the repository starts. Any other word with a slash is somebody else's.
const TOP: &[&str] = &["src", "config", "systemd", "tests", "templates", "benches", "layers", ".ci"];
/// The same, as the files below `systemd/` name each other.
const IN_SYSTEMD: &[&str] = &["namewarden.service.d", "sysusers.d", "tmpfiles.d"];

/// Flags of other programs that documents name on their own.
const FOREIGN_FLAGS: &[&str] = &["--index-url", "--extra-index-url"];

struct Document {
    path: String,
    text: String,
}

impl Document {
    fn is_markdown(&self) -> bool {
        self.path.ends_with(".md")
    }

    /// What is code: spans and blocks of Markdown line by line, and every line of a unit or a configuration.
    fn code(&self) -> Vec<(usize, String)> {
        let mut found = self.spans();
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let bare = |line: &str| line.trim_start_matches('#').trim().to_owned();
        found
            .extend(lines.filter(|(_, line)| !self.is_markdown() || is_block(line)).map(|(at, line)| (at, bare(line))));
        found
    }

    /// What stands between backticks, in Markdown.
    fn spans(&self) -> Vec<(usize, String)> {
        let prose = self.text.lines().enumerate().filter(|(_, line)| self.is_markdown() && !is_block(line));
        prose.flat_map(|(at, line)| spans(line).map(move |span| (at + 1, span.to_owned()))).collect()
    }
}

/// Our documents indent their blocks; none is fenced.
fn is_block(line: &str) -> bool {
    line.starts_with("    ")
}

fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a directory.
fn below(dir: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(dir)).unwrap_or_else(|error| panic!("{dir}: {error}"));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let nested = paths.map(|path| match path.is_dir() {
        true => below(path.strip_prefix(root()).expect("below the root").to_str().expect("text")),
        false => vec![path],
    });
    nested.flatten().collect()
}

fn documents() -> Vec<Document> {
    let top = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|name| root().join(name));
    let all = top.into_iter().chain(below("config")).chain(below("docs")).chain(below("systemd"));
    all.map(|path| Document {
        path: path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned(),
        text: fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
    })
    .collect()
}

fn none(offenders: BTreeSet<String>, rule: &str) {
    let list: Vec<String> = offenders.into_iter().collect();
    assert!(list.is_empty(), "{rule}:\n  {}", list.join("\n  "));
}

/// Words that may be paths: brackets, quotes and the punctuation of sentences are off.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c.is_whitespace() || "()[]<>`\"',;:|".contains(c));
    parts.map(|word| word.trim_end_matches(['.', '…', '/'])).filter(|word| !word.is_empty())
}

/// The file that a word names, if it is a path of ours.
fn named_path(document: &Document, word: &str) -> Option<PathBuf> {
    let first = word.split('/').next().unwrap_or(word);
    let top_level = !word.contains('/') && (word.ends_with(".md") || word.starts_with("LICENSE-"));
    let in_systemd = document.path.starts_with("systemd/") && IN_SYSTEMD.contains(&first);
    match (word.contains('/') && TOP.contains(&first)) || top_level {
        true => Some(root().join(word)),
        false if in_systemd => Some(root().join("systemd").join(word)),
        false => None,
    }
}

/// Does it exist? With `*` in its last part: does anything match?
fn exists(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some((before, after)) = name.split_once('*') else { return path.exists() };
    let entries = fs::read_dir(path.parent().unwrap_or(root())).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.any(|name| name.starts_with(before) && name.ends_with(after))
}

#[test]
fn every_path_exists() {
    let (mut offenders, mut seen) = (BTreeSet::new(), 0);
    for document in documents() {
        for (at, line) in document.text.lines().enumerate() {
            for path in words(line).filter_map(|word| named_path(&document, word)) {
                seen += 1;
                if !exists(&path) {
                    offenders.insert(format!("{}:{} {}", document.path, at + 1, path.display()));
                }
            }
        }
    }
    assert!(seen > 30, "only {seen} paths were recognised");
    none(offenders, "documents name files that do not exist");
}

/// The words after `namewarden`, or after `cargo run … --`, as far as they belong to that command.
fn invocation(code: &str) -> Option<Vec<&str>> {
    let start = match code.split_once("cargo run ") {
        Some((_, rest)) => rest.split_once("-- ")?.1,
        None => code
            .match_indices("namewarden ")
            .find(|(at, _)| begins_a_word(code, *at))
            .map(|(at, found)| &code[at + found.len()..])?,
    };
    let own = start.split(['|', ';', '&', '#', ')', '`', '>']).next().unwrap_or(start);
    Some(own.split_whitespace().map(|word| word.trim_end_matches([',', '.'])).collect())
}

/// `namewarden` as a command: at the start, after a blank, a slash or a backtick; not in `-u namewarden`.
fn begins_a_word(code: &str, at: usize) -> bool {
    let before = code[..at].split_whitespace().last().unwrap_or_default();
    let apart = code[..at].ends_with([' ', '/', '`', '\'', '"']) || at == 0;
    let of_another = [
        "enable", "restart", "start", "stop", "reload", "status", "edit", "-u", "-g", "-G", "-aG", "-o", "root",
        "--now",
    ];
    apart && !of_another.contains(&before)
}

/// What of an invocation the command line does not know.
fn unknown(words: &[&str]) -> Option<String> {
    let mut cli = Cli::command();
    cli.build();
    let mut command: &Command = &cli;
    let mut rest = words;
    while let [word, after @ ..] = rest {
        match command.find_subcommand(word) {
            Some(found) => (command, rest) = (found, after),
            None if command.has_subcommands() && is_verb(word) => return Some(format!("no verb {word:?}")),
            None => break,
        }
    }
    let flags = rest.iter().filter_map(|word| word.trim_start_matches('[').strip_prefix("--"));
    let mut names = flags.map(|flag| flag.split(['=', ']']).next().unwrap_or(flag));
    names.find(|flag| !knows(command, flag)).map(|flag| format!("{} has no flag --{flag}", command.get_name()))
}

/// Prose and placeholders are no verbs.
fn is_verb(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
}

fn knows(command: &Command, flag: &str) -> bool {
    command.get_arguments().any(|argument| argument.get_long() == Some(flag))
}

fn every_command(command: &Command) -> Vec<&Command> {
    let nested = command.get_subcommands().flat_map(every_command);
    [command].into_iter().chain(nested).collect()
}

#[test]
fn every_verb_and_flag_exists() {
    let (mut offenders, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for document in documents() {
        for (at, code) in document.code() {
            // A comment of a configuration is prose; only what stands after a colon or between backticks is a command.
            let marked = document.is_markdown()
                || code.contains("/namewarden ")
                || code.contains(": namewarden ")
                || code.starts_with("namewarden ");
            if let Some(words) = invocation(&code).filter(|_| marked) {
                seen.extend(words.first().map(|verb| (*verb).to_owned()));
                offenders.extend(unknown(&words).map(|what| format!("{}:{at} `{code}`: {what}", document.path)));
            }
        }
    }
    assert!(seen.len() > 5, "only these verbs were recognised: {seen:?}");
    none(offenders, "documents name verbs or flags that do not exist");
}

#[test]
fn every_flag_that_stands_alone_exists() {
    let mut cli = Cli::command();
    cli.build();
    let script = fs::read_to_string(root().join("tests/run")).expect("tests/run");
    let mut offenders = BTreeSet::new();
    for document in documents().iter().filter(|document| document.is_markdown()) {
        for (at, code) in document.code() {
            let alone = code.split_whitespace().next().filter(|word| word.starts_with("--"));
            let ours =
                |flag: &str| every_command(&cli).iter().any(|command| knows(command, flag.trim_start_matches("--")));
            if let Some(flag) = alone.filter(|flag| !FOREIGN_FLAGS.contains(flag) && !ours(flag)) {
                offenders.insert(format!("{}:{at} {flag}", document.path));
            }
            let of_script =
                code.split_once("tests/run --").map(|(_, rest)| rest.split_whitespace().next().unwrap_or(rest));
            if let Some(flag) = of_script.filter(|flag| !script.contains(&format!("--{flag}"))) {
                offenders.insert(format!("{}:{at} tests/run --{flag}", document.path));
            }
        }
    }
    none(offenders, "documents name flags that no verb has");
}

/// `[section] key` in a code span is a key of the sample, commented out or not.
#[test]
fn every_configuration_key_exists() {
    let sample = fs::read_to_string(root().join("config/namewarden.toml")).expect("the sample");
    let mut keys = BTreeSet::new();
    let mut section = String::new();
    for line in sample.lines().map(|line| line.trim_start_matches('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = general(name);
        } else if let Some((key, _)) = line.split_once(" = ") {
            keys.insert(format!("[{section}] {key}"));
        }
    }
    let (mut offenders, mut seen) = (BTreeSet::new(), 0);
    for document in documents() {
        for (at, code) in document.spans() {
            let Some((section, key)) = code.strip_prefix('[').and_then(|rest| rest.split_once("] ")) else { continue };
            let key = key.split([' ', '=']).next().unwrap_or(key);
            seen += 1;
            if !keys.contains(&format!("[{}] {key}", general(section))) {
                offenders.insert(format!("{}:{at} {code}", document.path));
            }
        }
    }
    assert!(seen > 5, "only {seen} keys were recognised in the documents, of {}", keys.len());
    none(offenders, "documents name keys that config/namewarden.toml does not");
}

/// `alert.slack.security` and `alert.slack.NAME` are one section.
fn general(section: &str) -> String {
    let parts: Vec<&str> = section.split('.').collect();
    match parts.as_slice() {
        [first, second, _] => format!("{first}.{second}.NAME"),
        _ => section.to_owned(),
    }
}

/// The README's table of verbs: each span of its first column, whole or after the first word of the cell.
#[test]
fn every_verb_of_the_table_exists() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let rows = readme.lines().skip_while(|line| !line.starts_with("| verb |")).skip(2);
    let cells: Vec<&str> =
        rows.map_while(|line| line.strip_prefix("| ")).filter_map(|line| line.split(" | ").next()).collect();
    assert!(cells.len() > 5, "the table was not found");
    let mut offenders = BTreeSet::new();
    for cell in cells {
        let first = spans(cell).next().and_then(|span| span.split(' ').next()).unwrap_or_default();
        for span in spans(cell) {
            let words: Vec<&str> = span.split(' ').collect();
            let below: Vec<&str> = [first].into_iter().chain(words.clone()).collect();
            if let (Some(what), Some(_)) = (unknown(&words), unknown(&below)) {
                offenders.insert(format!("`{span}`: {what}"));
            }
        }
    }
    none(offenders, "README.md's table names verbs or flags that do not exist");
}

#[test]
fn every_verb_is_in_the_readme() {
    let mut cli = Cli::command();
    cli.build();
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let verbs = cli.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help");
    let unnamed = verbs.filter(|verb| !readme.contains(&format!("`{}", verb.get_name())));
    none(unnamed.map(|verb| verb.get_name().to_owned()).collect(), "verbs that the README does not name");
}

#[test]
fn the_readme_is_short() {
    let lines = fs::read_to_string(root().join("README.md")).expect("README.md").lines().count();
    assert!(lines <= MOST_README_LINES, "README.md has {lines} lines of {MOST_README_LINES}");
}

#[test]
fn the_checks_see_what_is_wrong() {
    let words = |code| invocation(code).expect("an invocation");
    assert_eq!(unknown(&words("namewarden run --config FILE")), None);
    assert_eq!(unknown(&words("/usr/bin/namewarden runn")).as_deref(), Some("no verb \"runn\""));
    assert_eq!(unknown(&words("cargo run --release -- demo --twice")).as_deref(), Some("demo has no flag --twice"));
    assert_eq!(invocation("systemctl restart namewarden now"), None);
    assert!(exists(&root().join("systemd/namewarden*.service")) && !exists(&root().join("systemd/other*.service")));
    let readme = Document { path: "README.md".to_owned(), text: String::new() };
    assert_eq!(named_path(&readme, "src/nothing.rs"), Some(root().join("src/nothing.rs")));
    assert_eq!(named_path(&readme, "/etc/namewarden"), None);
}
