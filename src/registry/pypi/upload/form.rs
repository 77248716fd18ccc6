//! A distribution as the multipart form that `POST /legacy/` takes (`warehouse` `forklift/legacy.py`).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::stream;
use reqwest::Body;
use reqwest::multipart::{Form, Part};

use super::distribution::Distribution;
use super::reply::Sent;

/// The file is handed over in pieces of so many bytes.
const PIECE: usize = 64 << 10;

/// How much of the file was handed to the connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<AtomicUsize>);

impl Progress {
    /// Whoever does not have the last byte has no upload: the file is the last part of the form.
    pub(super) fn sent(&self, distribution: &Distribution) -> Sent {
        match self.0.load(Ordering::Relaxed) {
            0 => Sent::Nothing,
            bytes if bytes < distribution.content.len() => Sent::Part,
            _ => Sent::All,
        }
    }
}

/// The whole form, its length known; the file comes last.
pub(super) fn form(distribution: &Distribution, progress: &Progress) -> Form {
    let digests = [("sha256_digest", &distribution.sha256), ("blake2_256_digest", &distribution.blake2_256)];
    let own = [
        (":action", "file_upload"),
        ("protocol_version", "1"),
        ("filetype", distribution.kind.as_str()),
        ("pyversion", distribution.python()),
    ];
    // Names and values of our own making: letters, digits, `_` and `:`, which mean nothing to multipart.
    let mut form = Form::new().percent_encode_noop();
    for (key, value) in own.into_iter().chain(digests.iter().map(|(key, value)| (*key, value.as_str()))) {
        form = form.text(key, value.to_owned());
    }
    for (key, value) in distribution.metadata.fields() {
        form = form.text(key, value.to_owned());
    }
    form.part("content", content(distribution, progress))
}

fn content(distribution: &Distribution, progress: &Progress) -> Part {
    let length = distribution.content.len() as u64;
    let part = Part::stream_with_length(pieces(&distribution.content, progress), length);
    let part = part.file_name(distribution.filename.clone());
    part.mime_str("application/octet-stream").expect("a media type")
}

/// The file in pieces, counted as they are taken. A stream cannot be sent twice, so nothing below us retries.
fn pieces(content: &Arc<[u8]>, progress: &Progress) -> Body {
    let (content, progress) = (content.clone(), progress.clone());
    let starts = (0..content.len()).step_by(PIECE);
    Body::wrap_stream(stream::iter(starts.map(move |start| {
        let end = content.len().min(start + PIECE);
        progress.0.fetch_max(end, Ordering::Relaxed);
        Ok::<_, std::io::Error>(content[start..end].to_vec())
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt as _;

    #[tokio::test]
    async fn the_form_is_what_pypi_reads_and_the_file_is_last() {
        let metadata = "Metadata-Version: 2.4\nName: acme\nVersion: 0.0.1\nClassifier: A\nClassifier: B\n";
        let wheel = Distribution::new("acme-0.0.1-py3-none-any.whl", vec![7; PIECE + 1], metadata).expect("a wheel");
        let progress = Progress::default();
        assert_eq!(progress.sent(&wheel), Sent::Nothing);
        let form = form(&wheel, &progress);
        let boundary = form.boundary().to_owned();
        let (mut text, mut states) = (Vec::new(), Vec::new());
        let mut stream = std::pin::pin!(form.into_stream());
        while let Some(piece) = stream.next().await {
            text.extend_from_slice(&piece.expect("bytes"));
            states.push(progress.sent(&wheel));
        }
        states.dedup();
        assert_eq!(states, [Sent::Nothing, Sent::Part, Sent::All]);
        let text = String::from_utf8(text).expect("ASCII").replace(&boundary, "B").replace('\r', "");
        let (fields, content) = text.split_once("name=\"content\"").expect("the file");
        let pairs: Vec<&str> = fields.lines().filter(|l| !l.is_empty() && !l.starts_with("--")).collect();
        assert_eq!(
            pairs[..4],
            [
                "Content-Disposition: form-data; name=\":action\"",
                "file_upload",
                "Content-Disposition: form-data; name=\"protocol_version\"",
                "1",
            ]
        );
        assert_eq!(fields.matches("name=\"classifiers\"").count(), 2);
        assert!(fields.contains(&format!("name=\"sha256_digest\"\n\n{}\n", wheel.sha256)));
        assert!(
            content.starts_with("; filename=\"acme-0.0.1-py3-none-any.whl\"\nContent-Type: application/octet-stream\n")
        );
        assert!(content.ends_with("\n--B--\n"));
    }
}
