//! What `pip list` prints: a title row, a row of dashes, then name and version, with more columns behind. What `pip-audit` and
//! `pip-licenses` print: other titles, and perhaps no dashes. What
//! `conda list` prints: the titles in a comment, and a build behind each version.

use super::line::{is_chatter, is_line_end};
use super::requirement::is_version;
use super::said::{Each, Said};
use crate::config::source::Fault;
use crate::model::ProjectName;

/// Whose table it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pip,
    /// Nothing stands behind the version.
    Bare,
    Conda,
    /// What syft finds in an image, of all languages.
    Syft,
}

/// Is it such a table?
pub(super) fn is_columns(text: &str) -> bool {
    header(text).is_some()
}

/// Where the first row begins. Warnings may stand before it.
fn header(text: &str) -> Option<(usize, Kind)> {
    let mut at = 0;
    let (mut titles, mut kind) = (false, Kind::Pip);
    for line in text.split_inclusive(is_line_end) {
        at += line.len();
        let words: Vec<&str> = line.split_whitespace().take(4).collect();
        match words.as_slice() {
            ["#", "Name", "Version", ..] => return Some((at, Kind::Conda)),
            ["Name", "Version", "Build", "Channel"] if !titles => return Some((at, Kind::Conda)),
            ["NAME", "VERSION", "TYPE", ..] if !titles => return Some((at, Kind::Syft)),
            ["Name", "Version", ..] if !titles => return Some((at, Kind::Pip)),
            [dashes, ..] if titles && is_dashes(dashes) => return Some((at, kind)),
            ["Package", "Version", more @ ..] if !titles => {
                (titles, kind) = (true, if more.is_empty() { Kind::Bare } else { kind });
            }
            [first, ..] if titles || !(first.starts_with('#') || is_chatter(line)) => return None,
            _ => {}
        }
    }
    None
}

fn is_dashes(word: &str) -> bool {
    word.len() > 1 && word.chars().all(|c| matches!(c, '-' | '─'))
}

pub(super) fn read(text: &str, each: Each<'_>) {
    let (mut at, kind) = header(text).unwrap_or((0, Kind::Pip));
    for line in text[at..].split_inclusive('\n') {
        let trimmed = line.trim();
        let is_rule = trimmed.split_whitespace().all(is_dashes);
        if !(is_rule || is_chatter(line) || trimmed.starts_with('#')) {
            let at = at + line.len() - line.trim_start().len();
            match kind {
                Kind::Bare if trimmed.split_whitespace().count() > 2 => each(no_row(trimmed, at)),
                Kind::Pip | Kind::Bare => each(row(trimmed, at)),
                Kind::Syft if is_foreign(trimmed) => each(Said::Foreign { name: first_word(trimmed) }),
                Kind::Syft => each(row(trimmed, at)),
                // Nothing on PyPI begins so, nor does anything that pip installs.
                Kind::Conda if trimmed.starts_with('_') => {}
                Kind::Conda => each(conda(trimmed, at)),
            }
        }
        at += line.len();
    }
}

fn row(line: &str, at: usize) -> Said<'_> {
    let mut words = line.split_whitespace();
    match (words.next(), words.next()) {
        (Some(name), Some(version)) if ProjectName::is_valid(name) && is_version(version) => {
            Said::Project { name: name.into(), version: Some(version.into()), at }
        }
        _ => no_row(line, at),
    }
}

fn first_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// A package of another language, or of the system.
fn is_foreign(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.get(2).is_some_and(|kind| *kind != "python" && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
}

/// Versions of what is not Python's are of any form (`9e`), and a build stands behind each.
fn conda(line: &str, at: usize) -> Said<'_> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [name, version, build, ..] if words.len() < 5 && ProjectName::is_valid(name) => {
            let (name, version) =
                ((*name).into(), Some(*version).filter(|version| is_version(version)).map(Into::into));
            // What pip installed has a channel and a build of its own; all others are conda's, called as PyPI's often, and not always.
            let is_pips = words.get(3) == Some(&"pypi") || build.starts_with("pypi_");
            if is_pips { Said::Project { name, version, at } } else { Said::Conda { name, version, at } }
        }
        _ => no_row(line, at),
    }
}

fn no_row(line: &str, at: usize) -> Said<'_> {
    let fault = Fault::new(format!("{line:?} is no row of `pip list` or `conda list`"), "take the line out");
    Said::doubtful(line, at, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let mut all = Vec::new();
        read(text, &mut |each| {
            all.push(match each {
                Said::Project { name, version: Some(version), .. } => format!("{name}=={version}"),
                Said::Project { name, .. } => name.into_owned(),
                Said::Conda { name, .. } => format!("({name})"),
                Said::Foreign { .. } => return,
                other => format!("{other:?}"),
            });
        });
        all.join(" ")
    }

    #[test]
    fn others_print_columns_too() {
        assert_eq!(said(" Name  Version  License \n acme  1.0      MIT License \n b 2 x\n"), "acme==1.0 b==2");
        assert_eq!(said("Name Version ID Fix Versions\n---- ------- -- ---\nacme 1.0 PYSEC-1 1.1\n"), "acme==1.0");
        assert!(said("Name Version License\nacme MIT\n").contains("no row"));
        assert!(said("Package Version\n------- -------\na 1.0 acme 1.0\n").contains("no row"));
        let syft = "NAME   VERSION   TYPE\nacme   1.0   python\nbash  5.1-2+b3  deb\nx  1  npm\nb  2  python  (+1 duplicate)\n";
        assert_eq!(said(syft), "acme==1.0 b==2");
        let mamba = "List of packages in environment: \"/opt/x\"\n\n  Name  Version  Build  Channel\n──────────\n  acme  1.0  pypi_0  pypi\n  jpeg  9e  h_1  conda-forge\n";
        assert_eq!(said(mamba), "acme==1.0 (jpeg)");
    }

    #[test]
    fn conda_lists_what_is_not_pythons_too() {
        let text = "# packages in environment at /opt/x:\n#\n# Name  Version  Build  Channel\n_libgcc_mutex 0.1 main\n\
                    acme 4.12.0 pypi_0 pypi\njpeg 9e h5eee18b_1\ntzdata 2023c h04d1e81_0\n";
        assert!(is_columns(text));
        assert_eq!(said(text), "acme==4.12.0 (jpeg) (tzdata)");
        assert!(said(&format!("{text}acme tax\n")).contains("no row"));
    }
}
