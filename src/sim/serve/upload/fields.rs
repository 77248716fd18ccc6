//! The form's own checks (`forklift/forms.py`), in `warehouse`'s order, each with its words.

use super::answer::Said;
use super::form::Form;
use super::python::repr;
use crate::model::ProjectName;

/// Checks what stands in the form before anybody looks at whose project it is.
///
/// # Errors
/// The first error of the first field, `name` before others.
pub(super) fn check(form: &Form) -> Result<(), Said> {
    if form.get("protocol_version").unwrap_or("1") != "1" {
        return Err(Said::bad("Unknown protocol version."));
    }
    let single = [
        ("blake2_256_digest", digest(form, "blake2_256_digest", "BLAKE2")),
        ("filetype", filetype(form)),
        ("sha256_digest", digest(form, "sha256_digest", "SHA256")),
    ];
    if let Some(error) = name(form) {
        return Err(error);
    }
    if let Some((field, error)) = single.into_iter().find_map(|(field, error)| Some((field, error?))) {
        return Err(Said::bad(format!("Invalid value for {field}. Error: {error}")));
    }
    if let Some(error) = python(form) {
        return Err(Said::bad(format!("Invalid value for pyversion. Error: {error}")));
    }
    let digests = ["md5_digest", "sha256_digest", "blake2_256_digest"];
    if digests.iter().all(|digest| form.get(digest).is_none()) {
        return Err(Said::bad("Error: Include at least one message digest."));
    }
    Ok(())
}

fn name(form: &Form) -> Option<Said> {
    let name = form.get("name").unwrap_or_default();
    let error = match ProjectName::parse(name) {
        Ok(_) => return None,
        Err(_) if name.is_empty() => "This field is required.",
        Err(_) => "Start and end with a letter or numeral containing only ASCII numeric and '.', '_' and '-'.",
    };
    Some(Said::bad(format!(
        "{} is an invalid value for Name. Error: {error} See \
         https://packaging.python.org/specifications/core-metadata for more information.",
        repr(&shortened(name))
    )))
}

fn shortened(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= 60 {
        return name.to_owned();
    }
    let part = |letters: &[char]| letters.iter().collect::<String>();
    format!("{}...{}", part(&letters[..30]), part(&letters[letters.len() - 30..]))
}

fn digest(form: &Form, key: &str, called: &str) -> Option<String> {
    let digest = form.get(key)?;
    let hex = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    (!hex).then(|| format!("Use a valid, hex-encoded, {called} message digest."))
}

fn filetype(form: &Form) -> Option<String> {
    match form.get("filetype") {
        Some("sdist" | "bdist_wheel") => None,
        Some(_) => Some("Use a known file type.".to_owned()),
        None => Some("This field is required.".to_owned()),
    }
}

fn python(form: &Form) -> Option<&'static str> {
    match (form.get("filetype"), form.get("pyversion")) {
        (Some("sdist"), Some(python)) if python != "source" => Some("Use 'source' as Python version for an sdist."),
        (Some("bdist_wheel"), None) => Some("Python version is required for binary distribution uploads."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(changes: &[(&'static str, &'static str)]) -> String {
        let digest = "ab".repeat(32);
        let mut values = vec![("name", "acme"), ("filetype", "sdist"), ("sha256_digest", digest.as_str())];
        values.extend(changes);
        check(&Form::of(&values, None)).map_or_else(|said| said.detail, |()| String::new())
    }

    #[test]
    fn each_field_is_refused_in_warehouses_words() {
        assert_eq!(said(&[]), "");
        for (change, words) in [
            (("protocol_version", "2"), "Unknown protocol version."),
            (("name", "a b"), "'a b' is an invalid value for Name. Error: Start and end with"),
            (("name", ""), "'' is an invalid value for Name. Error: This field is required."),
            (("filetype", "bdist_egg"), "Invalid value for filetype. Error: Use a known file type."),
            (("filetype", "bdist_wheel"), "Invalid value for pyversion. Error: Python version is required"),
            (("pyversion", "py3"), "Invalid value for pyversion. Error: Use 'source'"),
            (("sha256_digest", "q1w2"), "Invalid value for sha256_digest. Error: Use a valid, hex-encoded, SHA256"),
            (("sha256_digest", ""), "Error: Include at least one message digest."),
            (("sha256_digest", "UNKNOWN"), "Error: Include at least one message digest."),
        ] {
            let said = said(&[change]);
            assert!(said.starts_with(words), "{change:?}: {said}");
        }
    }
}
