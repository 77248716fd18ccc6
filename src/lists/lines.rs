//! A name a line, and what inventories, requirements files (pip's `requirements-file-format`) and `pip freeze` write.

use std::borrow::Cow;

use super::line::is_chatter;
use super::options::has_only_options;
use super::requirement::{Requirement, files_of, in_tree, is_same, named_by, requirement};
use super::said::{Each, Said};
use crate::config::source::Fault;
use crate::model::ProjectName;

pub(super) fn read(text: &str, each: Each<'_>) {
    let mut reader = Reader { each, editable: None, versioned: is_versioned(text) };
    let (mut at, mut held) = (0, None::<(String, usize)>);
    for line in text.split_inclusive('\n') {
        let start = held.as_ref().map_or(at, |(_, start)| *start);
        at += line.len();
        // A line that is a comment never goes on, however it ends (pip's `join_lines`).
        let may_go_on = !line.trim_start().starts_with('#');
        let broken = line.trim_end().strip_suffix('\\').filter(|_| may_go_on);
        let continued =
            broken.filter(|body| is_continued(body, &text[at..]) && !reader.hides_next(body, start, &text[at..]));
        let (body, goes_on) = (continued.unwrap_or(line), continued.is_some());
        match (goes_on, held.take()) {
            (true, before) => held = Some((before.map_or_else(String::new, |(text, _)| text) + body, start)),
            (false, Some((before, start))) => reader.line(&(before + body), start),
            (false, None) => reader.line(body, start),
        }
    }
    // The last line may end as if another followed.
    if let Some((rest, start)) = held {
        reader.line(&rest, start);
    }
}

/// White space stands on one side of the break; else it would make one word of two names.
fn is_continued(body: &str, rest: &str) -> bool {
    body.is_empty() || body.ends_with(char::is_whitespace) || rest.starts_with([' ', '\t'])
}

/// Does it say more than names and their versions, or a version for each? Inventories have labels besides.
pub(super) fn is_requirements(text: &str) -> bool {
    let (mut pinned, mut bare, mut labels) = (0_usize, 0_usize, 0_usize);
    read(text, &mut |said| match said {
        Said::Project { version: Some(_), .. } => pinned += 1,
        Said::Label { .. } => labels += 1,
        Said::Beside { .. } => {}
        _ => bare += 1,
    });
    labels == 0 && ((pinned > 0 && bare == 0) || text.lines().any(is_syntax))
}

fn is_syntax(line: &str) -> bool {
    let text = without_comment(line).trim();
    text.starts_with('-') || text.ends_with(".*") || text.contains([';', '[', '<', '>', '~', '!', '@'])
}

struct Reader<'a, 'e> {
    each: Each<'a>,
    /// What a comment of `pip freeze` says of the editable line below it.
    editable: Option<Cow<'e, str>>,
    /// Most names end in a version, as they do in a list of releases, so none is one.
    versioned: bool,
}

/// `acme-billing-4.12.0`. Few projects are called so.
fn has_version(text: &str) -> bool {
    let version = text.rsplit_once('-').map_or("", |(_, version)| version);
    version.contains('.') && version.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

fn is_versioned(text: &str) -> bool {
    let lines = || text.lines().map(str::trim);
    let versions = lines().filter(|line| has_version(line)).count();
    versions > 1 && versions * 2 > lines().filter(|line| !line.is_empty()).count()
}

fn with_version(text: &str) -> Fault {
    let (name, version) = text.rsplit_once('-').unwrap_or((text, ""));
    Fault::new(format!("{text:?} is a release and no name"), format!("write {:?}", format!("{name}=={version}")))
}

impl Reader<'_, '_> {
    /// A comment behind something goes on as that does (pip's `join_lines` knows only lines that are one), so that pip never sees
    /// what stands below. Whoever wrote it did: it is read, and doubted.
    fn hides_next(&mut self, body: &str, at: usize, rest: &str) -> bool {
        let below = rest.split('\n').next().unwrap_or_default();
        let hides = without_comment(body).len() < body.len() && !without_comment(below).trim().is_empty();
        if hides {
            (self.each)(Said::doubtful("", at, hidden_below()));
        }
        hides
    }

    fn line(&mut self, line: &str, at: usize) {
        let text = without_comment(line).trim();
        let at = at + (line.len() - line.trim_start().len());
        if text.is_empty() {
            self.editable = editable_comment(line).map(|said| Cow::Owned(said.to_owned())).or(self.editable.take());
            return;
        }
        let editable = self.editable.take();
        match text.starts_with('-') && !text.starts_with("- ") {
            true => self.option(text, at, editable.as_deref()),
            false => self.entry(text, at),
        }
    }

    fn entry(&mut self, text: &str, at: usize) {
        // The name of a file may be that of a project by its characters.
        let named = || if ProjectName::is_valid(text) { None } else { requirement(text) };
        let said = if is_label(text) {
            Said::Label { text, at }
        } else if self.versioned && has_version(text) {
            Said::doubtful(text, at, with_version(text))
        } else if let Some(found) = named().or_else(|| named_by(text)).or_else(|| in_tree(text)) {
            return self.project(found, text, at);
        } else if ProjectName::is_valid(text) {
            Said::name(text, at)
        } else if is_chatter(text) || is_condas_own(text) {
            return;
        } else {
            Said::doubtful(text, at, no_name(text))
        };
        (self.each)(said);
    }

    /// The name that was found in a text, and that of a file which the text leads to and which is called otherwise.
    fn project(&mut self, found: Requirement<'_>, text: &str, at: usize) {
        (self.each)(Said::Project { name: found.name.into(), version: found.version.map(Cow::Borrowed), at });
        // Most requirements lead nowhere.
        let address = if text.contains(['/', '\\']) { text } else { "" };
        let others = files_of(address).filter(|file| !is_same(file.name, found.name));
        others.for_each(|file| (self.each)(beside(file)));
    }

    fn option(&mut self, text: &str, at: usize, editable: Option<&str>) {
        let end = text.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(text.len());
        // A value may stand right behind a flag of one letter.
        let end = if text.starts_with("-r") || text.starts_with("-e") { 2 } else { end };
        let (flag, value) = (&text[..end], text[end..].trim_start_matches(['=', ' ', '\t']));
        let said = match flag {
            "-e" | "--editable" => {
                let value = unquoted(value);
                let of_comment = editable.and_then(requirement);
                match named_by(value).or(of_comment).or_else(|| requirement(value)) {
                    Some(found) => {
                        let other = of_comment.filter(|other| !is_same(other.name, found.name));
                        self.project(found, value, at);
                        other.into_iter().for_each(|other| (self.each)(beside(other)));
                        return;
                    }
                    None if is_folder(value) => Said::Local { path: value, at, fault: nameless() },
                    None => Said::doubtful(text, at, nameless()),
                }
            }
            "-r" | "--requirement" => Said::Other { path: value, at, fault: other_file(value) },
            flag if is_known(flag) && has_only_options(text) => return,
            _ => Said::doubtful(text, at, no_name(text)),
        };
        (self.each)(said);
    }
}

/// A file, or a comment above, that says another name than is read.
fn beside(other: Requirement<'_>) -> Said<'_> {
    Said::Beside { text: other.name.into() }
}

/// A shell takes these away, and pip does (`shlex`).
fn unquoted(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

/// A comment begins with `#`; in an address only after white space, as pip has it, for fragments begin so too.
fn without_comment(line: &str) -> &str {
    let has_address = line.contains("://") || line.trim_start().starts_with("-e");
    let begins = |(at, _): &(usize, &str)| *at == 0 || !has_address || line[..*at].ends_with(char::is_whitespace);
    line.match_indices('#').find(begins).map_or(line, |(at, _)| &line[..at])
}

/// `# Editable install with no version control (acme-tax==1.0)`
fn editable_comment(line: &str) -> Option<&str> {
    let said = line.trim().strip_prefix('#')?.trim_start().strip_prefix("Editable")?;
    said.strip_suffix(')')?.rsplit_once('(').map(|(_, inside)| inside)
}

fn is_label(text: &str) -> bool {
    let prefix = text.ends_with('*') && !text.contains(['=', '<', '>', '~', '!', ' ']);
    prefix || text.starts_with("brand:")
}

/// `_libgcc_mutex=0.1=main`. Nothing on PyPI begins so.
fn is_condas_own(text: &str) -> bool {
    text.starts_with('_') && !text.contains("==") && text.split('=').count() == 3
}

/// Options that name nothing to install: indexes, and how to build.
fn is_known(flag: &str) -> bool {
    const KNOWN: [&str; 21] = [
        "--index-url",
        "--extra-index-url",
        "--no-index",
        "--find-links",
        "--constraint",
        "--no-binary",
        "--only-binary",
        "--prefer-binary",
        "--require-hashes",
        "--pre",
        "--trusted-host",
        "--use-feature",
        "--config-settings",
        "--global-option",
        "--hash",
        "--pypi-url",
        "--process-dependency-links",
        "--always-unzip",
        "--emit-index-url",
        "--no-deps",
        "--no-build-isolation",
    ];
    let short = ["-i", "-f", "-c", "-Z", "-C"].iter().any(|known| flag.starts_with(known));
    KNOWN.contains(&flag) || (short && !flag.starts_with("--"))
}

fn hidden_below() -> Fault {
    Fault::new("this comment goes on, so pip takes the next line for a part of it", "take the backslash out")
}

fn no_name(text: &str) -> Fault {
    if is_known(text.split([' ', '=', '\t']).next().unwrap_or_default()) {
        return Fault::new(
            "more stands behind this option than its value, and pip passes over it",
            "put it on a line of its own",
        );
    }
    if text.contains("://") || text.starts_with(['.', '/']) {
        return Fault::new(format!("{text:?} does not say the name of its package"), "write it before, NAME @ ADDRESS");
    }
    super::names::no_name(text)
}

/// A path on this machine, as pip takes it behind `-e`; extras may follow it.
fn is_folder(value: &str) -> bool {
    let begins = [".", "/", "file:"].iter().any(|start| value.starts_with(start));
    begins && !value.contains(char::is_whitespace)
}

fn nameless() -> Fault {
    Fault::new("this editable line does not say the name of its package", "write the name alone, or add #egg=NAME")
}

fn other_file(value: &str) -> Fault {
    Fault::new(
        format!("{value:?} is another file, which is not read"),
        "write its lines here; `namewarden inventory import` reads it by itself",
    )
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
                Said::Beside { text } => format!("+{text}"),
                Said::Label { text, .. } => format!("label {text}"),
                Said::Other { path, .. } => format!("other {path}"),
                Said::Local { path, at, .. } => format!("folder {path}@{at}"),
                Said::Doubtful { text, at, .. } => format!("?{text}@{at}"),
                other => unreachable!("{other:?}: not in lines"),
            });
        });
        all.join(", ")
    }

    #[test]
    fn lines_as_people_and_pip_write_them() {
        for (text, expected) in [
            ("# ours\n\n acme # a\nacme-*\nbrand:acme\n", "acme, label acme-*, label brand:acme"),
            ("acme==1.0 \\\n    --hash=sha256:a \\\n    --hash=sha256:b\nb\n", "acme==1.0, b"),
            ("a==1.0\n# x \\\nacme==2.0\n  # y \\\nb", "a==1.0, acme==2.0, b"),
            ("a==1.0 \\\n# x\nacme==2.0\n", "a==1.0, acme==2.0"),
            ("acme\\\nb\n", "?acme\\@0, b"),
            ("a==1.0 # x \\\nacme==2.0\nb\n", "?@0, a==1.0, acme==2.0, b"),
            ("a==1.0 # x \\\n\nb\n", "a==1.0, b"),
            (
                "a\n--pre acme\n-i https://i.example \\\nacme==1.0\n--hash=sha256:a\n",
                "a, ?--pre acme@2, ?-i https://i.example acme==1.0@13",
            ),
            ("_acme==1.0\n", "?_acme==1.0@0"),
            ("b\nacme \\", "b, acme"),
            ("b\nacme==1.0 \\\n", "b, acme==1.0"),
            ("-rbase.txt\n--requirement=more.txt\n", "other base.txt, other more.txt"),
            ("_libgcc_mutex=0.1=main\nacme=1.0=pypi_0\njpeg=9e=h5eee18b_1\n", "acme==1.0, jpeg"),
            ("git+https://h/x.git#egg=acme-tax==1.0\n", "acme-tax==1.0"),
            ("-i https://u:p@i.example\n-r base.txt\n--require-hashes\nacme\n", "other base.txt, acme"),
            (
                "# Editable install with no version control (acme-tax==1.0)\n-e /srv/tax\n-e /srv/b\n",
                "acme-tax==1.0, folder /srv/b@71",
            ),
            ("-e git+https://i.example/x.git#egg=acme-tax\n", "acme-tax"),
            ("-e \"acme-tax @ git+https://i.example/x.git\"\n", "acme-tax"),
            (
                "flask==1.0\n  - click [required: Any, installed: 8.1]\n    - b [required: >=1, installed: ?]\n",
                "flask==1.0, click==8.1, b",
            ),
            ("acme_tax-2.0-py3-none-any.whl\nacme_b-1.0.dist-info\nc.zip\n", "acme_tax==2.0, acme_b==1.0, c.zip"),
            ("acme-tax @ https://i.example/acme_tax-1.0.tar.gz\n", "acme-tax==1.0"),
            ("acme-billing-4.12.0\nacme-b-1.0\nc\n", "?acme-billing-4.12.0@0, ?acme-b-1.0@20, c"),
            ("acme-billing\nacme-b-1.0\n", "acme-billing, acme-b-1.0"),
            ("WARNING: old pip\nacme --frobnicate\n--frobnicate\n", "?acme --frobnicate@17, ?--frobnicate@35"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn requirements_are_told_from_lists_of_ones_own() {
        for text in ["acme==1.0\nb==2.0\n", "acme\nb>=1\n", "acme\n-r base.txt\n", "acme[x]\n", "acme 1.0\n"] {
            assert!(is_requirements(text), "{text}");
        }
        for text in ["acme\nb==2.0\n", "acme==1.0\nacme-*\n", "acme\n", ""] {
            assert!(!is_requirements(text), "{text}");
        }
    }
}
