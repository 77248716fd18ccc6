//! What stands above the titles of a table: its name, or when it was made. And which row has the titles.

use super::line::{is_comment, is_line_end};
use super::requirement::requirement;
use crate::model::ProjectName;

/// Titles under which names stand.
pub const NAME_TITLES: [&str; 8] =
    ["name", "package", "project", "package name", "package_name", "project name", "project_name", "distribution"];

const SEPARATORS: [char; 4] = ['|', '\t', ';', ','];
/// More lines than these are no caption.
const MOST: usize = 5;

/// Length of the captions above a row of titles, bytes; nothing where no such row follows, or where one may be a name.
pub(super) fn captions(text: &str) -> usize {
    let (mut length, mut captions) = (0, 0);
    for line in text.split_inclusive(is_line_end).take(4 * MOST) {
        let bare = line.trim_matches(|c: char| c.is_whitespace() || c == '"' || SEPARATORS.contains(&c));
        if is_header(line) {
            return if captions > 0 { length } else { 0 };
        }
        if !(bare.is_empty() || is_comment(line)) {
            captions += 1;
            if captions > MOST || !is_caption(bare) {
                return 0;
            }
        }
        length += line.len();
    }
    0
}

/// Several cells, with a title for names.
fn is_header(line: &str) -> bool {
    SEPARATORS.into_iter().any(|separator| {
        let mut titles = line.split(separator).map(|cell| cell.trim().trim_matches('"').to_lowercase());
        line.contains(separator) && titles.any(|title| NAME_TITLES.contains(&title.as_str()))
    })
}

/// Several words, none of which looks like the name of a project.
fn is_caption(text: &str) -> bool {
    let is_prose = |word: &str| {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
        !(ProjectName::is_valid(word) && word.contains(['-', '_', '.']) && word.contains(char::is_alphabetic))
    };
    let has_no_cells = !text.contains(['\t', ';', '|']);
    has_no_cells && text.contains(' ') && requirement(text).is_none() && text.split_whitespace().all(is_prose)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_end_at_the_titles() {
        for text in
            ["Our packages\n\n", "Our packages,,\n,,\n", "\"Our packages, 2026\"\n# x\nMade 2026-11-01 by pay\n"]
        {
            assert_eq!(captions(&format!("{text}name,owner\na,b\n")), text.len(), "{text}");
        }
    }

    #[test]
    fn what_may_be_a_name_is_no_caption() {
        for text in [
            "acme\n",
            "acme 1.0\n",
            "acme-billing (ours)\n",
            "a b\nacme-billing\n",
            "a|b c\n",
            "acme==1.0\n",
            "",
            "# x\n",
        ] {
            assert_eq!(captions(&format!("{text}name,owner\na,b\n")), 0, "{text}");
        }
        assert_eq!(captions("Our packages\nname\na\n"), 0);
    }
}
