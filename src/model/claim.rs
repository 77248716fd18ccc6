//! Claims: closing the hole of a watched name, step by step, each step with who asked for it and when.
//!
//! Publishing in a company's name is the most dangerous thing this program can do, so the life of a claim is one pure
//! function, `step`: what is not written there cannot happen, and what it refuses says what to do instead.

mod astray;
mod decision;
mod event;
mod key;
mod life;
mod moment;
mod party;
mod persons;
mod policy;
mod record;
mod refusal;
mod seal;
mod seen;
mod setback;
mod site;
mod state;
mod step;
mod terms;
mod work;

#[cfg(test)]
mod tests;

pub use astray::Astray;
pub use decision::ClaimDecision;
pub use event::ClaimEvent;
pub use key::{ClaimKey, ClaimKeyError};
pub use party::Party;
pub use persons::decides;
pub use policy::ClaimPolicy;
pub use record::{Claim, Decision, Origin};
pub use refusal::ClaimRefusal;
pub use seal::{Seal, SealedFile};
pub use seen::Seen;
pub use setback::{Kind, Name, Setback};
pub use site::Site;
pub use state::ClaimState;
pub use step::step;
pub use terms::{Publicity, Terms};
pub use work::{Resting, Work};
