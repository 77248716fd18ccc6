//! The lists of a report that are as long as an inventory: held with it, as mails have it, or read where they are written.

use std::borrow::Cow;

use crate::model::report::{Changed, ClaimStanding, WatchLine};
use crate::model::{Exposure, WatchId};

/// One of them, line by line.
pub type LongList<'r, T> = Box<dyn Iterator<Item = Cow<'r, T>> + 'r>;

/// Each may be gone through more than once, and is the same each time.
pub trait LongLists {
    /// What wants a look first.
    fn watches(&self) -> LongList<'_, WatchLine>;

    /// Watches that are counted and in no line.
    fn watches_omitted(&self) -> usize;

    /// Oldest first.
    fn changes(&self) -> LongList<'_, Changed>;

    /// By name.
    fn claims(&self) -> LongList<'_, ClaimStanding>;

    /// How a watch stood before the last of the changes.
    fn changed_from(&self, id: &WatchId) -> Option<Exposure>;
}
