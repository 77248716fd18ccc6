//! What `[alert]` says of each channel, one file a kind: what its section can say, and the settings made of that.

pub(super) mod address;
pub mod email;
pub mod exec;
pub mod pagerduty;
mod secrets;
mod settings;
pub mod slack;
pub mod webhook;

pub use settings::ChannelSettings;
