//! The package that holds a name: what its parts are called, what it says, and its two archives.
//!
//! `ask` finds what to publish, `build` makes it. The same input makes the same bytes on every machine and at every time, so
//! that an upload can be repeated. Whatever PyPI would refuse for its form, or must not be public, is refused here.

mod archive;
mod ask;
pub mod below;
mod build;
mod contents;
mod lint;
mod metadata;
pub mod names;
mod placeholder;
mod refusal;
mod render;
mod sdist;
mod templates;
pub mod version;
mod wheel;

pub use archive::{Archive, Archives};
pub use ask::{Asked, ask, placeholder, watch_among, watch_of};
pub use build::build;
pub use lint::{Secrecy, unnameable};
pub use metadata::Metadata;
pub use placeholder::Placeholder;
pub use refusal::{Refusal, Refused};
pub use templates::Templates;

#[cfg(test)]
mod tests;
