//! The only HTTP clients: factory, limits, trust, retry, bodies, and the servers' clocks.
//!
//! Every request says who asks, keeps its endpoint's quota, is limited in time and size, and stays within the
//! configured origin. What went wrong is a [`FetchError`] that tells whether to ask again.

pub mod bearing;
pub mod body;
mod carry;
mod client;
mod error;
pub mod limit;
pub mod local;
pub mod retry;
mod status;
#[cfg(test)]
mod tests;
mod trust;

pub use body::{ROOM, beginning};
pub use carry::carried;
pub use client::{ClientError, Egress, HttpClient};
pub use error::{FetchError, Retry};
pub use retry::backoff;
pub use status::sorted;
pub use trust::{TrustError, client_config};
