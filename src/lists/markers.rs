//! Is this an environment marker (PEP 508)? Its words are a closed set, so that `acme;pay@acme.example`, a row of a table
//! without titles, is not taken for a requirement.

/// The variables, those of setuptools' old spelling among them, and the words between.
const WORDS: [&str; 25] = [
    "and",
    "or",
    "not",
    "in",
    "python_version",
    "python_full_version",
    "os_name",
    "sys_platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform_machine",
    "platform_python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
    "extras",
    "dependency_groups",
    "os.name",
    "sys.platform",
    "platform.version",
    "platform.machine",
    "platform.python_implementation",
    "python_implementation",
    "platform_node",
];

/// Words, comparisons, brackets and quoted texts, at least one of each comparison's sides.
pub(super) fn is_marker(text: &str) -> bool {
    let (mut rest, mut texts, mut words) = (text.trim(), 0, 0);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => match rest[1..].find(first) {
                Some(end) => end + 2,
                None => return false,
            },
            '(' | ')' | '<' | '>' | '=' | '!' | '~' => 1,
            c if c.is_whitespace() => c.len_utf8(),
            _ => rest.find(|c: char| !(c.is_ascii_alphanumeric() || "._".contains(c))).unwrap_or(rest.len()),
        };
        let token = &rest[..length];
        texts += usize::from(matches!(first, '\'' | '"'));
        words += usize::from(WORDS.contains(&token));
        if length == 0 || (first.is_ascii_alphanumeric() && !WORDS.contains(&token)) {
            return false;
        }
        rest = &rest[length..];
    }
    texts > 0 && words > 0
}
