//! One requirement of PEP 508, as far as the name, a pinned version and the rest of the line being none go. Also the
//! names that files and addresses carry (PEP 427, PEP 625, `#egg=`).

use std::str::FromStr as _;

use pep440_rs::{Operator, Version, VersionSpecifiers};

use super::markers::is_marker;
use super::options::has_only_options;
use crate::model::ProjectName;

/// A name, and the version it is pinned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Requirement<'t> {
    pub(super) name: &'t str,
    pub(super) version: Option<&'t str>,
}

/// By PEP 440, so that it can be compared.
pub fn is_version(text: &str) -> bool {
    Version::from_str(text).is_ok()
}

/// `None` when the text is anything else, however it begins.
pub(super) fn requirement(text: &str) -> Option<Requirement<'_>> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !ProjectName::is_valid(name) {
        return None;
    }
    let rest = without_extras(rest.trim_start())?.trim_start();
    if let Some(address) = rest.strip_prefix('@') {
        let (address, of_file) = (address.trim(), named_by(address.trim()));
        let version = of_file.filter(|file| is_same(file.name, name)).and_then(|file| file.version);
        return is_address(address).then_some(Requirement { name, version });
    }
    let (rest, marker) = match without_options(rest)?.split_once(';') {
        Some((rest, marker)) => (rest, Some(marker)),
        None => (without_options(rest)?, None),
    };
    if !marker.is_none_or(is_marker) {
        return None;
    }
    Some(Requirement { name, version: pinned(rest.trim())? })
}

pub(super) fn is_same(one: &str, other: &str) -> bool {
    let parsed = |name| ProjectName::parse(name).ok();
    parsed(one).is_some_and(|one| Some(one) == parsed(other))
}

/// After `[redis, tls]`.
fn without_extras(rest: &str) -> Option<&str> {
    let Some(inside) = rest.strip_prefix('[') else { return Some(rest) };
    let (extras, rest) = inside.split_once(']')?;
    let valid = extras.trim().is_empty() || extras.split(',').all(|extra| ProjectName::is_valid(extra.trim()));
    valid.then_some(rest)
}

/// Before `--hash=…` and other options of one requirement.
fn without_options(rest: &str) -> Option<&str> {
    const OPTIONS: [&str; 6] =
        ["--hash", "--config-setting", "--global-option", "--install-option", "--build-option", "-C"];
    let at = if rest.starts_with("--") { Some(0) } else { rest.find(" -") };
    let Some(at) = at else { return Some(rest) };
    let options = rest[at..].trim_start();
    let known = OPTIONS.iter().any(|option| options.starts_with(option));
    (known && has_only_options(options)).then_some(&rest[..at])
}

/// A link, a path or a link with variables, and perhaps a marker behind it.
fn is_address(text: &str) -> bool {
    let (address, marker) = text.split_once(" ;").map_or((text, None), |(address, marker)| (address, Some(marker)));
    let address = without_options(address).unwrap_or_default().trim();
    !address.is_empty() && !address.contains(char::is_whitespace) && marker.is_none_or(is_marker)
}

/// The version that `==1.0`, `=1.0=build`, `(==1.0)`, ` 1.0` and ` (1.0, /its/place)` pin; `Some(None)` for ranges and for nothing.
fn pinned(specifiers: &str) -> Option<Option<&str>> {
    let inside = specifiers.strip_prefix('(').and_then(|inside| inside.strip_suffix(')'));
    let text = inside.unwrap_or(specifiers).trim();
    match text.as_bytes() {
        [] => Some(None),
        [b'=', next, ..] if *next != b'=' => of_conda(&text[1..]),
        // Compared as text, whatever it is (PEP 440, "Arbitrary equality").
        [b'=', b'=', b'=', rest @ ..] if is_token(rest) => Some(Some(text[3..].trim()).filter(|text| is_version(text))),
        [b'=' | b'<' | b'>' | b'~' | b'!', ..] => by_specifiers(text),
        _ if inside.is_some() => text.split(',').next().map(str::trim).filter(|version| is_version(version)).map(Some),
        _ => beside(text),
    }
}

fn is_token(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    !text.is_empty() && !text.iter().any(|b| b.is_ascii_whitespace() || matches!(b, b',' | b'='))
}

/// `1.0` or `1.0=build`; what is no version of PEP 440 is one of conda's where its build follows.
fn of_conda(text: &str) -> Option<Option<&str>> {
    let (version, build) = text.split_once('=').map_or((text, None), |(version, build)| (version, Some(build)));
    match is_version(version) {
        true => Some(Some(version)),
        false => build.filter(|_| is_condas(version)).map(|_| None),
    }
}

/// `9e`, `2023c`: of no form but that a number and no dash is in it.
fn is_condas(version: &str) -> bool {
    version.bytes().any(|b| b.is_ascii_digit()) && !version.contains([' ', '-'])
}

fn by_specifiers(text: &str) -> Option<Option<&str>> {
    let specifiers = VersionSpecifiers::from_str(text).ok()?;
    let exact = specifiers.iter().any(|one| matches!(one.operator(), Operator::Equal | Operator::ExactEqual));
    let pin = text.split(',').map(str::trim).find(|part| part.starts_with("==") && !part.ends_with('*'));
    Some(pin.filter(|_| exact).map(|part| part.trim_start_matches('=').trim()))
}

/// `1.0` beside a name, as `conda list`, `poetry show` and tables without titles have it. More may follow only a version
/// that can be nothing else, and a bare number may be a serial, so it is no version to compare with.
fn beside(text: &str) -> Option<Option<&str>> {
    let mut words = text.split_whitespace().filter(|word| *word != "(!)");
    let first = words.next().filter(|word| is_version(word))?;
    let certain = first.contains('.');
    (certain || words.next().is_none()).then_some(certain.then_some(first))
}

/// A branch of the tree that `pipdeptree`, `uv tree` and `poetry show --tree` draw:
/// `├── acme-billing [required: >=1.0, installed: 1.2]`, or with `- ` for the branch.
pub(super) fn in_tree(text: &str) -> Option<Requirement<'_>> {
    let drawn = text.trim_start_matches(|c: char| "├└│─ \u{a0}".contains(c));
    let branch = if drawn.len() == text.len() { text.strip_prefix("- ")? } else { drawn };
    let Some((name, about)) = branch.split_once(" [required: ") else { return requirement(branch) };
    let installed = about.strip_suffix(']')?.rsplit_once("installed: ").map(|(_, version)| version);
    ProjectName::is_valid(name)
        .then_some(Requirement { name, version: installed.filter(|version| is_version(version)) })
}

/// The name in a link, a path or a file name.
pub(super) fn named_by(text: &str) -> Option<Requirement<'_>> {
    let text = text.split_once(" ;").map_or(text, |(address, _)| address);
    if let Some((_, fragment)) = text.split_once('#') {
        let egg = fragment.split('&').find_map(|part| part.strip_prefix("egg="));
        if let Some(egg) = egg {
            return requirement(egg);
        }
    }
    let path = text.split(['#', '?']).next().unwrap_or_default().trim_end().trim_end_matches('/');
    of_file(path.rsplit(['/', '\\']).next().unwrap_or_default())
}

/// The names of the files that a requirement leads to, whatever it says of its name.
pub(super) fn files_of(text: &str) -> impl Iterator<Item = Requirement<'_>> {
    let bare = text.split_whitespace().filter_map(|word| word.split(['#', '?']).next());
    bare.filter(|word| word.contains(['/', '\\'])).filter_map(|word| of_file(word.rsplit(['/', '\\']).next()?))
}

/// A wheel, an archive of sources, an egg, or the folder of an installed package.
pub(super) fn of_file(file: &str) -> Option<Requirement<'_>> {
    const STEMS: [&str; 9] =
        [".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip", ".whl", ".egg", ".dist-info", ".egg-info"];
    let (stem, ending) = STEMS.iter().find_map(|ending| Some((file.strip_suffix(ending)?, *ending)))?;
    let (name, version) = match ending {
        ".whl" | ".egg" | ".egg-info" => {
            let mut parts = stem.split('-');
            (parts.next()?, parts.next()?)
        }
        _ => stem.rsplit_once('-')?,
    };
    (ProjectName::is_valid(name) && is_version(version)).then_some(Requirement { name, version: Some(version) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(&str, Option<&str>)> {
        requirement(text).map(|found| (found.name, found.version))
    }

    #[test]
    fn requirements_are_names_and_pins() {
        for (text, name, version) in [
            ("acme-enum; python_version < \"3.4\"", "acme-enum", None),
            ("acme-enum>=1 ; sys_platform == 'win32' and (extra == \"x\" or os_name!='nt')", "acme-enum", None),
            ("acme-ledger[redis, tls] == 1.8.3", "acme-ledger", Some("1.8.3")),
            ("acme-ledger [redis]>=1.8", "acme-ledger", None),
            ("acme-core>=2,<3", "acme-core", None),
            ("acme-core (>=2,<3)", "acme-core", None),
            ("acme-core (1.0, /home/me/core)", "acme-core", Some("1.0")),
            ("acme-one==1.*", "acme-one", None),
            ("acme-two===1.0", "acme-two", Some("1.0")),
            ("acme-three ~= 2.1", "acme-three", None),
            ("acme==1.0,!=1.1 --hash=sha256:aa --hash=sha256:bb", "acme", Some("1.0")),
            ("acme==1.0+cu118 ; python_version>='3' --hash=sha256:aa", "acme", Some("1.0+cu118")),
            ("acme --config-settings=\"--x=y\"", "acme", None),
            (
                "acme-tax @ https://u:p@pypi.acme.example/acme_tax-2.0-py3-none-any.whl#sha256=aa",
                "acme-tax",
                Some("2.0"),
            ),
            ("acme-tax @ https://i.example/other-2.0.tar.gz", "acme-tax", None),
            ("acme-tax @ file:///srv/acme_tax-2.0.tar.gz ; python_version >= '3'", "acme-tax", Some("2.0")),
            ("acme-odd===1.0-foo", "acme-odd", None),
            ("acme-tax@git+ssh://git@host/tax@1.0 ; python_version >= '3.9'", "acme-tax", None),
            ("acme-tax @ file:///home/me/tax", "acme-tax", None),
            ("acme-billing 4.12.0", "acme-billing", Some("4.12.0")),
            ("acme-billing\t4.12.0\tpy_0\tpypi", "acme-billing", Some("4.12.0")),
            ("acme-billing (!) 4.12.0 Bills what Acme sells", "acme-billing", Some("4.12.0")),
            ("acme-billing 41234567", "acme-billing", None),
            ("acme-billing=4.12.0=pypi_0", "acme-billing", Some("4.12.0")),
        ] {
            assert_eq!(read(text), Some((name, version)), "{text}");
        }
    }

    #[test]
    fn what_only_begins_like_one_is_none() {
        for text in [
            "acme billing",
            "acme,1.0,pay",
            "acme;pay@acme.example",
            "acme; pay",
            "Nov 26 16:44 host",
            "acme 5 x",
            "acme[",
            "acme[a b]",
            "acme>=",
            "acme==1.0 pay",
            "acme==1.0 --hash=sha256:aa pay==1.0",
            "acme --global-option=x pay",
            "acme=pay==1.0",
            "acme @",
            "acme @ a b",
            "acme --frobnicate",
            "-e .",
            "acme: 1.0",
            "https://host/acme",
            "./acme",
            "acme==",
            "acme ; python_version",
            "",
            "\u{430}cme==1.0",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn files_and_addresses_carry_names() {
        for (text, expected) in [
            ("https://h/acme_tax-2.0-py3-none-any.whl#sha256=aa", Some(("acme_tax", Some("2.0")))),
            ("./dist/acme-tax-2.0.tar.gz", Some(("acme-tax", Some("2.0")))),
            ("acme_tax-2.0.dist-info", Some(("acme_tax", Some("2.0")))),
            ("acme_tax-2.0-py3.11.egg-info/", Some(("acme_tax", Some("2.0")))),
            ("git+https://u:p@h/tax.git@abc#egg=acme-tax[x]&subdirectory=src", Some(("acme-tax", None))),
            ("git+https://h/tax.git", None),
            ("acme.zip", None),
            ("acme-billing", None),
        ] {
            assert_eq!(named_by(text).map(|found| (found.name, found.version)), expected, "{text}");
        }
    }

    #[test]
    fn branches_of_a_tree_are_packages() {
        let found = |text| in_tree(text).map(|found| (found.name, found.version));
        for (text, expected) in [
            ("├── six [required: >=1.5, installed: 1.16.0]", Some(("six", Some("1.16.0")))),
            ("│   └── acme-tax [required: Any, installed: ?]", Some(("acme-tax", None))),
            ("└── certifi >=2017.4.17", Some(("certifi", None))),
            ("├── six v1.16.0 (*)", Some(("six", Some("v1.16.0")))),
            ("└── what is this", None),
            ("- click [required: Any, installed: 8.1]", Some(("click", Some("8.1")))),
            ("- acme", Some(("acme", None))),
            ("-r acme", None),
            ("six [required: >=1.5, installed: 1.16.0]", None),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
