//! From what people write to what is watched: sources, lint, differences, what a reload may do unasked, and the watchlist
//! compiled of it all.
//!
//! A file becomes a `Draft` (entries as written, with their places), lint judges the draft, and only a draft without
//! errors becomes an `Inventory`.

mod advice;
mod assemble;
mod canary;
mod compiled;
mod diff;
mod draft;
mod export;
mod fingerprint;
mod guard;
mod harvest;
mod identity;
mod lint;
mod linting;
mod listed;
mod load;
mod places;
pub mod routes;
mod source_list;
mod source_table;
mod source_toml;
#[cfg(test)]
mod tests;
mod toml_sections;
mod who_stands;

pub use canary::{CANARY, is_canary};
pub use compiled::Watchlist;
pub use diff::{Changes, additions, diff};
pub use draft::{Draft, DraftWatch, DraftWord, ListedEntry, SuppressEntry};
pub use export::to_toml;
pub use fingerprint::{Fingerprint, Follow};
pub use guard::{Admission, HoldReason, guard};
pub use harvest::{Given, Harvest, Sifted, given, of_packages, sift, unread};
pub use lint::{Lint, LintKind, LintLevel};
pub use linting::lint;
pub use load::{Examined, InventoryError, Loaded, decoded, draft, examine, from_source, load, read};
pub use places::places;
pub use who_stands::owners_that_stand;
