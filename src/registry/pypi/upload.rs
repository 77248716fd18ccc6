//! Uploading to PyPI: one file at a time, and what its answer means. Nothing here decides whether, when or how often.
//!
//! From the outside, in this order:
//!
//! 1. [`Distribution::new`]: the file and its metadata, as twine would send them.
//! 2. [`check::objections`]: what PyPI would refuse, before the first byte. A first upload that is refused late has cost
//!    one of the day's new projects.
//! 3. [`Uploader::upload`]: one attempt, with a token from a file or from [`exchange`]; gives an [`UploadReply`].
//! 4. [`look::stand`]: who holds the name now and with which files. It settles what a reply left open
//!    ([`UploadReply::is_uncertain`]); the same upload again is harmless where it stands already.

pub mod check;
mod classify;
mod distribution;
pub mod exchange;
mod form;
pub mod look;
mod metadata;
mod pattern;
mod rate;
mod refused;
mod reply;
mod sender;

pub use distribution::{Distribution, Kind, NoDistribution};
pub use metadata::{CoreMetadata, MetadataError};
pub use rate::RateLimit;
pub use refused::Refused;
pub use reply::{Answered, Sent, UploadReply};
pub use sender::{Login, Uploader};
