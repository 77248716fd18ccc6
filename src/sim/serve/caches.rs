//! Bodies that were served, and what the faults of caches remember.

use std::collections::VecDeque;
use std::sync::Mutex;

use tokio::time::Instant;

use super::negotiate::Format;
use super::reply::Document;
use crate::model::Serial;

/// Rendered indexes, and what the cache faults remember.
#[derive(Debug, Default)]
pub(super) struct IndexCache {
    pub(super) inner: Mutex<Rendered>,
}

#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// The last two renderings: (serial, form, body).
    pub(super) rendered: Vec<(Serial, Form, Document)>,
    /// Since when the index stands still.
    pub(super) frozen: Option<Serial>,
    /// When the index was last refreshed, and to which serial.
    pub(super) fresh: Option<(Instant, Serial)>,
    /// Which of two alternating caches answers next.
    pub(super) turn: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) format: Format,
    pub(super) halved: bool,
    pub(super) absurd: bool,
    pub(super) empty: bool,
    pub(super) contradictory: bool,
    pub(super) unreadable: bool,
}

/// The last bodies of the two feeds, oldest first, and which cache answers next.
#[derive(Debug, Default)]
pub(super) struct RssCache {
    pub(super) feeds: [Mutex<Served>; 2],
}

#[derive(Debug, Default)]
pub(super) struct Served {
    pub(super) bodies: VecDeque<(Serial, Document)>,
    pub(super) back: bool,
}
