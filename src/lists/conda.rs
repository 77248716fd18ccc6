//! `environment.yml`, and which of conda's files in YAML a text is. Below `pip` stand PyPI's names; conda's own
//! packages are called as those of Python often, and not always, so they are handed on as what they are.

use super::lines;
use super::requirement::requirement;
use super::said::{Each, Said};
use super::yaml::{Node, Value};
use crate::config::source::{Fault, Problem, Source};
use crate::model::ProjectName;

/// Longest text that is taken apart as a tree, bytes.
const MOST: usize = 128 << 20;

/// What a text of YAML is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Environment,
    Lock,
}

/// Which of them it is.
///
/// # Errors
/// For YAML of any other kind.
pub(super) fn kind(text: &str) -> Result<Kind, Fault> {
    let instead = "name an environment.yml or conda-lock.yml, or make a list that is read: pip list, uv export";
    if text.len() > MOST {
        return Err(Fault::new("it is more YAML than any list of names", instead));
    }
    // What is broken is for the reader to explain, with its place.
    let Ok(node) = Node::parse(text) else { return Ok(Kind::Environment) };
    let has = |key: &str| node.get(key).is_some_and(|inside| inside.list().is_some());
    match () {
        () if has("dependencies") => Ok(Kind::Environment),
        () if has("package") && node.get("metadata").is_some() => Ok(Kind::Lock),
        () => Err(Fault::new("it looks like YAML, of which many kinds hold names", instead)),
    }
}

/// The packages of an `environment.yml` (docs.conda.io, "Creating an environment file manually").
pub(super) fn environment(source: &Source, each: Each<'_>) -> Result<(), Problem> {
    let root = Node::parse(source.text()).map_err(|(at, fault)| source.problem(at, "", fault))?;
    for entry in root.get("dependencies").and_then(Node::list).unwrap_or_default() {
        match &entry.value {
            Value::Text(spec) => tell_spec(spec, entry.at, each),
            Value::Map(parts) => parts.iter().for_each(|(key, part)| tell_part(key, part, each)),
            Value::List(_) => each(Said::doubtful("", entry.at, no_part())),
        }
    }
    Ok(())
}

/// `pip:` with requirements, each a line of a requirements file.
fn tell_part(key: &str, part: &Node<'_>, each: Each<'_>) {
    let list = match part.list() {
        Some(list) if key == "pip" => list,
        None if key == "pip" && part.is_nothing() => return,
        _ => return each(Said::doubtful(key, part.at, no_part())),
    };
    for entry in list {
        match entry.text() {
            Some(line) => lines::read(line, &mut |said| each(said.moved(entry.at))),
            None => each(Said::doubtful("", entry.at, no_part())),
        }
    }
}

fn no_part() -> Fault {
    Fault::new("this part of the environment is no package", "write packages of conda, and below pip: those of PyPI")
}

/// `conda-forge::numpy=1.26=py311_0`, `numpy >=1.26,<2`, `numpy[version='>=1.26']`; of which nothing may be left.
fn tell_spec(spec: &str, at: usize, each: Each<'_>) {
    let bare = spec.rsplit_once("::").map_or(spec, |(_, bare)| bare).trim();
    let end = bare.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(bare.len());
    let (name, rest) = bare.split_at(end);
    // Nothing on PyPI begins so (`_libgcc_mutex`).
    let known = name.starts_with('_') || ProjectName::is_valid(name);
    match known && is_rest(rest) {
        true if name.starts_with('_') => {}
        true => {
            let version = requirement(bare).and_then(|found| found.version).map(Into::into);
            each(Said::Conda { name: name.into(), version, at });
        }
        false => {
            each(Said::doubtful(spec, at, Fault::new(format!("{spec:?} is no package of conda"), "mend the line")));
        }
    }
}

/// A version or several, perhaps a build; or both in brackets.
fn is_rest(rest: &str) -> bool {
    if rest.starts_with('[') {
        return rest.ends_with(']') && !rest.contains("://");
    }
    let is_version = |word: &str| {
        let first = word.trim_start_matches(['=', '<', '>', '!', '~']).chars().next();
        first.is_none_or(|c| c.is_ascii_digit() || c == '*')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "=<>!~*.,|+_-".contains(c))
    };
    let words: Vec<&str> = rest.split_whitespace().collect();
    match words.as_slice() {
        // A word without a number may be a name whose dash is lost.
        [version, build] if !version.ends_with(['=', '<', '>']) && !is_version(build) => {
            let is_build = build.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            is_version(version) && is_build && build.ends_with(|c: char| c.is_ascii_digit())
        }
        words => words.iter().all(|word| is_version(word)),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn said(text: &str) -> String {
        let (source, mut all) = (Source::new(Path::new("environment.yml"), text.to_owned()), Vec::new());
        let read = environment(&source, &mut |each| {
            all.push(match each {
                Said::Project { name, version, at } => {
                    assert!(text[at..].trim_start_matches('\'').starts_with(&*name), "{name}@{at}");
                    format!("{name}=={}", version.unwrap_or_default())
                }
                Said::Conda { name, .. } => format!("({name})"),
                Said::Other { path, .. } => format!("-r {path}"),
                Said::Doubtful { text, .. } => format!("?{text}"),
                other => unreachable!("{other:?}"),
            });
        });
        read.map_or_else(|problem| problem.to_string(), |()| all.join(" "))
    }

    #[test]
    fn names_of_pypi_are_told_from_those_of_conda() {
        let text = "name: svc\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - conda-forge::numpy >=1.26,<2\n  - \
                    _libgcc_mutex=0.1=main\n  - jpeg=9e=h5eee18b_1\n  - scipy[version='>=1']\n  - pip\n  - pip:\n    - \
                    acme-billing==4.12.0\n    - -r more.txt\n    - 'acme[x]>=1; python_version < \"3.9\"'\nprefix: /x\n";
        assert_eq!(said(text), "(python) (numpy) (jpeg) (scipy) (pip) acme-billing==4.12.0 -r more.txt acme==");
    }

    #[test]
    fn what_is_no_package_is_doubted() {
        for (lines, expected) in [
            ("  - pip\n    - acme==1\n", "?pip - acme==1"),
            ("  - pip - acme\n", "?pip - acme"),
            ("  - npm:\n    - acme\n", "?npm"),
            ("  - pip: acme\n", "?pip"),
            ("  - pip:\n    - [acme]\n", "?"),
            ("  - [acme]\n", "?"),
            ("  - acme billing x\n", "?acme billing x"),
            ("  - pip:\n", ""),
        ] {
            assert_eq!(said(&format!("dependencies:\n{lines}")), expected, "{lines}");
        }
    }
}
