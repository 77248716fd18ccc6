//! What PyPI would refuse, found before the first byte is sent. It may be stricter than PyPI, and never kinder: a first
//! upload that PyPI refuses late has cost one of the day's new projects.
//!
//! The rules are `warehouse`'s (`packaging/services.py` for names, `forklift/metadata.py` and `packaging.metadata` for fields,
//! `forklift/legacy.py` for files). What only PyPI knows is left to it: prohibited names, and whose a project is.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use lettre::Address;
use pep440_rs::VersionSpecifiers;
use url::Url;

use super::distribution::{Distribution, Kind};
use super::metadata::VERSIONS;
use crate::model::ProjectName;
use crate::model::classifier::Classifier;
use crate::model::stdlib::is_stdlib;

/// PyPI's limit for a file of a project that asked for no more.
const FILE_LIMIT: usize = 100 << 20;
/// Characters of a summary.
const SUMMARY: usize = 512;
/// Characters of the label of a link.
const LABEL: usize = 32;

/// One thing that PyPI would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    #[error("{0} is a module of Python's standard library: nobody can register it, and nothing has to be done")]
    Stdlib(ProjectName),
    #[error("{name} is too similar to {to}, which exists: PyPI refuses it to everybody while {to} stands")]
    Similar { name: ProjectName, to: ProjectName },
    #[error("the version {0} is local (+…), and PyPI takes no local versions; leave out the + and what follows")]
    LocalVersion(String),
    #[error("the file is called {found:?}; PyPI takes it as {expected:?} alone")]
    FileName { found: String, expected: String },
    #[error("the file has {0} bytes; PyPI takes up to 100 MB, and a claim needs a few kilobytes")]
    TooLarge(usize),
    #[error("the file is no {0}")]
    Content(&'static str),
    #[error("the metadata says version {0:?} of itself; PyPI takes 1.0 to 2.5")]
    MetadataVersion(String),
    #[error("{field} came with version {since} of the metadata, and this one says it is older; raise Metadata-Version")]
    TooNew { field: &'static str, since: &'static str },
    #[error("{field} is {value:?}, {problem}")]
    Field { field: &'static str, value: String, problem: &'static str },
    #[error("License and License-Expression exclude each other; keep License-Expression")]
    TwoLicences,
}

/// Everything that PyPI would refuse of this upload. `similar` gives the project, if any, that exists and whose name has
/// this ultranormal form ([`ProjectName::ultranormal`]); the project itself does not count.
pub fn objections(distribution: &Distribution, similar: impl Fn(&str) -> Option<ProjectName>) -> Vec<Objection> {
    let mut objections = name(&distribution.name, similar);
    objections.extend(file(distribution));
    objections.extend(fields(distribution));
    objections
}

/// The rules of names alone (`check_project_name`), for a plan. A name that exists is no objection: it may be ours.
pub fn name(name: &ProjectName, similar: impl Fn(&str) -> Option<ProjectName>) -> Vec<Objection> {
    let stdlib = is_stdlib(name).then(|| Objection::Stdlib(name.clone()));
    let other = similar(&name.ultranormal()).filter(|other| other != name);
    stdlib.into_iter().chain(other.map(|to| Objection::Similar { name: name.clone(), to })).collect()
}

fn file(distribution: &Distribution) -> Vec<Objection> {
    let Distribution { filename, content, version, .. } = distribution;
    let (beginning, what, ending) = match distribution.kind {
        Kind::Wheel => (&b"PK\x03\x04"[..], "zip archive", "-py3-none-any.whl"),
        Kind::Sdist => (&b"\x1f\x8b\x08"[..], "gzipped archive", ".tar.gz"),
    };
    let expected = format!("{}{ending}", distribution.stem());
    let found = filename.clone();
    let local = (!version.local().is_empty()).then(|| Objection::LocalVersion(version.to_string()));
    let misnamed = (*filename != expected).then_some(Objection::FileName { found, expected });
    let large = (content.len() > FILE_LIMIT).then_some(Objection::TooLarge(content.len()));
    let other = (!content.starts_with(beginning)).then_some(Objection::Content(what));
    local.into_iter().chain(misnamed).chain(large).chain(other).collect()
}

fn fields(distribution: &Distribution) -> Vec<Objection> {
    let metadata = &distribution.metadata;
    let mut objections: Vec<Objection> =
        metadata.too_new().into_iter().map(|(field, since)| Objection::TooNew { field, since }).collect();
    let own = metadata.get("metadata_version").unwrap_or_default();
    objections.extend((!VERSIONS.contains(&own)).then(|| Objection::MetadataVersion(own.to_owned())));
    let two = metadata.get("license").is_some() && metadata.get("license_expression").is_some();
    objections.extend(two.then_some(Objection::TwoLicences));
    for rule in RULES {
        let wrong = metadata.all(rule.key).filter_map(|value| Some((value, (rule.problem)(value)?)));
        objections.extend(wrong.map(|(value, problem)| {
            let value = crate::model::unread::shown(value);
            Objection::Field { field: rule.field, value, problem }
        }));
    }
    objections.extend(description(distribution));
    objections
}

/// What one value of one field may not be.
struct Rule {
    key: &'static str,
    field: &'static str,
    problem: fn(&str) -> Option<&'static str>,
}

const RULES: &[Rule] = &[
    Rule { key: "summary", field: "Summary", problem: summary },
    Rule { key: "author_email", field: "Author-Email", problem: mail },
    Rule { key: "maintainer_email", field: "Maintainer-Email", problem: mail },
    Rule { key: "home_page", field: "Home-Page", problem: link },
    Rule { key: "download_url", field: "Download-URL", problem: link },
    Rule { key: "project_urls", field: "Project-URL", problem: labelled },
    Rule { key: "classifiers", field: "Classifier", problem: classifier },
    Rule { key: "requires_python", field: "Requires-Python", problem: specifiers },
    Rule { key: "requires_dist", field: "Requires-Dist", problem: requirement },
    Rule { key: "provides_dist", field: "Provides-Dist", problem: requirement },
    Rule { key: "obsoletes_dist", field: "Obsoletes-Dist", problem: requirement },
    Rule { key: "provides_extra", field: "Provides-Extra", problem: extra },
    Rule { key: "license_expression", field: "License-Expression", problem: licence },
    Rule { key: "license_file", field: "License-File", problem: path },
    Rule { key: "description_content_type", field: "Description-Content-Type", problem: content_type },
    Rule { key: "dynamic", field: "Dynamic", problem: dynamic },
];

fn summary(text: &str) -> Option<&'static str> {
    if text.contains(['\n', '\r']) {
        return Some("and a summary is one line");
    }
    (text.chars().count() > SUMMARY).then_some("and a summary has up to 512 characters")
}

/// PyPI reads the first of several (`email.utils.parseaddr`).
fn mail(text: &str) -> Option<&'static str> {
    let first = text.split(',').next().unwrap_or_default();
    let address = first.rsplit_once('<').map_or(first, |(_, rest)| rest.trim_end().trim_end_matches('>'));
    Address::from_str(address.trim()).is_err().then_some("and its first address is none")
}

fn link(text: &str) -> Option<&'static str> {
    let good = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    (!good || text.contains(char::is_whitespace)).then_some("which is no address: write https://…")
}

fn labelled(text: &str) -> Option<&'static str> {
    let (label, address) = text.split_once(',').unwrap_or((text, ""));
    match label.trim().chars().count() {
        0 => Some("and has no label: write LABEL, https://…"),
        1..=LABEL => link(address.trim()),
        _ => Some("and a label has up to 32 characters"),
    }
}

fn classifier(text: &str) -> Option<&'static str> {
    match Classifier::of(text) {
        Classifier::Known => None,
        Classifier::Deprecated => Some("a classifier that PyPI gave up"),
        Classifier::Unknown if text.starts_with("Private ::") => Some("which PyPI refuses always"),
        Classifier::Unknown => Some("no classifier that PyPI is known to have"),
    }
}

fn specifiers(text: &str) -> Option<&'static str> {
    VersionSpecifiers::from_str(text).is_err().then_some("which is no set of versions: write >=3.9")
}

fn requirement(text: &str) -> Option<&'static str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    let named = ProjectName::is_valid(&text[..end]);
    let direct = text[end..].split(';').next().is_some_and(|rest| rest.contains('@'));
    match (named, direct) {
        (true, false) => None,
        (true, true) => Some("and PyPI takes no dependency by address"),
        (false, _) => Some("and begins with no project name"),
    }
}

fn extra(text: &str) -> Option<&'static str> {
    (!ProjectName::is_valid(text)).then_some("which is no name of an extra")
}

fn licence(text: &str) -> Option<&'static str> {
    spdx::Expression::parse(text)
        .is_err()
        .then_some("which is no SPDX expression: write MIT, or LicenseRef-Proprietary")
}

fn path(text: &str) -> Option<&'static str> {
    let away = text.starts_with('/') || text.contains(['\\', '*']) || text.split('/').any(|part| part == "..");
    away.then_some("which is no path within the archive")
}

/// What PyPI surely renders. reStructuredText is refused at its first fault, which only docutils could tell.
fn content_type(text: &str) -> Option<&'static str> {
    let mut parts = text.split(';').map(str::trim);
    let known = parts.next().is_some_and(|kind| matches!(kind, "text/markdown" | "text/plain"));
    let plain = |part: &str| matches!(part, "charset=UTF-8" | "charset=utf-8" | "variant=GFM" | "variant=CommonMark");
    (!known || !parts.all(plain)).then_some("and only text/markdown and text/plain in UTF-8 are sure to be rendered")
}

fn dynamic(text: &str) -> Option<&'static str> {
    let own: BTreeSet<String> = ["name", "version", "metadata-version"].map(str::to_owned).into();
    own.contains(&text.to_ascii_lowercase()).then_some("which cannot be dynamic")
}

/// Without a type it would be read as reStructuredText.
fn description(distribution: &Distribution) -> Option<Objection> {
    let metadata = &distribution.metadata;
    let untyped = metadata.get("description").is_some() && metadata.get("description_content_type").is_none();
    let problem = "without Description-Content-Type: write text/markdown";
    untyped.then(|| Objection::Field { field: "Description", value: String::new(), problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "Metadata-Version: 2.4\nName: acme-billing\nVersion: 0.0.1\nSummary: Says whose it is\n\
                        Author-Email: Acme <sec@acme.example>\nProject-URL: Contact, https://acme.example/sec\n\
                        Classifier: Development Status :: 7 - Inactive\nLicense-Expression: MIT\nLicense-File: LICENSE\n\
                        Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM\nRequires-Python: >=3.8\n\n# Hello\n";

    fn sdist(metadata: &str) -> Distribution {
        Distribution::new("acme_billing-0.0.1.tar.gz", *b"\x1f\x8b\x08 and so on", metadata).expect("a file")
    }

    fn said(distribution: &Distribution) -> Vec<String> {
        objections(distribution, |_| None).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_placeholder_meets_no_objection() {
        assert_eq!(said(&sdist(GOOD)), Vec::<String>::new());
    }

    #[test]
    fn each_wrong_field_is_named_with_what_to_write() {
        let long = "x".repeat(513);
        for (line, wrong, part) in [
            ("Summary: Says whose it is", &*format!("Summary: {long}"), "up to 512 characters"),
            ("Summary: Says whose it is", "Summary: one\n two", "a summary is one line"),
            ("Acme <sec@acme.example>", "Acme <sec at acme>", "its first address is none"),
            ("Contact, https", "Contact, ftp", "which is no address"),
            ("Contact, https", ", https", "has no label"),
            ("Contact,", "Contact of the team that keeps this name,", "up to 32 characters"),
            ("7 - Inactive", "7 - Asleep", "no classifier that PyPI is known to have"),
            ("Development Status :: 7 - Inactive", "Private :: Do Not Upload", "refuses always"),
            ("Development Status :: 7 - Inactive", "License :: OSI Approved :: Jabber Open Source License", "gave up"),
            ("-Expression: MIT", "-Expression: Acme Proprietary", "no SPDX expression"),
            ("License-File: LICENSE", "License-File: ../LICENSE", "no path within"),
            ("License-File: LICENSE", "License: MIT", "exclude each other"),
            (">=3.8", "three", "no set of versions"),
            ("text/markdown;", "text/x-rst;", "sure to be rendered"),
            ("Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM\n", "", "Description is"),
            ("Metadata-Version: 2.4", "Metadata-Version: 2.3", "license-expression came with version 2.4"),
            ("Metadata-Version: 2.4", "Metadata-Version: 3.0", "PyPI takes 1.0 to 2.5"),
            ("Requires-Python", "Requires-Dist: x @ https://evil.example/x.whl\nRequires-Python", "by address"),
            ("Requires-Python", "Provides-Extra: a b\nRequires-Python", "no name of an extra"),
            ("Requires-Python", "Dynamic: Version\nRequires-Python", "cannot be dynamic"),
        ] {
            let found = said(&sdist(&GOOD.replacen(line, wrong, 1)));
            assert!(found.iter().any(|text| text.contains(part)), "{wrong}: {found:?}");
        }
    }

    #[test]
    fn names_that_nobody_can_register_are_told_apart() {
        let parse = |text: &str| ProjectName::parse(text).expect("valid");
        let similar = |form: &str| (form == "acmeb1111ng").then(|| parse("acmebilling"));
        let stands = name(&parse("acme-billing"), similar);
        assert_eq!(stands, [Objection::Similar { name: parse("acme-billing"), to: parse("acmebilling") }]);
        assert_eq!(name(&parse("acmebilling"), similar), [], "it may be ours");
        assert_eq!(name(&parse("os.path"), similar), [Objection::Stdlib(parse("os-path"))]);
    }

    #[test]
    fn a_file_is_what_its_name_says_and_is_named_as_pypi_wants() {
        let wheel =
            |file: &str, metadata: &str| said(&Distribution::new(file, *b"PK\x03\x04", metadata).expect("a file"));
        assert_eq!(wheel("acme_billing-0.0.1-py3-none-any.whl", GOOD), Vec::<String>::new());
        for file in [
            "acme-billing-0.0.1-py3-none-any.whl",
            "Acme_Billing-0.0.1-py3-none-any.whl",
            "acme_billing-0.0.2-py3-none-any.whl",
            "acme_billing-0.0.1-py3-none-linux_x86_64.whl",
        ] {
            assert!(wheel(file, GOOD)[0].contains("acme_billing-0.0.1-py3-none-any.whl"), "{file}");
        }
        let local = GOOD.replace("Version: 0.0.1", "Version: 0.0.1+acme");
        assert!(said(&sdist(&local)).iter().any(|text| text.contains("no local versions")));
        let text = Distribution::new("acme_billing-0.0.1.tar.gz", *b"plain", GOOD).expect("a file");
        assert_eq!(said(&text), ["the file is no gzipped archive"]);
    }
}
