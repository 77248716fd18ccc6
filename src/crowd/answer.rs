//! An answer that holds its turn until all of it has gone.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::{Frame, SizeHint};

use super::patience::Heard;

/// The turn ends when this answer has been sent whole, or is given up.
pub(crate) fn ending(turn: Heard, answer: Response) -> Response {
    answer.map(|body| Body::new(Answer { body, _turn: turn }))
}

struct Answer {
    body: Body,
    _turn: Heard,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
