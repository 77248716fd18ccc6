//! The world the simulator serves: projects and their journal, changed only by acts that PyPI knows.
//!
//! Every act takes the time it happens at, checks what PyPI would check, and appends PyPI's own words to the journal.

mod acts;
mod journal;
mod load;
mod order;
mod past;
mod project;
mod refusal;
mod state;

pub use journal::{Entry, Listing};
pub use load::{LoadError, Loader, NameRow};
pub use order::Order;
pub use project::{Life, Project, Release, Role, distribution};
pub use refusal::Refusal;
pub use state::World;
