//! Tables whose lines are drawn, as rich, mamba and psql draw them: the same with bars and dashes, each in its place.

use std::borrow::Cow;

use super::line::is_line_end;

/// The text without what is drawn. What stands above a table may be a name, so it is none then.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let first = text.split(is_line_end).find(|line| !line.trim().is_empty()).unwrap_or_default();
    if !(is_edge(first) || is_titles(first)) {
        return Cow::Borrowed(text);
    }
    let plain = text.chars().map(|c| match c {
        '│' | '┃' | '║' => Cow::Borrowed("|  "),
        '\u{2500}'..='\u{257f}' => Cow::Borrowed("---"),
        other => Cow::Owned(other.to_string()),
    });
    Cow::Owned(plain.collect())
}

fn is_edge(line: &str) -> bool {
    line.trim_start().starts_with(['┌', '┏', '╭', '╔', '┍', '┎'])
}

/// Titles with lines between them; a tree begins with one.
fn is_titles(line: &str) -> bool {
    line.contains(['│', '┃', '║']) && !line.trim_start().starts_with(['│', '├', '└'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_bars_in_their_places() {
        let rich = "\n┏━━━━┳━━━┓\n┃ Name ┃ é ┃\n┡━━╇━━┩\n│ acme │ 1 │\n└────┴──┘\n";
        let plain = plain(rich);
        assert_eq!(plain.len(), rich.len());
        let lines: Vec<&str> = plain.lines().map(str::trim).collect();
        assert_eq!(lines[2], "|   Name |   é |");
        assert_eq!(lines[4], "|   acme |   1 |");
        assert!(lines[0].is_empty() && [1, 3, 5].iter().all(|&n| lines[n].bytes().all(|b| b == b'-')), "{lines:?}");
    }

    #[test]
    fn trees_and_lists_stay_as_they_are() {
        for text in ["acme-billing\n┏━┓\n┃ Name ┃\n", "acme==1\n├── six\n│   └── b\n", "acme\nb\n", "", "└── a │ b\n"]
        {
            assert_eq!(plain(text), text);
        }
        assert_eq!(plain(" name │ owner \n──────┼───\n a │ b \n").lines().next(), Some(" name |   owner "));
    }
}
