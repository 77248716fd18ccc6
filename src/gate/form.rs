//! In which form a page is wanted (PEP 691; RFC 9110, section 12.5.1).

use axum::http::HeaderValue;

/// The forms of the simple API. HTML goes out under the type that it was asked by, with the same body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Json,
    Html,
    /// As browsers and old tools know it.
    TextHtml,
}

impl Form {
    /// Exactly these: uv refuses a page of another type, and pip passes it over.
    pub(super) fn content_type(self) -> HeaderValue {
        // Made once: what is made of a text is looked through.
        const JSON: HeaderValue = HeaderValue::from_static("application/vnd.pypi.simple.v1+json");
        const HTML: HeaderValue = HeaderValue::from_static("application/vnd.pypi.simple.v1+html");
        const TEXT_HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
        match self {
            Self::Json => JSON,
            Self::Html => HTML,
            Self::TextHtml => TEXT_HTML,
        }
    }

    /// What is liked best of what is acceptable; the more specific range tells (`*/*` is text/html, for people), JSON before the
    /// others where they are liked the same. `None`: nothing fits.
    pub(super) fn wanted(accept: Option<&str>) -> Option<Self> {
        let accept = accept.filter(|accept| !accept.trim().is_empty()).unwrap_or("*/*");
        let ranges: Vec<(&str, u16)> = accept.split(',').filter_map(range).collect();
        let liked = [Self::Json, Self::Html, Self::TextHtml].map(|form| (form.quality(&ranges), form));
        let named = liked.into_iter().filter(|(quality, _)| quality.is_some_and(|(_, quality)| quality > 0));
        // The first of equals: `max_by_key` would take the last.
        let best = named.rev().max_by_key(|(quality, form)| {
            (quality.map(|(_, quality)| quality), quality.map(|(how, _)| how), *form == Self::Json)
        });
        best.map(|(_, form)| form)
    }

    /// How much it is liked, in thousandths, and how exactly that was said: of the range that names it best.
    fn quality(self, ranges: &[(&str, u16)]) -> Option<(u8, u16)> {
        ranges.iter().filter_map(|(range, quality)| Some((self.named_by(range)?, *quality))).max_by_key(|(how, _)| *how)
    }

    /// 2: by its own name; 1: by its kind; 0: by anything.
    fn named_by(self, range: &str) -> Option<u8> {
        let own = match self {
            Self::Json => ["application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.latest+json"],
            Self::Html => ["application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.latest+html"],
            Self::TextHtml => ["text/html", "text/html"],
        };
        match range {
            range if own.contains(&range) => Some(2),
            "text/*" if self == Self::TextHtml => Some(1),
            "application/*" if self != Self::TextHtml => Some(1),
            // Whoever takes anything is a person, or a tool from before JSON.
            "*/*" if self == Self::TextHtml => Some(0),
            _ => None,
        }
    }
}

/// A media range and its weight in thousandths; one that is broken counts as none.
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().filter(|media| !media.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((media, weight.map_or(Some(1000), thousandths)?))
}

/// `0`, `1`, `0.25`: at most three digits behind the point (RFC 9110, section 12.4.2).
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 3 || !part.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let part: u16 = part.bytes().zip([100, 10, 1]).map(|(digit, place)| u16::from(digit - b'0') * place).sum();
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_gets_what_it_asks_for() {
        let json = "application/vnd.pypi.simple.v1+json";
        let html = "application/vnd.pypi.simple.v1+html";
        let asked = [
            (format!("{json}, {html};q=0.1, text/html;q=0.01"), Some(Form::Json)),
            (format!("{json}, {html};q=0.2, text/html;q=0.01"), Some(Form::Json)),
            (format!("{json}, */*;q=0.1"), Some(Form::Json)),
            ("*/*".to_owned(), Some(Form::TextHtml)),
            (String::new(), Some(Form::TextHtml)),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8".to_owned(), Some(Form::TextHtml)),
            (html.to_owned(), Some(Form::Html)),
            ("application/vnd.pypi.simple.latest+json".to_owned(), Some(Form::Json)),
            (format!("{html}, {json}"), Some(Form::Json)),
        ];
        for (accept, form) in asked {
            assert_eq!(Form::wanted(Some(&accept)), form, "{accept}");
        }
        assert_eq!(Form::wanted(None), Some(Form::TextHtml));
    }

    #[test]
    fn what_is_excluded_is_not_served_and_what_fits_nothing_is_nothing() {
        let json = "application/vnd.pypi.simple.v1+json";
        assert_eq!(Form::wanted(Some(&format!("{json};q=0, */*"))), Some(Form::TextHtml));
        assert_eq!(Form::wanted(Some("text/html;q=0, */*")), None);
        assert_eq!(Form::wanted(Some(&format!("{json};q=0"))), None);
        assert_eq!(Form::wanted(Some("image/png")), None);
        assert_eq!(Form::wanted(Some(&format!("{json};q=7, text/html;q=0.1"))), Some(Form::TextHtml));
        assert_eq!(Form::wanted(Some(&format!("{json};q=0.0001, text/html;q=0.001"))), Some(Form::TextHtml));
    }
}
