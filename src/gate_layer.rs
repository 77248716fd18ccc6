//! An index in front of PyPI that holds what is new.

use namewarden_base::{clock, config, crowd, failpoint, model, registry, socket, upstream};
#[cfg(test)]
use {namewarden_base::watchlist, namewarden_sim::sim};

pub mod gate;
