//! What channels are built with, beside their settings.

use std::sync::Arc;

use super::words::Words;

pub(super) struct Parts {
    pub(super) http: reqwest::Client,
    /// Knows the secrets of all channels: a receiver may say another's.
    pub(super) words: Arc<Words>,
}
