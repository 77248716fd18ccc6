//! What one poll brought, and what storing it came to.

use crate::model::{Feed, Registry, Sighting};
use crate::store::Span;

/// What one poll brought: sightings, what they cover, and how far the feed has now read. All or nothing is stored.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Whose cursors they are.
    pub registry: Registry,
    pub sightings: Vec<Sighting>,
    pub spans: Vec<Span>,
    /// Cursors to move, by name, as JSON.
    pub cursors: Vec<(String, serde_json::Value)>,
}

/// What a batch came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    pub sightings: usize,
    pub registrations: usize,
    /// New findings, whatever their tier.
    pub findings: usize,
    /// Messages queued: one for each event, owner and channel.
    pub queued: usize,
}

impl Ingested {
    /// Says it, with its numbers as fields.
    pub fn log(self, feed: Feed) {
        let Self { sightings, registrations, findings, queued, .. } = self;
        tracing::info!(%feed, sightings, registrations, findings, queued, "what the feed told is stored");
    }
}
