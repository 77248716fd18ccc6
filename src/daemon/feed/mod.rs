//! The feeds: each only polls and says what came, and one worker owns what is the same for all.

mod changelog;
pub mod index;
mod look;
mod rss;
mod unreadable;
mod worker;

pub(super) use changelog::{switched_off, while_it_is_on};
pub(super) use index::IndexFeed;
pub(super) use rss::RssFeed;
pub(super) use worker::run;
