//! A line of a file of some tool, with what the lines above say of it: where an option names indexes over several lines, and in which table
//! it stands. The files are TOML, INI, JSON, YAML, lists of requirements and scripts, and none of them has to be whole.

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

/// Every line that says something.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let (mut table, mut above) = (About::Unknown, None::<(usize, About)>);
    let mut all = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let text = bare(line);
        if text.trim().is_empty() {
            continue;
        }
        if let Some(name) = head(text) {
            (table, above) = (of_table(&name), None);
            continue;
        }
        let depth = text.len() - text.trim_start().len();
        above = above.filter(|(of, _)| depth > *of);
        let own = of_line(text);
        let about = own.or(above.map(|(_, about)| about)).unwrap_or(table);
        if let Some(about) = own.filter(|_| above.is_none() && goes_on(text)) {
            above = Some((depth, about));
        }
        all.push(Line { number: at + 1, text, about });
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
    let words = normalized(text);
    if TRUSTED.iter().any(|word| words.contains(word)) {
        return Some(About::Trusted);
    }
    let begins = words.trim_start().trim_start_matches("- ").trim_start();
    let is_list = |key: &str| {
        let value = begins.strip_prefix(key).and_then(|rest| rest.trim_start().strip_prefix('='));
        value.is_some_and(|value| value.trim_start().starts_with('['))
    };
    let is_install = words.contains("pip") || words.contains("uv ");
    let short = ["-i", "-f", "-r", "-c", "--requirement", "--constraint"];
    let is_option = |option: &str| {
        begins.strip_prefix(option).is_some_and(|rest| rest.starts_with([' ', '=']))
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
