//! Where people, companies and places stand in a text, which are called by one word as packages are.

use super::place::Place;
use crate::lists::captions::captions;
use crate::lists::form::Form;
use crate::lists::line::is_comment;

/// Parts of titles and keys under which no package stands.
const LABELS: [&str; 36] = [
    "author",
    "channel",
    "company",
    "contact",
    "contributor",
    "cost",
    "created",
    "creator",
    "customer",
    "department",
    "division",
    "generator",
    "home",
    "host",
    "keyword",
    "license",
    "maintain",
    "manufacture",
    "organi",
    "originator",
    "owner",
    "platform",
    "provider",
    "publish",
    "reference",
    "registry",
    "repo",
    "summary",
    "supplier",
    "tag",
    "team",
    "tenant",
    "tool",
    "topic",
    "user",
    "vendor",
];

/// The columns of a table that hold such.
pub(super) struct Labels {
    titles: Vec<bool>,
}

impl Labels {
    pub(super) fn of(text: &str, form: Form) -> Self {
        let text = if matches!(form, Form::Table(_)) { &text[captions(text)..] } else { text };
        let is_row = |line: &&str| match form {
            Form::Columns => line.to_lowercase().contains("version"),
            _ => is_titles(line),
        };
        let titles = text.lines().take(64).find(is_row).unwrap_or_default();
        let titles = match form {
            Form::Table(separator) => titles.split(separator).map(is_label).collect(),
            Form::Columns => vec![is_label(titles)],
            _ => Vec::new(),
        };
        Self { titles }
    }

    /// Does such stand there, and no name?
    pub(super) fn hold(&self, place: &Place<'_>) -> bool {
        let column = match place.form {
            Form::Table(separator) => place.line.matches(separator).count(),
            _ => 0,
        };
        let is_below = self.titles.get(column).is_some_and(|label| *label);
        let is_in_page = place.form == Form::Html && is_heading(place.line);
        is_below || is_value(place.line) || is_in_page || place.is_channel()
    }
}

fn is_titles(line: &str) -> bool {
    let is_drawn = line.starts_with(['+', '-']);
    !(line.trim().is_empty() || is_comment(line) || is_drawn || line.starts_with("sep="))
}

fn is_label(title: &str) -> bool {
    let title = title.to_lowercase();
    // An address of a package (`purl`) says its name.
    let is_address = title.ends_with("url") && !title.ends_with("purl");
    is_address || LABELS.iter().any(|label| title.contains(label))
}

/// `"owner": "…`, `owner = "…`, also within a list, and `"owner": {"name": "…`.
fn is_value(line: &str) -> bool {
    const BARE: [&str; 4] = ["name", "login", "slug", "display_name"];
    let Some((key, before)) = key(line) else { return false };
    is_label(key) || BARE.contains(&key) && self::key(before).is_some_and(|(key, _)| is_label(key))
}

/// The key of the value that begins behind a text, and what stands before it.
fn key(before: &str) -> Option<(&str, &str)> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '[' | '{');
    let key = before.trim_end_matches(is_between).strip_suffix([':', '='])?.trim_end_matches(['"', '\'', ' ']);
    let begin = key.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).map_or(0, |at| at + 1);
    key.is_char_boundary(begin).then(|| (&key[begin..], &key[..begin]))
}

fn is_heading(line: &str) -> bool {
    let tag = line.rfind('<').map_or("", |at| &line[at..]).to_lowercase();
    ["<title", "<h1", "<h2", "<footer", "<address"].iter().any(|heading| tag.starts_with(heading)) && tag.ends_with('>')
}
