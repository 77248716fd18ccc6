//! Lines, whatever stands in them: where they end, and which are no part of a list.

/// What ends a line for Python's `str.splitlines`, by which pip reads requirements.
pub(super) fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A line of a comment, and no row of titles whose first is `#`, as tables with numbered rows have it.
pub(super) fn is_comment(line: &str) -> bool {
    line.trim_start().strip_prefix('#').is_some_and(|rest| !rest.starts_with([',', ';', '\t', '|']))
}

/// What pip, uv and mamba say around their output.
pub(super) fn is_chatter(line: &str) -> bool {
    let line = line.trim();
    ["WARNING:", "DEPRECATION:", "[notice]", "Using Python ", "List of packages in environment:"]
        .iter()
        .any(|start| line.starts_with(start))
}
