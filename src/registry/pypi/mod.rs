//! PyPI: RSS, changelog and index as polls that give sightings and say what they cover, the pages of projects, and
//! uploads.
//!
//! A feed holds no cursor and no ETag: callers pass them in and get the next ones out, and store both with what they
//! made of the sightings. "Nothing new" is a value; "could not look" is an error.

pub mod addresses;
pub mod changelog;
mod clean;
mod client;
pub mod dates;
mod described;
mod files;
pub mod gap;
pub mod index;
mod limits;
pub mod mode;
mod project;
pub mod rss;
mod salvage;
pub mod upload;
pub mod xmlrpc;

pub use addresses::is_safe;
pub use client::{Fetched, INDEX_PATIENCE, Pypi};
pub use project::{ProjectDetail, ProjectJson, ProjectStatus, RoleHolder};
