//! What a feed sent that is no name, or is not as it should be, and was survived: said, in cases of its own.

use super::engine::Engine;
use crate::feeds::Unreadable;
use crate::feeds::index::Listing;
use crate::model::health::Ailment;
use crate::model::{Feed, count};
use crate::pipeline;
use crate::store::StoreError;

/// Names that are none wait for a person; a clean answer says nothing about them.
pub(super) async fn unreadable(engine: &Engine, feed: Feed, unreadable: &Unreadable) -> Result<(), StoreError> {
    if unreadable.is_empty() {
        return Ok(());
    }
    let (lookout, now, unreadable) = (engine.lookout(), engine.clock.now(), unreadable.clone());
    if engine.store.write(move |tx| pipeline::unreadable(tx, &lookout, feed, &unreadable, now)).await? {
        engine.to_deliver.notify_waiters();
    }
    Ok(())
}

/// A whole body with contradictions in it: applied as far as it goes, and said until one without them comes.
pub(super) async fn contradictions(engine: &Engine, listing: &Listing) -> Result<(), StoreError> {
    let ailment = Ailment::Implausible { feed: Feed::Index };
    if listing.inflated == 0 && listing.duplicates == 0 {
        return engine.heal(ailment).await;
    }
    let detail = format!(
        "the index body of serial {} contradicts itself: beyond its serial stand {} (taken at it), and twice {} (the \
         newer was taken); all were judged; whoever runs the index can mend it",
        listing.serial,
        count(listing.inflated, "project", "projects"),
        count(listing.duplicates, "project", "projects")
    );
    engine.ail(ailment, detail).await.map(drop)
}
