//! The configuration and its drop-ins, laid one over the other: tables by key, every other value whole.
//!
//! Each file keeps its places. Their texts are thought of as one after the other, so that an offset says which file it
//! stands in; `Layers::problem` finds it.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::explain::explain;
use super::source::{Fault, Problem, Source};

/// At least the main file; then the drop-ins, each stronger than those before it.
#[derive(Debug)]
pub(super) struct Layers {
    main: Source,
    drop_ins: Vec<Source>,
}

impl Layers {
    pub(super) fn new(main: Source, drop_ins: Vec<Source>) -> Self {
        Self { main, drop_ins }
    }

    /// The same files with other texts.
    pub(super) fn map(&self, text: impl Fn(&Source) -> Source) -> Self {
        Self { main: text(&self.main), drop_ins: self.drop_ins.iter().map(text).collect() }
    }

    /// Does any of the texts differ?
    pub(super) fn differ(&self, other: &Self) -> bool {
        self.starts().zip(other.starts()).any(|((_, one), (_, other))| one.text() != other.text())
    }

    /// The main file, whose directory relative paths start at.
    pub(super) fn main(&self) -> &Path {
        self.main.path()
    }

    pub(super) fn drop_ins(&self) -> Vec<PathBuf> {
        self.drop_ins.iter().map(|source| source.path().to_owned()).collect()
    }

    /// What all of them say together.
    ///
    /// # Errors
    /// The first fault of each file that is no TOML of our shape.
    pub(super) fn merged<File: DeserializeOwned>(&self) -> Result<File, Vec<Problem>> {
        let faults = self.starts().filter_map(|(_, source)| source.parse_toml::<File>().err());
        let faults: Vec<Problem> = faults.collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        self.laid().map_err(|error| {
            let at = error.span().unwrap_or_default().start;
            vec![self.problem(at, "", explain(error.message()))]
        })
    }

    fn laid<File: DeserializeOwned>(&self) -> Result<File, toml::de::Error> {
        let mut whole = DeTable::new();
        for (start, source) in self.starts() {
            lay(&mut whole, moved(DeTable::parse(source.text())?.into_inner(), start));
        }
        File::deserialize(Deserializer::from(Spanned::new(0..0, whole)))
    }

    /// A fault at an offset of the texts one after the other.
    pub(super) fn problem(&self, offset: usize, key: &str, fault: Fault) -> Problem {
        let holds = |(start, _): &(usize, &Source)| *start <= offset;
        let (start, source) = self.starts().take_while(holds).last().unwrap_or((0, &self.main));
        source.problem(offset - start, key, fault)
    }

    /// Each file with the offset at which its text begins; the end of one is not the beginning of the next.
    fn starts(&self) -> impl Iterator<Item = (usize, &Source)> {
        std::iter::once(&self.main).chain(&self.drop_ins).scan(0, |next, source| {
            let start = *next;
            *next += source.text().len() + 1;
            Some((start, source))
        })
    }
}

/// The table with its places `by` bytes later. Those within lists stay: nothing asks for them.
fn moved(table: DeTable<'_>, by: usize) -> DeTable<'_> {
    fn at<T>(value: Spanned<T>, by: usize, inner: impl FnOnce(T) -> T) -> Spanned<T> {
        let span = value.span();
        Spanned::new(span.start + by..span.end + by, inner(value.into_inner()))
    }
    let inside = |value| match value {
        DeValue::Table(table) => DeValue::Table(moved(table, by)),
        other => other,
    };
    table.into_iter().map(|(key, value)| (at(key, by, |key| key), at(value, by, inside))).collect()
}

/// What `over` says replaces what `under` said; tables are joined.
fn lay<'t>(under: &mut DeTable<'t>, over: DeTable<'t>) {
    for (key, value) in over {
        // A table is no secret, whatever it is called.
        if let Some(twin) = twin(key.get_ref()).filter(|_| !value.get_ref().is_table()) {
            under.remove(twin.as_str());
        }
        let span = value.span();
        match (under.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut), value.into_inner()) {
            (Some(DeValue::Table(under)), DeValue::Table(over)) => lay(under, over),
            (_, value) => {
                // A map keeps the key that it has, and with it the place in the file below.
                under.remove(key.get_ref().as_ref());
                under.insert(key, Spanned::new(span, value));
            }
        }
    }
}

/// A secret is given as a file or as a credential: who says the one takes back the other.
fn twin(key: &str) -> Option<String> {
    let as_credential = key.strip_suffix("_file").map(|name| format!("{name}_credential"));
    as_credential.or_else(|| key.strip_suffix("_credential").map(|name| format!("{name}_file")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file::File;

    fn layers(main: &str, drop_ins: &[&str]) -> Layers {
        let source = |(at, text): (usize, &&str)| Source::new(Path::new(&format!("{at}.toml")), (*text).to_owned());
        Layers::new(
            Source::new(Path::new("main.toml"), main.to_owned()),
            drop_ins.iter().enumerate().map(source).collect(),
        )
    }

    fn faults(main: &str, drop_ins: &[&str]) -> Vec<String> {
        let problems = layers(main, drop_ins).merged::<File>().expect_err("a fault");
        problems.iter().map(Problem::to_string).collect()
    }

    const MAIN: &str = "contact = \"a@b.c\"\n[alert]\ndaily_at_hour = 7\n[alert.email]\nhost = \"one\"\nport = 25\n\
                        password_file = \"p\"\n[alert.slack.team]\nurl_file = \"u\"\n";

    #[test]
    fn tables_are_joined_and_values_replaced_by_the_last_that_says_them() {
        let first = "alert.daily_at_hour = 8\n[alert.slack.other]\nurl_file = \"o\"\n";
        let second = "[alert]\ndaily_at_hour = 9\nemail = { host = \"two\" }\n[feeds]\nrss_every = \"1m\"\n";
        let alert = layers(MAIN, &[first, second]).merged::<File>().expect("good").alert.expect("said").into_inner();
        assert_eq!(alert.daily_at_hour.expect("said").into_inner(), 9);
        let email = alert.email.expect("said").into_inner();
        let (host, port) = (email.host.expect("said").into_inner(), email.port.expect("said").into_inner());
        assert_eq!((host.as_str(), port), ("two", 25));
        let names: Vec<_> = alert.slack.keys().map(|name| name.get_ref().as_str()).collect();
        assert_eq!(names, ["other", "team"]);
    }

    #[test]
    fn a_secret_given_in_one_way_takes_back_the_other() {
        let over = "[alert.email]\npassword_credential = \"c\"\n[alert.slack.team]\nurl_credential = \"d\"\n";
        let alert = layers(MAIN, &[over]).merged::<File>().expect("good").alert.expect("said").into_inner();
        let email = alert.email.expect("said").into_inner();
        assert!(email.password_file.is_none() && email.password_credential.is_some());
        let slack = alert.slack.into_values().next().expect("said").into_inner();
        assert!(slack.url_file.is_none() && slack.url_credential.is_some());
    }

    #[test]
    fn every_value_keeps_its_place_in_its_file() {
        let layers = layers(MAIN, &["# nothing", "\n[alert]\n daily_at_hour = 9\n"]);
        let alert = layers.merged::<File>().expect("good").alert.expect("said").into_inner();
        let place = |at: usize| layers.problem(at, "", Fault::new("", "")).place.to_string();
        assert_eq!(place(alert.daily_at_hour.expect("said").span().start), "1.toml:3:18");
        let email = alert.email.expect("said");
        assert_eq!(place(email.span().start), "main.toml:4:1");
        assert_eq!(place(email.into_inner().host.expect("said").span().start), "main.toml:5:8");
        assert_eq!(place(MAIN.len()), "main.toml:10:1", "the end of one is not the next");
    }

    #[test]
    fn each_file_is_judged_by_itself() {
        let said = faults(
            MAIN,
            &[
                "[alrt]\n",
                "[alert.email]\nport = \"x\"\n",
                "contact = 1\n",
                "fine = [",
                "a = # 25\n",
                "a =\n",
                "a = b",
                "a = 127.0.0.1",
            ],
        );
        insta::assert_snapshot!(said.join("\n"), @r#"
        0.toml:1:2: alrt: unknown key "alrt"; did you mean "alert"?
        1.toml:2:8: alert.email.port: it is a string; write a whole number without quotes
        2.toml:1:11: contact: it is an integer; write text in "quotes"
        3.toml:1:9: not TOML: unclosed array; write `]` here
        4.toml:1:5: no value stands behind the key; write one, or take the line out
        5.toml:1:4: no value stands behind the key; write one, or take the line out
        6.toml:1:5: not TOML: string values must be quoted; write it in "quotes"
        7.toml:1:10: not TOML: it is no number; write text in "quotes", and a number or a date without
        "#);
    }
}
