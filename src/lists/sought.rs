//! Names that somebody looks for, and that stand in a text where no reader takes them for names. People write lists in more
//! forms than anybody knows, and what a reader overlooks must not pass for absent: so whoever looks for names looks for their
//! letters, too.
//!
//! A word of prose, of a comment, of an address or of a path is none. A single word without a separator may be that of a team or
//! a company: it is looked for where it is unusual and no family of names begins with it, and not where people stand.

mod labels;
mod place;
mod spelled;

use std::collections::{BTreeMap, HashSet};

use super::form::{Form, Lock};
use super::line::is_line_end;
use crate::matcher::is_distinctive;
use crate::model::ProjectName;
use labels::Labels;
use place::Place;
use spelled::{Spelled, spelled};

/// What is looked for.
#[derive(Debug, Default)]
pub struct Sought {
    names: HashSet<ProjectName>,
    /// First words of names: whatever begins so is looked for as well.
    families: HashSet<String>,
    /// How any of them begins.
    begins: Vec<u8>,
    /// How long those of one word are.
    lengths: Vec<usize>,
    shortest: usize,
}

impl Sought {
    /// Those of several words, and the unusual ones of one.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n ProjectName>) -> Self {
        let mut names: HashSet<ProjectName> = names.into_iter().cloned().collect();
        let first_word = |name: &ProjectName| Some(name.as_str().split_once('-')?.0.to_owned());
        let families: HashSet<String> = names.iter().filter_map(first_word).collect();
        names.retain(|name| !is_one_word(name) || is_distinctive(name.as_str()) && !families.contains(name.as_str()));
        let begins: HashSet<u8> = names.iter().filter_map(|name| name.as_str().bytes().next()).collect();
        let lengths: HashSet<usize> =
            names.iter().filter(|name| is_one_word(name)).map(|name| name.as_str().len()).collect();
        let shortest = names.iter().map(|name| name.as_str().len()).min().unwrap_or(usize::MAX);
        let (begins, lengths) = (begins.into_iter().collect(), lengths.into_iter().collect());
        Self { begins, lengths, names, shortest, families: HashSet::new() }
    }

    /// Whatever begins with an unusual word with which several of the names begin.
    pub(super) fn kin_of(names: &HashSet<ProjectName>) -> Self {
        const SEVERAL: usize = 2;
        let mut counts = BTreeMap::<&str, usize>::new();
        let words = names.iter().filter_map(|name| Some(name.as_str().split_once('-')?.0));
        words.for_each(|word| *counts.entry(word).or_default() += 1);
        let families: HashSet<String> = counts
            .into_iter()
            .filter(|(word, names)| *names >= SEVERAL && is_distinctive(word))
            .map(|(word, _)| word.to_owned())
            .collect();
        let begins = families.iter().filter_map(|word| word.bytes().next()).collect();
        let shortest = families.iter().map(|word| word.len() + 2).min().unwrap_or(usize::MAX);
        Self { begins, shortest, families, ..Self::default() }
    }

    /// The name that a word spells, if it is looked for.
    pub fn find(&self, word: &str) -> Option<ProjectName> {
        let is_of_one = || self.lengths.contains(&word.len());
        let may_be = self.may_begin(word) && (is_of_one() || word[1..].contains(is_separator));
        let name = may_be.then(|| ProjectName::parse(word).ok()).flatten()?;
        (self.names.contains(&name) || self.is_kin(&name)).then_some(name)
    }

    fn is_kin(&self, name: &ProjectName) -> bool {
        !self.families.is_empty() && name.as_str().split_once('-').is_some_and(|(word, _)| self.families.contains(word))
    }

    /// Those that stand in a text, each with its first place.
    pub(super) fn places(&self, text: &str, form: Form) -> BTreeMap<ProjectName, usize> {
        let mut places = BTreeMap::new();
        // Pipenv writes how indexes are called, and what is cut off there is no JSON.
        if self.begins.is_empty() || form == Form::Lock(Lock::Pipenv) {
            return places;
        }
        let (labels, mut of_rows) = (Labels::of(text, form), HashSet::new());
        for (at, word) in words(text).filter(|(_, word)| self.may_begin(word)) {
            let after = &text[at + word.len()..];
            let Some((name, how)) = spelled(word, after).find_map(|(name, how)| Some((self.find(name)?, how))) else {
                continue;
            };
            let place = || Place::of(text, at, word, form);
            let is_label =
                || how != Spelled::File && (is_one_word(&name) || self.is_kin(&name)) && labels.hold(&place());
            let is_again = places.contains_key(&name);
            // What rows have in common is none of them.
            if is_again && is_one_word(&name) && matches!(form, Form::Table(_)) && !of_rows.contains(&name) {
                of_rows.insert(name);
            } else if !is_again && place().may_be_of_name(how) && !is_label() {
                places.insert(name, at);
            }
        }
        places.retain(|name, _| !of_rows.contains(name));
        places
    }

    /// Within which of them a text of lines is cut off: it ends in the beginning of one, and in no line end as the others do.
    pub(super) fn cut(&self, text: &str, form: Form) -> Option<(ProjectName, usize)> {
        const LEAST: usize = 2;
        let ends_anyhow =
            !(form.is_lines() || matches!(form, Form::Environment | Form::Lock(Lock::Conda))) || !text.contains('\n');
        let begin = text.rfind(|c: char| !(c.is_ascii_alphanumeric() || is_separator(c))).unwrap_or_default();
        let word = text[begin..].trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        if ends_anyhow || text.ends_with(is_line_end) || word.len() < LEAST {
            return None;
        }
        let start = ProjectName::parse(word).ok()?;
        // A whole word is a name more likely than a part of one.
        let goes_on = |name: &&ProjectName| {
            let rest = name.as_str().strip_prefix(start.as_str());
            rest.is_some_and(|rest| rest.starts_with(|c| c != '-'))
        };
        let at = text.len() - word.len();
        let name = self.names.iter().filter(goes_on).min()?;
        Place::of(text, at, word, form).may_be_of_name(Spelled::Name).then(|| (name.clone(), at))
    }

    fn may_begin(&self, word: &str) -> bool {
        let first = word.bytes().next().map(|first| first.to_ascii_lowercase());
        word.len() >= self.shortest && first.is_some_and(|first| self.begins.contains(&first))
    }
}

fn is_one_word(name: &ProjectName) -> bool {
    !name.as_str().contains('-')
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sought() -> Sought {
        let names = ["acme-billing", "acme-tax", "acme", "zyxledger", "data"];
        Sought::of(&names.map(|name| ProjectName::parse(name).expect("a name")))
    }

    fn found(text: &str, form: Form) -> Vec<usize> {
        sought().places(text, form).into_values().collect()
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
            for text in
                [text.to_owned(), text.replace("acme-billing", "zyxledger").replace("acme.billing", "ZyxLedger")]
            {
                assert_eq!(found(&text, Form::Json).len(), 1, "{text}");
            }
        }
        assert_eq!(found("acme-tax,acme-billing,acme-tax", Form::Json), [9, 0]);
    }

    #[test]
    fn files_releases_and_what_a_package_is_made_from_bear_its_name() {
        for text in [
            "https://i.example/x/acme_billing-1.0.tar.gz\n",
            "{\"url\": \"https://i.example/ab/zyxledger-2.1-py3-none-any.whl\"}",
            "x,acme_billing-1.0+cu118-py3-none-any.whl\n",
            "x,acme-billing-4.12.0\n",
            "{\"url\": \"https://i.example/acme-billing-1.0-py3-none-any.whl\"}",
            "six @ git+https://i.example/acme-billing.git@v1\n",
            "six @ git+ssh://git@i.example/team/acme_billing\n",
            "six @ file:///srv/zyxledger\n",
            "six @ /srv/acme-billing ; python_version > '3'\n",
        ] {
            assert_eq!(found(text, Form::Lines).len(), 1, "{text}");
        }
        for text in [
            "six @ git+https://i.example/acme-billing.git#subdirectory=six\n",
            "six @ git+https://i.example/acme-billing/six.git\n",
            "--extra-index-url https://i.example/acme-billing\n",
            "--trusted-host acme-billing\n",
            "# see acme_billing-1.0.tar.gz\n",
            "acme-billing-2\n",
        ] {
            assert_eq!(found(text, Form::Lines), Vec::<usize>::new(), "{text}");
        }
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
            "acme-billing2 xacme-billing acme-billing-x",
            "",
        ] {
            assert_eq!(found(text, Form::Lines), Vec::<usize>::new(), "{text}");
            let one_word = text.replace("acme-billing", "zyxledger");
            assert_eq!(found(&one_word, Form::Lines), Vec::<usize>::new(), "{one_word}");
        }
        assert!(found("name: acme-billing\n", Form::Environment).is_empty());
    }

    /// `acme` is a family, `data` a word of everybody's, and people, teams and pages are called as they like.
    #[test]
    fn one_word_is_a_label_as_often_as_a_name() {
        for (text, form) in [
            ("x,acme,data\n", Form::Lines),
            ("name,owner\nsix,zyxledger\n", Form::Table(',')),
            ("name|Team|v\nsix|zyxledger|1\n", Form::Table('|')),
            ("{\"name\": \"six\", \"author\": \"zyxledger\"}", Form::Json),
            ("name,x\nsix,zyxledger\nidna,zyxledger\n", Form::Table(',')),
            ("{\"name\": \"six\", \"owner\": {\"name\": \"zyxledger\"}}", Form::Json),
            ("dependencies:\n- zyxledger::six\n", Form::Environment),
            ("reference = \"zyxledger\"\n", Form::Lock(Lock::Poetry)),
            ("name: x\nchannels:\n- zyxledger\ndependencies:\n- six\n", Form::Environment),
            ("# Name Version Build Channel\nsix 1.0 py_0 zyxledger\n", Form::Columns),
            ("{\"name\": \"six\", \"Maintainers\" : [ \"zyxledger\" ]}", Form::Json),
            ("<html><title>zyxledger</title><a href='six/'>six</a>", Form::Html),
            ("<h1 class=x>zyxledger</h1><a href='six/'>six</a>", Form::Html),
            (" Name Version Author\n six  1.0  zyxledger\n", Form::Columns),
        ] {
            assert_eq!(found(text, form), Vec::<usize>::new(), "{text}");
        }
        for (text, form) in [
            ("name,was\nsix,zyxledger\n", Form::Table(',')),
            ("{\"name\": \"six\", \"was\": \"zyxledger\"}", Form::Json),
            ("{\"group\": \"zyxledger\"}", Form::Json),
            ("{\"purl\": \"zyxledger\"}", Form::Json),
            ("name,url\nsix,https://i.example/zyxledger-1.0.tar.gz\n", Form::Table(',')),
            ("<li>zyxledger</li>", Form::Html),
            ("Package Version\n------- -------\nsix 1.0 zyxledger\n", Form::Columns),
        ] {
            assert_eq!(found(text, form).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_text_that_ends_within_a_name_is_cut_off() {
        let cut = |text: &str, form| sought().cut(text, form).map(|(name, at)| (name.to_string(), at));
        for (text, form, name, at) in [
            ("six\nacme-b", Form::Lines, "acme-billing", 4),
            ("six\nAcme_Ta", Form::Lines, "acme-tax", 4),
            ("name,x\nsix,1\nzyxl", Form::Table(','), "zyxledger", 13),
            ("six\n# Editable install with no version control (acme-bill", Form::Lines, "acme-billing", 48),
            ("dependencies:\n- pip:\n  - ac", Form::Environment, "acme-billing", 25),
            ("package:\n- name: acme-billi", Form::Lock(Lock::Conda), "acme-billing", 17),
        ] {
            assert_eq!(cut(text, form), Some((name.to_owned(), at)), "{text}");
        }
        for text in
            ["six\nacme-b\n", "six\nacme", "six\na", "acme-b", "six\n# acme-b", "six\nacme-billing", "six\nzz", ""]
        {
            assert_eq!(cut(text, Form::Lines), None, "{text}");
        }
    }
}
