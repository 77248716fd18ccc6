//! The plain form: mail text and terminal.

use crate::model::Tier;

use super::hostile::{line, link};
use super::layout::{ANSWER, Action, Answer, Card, DASHBOARD, Layout};
use super::marks::partitions;

/// What a reply, a ticket and a narrow terminal still show unbroken.
const WIDTH: usize = 72;
/// Width of the longest label, `Would pip take it`, and two spaces.
const LABEL: usize = 19;
/// A space at which no line breaks.
const UNBROKEN: &str = "\u{a0}";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    On,
    Off,
}

impl Colour {
    /// Wraps our own SGR code around text that can hold none.
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::On => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Self::Off => text.to_owned(),
        }
    }
}

/// The subject, for a terminal: the tier's colour shows how urgent it is.
pub(crate) fn title(layout: &Layout, colour: Colour) -> String {
    let code = match layout.tier {
        Tier::Page => "1;31",
        Tier::Alert => "1;33",
        Tier::Digest => "1",
    };
    colour.paint(code, &line(&layout.subject))
}

/// Everything below the subject.
pub(crate) fn plain(layout: &Layout, colour: Colour) -> String {
    let mut parts = vec![head(layout, colour)];
    parts.extend(layout.lead.iter().map(|text| wrap(text, 0)));
    parts.extend(layout.answer.as_ref().map(|answer| self::answer(answer, colour)));
    parts.extend(layout.dashboard.as_deref().and_then(link).map(|page| format!("{DASHBOARD}:\n    {page}")));
    let actions = layout.actions.iter().enumerate().map(|(at, action)| self::action(at + 1, action));
    parts.extend(block("What to do now", actions.collect(), colour));
    parts.extend(layout.cards.iter().map(|card| self::card(card, colour)));
    let more = layout.more.iter().map(|text| format!("  {}", wrap(text, 4)));
    parts.extend(block("Also", more.collect(), colour));
    let closing: Vec<String> = layout.closing.iter().map(|text| wrap(text, 0)).collect();
    parts.push(format!("-- \n{}", closing.join("\n")));
    parts.join("\n\n") + "\n"
}

/// The verdict stands out by the empty lines around it.
fn head(layout: &Layout, colour: Colour) -> String {
    let (kicker, verdict, about) = (wrap(&layout.kicker, 0), wrap(&layout.verdict, 4), wrap(&layout.about, 4));
    format!("{kicker}\n\n    {}\n    {about}", colour.paint("1", &verdict))
}

fn answer(answer: &Answer, colour: Colour) -> String {
    let link = answer.link.as_ref().map(|link| format!("\n  {ANSWER}:\n    {}", link.expose())).unwrap_or_default();
    format!("{}\n    {}\n  {}{link}", colour.paint("1", answer.title), line(&answer.command), wrap(&answer.text, 2))
}

fn block(title: &str, lines: Vec<String>, colour: Colour) -> Option<String> {
    (!lines.is_empty()).then(|| format!("{}\n{}", colour.paint("1", title), lines.join("\n")))
}

fn card(card: &Card, colour: Colour) -> String {
    let mut lines = vec![colour.paint("1", &wrap(&card.title, 0))];
    for row in &card.rows {
        let label = format!("{:<width$}", row.label, width = LABEL);
        lines.push(format!("  {}{}", colour.paint("2", &label), wrap(&row.value, LABEL + 2)));
    }
    if let Some(address) = &card.address {
        lines.push(format!("  {}{}", colour.paint("2", &format!("{:<LABEL$}", "Page")), line(address)));
    }
    if let Some(page) = card.dashboard.as_deref().and_then(link) {
        lines.push(format!("  {}{page}", colour.paint("2", &format!("{:<LABEL$}", "Dashboard"))));
    }
    if let Some(link) = &card.link {
        lines.push(format!("  {ANSWER}:\n    {}", link.expose()));
    }
    lines.join("\n")
}

fn action(number: usize, action: &Action) -> String {
    let text = format!("  {number}. {}", wrap(&action.text, 5));
    match &action.command {
        Some(command) => format!("{text}\n       {}", line(command)),
        None => text,
    }
}

/// Breaks at spaces so that lines fit `WIDTH`; the first line is taken to start at column `indent`, the others are
/// indented so far. A longer word stays whole, and so does a short command: it can be copied, and found by a search.
pub fn wrap(text: &str, indent: usize) -> String {
    let text = unbroken(&line(text));
    let mut out = String::new();
    let mut column = indent;
    for word in text.split(' ') {
        let width = word.chars().count();
        if column > indent && column + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out.replace(UNBROKEN, " ")
}

/// Without marks, and with `UNBROKEN` for the spaces of short code. `line` left no such character of a stranger's.
fn unbroken(text: &str) -> String {
    let partitions =
        partitions(text).into_iter().map(|piece| match piece.code && piece.text.chars().count() <= WIDTH / 2 {
            true => piece.text.replace(' ', UNBROKEN),
            false => piece.text,
        });
    partitions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_at_spaces_and_long_words_stay_whole() {
        let text = wrap(&"word ".repeat(40), 4);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with("    word")), "{text}");
        assert_eq!(wrap(&"x".repeat(200), 0).lines().count(), 1);
        let command = "namewarden findings suppress nw-417";
        let text = wrap(&format!("{} `{command}`.", "word ".repeat(9)), 4);
        assert!(text.lines().any(|line| line.trim() == format!("{command}.")), "{text}");
    }
}
