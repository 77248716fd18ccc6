//! The file host: files, the metadata of wheels, single ranges.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

use super::reply::{plain_not_found, value};
use super::shared::App;

pub(super) async fn download(State(shared): App, uri: Uri, headers: HeaderMap) -> Response {
    let (path, metadata) = match uri.path().strip_suffix(".metadata") {
        Some(path) => (path, true),
        None => (uri.path(), false),
    };
    let Some(file) = shared.world().file(path) else { return plain_not_found() };
    let content = if metadata { file.metadata.clone() } else { Some(file.bytes.clone()) };
    let Some(content) = content else { return plain_not_found() };
    let mut response = part(content, headers.get(header::RANGE).and_then(|range| range.to_str().ok()));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, value("max-age=365000000, immutable, public"));
    headers.insert(header::ACCEPT_RANGES, value("bytes"));
    headers.insert(header::CONTENT_TYPE, value("application/octet-stream"));
    response
}

/// The whole, or the one range asked for; a header that is no single range is ignored (RFC 9110 section 14.2).
fn part(content: Bytes, range: Option<&str>) -> Response {
    let length = content.len();
    let Some((first, last)) = range.and_then(|range| bounds(range, length)) else { return content.into_response() };
    if first >= length || last < first {
        let all = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
        return (StatusCode::RANGE_NOT_SATISFIABLE, all).into_response();
    }
    let last = last.min(length - 1);
    let range = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}"))];
    (StatusCode::PARTIAL_CONTENT, range, content.slice(first..=last)).into_response()
}

/// First and last byte of `bytes=A-B`, `bytes=A-` or `bytes=-N`.
fn bounds(range: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        return Some((length.saturating_sub(last.parse().ok()?), usize::MAX));
    }
    let last = if last.is_empty() { usize::MAX } else { last.parse().ok()? };
    Some((first.parse().ok()?, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ranges_are_served() {
        let status = |range| part(Bytes::from_static(b"0123456789"), range).status().as_u16();
        assert_eq!(status(Some("bytes=2-4")), 206);
        assert_eq!(status(Some("bytes=-3")), 206);
        assert_eq!(status(Some("bytes=10-")), 416);
        assert_eq!(status(Some("bytes=0-1,3-4")), 200);
        assert_eq!(status(None), 200);
        assert_eq!(bounds("bytes=-3", 10), Some((7, usize::MAX)));
    }
}
