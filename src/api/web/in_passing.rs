//! What is written down beside an answer: nobody's page waits until the store's only writer has time for it.

use std::time::Duration;

use crate::store::StoreError;

/// Longer than a write takes where nobody else has the writer.
const MOMENT: Duration = Duration::from_millis(100);

/// Waits for a moment, so that what fails is in the log. What takes longer stays in the writer's queue, and is stored all the same.
pub(super) async fn in_passing(what: &str, write: impl Future<Output = Result<(), StoreError>>) {
    if let Ok(Err(error)) = tokio::time::timeout(MOMENT, write).await {
        tracing::warn!(%error, "{what} cannot be stored");
    }
}
