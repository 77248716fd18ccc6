//! The house itself: the architecture, the documents, the figures of style, and what costs nothing.

mod allocations;
mod channels;
mod docs;
mod figures;
mod imports;
mod layering;
mod manifests;
mod names;
mod rules;
mod source;
mod surface;
mod types;
