//! What is said of a configuration with one section more.

use crate::config::ConfigError;
use crate::config::difference::tests::{HOOK, read};

const GOOD: &str = "contact = \"ops@acme.example\"\n[pypi]\nbase = \"https://pypi.acme.example\"\n[alert]\n\
                    default_owner = \"security\"\n[alert.email]\nhost = \"mail.acme.example\"\nfrom = \"watch@acme.example\"\n";

/// Of each fault the line, counted from where `more` begins, and the rest of what is said.
pub(super) fn said(more: &str) -> Vec<String> {
    let Err(ConfigError::Invalid { problems }) = read(&format!("{GOOD}{more}"), HOOK) else { return Vec::new() };
    let before = GOOD.lines().count();
    let one = |problem: &crate::config::source::Problem| {
        let text = problem.to_string();
        let (_, rest) = text.split_once(&format!(":{}: ", problem.place.column)).unwrap_or_default();
        format!("{} {rest}", problem.place.line - before)
    };
    problems.iter().map(one).collect()
}

/// Each with one fault, and a part of what is said of it: the line and the key, what is wrong, what to write.
pub(super) fn are_refused(cases: &[(&str, &str, &str, &str)]) {
    for (more, place, what, write) in cases {
        let said = said(more);
        let [one] = said.as_slice() else { panic!("{more}: {said:?}") };
        assert!(one.starts_with(&format!("{place}: ")), "{more}: {one}");
        let (told, remedy) = one.split_once("; ").unwrap_or((one, ""));
        assert!(told.contains(what) && remedy.contains(write), "{more}: {one}");
    }
}

const WEB: &str = "[web]\nlisten = \"127.0.0.1:8470\"\n";

pub(super) fn web(more: &str) -> String {
    format!("{WEB}{more}")
}
