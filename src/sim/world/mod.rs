//! The world the simulator serves: projects and their journal, changed only by acts that PyPI knows.
//!
//! Every act takes the time it happens at, checks what PyPI would check, and appends PyPI's own words to the journal.

mod accounts;
mod acts;
mod admin;
mod attestations;
mod files;
mod journal;
mod load;
mod order;
mod past;
mod policy;
mod project;
mod publishers;
mod publishing;
mod quotas;
mod refusal;
mod state;
mod stored;
mod uploads;

pub use accounts::{Accounts, Holder, Organization, Token, User};
pub use files::files_of;
pub use journal::{Entry, Listing};
pub use load::{LoadError, Loader, NameRow};
pub use order::Order;
pub use policy::Policy;
pub use project::{Life, Project, Release, Role, distribution};
pub use publishers::{Pending, Publishers};
pub use quotas::{Counted, Quotas, Standing, WINDOW};
pub use refusal::Refusal;
pub use state::World;
pub use stored::{Fields, StoredFile, Uploaded};
pub use uploads::{Known, Upload};
