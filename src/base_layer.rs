//! What everything stands on: the words of the model, configuration, store, matcher, messages, who is asked, and cases.
//!
//! A package by itself, as are the other layers, so that two cores build them at once; [`namewarden`](../namewarden/index.html) has all of them.

pub mod clock;
pub mod crowd;
pub mod failpoint;
pub mod logging;
pub mod model;

pub mod config;
pub mod matcher;
pub mod messages;
pub mod store;
pub mod upstream;

pub mod lists;
pub mod registry;
pub mod socket;
pub mod watchlist;

pub mod cases;
