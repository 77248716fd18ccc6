//! The small parts of pages. Each writes its own markup and escapes what it is given; words of strangers are made visible
//! first (`hostile`), since escaping keeps no text from turning the reading direction.

use askama::Template;
use askama::filters::HtmlSafe;
use serde::Serialize;

use crate::messages::hostile::shown;
use crate::messages::marks::{Piece, partitions};
use crate::messages::phrase::{clock, span};
use crate::model::Time;
use crate::reports::board::Picture;

/// Letters of a name or a word.
const NAME: usize = 220;
/// Letters of a text.
const TEXT: usize = 600;

/// A stranger's name, harmless and on one line.
pub(in crate::api::web) fn plain(text: &str) -> String {
    shown(text, NAME)
}

pub(in crate::api::web) fn plain_to(text: &str, cap: usize) -> String {
    shown(text, cap)
}

/// Letters of a word that is not broken over lines; what a stranger makes longer is.
pub(super) const SHORT: usize = 20;

pub(super) fn is_short(text: &str) -> bool {
    text.chars().count() <= SHORT
}

/// A time, as people think of it, and as it is.
#[derive(Clone, Debug, Template)]
#[template(path = "when.html")]
pub(in crate::api::web) struct When {
    iso: String,
    clock: String,
    ago: String,
}

impl HtmlSafe for When {}

impl When {
    pub(in crate::api::web) fn new(at: Time, now: Time) -> Self {
        let ago = if at > now { format!("in {}", span(now, at)) } else { format!("{} ago", span(at, now)) };
        Self { iso: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), clock: clock(at), ago }
    }
}

/// A text of ours in which names and commands are code.
#[derive(Clone, Debug, Template)]
#[template(
    ext = "html",
    source = "{% for piece in pieces %}{% if piece.code %}<code>{{ piece.text }}</code>{% else %}{{ piece.text }}{% endif %}{% endfor %}"
)]
pub(in crate::api::web) struct Marked {
    pieces: Vec<Piece>,
}

impl HtmlSafe for Marked {}

impl Marked {
    pub(in crate::api::web) fn new(text: &str) -> Self {
        Self { pieces: partitions(&crate::messages::hostile::visible(text, TEXT)) }
    }

    pub(super) fn of(pieces: Vec<Piece>) -> Self {
        Self { pieces }
    }
}

/// A word of a closed set, on a ground of its own.
#[derive(Clone, Debug, Template)]
#[template(ext = "html", source = r#"<span class="badge b-{{ word }}">{{ said }}</span>"#)]
pub(in crate::api::web) struct Badge {
    word: String,
    said: String,
}

impl HtmlSafe for Badge {}

impl Badge {
    pub(in crate::api::web) fn new(of: impl Serialize) -> Self {
        Self::text(&word(of))
    }

    pub(super) fn text(word: &str) -> Self {
        Self { said: word.replace('-', " "), word: word.to_owned() }
    }
}

/// The word of a closed set, as JSON has it.
pub(super) fn word(of: impl Serialize) -> String {
    let value = serde_json::to_value(of).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// One line of a list to choose from.
#[derive(Clone, Debug, Template)]
#[template(path = "option.html")]
pub(super) struct Choice {
    value: String,
    word: String,
    chosen: bool,
}

impl HtmlSafe for Choice {}

/// A list to choose from: (value, word).
pub(super) fn choices<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Choice> {
    let choice =
        |(value, word): (&str, &str)| Choice { value: value.to_owned(), word: plain(word), chosen: value == chosen };
    all.into_iter().map(choice).collect()
}

/// A chart, for a telephone and for a desk, what its colours mean, and the same in words.
#[derive(Clone, Debug, Template)]
#[template(path = "picture.html")]
pub(super) struct Drawn {
    narrow: String,
    broad: String,
    legend: Vec<Entry>,
    text: String,
}

/// A colour of a chart, and its word.
#[derive(Clone, Debug)]
struct Entry {
    swatch: Swatch,
    word: String,
}

/// The colour of a chart, beside its word.
#[derive(Clone, Debug, Template)]
#[template(
    ext = "html",
    source = r#"<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><rect x="0.5" y="0.5" width="11" height="11" fill="{{ colour }}" stroke="currentColor"/></svg>"#
)]
pub(super) struct Swatch {
    pub(super) colour: String,
}

impl HtmlSafe for Swatch {}

impl HtmlSafe for Drawn {}

impl From<Picture> for Drawn {
    fn from(Picture { narrow, broad, legend, text }: Picture) -> Self {
        let legend = legend.into_iter().map(|(word, colour)| Entry { swatch: Swatch { colour }, word }).collect();
        Self { narrow, broad, legend, text }
    }
}

/// A line of what is known.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) value: Marked,
}

impl Fact {
    pub(super) fn new(label: &'static str, value: &str) -> Self {
        Self { label, value: Marked::new(value) }
    }
}

/// An address with its query, of those that say something.
pub(super) fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(query.iter().filter(|(_, value)| !value.is_empty()));
    let query = pairs.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// One part of a path, whatever is in it.
pub(super) fn segment(text: &str) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string().replace("%2D", "-").replace("%2E", ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_wrote_is_visible_and_no_markup() {
        let marked = Marked::new("`a<b>` is \u{202e}<script>alert(1)</script>").to_string();
        assert_eq!(marked, r"<code>a&#60;b&#62;</code> is \u{202e}&#60;script&#62;alert(1)&#60;/script&#62;");
        let choice = choices([("a\"b", "<i>")], "a\"b")[0].to_string();
        assert_eq!(choice, "<option value=\"a&#34;b\" selected>&#60;i&#62;</option>");
        assert_eq!(segment("a/b?c#|é"), "a%2Fb%3Fc%23%7C%C3%A9");
        assert_eq!(segment("nw-417"), "nw-417");
        assert_eq!(address("/findings", &[("a", ""), ("b", "x&y=1")]), "/findings?b=x%26y%3D1");
    }

    #[test]
    fn a_time_says_when_to_people_and_to_programs() {
        let at: Time = "2026-11-20T12:00:00Z".parse().expect("a time");
        let said = When::new(at, at + chrono::TimeDelta::minutes(5)).to_string();
        assert_eq!(said, "<time datetime=\"2026-11-20T12:00:00Z\" title=\"2026-11-20 12:00:00 UTC\">5 min ago</time>");
        assert!(When::new(at, at - chrono::TimeDelta::hours(3)).to_string().contains(">in 3 h<"));
        assert_eq!(Badge::text("pre-existing").to_string(), "<span class=\"badge b-pre-existing\">pre existing</span>");
    }
}
