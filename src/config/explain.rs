//! What is wrong with a TOML value, in words that say what to write.

use super::fault::Fault;

/// Puts serde's and the parser's words into ours. Never repeats a string from the file: it may be a credential.
pub(super) fn explain(message: &str) -> Fault {
    if let Some((what, instead)) = message.split_once("; ") {
        return Fault::new(what, instead);
    }
    let words = quoted(message);
    let (given, known) = words.split_first().unwrap_or((&"", &[]));
    if message.starts_with("unknown field") {
        return unknown_key(given, known);
    }
    if message.starts_with("unknown variant") {
        return Fault::new(format!("{given:?} is not known here"), choose(given, known));
    }
    if message.starts_with("missing field") {
        return Fault::new(format!("the key {given} is missing"), format!("add {given} = \"…\""));
    }
    match message.split_once(", expected ") {
        // A number by its first letter, as an address that was not quoted.
        Some((found, "nothing")) if found.starts_with("invalid ") => {
            Fault::new("not TOML: it is no number", "write text in \"quotes\", and a number or a date without")
        }
        Some((found, expected)) if found.starts_with("invalid ") => Fault::new(found_type(found), write(expected)),
        Some((found, "literal string")) => Fault::new(format!("not TOML: {found}"), "write it in \"quotes\""),
        Some((found, expected)) => Fault::new(format!("not TOML: {found}"), format!("write {expected} here")),
        None if is_twice(message) => Fault::new("given twice", "keep one of them"),
        None if message.starts_with("wanted string") => {
            Fault::new("it is no text", "write one of its words in \"quotes\"")
        }
        None => Fault::new(format!("not TOML: {message}"), "see toml.io for the syntax; text stands in \"quotes\""),
    }
}

/// The same where the parser points between two characters: at a comment, or at the end of the line.
pub(super) fn valueless(message: &str) -> Fault {
    match message {
        "string values must be quoted, expected literal string" => {
            Fault::new("no value stands behind the key", "write one, or take the line out")
        }
        message => explain(message),
    }
}

pub(super) fn is_twice(message: &str) -> bool {
    message.starts_with("duplicate key")
}

/// `invalid type: integer ..., expected a string` without the value: "is integer".
fn found_type(found: &str) -> String {
    let kind = found.split_once(": ").map_or(found, |(_, kind)| kind);
    let kind = kind.split(['`', '"']).next().unwrap_or(kind).trim();
    let kind = if kind == "floating point" { "number with a point" } else { kind };
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("it is {article} {kind}")
}

fn write(expected: &str) -> String {
    match expected {
        "a string" => "write text in \"quotes\"".to_owned(),
        "a boolean" => "write true or false".to_owned(),
        "a sequence" => "write a list, [\"…\"]".to_owned(),
        "i64" => "write a whole number without quotes".to_owned(),
        "a TOML datetime" => "write a date without quotes, like 2019-03-01".to_owned(),
        other => format!("write {other}"),
    }
}

fn unknown_key(given: &str, known: &[&str]) -> Fault {
    let credential = format!("{given}_credential");
    if known.contains(&credential.as_str()) {
        return Fault::new(
            "a secret does not belong in this file",
            format!(
                "put it on one line into a file of mode 0600 in the credentials directory and name that file: \
                 {credential} = \"FILE\" (config/credentials.md); then change the secret, for it has been in the open"
            ),
        );
    }
    Fault::new(format!("unknown key {given:?}"), choose(given, known))
}

/// "did you mean", or the whole choice.
pub fn choose(given: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(given, known.iter().copied()) {
        return format!("did you mean {near:?}?");
    }
    match known {
        [] => "remove it".to_owned(),
        known => format!("known here: {}", known.join(", ")),
    }
}

/// The known word that a person most likely meant: up to two slips, or a like beginning; `None` when none is near.
pub fn nearest<'k>(given: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let given = given.to_lowercase();
    let likeness = |word: &str| strsim::jaro_winkler(&given, word);
    let slips = |word: &str| strsim::osa_distance(&given, word);
    known
        .filter(|word| likeness(word) > 0.8 || (slips(word) <= 2 && word.len() >= 4))
        .min_by(|a, b| slips(a).cmp(&slips(b)).then(likeness(b).total_cmp(&likeness(a))))
}

/// The words between backticks.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}
