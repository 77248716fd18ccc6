//! The gate: an index in front of PyPI and of the private one, that installers use as their only index.
//!
//! A resolver picks a version, not an index. So what may be picked is decided before it looks, and once more for every byte.

mod files;
mod form;
mod index;
mod listen;
mod listing;
mod memory;
pub mod page;
mod pages;
pub mod policy;
mod refusal;
mod serve;
mod sources;

pub use files::{FileCache, FileError};
pub use index::GateIndex;
pub use listen::listen;
pub use memory::{Memory, MemoryError};
pub use pages::Pages;
pub use serve::{Gate, router};
pub use sources::Sources;

#[cfg(test)]
mod tests;
