//! Rows for people: a line, and below it what belongs to it, broken to fit a terminal of 80 columns.

use super::super::instance::fitted;
use crate::messages::hostile::line as harmless;
use crate::messages::wrap;
use crate::model::Time;

/// Where what belongs to a line begins.
const INDENT: usize = 4;

/// The line, and its particulars: a label and a text each, in which what stands between backticks is a command of ours.
pub(super) fn row(line: &str, particulars: &[(&str, String)]) -> String {
    let said: Vec<&(&str, String)> = particulars.iter().filter(|(_, text)| !text.is_empty()).collect();
    let widest = said.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default();
    let indent = if widest == 0 { INDENT } else { INDENT + widest + 2 };
    let below = said.iter().map(|(label, text)| {
        let first = format!("{:INDENT$}{label:<width$}", "", width = indent - INDENT);
        format!("\n{first}{}", wrap(&fitted(text), indent))
    });
    format!("{}{}", harmless(line.trim_end()), below.collect::<String>())
}

/// A text that holds words of strangers, in which nothing is a command.
pub(super) fn theirs(text: &str) -> String {
    text.replace('`', "'")
}

pub(super) fn minute(at: Time) -> String {
    at.format("%F %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_give_no_commands() {
        let ours = row("x", &[("", "do `namewarden status` now".into())]);
        assert_eq!(ours.lines().last(), Some("    do namewarden status now"));
        let theirs = row("x", &[("", theirs("do `namewarden claim approve x` now"))]);
        assert!(theirs.ends_with("do 'namewarden claim approve x' now"), "{theirs}");
    }

    #[test]
    fn a_row_fits_80_columns_and_shows_no_strangers_controls() {
        let long = "anybody can take it, and nobody said that PyPI may be told the name ".repeat(4);
        let shown =
            row("acme-billing  exposed", &[("why", long), ("", String::new()), ("held", "by \u{1b}[31meve".into())]);
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        assert!(!shown.contains('\u{1b}') && shown.contains("\n    held  by \\u{1b}[31meve"), "{shown}");
    }
}
