//! What of a README PyPI would show otherwise than it is meant, or not at all.

use html5gum::{Token, Tokenizer};
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::config::source::Fault;

/// The elements that PyPI shows (`readme_renderer/clean.py`); of others only the text is left, or nothing.
const SHOWN: [&str; 52] = [
    "a",
    "abbr",
    "acronym",
    "aside",
    "b",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "input",
    "kbd",
    "li",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "section",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
];

/// Each fault with its line, from 0.
pub(super) fn faults(text: &str) -> Vec<(usize, Fault)> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(text, options).into_offset_iter();
    let line = |at: usize| text[..at].matches('\n').count();
    events.filter_map(|(event, range)| Some((line(range.start), fault(&event)?))).collect()
}

fn fault(event: &Event<'_>) -> Option<Fault> {
    match event {
        Event::Html(html) | Event::InlineHtml(html) => hidden(html),
        Event::Start(Tag::Link { dest_url, .. }) => dead(dest_url, &["https://", "http://", "mailto:", "#"]),
        Event::Start(Tag::Image { dest_url, .. }) => dead(dest_url, &["https://"]),
        _ => None,
    }
}

/// HTML that is taken out.
fn hidden(html: &str) -> Option<Fault> {
    let tags = Tokenizer::new(html).filter_map(|token| match token {
        Ok(Token::StartTag(tag)) => Some(String::from_utf8_lossy(&tag.name).into_owned()),
        _ => None,
    });
    let tag = tags.into_iter().find(|tag| tag != "var" && !SHOWN.contains(&tag.as_str()))?;
    let what = format!("has the HTML element <{tag}>, which PyPI does not show");
    Some(Fault::new(what, "write Markdown; as text, put it between backticks"))
}

/// An e-mail address between angle brackets is no address of a page, and links without a scheme lead nowhere.
fn dead(address: &str, schemes: &[&str]) -> Option<Fault> {
    let is_mail = !address.contains(':') && address.contains('@');
    if is_mail || schemes.iter().any(|scheme| address.starts_with(scheme)) {
        return None;
    }
    let what = format!("links to {address:?}, which leads nowhere from PyPI's page");
    Some(Fault::new(what, "write the whole address, https://…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_be_shown_is_found_with_its_line() {
        for (text, line) in [
            ("# A\n\n<script>alert(1)</script>\n", 2),
            ("a <video src=\"x\"></video>\n", 0),
            ("# A\n\nsee [it](docs/x.md)\n", 2),
            ("![badge](http://acme.example/x.png)\n", 0),
            ("[run](javascript:alert(1))\n", 0),
        ] {
            let found: Vec<usize> = faults(text).into_iter().map(|(line, _)| line).collect();
            assert_eq!(found, [line], "{text}");
        }
    }

    #[test]
    fn ordinary_markdown_is_fine() {
        let text = "# A\n\n<a@acme.example>, <https://acme.example>, [x](#a) & `<script>`\n\n    <video>\n\n<b>x</b>\n\
                    \n| a | b |\n|---|---|\n| ~~1~~ | <br> |\n\n```html\n<video>\n```\n";
        assert_eq!(faults(text), []);
    }
}
