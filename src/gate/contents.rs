//! What is in the files of a release, and what of it is otherwise than in the one that was admitted before: read from the archives in memory.
//! Nothing of them is written anywhere, run or believed.

mod archive;
mod compare;
mod difference;
mod form;
mod gathered;
mod metadata;
mod notable;
mod pairs;
mod paths;
mod reader;
mod tar;
mod zip;

pub use difference::{ContentsDifference, FirstOf, MoreOfKind, NotableFile, NotableKind, ReadContents};
pub(super) use pairs::{FilePair, pairs};
pub(super) use reader::{ContentsReader, LookedInto, ToRead};

#[cfg(test)]
pub(super) mod tests;
