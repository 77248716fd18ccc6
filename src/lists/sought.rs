//! Names that somebody looks for, and that stand in a text where no reader takes them for names. People write lists in more
//! forms than anybody knows, and what a reader overlooks must not pass for absent: so whoever looks for names looks for their
//! letters, too.
//!
//! A word of prose, of a comment, of an address or of a path is none, and neither is a single word without a separator, which may
//! be that of a team or a company.

use std::collections::{BTreeMap, HashSet};

use super::form::{Form, Lock};
use super::line::{is_chatter, is_comment, is_line_end};
use crate::model::ProjectName;

/// What is looked for.
#[derive(Debug, Default)]
pub struct Sought {
    names: HashSet<ProjectName>,
    /// Does any of them begin so?
    begins: Vec<u8>,
    shortest: usize,
}

impl Sought {
    /// Those of several words.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n ProjectName>) -> Self {
        let names: HashSet<ProjectName> =
            names.into_iter().filter(|name| name.as_str().contains('-')).cloned().collect();
        let begins = names.iter().filter_map(|name| name.as_str().bytes().next()).collect();
        let shortest = names.iter().map(|name| name.as_str().len()).min().unwrap_or(usize::MAX);
        Self { names, begins, shortest }
    }

    /// The name that a word spells, if it is looked for.
    pub fn find(&self, word: &str) -> Option<ProjectName> {
        let first = word.bytes().next()?.to_ascii_lowercase();
        let may_be = word.len() >= self.shortest && self.begins.contains(&first) && word[1..].contains(is_separator);
        let name = may_be.then(|| ProjectName::parse(word).ok()).flatten()?;
        self.names.contains(&name).then_some(name)
    }

    /// Those that stand in a text, each with its first place.
    pub(super) fn places(&self, text: &str, form: Form) -> BTreeMap<ProjectName, usize> {
        let mut places = BTreeMap::new();
        // Pipenv writes how indexes are called, and what is cut off there is no JSON.
        if self.names.is_empty() || form == Form::Lock(Lock::Pipenv) {
            return places;
        }
        for (at, word) in words(text) {
            if let Some(name) = self.find(word).filter(|_| stands_alone(text, at, word, form)) {
                places.entry(name).or_insert(at);
            }
        }
        places
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '.' | '_' | '-')
}

/// Runs of the characters of names, without separators around them.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let (bytes, mut at) = (text.as_bytes(), 0);
    std::iter::from_fn(move || {
        at += bytes[at..].iter().position(|b| is_of_name(*b))?;
        let length = bytes[at..].iter().position(|b| !is_of_name(*b)).unwrap_or(bytes.len() - at);
        let (word, start) = (&text[at..at + length], at);
        at += length;
        let lead = word.len() - word.trim_start_matches(is_separator).len();
        Some((start + lead, word.trim_matches(is_separator)))
    })
}

fn stands_alone(text: &str, at: usize, word: &str, form: Form) -> bool {
    let (before, after) = (&text[..at], &text[at + word.len()..]);
    let line = before.rfind(is_line_end).map_or(before, |end| before[end..].trim_start_matches(is_line_end));
    !(is_remark(line, form) || is_prose(line, after) || is_address(line, after) || is_optional(after))
}

/// A comment, what a tool says around its list, or what an environment is called.
fn is_remark(line: &str, form: Form) -> bool {
    let has_comments = !matches!(form, Form::Json | Form::Html | Form::XmlRpc);
    let is_called =
        form == Form::Environment && ["name:", "prefix:"].iter().any(|key| line.trim_start().starts_with(key));
    let behind = !matches!(form, Form::Table(_)) && line.contains(" #");
    is_called || has_comments && (is_comment(line) || is_chatter(line) || behind)
}

/// Is one of its neighbours, over a single blank, a word that is no version?
fn is_prose(line: &str, after: &str) -> bool {
    let of_word = |c: char| c.is_alphabetic();
    let next = after.strip_prefix(' ').is_some_and(|after| after.starts_with(of_word));
    let last = line.strip_suffix(' ').filter(|line| !line.ends_with(' '));
    let last = last.and_then(|line| line.rsplit(' ').next()).unwrap_or_default();
    next || last.starts_with(of_word) && last.ends_with(of_word)
}

/// `; extra == "x"`: nobody gets it unasked.
fn is_optional(after: &str) -> bool {
    after.split('\n').next().unwrap_or_default().split(',').next().is_some_and(|rest| rest.contains("extra =="))
}

/// `https://…`, `/srv/…/`, `team@…`
fn is_address(line: &str, after: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ',' | ';' | '|');
    let start = line.rfind(is_end).map_or(line, |end| &line[end..]).trim_start_matches(is_end);
    let is_path = start.starts_with(['/', '~']) && (start[1..].contains('/') || after.starts_with('/'));
    let is_account = after.strip_prefix('@').is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphabetic()));
    start.contains("://") || start.ends_with('@') || is_path || is_account
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, form: Form) -> Vec<usize> {
        let names = ["acme-billing", "acme-tax", "acme"].map(|name| ProjectName::parse(name).expect("a name"));
        Sought::of(&names).places(text, form).into_values().collect()
    }

    #[test]
    fn a_name_that_stands_alone_is_found_however_it_is_spelled() {
        for text in [
            "x\"acme-billing\"",
            "x|Acme_Billing==1",
            "- acme.billing\n",
            "x,acme-billing;y",
            "x 1.0 acme-billing 2.0",
            "{\"ref\":\"pkg:pypi/acme-billing@1\"}",
            "<li>acme-billing</li>",
            "x\tacme-billing\t",
            "x   acme-billing",
            "/acme-billing\n",
            "\u{fc}acme-billing\u{fc}",
            "-acme-billing-.",
        ] {
            assert_eq!(found(text, Form::Json).len(), 1, "{text}");
        }
        assert_eq!(found("acme-tax,acme-billing,acme-tax", Form::Json), [9, 0]);
    }

    #[test]
    fn prose_comments_and_addresses_are_no_lists() {
        for text in [
            "# acme-billing\n",
            "six==1 # acme-billing\n",
            "WARNING: acme-billing\n",
            "a client of acme-billing",
            "x\nx,replaces acme-billing\n",
            "x\n\"acme-billing >=1; extra == 'x'\"",
            "Index of /acme-billing/",
            "acme-billing is ours",
            "https://i.example/acme-billing/x",
            "/srv/acme-billing",
            "acme-billing@acme.example",
            "git@acme-billing",
            "acme",
            "acme-billing2 xacme-billing acme-billing-x",
            "",
        ] {
            assert_eq!(found(text, Form::Lines), Vec::<usize>::new(), "{text}");
        }
        assert!(found("name: acme-billing\n", Form::Environment).is_empty());
    }
}
