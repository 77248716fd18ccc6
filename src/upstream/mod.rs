//! The only HTTP clients: factory, limits, trust, retry, PyPI addresses and payloads.
//!
//! Every request says who asks, keeps its endpoint's quota, is limited in time and size, and stays within the
//! configured origin. What went wrong is a [`FetchError`] that tells whether to ask again.

pub mod addresses;
mod body;
mod client;
mod error;
mod files;
mod limit;
pub mod local;
mod page;
mod pypi;
pub mod retry;
mod trust;

pub use body::{ROOM, beginning};
pub use client::{ClientError, Egress, HttpClient};
pub use error::{FetchError, Retry};
pub use page::{ProjectPage, ProjectStatus, RoleHolder, SimplePage};
pub use pypi::{Fetched, INDEX_PATIENCE, Pypi};
pub use retry::backoff;
pub use trust::{TrustError, client_config};
