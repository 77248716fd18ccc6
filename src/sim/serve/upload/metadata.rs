//! The metadata's checks: those of `packaging.metadata`, and PyPI's own above them (`forklift/metadata.py`). Of a
//! description in reStructuredText only crude faults are found here; PyPI renders it.

use std::str::FromStr as _;

use lettre::Address;
use pep440_rs::{Version, VersionSpecifiers};
use url::Url;

use super::answer::Said;
use super::form::Form;
use super::python::repr;
use crate::model::ProjectName;
use crate::model::classifier::Classifier;
use crate::sim::world::Fields;

/// What is read of the metadata, all of it checked.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    /// The name as spelled.
    pub(super) display: String,
    pub(super) name: ProjectName,
    pub(super) version: Version,
    /// Every field that PyPI knows.
    pub(super) fields: Fields,
}

/// A field: key of the form, its name in metadata, since which version, and whether it may come more than once.
struct Field(&'static str, &'static str, usize, bool);

const VERSIONS: [&str; 8] = ["1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5"];

#[rustfmt::skip]
const FIELDS: &[Field] = &[
    Field("metadata_version", "metadata-version", 0, false), Field("name", "name", 0, false), Field("version", "version", 0, false),
    Field("author", "author", 0, false), Field("author_email", "author-email", 0, false), Field("classifiers", "classifier", 1, true),
    Field("description", "description", 0, false), Field("description_content_type", "description-content-type", 3, false),
    Field("download_url", "download-url", 1, false), Field("dynamic", "dynamic", 4, true), Field("home_page", "home-page", 0, false),
    Field("import_name", "import-name", 7, true), Field("import_namespace", "import-namespace", 7, true),
    Field("keywords", "keywords", 0, false), Field("license", "license", 0, false),
    Field("license_expression", "license-expression", 6, false), Field("license_file", "license-file", 6, true),
    Field("maintainer", "maintainer", 2, false), Field("maintainer_email", "maintainer-email", 2, false),
    Field("obsoletes_dist", "obsoletes-dist", 2, true), Field("platform", "platform", 0, true),
    Field("project_urls", "project-url", 2, true), Field("provides_dist", "provides-dist", 2, true),
    Field("provides_extra", "provides-extra", 3, true), Field("requires_dist", "requires-dist", 2, true),
    Field("requires_external", "requires-external", 2, true), Field("requires_python", "requires-python", 2, false),
    Field("summary", "summary", 0, false), Field("supported_platform", "supported-platform", 1, true),
];

/// Errors by field, in the words of whoever finds them.
type Errors = Vec<(&'static str, String)>;

/// # Errors
/// The first error of the first field: `metadata-version`, `name`, `version`, then by name.
pub(super) fn read(form: &Form) -> Result<Metadata, Said> {
    let mut fields = form.fields();
    fields.retain(|key, _| FIELDS.iter().any(|field| field.0 == key));
    let repeated = FIELDS.iter().find(|field| !field.3 && fields.get(field.0).is_some_and(|values| values.len() > 1));
    if let Some(field) = repeated {
        return Err(refused(vec![(field.1, format!("'{}' has invalid data", field.0))]));
    }
    let errors = packagings(&fields);
    let errors = if errors.is_empty() { pypis(&fields) } else { errors };
    let first = |key: &str| first(&fields, key).unwrap_or_default().to_owned();
    match (errors.is_empty(), ProjectName::parse(&first("name")), Version::from_str(&first("version"))) {
        (true, Ok(name), Ok(version)) => Ok(Metadata { display: first("name"), name, version, fields }),
        _ => Err(refused(errors)),
    }
}

fn refused(mut errors: Errors) -> Said {
    let place =
        |field: &str| ["metadata-version", "name", "version"].iter().position(|first| *first == field).unwrap_or(3);
    errors.sort_by_key(|(field, _)| (place(field), *field));
    let (_, error) = errors.into_iter().next().unwrap_or(("", "Invalid metadata".to_owned()));
    let see = if error.contains("use of local versions") {
        "https://packaging.python.org/en/latest/specifications/version-specifiers/#local-version-identifiers"
    } else {
        "https://packaging.python.org/specifications/core-metadata"
    };
    let stop = if error.ends_with('.') { "" } else { "." };
    Said::bad(format!("{error}{stop} See {see} for more information."))
}

fn first<'f>(fields: &'f Fields, key: &str) -> Option<&'f str> {
    fields.get(key)?.first().map(String::as_str)
}

/// `Metadata.from_raw`.
fn packagings(fields: &Fields) -> Errors {
    let mut errors = Errors::new();
    let own = first(fields, "metadata_version");
    let age = own.and_then(|own| VERSIONS.iter().position(|known| *known == own));
    if age.is_none() {
        let shown = own.map_or("None".to_owned(), repr);
        errors.push(("metadata-version", format!("{shown} is not a valid metadata version")));
    }
    match first(fields, "version") {
        None => errors.push(("version", "'version' is a required field".to_owned())),
        Some(version) if Version::from_str(version).is_err() => {
            errors.push(("version", format!("{} is invalid for 'version'", repr(version))));
        }
        Some(_) => {}
    }
    for Field(key, field, since, _) in FIELDS.iter().filter(|field| fields.contains_key(field.0)) {
        if age.is_some_and(|age| *since > age) {
            let own = own.unwrap_or_default();
            errors.push((field, format!("{field} introduced in metadata version {}, not {own}", VERSIONS[*since])));
            continue;
        }
        let values = fields.get(*key).into_iter().flatten();
        errors.extend(values.filter_map(|value| Some((*field, wrong(field, value)?))));
    }
    errors
}

/// What `packaging` finds wrong with one value.
fn wrong(field: &str, value: &str) -> Option<String> {
    let invalid = || format!("{} is invalid for '{field}'", repr(value));
    match field {
        "summary" => value.contains(['\n', '\r']).then(|| "'summary' must be a single line".to_owned()),
        "description-content-type" => content_type(value),
        "provides-extra" => (!ProjectName::is_valid(value)).then(invalid),
        "requires-python" => VersionSpecifiers::from_str(value).is_err().then(invalid),
        "requires-dist" => (!is_requirement(value)).then(invalid),
        "license-expression" => spdx::Expression::parse(value).is_err().then(invalid),
        "license-file" => license_file(value).then(invalid),
        "dynamic" => {
            let field = value.to_lowercase();
            let own = ["name", "version", "metadata-version"].contains(&field.as_str());
            if own {
                return Some(format!("'{field}' is not allowed as a dynamic field"));
            }
            let known = FIELDS.iter().any(|known| known.1 == field);
            (!known).then(|| format!("'{field}' is not a valid dynamic field"))
        }
        _ => None,
    }
}

fn content_type(value: &str) -> Option<String> {
    let mut parts = value.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_lowercase();
    if !["text/plain", "text/x-rst", "text/markdown"].contains(&kind.as_str()) {
        let known = "['text/plain', 'text/x-rst', 'text/markdown']";
        return Some(format!("'description-content-type' must be one of {known}, not {}", repr(value)));
    }
    parts.filter_map(|part| part.split_once('=')).find_map(|(key, value)| match key.trim() {
        "charset" if !value.eq_ignore_ascii_case("utf-8") => {
            Some(format!("'description-content-type' can only specify the UTF-8 charset, not {}", repr(value)))
        }
        "variant" if kind == "text/markdown" && !["GFM", "CommonMark"].contains(&value) => {
            let known = "['GFM', 'CommonMark']";
            Some(format!("valid Markdown variants for 'description-content-type' are {known}, not {}", repr(value)))
        }
        _ => None,
    })
}

/// A name, and whatever follows it as long as it is no letter.
fn is_requirement(text: &str) -> bool {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    ProjectName::is_valid(&text[..end])
}

fn license_file(path: &str) -> bool {
    path.starts_with('/') || path.contains(['*', '\\']) || path.split('/').any(|part| part == "..")
}

/// PyPI's own (`_validate_metadata`).
fn pypis(fields: &Fields) -> Errors {
    let mut errors = Errors::new();
    let all = |key: &str| fields.get(key).into_iter().flatten().map(String::as_str);
    if let Some(version) = first(fields, "version").filter(|version| version.contains('+')) {
        errors.push(("version", format!("The use of local versions in '{version}' is not allowed.")));
    }
    if first(fields, "summary").is_some_and(|summary| summary.chars().count() > 512) {
        errors.push(("summary", "'summary' field must be 512 characters or less.".to_owned()));
    }
    for (key, field) in [("author_email", "author-email"), ("maintainer_email", "maintainer-email")] {
        errors.extend(all(key).filter_map(|value| Some((field, mail(value)?))));
    }
    errors.extend(all("classifiers").filter_map(|value| Some(("classifier", classifier(value)?))));
    for (key, field) in [("home_page", "home-page"), ("download_url", "download-url")] {
        let wrong = all(key).filter(|value| !is_url(value));
        errors.extend(wrong.map(|value| (field, format!("{} is not a valid url.", repr(value)))));
    }
    errors.extend(all("project_urls").filter_map(|value| Some(("project-url", project_url(value)?))));
    for (key, field) in
        [("requires_dist", "requires-dist"), ("provides_dist", "provides-dist"), ("obsoletes_dist", "obsoletes-dist")]
    {
        let direct = all(key).filter(|value| value.split(';').next().is_some_and(|head| head.contains('@')));
        errors.extend(direct.map(|value| (field, format!("Can't have direct dependency: {value}"))));
    }
    if fields.contains_key("license") && fields.contains_key("license_expression") {
        let error =
            "License is deprecated when License-Expression is present. Only License-Expression should be present.";
        errors.push(("license", error.to_owned()));
    }
    errors
}

/// The first address only (`email.utils.parseaddr`).
fn mail(value: &str) -> Option<String> {
    let first = value.split(',').next().unwrap_or_default();
    let address = first.rsplit_once('<').map_or(first, |(_, rest)| rest.trim_end().trim_end_matches('>')).trim();
    let wrong = !address.is_empty() && Address::from_str(address).is_err();
    wrong.then(|| {
        format!("{} is not a valid email address: it must have exactly one @-sign and a domain.", repr(address))
    })
}

fn classifier(value: &str) -> Option<String> {
    match Classifier::of(value) {
        Classifier::Known => None,
        Classifier::Unknown => Some(format!("{} is not a valid classifier.", repr(value))),
        Classifier::Deprecated => Some(format!("The classifier {} has been deprecated.", repr(value))),
    }
}

fn is_url(value: &str) -> bool {
    Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) && !value.contains(' ')
}

fn project_url(value: &str) -> Option<String> {
    let (label, url) = value.split_once(',').map_or((value.trim(), ""), |(label, url)| (label.trim(), url.trim()));
    if label.is_empty() {
        return Some("Must have a label".to_owned());
    }
    if label.chars().count() > 32 {
        return Some(format!("{} must be 32 characters or less.", repr(label)));
    }
    if url.is_empty() {
        return Some("Must have a URL".to_owned());
    }
    (!is_url(url)).then(|| format!("{} is not a valid url", repr(url)))
}

/// Why the description cannot be rendered. Of reStructuredText, which PyPI renders, only what surely fails is found: literals
/// that do not end, and titles longer than their lines.
pub(super) fn unrendered(fields: &Fields) -> Option<String> {
    let description = first(fields, "description")?;
    let typed = first(fields, "description_content_type");
    if typed.is_some_and(|kind| !kind.starts_with("text/x-rst")) {
        return None;
    }
    let lines: Vec<&str> = description.lines().collect();
    let short =
        lines.windows(2).any(|pair| is_underline(pair[1]) && pair[1].trim_end().len() < pair[0].trim_end().len());
    let open = description.matches("``").count() % 2 == 1;
    let message = match typed {
        Some(kind) => format!("The description failed to render for '{kind}'."),
        None => "The description failed to render in the default format of reStructuredText.".to_owned(),
    };
    (short || open).then_some(message)
}

fn is_underline(line: &str) -> bool {
    let line = line.trim_end();
    line.len() >= 3
        && ["=", "-", "~", "^", "#"].iter().any(|mark| line.trim_matches(mark.chars().next().unwrap_or('=')).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &[(&str, &str)] = &[("metadata_version", "2.4"), ("name", "Acme"), ("version", "0.0.1")];

    fn said(more: &[(&str, &str)]) -> String {
        let mut values: Vec<(&str, &str)> = GOOD.to_vec();
        values.retain(|(key, _)| !more.iter().any(|(changed, _)| changed == key));
        values.extend(more);
        read(&Form::of(&values, None))
            .map_or_else(|said| said.detail, |metadata| format!("{} {}", metadata.name, metadata.version))
    }

    #[test]
    fn each_field_is_refused_in_the_words_of_whoever_finds_it() {
        assert_eq!(said(&[("version", "0.0.01")]), "acme 0.0.1");
        let core = "See https://packaging.python.org/specifications/core-metadata for more information.";
        for (key, value, words) in [
            ("metadata_version", "9.9", "'9.9' is not a valid metadata version."),
            ("metadata_version", "2.6", "'2.6' is not a valid metadata version."),
            ("metadata_version", "", "None is not a valid metadata version."),
            ("version", "one", "'one' is invalid for 'version'."),
            ("version", "", "'version' is a required field."),
            ("summary", "a\nb", "'summary' must be a single line."),
            ("author_email", "Acme <nobody>", "'nobody' is not a valid email address"),
            ("classifiers", "Private :: Do Not Upload", "'Private :: Do Not Upload' is not a valid classifier."),
            ("home_page", "ftp://a.example", "'ftp://a.example' is not a valid url."),
            ("project_urls", "https://a.example", "Must have a URL."),
            (
                "project_urls",
                "A label that is longer than it may be, https://a.example",
                "'A label that is longer than it may be' must be 32 characters or less.",
            ),
            (
                "requires_dist",
                "x @ https://a.example/x.whl",
                "Can't have direct dependency: x @ https://a.example/x.whl.",
            ),
            ("requires_python", "three", "'three' is invalid for 'requires-python'."),
            ("description_content_type", "text/html", "'description-content-type' must be one of"),
            ("dynamic", "Name", "'name' is not allowed as a dynamic field."),
            ("license_file", "../LICENSE", "'../LICENSE' is invalid for 'license-file'."),
            ("import_name", "acme", "import-name introduced in metadata version 2.5, not 2.4."),
        ] {
            let said = said(&[(key, value)]);
            assert!(said.starts_with(words) && said.ends_with(core), "{key} {value}: {said}");
        }
        let local = said(&[("version", "1.0+acme")]);
        assert!(
            local.starts_with("The use of local versions in '1.0+acme' is not allowed. See")
                && local.contains("#local-version")
        );
        assert_eq!(said(&[("summary", "a"), ("summary", "b")]), format!("'summary' has invalid data. {core}"));
        let both = said(&[("license", "MIT"), ("license_expression", "MIT")]);
        assert!(both.starts_with("License is deprecated"), "{both}");
        assert!(said(&[("version", "x"), ("metadata_version", "0")]).starts_with("'0' is not"), "in PyPI's order");
        assert_eq!(said(&[("import_names", "acme")]), "acme 0.0.1", "unknown keys are ignored");
    }

    #[test]
    fn markdown_is_always_rendered_and_crude_faults_of_the_other_are_found() {
        let unrendered = |kind: Option<&str>, text: &str| {
            let mut fields = Fields::from([("description".to_owned(), vec![text.to_owned()])]);
            fields.extend(kind.map(|kind| ("description_content_type".to_owned(), vec![kind.to_owned()])));
            unrendered(&fields)
        };
        assert_eq!(unrendered(Some("text/markdown"), "``"), None);
        assert_eq!(unrendered(None, "Title\n=====\n"), None);
        assert!(unrendered(None, "Title\n===\n").expect("short").contains("default format"));
        assert!(unrendered(Some("text/x-rst"), "``open").expect("open").contains("'text/x-rst'"));
    }
}
