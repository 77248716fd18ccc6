//! The house itself: the architecture, the documents and what costs nothing.

mod allocations;
mod docs;
mod layering;
mod source;
