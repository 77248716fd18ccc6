//! From an HTTP answer to an `UploadReply`: pure, and for any bytes.
//!
//! PyPI says what it has to say three times: in the reason phrase, which HTTP/2 has not, in the body, in the form that
//! `Accept` asked for (Pyramid `httpexceptions.py`), and by its status. The field `code` of the JSON is the surest;
//! then come the title of an HTML page, plain text, and the reason phrase. What is none of these is not guessed at.

use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::pattern::Pattern;
use super::rate;
use super::refused::{KNOWN_BY, Refused};
use super::reply::{Answered, UploadReply};
use crate::config::Redactor;
use crate::model::Time;

/// Characters of a server's words that are kept.
const WORDS: usize = 300;
/// Warnings that are kept, each a line.
const WARNINGS: usize = 20;

/// An answer as it came.
pub(super) struct Response<'r> {
    pub(super) status: u16,
    pub(super) headers: &'r HeaderMap,
    /// The reason phrase of HTTP/1.
    pub(super) reason: &'r str,
    /// Its beginning.
    pub(super) body: &'r [u8],
    /// There was more of it.
    pub(super) cut: bool,
    pub(super) now: Time,
    /// Knows what we sent: a server may say what it was told.
    pub(super) redactor: &'r Redactor,
}

impl Response<'_> {
    /// The words of an answer, without our credentials, in one line and not long.
    fn shown(&self, said: &str) -> String {
        let redactor = self.redactor;
        shown(&if self.cut { redactor.redacted_beginning(said) } else { redactor.redacted(said) })
    }
}

pub(super) fn classify(response: &Response<'_>) -> Answered {
    let limits = rate::limits(response.headers);
    let said = Said::of(response);
    let words = response.shown(said.text());
    let reply = match response.status {
        200 => match warnings(response, &said) {
            Some(warnings) => UploadReply::Accepted { warnings },
            None => UploadReply::NotUnderstood { status: 200, said: words },
        },
        429 => {
            let again_in = rate::again_in(response.headers, &limits, response.now);
            UploadReply::RateLimited { again_in, said: words }
        }
        status @ 500..=599 => UploadReply::Failing { status, said: words },
        status => match refusal(status, &said) {
            Some(why) => UploadReply::Refused { why, said: words },
            None => UploadReply::NotUnderstood { status, said: words },
        },
    };
    Answered { reply, limits }
}

/// PyPI's 200 has the warnings as its body, or, without any, the page that Pyramid makes of an empty one. What else comes
/// with a 200, such as a page to sign in at, is not PyPI's.
fn warnings(response: &Response<'_>, said: &Said) -> Option<Vec<String>> {
    match said {
        Said::Nothing | Said::Ours { code: 200, .. } => Some(Vec::new()),
        Said::Text(text) if !text.trim_start().starts_with(['<', '{', '[']) => {
            let lines = text.lines().take(WARNINGS).map(|line| response.shown(line));
            Some(lines.filter(|line| !line.is_empty()).collect())
        }
        Said::Text(_) | Said::Ours { .. } => None,
    }
}

/// A body that repeats another status than the answer has contradicts itself.
fn refusal(status: u16, said: &Said) -> Option<Refused> {
    if matches!(said, Said::Ours { code, .. } if *code != status) {
        return None;
    }
    let fits = |(_, by, pattern): &&(Refused, u16, Pattern)| *by == status && pattern.fits(said.text());
    KNOWN_BY.iter().find(fits).map(|(why, ..)| *why)
}

/// What a text says against a name, whatever it came with: an exchange repeats it under a status of its own.
pub(super) fn why_name(text: &str) -> Option<Refused> {
    let named = KNOWN_BY.iter().filter(|(_, _, pattern)| matches!(pattern, Pattern::Name(_)));
    let closed = [Refused::RegistrationClosed, Refused::NamespaceReserved];
    let others = KNOWN_BY.iter().filter(|(why, ..)| closed.contains(why));
    named.chain(others).find(|(_, _, pattern)| pattern.fits(text)).map(|(why, ..)| *why)
}

/// What an answer says.
enum Said {
    Nothing,
    /// In one of Pyramid's forms: the status it repeats, and the rest.
    Ours {
        code: u16,
        detail: String,
    },
    Text(String),
}

#[derive(Deserialize)]
struct Page {
    code: String,
}

impl Said {
    fn of(response: &Response<'_>) -> Self {
        let body = String::from_utf8_lossy(response.body);
        let title = || Some(unescaped(body.split_once("<title>")?.1.split_once("</title>")?.0.trim()));
        let json = serde_json::from_slice::<Page>(response.body).map(|page| page.code).ok();
        let first = || body.lines().next().map(str::to_owned);
        let repeats = json.or_else(title).or_else(first).and_then(|text| Self::repeating(&text));
        match repeats {
            Some(ours) => ours,
            None if !body.trim().is_empty() => Self::Text(body.into_owned()),
            None if response.reason.is_empty() || response.status == 200 => Self::Nothing,
            None => Self::Text(response.reason.to_owned()),
        }
    }

    /// `400 The name …`.
    fn repeating(text: &str) -> Option<Self> {
        let (code, detail) = text.split_once(' ').unwrap_or((text, ""));
        let code = code.parse().ok().filter(|code| (100..600).contains(code))?;
        Some(Self::Ours { code, detail: detail.trim().to_owned() })
    }

    fn text(&self) -> &str {
        match self {
            Self::Nothing => "",
            Self::Ours { detail, .. } => detail,
            Self::Text(text) => text,
        }
    }
}

/// In one line, without control characters, and not long.
pub(super) fn shown(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(8 * WORDS).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The five entities that a title of Pyramid can hold.
fn unescaped(text: &str) -> String {
    let plain = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ];
    plain.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests;
