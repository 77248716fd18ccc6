//! What organisations tell each other: lists of the files that one of them installed and trusts, signed with minisign. Ours is made of
//! what counts as prior use here (`src/gate/share/export.rs`); one of others speaks for the files in it, as long as it is young.

mod export;
mod file;
mod list;
mod lists;
mod marks;
mod put;

pub use export::SharedReleases;
pub use file::{SharedListError, SharedListFile, opened, signature_of};
pub use list::{SharedList, SharedRelease, written};
pub use lists::SharedLists;
pub use marks::{SharedMarks, SharedMarksError};
pub use put::put;

#[cfg(test)]
mod signing;
#[cfg(test)]
mod tests;
