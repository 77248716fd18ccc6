//! From what people write to watches: sources, lint, differences, and what a reload may do unasked.
//!
//! A file becomes a `Draft` (entries as written, with their places), lint judges the draft, and only a draft without
//! errors becomes an `Inventory`.

mod advice;
mod assemble;
mod diff;
mod draft;
mod export;
mod fingerprint;
mod guard;
mod harvest;
mod lint;
mod listed;
mod load;
mod source_list;
mod source_table;
mod source_toml;

pub use diff::{Changes, diff};
pub use draft::{Draft, Entry, ListedEntry, SuppressEntry, Text};
pub use export::to_toml;
pub use fingerprint::{Fingerprint, Follow};
pub use guard::{HoldReason, Verdict, guard};
pub use harvest::{Given, Harvest, Sifted, given, of_packages, sift};
pub use lint::{Lint, LintKind, Severity, lint};
pub use load::{InventoryError, Loaded, decoded, draft, from_draft, from_source, load, read};
