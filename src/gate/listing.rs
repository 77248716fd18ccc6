//! A page as it goes out: the same data, with our addresses, and with what is held as a resolver has to see it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use askama::Template;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::form::Form;
use super::page::{PageFile, ProjectPage};
use super::policy::PageRuling;
use super::refusal::sentence;
use super::ruling::{Hold, Ruling};
use super::term::Term;
use crate::upstream::ROOM;

/// Of a file's name in an address.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'+').remove(b'!');

/// A text of so many bytes lies among others, and larger ones by themselves.
const SMALL: usize = 1 << 16;

/// One page, decided at one moment.
pub(super) struct Listing<'p> {
    page: &'p ProjectPage,
    files: Vec<(&'p PageFile, Option<Hold>)>,
    /// Between which moments it is the same.
    pub(super) term: Term,
}

impl<'p> Listing<'p> {
    /// Hold files are listed as yanked, with the reason: whoever pins one reads it, and everybody else gets the newest that is
    /// not held. Where all are held they are listed as they are, since only a file that is refused has words for pip.
    pub(super) fn new(page: &'p ProjectPage, rules: &PageRuling<'_>) -> Self {
        let rulings: Vec<Ruling> = page.files.iter().map(|file| rules.ruling(file)).collect();
        // What is yanked already, or is of no version, nobody is given instead.
        let is_taken =
            |file: &PageFile, ruling: &Ruling| ruling.is_admitted() && !file.yanked && file.version.is_some();
        let some_are_admitted = page.files.iter().zip(&rulings).any(|(file, ruling)| is_taken(file, ruling));
        let held = |ruling| match ruling {
            Ruling::Refuse(held) if some_are_admitted => Some(held),
            _ => None,
        };
        Self { page, files: page.files.iter().zip(rulings.into_iter().map(held)).collect(), term: rules.term() }
    }

    /// The body in this form, with the addresses of files below `base`.
    pub(super) fn body(&self, form: Form, base: &str) -> String {
        match form {
            Form::Json => self.json(base),
            Form::Html | Form::TextHtml => self.html(base),
        }
    }

    fn json(&self, base: &str) -> String {
        let mut page = self.page.rest.clone();
        let mut seen = BTreeSet::new();
        let versions = self.files.iter().filter_map(|(file, _)| file.version.as_deref());
        let versions: Vec<&str> = versions.filter(|version| seen.insert(*version)).collect();
        page.insert("versions".to_owned(), Value::from(versions));
        // One after the other: as values all of them take ten times the room.
        let mut text = String::with_capacity(room(self.length(base)));
        text.push_str(opened(&Value::Object(page).to_string()));
        text.push_str(",\"files\":[");
        for (at, (file, held)) in self.files.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let address = Value::from(self.address(file, base));
            let said = held.as_ref().map_or(Cow::Borrowed(&*file.text), |held| Cow::Owned(yanked(file, held)));
            // A String takes any text.
            let _ = write!(text, "{comma}{},\"url\":{address}}}", opened(&said));
        }
        text.push_str("]}");
        text
    }

    /// Of the body, in bytes, and by about.
    fn length(&self, base: &str) -> usize {
        let of_one = base.len() + self.page.name.as_str().len() + 40;
        let files = self.files.iter().map(|(file, _)| file.text.len() + file.filename.len() + of_one);
        files.sum::<usize>() + 4096
    }

    fn address(&self, file: &PageFile, base: &str) -> String {
        format!("{base}/files/{}/{}", self.page.name, utf8_percent_encode(&file.filename, PATH))
    }

    fn html(&self, base: &str) -> String {
        let anchors = self.files.iter().map(|(file, held)| self.anchor(file, held.as_ref(), base)).collect();
        let status =
            self.page.rest.get("project-status").and_then(|status| status.get("status")).and_then(Value::as_str);
        let page = HtmlPage { name: self.page.name.as_str(), status: status.unwrap_or("active"), anchors };
        // A String takes any text.
        page.render().unwrap_or_default()
    }

    fn anchor(&self, file: &'p PageFile, held: Option<&Hold>, base: &str) -> Anchor<'p> {
        let said = file.said();
        let text = |key: &str| said.get(key).and_then(Value::as_str).map(str::to_owned);
        let yanked = match (held, said.get("yanked")) {
            (Some(held), _) => Some(sentence(held)),
            (None, Some(Value::Bool(true))) => Some(String::new()),
            (None, Some(Value::String(why))) => Some(why.clone()),
            (None, _) => None,
        };
        Anchor {
            address: format!("{}#sha256={}", self.address(file, base), file.sha256),
            filename: &file.filename,
            python: text("requires-python"),
            provenance: text("provenance"),
            metadata: file.metadata.as_deref(),
            yanked,
        }
    }
}

/// What goes back to the system, where it is large ([`ROOM`]).
fn room(length: usize) -> usize {
    if length > SMALL { length.max(ROOM) } else { length }
}

/// What is said of a file, with why it is held.
fn yanked(file: &PageFile, held: &Hold) -> String {
    let mut entry = file.said();
    entry.insert("yanked".to_owned(), Value::from(sentence(held)));
    Value::Object(entry).to_string()
}

/// An object to which more can be written: of a page, or of a file, neither of which is empty.
fn opened(object: &str) -> &str {
    object.strip_suffix('}').unwrap_or(object)
}

/// Simple API 1.4 in HTML, which ends there (PEP 833).
#[derive(Template)]
#[template(path = "simple.html")]
struct HtmlPage<'p> {
    name: &'p str,
    status: &'p str,
    anchors: Vec<Anchor<'p>>,
}

struct Anchor<'p> {
    address: String,
    filename: &'p str,
    python: Option<String>,
    provenance: Option<String>,
    metadata: Option<&'p str>,
    yanked: Option<String>,
}
