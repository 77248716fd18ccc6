//! Whether all of a body was taken: whoever asks for a part, or goes away, has not received a file.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::{Frame, SizeHint};

/// A body that says when the last of it was taken for the connection.
struct Counted<F> {
    body: Body,
    left: u64,
    /// `None`: it was said.
    done: Option<F>,
}

/// Calls `done` once all of a body of this size was taken.
pub(super) fn whole(response: Response, size: u64, done: impl FnOnce() + Send + Unpin + 'static) -> Response {
    let mut done = Some(done);
    if size == 0
        && let Some(done) = done.take()
    {
        done();
    }
    response.map(|body| Body::new(Counted { body, left: size, done }))
}

impl<F: FnOnce() + Unpin> HttpBody for Counted<F> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let taken = frame.data_ref().map_or(0, Bytes::len) as u64;
            self.left = self.left.saturating_sub(taken);
            if self.left == 0
                && let Some(done) = self.done.take()
            {
                done();
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
