//! An answer that holds its turn until all of it has gone.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::response::Response;
use http_body::{Frame, SizeHint};

use super::patience::Heard;

/// The turn ends when this answer has been sent whole, or is given up.
pub fn ending(turn: Heard, answer: Response) -> Response {
    while_answered(turn, answer).map(Body::new)
}

/// The same for whoever needs no body of a kind that others know.
pub fn while_answered<B>(turn: Heard, answer: Response<B>) -> Response<HeldAnswer<B>> {
    answer.map(|body| HeldAnswer { body, _turn: turn })
}

/// A body that holds the turn.
pub struct HeldAnswer<B> {
    body: B,
    _turn: Heard,
}

impl<B: HttpBody + Unpin> HttpBody for HeldAnswer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
