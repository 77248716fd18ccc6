//! Values only: no I/O, no async, no clock. The words of ARCHITECTURE.md, once each.

pub mod actor;
pub mod case;
pub mod causes;
pub mod command;
pub mod commands;
mod confusable;
pub mod context;
mod count;
pub mod exposure;
pub mod finding;
pub mod health;
mod mention;
pub mod name;
pub mod notice;
mod origin;
pub mod overview;
pub mod recipient;
pub mod release;
pub mod resolve;
pub mod rule;
pub mod sighting;
pub mod stdlib;
mod threat;
pub mod unread;
pub mod version;
pub mod watch;

pub use actor::Actor;
pub use case::{CaseId, CaseRef};
pub use context::{Context, Why};
pub use count::count;
pub use exposure::Exposure;
pub use finding::{Facts, Finding, FindingKey, FindingState, Tier};
pub use mention::{Mention, MentionError};
pub use name::{NameError, ProjectName};
pub use origin::Origin;
pub use recipient::{Fate, Recipient};
pub use release::Releases;
pub use rule::Rule;
pub use sighting::{Event, Feed, Registration, RegistrationId, Serial, Sighting};
pub use threat::{Match, More, Standing, Threat};
pub use watch::{Inventory, Owner, OwnerId, Watch, WatchId, WatchKind};

/// Every time in the program is UTC; the store keeps it as whole microseconds.
pub type Time = chrono::DateTime<chrono::Utc>;
