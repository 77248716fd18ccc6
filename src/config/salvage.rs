//! What stands of a configuration that is broken: whatever is wrong is left out, and its default is in force. For who has to
//! speak at once, or asks a daemon that goes on with what was good; never to start one with.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::environment::Environment;
use super::layers::Layers;
use super::load::{ConfigError, Permitted, build, read};
use super::loader::{Loader, Opening};
use super::settings::Settings;
use super::source::Problem;

/// Each takes something out; a file in which more is wrong is none of ours.
const ROUNDS: usize = 40;

/// With the credentials that are open to this process.
///
/// # Errors
/// When what is wrong cannot be left out: no text, or a setting without which there is nothing.
pub fn load_what_stands(path: &Path, environment: &Environment) -> Result<Permitted, ConfigError> {
    what_stands(path, environment, Opening::Permitted)
}

/// Without any credential.
///
/// # Errors
/// As `load_what_stands`.
pub fn load_what_stands_sealed(path: &Path, environment: &Environment) -> Result<Settings, ConfigError> {
    what_stands(path, environment, Opening::Sealed).map(|permitted| permitted.settings)
}

fn what_stands(path: &Path, environment: &Environment, opening: Opening) -> Result<Permitted, ConfigError> {
    let layers = read(path)?;
    let (mut layers, mut left) = (layers.map(|source| source.clone().with_text(readable(source.text()))), ROUNDS);
    loop {
        let mut loader = Loader { opening, ..Loader::new(&layers, environment) };
        let problems = match build(&layers, environment, &mut loader) {
            Ok(settings) => return Ok(Permitted { settings, closed: loader.closed }),
            Err(ConfigError::Invalid { problems }) => problems,
            Err(other) => return Err(other),
        };
        match without(&layers, &problems).filter(|_| left > 0) {
            Some(rest) => (layers, left) = (rest, left - 1),
            None => return Err(ConfigError::Invalid { problems }),
        }
    }
}

/// With blanks for the lines that make it no TOML. What stands below a title that is none counts to the section before, where most
/// of it is wrong and goes as that.
fn readable(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS {
        let fault = DeTable::parse_recoverable(&text).1.into_iter().next();
        let Some(at) = fault.and_then(|fault| fault.span()).map(|span| span.start) else { break };
        let Some(line) = line_before(&text, at) else { break };
        blank(&mut text, line);
    }
    text
}

/// The line at this offset, or the last before it that says something.
fn line_before(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let mut line = 0..0;
    let mut last = None;
    for part in text.split_inclusive('\n') {
        line = line.end..line.end + part.len();
        if line.start > at {
            break;
        }
        last = (!part.trim().is_empty()).then(|| line.clone()).or(last);
    }
    last
}

/// The texts with blanks for what is wrong; `None` where none of it can be left out.
fn without(layers: &Layers, problems: &[Problem]) -> Option<Layers> {
    let rest = layers.map(|source| {
        let mut text = source.text().to_owned();
        for problem in problems.iter().filter(|problem| problem.place.file == source.path()) {
            let at = source.offset(&problem.place);
            // What is missing altogether is missed at the beginning.
            if let Some(span) = wrong(source.text(), at).filter(|_| at > 0) {
                blank(&mut text, span);
            }
        }
        source.clone().with_text(text)
    });
    layers.differ(&rest).then_some(rest)
}

/// What a problem at this offset is about: a section from its title on, or the innermost entry.
fn wrong(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    if text[line..].lines().next().is_some_and(|line| line.trim_start().starts_with('[')) {
        let next = text[line..].find("\n[").map_or(text.len(), |end| line + end);
        return Some(line..next);
    }
    let (table, faults) = DeTable::parse_recoverable(text);
    if faults.is_empty() { entry(table.get_ref(), at) } else { None }
}

fn entry(table: &DeTable<'_>, at: usize) -> Option<std::ops::Range<usize>> {
    table.iter().find_map(|(key, value)| {
        let whole = key.span().start..value.span().end.max(key.span().end);
        let inner = inside(value, at);
        inner.or_else(|| (!matches!(value.get_ref(), DeValue::Table(_)) && whole.contains(&at)).then_some(whole))
    })
}

fn inside(value: &Spanned<DeValue<'_>>, at: usize) -> Option<std::ops::Range<usize>> {
    value.get_ref().as_table().and_then(|table| entry(table, at))
}

/// Places stay, and so do lines.
fn blank(text: &mut String, span: std::ops::Range<usize>) {
    let blanks: String = text[span.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(span, &blanks);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(text: &str, wrong_at: &str) -> String {
        let at = text.find(wrong_at).expect("it is there");
        let mut rest = text.to_owned();
        if let Some(span) = wrong(text, at) {
            blank(&mut rest, span);
        }
        rest.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn what_is_wrong_is_left_out_and_nothing_else() {
        let text = "contact = \"a@x.example\"\n[alert]\nescalate_after = \"soon\"\ndefault_owner = \"sec\"\n[alrt]\nx = 1\n[web]\n\
                    list = [\n 1,\n 2,\n]\n";
        assert!(!rest(text, "\"soon\"").contains("escalate_after"));
        assert!(rest(text, "\"soon\"").contains("[alert]|default_owner = \"sec\"|[alrt]"));
        assert_eq!(rest(text, "alrt").matches("x = 1").count(), 0, "a section goes as a whole");
        assert!(rest(text, "alrt").ends_with("[web]|list = [|1,|2,|]"));
        assert!(rest(text, " 2,").ends_with("[web]"), "a list goes as a whole");
        assert!(rest("\u{a0}[alrt]\nx = 1\n[web]\n", "[alrt]").ends_with("[web]"), "whatever stands before it");
    }

    #[test]
    fn a_line_that_makes_it_no_toml_is_left_out_alone() {
        for (text, left) in [
            ("a = \n[alert]\nb = 1\n", "[alert]|b = 1"),
            ("a = 1\n[alert]\nb = 127.0.0.1\nc = 1\nstray", "a = 1|[alert]|c = 1"),
            ("a = 1\n[alert\nb = 1\n[web]\nc = \"\u{fc}\n", "a = 1|b = 1|[web]"),
            ("a = 1\nb = [1,\n\n", "a = 1"),
            ("a = 1\nb = \"\"\"\nnever closed\n", "a = 1"),
            ("a = 1\na = 2\nb = 1\n", "a = 1|b = 1"),
        ] {
            let stands = readable(text);
            assert_eq!((stands.len(), stands.lines().count()), (text.len(), text.lines().count()), "places stay");
            let lines = stands.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("|");
            assert_eq!(lines, left, "{text:?}");
        }
    }
}
