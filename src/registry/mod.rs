//! Package registries: how we reach them, where each one is, how it tells of registrations, and what it shows of a project.

mod egress;
pub mod pypi;
mod unreadable;

pub use egress::{file_client, http_client, provider_client, upload_client};
pub use unreadable::Unreadable;
