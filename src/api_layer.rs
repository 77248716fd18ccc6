//! What is asked of the daemon: its control socket, the web, and the command service behind both.

use namewarden_base::{
    cases, clock, config, crowd, failpoint, matcher, messages, model, registry, socket, store, upstream, watchlist,
};
use namewarden_gate::gate;
use namewarden_watch::{access, claims, replay, reports, schedule};

pub mod api;
