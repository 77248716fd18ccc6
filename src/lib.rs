//! namewarden watches PyPI for names that threaten a team's internal Python packages, and tells their owner.
//!
//! Parts in the order data flows; ARCHITECTURE.md walks through them. Imports run one way, and `tests/house/layering.rs`
//! checks it. Those below the daemon are packages of their own (`layers/`), so that two cores build them at once.

#[doc(no_inline)]
pub use namewarden_api::api;
#[doc(no_inline)]
pub use namewarden_base::{
    cases, clock, config, failpoint, lists, logging, matcher, messages, model, registry, socket, store, upstream,
    watchlist,
};
#[doc(no_inline)]
pub use namewarden_gate::gate;
#[doc(no_inline)]
pub use namewarden_sim::sim;
#[doc(no_inline)]
pub use namewarden_watch::{access, claims, delivery, replay, reports, schedule};

pub mod daemon;

pub mod cli;
