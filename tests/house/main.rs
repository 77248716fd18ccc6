//! The house itself: the architecture, the documents, what is built in, and what costs nothing.

mod allocations;
mod dependencies;
mod docs;
mod layering;
mod source;
