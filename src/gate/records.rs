//! What the gate writes down: reviews with what persons decided, who received what, and who uses what. A file each, so that a log
//! of years cannot harm a decision, and the only place of the gate that knows SQLite.

mod again;
mod askers;
mod attested;
mod decisions;
mod deliveries;
mod engine;
mod files;
mod learned;
mod past;
mod period;
mod recalls;
mod removed;
mod requesters;
mod reviews;
mod room;
mod rows;
mod standing;
mod steps;
mod strangers;
mod untold;
mod used;
mod uses;

pub(super) use again::AskedAgain;
pub use attested::AttestedBook;
pub(super) use deliveries::{DeliveryBook, Receipts};
pub use engine::RecordsError;
pub(super) use period::PeriodReviews;
pub(super) use recalls::RecallLine;
pub(super) use reviews::ReviewBook;
pub(super) use room::Forgotten;
pub(super) use untold::UntoldReviews;
pub(super) use used::{UsedFile, UsedFiles};
pub(super) use uses::{UseBook, Uses};

#[cfg(test)]
mod tests;
