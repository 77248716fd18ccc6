//! Core metadata as the upload form repeats it: PyPI stores what the form says, not what the archive says.

use std::fmt;

/// A field: its header in `METADATA`, its key in the form (`warehouse` `forklift/metadata.py`, `_FORM_TO_RAW_MAPPING`),
/// the metadata version that brought it, and whether it may stand there more than once.
struct Field(&'static str, &'static str, &'static str, bool);

/// packaging.python.org, "Core metadata specifications"; fields that PyPI ignores are not in it.
const FIELDS: &[Field] = &[
    Field("metadata-version", "metadata_version", "1.0", false),
    Field("name", "name", "1.0", false),
    Field("version", "version", "1.0", false),
    Field("summary", "summary", "1.0", false),
    Field("description", "description", "1.0", false),
    Field("keywords", "keywords", "1.0", false),
    Field("home-page", "home_page", "1.0", false),
    Field("author", "author", "1.0", false),
    Field("author-email", "author_email", "1.0", false),
    Field("license", "license", "1.0", false),
    Field("platform", "platform", "1.0", true),
    Field("supported-platform", "supported_platform", "1.1", true),
    Field("classifier", "classifiers", "1.1", true),
    Field("download-url", "download_url", "1.1", false),
    Field("maintainer", "maintainer", "1.2", false),
    Field("maintainer-email", "maintainer_email", "1.2", false),
    Field("requires-dist", "requires_dist", "1.2", true),
    Field("requires-external", "requires_external", "1.2", true),
    Field("requires-python", "requires_python", "1.2", false),
    Field("project-url", "project_urls", "1.2", true),
    Field("provides-dist", "provides_dist", "1.2", true),
    Field("obsoletes-dist", "obsoletes_dist", "1.2", true),
    Field("description-content-type", "description_content_type", "2.1", false),
    Field("provides-extra", "provides_extra", "2.1", true),
    Field("dynamic", "dynamic", "2.2", true),
    Field("license-expression", "license_expression", "2.4", false),
    Field("license-file", "license_file", "2.4", true),
    Field("import-name", "import_name", "2.5", true),
    Field("import-namespace", "import_namespace", "2.5", true),
];

/// The versions that PyPI takes, oldest first (`SUPPORTED_METADATA_VERSIONS`).
pub(super) const VERSIONS: [&str; 8] = ["1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5"];

/// The fields of one distribution, in the order of its metadata file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoreMetadata {
    /// Keys of the form and values; none is empty.
    fields: Vec<(&'static str, String)>,
}

/// Why a text is no core metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    #[error("line {0} of the metadata is no field: write NAME: VALUE")]
    Line(usize),
    #[error("{0:?} is no field that PyPI knows; correct its spelling, or leave it out")]
    Unknown(String),
    #[error("{0} stands in the metadata more than once, and may stand there once")]
    Twice(&'static str),
    #[error("{0} is missing from the metadata, or empty")]
    Missing(&'static str),
}

impl CoreMetadata {
    /// Reads a `METADATA` or `PKG-INFO`: headers, an empty line, and the description.
    ///
    /// # Errors
    /// What is no field, or one that PyPI would not take there, is never skipped.
    pub fn parse(text: &str) -> Result<Self, MetadataError> {
        let text = text.replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut metadata = Self::default();
        for (number, header) in unfolded(head) {
            let (name, value) = header.split_once(':').ok_or(MetadataError::Line(number))?;
            metadata.add(name.trim(), value.trim())?;
        }
        if !body.trim().is_empty() {
            metadata.add("description", body)?;
        }
        match ["metadata_version", "name", "version"].into_iter().find(|key| metadata.get(key).is_none()) {
            Some(missing) => Err(MetadataError::Missing(missing)),
            None => Ok(metadata),
        }
    }

    fn add(&mut self, header: &str, value: &str) -> Result<(), MetadataError> {
        let wanted = header.to_ascii_lowercase();
        let field = FIELDS.iter().find(|field| field.0 == wanted);
        let Field(name, key, _, many) = field.ok_or_else(|| MetadataError::Unknown(header.to_owned()))?;
        if !many && self.get(key).is_some() {
            return Err(MetadataError::Twice(name));
        }
        // An empty field is none to PyPI.
        if !value.is_empty() {
            self.fields.push((key, value.to_owned()));
        }
        Ok(())
    }

    /// The first value under a key of the form.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.all(key).next()
    }

    pub fn all<'m>(&'m self, key: &str) -> impl Iterator<Item = &'m str> {
        self.fields.iter().filter(move |(known, _)| *known == key).map(|(_, value)| value.as_str())
    }

    /// Keys of the form and values, in the order of the file.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.fields.iter().map(|(key, value)| (*key, value.as_str()))
    }

    /// Fields that are younger than the version that the metadata says it has: (header, version that brought it).
    pub(super) fn too_new(&self) -> Vec<(&'static str, &'static str)> {
        let place = |version: &str| VERSIONS.iter().position(|known| *known == version);
        let Some(own) = self.get("metadata_version").and_then(place) else { return Vec::new() };
        let young = FIELDS.iter().filter(|field| self.get(field.1).is_some() && place(field.2) > Some(own));
        young.map(|field| (field.0, field.2)).collect()
    }
}

impl fmt::Display for CoreMetadata {
    /// Name and version.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.get("name").unwrap_or_default(), self.get("version").unwrap_or_default())
    }
}

/// Headers with their continuation lines (RFC 5322, 2.2.3), each with the number of its first line.
fn unfolded(head: &str) -> Vec<(usize, String)> {
    let mut headers: Vec<(usize, String)> = Vec::new();
    for (number, line) in (1..).zip(head.lines()) {
        match headers.last_mut() {
            Some((_, header)) if line.starts_with([' ', '\t']) => {
                header.push('\n');
                header.push_str(line.trim_start());
            }
            _ => headers.push((number, line.to_owned())),
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Metadata-Version: 2.4\nName: acme-billing\nVersion: 0.0.1\n";

    #[test]
    fn a_file_becomes_the_form_that_twine_sends() {
        let text = "Project-URL: Home, https://acme.example\nClassifier: A\nClassifier: B\nLicense-File: LICENSE\n\
                    Keywords: one,\n two\nHome-page:\n\n# Acme\n\nHello.\n";
        let metadata = CoreMetadata::parse(&format!("{HEAD}{text}")).expect("metadata");
        let fields: Vec<(&str, &str)> = metadata.fields().skip(3).collect();
        assert_eq!(
            fields,
            [
                ("project_urls", "Home, https://acme.example"),
                ("classifiers", "A"),
                ("classifiers", "B"),
                ("license_file", "LICENSE"),
                ("keywords", "one,\ntwo"),
                ("description", "# Acme\n\nHello.\n"),
            ]
        );
        assert_eq!(metadata.to_string(), "acme-billing 0.0.1");
    }

    #[test]
    fn what_pypi_would_not_take_is_named() {
        let error = |text: &str| CoreMetadata::parse(text).expect_err("wrong").to_string();
        assert_eq!(
            error(&format!("{HEAD}Licence: MIT\n")),
            "\"Licence\" is no field that PyPI knows; correct its spelling, or leave it out"
        );
        assert!(error(&format!("{HEAD}Name: other\n")).starts_with("name stands in the metadata more than once"));
        assert!(error(&format!("{HEAD}nothing\n")).starts_with("line 4 of the metadata is no field"));
        assert!(error("Metadata-Version: 2.4\nName: a\nVersion:\n").starts_with("version is missing"));
    }

    #[test]
    fn a_field_is_too_new_for_an_old_version() {
        let text = HEAD.replace("2.4", "2.1") + "License-Expression: MIT\nProvides-Extra: x\nDynamic: Summary\n";
        let metadata = CoreMetadata::parse(&text).expect("metadata");
        assert_eq!(metadata.too_new(), [("dynamic", "2.2"), ("license-expression", "2.4")]);
    }
}
