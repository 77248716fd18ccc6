//! What a text has to be as a whole.

use super::super::templates::Text;
use super::python;
use crate::config::source::Fault;

/// Longest summary (`warehouse/forklift/metadata.py`), characters.
const SUMMARY_MOST: usize = 512;
/// Longest text, bytes; ours have some thousands.
const TEXT_MOST: usize = 64 << 10;

pub(super) fn faults(kind: Text, text: &str) -> impl Iterator<Item = Fault> {
    let fault = match kind {
        _ if text.len() > TEXT_MOST => {
            Some((format!("has {} bytes when it is filled in", text.len()), "make it shorter than 64 KiB"))
        }
        _ if text.trim().is_empty() => {
            Some(("is empty when it is filled in".to_owned(), "write what the package does"))
        }
        Text::Summary => summary(text.trim()),
        Text::Module | Text::Command if python::statements(text).is_err() => Some((
            format!("is no Python: {}", python::statements(text).err().unwrap_or_default()),
            "close what is open; line numbers are those of the text as it is filled in",
        )),
        // One that does not raise lets a program go on without the code that it needs.
        Text::Module if !has_statement(text, "raise ") => Some((
            "never raises, so that programs would go on without their code".to_owned(),
            "end it with raise ImportError(…)",
        )),
        Text::Command if !has_statement(text, "def main(") => {
            Some(("has no main, which the command runs".to_owned(), "write def main(): … that returns the exit status"))
        }
        _ => None,
    };
    fault.map(|(what, instead)| Fault::new(what, instead)).into_iter()
}

fn summary(text: &str) -> Option<(String, &'static str)> {
    match text.chars().count() {
        _ if text.contains('\n') => Some(("is more than one line".to_owned(), "write one line")),
        many if many > SUMMARY_MOST => {
            Some((format!("has {many} characters, and PyPI takes {SUMMARY_MOST}"), "make it shorter"))
        }
        _ => None,
    }
}

/// At the beginning of a line: a function that is never called raises nothing, and a text that speaks of it does not either.
fn has_statement(text: &str, statement: &str) -> bool {
    python::statements(text).is_ok_and(|lines| lines.iter().any(|line| line.starts_with(statement)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_has_what_it_is_for() {
        let wrong = |kind, text: &str| faults(kind, text).next().is_some();
        assert!(wrong(Text::Summary, "two\nlines\n") && wrong(Text::Summary, &"ä".repeat(513)));
        assert!(!wrong(Text::Summary, &format!("{}\n", "ä".repeat(512))));
        assert!(wrong(Text::Readme, " \n") && !wrong(Text::Readme, "What it does\n"));
        assert!(wrong(Text::Module, "print(1)\n") && !wrong(Text::Module, "raise ImportError()\n"));
        assert!(wrong(Text::Module, "raise ImportError(\n") && wrong(Text::Command, "def main():\n    return (\n"));
        assert!(wrong(Text::Module, "\"\"\"\nraise ImportError()\n\"\"\"\n"));
        assert!(wrong(Text::Module, "def f():\n    raise ImportError()\n"));
        assert!(wrong(Text::Command, "print(1)\n") && !wrong(Text::Command, "def main():\n    return 0\n"));
        assert!(wrong(Text::License, &"x".repeat(TEXT_MOST + 1)));
    }
}
