//! Reviews as somebody looks for them, page by page.

use serde::{Deserialize, Serialize};

use super::review::{Review, ReviewState};

/// Which, and how many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SoughtReviews {
    pub(super) state: Option<ReviewState>,
    /// Stands in the name of the project.
    pub(super) search: Option<String>,
    /// Only those with a lower number.
    pub(super) before: Option<i64>,
    pub(super) most: usize,
}

/// A page of them, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundReviews {
    pub reviews: Vec<Review>,
    /// There are some after these.
    pub more: bool,
    /// How many are open, of all.
    pub open: i64,
}
