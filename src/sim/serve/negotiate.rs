//! Content negotiation of the simple API (PEP 691; `warehouse/api/simple.py` and the edge's rewriting).

use axum::http::{HeaderMap, header};

/// The forms the simple API comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Html,
    /// The same body as `Html` under the old type.
    TextHtml,
}

impl Format {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/vnd.pypi.simple.v1+json",
            Self::Html => "application/vnd.pypi.simple.v1+html",
            Self::TextHtml => "text/html; charset=UTF-8",
        }
    }

    fn named(media_type: &str) -> Option<Self> {
        match media_type {
            "application/vnd.pypi.simple.v1+json" | "application/vnd.pypi.simple.latest+json" => Some(Self::Json),
            "application/vnd.pypi.simple.v1+html" | "application/vnd.pypi.simple.latest+html" => Some(Self::Html),
            "text/html" => Some(Self::TextHtml),
            _ => None,
        }
    }

    /// `?format=` wins over Accept; what matches nothing is served as `text/html`, never 406.
    pub(super) fn choose(query: Option<&str>, headers: &HeaderMap) -> Self {
        let asked = query.into_iter().flat_map(|query| query.split('&')).find_map(|pair| pair.strip_prefix("format="));
        if let Some(format) = asked.and_then(|text| Self::named(&text.replace("%2F", "/").replace("%2B", "+"))) {
            return format;
        }
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        best(accept)
    }
}

/// The acceptable form of highest quality; the first named wins a tie, a wildcard means `text/html`.
fn best(accept: &str) -> Format {
    let mut best = (0, Format::TextHtml);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let format = match parts.next().unwrap_or_default() {
            "*/*" | "text/*" => Some(Format::TextHtml),
            media_type => Format::named(&media_type.to_ascii_lowercase()),
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok());
        if let (Some(format), Some(quality)) = (format, quality) {
            let thousandths = (quality * 1000.0) as i32;
            best = if thousandths > best.0 { (thousandths, format) } else { best };
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_decides_and_nothing_is_refused() {
        let json = "application/vnd.pypi.simple.v1+json";
        let pip = format!("{json}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01");
        assert_eq!(best(&pip), Format::Json);
        assert_eq!(best(&format!("{json};q=0.2, text/html")), Format::TextHtml);
        assert_eq!(best("application/vnd.pypi.simple.latest+json"), Format::Json);
        for other in ["", "*/*", "image/png", "application/json", "text/html;q=broken"] {
            assert_eq!(best(other), Format::TextHtml, "{other}");
        }
    }

    #[test]
    fn the_query_overrides_the_header() {
        let query = Some("format=application/vnd.pypi.simple.v1%2Bjson");
        assert_eq!(Format::choose(query, &HeaderMap::new()), Format::Json);
        assert_eq!(Format::choose(Some("format=pdf"), &HeaderMap::new()), Format::TextHtml);
    }
}
